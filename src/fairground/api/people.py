"""People, for the staff, by API: keep somebody out, let them in again."""

from datetime import datetime
from typing import Final

import msgspec
from litestar import delete, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from fairground.kit.db import Database
from fairground.kit.http.caller import Caller, an_id
from fairground.market.accounts.actions.suspension import lift_suspension, suspend_person
from fairground.market.accounts.model import PersonId

SENIOR: Final = ("supervisor", "operator")


class SuspensionWish(msgspec.Struct):
    """Why somebody is kept out, and until when; null = until somebody lifts it."""

    reason: str
    until: datetime | None = None


class SuspensionView(msgspec.Struct):
    """A suspension as it stands."""

    person_id: PersonId
    reason: str
    at: datetime
    until: datetime | None


@post("/api/v1/people/{person_id:str}/suspension", tags=["Desk"])
async def create_suspension(
    person_id: FromPath[str],
    data: JSONBody[SuspensionWish],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> SuspensionView:
    """Keep a person out, at once on every device; their own shops stop selling. For supervisors and operators."""
    caller.need_staff(*SENIOR)
    wanted = an_id(PersonId, person_id)
    person = await db.write(caller.actor, lambda tx: suspend_person(tx, wanted, data.reason, data.until))
    assert person.suspension is not None, "it was just made"
    return SuspensionView(person.id, person.suspension.reason, person.suspension.at, person.suspension.until)


@delete("/api/v1/people/{person_id:str}/suspension", tags=["Desk"])
async def end_suspension(
    person_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> None:
    """Let a suspended person in again. For supervisors and operators."""
    caller.need_staff(*SENIOR)
    wanted = an_id(PersonId, person_id)
    await db.write(caller.actor, lambda tx: lift_suspension(tx, wanted))


HANDLERS: Final = (create_suspension, end_suspension)
