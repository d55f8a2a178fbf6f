"""A dispute ends for good: its clocks stop, the news goes out. What that means for the case is said elsewhere."""

from fairground.kit.db import Tx
from fairground.kit.deadlines import clear_deadlines
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.justice.actions.disputes import APPEAL, JURY, ROUND, STAFF, parties
from fairground.market.justice.errors import DisputeInWrongState
from fairground.market.justice.events import DisputeEnded
from fairground.market.justice.model.disputes import Dispute, Outcome
from fairground.market.justice.queries.disputes import dispute_from


async def end_with_case(tx: Tx, case_id: Id, outcome: Outcome) -> None:
    """End the open dispute of a case that the two sides ended themselves; where there is none nothing happens."""
    row = await tx.row(
        "select * from justice.disputes where bucket = $1 and case_id = $2 and state <> 'final' for update",
        case_id.bucket,
        case_id,
    )
    if row is not None:
        await end_dispute(tx, dispute_from(row), outcome)


async def end_dispute(tx: Tx, dispute: Dispute, outcome: Outcome) -> Dispute:
    """End a dispute as it was read.

    Raises:
        DisputeInWrongState: it has moved meanwhile.
    """
    row = await tx.row(
        """
        update justice.disputes
           set state = 'final', staff_by = null, outcome = $4, final_at = $5, version = version + 1
         where bucket = $1 and id = $2 and version = $3 and state <> 'final' returning *
        """,
        dispute.id.bucket,
        dispute.id,
        dispute.version,
        outcome.value,
        tx.now,
    )
    if row is None:
        raise DisputeInWrongState
    ended = dispute_from(row)
    await clear_deadlines(tx, [ended.id], ROUND, JURY, STAFF, APPEAL)
    await publish(
        tx,
        DisputeEnded(
            **parties(ended), outcome=outcome, refund=ended.refund, currency=ended.currency, version=ended.version
        ),
    )
    return ended
