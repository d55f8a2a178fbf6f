"""Who works for the market, and the log of what they do."""

from fairground.kit.db import Tx
from fairground.kit.ids import Id
from fairground.market.accounts.errors import PersonNotFound, StaffOnly
from fairground.market.accounts.model import DeedId, PersonId, StaffRole
from fairground.market.accounts.policy import may_grant_staff
from fairground.market.accounts.queries import get_person


async def grant_staff_role(tx: Tx, person_id: PersonId, role: StaffRole | None, *, words: str = "") -> None:
    """Give somebody a role at the desk, or take it with None; by an operator or the market itself, and logged.

    Raises:
        StaffOnly: the actor is no operator.
        PersonNotFound: there is none, or the account is closed.
    """
    await _need_operator(tx)
    changed = await tx.execute(
        "update accounts.people set staff_role = $3 where bucket = $1 and id = $2 and closed_at is null",
        person_id.bucket,
        person_id,
        role,
    )
    if not changed:
        raise PersonNotFound
    await _keep_on_list(tx, person_id, role)
    await log_deed(tx, f"accounts.staff_{role or 'none'}", person_id, words)


async def _need_operator(tx: Tx) -> None:
    if tx.actor.person_id is None:
        if tx.actor.name.startswith("system:"):
            return
        raise StaffOnly
    if not may_grant_staff((await get_person(tx, PersonId(tx.actor.person_id))).staff_role):
        raise StaffOnly


async def _keep_on_list(tx: Tx, person_id: PersonId, role: StaffRole | None) -> None:
    if role is None:
        await tx.execute("delete from accounts.staff where person_id = $1", person_id)
        return
    await tx.execute(
        """
        insert into accounts.staff (person_id, role, since) values ($1, $2, $3)
        on conflict (person_id) do update set role = excluded.role
        """,
        person_id,
        role,
        tx.now,
    )


async def log_deed(tx: Tx, deed: str, about: Id | None, words: str = "") -> None:
    """Log what the actor does for the market, in the deed's own transaction. `deed` is "room.what"."""
    who = tx.actor.person_id
    await tx.execute(
        """
        insert into accounts.staff_deeds (id, person_id, actor, deed, about, words, at)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        tx.new_id(DeedId, 0 if who is None else who.bucket),
        who,
        tx.actor.name,
        deed,
        about,
        words[:2000],
        tx.now,
    )
