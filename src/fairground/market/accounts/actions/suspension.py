"""Suspend a person, with a reason and perhaps an end, and let them in again."""

from datetime import datetime, timedelta

from fairground.kit.db import Tx
from fairground.kit.deadlines import clear_deadlines, set_deadline
from fairground.kit.errors import N_, Findings
from fairground.kit.events import publish
from fairground.kit.safe_text import clean_line
from fairground.market.accounts.actions.sessions import end_sessions
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.accounts.errors import NotSuspended, PersonNotFound, StaffFirst, StaffOnly, SuspendedAlready
from fairground.market.accounts.events import PersonSuspended, SuspensionLifted
from fairground.market.accounts.model import AccountRules, Person, PersonId
from fairground.market.accounts.policy import may_suspend
from fairground.market.accounts.queries import get_person

SUSPENSION_ENDS = "accounts.suspension_ends"


async def suspend_person(tx: Tx, person_id: PersonId, reason: str, until: datetime | None = None) -> Person:
    """Keep a person out, at once on every device: for the desk. What was ordered and earned goes its way.

    Raises:
        StaffOnly, PersonNotFound, SuspendedAlready
        StaffFirst: they work at the desk, and the role has to go before.
        Invalid: no reason, or an end that lies in the past or too far away.
    """
    await _need_senior(tx)
    someone = await get_person(tx, person_id)
    if someone.staff_role is not None:
        raise StaffFirst
    reason = _check(tx, reason, until)
    done = await tx.execute(
        """
        update accounts.people set suspended_at = $3, suspended_until = $4, suspended_reason = $5
         where bucket = $1 and id = $2 and closed_at is null and suspended_at is null and staff_role is null
        """,
        person_id.bucket,
        person_id,
        tx.now,
        until,
        reason,
    )
    if not done:
        raise PersonNotFound if someone.is_closed else SuspendedAlready
    await end_sessions(tx, person_id)
    if until is not None:
        await set_deadline(tx, SUSPENSION_ENDS, person_id, until, "the desk named the end of the suspension")
    await log_deed(tx, "accounts.suspend", person_id, reason)
    await publish(tx, PersonSuspended(person_id=person_id))
    return await get_person(tx, person_id)


async def lift_suspension(tx: Tx, person_id: PersonId, words: str = "") -> None:
    """Let a suspended person in again: for the desk, or when the end it named has come.

    Raises:
        StaffOnly, PersonNotFound, NotSuspended
    """
    await _need_senior(tx)
    done = await tx.execute(
        """
        update accounts.people set suspended_at = null, suspended_until = null, suspended_reason = null
         where bucket = $1 and id = $2 and suspended_at is not null
        """,
        person_id.bucket,
        person_id,
    )
    if not done:
        await get_person(tx, person_id)
        raise NotSuspended
    await clear_deadlines(tx, [person_id], SUSPENSION_ENDS)
    await log_deed(tx, "accounts.lift_suspension", person_id, clean_line(words))
    await publish(tx, SuspensionLifted(person_id=person_id))


async def _need_senior(tx: Tx) -> None:
    if tx.actor.person_id is None:
        if tx.actor.name.startswith("system:"):
            return
        raise StaffOnly
    if not may_suspend((await get_person(tx, PersonId(tx.actor.person_id))).staff_role):
        raise StaffOnly


def _check(tx: Tx, reason: str, until: datetime | None) -> str:
    reason, findings, most = clean_line(reason), Findings(), tx.given(AccountRules).suspension_days_most
    findings.check(bool(reason), "/reason", "required", N_("Please give the reason: the person will read it."))
    findings.check(len(reason) <= 1000, "/reason", "too_long", N_("At most %(most)d characters."), most=1000)
    if until is not None and findings.check(until > tx.now, "/until", "past", N_("The end lies in the past.")):
        findings.check(
            until - tx.now <= timedelta(days=most),
            "/until",
            "too_long",
            N_("At most %(most)d days; without an end it stays until somebody lifts it."),
            most=most,
        )
    findings.raise_any()
    return reason
