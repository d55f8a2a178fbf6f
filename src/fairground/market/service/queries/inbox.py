"""Reads of a house's inbox: its conversations, notes, quick replies, what a search finds."""

from datetime import datetime

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.service.model.chat import (
    ChatRules,
    Found,
    InboxId,
    InboxRow,
    Note,
    QuickReply,
    Side,
    ThreadId,
)
from fairground.market.service.queries.chat import found_from, patterns_of


def inbox_row_from(row: Row) -> InboxRow:
    """Build a line of an inbox from its row."""
    return InboxRow(
        ThreadId(row["thread_id"]),
        Id(row["person_id"]),
        row["last_at"],
        row["last_words"],
        Side(row["last_side"]),
        row["unread"],
        None if row["holder_id"] is None else Id(row["holder_id"]),
    )


async def list_inbox(
    reader: Reader,
    inbox_id: InboxId,
    *,
    unread: bool = False,
    holder_id: Id | None = None,
    after: str | None = None,
    limit: int | None = None,
) -> Page[InboxRow]:
    """List the conversations of a house, the liveliest first: all, the unread ones, or those somebody looks after."""
    size = page_size(limit)
    last_at, thread_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select * from service.inboxes
         where bucket = $1 and inbox_id = $2 and (not $3 or unread > 0) and ($4::bigint is null or holder_id = $4)
           and ($5::timestamptz is null or (last_at, thread_id) < ($5, $6::bigint))
         order by last_at desc, thread_id desc limit $7
        """,
        inbox_id.bucket,
        inbox_id,
        unread,
        holder_id,
        last_at,
        thread_id,
        size + 1,
    )
    items, more = cut([inbox_row_from(row) for row in rows], size)
    return Page(items, write_cursor(items[-1].last_at, int(items[-1].thread_id)) if more else None)


async def find_inbox_row(reader: Reader, inbox_id: InboxId, thread_id: ThreadId) -> InboxRow | None:
    """Find a conversation as its house lists it; None while the news of it is on the way."""
    row = await reader.row(
        "select * from service.inboxes where bucket = $1 and inbox_id = $2 and thread_id = $3",
        inbox_id.bucket,
        inbox_id,
        thread_id,
    )
    return None if row is None else inbox_row_from(row)


async def count_unread_threads(reader: Reader, inbox_ids: list[InboxId]) -> dict[InboxId, int]:
    """Count the conversations of houses in which something waits."""
    rows = await reader.rows(
        """
        select i.inbox_id, count(*) as n from service.inboxes i
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on i.bucket = t.b and i.inbox_id = t.i
         where i.unread > 0 group by i.inbox_id
        """,
        [inbox_id.bucket for inbox_id in inbox_ids],
        inbox_ids,
    )
    return {InboxId(row["inbox_id"]): row["n"] for row in rows}


async def list_notes(reader: Reader, inbox_id: InboxId, thread_id: ThreadId) -> list[Note]:
    """List what the people of a house noted about a conversation, the latest last."""
    rows = await reader.rows(
        """
        select author_id, to_id, words, at from service.inbox_notes
         where bucket = $1 and inbox_id = $2 and thread_id = $3 order by id desc limit 50
        """,
        inbox_id.bucket,
        inbox_id,
        thread_id,
    )
    notes = [
        Note(Id(row["author_id"]), None if row["to_id"] is None else Id(row["to_id"]), row["words"], row["at"])
        for row in rows
    ]
    return notes[::-1]


async def list_replies(reader: Reader, inbox_id: InboxId) -> list[QuickReply]:
    """List the quick replies of a house."""
    rows = await reader.rows(
        "select id, title, words from service.quick_replies where bucket = $1 and inbox_id = $2 order by id",
        inbox_id.bucket,
        inbox_id,
    )
    return [QuickReply(Id(row["id"]), row["title"], row["words"]) for row in rows]


async def search_inbox(reader: Reader, inbox_id: InboxId, words: str) -> list[Found]:
    """Find messages in the conversations of a house that hold all the words, in any language; the latest first."""
    patterns = patterns_of(words)
    if not patterns:
        return []
    rows = await reader.rows(
        """
        select thread_id, number, side, words, sent_at from service.inbox_words
         where bucket = $1 and inbox_id = $2 and plain like all($3::text[])
         order by sent_at desc, thread_id, number desc limit $4
        """,
        inbox_id.bucket,
        inbox_id,
        patterns,
        reader.given(ChatRules).search_shown,
    )
    return [found_from(row) for row in rows]
