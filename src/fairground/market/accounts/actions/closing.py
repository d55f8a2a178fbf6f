"""Take along what is known, and leave."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

import msgspec

from fairground.kit.db import Reader, Tx
from fairground.kit.events import publish
from fairground.kit.ids import to_text
from fairground.market.accounts.actions.registration import free_email
from fairground.market.accounts.errors import PersonNotFound, SomethingOpen
from fairground.market.accounts.events import PersonClosed
from fairground.market.accounts.model import PersonId
from fairground.market.accounts.queries import get_person, list_addresses, list_sessions

Exporter: TypeAlias = Callable[[Reader, PersonId], Awaitable[dict[str, Any]]]
"""Gives what one room knows about a person, under the room's name: `{"orders": {…}}`."""

Hindrance: TypeAlias = Callable[[Reader, PersonId], Awaitable[list[str]]]
"""Says, in the reader's language, what is still open for a person in one room; nothing where they may go."""


class Leaving(msgspec.Struct, frozen=True):
    """What the other rooms have to say when somebody takes their data along or leaves; given where all is wired."""

    exporters: Sequence[Exporter] = ()
    hindrances: Sequence[Hindrance] = ()


async def export_personal_data(reader: Reader, person_id: PersonId, exporters: Sequence[Exporter]) -> dict[str, Any]:
    """Collect what is known about a person, as plain data by room.

    Raises:
        PersonNotFound
    """
    someone = await get_person(reader, person_id)
    known: dict[str, Any] = {
        "accounts": {
            "person": _plain(someone),
            "addresses": _plain(await list_addresses(reader, person_id)),
            "sessions": _plain(await list_sessions(reader, person_id)),
        }
    }
    for exporter in exporters:
        known.update(await exporter(reader, person_id))
    return known


def _plain(value: Any) -> Any:
    return msgspec.to_builtins(value, enc_hook=to_text)


async def close_account(tx: Tx, person_id: PersonId, hindrances: Sequence[Hindrance]) -> None:
    """Close an account: the name, addresses, sessions and the e-mail go; orders and the books stay, under the bare id.

    The entrance has had the password confirmed before.

    Raises:
        SomethingOpen: an order, a payout, a shop: in words.
        PersonNotFound: there is none, or it is closed already.
    """
    open_things = [words for hindrance in hindrances for words in await hindrance(tx, person_id)]
    if open_things:
        raise SomethingOpen(hindrances=" · ".join(open_things))
    someone = await get_person(tx, person_id)
    closed = await tx.execute(
        """
        update accounts.people
           set email = null, name = '', password_hash = null, verified_at = null, staff_role = null, closed_at = $3,
               suspended_at = null, suspended_until = null, suspended_reason = null
         where bucket = $1 and id = $2 and closed_at is null
        """,
        person_id.bucket,
        person_id,
        tx.now,
    )
    if not closed:
        raise PersonNotFound
    await free_email(tx, person_id, someone.email)
    await _forget(tx, person_id)
    await publish(tx, PersonClosed(person_id=person_id))


async def _forget(tx: Tx, person_id: PersonId) -> None:
    at = (person_id.bucket, person_id)
    await tx.execute("delete from accounts.addresses where bucket = $1 and person_id = $2", *at)
    await tx.execute("delete from accounts.sessions where bucket = $1 and person_id = $2", *at)
    await tx.execute("delete from accounts.links where bucket = $1 and person_id = $2", *at)
    await tx.execute("delete from accounts.staff where person_id = $1", person_id)
