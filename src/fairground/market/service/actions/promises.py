"""The promise that a price holds: kept with each line at the sale, checked when a price changes, made good at once."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from fairground.kit.db import Row, Tx
from fairground.kit.errors import N_
from fairground.kit.events import publish
from fairground.kit.i18n.words import DEFAULT, gettext, known, speaking
from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import Product, ProductId
from fairground.market.catalog.queries import map_products
from fairground.market.orders.model import Order, OrderId
from fairground.market.orders.queries.orders import map_lines, map_orders
from fairground.market.promotions.actions.granting import Voucher, grant_voucher
from fairground.market.service.events import PriceMadeGood
from fairground.market.service.model.promises import PricePromise, PromiseRules
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import map_shops

TITLE: Final = N_("The price fell after you bought")
MOST: Final = 10_000  # promises of one product that are looked at for one change


async def keep_price_promises(tx: Tx, order_ids: Sequence[OrderId]) -> None:
    """Keep with paid orders what their shops promise of prices today; safe to run twice."""
    orders = await map_orders(tx, order_ids)
    shops = await map_shops(tx, {order.shop_id for order in orders.values()})
    lines = await map_lines(tx, list(orders))
    rows = [
        (order, line, order.paid_at + timedelta(days=shops[order.shop_id].price_days))
        for order in orders.values()
        if order.paid_at is not None and shops[order.shop_id].price_days
        for line in lines[order.id]
        if line.paid >= line.quantity
    ]
    if not rows:
        return
    await tx.execute(
        """
        insert into service.price_promises (bucket, order_id, position, shop_id, product_id, variant_id, buyer_id,
                                            quantity, currency, paid_each, lowest, until)
        select b, o, n, s, p, v, w, q, c, e, e, u
          from unnest($1::smallint[], $2::bigint[], $3::smallint[], $4::bigint[], $5::bigint[], $6::bigint[],
                      $7::bigint[], $8::int[], $9::text[], $10::bigint[], $11::timestamptz[])
               as t(b, o, n, s, p, v, w, q, c, e, u)
        on conflict (bucket, order_id, position) do nothing
        """,
        [order.shop_id.bucket for order, _, _ in rows],
        [order.id for order, _, _ in rows],
        [line.position for _, line, _ in rows],
        [order.shop_id for order, _, _ in rows],
        [line.product_id for _, line, _ in rows],
        [line.variant_id for _, line, _ in rows],
        [order.buyer_id for order, _, _ in rows],
        [line.quantity for _, line, _ in rows],
        [order.currency for order, _, _ in rows],
        [line.paid // line.quantity for _, line, _ in rows],
        [until for _, _, until in rows],
    )


async def release_price_promises(tx: Tx, orders: Sequence[tuple[OrderId, Id]]) -> None:
    """Forget the promises of orders (with their shops) that were paid back whole."""
    await tx.execute(
        """
        delete from service.price_promises p using unnest($1::smallint[], $2::bigint[]) as t(b, o)
         where p.bucket = t.b and p.order_id = t.o
        """,
        [shop_id.bucket for _, shop_id in orders],
        [order_id for order_id, _ in orders],
    )


async def check_prices(tx: Tx, product_ids: Sequence[ProductId]) -> int:
    """Make good what fell since it was bought; gives how many vouchers that made. Safe to run twice."""
    made = 0
    for product in (await map_products(tx, product_ids)).values():
        made += await _check_product(tx, product)
    return made


async def _check_product(tx: Tx, product: Product) -> int:
    if not product.on_sale:
        return 0
    prices = {Id(variant.id): variant.price for variant in product.variants}
    rows = await tx.rows(
        """
        select order_id, position, shop_id, variant_id, buyer_id, quantity, currency, paid_each, lowest, given, times
          from service.price_promises where bucket = $1 and product_id = $2 and until > $3
         order by order_id, position limit $4 for update
        """,
        product.id.bucket,
        product.id,
        tx.now,
        MOST,
    )
    fallen = []
    for promise in map(promise_from, rows):
        price = prices.get(promise.variant_id)
        if price is not None and price.currency == promise.currency and promise.owed(price.amount):
            fallen.append((promise, price.amount))
    return await _make_all_good(tx, fallen) if fallen else 0


async def _make_all_good(tx: Tx, fallen: Sequence[tuple[PricePromise, int]]) -> int:
    ids = sorted({OrderId(promise.order_id) for promise, _ in fallen})
    orders, lines = await map_orders(tx, ids), await map_lines(tx, ids)
    refunded = {(i, line.position) for i in ids for line in lines[i] if line.refunded}
    made = 0
    for promise, price in fallen:
        if (promise.order_id, promise.position) not in refunded:  # whoever gave it back has lost nothing
            await _make_good(tx, orders[OrderId(promise.order_id)], promise, price)
            made += 1
    return made


async def _make_good(tx: Tx, order: Order, promise: PricePromise, price: int) -> None:
    worth = promise.owed(price)
    await tx.execute(
        """
        update service.price_promises set lowest = $4, given = given + $5, times = times + 1
         where bucket = $1 and order_id = $2 and position = $3
        """,
        order.shop_id.bucket,
        order.id,
        promise.position,
        price,
        worth,
    )
    with speaking(known(order.language) or DEFAULT):
        title = gettext(TITLE)
    days = tx.given(PromiseRules).voucher_days
    voucher = Voucher(promise.code(order.number), title, worth, promise.currency, days)
    if await grant_voucher(tx, ShopId(promise.shop_id), PersonId(promise.buyer_id), voucher) is not None:
        await publish(
            tx,
            PriceMadeGood(
                order_id=order.id,
                shop_id=promise.shop_id,
                buyer_id=promise.buyer_id,
                worth=worth,
                currency=promise.currency,
            ),
        )


async def forget_price_promises(tx: Tx, limit: int = 5000) -> int:
    """Forget promises whose days are over."""
    return await tx.execute(
        """
        delete from service.price_promises where (bucket, order_id, position) in (
          select bucket, order_id, position from service.price_promises where until < $1 order by until limit $2)
        """,
        tx.now,
        limit,
    )


async def forget_promises_to(tx: Tx, person_id: Id) -> None:
    """Forget what was promised to somebody who left."""
    await tx.execute("delete from service.price_promises where buyer_id = $1", person_id)


def promise_from(row: Row) -> PricePromise:
    """Build a promise from its row."""
    return PricePromise(
        Id(row["order_id"]),
        row["position"],
        Id(row["shop_id"]),
        Id(row["variant_id"]),
        Id(row["buyer_id"]),
        row["quantity"],
        row["currency"],
        row["paid_each"],
        row["lowest"],
        row["given"],
        row["times"],
    )
