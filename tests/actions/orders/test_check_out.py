"""A checkout: many shops, one payment, one order for each shop, all or nothing."""

from fairground.kit.db import Database
from fairground.market.orders.model import OrderState
from fairground.market.orders.model.quote import CheckoutRequest
from fairground.market.orders.queries.quote import quote
from fairground.market.payments.queries import get_payment
from tests.support.catalog import make_product, make_shirt
from tests.support.inventory import stock_of
from tests.support.orders import (
    arrival,
    assert_all_clean,
    check_out,
    in_full,
    lines_of,
    make_buyer,
    orders_of,
    pay,
    placed,
    receive,
    settle,
    ship,
)
from tests.support.shops import make_shop


async def test_three_shops_five_lines_one_payment(db: Database) -> None:
    """Peers, complaint 1: a cart with several shops could not be completed (mercur#86)."""
    buyer, address = await make_buyer(db)
    shops = [await make_shop(db, name=name) for name in ("Clay", "Paper", "Wood")]
    pot = await make_product(db, shops[0], title="Pot", price=19_900, stock=3)
    shirt = await make_shirt(db, shops[1], price=9_900)
    box = await make_product(db, shops[2], title="Box", price=4_500, stock=None)
    wanted = lines_of(
        (pot, 2), (shirt.variants[0].id, 1), (shirt.variants[1].id, 2), (shirt.variants[3].id, 1), (box, 7)
    )
    request = CheckoutRequest(address_id=address.id, lines=wanted, notes={shops[0].slug: "  Red, please.  "})
    told = await db.read(lambda r: quote(r, buyer, "en", request))

    (outcome,) = await check_out(db, arrival(buyer, request))

    answer = placed(outcome)
    orders = await orders_of(db, answer)
    assert [order.total for order in orders] == [39_800, 39_600, 31_500]
    assert sum(order.total for order in orders) == told.total.amount == answer["payment"]["amount"]["amount"]
    assert {order.payment_id for order in orders} == {int(answer["payment"]["id"])}
    payment = await db.read(lambda r: get_payment(r, orders[0].payment_id))
    assert {part.order_id: part.amount for part in payment.parts} == {order.id: order.total for order in orders}
    assert orders[0].note == "Red, please."
    assert orders[0].address["city"] == "杭州市"
    assert [len((await in_full(db, order)).lines) for order in orders] == [1, 3, 1]
    assert await stock_of(db, pot.variants[0].id) == 1
    await assert_all_clean(db)
    for order in orders:
        await pay(db, order)
        await receive(db, await ship(db, order))
    await settle(db)
    await assert_all_clean(db)
    assert {(await in_full(db, order)).order.state for order in orders} == {OrderState.RECEIVED}
