"""Write checkouts, orders and lines from arrays: one statement each, for any number of checkouts."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from fairground.kit.db import Tx
from fairground.kit.deadlines import Deadline, set_deadlines
from fairground.kit.errors import N_
from fairground.kit.events import publish
from fairground.market.orders.events import OrderPlaced
from fairground.market.orders.intake.prepared import PreparedCheckout
from fairground.market.orders.model import (
    REMIND,
    CheckoutId,
    OrderId,
    OrderLine,
    OrderRules,
    show_number,
    version_of,
)
from fairground.market.orders.model.quote import QuotedShop
from fairground.market.payments.model import PaymentId


class NewOrder(msgspec.Struct, frozen=True):
    """One order to be written."""

    id: OrderId
    number: int
    shop: QuotedShop
    note: str


class NewCheckout(msgspec.Struct, frozen=True):
    """One checkout to be written, with its ids."""

    id: CheckoutId
    payment_id: PaymentId
    prepared: PreparedCheckout
    orders: tuple[NewOrder, ...]

    @property
    def amount(self) -> int:
        """What is to be paid."""
        return self.prepared.quote.total.amount

    @property
    def currency(self) -> str:
        """Of everything in it."""
        return self.prepared.quote.total.currency

    def pay_by(self, now: datetime) -> datetime:
        """Until when it may be paid."""
        minutes = self.prepared.pay_minutes
        return now + (timedelta(hours=self.prepared.pay_hours) if minutes is None else timedelta(minutes=minutes))


def as_json(value: Any) -> str:
    """Write a list as JSON text: an array of lists would be taken for an array of two dimensions."""
    return msgspec.json.encode(value).decode()


async def write_checkouts(tx: Tx, checkouts: Sequence[NewCheckout]) -> None:
    """Write checkouts with their orders, lines, deadlines and events."""
    rules = tx.given(OrderRules)
    await _insert_checkouts(tx, checkouts, rules)
    await _insert_orders(tx, checkouts, rules)
    await _insert_lines(tx, [(order.id, line) for c in checkouts for order in c.orders for line in order.shop.lines])
    await set_deadlines(tx, [d for checkout in checkouts for d in _deadlines(checkout, tx.now, rules)])
    await publish(tx, *[event for checkout in checkouts for event in _events(checkout)])


async def _insert_checkouts(tx: Tx, checkouts: Sequence[NewCheckout], rules: OrderRules) -> None:
    await tx.execute(
        """
        with known as (
          insert into orders.rules (version, body, since) values ($11, $12, $10) on conflict do nothing)
        insert into orders.checkouts (bucket, id, buyer_id, payment_id, order_ids, amount, currency, coupons,
               placed_at, pay_by)
        select b, i, p, y, o::jsonb, a, c, k::jsonb, $10, u
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::text[], $6::bigint[], $7::text[],
                      $8::text[], $9::timestamptz[]) as t(b, i, p, y, o, a, c, k, u)
        """,
        [c.id.bucket for c in checkouts],
        [c.id for c in checkouts],
        [c.prepared.buyer_id for c in checkouts],
        [c.payment_id for c in checkouts],
        [as_json([int(order.id) for order in c.orders]) for c in checkouts],
        [c.amount for c in checkouts],
        [c.currency for c in checkouts],
        [as_json(c.prepared.quote.coupons) for c in checkouts],
        [c.pay_by(tx.now) for c in checkouts],
        tx.now,
        version_of(rules),
        rules,
    )


async def _insert_orders(tx: Tx, checkouts: Sequence[NewCheckout], rules: OrderRules) -> None:
    pairs = [(checkout, order) for checkout in checkouts for order in checkout.orders]
    shops = [order.shop for _, order in pairs]
    await tx.execute(
        """
        insert into orders.orders (bucket, id, checkout_id, payment_id, number, buyer_id, shop_id, state, currency,
               goods, off_shop, off_market, shipping, total, tax, commission, delivery, address, note, language,
               rules_version, placed_at, pay_by, changed_at)
        select b, i, c, p, n, u, s, 'placed', cu, g, os, om, sh, g - os - om + sh, ta, co, de, ad, no, la,
               $20, $21, pb, $21
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::bigint[],
                      $7::bigint[], $8::text[], $9::bigint[], $10::bigint[], $11::bigint[], $12::bigint[],
                      $13::bigint[], $14::bigint[], $15::jsonb[],
                      $16::jsonb[], $17::text[], $18::text[], $19::timestamptz[])
               as t(b, i, c, p, n, u, s, cu, g, os, om, sh, ta, co, de, ad, no, la, pb)
        """,
        [order.id.bucket for _, order in pairs],
        [order.id for _, order in pairs],
        [checkout.id for checkout, _ in pairs],
        [checkout.payment_id for checkout, _ in pairs],
        [order.number for _, order in pairs],
        [checkout.prepared.buyer_id for checkout, _ in pairs],
        [shop.shop_id for shop in shops],
        [checkout.currency for checkout, _ in pairs],
        [shop.goods for shop in shops],
        [shop.off_shop for shop in shops],
        [shop.off_market for shop in shops],
        [shop.shipping for shop in shops],
        [shop.tax for shop in shops],
        [shop.commission for shop in shops],
        [shop.delivery for shop in shops],
        [checkout.prepared.quote.address for checkout, _ in pairs],
        [order.note for _, order in pairs],
        [checkout.prepared.arrival.language for checkout, _ in pairs],
        [checkout.pay_by(tx.now) for checkout, _ in pairs],
        version_of(rules),
        tx.now,
    )


async def _insert_lines(tx: Tx, lines: Sequence[tuple[OrderId, OrderLine]]) -> None:
    await tx.execute(
        """
        insert into orders.lines (bucket, order_id, position, variant_id, product_id, product_version, title, options,
               picture_id, sku, language, weight_grams, unit_price, quantity, shares, off_shop, off_market, paid, tax,
               commission_bp, commission, no_return)
        select b, i, n, v, p, pv, ti, op, pi, sk, la, we, up, q, sh::jsonb, os, om, pa, ta, cb, co, nr
          from unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[], $6::int[], $7::text[],
                      $8::jsonb[], $9::bigint[], $10::text[], $11::text[], $12::int[], $13::bigint[], $14::int[],
                      $15::text[], $16::bigint[], $17::bigint[], $18::bigint[], $19::bigint[], $20::int[],
                      $21::bigint[], $22::text[])
               as t(b, i, n, v, p, pv, ti, op, pi, sk, la, we, up, q, sh, os, om, pa, ta, cb, co, nr)
        """,
        [order_id.bucket for order_id, _ in lines],
        [order_id for order_id, _ in lines],
        [line.position for _, line in lines],
        [line.variant_id for _, line in lines],
        [line.product_id for _, line in lines],
        [line.product_version for _, line in lines],
        [line.title for _, line in lines],
        [line.options for _, line in lines],
        [line.picture_id for _, line in lines],
        [line.sku for _, line in lines],
        [line.language for _, line in lines],
        [line.weight_grams for _, line in lines],
        [line.unit_price for _, line in lines],
        [line.quantity for _, line in lines],
        [as_json(line.shares) for _, line in lines],
        [line.off_shop for _, line in lines],
        [line.off_market for _, line in lines],
        [line.paid for _, line in lines],
        [line.tax for _, line in lines],
        [line.commission_bp for _, line in lines],
        [line.commission for _, line in lines],
        [line.no_return for _, line in lines],
    )


def _deadlines(checkout: NewCheckout, now: datetime, rules: OrderRules) -> list[Deadline]:
    """A reminder for each checkout; its close is the payment's own."""
    remind_at = checkout.pay_by(now) - timedelta(hours=rules.unpaid_reminder_hours)
    return [Deadline(REMIND, checkout.id, remind_at, N_("Not paid yet."))] if remind_at > now else []


def _events(checkout: NewCheckout) -> list[OrderPlaced]:
    return [
        OrderPlaced(
            order_id=order.id,
            buyer_id=checkout.prepared.buyer_id,
            shop_id=order.shop.shop_id,
            checkout_id=checkout.id,
            total=order.shop.total,
            currency=checkout.currency,
            version=1,
        )
        for order in checkout.orders
    ]


def answer_of(checkout: NewCheckout, pay_url: str) -> dict[str, Any]:
    """Give the answer of the API, which is also kept with the idempotency key. Without anything to pay it is paid."""
    state, paid = ("placed", "pending") if checkout.amount else ("paid", "paid")
    return {
        "id": str(checkout.id),
        "orders": [
            {
                "id": str(order.id),
                "number": show_number(order.number),
                "shop": order.shop.slug,
                "state": state,
                "total": {"amount": order.shop.total, "currency": checkout.currency},
            }
            for order in checkout.orders
        ],
        "payment": {
            "id": str(checkout.payment_id),
            "state": paid,
            "gateway": checkout.prepared.gateway,
            "amount": {"amount": checkout.amount, "currency": checkout.currency},
            "pay_url": pay_url,
        },
    }
