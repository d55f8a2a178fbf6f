"""A case that ended without the market's ruling teaches something too: what was claimed, and how it went."""

from fairground.kit.db import Tx
from fairground.kit.errors import N_
from fairground.kit.i18n.words import DEFAULT, gettext, known, speaking
from fairground.market.aftersale.model import Case, CaseId, CaseState
from fairground.market.aftersale.model import Outcome as CaseOutcome
from fairground.market.aftersale.queries.cases import get_case
from fairground.market.aftersale.queries.timeline import list_timeline
from fairground.market.justice.actions.precedents import Draft, title_of, write_draft
from fairground.market.justice.model.disputes import Outcome, outcome_of
from fairground.market.justice.model.precedents import PrecedentTexts, Source
from fairground.market.justice.queries.disputes import find_dispute_of_case
from fairground.market.orders.queries.orders import get_order

REASONS = {
    CaseOutcome.AGREED: N_("The shop agreed."),
    CaseOutcome.SILENCE: N_("The shop said nothing in time, and silence is a yes."),
    CaseOutcome.EXCHANGED: N_("The shop sent another one."),
    CaseOutcome.WITHDRAWN: N_("The buyer took it back."),
    CaseOutcome.EXPIRED: N_("The buyer said nothing more in time."),
}


async def draft_from_case(tx: Tx, case_id: CaseId) -> None:
    """Draft what a case teaches that the two sides ended themselves; one that was disputed is told by its dispute."""
    case = await get_case(tx, case_id)
    if case.outcome not in REASONS or await find_dispute_of_case(tx, case_id) is not None:
        return
    order = await get_order(tx, case.order_id)
    with speaking(known(order.language) or DEFAULT):
        said = {"buyer": gettext("The buyer said:"), "shop": gettext("The shop said:")}
        entries = [e for e in await list_timeline(tx, case_id) if e.words and not e.is_ahead and e.side.value in said]
        story = "\n\n".join(f"{said[e.side.value]} {e.words}" for e in entries)
        texts = PrecedentTexts(title_of(case.kind.value), story, gettext(REASONS[case.outcome]), "")
    draft = Draft(
        source=Source.CASE,
        source_id=case.id,
        order_id=case.order_id,
        kind=case.kind.value,
        outcome=_outcome(case).value,
        decider="parties",
        claimed=case.amount,
        refund=case.refunded,
        currency=case.currency,
        texts=texts,
    )
    await write_draft(tx, draft)


def _outcome(case: Case) -> Outcome:
    if case.state is CaseState.REFUNDED:
        return outcome_of(case.refunded, case.amount)
    return Outcome.SETTLED if case.state is CaseState.EXCHANGED else Outcome.WITHDRAWN
