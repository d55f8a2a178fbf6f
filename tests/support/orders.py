"""Makers of orders, by the same intake, payments and deeds as in the market."""

import secrets
from collections.abc import Sequence
from typing import Any

from fairground.kit.actor import Actor, person, system
from fairground.kit.db import Database
from fairground.kit.errors import Trouble
from fairground.kit.events import deliver
from fairground.kit.idempotency import fingerprint
from fairground.kit.ids import Id
from fairground.market.accounts.actions.addresses import AddressWish, add_address
from fairground.market.accounts.model import Address, PersonId
from fairground.market.catalog.model import Product
from fairground.market.inventory.queries import audit_stock
from fairground.market.ledger.queries import audit_ledger
from fairground.market.orders.actions.close import close_expired
from fairground.market.orders.actions.pay import confirm_payments
from fairground.market.orders.actions.receipt import confirm_receipt
from fairground.market.orders.actions.ship import Shipment, ship_order
from fairground.market.orders.intake.commit import commit
from fairground.market.orders.intake.prepare import prepare
from fairground.market.orders.intake.prepared import Arrival, Outcome, Placed, PreparedCheckout
from fairground.market.orders.jobs import deadline_handlers
from fairground.market.orders.model import Order, OrderId, OrderInFull
from fairground.market.orders.model.quote import AskedLine, CheckoutRequest
from fairground.market.orders.queries.audit import audit_orders
from fairground.market.orders.queries.orders import get_order_in_full, map_orders
from fairground.market.orders.subscribers import subscribers
from fairground.market.payments.actions.open import expire_payments
from fairground.market.payments.model import GatewayNotice, PaymentId
from fairground.market.payments.model import Outcome as PaymentOutcome
from fairground.market.payments.queries import audit_payments, get_payment
from fairground.market.promotions.queries.coupons import audit_coupons
from fairground.market.promotions.queries.drops import audit_drops
from fairground.market.shops.queries import list_staff
from tests.support.payments import paid_notice
from tests.support.shops import make_owner
from tests.support.world import pump

WEB = system("web")
GATEWAY = system("gateway")


async def make_buyer(db: Database, name: str = "Ming") -> tuple[PersonId, Address]:
    """Register somebody with an address in Hangzhou."""
    buyer = await make_owner(db, name)
    wish = AddressWish("Lin Ming", "+86 138 0013 8000", "CN", "浙江省", "杭州市", "西湖区", ["文三路 1 号"], "310000")
    return buyer, await db.write(person(buyer), lambda tx: add_address(tx, buyer, wish))


def lines_of(*wanted: tuple[Product | Id, int]) -> tuple[AskedLine, ...]:
    """Write down what is wanted; of a product its first variant."""
    return tuple(
        AskedLine(what.variants[0].id if isinstance(what, Product) else what, quantity) for what, quantity in wanted
    )


def arrival(buyer: PersonId, request: CheckoutRequest, key: str | None = None) -> Arrival:
    """Let somebody arrive at the intake, with a key of their own or a new one."""
    return Arrival(buyer, "en", request, key or secrets.token_hex(8), fingerprint("checkouts", request))


async def check_out(db: Database, *arrivals: Arrival) -> list[Outcome]:
    """Prepare and commit in one batch; outcomes stand in the order of the arrivals."""
    prepared = await db.read(lambda r: prepare(r, arrivals))
    ready = [p for p in prepared if isinstance(p, PreparedCheckout)]
    placed = iter(await db.write(WEB, lambda tx: commit(tx, ready)) if ready else [])
    return [next(placed) if isinstance(p, PreparedCheckout) else p for p in prepared]


def placed(outcome: Outcome) -> dict[str, Any]:
    """Give the answer of a checkout that was placed."""
    assert isinstance(outcome, Placed), outcome
    return outcome.answer


def refusal(outcome: Outcome) -> Trouble:
    """Give the trouble of a checkout that was refused."""
    assert isinstance(outcome, Trouble), outcome
    return outcome


async def place_orders(
    db: Database, buyer: tuple[PersonId, Address], *wanted: tuple[Product | Id, int], **request: Any
) -> list[Order]:
    """Check out, and give the orders, one for each shop."""
    who, address = buyer
    wish = CheckoutRequest(address_id=address.id, lines=lines_of(*wanted), **request)
    (outcome,) = await check_out(db, arrival(who, wish))
    return await orders_of(db, placed(outcome))


async def place_order(
    db: Database, buyer: tuple[PersonId, Address], *wanted: tuple[Product | Id, int], **request: Any
) -> Order:
    """Check out in one shop, and give the order."""
    (order,) = await place_orders(db, buyer, *wanted, **request)
    return order


async def orders_of(db: Database, answer: dict[str, Any]) -> list[Order]:
    """Read the orders of an answer."""
    ids = [OrderId(int(order["id"])) for order in answer["orders"]]
    found = await db.read(lambda r: map_orders(r, ids))
    return [found[i] for i in ids]


async def notice_for(db: Database, order: Order, **changes: object) -> GatewayNotice:
    """The notice that the payment of an order was made."""
    payment = await db.read(lambda r: get_payment(r, order.payment_id))
    return paid_notice(db, payment, **changes)


async def hear(db: Database, *notices: GatewayNotice) -> list[PaymentOutcome]:
    """Let the market hear a gateway."""
    return await db.write(GATEWAY, lambda tx: confirm_payments(tx, notices))


async def pay(db: Database, order: Order) -> Order:
    """Pay the checkout of an order."""
    await hear(db, await notice_for(db, order))
    return await order_now(db, order)


async def expire(db: Database, *payment_ids: PaymentId) -> None:
    """Let payments expire as the timer does, after the gateway knew nothing."""

    async def deed(tx: Any) -> None:
        await close_expired(tx, await expire_payments(tx, payment_ids))

    await db.write(GATEWAY, deed)


async def seller_of(db: Database, order: Order) -> Actor:
    """Give the owner of an order's shop as an actor."""
    staff = await db.read(lambda r: list_staff(r, order.shop_id))
    return person(staff[0].person_id)


def buyer_of(order: Order) -> Actor:
    """Give the buyer as an actor."""
    return person(order.buyer_id)


async def ship(db: Database, order: Order, lines: Sequence[Any] | None = None) -> Order:
    """Send a parcel with all of an order, or with some lines."""
    number = f"SB{secrets.randbelow(10**10):010d}"
    parcel = Shipment("sandbox", number, None if lines is None else tuple(lines))
    return await db.write(await seller_of(db, order), lambda tx: ship_order(tx, order.id, parcel))


async def receive(db: Database, order: Order) -> Order:
    """Confirm receipt as the buyer."""
    return await db.write(buyer_of(order), lambda tx: confirm_receipt(tx, order.id))


async def order_now(db: Database, order: Order | OrderId) -> Order:
    """Read an order again."""
    return (await in_full(db, order)).order


async def in_full(db: Database, order: Order | OrderId) -> OrderInFull:
    """Read an order with its lines and its history."""
    order_id = order.id if isinstance(order, Order) else order
    return await db.read(lambda r: get_order_in_full(r, order_id))


async def settle(db: Database) -> None:
    """Let the news of orders travel and due deadlines be carried out."""
    await pump(db, subscribers(), deadline_handlers())


async def hear_news(db: Database) -> None:
    """Let the news of orders travel, while no deadline is looked after."""
    while (heard := await deliver(db, subscribers(), (0, 1023))).delivered:
        assert not heard.failed


async def as_seller(db: Database, order: Order, deed: Any) -> Any:
    """Do a deed as the owner of an order's shop."""
    return await db.write(await seller_of(db, order), deed)


async def everything(db: Database) -> dict[str, list[tuple[Any, ...]]]:
    """Read all rows that a deed on orders may touch, to show that nothing changed."""

    async def look(reader: Any) -> dict[str, list[tuple[Any, ...]]]:
        return {
            "orders": await reader.rows("select * from orders.orders order by 1, 2"),
            "lines": await reader.rows("select * from orders.lines order by 1, 2, 3"),
            "checkouts": await reader.rows("select * from orders.checkouts order by 1, 2"),
            "moves": await reader.rows("select * from orders.moves order by 1, 2, 3"),
            "stock": await reader.rows("select * from inventory.stock order by 1, 2"),
            "taken": await reader.rows("select * from inventory.reservations order by 1, 2, 3"),
            "stock moves": await reader.rows("select * from inventory.moves order by 1, 2, 3"),
            "payments": await reader.rows("select * from payments.payments order by 1, 2"),
            "parts": await reader.rows("select * from payments.parts order by 1, 2, 3"),
            "refunds": await reader.rows("select * from payments.refunds order by 1, 2"),
            "coupons": await reader.rows("select * from promotions.coupons order by 1, 2"),
            "uses": await reader.rows("select * from promotions.uses order by 1, 2, 3"),
            "drop goods": await reader.rows("select * from promotions.drop_goods order by 1, 2, 3"),
            "drop buyers": await reader.rows("select * from promotions.drop_buyers order by 1, 2, 3, 4"),
            "drop uses": await reader.rows("select * from promotions.drop_uses order by 1, 2, 3, 4"),
            "books": await reader.rows("select * from ledger.accounts order by 1, 2, 3, 4"),
            "transfers": await reader.rows("select * from ledger.transfers order by 1, 2"),
            "keys": await reader.rows("select bucket, owner, key from kit.idempotency order by 1, 2, 3"),
            "deadlines": await reader.rows("select bucket, subject, kind, due_at from kit.deadlines order by 1, 2, 3"),
            "news": await reader.rows("select bucket, id, name from kit.outbox order by 1, 2"),
        }

    return {name: [tuple(row) for row in rows] for name, rows in (await db.read(look)).items()}


async def assert_all_clean(db: Database) -> None:
    """Prove everything that orders touch."""
    assert await db.read(audit_orders) == []
    assert await db.read(audit_stock) == []
    assert await db.read(audit_ledger) == []
    assert await db.read(audit_payments) == []
    assert await db.read(audit_coupons) == []
    assert await db.read(audit_drops) == []
