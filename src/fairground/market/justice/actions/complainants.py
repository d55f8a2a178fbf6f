"""The record of those who complain, and the fast lane that a good one earns."""

from datetime import timedelta

from fairground.kit.db import Tx
from fairground.market.accounts.model import PersonId
from fairground.market.justice.model.complaints import (
    Complaint,
    ComplaintId,
    ComplaintRules,
    ComplaintState,
    deserves_lane,
)
from fairground.market.justice.queries.complaints import get_complaint, get_record


async def note_outcome(tx: Tx, complaint_id: ComplaintId) -> None:
    """Write what came of a complaint into its complainant's record, as it stands by now, and judge the lane anew.

    Safe to run twice.
    """
    complaint = await get_complaint(tx, complaint_id)
    person_id = complaint.complainant_id
    await _lock(tx, person_id)
    upheld = _upheld(complaint)
    await tx.execute(
        """
        update justice.complaint_records set closed_at = $4, upheld = $5, countered = $6
         where bucket = $1 and person_id = $2 and complaint_id = $3
        """,
        person_id.bucket,
        person_id,
        complaint_id,
        complaint.closed_at,
        upheld,
        upheld is False and complaint.countered_at is not None,
    )
    await _judge(tx, person_id)


def _upheld(complaint: Complaint) -> bool | None:
    if complaint.state in {ComplaintState.UPHELD, ComplaintState.REJECTED}:
        return complaint.state is ComplaintState.UPHELD
    return None


async def _lock(tx: Tx, person_id: PersonId) -> None:
    await tx.execute(
        "insert into justice.complainants (bucket, person_id) values ($1, $2) on conflict do nothing",
        person_id.bucket,
        person_id,
    )
    await tx.execute(
        "select 1 from justice.complainants where bucket = $1 and person_id = $2 for update",
        person_id.bucket,
        person_id,
    )


async def _judge(tx: Tx, person_id: PersonId) -> None:
    """Give the fast lane to whom it is due; who had it and lost it waits for three months."""
    rules = tx.given(ComplaintRules)
    good = deserves_lane(await get_record(tx, person_id, tx.now - timedelta(days=rules.lane_days)), rules)
    await tx.execute(
        """
        update justice.complainants
           set is_fast = $3 and (lost_until is null or lost_until <= $4),
               lost_until = case when is_fast and not $3 then $5 else lost_until end
         where bucket = $1 and person_id = $2
        """,
        person_id.bucket,
        person_id,
        good,
        tx.now,
        tx.now + timedelta(days=rules.lane_days),
    )
