"""What the desk calls deeds, reasons of the books, timers and gateways; what has no words here shows its name."""

from typing import Final

from fairground.kit.errors import N_
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.web.seller.words import LANGUAGE_NAMES

DEEDS: Final = {
    "accounts.lift_suspension": N_("Let a person in again"),
    "accounts.staff_clerk": N_("Gave a role: clerk"),
    "accounts.staff_none": N_("Took a role back"),
    "accounts.staff_operator": N_("Gave a role: operator"),
    "accounts.staff_supervisor": N_("Gave a role: supervisor"),
    "accounts.suspend": N_("Kept a person out"),
    "catalog.approve": N_("Put a product on sale"),
    "catalog.refuse": N_("Sent a product back"),
    "catalog.take_down": N_("Took a product off sale"),
    "desk.audit": N_("Asked for an audit"),
    "desk.look_at_case": N_("Looked at an after-sale case"),
    "desk.look_at_order": N_("Looked at an order"),
    "desk.look_at_order_money": N_("Looked at an order’s money"),
    "desk.look_at_person": N_("Looked at a person"),
    "desk.look_up_orders": N_("Looked orders up"),
    "desk.look_up_person": N_("Looked a person up"),
    "desk.retry_jobs": N_("Tried jobs again"),
    "justice.change_draft": N_("Changed a draft"),
    "justice.close_consultation": N_("Closed a consultation"),
    "justice.draft_rule": N_("Drafted a rule"),
    "justice.drop_draft": N_("Dropped a draft"),
    "justice.emergency_rule": N_("Put a rule in force at once"),
    "justice.end_emergency": N_("Ended an emergency"),
    "justice.hide_comment": N_("Hid a comment"),
    "justice.look_at_dispute": N_("Looked at a dispute"),
    "justice.open_consultation": N_("Opened a consultation"),
    "justice.published": N_("Published a precedent"),
    "justice.put_in_force": N_("Put a rule in force"),
    "justice.ruled": N_("Ruled in a dispute"),
    "justice.withheld": N_("Kept a precedent back"),
    "payments.explain": N_("Explained a difference"),
    "payments.match_stray": N_("Gave money to its order"),
    "payments.payout_confirmation": N_("Confirmed a payout"),
    "payments.refund_confirmation": N_("Confirmed a refund"),
    "payments.refund_retry": N_("Sent a refund again"),
    "payments.refund_stray": N_("Sent money back"),
    "payments.statement": N_("Took a bank statement in"),
    "shops.approve_mall": N_("Gave the mall badge"),
    "shops.approve_stall": N_("Let a stall open"),
    "shops.open_number": N_("Opened a business number"),
    "shops.refuse_mall": N_("Refused the mall badge"),
    "shops.refuse_stall": N_("Refused a stall"),
    "shops.reopen": N_("Let a shop sell again"),
    "shops.suspend": N_("Suspended a shop"),
    "shops.withdraw_mall": N_("Took the mall badge back"),
}
REASONS: Final = {
    "orders.refunded": N_("Refunded"),
    "orders.subsidy": N_("Added by the market"),
    "payments.captured": N_("The buyer paid"),
    "payments.commission": N_("Commission"),
    "payments.commission_returned": N_("Commission given back"),
    "payments.compensated": N_("Compensated by the market"),
    "payments.late": N_("Paid after the order was closed"),
    "payments.matched": N_("Given to its order"),
    "payments.paid_out": N_("Paid out"),
    "payments.payout_bounced": N_("A payout came back"),
    "payments.payout_requested": N_("A payout was asked for"),
    "payments.refund_requested": N_("To be refunded"),
    "payments.refunded": N_("Refunded"),
    "payments.released": N_("Set free for the shop"),
    "payments.returned_to_held": N_("Back into keeping"),
    "payments.sale": N_("Sale"),
    "payments.stray": N_("Fits no order"),
    "payments.taken_back": N_("Taken back from the shop"),
}
TIMERS: Final = {
    "accounts.forget_what_is_over": N_("Clears sessions and codes that are over"),
    "app.audit": N_("Proves the books, stock and orders"),
    "cart.forget_guests": N_("Clears carts that guests left"),
    "catalog.tidy_imports": N_("Clears old import files"),
    "kit.forget_job_log": N_("Clears the log of jobs"),
    "kit.forget_keys": N_("Clears keys of repeated requests"),
    "kit.keep_event_log": N_("Keeps the log of events by month"),
    "media.ask_again": N_("Asks again for pictures that did not come"),
    "media.forget_old_fetches": N_("Clears old picture requests"),
    "media.remove_deleted": N_("Removes deleted pictures"),
    "media.remove_orphans": N_("Removes pictures that nobody shows"),
    "notifications.forget_old_letters": N_("Clears old letters"),
    "payments.close_unpaid": N_("Closes what was not paid in time"),
    "payments.forget_notices": N_("Clears old notices of gateways"),
    "payments.reconcile": N_("Compares with the gateways’ files"),
    "payments.send_payouts": N_("Sends payouts to banks"),
    "payments.send_refunds": N_("Sends refunds to buyers"),
    "reviews.find_oddities": N_("Looks for what is odd among reviews"),
    "reviews.forget_invitations": N_("Clears old invitations to review"),
    "reviews.rescore_shops": N_("Counts shops’ scores anew"),
    "search.count_queries": N_("Counts what people look for"),
    "search.forget_queries": N_("Clears old queries"),
    "shipping.track_parcels": N_("Asks carriers where parcels are"),
}
GATEWAYS: Final = {"sandbox": N_("Sandbox (no real money)"), "bank_transfer": N_("Bank transfer")}
# The room of the desk that shows what a deed was about.
_ROOMS: Final = {
    "desk.look_at_case": "cases",
    "desk.look_at_order": "orders",
    "desk.look_at_order_money": "orders",
    "desk.look_at_person": "people",
    "accounts": "people",
    "catalog": "products",
    "shops": "shops",
}


def deed_words(deed: str) -> str:
    """Say what one of the staff did."""
    return gettext(DEEDS[deed]) if deed in DEEDS else deed


def deed_href(deed: str, about: Id | None) -> str | None:
    """Give the page of what a deed was about; None where the desk has none."""
    room = _ROOMS.get(deed) or _ROOMS.get(deed.partition(".")[0])
    return f"/desk/{room}/{about}" if room and about else None


def reason_words(reason: str) -> str:
    """Say why money moved."""
    return gettext(REASONS[reason]) if reason in REASONS else reason


def timer_words(name: str) -> str:
    """Say what a timer does; "" where that is not known here."""
    return gettext(TIMERS[name]) if name in TIMERS else ""


def gateway_words(name: str) -> str:
    """Name a gateway."""
    return gettext(GATEWAYS[name]) if name in GATEWAYS else name


def language_words(code: str) -> str:
    """Name a language in its own words."""
    return LANGUAGE_NAMES.get(code, code)
