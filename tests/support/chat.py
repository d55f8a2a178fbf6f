"""Conversations for tests, by the same deeds as in the market."""

import secrets

from fairground.kit.actor import Actor, person
from fairground.kit.db import Database
from fairground.kit.ids import Id
from fairground.market.notifications.subscribers.of_chat import OF_CHAT
from fairground.market.service import jobs, subscribers
from fairground.market.service.actions.chat import Sent, open_thread, send_message
from fairground.market.service.model.chat import Draft, InboxId, Message, Side, Thread, ThreadId
from fairground.market.service.queries.chat import list_messages, map_threads
from tests.support.world import pump


async def talk(db: Database, person_id: Id, inbox_id: Id) -> Thread:
    """Open the conversation of a person with a house."""
    return await db.write(person(person_id), lambda tx: open_thread(tx, person_id, InboxId(inbox_id)))


def draft(words: str = "Hello", **more: object) -> Draft:
    """Write a message with a key of its own."""
    return Draft(**{"key": secrets.token_hex(8), "words": words, **more})  # type: ignore[arg-type]


async def say(db: Database, thread: Thread, who: Id | Actor, side: Side, words: str | Draft = "Hello") -> Sent:
    """Say something as one side."""
    actor = who if isinstance(who, Actor) else person(who)
    said = words if isinstance(words, Draft) else draft(words)
    return await db.write(actor, lambda tx: send_message(tx, thread.id, side, said))


async def thread_now(db: Database, thread_id: ThreadId) -> Thread:
    """Read a thread again."""
    return (await db.read(lambda reader: map_threads(reader, [thread_id])))[thread_id]


async def said_in(db: Database, thread: Thread) -> list[Message]:
    """List all that was said."""
    return (await db.read(lambda reader: list_messages(reader, thread.id, limit=100)))[0]


async def let_news_travel(db: Database) -> None:
    """Deliver the news of this room, and carry out what is due."""
    await pump(db, [*subscribers.subscribers(), *OF_CHAT], jobs.deadline_handlers())


async def letters_of(db: Database, person_id: Id) -> list[str]:
    """Name the letters that somebody got about messages."""
    rows = await db.read(
        lambda reader: reader.rows(
            "select kind from notifications.letters where bucket = $1 and person_id = $2 order by id",
            person_id.bucket,
            person_id,
        )
    )
    return [row["kind"] for row in rows if row["kind"].endswith("messages_wait")]
