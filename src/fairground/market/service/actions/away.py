"""Letters to people who are away, one for each spell of being away; and what remains of somebody who left."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from fairground.kit.db import Tx
from fairground.kit.deadlines import Deadline, set_deadlines
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.media.actions import delete_pictures
from fairground.market.media.model import MediaId
from fairground.market.service.events import MessageSent, MessagesWait
from fairground.market.service.model.chat import ChatRules, InboxId, Side, ThreadId
from fairground.market.service.queries.chat import map_threads

LETTER: Final[dict[Side, str]] = {Side.PERSON: "service.letter_to_person", Side.HOUSE: "service.letter_to_house"}


async def plan_letters(tx: Tx, events: Sequence[MessageSent]) -> None:
    """Plan a letter for whoever has not read the first of what the other side says now; more messages plan none."""
    threads = await map_threads(tx, [event.thread_id for event in events])
    at = tx.now + timedelta(minutes=tx.given(ChatRules).letter_after_minutes)
    first = [
        event
        for event in events
        if event.thread_id in threads and event.number - 1 == threads[event.thread_id].read_by(event.side.other)
    ]
    await set_deadlines(
        tx, [Deadline(LETTER[event.side.other], event.thread_id, at, "messages wait unread") for event in first]
    )


async def tell_away(tx: Tx, side: Side, thread_ids: Sequence[Id]) -> None:
    """Announce what still waits for a side; what was announced is not again before it was read."""
    rows = await tx.rows(
        """
        update service.threads h
           set person_told = case $3 when 'person' then last_number else person_told end,
               house_told = case $3 when 'house' then last_number else house_told end
          from unnest($1::smallint[], $2::bigint[]) as t(b, i)
         where h.bucket = t.b and h.id = t.i
           and (case $3 when 'person' then person_unread > 0 and person_told <= person_read
                else house_unread > 0 and house_told <= house_read end)
        returning h.id, h.person_id, h.inbox_id,
                  case $3 when 'person' then person_unread else house_unread end as unread
        """,
        [thread_id.bucket for thread_id in thread_ids],
        list(thread_ids),
        side,
    )
    await publish(
        tx,
        *(
            MessagesWait(
                thread_id=ThreadId(row["id"]), person_id=Id(row["person_id"]), inbox_id=InboxId(row["inbox_id"]),
                side=side, unread=row["unread"],
            )
            for row in rows
        ),
    )  # fmt: skip


async def forget_chats(tx: Tx, person_id: Id) -> None:
    """Erase what somebody who left has written to shops and to the market; what they were answered stays.

    The words in the houses' own lists go with them.
    """
    rows = await tx.rows(
        """
        update service.messages m set words = '', plain = '', card = null, pictures = '{}', erased_at = $3
          from service.threads h
         where h.bucket = $1 and h.person_id = $2 and m.bucket = $1 and m.thread_id = h.id and m.side = 'person'
        returning h.inbox_id, m.thread_id
        """,
        person_id.bucket,
        person_id,
        tx.now,
    )
    await tx.execute(
        "update service.threads set last_words = '' where bucket = $1 and person_id = $2", person_id.bucket, person_id
    )
    inboxes = [InboxId(row["inbox_id"]) for row in rows]
    threads = [ThreadId(row["thread_id"]) for row in rows]
    await tx.execute(
        """
        delete from service.inbox_words w using unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, i, h)
         where w.bucket = t.b and w.inbox_id = t.i and w.thread_id = t.h and w.side = 'person'
        """,
        [inbox_id.bucket for inbox_id in inboxes],
        inboxes,
        threads,
    )
    await tx.execute(
        """
        update service.inboxes i set last_words = ''
          from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, n, h)
         where i.bucket = t.b and i.inbox_id = t.n and i.thread_id = t.h
        """,
        [inbox_id.bucket for inbox_id in inboxes],
        inboxes,
        threads,
    )
    await _forget_pictures(tx, person_id)


async def _forget_pictures(tx: Tx, person_id: Id) -> None:
    rows = await tx.rows(
        """
        delete from service.message_pictures p using service.threads h
         where h.bucket = $1 and h.person_id = $2 and p.bucket = $1 and p.thread_id = h.id
        returning p.thread_id, p.media_id
        """,
        person_id.bucket,
        person_id,
    )
    for row in rows:
        await delete_pictures(tx, ThreadId(row["thread_id"]), [MediaId(row["media_id"])])
