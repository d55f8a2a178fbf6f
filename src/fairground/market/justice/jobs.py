"""What falls due in justice: rounds end, juries and staff are hurried, rulings stand."""

from fairground.kit.db import Tx
from fairground.kit.deadlines import Deadline, DeadlineHandler
from fairground.market.justice.actions.disputes import APPEAL, JURY, ROUND, STAFF, end_round
from fairground.market.justice.actions.rulings import hurry_staff, leave_to_staff, let_ruling_stand
from fairground.market.justice.model.disputes import DisputeId


def deadline_handlers() -> list[DeadlineHandler]:
    """List what to do when a deadline falls due."""
    return [
        DeadlineHandler(ROUND, _end_round),
        DeadlineHandler(JURY, _leave_to_staff),
        DeadlineHandler(STAFF, _hurry_staff),
        DeadlineHandler(APPEAL, _let_ruling_stand),
    ]


async def _end_round(tx: Tx, deadline: Deadline) -> None:
    await end_round(tx, DisputeId(deadline.subject))


async def _leave_to_staff(tx: Tx, deadline: Deadline) -> None:
    await leave_to_staff(tx, DisputeId(deadline.subject))


async def _hurry_staff(tx: Tx, deadline: Deadline) -> None:
    await hurry_staff(tx, DisputeId(deadline.subject))


async def _let_ruling_stand(tx: Tx, deadline: Deadline) -> None:
    await let_ruling_stand(tx, DisputeId(deadline.subject))
