"""Mail: each letter is written in its person's language at the moment it is sent."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path
from posixpath import commonpath
from typing import Any, Final
from urllib.parse import quote

import msgspec
import structlog
from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from fairground.kit import mail
from fairground.kit.actor import system
from fairground.kit.db import Database, Reader, Tx
from fairground.kit.deadlines import Deadline, DeadlineHandler
from fairground.kit.errors import N_
from fairground.kit.i18n.words import DEFAULT, gettext, known, language, say, speaking
from fairground.kit.jobs import Job, enqueue
from fairground.kit.mail import LetterRefused, Mailer, MailUnavailable
from fairground.kit.place import Place
from fairground.kit.timers import Timer
from fairground.market.accounts.model import Link, LinkId, Person, PersonId
from fairground.market.accounts.queries import find_link, map_accounts, write_link_token
from fairground.market.notifications.actions import (
    SEND,
    SEND_GATHERED,
    end_gathering,
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
from fairground.market.notifications.queries import (
    find_letters,
    list_choices,
    list_waiting,
    wants_mail,
    write_texts,
)
from fairground.market.notifications.subscribers.of_buyers import REMIND_RECEIPT
from fairground.market.notifications.subscribers.seen import look
from fairground.market.orders.model import OrderState

TEMPLATES: Final = Path(__file__).parent / "templates"
ACTOR: Final = system("notifications")
SHOWN: Final = 20  # lines of a mail that stands for many letters
log = structlog.get_logger(__name__)


def jobs(db: Database, mailer: Mailer) -> list[Job]:
    """List the jobs of this room."""

    async def send(payload: dict[str, Any]) -> None:
        ids = [LetterId(number) for number in payload["ids"]]
        await send_letters(db, mailer, ids, payload["tries"], is_one=payload.get("is_one", False))

    async def send_one(payload: dict[str, Any]) -> None:
        await send_gathered(db, mailer, PersonId(payload["person_id"]), payload["kind"])

    return [Job(SEND, send, at_once=4), Job(SEND_GATHERED, send_one, at_once=4)]


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


async def send_gathered(db: Database, mailer: Mailer, person_id: PersonId, kind_name: str) -> None:
    """Send what has gathered of a kind for a person, as one mail."""
    await db.write(ACTOR, lambda tx: end_gathering(tx, person_id, kind_name))
    ids = await db.read(lambda reader: list_waiting(reader, person_id, kind_name))
    if ids:
        await send_letters(db, mailer, ids, is_one=True)


async def send_letters(
    db: Database, mailer: Mailer, ids: Sequence[LetterId], tries: int = 0, *, is_one: bool = False
) -> None:
    """Send waiting letters by mail, each by itself or as one; while the mail server is away, try for half a day.

    Looked up and noted all at once: who is killed in between sends at most these letters a second time.
    """
    packets = await db.read(lambda reader: _prepare(reader, ids, is_one=is_one))
    states: dict[LetterId, MailState] = {}
    later: list[LetterId] = []
    try:
        for packet in packets:
            state = MailState.NONE if packet.mail is None else await _hand_in(db, mailer, packet.mail, tries)
            if state is MailState.WAITING:
                later += packet.ids
            else:
                states |= dict.fromkeys(packet.ids, state)
    finally:
        # Also where one letter breaks the job: those before it have gone out.
        again = {"ids": later, "tries": tries + 1, "is_one": is_one}
        await db.write(ACTOR, lambda tx: _note(tx, states, again))


async def _hand_in(db: Database, mailer: Mailer, letter: mail.Letter, tries: int) -> MailState:
    """Hand in a mail and tell where it stands then; it waits where another try is worth while."""
    try:
        await mailer.send(letter, db.clock.now())
    except LetterRefused:
        return MailState.REFUSED
    except MailUnavailable as trouble:
        if tries + 1 < db.given(NotificationRules).mail_tries:
            return MailState.WAITING
        log.error("letter given up", error=str(trouble))
        return MailState.FAILED
    return MailState.SENT


async def _note(tx: Tx, states: Mapping[LetterId, MailState], again: Mapping[str, Any]) -> None:
    await note_mails(tx, states)
    if again["ids"]:
        wait = timedelta(seconds=tx.given(NotificationRules).mail_wait_seconds * 3 ** (again["tries"] - 1))
        await enqueue(tx, SEND, dict(again), delay=wait)


class _Packet(msgspec.Struct, frozen=True):
    """Letters that go out in one mail; None where nothing is to be sent (any more)."""

    ids: Sequence[LetterId]
    mail: mail.Letter | None


async def _prepare(reader: Reader, ids: Sequence[LetterId], *, is_one: bool) -> list[_Packet]:
    """Write the mails of letters that wait."""
    letters = [letter for letter in await find_letters(reader, ids) if letter.mail is MailState.WAITING]
    people = await map_accounts(reader, [letter.person_id for letter in letters])
    said = await list_choices(reader, people)
    packets = []
    for together in [letters] if is_one and letters else [[letter] for letter in letters]:
        person = people.get(PersonId(together[0].person_id))
        choice = said.get((PersonId(together[0].person_id), together[0].kind))
        written = None if person is None else await _write(reader, together, person, choice)
        packets.append(_Packet([letter.id for letter in together], written))
    return packets


async def _write(reader: Reader, letters: Sequence[Letter], person: Person, said: bool | None) -> mail.Letter | None:
    """Write the mail of letters of one kind to one person."""
    kind = KINDS.get(letters[0].kind)
    if kind is None:
        return None
    link = await _link_of(reader, letters[0])
    to = _address(kind, person, link)
    if to is None or person.is_closed or not wants_mail(kind, said):
        return None
    if kind.page is not None and (link is None or link.used_at is not None or link.expires_at <= reader.now):
        return None  # used already, or replaced by a newer one
    with speaking(known(person.language) or DEFAULT):
        return _compose(reader, kind, letters, person, to, link)


async def _link_of(reader: Reader, letter: Letter) -> Link | None:
    number = LinkId.parse(str(letter.params.get("link_id", "")))
    return None if number is None else await find_link(reader, number)


def _address(kind: Kind, person: Person, link: Link | None) -> str | None:
    if kind.receiver is Receiver.PERSON:
        return person.email or None
    if link is None:
        return None
    return link.email if kind.receiver is Receiver.LINK else link.old_email


def _compose(
    reader: Reader, kind: Kind, letters: Sequence[Letter], person: Person, to: str, link: Link | None
) -> mail.Letter:
    place = reader.given(Place)
    subject, text, path = _texts(place, kind, letters)
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


def _texts(place: Place, kind: Kind, letters: Sequence[Letter]) -> tuple[str, str, str | None]:
    """Write subject and text, and where it leads: of several, what each says in a line, and to the page above them."""
    if len(letters) == 1:
        return *write_texts(place, kind, letters[0].params), letters[0].link
    lines = [f"· {write_texts(place, kind, letter.params)[0]}" for letter in letters[:SHOWN]]
    if len(letters) > SHOWN:
        lines.append(say(N_("… and %(count)d more."), {"count": len(letters) - SHOWN}))
    links = [letter.link for letter in letters if letter.link is not None]
    return f"{gettext(kind.label)} ({len(letters)})", "\n".join(lines), commonpath(links) if links else None


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
