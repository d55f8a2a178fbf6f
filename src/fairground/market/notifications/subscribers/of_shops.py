"""What concerns a shop is told to those of its people whose work it is."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, TypeAlias

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.kit.money import Money
from fairground.market.catalog.events import ProductRefused
from fairground.market.catalog.model import Offer, ProductId, VariantId
from fairground.market.catalog.queries import map_offers, map_product_cards
from fairground.market.inventory.events import SoldOut, StockRanLow
from fairground.market.inventory.queries import map_stock
from fairground.market.notifications.actions import Note, notify_many
from fairground.market.notifications.model import Param
from fairground.market.notifications.subscribers.seen import Seen, Word, look, tell_shops
from fairground.market.orders.events import (
    CancellationAsked,
    OrderClosed,
    OrderEvent,
    OrderPaid,
    OrderReceived,
    OrderShipsLate,
)
from fairground.market.orders.model import CloseReason
from fairground.market.payments.events import DestinationChanged, PayoutBounced, PayoutPaid
from fairground.market.reviews.events import QuestionAsked, ReviewShown
from fairground.market.shops.events import (
    ApplicationRefused,
    MallBadgeGranted,
    MallBadgeWithdrawn,
    ShopOpened,
    ShopReopened,
    ShopSuspended,
    StaffInvited,
)
from fairground.market.shops.model import ApplicationKind, ApplicationState, ShopId
from fairground.market.shops.policy import may_change_shop, may_count_stock, may_manage_goods, may_see_money, may_ship
from fairground.market.shops.queries import get_application, list_applications_of_shop, map_shops

_Decided: TypeAlias = MallBadgeGranted | MallBadgeWithdrawn | ShopSuspended | ShopReopened
_DECIDED: Final[dict[type[_Decided], str]] = {
    MallBadgeGranted: "shops.badge_granted",
    MallBadgeWithdrawn: "shops.badge_withdrawn",
    ShopSuspended: "shops.suspended",
    ShopReopened: "shops.reopened",
}


async def tell_orders(tx: Tx, events: Sequence[OrderEvent]) -> None:
    """Tell those who ship what there is to do, and those who keep the money what was earned."""
    seen = await look(tx, [event.order_id for event in events])
    words = [_word(seen[event.order_id], event) for event in events]
    await tell_shops(tx, [word for word in words if word is not None])


def _word(one: Seen, event: OrderEvent) -> Word | None:
    order, path = one.order, f"/orders/{one.order.id}"
    params: dict[str, Param]
    match event:
        case OrderPaid() if order.ship_by is not None:
            params = {**one.names, "total": order.total_money, "at": order.ship_by}
            return Word(order.shop_id, may_ship, "shops.order_paid", params, path)
        case OrderShipsLate():
            params = {**one.names, "worth": one.money(event.compensation)}
            return Word(order.shop_id, may_ship, "shops.ships_late", params, path)
        case CancellationAsked():
            return Word(order.shop_id, may_ship, "shops.cancel_asked", {**one.names, "at": event.due_at}, path)
        case OrderClosed() if event.reason is CloseReason.CANCELLED and event.refunded:
            return Word(order.shop_id, may_ship, "shops.order_cancelled", one.names, path)
        case OrderReceived():
            params = {**one.names, "earned": one.money(event.shop), "commission": one.money(event.commission)}
            return Word(order.shop_id, may_see_money, "shops.order_received", params, "/money")
    return None


async def tell_review(tx: Tx, event: ReviewShown) -> None:
    """Tell that somebody reviewed something, once the shop may read it."""
    seen = (await look(tx, [event.order_id]))[event.order_id]
    cards = await map_product_cards(tx, [ProductId(event.product_id)])
    title = next((card.title for card in cards.values()), seen.shop.name)
    params: dict[str, Param] = {"title": title, "stars": event.stars}
    await tell_shops(tx, [Word(ShopId(event.shop_id), may_change_shop, "shops.review_written", params, "/reviews")])


async def tell_question(tx: Tx, event: QuestionAsked) -> None:
    """Tell that somebody asks about something."""
    cards = await map_product_cards(tx, [ProductId(event.product_id)])
    words = [
        Word(ShopId(event.shop_id), may_ship, "shops.question_asked", {"title": card.title}, "/asked")
        for card in cards.values()
    ]
    await tell_shops(tx, words)


async def tell_stock(tx: Tx, events: Sequence[StockRanLow | SoldOut]) -> None:
    """Tell what runs low or is sold out, as it stands by now."""
    ids = [VariantId(event.variant_id) for event in events]
    stock, offers = await map_stock(tx, ids), await map_offers(tx, ids)
    words = []
    for event in events:
        offer, left = offers.get(VariantId(event.variant_id)), stock.get(event.variant_id)
        if offer is None or left is None or (isinstance(event, SoldOut) and left > 0):
            continue  # gone, not counted any more, or there is something again
        kind = "shops.sold_out" if isinstance(event, SoldOut) else "shops.ran_low"
        if left or isinstance(event, SoldOut):
            path = f"/goods/{offer.product_id}"
            words.append(Word(offer.shop_id, may_count_stock, kind, {"title": _title(offer), "left": left}, path))
    await tell_shops(tx, words)


def _title(offer: Offer) -> str:
    return f"{offer.title} ({', '.join(offer.options.values())})" if offer.options else offer.title


async def tell_payouts(tx: Tx, events: Sequence[PayoutPaid | PayoutBounced]) -> None:
    """Tell what became of payouts."""
    await tell_shops(
        tx,
        [
            Word(
                ShopId(event.shop_id),
                may_see_money,
                "shops.payout_paid" if isinstance(event, PayoutPaid) else "shops.payout_bounced",
                {"amount": Money(event.amount, event.currency)},
                "/money",
            )
            for event in events
        ],
    )


async def tell_bank_change(tx: Tx, event: DestinationChanged) -> None:
    """Tell that payouts will go elsewhere: if it was none of them, they must hear of it."""
    params: dict[str, Param] = {"at": datetime.fromisoformat(event.valid_from)}
    await tell_shops(tx, [Word(ShopId(event.shop_id), may_see_money, "shops.bank_changed", params, "/money")])


async def tell_opened(tx: Tx, event: ShopOpened) -> None:
    """Tell that the desk has let the shop open; one that opened by itself knows."""
    decided = [
        one
        for one in await list_applications_of_shop(tx, event.shop_id)
        if one.kind is ApplicationKind.STALL and one.state is ApplicationState.APPROVED
    ]
    if decided:
        await tell_shops(tx, [Word(event.shop_id, may_change_shop, "shops.approved")])


async def tell_decision(tx: Tx, event: _Decided) -> None:
    """Tell what the desk decided about the shop."""
    await tell_shops(tx, [Word(event.shop_id, may_change_shop, _DECIDED[type(event)])])


async def tell_refused(tx: Tx, event: ApplicationRefused) -> None:
    """Tell that the desk said no, and why."""
    application = await get_application(tx, event.application_id)
    await tell_shops(tx, [Word(event.shop_id, may_change_shop, "shops.refused", {"reason": application.reason})])


async def tell_product_refused(tx: Tx, event: ProductRefused) -> None:
    """Tell that the desk sent a product back."""
    cards = await map_product_cards(tx, [event.product_id])
    words = [
        Word(event.shop_id, may_manage_goods, "shops.product_refused", {"title": card.title}, f"/goods/{card.id}")
        for card in cards.values()
    ]
    await tell_shops(tx, words)


async def tell_invited(tx: Tx, event: StaffInvited) -> None:
    """Tell somebody that a shop wants them."""
    shops = await map_shops(tx, [event.shop_id])
    params: dict[str, Param] = {"shop": shops[event.shop_id].name}
    await notify_many(tx, [Note(event.person_id, "shops.invited", params, "/seller")])


OF_SHOPS: Final = (
    Subscriber(
        "notifications.tell_shop_orders",
        (OrderPaid, OrderShipsLate, CancellationAsked, OrderClosed, OrderReceived),
        tell_orders,
        batch=True,
    ),
    Subscriber("notifications.tell_shop_review", (ReviewShown,), tell_review),
    Subscriber("notifications.tell_shop_question", (QuestionAsked,), tell_question),
    Subscriber("notifications.tell_shop_stock", (StockRanLow, SoldOut), tell_stock, batch=True),
    Subscriber("notifications.tell_shop_payouts", (PayoutPaid, PayoutBounced), tell_payouts, batch=True),
    Subscriber("notifications.tell_bank_change", (DestinationChanged,), tell_bank_change),
    Subscriber("notifications.tell_shop_opened", (ShopOpened,), tell_opened),
    Subscriber("notifications.tell_shop_decision", tuple(_DECIDED), tell_decision),
    Subscriber("notifications.tell_shop_refused", (ApplicationRefused,), tell_refused),
    Subscriber("notifications.tell_product_refused", (ProductRefused,), tell_product_refused),
    Subscriber("notifications.tell_invited", (StaffInvited,), tell_invited),
)
