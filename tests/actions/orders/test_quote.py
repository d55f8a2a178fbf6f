"""A quote: the final price first, then how it came about; it changes nothing, and a checkout charges just that."""

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid
from fairground.market.cart.actions import set_line
from fairground.market.cart.model import CartOwner
from fairground.market.orders.actions.commission import set_commission_rate
from fairground.market.orders.errors import NothingToOrder
from fairground.market.orders.model.commission import RateKind
from fairground.market.orders.model.quote import AskedLine, CheckoutRequest, QuoteRequest
from fairground.market.orders.queries.quote import quote
from fairground.market.promotions.board import Board
from fairground.market.promotions.model import AmountOff
from fairground.market.shops.actions.face import set_commission
from tests.support.catalog import make_product
from tests.support.inventory import stock_of
from tests.support.orders import WEB, arrival, check_out, everything, in_full, lines_of, make_buyer, orders_of, placed
from tests.support.promotions import draft, make_coupon
from tests.support.shops import make_shop
from tests.support.statements import statements


async def test_a_checkout_charges_what_the_quote_said_with_its_coupon(db: Database) -> None:
    buyer, address = await make_buyer(db)
    shop = await make_shop(db)
    pot = await make_product(db, shop, price=19_900)
    cup = await make_product(db, shop, title="Cup", price=3_333)
    coupon = await make_coupon(db, draft(db, AmountOff(1_001), threshold=5_000, code="SPRING"), shop=shop.id)
    request = CheckoutRequest(address_id=address.id, lines=lines_of((pot, 1), (cup, 3)), coupons=("spring",))
    before = await everything(db)

    told = await db.read(lambda r: quote(r, buyer, "en", request))

    assert await everything(db) == before
    assert told.total.amount == 19_900 + 9_999 - 1_001
    assert [(step.kind, step.amount.amount) for step in told.steps] == [
        ("goods", 29_899),
        ("shop_coupon", -1_001),
        ("shipping", 0),
    ]
    assert told.coupons == (str(int(coupon.id)),)
    (outcome,) = await check_out(db, arrival(buyer, request))
    (order,) = await orders_of(db, placed(outcome))
    assert order.total == told.total.amount
    lines = (await in_full(db, order)).lines
    assert [line.off_shop for line in lines] == [666, 335]
    assert sum(line.paid for line in lines) == order.total
    # Three per cent of what the shop gets for the goods, frozen on the line.
    assert [line.commission for line in lines] == [577, 290]


async def test_the_selected_cart_is_quoted_and_only_that(db: Database) -> None:
    """Peers, complaint 4: check out only some lines of the cart (dokan#1211)."""
    buyer, address = await make_buyer(db)
    pot = await make_product(db, await make_shop(db), price=1_000)
    cup = await make_product(db, await make_shop(db), price=200)
    for product, quantity in ((pot, 2), (cup, 1)):
        variant_id = product.variants[0].id
        await db.write(person(buyer), lambda tx, v=variant_id, q=quantity: set_line(tx, CartOwner(buyer), v, q))
    both = await db.read(lambda r: quote(r, buyer, "en", QuoteRequest(address_id=address.id)))
    assert both.total.amount == 2_200
    one = await db.read(lambda r: quote(r, buyer, "en", QuoteRequest(address_id=address.id, lines=lines_of((cup, 1)))))
    assert one.total.amount == 200
    (outcome,) = await check_out(db, arrival(buyer, CheckoutRequest(address_id=address.id)))
    assert len(placed(outcome)["orders"]) == 2
    with pytest.raises(NothingToOrder):
        await db.read(lambda r: quote(r, buyer, "en", QuoteRequest(address_id=address.id)))


async def test_every_wrong_field_is_named(db: Database) -> None:
    buyer, _ = await make_buyer(db)
    _, foreign_address = await make_buyer(db)
    pot = await make_product(db, await make_shop(db))
    variant_id = pot.variants[0].id
    lines = (AskedLine(variant_id, 0), AskedLine(variant_id, 3), AskedLine(buyer, 1))
    request = QuoteRequest(address_id=foreign_address.id, lines=lines)
    with pytest.raises(Invalid) as refusal:
        await db.read(lambda r: quote(r, buyer, "en", request))
    assert {(e.pointer, e.code) for e in refusal.value.errors} == {
        ("/address_id", "accounts.address_not_found"),
        ("/lines/0/quantity", "range"),
        ("/lines/1/variant_id", "orders.twice"),
        ("/lines/2/variant_id", "catalog.variant_not_found"),
    }


async def test_a_delivery_that_the_shop_does_not_have_is_named(db: Database) -> None:
    buyer, address = await make_buyer(db)
    shop = await make_shop(db)
    pot = await make_product(db, shop)
    request = QuoteRequest(address_id=address.id, lines=lines_of((pot, 1)), deliveries={shop.slug: "rocket"})
    with pytest.raises(Invalid) as refusal:
        await db.read(lambda r: quote(r, buyer, "en", request))
    assert [e.pointer for e in refusal.value.errors] == [f"/deliveries/{shop.slug}"]


async def test_what_has_run_out_is_a_problem_of_the_quote(db: Database) -> None:
    buyer, address = await make_buyer(db)
    pot = await make_product(db, await make_shop(db), stock=1)
    request = QuoteRequest(address_id=address.id, lines=lines_of((pot, 2)))
    told = await db.read(lambda r: quote(r, buyer, "en", request))
    assert [(p.code, p.params) for p in told.problems] == [("orders.out_of_stock", {"left": 1})]
    assert await stock_of(db, pot.variants[0].id) == 1


async def test_a_shops_and_a_products_own_commission_is_frozen(db: Database) -> None:
    buyer, address = await make_buyer(db)
    shop = await make_shop(db)
    pot, cup = await make_product(db, shop, price=10_000), await make_product(db, shop, price=10_000)
    await db.write(WEB, lambda tx: set_commission(tx, shop.id, 100))
    await db.write(WEB, lambda tx: set_commission_rate(tx, RateKind.PRODUCT, str(int(cup.id)), 50))
    request = QuoteRequest(address_id=address.id, lines=lines_of((pot, 1), (cup, 1)))
    told = await db.read(lambda r: quote(r, buyer, "en", request))
    assert [line.commission for line in told.shops[0].lines] == [100, 50]


async def test_a_quote_of_many_shops_costs_as_many_statements_as_one_of_one(db: Database) -> None:
    buyer, address = await make_buyer(db)
    pots = [await make_product(db, await make_shop(db)) for _ in range(3)]
    await db.given(Board).refresh(db)  # as in a web process
    counts = []
    for some in (pots[:1], pots):
        with statements() as seen:
            request = QuoteRequest(address_id=address.id, lines=lines_of(*[(pot, 1) for pot in some]))
            await db.read(lambda r, request=request: quote(r, buyer, "en", request))
        counts.append(len(seen))
    assert counts[0] == counts[1] <= 6
