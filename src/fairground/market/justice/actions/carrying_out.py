"""What a dispute ended with goes back to after-sale, in the same transaction: there the money and the goods move."""

from fairground.kit.db import Tx
from fairground.market.aftersale.actions.settling import close_escalated, settle_escalated
from fairground.market.aftersale.model import CaseId, Ruling
from fairground.market.justice.model.disputes import Dispute, Outcome


async def carry_out(tx: Tx, dispute: Dispute) -> None:
    """Refund what was ruled (perhaps once the goods are back, perhaps out of the market's pocket), or end the case."""
    case_id = CaseId(dispute.case_id)
    if not dispute.refund:
        await close_escalated(tx, case_id)
        return
    is_markets = dispute.outcome is Outcome.MARKET_PAID
    ruling = Ruling(refund_amount=dispute.refund, to_return=dispute.to_return, by_market=is_markets)
    await settle_escalated(tx, case_id, ruling)
