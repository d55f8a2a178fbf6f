"""Letters, by API: the bell, and which letters come by mail."""

from datetime import datetime

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from fairground.api.accounts import person_of
from fairground.kit.db import Database, Reader
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.paging import page_size
from fairground.market.notifications.actions import choose_mail, mark_all_read, mark_read
from fairground.market.notifications.model import LetterId, Preference
from fairground.market.notifications.queries import count_unread, list_letters, list_preferences


class LetterView(msgspec.Struct):
    """A letter in the reader's language; `link` is a path of the market."""

    id: LetterId
    kind: str
    title: str
    text: str
    link: str | None
    at: datetime
    is_read: bool


class Letters(msgspec.Struct):
    """Letters, the newest first, and how many are unread."""

    items: list[LetterView]
    next: str | None
    unread: int


class MailChoice(msgspec.Struct):
    """Whether a kind of letter is to come by mail."""

    by_mail: bool


class MailChoices(msgspec.Struct):
    """The kinds of letters that may come by mail or not."""

    items: list[Preference]
    next: None = None


@get("/api/v1/me/letters", tags=["Letters"])
async def show_letters(
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> Letters:
    """List the letters on the site."""
    person_id, size = person_of(caller), page_size(limit)

    async def look(reader: Reader) -> Letters:
        page = await list_letters(reader, person_id, after=after, limit=size)
        items = [LetterView(x.id, x.kind, x.title, x.text, x.link, x.at, x.is_read) for x in page.items]
        return Letters(items, page.next, await count_unread(reader, person_id))

    return await db.read(look)


@post("/api/v1/me/letters/{letter_id:str}/reading", status_code=204, tags=["Letters"])
async def read_letter(letter_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> None:
    """Note that a letter was read."""
    person_id, read = person_of(caller), an_id(LetterId, letter_id)
    await db.write(caller.actor, lambda tx: mark_read(tx, person_id, read))


@post("/api/v1/me/letters/reading", status_code=204, tags=["Letters"])
async def read_all_letters(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> None:
    """Note that all letters were read."""
    person_id = person_of(caller)
    await db.write(caller.actor, lambda tx: mark_all_read(tx, person_id))


@get("/api/v1/me/mail-choices", tags=["Letters"])
async def show_mail_choices(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> MailChoices:
    """List which letters come by mail."""
    person_id = person_of(caller)
    return MailChoices(await db.read(lambda reader: list_preferences(reader, person_id)))


@put("/api/v1/me/mail-choices/{kind:str}", status_code=204, tags=["Letters"])
async def set_mail_choice(
    kind: FromPath[str],
    data: JSONBody[MailChoice],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> None:
    """Say whether a kind of letter is to come by mail."""
    person_id = person_of(caller)
    await db.write(caller.actor, lambda tx: choose_mail(tx, person_id, kind, by_mail=data.by_mail))


HANDLERS = (show_letters, read_letter, read_all_letters, show_mail_choices, set_mail_choice)
