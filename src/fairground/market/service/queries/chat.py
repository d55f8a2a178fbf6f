"""Reads of conversations: threads, messages, who is in them, what a search finds."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import msgspec

from fairground.kit.actor import Actor
from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id, from_plain
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.media.model import MediaId
from fairground.market.service.errors import ThreadNotFound
from fairground.market.service.model.chat import (
    MARKET,
    Card,
    ChatRules,
    Found,
    InboxId,
    Message,
    MessageId,
    Side,
    Thread,
    ThreadId,
)
from fairground.market.service.model.contacts import plain
from fairground.market.service.policy import may_chat
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import role_in

EXPORT_MOST = 20_000


def thread_from(row: Row) -> Thread:
    """Build a thread from its row."""
    return Thread(
        ThreadId(row["id"]),
        Id(row["person_id"]),
        InboxId(row["inbox_id"]),
        row["last_number"],
        row["last_at"],
        row["last_words"],
        Side(row["last_side"]),
        row["person_read"],
        row["house_read"],
        row["person_unread"],
        row["house_unread"],
        row["opened_at"],
        row["version"],
    )


def message_from(row: Row) -> Message:
    """Build a message from its row."""
    return Message(
        MessageId(row["id"]),
        ThreadId(row["thread_id"]),
        row["number"],
        Side(row["side"]),
        Id(row["author_id"]),
        row["words"],
        None if row["card"] is None else msgspec.convert(row["card"], Card, dec_hook=from_plain),
        tuple(Id(picture) for picture in row["pictures"]),
        tuple(row["hints"]),
        row["sent_at"],
    )


async def works_for(reader: Reader, inbox_id: InboxId, actor: Actor) -> bool:
    """Tell whether somebody answers for a house: in a shop by their role, for the market as its staff."""
    if actor.person_id is None:
        return False
    if inbox_id == MARKET:
        return actor.is_staff
    role = await role_in(reader, ShopId(inbox_id), actor.person_id)
    return role is not None and may_chat(role)


async def check_side(reader: Reader, thread: Thread, side: Side, actor: Actor) -> None:
    """Let only those in who belong to a side of a thread.

    Raises:
        ThreadNotFound: somebody else's.
    """
    if side is Side.PERSON:
        good = actor.person_id == thread.person_id
    else:
        good = await works_for(reader, thread.inbox_id, actor)
    if not good:
        raise ThreadNotFound


async def get_thread(reader: Reader, thread_id: ThreadId, side: Side, actor: Actor) -> Thread:
    """Get a thread as one of its sides.

    Raises:
        ThreadNotFound: there is none, or it is somebody else's.
    """
    row = await reader.row("select * from service.threads where bucket = $1 and id = $2", thread_id.bucket, thread_id)
    if row is None:
        raise ThreadNotFound
    thread = thread_from(row)
    await check_side(reader, thread, side, actor)
    return thread


async def get_thread_of_either(reader: Reader, thread_id: ThreadId, actor: Actor) -> tuple[Thread, Side]:
    """Get a thread as the side that somebody is of; nobody is of both.

    Raises:
        ThreadNotFound: there is none, or it is other people's.
    """
    row = await reader.row("select * from service.threads where bucket = $1 and id = $2", thread_id.bucket, thread_id)
    if row is None:
        raise ThreadNotFound
    thread = thread_from(row)
    side = side_of(thread, actor)
    await check_side(reader, thread, side, actor)
    return thread, side


def side_of(thread: Thread, actor: Actor) -> Side:
    """Tell of which side somebody would be; nobody is of both."""
    return Side.PERSON if actor.person_id == thread.person_id else Side.HOUSE


async def find_thread(reader: Reader, person_id: Id, inbox_id: InboxId) -> Thread | None:
    """Find the thread of a person with a house; there is one at most."""
    row = await reader.row(
        "select * from service.threads where bucket = $1 and person_id = $2 and inbox_id = $3",
        person_id.bucket,
        person_id,
        inbox_id,
    )
    return None if row is None else thread_from(row)


async def map_threads(reader: Reader, ids: Iterable[ThreadId]) -> dict[ThreadId, Thread]:
    """Map ids to threads; for the market's own work, without asking who looks."""
    wanted = sorted(set(ids))
    rows = await reader.rows(
        """
        select h.* from service.threads h join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on h.bucket = t.b and h.id = t.i
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    return {ThreadId(row["id"]): thread_from(row) for row in rows}


async def list_threads(
    reader: Reader, person_id: Id, *, after: str | None = None, limit: int | None = None
) -> Page[Thread]:
    """List the conversations of a person, the liveliest first; those without a word are left out."""
    size = page_size(limit)
    last_at, thread_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select * from service.threads
         where bucket = $1 and person_id = $2 and last_number > 0
           and ($3::timestamptz is null or (last_at, id) < ($3, $4::bigint))
         order by last_at desc, id desc limit $5
        """,
        person_id.bucket,
        person_id,
        last_at,
        thread_id,
        size + 1,
    )
    threads, more = cut([thread_from(row) for row in rows], size)
    return Page(threads, write_cursor(threads[-1].last_at, int(threads[-1].id)) if more else None)


async def list_messages(
    reader: Reader, thread_id: ThreadId, *, before: int | None = None, limit: int | None = None
) -> tuple[list[Message], bool]:
    """List the latest messages of a thread (or those before a number), the oldest first; and whether more precede."""
    size = page_size(limit, 40)
    rows = await reader.rows(
        """
        select * from service.messages
         where bucket = $1 and thread_id = $2 and ($3::int is null or number < $3) order by number desc limit $4
        """,
        thread_id.bucket,
        thread_id,
        before,
        size + 1,
    )
    messages, more = cut([message_from(row) for row in rows], size)
    return messages[::-1], more


async def map_news(reader: Reader, wanted: Sequence[tuple[ThreadId, int]], most: int = 100) -> list[Message]:
    """List what was said in threads after a number each, `most` of each, in order."""
    rows = await reader.rows(
        """
        select m.* from unnest($1::smallint[], $2::bigint[], $3::int[]) as t(b, i, n)
          join service.messages m on m.bucket = t.b and m.thread_id = t.i and m.number > t.n and m.number <= t.n + $4
         order by m.thread_id, m.number
        """,
        [thread_id.bucket for thread_id, _ in wanted],
        [thread_id for thread_id, _ in wanted],
        [number for _, number in wanted],
        most,
    )
    return [message_from(row) for row in rows]


async def count_unread(reader: Reader, person_id: Id) -> int:
    """Count what waits for a person in all conversations."""
    return int(
        await reader.value(
            """
            select coalesce(sum(person_unread), 0) from service.threads
             where bucket = $1 and person_id = $2 and person_unread > 0
            """,
            person_id.bucket,
            person_id,
        )
    )


async def search_threads(reader: Reader, person_id: Id, words: str) -> list[Found]:
    """Find messages in a person's own conversations that hold all the words, in any language; the latest first."""
    patterns = patterns_of(words)
    if not patterns:
        return []
    rows = await reader.rows(
        """
        select m.thread_id, m.number, m.side, m.words, m.sent_at from service.threads h
          join service.messages m on m.bucket = h.bucket and m.thread_id = h.id
         where h.bucket = $1 and h.person_id = $2 and m.plain like all($3::text[])
         order by m.sent_at desc, m.number desc limit $4
        """,
        person_id.bucket,
        person_id,
        patterns,
        reader.given(ChatRules).search_shown,
    )
    return [found_from(row) for row in rows]


def found_from(row: Row) -> Found:
    """Build what was found from its row."""
    return Found(ThreadId(row["thread_id"]), row["number"], Side(row["side"]), row["words"], row["sent_at"])


def patterns_of(words: str) -> list[str]:
    """Turn what somebody looks for into patterns, one for each word; part of a word is enough, as Chinese needs."""
    signs = {"\\": "\\\\", "%": "\\%", "_": "\\_"}
    return ["%" + "".join(signs.get(c, c) for c in word) + "%" for word in plain(words[:200]).split()[:8]]


async def may_see_chat_picture(reader: Reader, media_id: MediaId, actor: Actor) -> bool:
    """Tell whether a private picture was sent in a thread of somebody's, or of a house they answer for."""
    row = await reader.row(
        """
        select h.person_id, h.inbox_id from service.message_pictures p
          join service.threads h on h.bucket = p.bucket and h.id = p.thread_id
         where p.bucket = $1 and p.media_id = $2
        """,
        media_id.bucket,
        media_id,
    )
    if row is None:
        return False
    return row["person_id"] == actor.person_id or await works_for(reader, InboxId(row["inbox_id"]), actor)


async def list_whole(reader: Reader, thread_id: ThreadId) -> list[Message]:
    """List all messages of a thread, for taking along."""
    rows = await reader.rows(
        "select * from service.messages where bucket = $1 and thread_id = $2 order by number limit $3",
        thread_id.bucket,
        thread_id,
        EXPORT_MOST,
    )
    return [message_from(row) for row in rows]


async def export_chats(reader: Reader, person_id: Id) -> dict[str, Any]:
    """Give what a person wrote and was answered, for taking their data along."""
    rows = await reader.rows(
        """
        select m.* from service.threads h join service.messages m on m.bucket = h.bucket and m.thread_id = h.id
         where h.bucket = $1 and h.person_id = $2 order by m.thread_id, m.number limit $3
        """,
        person_id.bucket,
        person_id,
        EXPORT_MOST,
    )
    said = [message_from(row) for row in rows]
    return {
        "messages": [
            {
                "thread": str(one.thread_id), "number": one.number, "mine": one.side is Side.PERSON,
                "words": one.words, "at": one.sent_at.isoformat(),
            }
            for one in said
        ]
    }  # fmt: skip
