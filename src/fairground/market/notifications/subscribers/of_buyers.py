"""What happens to an order is told to its buyer."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import timedelta
from typing import Final

from fairground.kit.db import Tx
from fairground.kit.deadlines import Deadline, clear_deadlines, set_deadlines
from fairground.kit.errors import N_
from fairground.kit.events import Subscriber
from fairground.kit.money import Money
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.queries import map_product_cards
from fairground.market.notifications.actions import Note, notify_many
from fairground.market.notifications.model import NotificationRules, Param
from fairground.market.notifications.subscribers.seen import Seen, look
from fairground.market.orders.events import (
    CancellationRefused,
    OrderClosed,
    OrderEvent,
    OrderExtended,
    OrderPaid,
    OrderPartlyShipped,
    OrderReceived,
    OrderRefunded,
    OrderShipped,
    OrderShipsLate,
    PaymentReminderDue,
)
from fairground.market.orders.model import CheckoutId, CloseReason
from fairground.market.orders.queries.orders import map_checkouts
from fairground.market.payments.events import PaymentCameLate, RefundDone, RefundFailed
from fairground.market.payments.queries import map_payments
from fairground.market.reviews.events import (
    BuyerRatingShown,
    PersonAsked,
    QuestionAnswered,
    ReviewAnswered,
    ReviewTakenAway,
)
from fairground.market.reviews.queries import get_review
from fairground.market.shipping.events import ParcelMoved
from fairground.market.shipping.model import ParcelState
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import map_shops

REMIND_RECEIPT: Final = "notifications.remind_receipt"
WHY: Final = N_("We remind the buyer that silence will soon count as receipt.")


async def tell_pay_soon(tx: Tx, events: Sequence[PaymentReminderDue]) -> None:
    """Remind of checkouts that close soon."""
    checkouts = await map_checkouts(tx, [event.checkout_id for event in events])
    shops = await map_shops(tx, {order.shop_id for one in checkouts.values() for order in one.orders})
    notes = []
    for event in events:
        checkout = checkouts.get(event.checkout_id)
        if checkout is not None:
            params: dict[str, Param] = {
                "total": Money(checkout.amount, checkout.currency),
                "shop": _listed({shops[order.shop_id].name for order in checkout.orders}),
                "at": event.pay_by,
            }
            notes.append(Note(PersonId(event.buyer_id), "buyers.pay_soon", params, f"/pay/{checkout.payment_id}"))
    await notify_many(tx, notes)


async def tell_paid(tx: Tx, events: Sequence[OrderPaid]) -> None:
    """Tell that the money came: one letter for a checkout."""
    seen = await look(tx, [event.order_id for event in events])
    await notify_many(tx, [_paid(group) for group in _by_checkout(seen.values())])


def _paid(group: Sequence[Seen]) -> Note:
    first = group[0]
    total = first.money(sum(one.order.total for one in group))
    if len(group) > 1:
        params: dict[str, Param] = {"total": total, "shops": _listed(one.shop.name for one in group)}
        return Note(PersonId(first.order.buyer_id), "buyers.paid_many", params, "/orders")
    assert first.order.ship_by is not None, "a paid order has its shop's promise"
    return first.note("buyers.paid", total=total, at=first.order.ship_by)


async def tell_moved(tx: Tx, events: Sequence[OrderEvent]) -> None:
    """Tell of what was shipped, is late, was refunded in part, will not be cancelled."""
    seen = await look(tx, [event.order_id for event in events])
    await notify_many(tx, [_moved(seen[event.order_id], event) for event in events])


def _moved(one: Seen, event: OrderEvent) -> Note:
    match event:
        case OrderShipped():
            return one.note("buyers.shipped", at=event.confirm_by)
        case OrderPartlyShipped():
            return one.note("buyers.partly_shipped")
        case OrderShipsLate():
            return one.note("buyers.ships_late", worth=one.money(event.compensation))
        case OrderRefunded():
            return one.note("buyers.partly_refunded", refunded=one.money(event.amount))
        case CancellationRefused():
            return one.note("buyers.cancel_refused")
    raise AssertionError(f"no letter for {event.name()}")


async def tell_closed(tx: Tx, events: Sequence[OrderClosed]) -> None:
    """Tell that orders ended: one letter for an unpaid checkout, and none to those who took back what was unpaid."""
    seen = await look(tx, [event.order_id for event in events])
    unpaid = [seen[event.order_id] for event in events if event.reason is CloseReason.UNPAID]
    notes = [_unpaid(group) for group in _by_checkout(unpaid)]
    kinds = {CloseReason.CANCELLED: "buyers.cancelled", CloseReason.REFUNDED: "buyers.refunded"}
    for event in events:
        if event.reason in kinds and event.refunded:
            one = seen[event.order_id]
            notes.append(one.note(kinds[event.reason], refunded=one.money(event.refunded)))
    await notify_many(tx, notes)


def _unpaid(group: Sequence[Seen]) -> Note:
    link = f"/orders/{group[0].order.id}" if len(group) == 1 else "/orders"
    params: dict[str, Param] = {"shop": _listed(one.shop.name for one in group)}
    return Note(PersonId(group[0].order.buyer_id), "buyers.unpaid", params, link)


async def tell_delivered(tx: Tx, events: Sequence[ParcelMoved]) -> None:
    """Tell that parcels have arrived, while the buyer has not said so already."""
    arrived = {event.order_id for event in events if event.state is ParcelState.DELIVERED}
    seen = await look(tx, arrived)
    open_ones = [one for one in seen.values() if one.order.received_at is None and one.order.closed_at is None]
    await notify_many(tx, [one.note("buyers.delivered") for one in open_ones])


async def tell_refund(tx: Tx, events: Sequence[RefundDone | RefundFailed]) -> None:
    """Tell whether the gateway sent money back. Money that fitted no order has nobody whom we could tell."""
    payments = await map_payments(tx, [event.payment_id for event in events if event.payment_id is not None])
    notes = []
    for event in events:
        payment = None if event.payment_id is None else payments.get(event.payment_id)
        if payment is not None:
            kind = "buyers.refund_done" if isinstance(event, RefundDone) else "buyers.refund_failed"
            link = "/orders" if event.order_id is None else f"/orders/{event.order_id}"
            notes.append(
                Note(PersonId(payment.payer_id), kind, {"refunded": Money(event.amount, event.currency)}, link)
            )
    await notify_many(tx, notes)


async def tell_paid_too_late(tx: Tx, events: Sequence[PaymentCameLate]) -> None:
    """Tell that money came for what was closed by then."""
    payments = await map_payments(tx, [event.payment_id for event in events])
    notes = []
    for event in events:
        total = Money(event.amount, event.currency)
        payer = PersonId(payments[event.payment_id].payer_id)
        notes.append(Note(payer, "buyers.paid_too_late", {"total": total}, "/orders"))
    await notify_many(tx, notes)


async def tell_answered(tx: Tx, event: ReviewAnswered) -> None:
    """Tell that the shop has answered a review."""
    shops = await map_shops(tx, [ShopId(event.shop_id)])
    params: dict[str, Param] = {"shop": shops[ShopId(event.shop_id)].name}
    await notify_many(tx, [Note(PersonId(event.buyer_id), "buyers.answered", params, f"/p/{event.product_id}/reviews")])


async def tell_rated(tx: Tx, event: BuyerRatingShown) -> None:
    """Tell that what the shop says of a buyer can be read."""
    shops = await map_shops(tx, [ShopId(event.shop_id)])
    params: dict[str, Param] = {"shop": shops[ShopId(event.shop_id)].name}
    link = f"/orders/{event.order_id}/review"
    await notify_many(tx, [Note(PersonId(event.buyer_id), "buyers.rated", params, link)])


async def tell_review_removed(tx: Tx, event: ReviewTakenAway) -> None:
    """Tell the buyer that the desk took the review away, and why."""
    shops = await map_shops(tx, [ShopId(event.shop_id)])
    review = await get_review(tx, event.review_id, buyer_id=event.buyer_id)
    params: dict[str, Param] = {"shop": shops[ShopId(event.shop_id)].name, "reason": review.removed_why}
    link = f"/orders/{event.order_id}/review"
    await notify_many(tx, [Note(PersonId(event.buyer_id), "buyers.review_removed", params, link)])


async def tell_asked(tx: Tx, event: PersonAsked) -> None:
    """Ask somebody who has the thing."""
    cards = await map_product_cards(tx, [ProductId(event.product_id)])
    notes = [
        Note(PersonId(event.person_id), "buyers.asked", {"title": card.title}, "/account/questions")
        for card in cards.values()
    ]
    await notify_many(tx, notes)


async def tell_question_answered(tx: Tx, event: QuestionAnswered) -> None:
    """Tell who asked that there is an answer."""
    cards = await map_product_cards(tx, [ProductId(event.product_id)])
    link = f"/p/{event.product_id}/questions"
    notes = [
        Note(PersonId(event.asker_id), "buyers.asker_answered", {"title": card.title}, link) for card in cards.values()
    ]
    await notify_many(tx, notes)


async def plan_reminders(tx: Tx, events: Sequence[OrderShipped | OrderExtended]) -> None:
    """Set when to remind that silence will count as receipt; too late for it, nothing is set."""
    before = timedelta(hours=tx.given(NotificationRules).receipt_reminder_hours)
    last = {event.order_id: event.confirm_by - before for event in events}
    await clear_deadlines(tx, list(last), REMIND_RECEIPT)
    planned = [Deadline(REMIND_RECEIPT, order_id, at, WHY) for order_id, at in last.items() if at > tx.now]
    if planned:
        await set_deadlines(tx, planned)


async def drop_reminders(tx: Tx, events: Sequence[OrderReceived | OrderClosed]) -> None:
    """Remind nobody of what is over."""
    await clear_deadlines(tx, [event.order_id for event in events], REMIND_RECEIPT)


def _by_checkout(seen: Iterable[Seen]) -> list[list[Seen]]:
    groups: dict[CheckoutId, list[Seen]] = defaultdict(list)
    for one in seen:
        groups[one.order.checkout_id].append(one)
    return list(groups.values())


def _listed(names: Iterable[str]) -> str:
    return ", ".join(sorted(names))


OF_BUYERS: Final = (
    Subscriber("notifications.tell_pay_soon", (PaymentReminderDue,), tell_pay_soon, batch=True),
    Subscriber("notifications.tell_paid", (OrderPaid,), tell_paid, batch=True),
    Subscriber(
        "notifications.tell_moved",
        (OrderShipped, OrderPartlyShipped, OrderShipsLate, OrderRefunded, CancellationRefused),
        tell_moved,
        batch=True,
    ),
    Subscriber("notifications.tell_closed", (OrderClosed,), tell_closed, batch=True),
    Subscriber("notifications.tell_delivered", (ParcelMoved,), tell_delivered, batch=True),
    Subscriber("notifications.tell_refund", (RefundDone, RefundFailed), tell_refund, batch=True),
    Subscriber("notifications.tell_paid_too_late", (PaymentCameLate,), tell_paid_too_late, batch=True),
    Subscriber("notifications.tell_answered", (ReviewAnswered,), tell_answered),
    Subscriber("notifications.tell_asked", (PersonAsked,), tell_asked),
    Subscriber("notifications.tell_asker", (QuestionAnswered,), tell_question_answered),
    Subscriber("notifications.tell_rated", (BuyerRatingShown,), tell_rated),
    Subscriber("notifications.tell_review_removed", (ReviewTakenAway,), tell_review_removed),
    Subscriber("notifications.plan_reminders", (OrderShipped, OrderExtended), plan_reminders, batch=True),
    Subscriber("notifications.drop_reminders", (OrderReceived, OrderClosed), drop_reminders, batch=True),
)
