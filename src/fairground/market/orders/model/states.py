"""The states of an order and the deeds that lead from one to another, as data."""

from enum import StrEnum
from typing import Final

from fairground.kit.ids import Id


class CheckoutId(Id):
    """The id of a checkout: one payment, one order per shop; lives in the buyer's bucket."""


class OrderId(Id):
    """The id of an order; lives in the buyer's bucket."""


class OrderState(StrEnum):
    """Where an order stands."""

    PLACED = "placed"
    PAID = "paid"
    SHIPPED = "shipped"
    RECEIVED = "received"
    CLOSED = "closed"


class Deed(StrEnum):
    """What moves an order."""

    PLACE = "place"
    PAY = "pay"
    SHIP = "ship"
    RECEIVE = "receive"
    CLOSE = "close"
    # These leave the state as it is and are told in the order's history.
    SHIP_PART = "ship_part"
    EXTEND = "extend"
    ASK_CANCEL = "ask_cancel"
    REFUSE_CANCEL = "refuse_cancel"
    REFUND_PART = "refund_part"
    COMPENSATE = "compensate"


class CloseReason(StrEnum):
    """Why an order was closed without having been received."""

    UNPAID = "unpaid"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


class CaseHold(StrEnum):
    """What an open after-sale case keeps an order from; its clock of silent receipt stands in any case."""

    WAITING = "waiting"  # the shop has to answer: nothing is shipped before
    OPEN = "open"


TRANSITIONS: Final[dict[Deed, tuple[frozenset[OrderState], OrderState]]] = {
    Deed.PAY: (frozenset({OrderState.PLACED}), OrderState.PAID),
    Deed.SHIP: (frozenset({OrderState.PAID}), OrderState.SHIPPED),
    Deed.RECEIVE: (frozenset({OrderState.SHIPPED}), OrderState.RECEIVED),
    # Shipped and closed: refunded in full.
    Deed.CLOSE: (frozenset({OrderState.PLACED, OrderState.PAID, OrderState.SHIPPED}), OrderState.CLOSED),
}
OPEN: Final = (OrderState.PLACED, OrderState.PAID, OrderState.SHIPPED)
HOLDING: Final = (OrderState.PAID, OrderState.SHIPPED)  # money is held with these


def sources_of(deed: Deed) -> list[str]:
    """List the states from which a deed may start."""
    return sorted(TRANSITIONS[deed][0])


def target_of(deed: Deed) -> OrderState:
    """Tell the state that a deed leads to."""
    return TRANSITIONS[deed][1]


def may_move(source: OrderState, target: OrderState) -> bool:
    """Tell whether some deed leads from one state to the other."""
    return any(source in sources and target is to for sources, to in TRANSITIONS.values())


# Kinds of deadlines that orders set. Their subjects are orders, except where a checkout is named.
REMIND: Final = "orders.remind_unpaid"  # a checkout
SHIP: Final = "orders.ship"
CONFIRM: Final = "orders.confirm_receipt"
CANCEL: Final = "orders.cancel_silently"
