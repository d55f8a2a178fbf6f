"""What falls due for complaints and the ladder, and what the record of complainants hears."""

from fairground.kit.db import Tx
from fairground.kit.deadlines import Deadline, DeadlineHandler
from fairground.kit.events import Subscriber
from fairground.market.justice.actions.complainants import note_outcome
from fairground.market.justice.actions.complaint_rulings import lapse_complaint, uphold_silence
from fairground.market.justice.actions.complaints import COUNTER_DUE, LAPSES
from fairground.market.justice.actions.ladder import LADDER_DUE, refresh_ladder
from fairground.market.justice.events import (
    ComplaintAppealed,
    ComplaintDecided,
    ComplaintEvent,
    ComplaintLapsed,
    ComplaintWithdrawn,
)
from fairground.market.justice.model.complaints import ComplaintId
from fairground.market.shops.model import ShopId


def deadline_handlers() -> list[DeadlineHandler]:
    """List what happens when a deadline of complaints falls due."""
    return [
        DeadlineHandler(COUNTER_DUE, _silence),
        DeadlineHandler(LAPSES, _lapse),
        DeadlineHandler(LADDER_DUE, _ladder),
    ]


def subscribers() -> list[Subscriber]:
    """List who of this room hears what."""
    heard = (ComplaintDecided, ComplaintAppealed, ComplaintWithdrawn, ComplaintLapsed)
    return [Subscriber("justice.note_outcome", heard, _note)]


async def _silence(tx: Tx, deadline: Deadline) -> None:
    await uphold_silence(tx, ComplaintId(deadline.subject))


async def _lapse(tx: Tx, deadline: Deadline) -> None:
    await lapse_complaint(tx, ComplaintId(deadline.subject))


async def _ladder(tx: Tx, deadline: Deadline) -> None:
    await refresh_ladder(tx, ShopId(deadline.subject))


async def _note(tx: Tx, event: ComplaintEvent) -> None:
    await note_outcome(tx, event.complaint_id)
