"""What justice hears: cases that ask for it or end without it, and its own news, to keep what was learnt."""

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.aftersale.events import CaseClosed, CaseEscalated, CaseRefunded
from fairground.market.aftersale.model import CaseState
from fairground.market.aftersale.model import Outcome as CaseOutcome
from fairground.market.aftersale.queries.cases import get_case
from fairground.market.justice.actions.case_precedents import draft_from_case
from fairground.market.justice.actions.disputes import open_dispute
from fairground.market.justice.actions.ending import end_with_case
from fairground.market.justice.actions.precedents import draft_from_dispute
from fairground.market.justice.events import DisputeEnded
from fairground.market.justice.model.disputes import Escalation, Outcome


def subscribers() -> list[Subscriber]:
    """List who of this room hears what."""
    return [
        Subscriber("justice.open_dispute", (CaseEscalated,), _open),
        Subscriber("justice.end_with_case", (CaseRefunded, CaseClosed), _end),
        Subscriber("justice.draft_precedent", (DisputeEnded,), _draft),
    ]


async def _open(tx: Tx, event: CaseEscalated) -> None:
    # Heard late, the case may have gone on without us.
    if (await get_case(tx, event.case_id)).state is not CaseState.ESCALATED:
        return
    await open_dispute(
        tx,
        Escalation(
            event.case_id,
            event.order_id,
            event.buyer_id,
            event.shop_id,
            event.kind.value,
            event.amount,
            event.currency,
        ),
    )


async def _end(tx: Tx, event: CaseRefunded | CaseClosed) -> None:
    is_back = event.outcome is CaseOutcome.WITHDRAWN
    await end_with_case(tx, event.case_id, Outcome.WITHDRAWN if is_back else Outcome.SETTLED)
    await draft_from_case(tx, event.case_id)


async def _draft(tx: Tx, event: DisputeEnded) -> None:
    await draft_from_dispute(tx, event.dispute_id)
