"""Write letters, read them, choose which come by mail."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

import msgspec

from fairground.kit.db import Reader, Tx
from fairground.kit.jobs import enqueue
from fairground.kit.seal import Keyring, TokenExpired, TokenInvalid
from fairground.market.accounts.model import PersonId
from fairground.market.accounts.queries import still_here
from fairground.market.notifications.errors import KindUnknown, LetterNotFound, StopLinkNotGood
from fairground.market.notifications.model import (
    KINDS,
    Kind,
    LetterId,
    MailState,
    NotificationRules,
    Param,
    plain_params,
)
from fairground.market.notifications.queries import list_choices, wants_mail

SEND: Final = "notifications.send_letter"
SEND_GATHERED: Final = "notifications.send_gathered"
STOP: Final = "notifications.stop"
LETTERS_PER_JOB: Final = 20


class Note(msgspec.Struct, frozen=True):
    """What is to be told to whom. `kind` is a name in `KINDS`; `link` is a path of the market, `/orders/…`."""

    person_id: PersonId
    kind: str
    params: Mapping[str, Param] = {}
    link: str | None = None


async def notify(
    tx: Tx, person_id: PersonId, kind: str, params: Mapping[str, Param] | None = None, link: str | None = None
) -> None:
    """Write a letter to a person: on the site, and by mail if its kind and the person want that."""
    await notify_many(tx, [Note(person_id, kind, dict(params or {}), link)])


async def notify_many(tx: Tx, notes: Sequence[Note]) -> None:
    """Write many letters at once; those to people who have left are not written."""
    here = await still_here(tx, [note.person_id for note in notes])
    kept = [note for note in notes if note.person_id in here]
    if not kept:
        return
    said = await list_choices(tx, [note.person_id for note in kept])
    ids = [tx.new_id(LetterId, note.person_id.bucket) for note in kept]
    by_mail = [wants_mail(KINDS[note.kind], said.get((note.person_id, note.kind))) for note in kept]
    await tx.execute(
        """
        insert into notifications.letters (bucket, id, person_id, kind, params, link, on_site, mail, created_at)
        select b, i, p, k, a, l, o, m, $9
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::text[], $5::jsonb[], $6::text[], $7::boolean[],
                      $8::text[]) as t(b, i, p, k, a, l, o, m)
        """,
        [letter_id.bucket for letter_id in ids],
        ids,
        [note.person_id for note in kept],
        [note.kind for note in kept],
        [plain_params(note.params) for note in kept],
        [note.link for note in kept],
        [KINDS[note.kind].on_site for note in kept],
        [MailState.WAITING if mail else MailState.NONE for mail in by_mail],
        tx.now,
    )
    to_send = [(letter_id, note) for letter_id, note, mail in zip(ids, kept, by_mail, strict=True) if mail]
    alone = [letter_id for letter_id, note in to_send if not _gathers(tx, KINDS[note.kind])]
    for start in range(0, len(alone), LETTERS_PER_JOB):
        await enqueue(tx, SEND, {"ids": alone[start : start + LETTERS_PER_JOB], "tries": 0})
    await _gather(tx, {(note.person_id, note.kind) for _, note in to_send if _gathers(tx, KINDS[note.kind])})


def _gathers(reader: Reader, kind: Kind) -> bool:
    return kind.gathers and reader.given(NotificationRules).gather_minutes > 0


async def _gather(tx: Tx, pairs: set[tuple[PersonId, str]]) -> None:
    """See to it that a job comes for what now waits: the first of a kind brings it under way."""
    if not pairs:
        return
    who = sorted(pairs)
    # The update changes nothing but takes the row: `end_gathering` waits for this letter, or this one finds it gone.
    rows = await tx.rows(
        """
        insert into notifications.gatherings as g (bucket, person_id, kind, since)
        select b, p, k, $4 from unnest($1::smallint[], $2::bigint[], $3::text[]) as t(b, p, k) order by b, p, k
        on conflict (bucket, person_id, kind) do update set since = g.since
        returning person_id, kind, xmax = 0 as is_first
        """,
        [person_id.bucket for person_id, _ in who],
        [person_id for person_id, _ in who],
        [kind for _, kind in who],
        tx.now,
    )
    wait = timedelta(minutes=tx.given(NotificationRules).gather_minutes)
    for row in rows:
        if row["is_first"]:
            await enqueue(tx, SEND_GATHERED, {"person_id": row["person_id"], "kind": row["kind"]}, delay=wait)


async def end_gathering(tx: Tx, person_id: PersonId, kind_name: str) -> None:
    """Let nothing more join the mail that is about to be written: what comes next begins anew."""
    await tx.execute(
        "delete from notifications.gatherings where bucket = $1 and person_id = $2 and kind = $3",
        person_id.bucket,
        person_id,
        kind_name,
    )


async def mark_read(tx: Tx, person_id: PersonId, letter_id: LetterId) -> None:
    """Note that a person has read a letter; reading twice is no trouble.

    Raises:
        LetterNotFound: there is none, or it is somebody else's.
    """
    found = await tx.execute(
        """
        update notifications.letters set read_at = coalesce(read_at, $4)
         where bucket = $1 and id = $2 and person_id = $3 and on_site
        """,
        letter_id.bucket,
        letter_id,
        person_id,
        tx.now,
    )
    if not found:
        raise LetterNotFound


async def mark_all_read(tx: Tx, person_id: PersonId) -> int:
    """Note that a person has read all letters; give how many were unread."""
    return await tx.execute(
        """
        update notifications.letters set read_at = $3
         where bucket = $1 and person_id = $2 and on_site and read_at is null
        """,
        person_id.bucket,
        person_id,
        tx.now,
    )


async def choose_mail(tx: Tx, person_id: PersonId, kind_name: str, *, by_mail: bool) -> None:
    """Say whether a kind of letter is to come by mail.

    Raises:
        KindUnknown: there is none such, or it concerns the safety of the account and cannot be stopped.
    """
    kind = KINDS.get(kind_name)
    if kind is None or kind.is_security:
        raise KindUnknown
    await tx.execute(
        """
        insert into notifications.preferences (bucket, person_id, kind, by_mail, changed_at)
        values ($1, $2, $3, $4, $5)
        on conflict (bucket, person_id, kind) do update
           set by_mail = excluded.by_mail, changed_at = excluded.changed_at
        """,
        person_id.bucket,
        person_id,
        kind_name,
        by_mail,
        tx.now,
    )


def write_stop_token(reader: Reader, person_id: PersonId, kind_name: str) -> str:
    """Sign the token by which a kind of letter can be stopped from the letter itself, without signing in."""
    until = reader.now + timedelta(days=reader.given(NotificationRules).stop_link_days)
    return reader.given(Keyring).sign(STOP, f"{person_id} {kind_name}", until)


async def stop_mail(tx: Tx, token: str) -> str:
    """Stop a kind of letter by the token in one of them; gives the kind's label.

    Raises:
        StopLinkNotGood
    """
    try:
        who, _, kind_name = tx.given(Keyring).verify(STOP, token, tx.now).partition(" ")
    except (TokenInvalid, TokenExpired):
        raise StopLinkNotGood from None
    person_id, kind = PersonId.parse(who), KINDS.get(kind_name)
    if person_id is None or kind is None or kind.is_security:
        raise StopLinkNotGood
    await choose_mail(tx, person_id, kind_name, by_mail=False)
    return kind.label


async def note_mails(tx: Tx, states: Mapping[LetterId, MailState]) -> None:
    """Note what became of the mail of letters, any number at once."""
    if not states:
        return
    await tx.execute(
        """
        update notifications.letters l set mail = t.m, mailed_at = $4
          from unnest($1::smallint[], $2::bigint[], $3::text[]) as t(b, i, m)
         where l.bucket = t.b and l.id = t.i and l.mail = 'waiting'
        """,
        [letter_id.bucket for letter_id in states],
        list(states),
        list(states.values()),
        tx.now,
    )


async def forget_person(tx: Tx, person_id: PersonId) -> None:
    """Forget the letters and choices of somebody who left."""
    at = (person_id.bucket, person_id)
    await tx.execute("delete from notifications.letters where bucket = $1 and person_id = $2", *at)
    await tx.execute("delete from notifications.preferences where bucket = $1 and person_id = $2", *at)
    await tx.execute("delete from notifications.gatherings where bucket = $1 and person_id = $2", *at)


async def forget_old_letters(tx: Tx, limit: int = 5000) -> int:
    """Forget letters of more than a year ago."""
    return await tx.execute(
        """
        delete from notifications.letters where (bucket, id) in (
          select bucket, id from notifications.letters where created_at < $1 limit $2)
        """,
        tx.now - timedelta(days=tx.given(NotificationRules).kept_days),
        limit,
    )
