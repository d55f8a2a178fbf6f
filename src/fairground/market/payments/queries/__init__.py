"""Reads of payments, one file per subject."""

from fairground.market.payments.queries.audit import audit_payments
from fairground.market.payments.queries.payments import (
    find_payment,
    get_payment,
    list_due_payments,
    list_parts_of_order,
    list_payments_of_checkout,
    map_payments,
)
from fairground.market.payments.queries.payouts import (
    find_coming_destination,
    find_destination,
    get_payout,
    list_destinations,
    list_due_payouts,
    list_payout_lines,
    list_payouts,
    list_payouts_under_way,
    map_destinations,
    payout_figures,
)
from fairground.market.payments.queries.refunds import (
    get_refund,
    get_stray,
    list_due_refunds,
    list_open_refunds,
    list_open_strays,
    list_refunds_of_order,
)
from fairground.market.payments.queries.settlement import (
    Proposal,
    Verdict,
    is_settled,
    list_open_findings,
    list_our_lines,
    missing_notices,
    propose_matches,
)

__all__ = [
    "Proposal",
    "Verdict",
    "audit_payments",
    "find_coming_destination",
    "find_destination",
    "find_payment",
    "get_payment",
    "get_payout",
    "get_refund",
    "get_stray",
    "is_settled",
    "list_destinations",
    "list_due_payments",
    "list_due_payouts",
    "list_due_refunds",
    "list_open_findings",
    "list_open_refunds",
    "list_open_strays",
    "list_our_lines",
    "list_parts_of_order",
    "list_payments_of_checkout",
    "list_payout_lines",
    "list_payouts",
    "list_payouts_under_way",
    "list_refunds_of_order",
    "map_destinations",
    "map_payments",
    "missing_notices",
    "payout_figures",
    "propose_matches",
]
