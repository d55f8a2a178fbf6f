"""Who may do what with an order, judged by its values alone; the guarded statements say it again."""

from fairground.kit.ids import Id
from fairground.market.orders.model import Order, OrderRules, OrderState


def is_buyer(person_id: Id | None, order: Order) -> bool:
    """Tell whether this is the buyer."""
    return person_id is not None and person_id == order.buyer_id


def may_pay(order: Order) -> bool:
    """Tell whether the order waits for its money."""
    return order.state is OrderState.PLACED


def may_cancel(order: Order) -> bool:
    """Tell whether the buyer may cancel, or ask to: unpaid, or paid and wholly unshipped and not asked yet."""
    if order.state is OrderState.PLACED:
        return True
    return order.state is OrderState.PAID and not order.parcels and order.cancel_asked_at is None


def may_ship(order: Order) -> bool:
    """Tell whether the shop may ship; an order with an open wish to cancel is answered first."""
    return order.state is OrderState.PAID and order.cancel_asked_at is None


def may_confirm(order: Order) -> bool:
    """Tell whether the buyer may confirm receipt."""
    return order.state is OrderState.SHIPPED


def may_extend(order: Order, rules: OrderRules) -> bool:
    """Tell whether the buyer may ask for more time."""
    return order.state is OrderState.SHIPPED and order.extensions < rules.buyer_extends_times
