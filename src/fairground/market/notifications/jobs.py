"""Mail: each letter is written in its person's language at the moment it is sent."""

from collections.abc import Sequence
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
from fairground.market.accounts.queries import find_link, get_person, write_link_token
from fairground.market.notifications.actions import (
    SEND,
    forget_old_letters,
    note_mail,
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
from fairground.market.notifications.queries import find_letter, list_choices, wants_mail, write_texts
from fairground.market.notifications.subscribers.of_buyers import REMIND_RECEIPT
from fairground.market.notifications.subscribers.seen import look
from fairground.market.orders.model import OrderState

TEMPLATES: Final = Path(__file__).parent / "templates"
ACTOR: Final = system("notifications")
log = structlog.get_logger(__name__)


def jobs(db: Database, mailer: Mailer) -> list[Job]:
    """List the jobs of this room."""

    async def send(payload: dict[str, Any]) -> None:
        for number in payload["ids"]:
            await send_letter(db, mailer, LetterId(number), payload["tries"])

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


async def send_letter(db: Database, mailer: Mailer, letter_id: LetterId, tries: int = 0) -> None:
    """Send a waiting letter by mail; while the mail server is away, try again for half a day."""
    ready = await db.read(lambda reader: _prepare(reader, letter_id))
    if not isinstance(ready, mail.Letter):
        await db.write(ACTOR, lambda tx: note_mail(tx, letter_id, MailState.NONE))
        return
    try:
        await mailer.send(ready, db.clock.now())
        state = MailState.SENT
    except LetterRefused:
        state = MailState.REFUSED
    except MailUnavailable as trouble:
        rules = db.given(NotificationRules)
        if tries + 1 < rules.mail_tries:
            wait = timedelta(seconds=rules.mail_wait_seconds * 3**tries)
            await db.write(ACTOR, lambda tx: _try_later(tx, letter_id, tries + 1, wait))
            return
        log.error("letter given up", letter_id=str(letter_id), error=str(trouble))
        state = MailState.FAILED
    await db.write(ACTOR, lambda tx: note_mail(tx, letter_id, state))


async def _try_later(tx: Tx, letter_id: LetterId, tries: int, wait: timedelta) -> None:
    await enqueue(tx, SEND, {"ids": [letter_id], "tries": tries}, delay=wait)


async def _prepare(reader: Reader, letter_id: LetterId) -> mail.Letter | None:
    """Write the mail; None where nothing is to be sent (any more)."""
    letter = await find_letter(reader, letter_id)
    kind = KINDS.get(letter.kind) if letter else None
    if letter is None or kind is None or letter.mail is not MailState.WAITING:
        return None
    person = await get_person(reader, PersonId(letter.person_id))
    link = await _link_of(reader, letter)
    to = _address(kind, person, link)
    said = (await list_choices(reader, [person.id])).get((person.id, kind.name))
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
