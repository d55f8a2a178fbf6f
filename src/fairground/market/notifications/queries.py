"""Reading letters, in the language of the reader."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from fairground.kit.db import Reader, Row
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext, say
from fairground.kit.ids import Id, first_id_at
from fairground.kit.money import Money
from fairground.kit.paging import Page, cut, read_cursor, write_cursor
from fairground.kit.place import Place
from fairground.market.accounts.model import PersonId
from fairground.market.notifications.errors import LetterNotFound
from fairground.market.notifications.model import (
    KINDS,
    Kind,
    Letter,
    LetterId,
    LetterShown,
    MailState,
    NotificationRules,
    Preference,
    stoppable_kinds,
)


async def list_letters(
    reader: Reader, person_id: PersonId, *, after: str | None = None, limit: int = 20
) -> Page[LetterShown]:
    """List a person's letters on the site, the newest first."""
    cursor = read_cursor(after, int)
    rows = await reader.rows(
        """
        select id, person_id, kind, params, link, mail, created_at, read_at is not null as is_read
          from notifications.letters
         where bucket = $1 and person_id = $2 and on_site and ($3::bigint is null or id < $3)
         order by id desc limit $4
        """,
        person_id.bucket,
        person_id,
        cursor[0] if cursor else None,
        limit + 1,
    )
    kept, more = cut(rows, limit)
    letters = [show(reader, letter_from(row)) for row in kept]
    return Page(letters, write_cursor(int(letters[-1].id)) if more else None)


async def count_unread(reader: Reader, person_id: PersonId) -> int:
    """Count a person's unread letters on the site, as far as the bell shows."""
    counted: int = await reader.value(
        """
        select count(*) from (select 1 from notifications.letters
         where bucket = $1 and person_id = $2 and on_site and read_at is null limit $3) as unread
        """,
        person_id.bucket,
        person_id,
        reader.given(NotificationRules).unread_shown,
    )
    return counted


async def find_letters(reader: Reader, ids: Sequence[LetterId]) -> list[Letter]:
    """Find letters, the oldest first; those forgotten in the meantime are left out."""
    rows = await reader.rows(
        """
        select l.id, l.person_id, l.kind, l.params, l.link, l.mail, l.created_at, l.read_at is not null as is_read
          from notifications.letters l join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on l.bucket = t.b and l.id = t.i order by l.id
        """,
        [letter_id.bucket for letter_id in ids],
        list(ids),
    )
    return [letter_from(row) for row in rows]


async def list_waiting(reader: Reader, person_id: PersonId, kind_name: str) -> list[LetterId]:
    """List a person's letters of a kind on the site whose mail waits, the oldest first; those of the last two days."""
    rows = await reader.rows(
        """
        select id from notifications.letters
         where bucket = $1 and person_id = $2 and on_site and id >= $3 and kind = $4 and mail = 'waiting' order by id
        """,
        person_id.bucket,
        person_id,
        first_id_at(reader.now - timedelta(days=2)),
        kind_name,
    )
    return [LetterId(row["id"]) for row in rows]


async def get_letter(reader: Reader, person_id: PersonId, letter_id: LetterId) -> Letter:
    """Get a letter of a person.

    Raises:
        LetterNotFound: there is none, or it is somebody else's.
    """
    found = await find_letters(reader, [letter_id])
    if not found or found[0].person_id != person_id:
        raise LetterNotFound
    return found[0]


def letter_from(row: Row) -> Letter:
    """Build a letter from its row."""
    return Letter(
        LetterId(row["id"]),
        Id(row["person_id"]),
        row["kind"],
        row["params"],
        row["link"],
        MailState(row["mail"]),
        row["created_at"],
        row["is_read"],
    )


def show(reader: Reader, letter: Letter) -> LetterShown:
    """Write a letter in the language of the current task; one of a kind that is no more keeps its name."""
    kind = KINDS.get(letter.kind)
    title, text = (letter.kind, "") if kind is None else write_texts(reader.given(Place), kind, letter.params)
    return LetterShown(letter.id, letter.kind, title, text, letter.link, letter.created_at, letter.is_read)


def write_texts(place: Place, kind: Kind, params: dict[str, Any]) -> tuple[str, str]:
    """Write subject and text of a letter in the language of the current task."""
    filled = {name: _write(place, value) for name, value in params.items()} | {"market": place.name}
    return say(kind.subject, filled), say(kind.text, filled)


def _write(place: Place, value: Any) -> Any:
    if isinstance(value, dict) and "currency" in value:
        return formats.money(Money(value["amount"], value["currency"]))
    if isinstance(value, dict) and "at" in value:
        return formats.date_time(datetime.fromisoformat(value["at"]), formats.zone(place.time_zone))
    return value


async def list_preferences(reader: Reader, person_id: PersonId) -> list[Preference]:
    """List which letters a person has by mail, of those that can be stopped."""
    said = await list_choices(reader, [person_id])
    return [
        Preference(kind.name, gettext(kind.label), wants_mail(kind, said.get((person_id, kind.name))))
        for kind in stoppable_kinds()
    ]


def wants_mail(kind: Kind, said: bool | None) -> bool:
    """Tell whether a letter of a kind is to go by mail, by what its person said about it, if anything."""
    return kind.is_security or (kind.by_mail if said is None else said)


async def list_choices(reader: Reader, ids: Iterable[PersonId]) -> dict[tuple[PersonId, str], bool]:
    """Find what people have said about kinds of letters, by person and kind: whether they want it by mail."""
    wanted = sorted(set(ids))
    rows = await reader.rows(
        """
        select p.person_id, p.kind, p.by_mail from notifications.preferences p
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on p.bucket = t.b and p.person_id = t.i
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    return {(PersonId(row["person_id"]), row["kind"]): row["by_mail"] for row in rows}


async def export_letters(reader: Reader, person_id: PersonId) -> dict[str, Any]:
    """Give what this room knows about a person, for the export of personal data."""
    rows = await reader.rows(
        """
        select id, person_id, kind, params, link, mail, created_at, read_at is not null as is_read
          from notifications.letters where bucket = $1 and person_id = $2 order by id
        """,
        person_id.bucket,
        person_id,
    )
    letters: Iterable[LetterShown] = (show(reader, letter_from(row)) for row in rows)
    return {
        "notifications": {
            "letters": [
                {"kind": x.kind, "title": x.title, "text": x.text, "at": x.at.isoformat(), "is_read": x.is_read}
                for x in letters
            ],
            "by_mail": {p.kind: p.by_mail for p in await list_preferences(reader, person_id)},
        }
    }
