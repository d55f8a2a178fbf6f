"""Mail: each letter is written in its person's language at the moment it is sent."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from fairground.kit import mail
from fairground.kit.actor import system
from fairground.kit.db import Database, Reader, Tx
from fairground.kit.deadlines import Deadline, DeadlineHandler
from fairground.kit.i18n.words import DEFAULT, gettext, known, language, speaking
from fairground.kit.jobs import Job, enqueue
from fairground.kit.mail import LetterRefused, Mailer, MailUnavailable
from fairground.kit.place import Place
from fairground.kit.timers import Timer
from fairground.market.accounts.model import Link, LinkId, Person, PersonId
from fairground.market.accounts.queries import find_link, map_accounts, write_link_token
from fairground.market.notifications.actions import (
    SEND,
    forget_old_letters,
    note_mails,
    notify_many,
    write_stop_token,
)
from fairground.market.notifications.model import (
    KINDS,
    Kind,
    Letter,
    LetterId,
    MailState,
    NotificationRules,
    Receiver,
)
from fairground.market.notifications.queries import find_letters, list_choices, wants_mail, write_texts
from fairground.market.notifications.subscribers.of_buyers import REMIND_RECEIPT
from fairground.market.notifications.subscribers.seen import look
from fairground.market.orders.model import OrderState

TEMPLATES: Final = Path(__file__).parent / "templates"
ACTOR: Final = system("notifications")
log = structlog.get_logger(__name__)


def jobs(db: Database, mailer: Mailer) -> list[Job]:
    """List the jobs of this room."""

    async def send(payload: dict[str, Any]) -> None:
        await send_letters(db, mailer, [LetterId(number) for number in payload["ids"]], payload["tries"])

    return [Job(SEND, send, at_once=4)]


def timers() -> list[Timer]:
    """List what comes round in this room."""
    return [
        Timer("notifications.forget_old_letters", timedelta(hours=24), lambda db: db.write(ACTOR, forget_old_letters))
    ]


def deadline_handlers() -> list[DeadlineHandler]:
    """List what this room does when a deadline falls due."""
    return [DeadlineHandler(REMIND_RECEIPT, remind_receipt, batch=True)]


async def remind_receipt(tx: Tx, deadlines: Sequence[Deadline]) -> None:
    """Remind buyers that silence will soon count as receipt; where it was put off, the reminder is set anew by that."""
    seen = await look(tx, [deadline.subject for deadline in deadlines])
    until = tx.now + timedelta(hours=tx.given(NotificationRules).receipt_reminder_hours)
    notes = [
        one.note("buyers.confirm_soon", at=one.order.confirm_by)
        for one in seen.values()
        if one.order.state is OrderState.SHIPPED and one.order.confirm_by is not None and one.order.confirm_by <= until
    ]
    await notify_many(tx, notes)


async def send_letters(db: Database, mailer: Mailer, ids: Sequence[LetterId], tries: int = 0) -> None:
    """Send waiting letters by mail; while the mail server is away, try again for half a day.

    Looked up and noted all at once: who is killed in between sends at most these letters a second time.
    """
    ready = await db.read(lambda reader: _prepare(reader, ids))
    states: dict[LetterId, MailState] = {}
    later: list[LetterId] = []
    try:
        for letter_id, letter in ready.items():
            if letter is None:
                states[letter_id] = MailState.NONE
                continue
            try:
                await mailer.send(letter, db.clock.now())
                states[letter_id] = MailState.SENT
            except LetterRefused:
                states[letter_id] = MailState.REFUSED
            except MailUnavailable as trouble:
                if tries + 1 < db.given(NotificationRules).mail_tries:
                    later.append(letter_id)
                    continue
                log.error("letter given up", letter_id=str(letter_id), error=str(trouble))
                states[letter_id] = MailState.FAILED
    finally:
        # Also where one letter breaks the job: those before it have gone out.
        await db.write(ACTOR, lambda tx: _note(tx, states, later, tries))


async def _note(tx: Tx, states: Mapping[LetterId, MailState], later: Sequence[LetterId], tries: int) -> None:
    await note_mails(tx, states)
    if later:
        wait = timedelta(seconds=tx.given(NotificationRules).mail_wait_seconds * 3**tries)
        await enqueue(tx, SEND, {"ids": later, "tries": tries + 1}, delay=wait)


async def _prepare(reader: Reader, ids: Sequence[LetterId]) -> dict[LetterId, mail.Letter | None]:
    """Write the mails of letters that wait; None where nothing is to be sent (any more)."""
    letters = [letter for letter in await find_letters(reader, ids) if letter.mail is MailState.WAITING]
    people = await map_accounts(reader, [letter.person_id for letter in letters])
    said = await list_choices(reader, people)
    ready = {}
    for letter in letters:
        person = people.get(PersonId(letter.person_id))
        choice = said.get((PersonId(letter.person_id), letter.kind))
        ready[letter.id] = None if person is None else await _write(reader, letter, person, choice)
    return ready


async def _write(reader: Reader, letter: Letter, person: Person, said: bool | None) -> mail.Letter | None:
    kind = KINDS.get(letter.kind)
    if kind is None:
        return None
    link = await _link_of(reader, letter)
    to = _address(kind, person, link)
    if to is None or person.is_closed or not wants_mail(kind, said):
        return None
    if kind.page is not None and (link is None or link.used_at is not None or link.expires_at <= reader.now):
        return None  # used already, or replaced by a newer one
    with speaking(known(person.language) or DEFAULT):
        return _compose(reader, kind, letter, person, to, link)


async def _link_of(reader: Reader, letter: Letter) -> Link | None:
    number = LinkId.parse(str(letter.params.get("link_id", "")))
    return None if number is None else await find_link(reader, number)


def _address(kind: Kind, person: Person, link: Link | None) -> str | None:
    if kind.receiver is Receiver.PERSON:
        return person.email or None
    if link is None:
        return None
    return link.email if kind.receiver is Receiver.LINK else link.old_email


def _compose(reader: Reader, kind: Kind, letter: Letter, person: Person, to: str, link: Link | None) -> mail.Letter:
    place = reader.given(Place)
    subject, text = write_texts(place, kind, letter.params)
    path = letter.link
    if kind.page is not None and link is not None:
        path = f"{kind.page}?token={quote(write_link_token(reader, link))}"
    stop = None
    if not kind.is_security:
        stop = f"{place.url}/account/letters/stop?token={quote(write_stop_token(reader, person.id, kind.name))}"
    view = {
        "lang": language(), "name": person.name, "subject": subject, "text": text, "stop": stop,
        "address": None if path is None else place.url + path, "button": gettext(kind.button), "market": place.name,
        "market_url": place.url, "_": gettext,
        "stop_words": gettext("You do not want letters like this by mail? Stop them here:"),
    }  # fmt: skip
    headers = {"Auto-Submitted": "auto-generated"}
    if stop is not None:  # RFC 8058: mail programs show a button for it
        headers |= {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    plain, rich = (_templates().get_template(name).render(view) for name in ("letter.txt", "letter.html"))
    return mail.Letter(to, subject, plain, rich, headers)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(["html"]),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
