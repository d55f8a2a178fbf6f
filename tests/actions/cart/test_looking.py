"""The cart as it stands today: every trouble is named, none of them blocks the rest."""

import pytest

from fairground.kit.actor import GUEST
from fairground.kit.db import Database
from fairground.kit.money import Money
from fairground.market.cart.actions import select_lines, set_line
from fairground.market.cart.model import PROBLEM_WORDS, LineProblem
from fairground.market.catalog.actions.change import change_product
from fairground.market.catalog.actions.state import list_product, withdraw_product
from fairground.market.catalog.actions.stock import count_stock
from fairground.market.catalog.model import ProductChange, VariantChange
from fairground.market.shops.actions.state import close_shop, come_back, go_on_holiday, reopen_shop, suspend_shop
from tests.support.cart import cart_now, person_cart, put_in, variant_of
from tests.support.catalog import make_product, make_shirt, yuan
from tests.support.shops import MARKET, make_shop
from tests.support.statements import statements
from tests.support.world import pump


async def test_an_empty_cart_is_empty_and_costs_one_look(db: Database) -> None:
    with statements() as seen:
        view = await cart_now(db, person_cart(db))
    assert (view.shops, view.total, view.line_count) == ((), Money(0, "CNY"), 0)
    assert len(seen) == 1


async def test_things_of_several_shops_stand_by_shop_and_are_summed(db: Database) -> None:
    """Complaint 1: a cart with several shops."""
    lanterns, pots = await make_shop(db, name="Lanterns"), await make_shop(db, name="Pots")
    red, blue = await make_product(db, lanterns, price=5_000), await make_product(db, lanterns, price=3_000)
    pot, owner = await make_product(db, pots, price=10_000), person_cart(db)
    await put_in(db, owner, red, pot, quantity=2)
    await put_in(db, owner, blue)
    view = await cart_now(db, owner)
    by_name = {seen.shop.name: (len(seen.lines), seen.total.amount) for seen in view.shops if seen.shop}
    assert by_name == {"Lanterns": (2, 13_000), "Pots": (1, 20_000)}
    assert (view.total.amount, view.line_count, view.counted_lines, view.counted_pieces) == (33_000, 3, 3, 5)
    assert all(line.offer is not None and line.problem is None for line in view.lines)


async def test_a_view_costs_four_statements_whatever_lies_in_it(db: Database) -> None:
    owner = person_cart(db)
    for _ in range(4):
        shirt = await make_shirt(db, await make_shop(db))
        await put_in(db, owner, *[v.id for v in shirt.variants])
    with statements() as seen:
        view = await cart_now(db, owner)
    assert view.line_count == 16
    assert len(seen) <= 4


async def test_only_chosen_lines_count(db: Database) -> None:
    shirt, owner = await make_shirt(db, await make_shop(db), price=1_000), person_cart(db)
    ids = [v.id for v in shirt.variants]
    await put_in(db, owner, *ids)
    await db.write(GUEST, lambda tx: select_lines(tx, owner, False, ids[:3]))
    view = await cart_now(db, owner)
    assert (view.total.amount, view.line_count, view.counted_lines) == (1_000, 4, 1)
    assert [seen.line.variant_id for seen in view.selected] == [ids[3]]


async def test_sold_out_and_fewer_left_are_named_and_do_not_count(db: Database) -> None:
    shop = await make_shop(db)
    gone, few, fine = [await make_product(db, shop, stock=n) for n in (5, 5, None)]
    owner = person_cart(db)
    await put_in(db, owner, gone, few, fine, quantity=3)
    await db.write(MARKET, lambda tx: count_stock(tx, variant_of(gone), 0))
    await db.write(MARKET, lambda tx: count_stock(tx, variant_of(few), 2))
    view = await cart_now(db, owner)
    found = {seen.line.variant_id: (seen.problem, seen.left) for seen in view.lines}
    assert found == {
        variant_of(gone): (LineProblem.SOLD_OUT, 0),
        variant_of(few): (LineProblem.FEWER_LEFT, 2),
        variant_of(fine): (None, None),
    }
    assert view.total == fine.variants[0].price * 3
    await db.write(GUEST, lambda tx: set_line(tx, owner, variant_of(few), 2))
    assert (await cart_now(db, owner)).counted_lines == 2


async def test_a_suspended_seller_never_leaves_a_cart_stuck(db: Database) -> None:
    """Complaint 3: a suspended, then reactivated seller leaves carts stuck."""
    bad, good = await make_shop(db), await make_shop(db)
    theirs, ours = await make_product(db, bad), await make_product(db, good)
    owner = person_cart(db)
    await put_in(db, owner, theirs, ours)
    before = await cart_now(db, owner)

    await db.write(MARKET, lambda tx: suspend_shop(tx, bad.id, "counterfeits"))
    for _ in range(2):  # at once, and after everybody has heard
        view = await cart_now(db, owner)
        assert {seen.line.variant_id: seen.problem for seen in view.lines} == {
            variant_of(theirs): LineProblem.SHOP_SUSPENDED,
            variant_of(ours): None,
        }
        assert [seen.line.variant_id for seen in view.selected] == [variant_of(ours)]
        assert next(seen for seen in view.lines if seen.problem).line.title == "Teapot"
        await pump(db)

    await db.write(MARKET, lambda tx: reopen_shop(tx, bad.id, "cleared"))
    await pump(db)
    after = await cart_now(db, owner)  # it came back by itself
    assert [seen.line for seen in after.selected] == [seen.line for seen in before.selected]
    assert after.total == before.total

    await db.write(MARKET, lambda tx: suspend_shop(tx, bad.id, "again"))
    await db.write(GUEST, lambda tx: set_line(tx, owner, variant_of(theirs), 0))
    assert [seen.line.variant_id for seen in (await cart_now(db, owner)).lines] == [variant_of(ours)]


async def test_a_shop_on_holiday_keeps_its_lines_waiting(db: Database) -> None:
    shop = await make_shop(db)
    owner = person_cart(db)
    await put_in(db, owner, await make_product(db, shop))
    await db.write(MARKET, lambda tx: go_on_holiday(tx, shop.id))
    assert [seen.problem for seen in (await cart_now(db, owner)).lines] == [LineProblem.SHOP_ON_HOLIDAY]
    await db.write(MARKET, lambda tx: come_back(tx, shop.id))
    await pump(db)
    assert [seen.problem for seen in (await cart_now(db, owner)).lines] == [None]


async def test_a_closed_shop_is_named(db: Database) -> None:
    shop = await make_shop(db)
    owner = person_cart(db)
    await put_in(db, owner, await make_product(db, shop))
    await db.write(MARKET, lambda tx: close_shop(tx, shop.id))
    assert [seen.problem for seen in (await cart_now(db, owner)).lines] == [LineProblem.SHOP_CLOSED]


async def test_a_withdrawn_product_is_named_and_comes_back(db: Database) -> None:
    pot, owner = await make_product(db, await make_shop(db)), person_cart(db)
    await put_in(db, owner, pot)
    await db.write(MARKET, lambda tx: withdraw_product(tx, pot.id))
    assert [seen.problem for seen in (await cart_now(db, owner)).lines] == [LineProblem.OFF_SALE]
    await db.write(MARKET, lambda tx: list_product(tx, pot.id))
    assert [seen.problem for seen in (await cart_now(db, owner)).lines] == [None]


async def test_a_removed_variant_is_named_with_its_old_title_and_price(db: Database) -> None:
    shirt, owner = await make_shirt(db, await make_shop(db), price=9_900), person_cart(db)
    await put_in(db, owner, shirt.variants[0].id)
    kept = [VariantChange(id=v.id) for v in shirt.variants[1:]]
    await db.write(MARKET, lambda tx: change_product(tx, shirt.id, ProductChange(variants=kept)))
    (seen,) = (await cart_now(db, owner)).lines
    assert (seen.problem, seen.offer, seen.line.title) == (LineProblem.REMOVED, None, "Shirt")
    assert seen.total == yuan(99)


async def test_a_changed_price_is_told_and_the_new_one_counts(db: Database) -> None:
    pot, owner = await make_product(db, await make_shop(db), price=10_000), person_cart(db)
    await put_in(db, owner, pot, quantity=2)
    assert (await cart_now(db, owner)).lines[0].price_change is None
    dearer = ProductChange(variants=[VariantChange(id=variant_of(pot), price=yuan(120))])
    await db.write(MARKET, lambda tx: change_product(tx, pot.id, dearer))
    view = await cart_now(db, owner)
    assert (view.lines[0].price_change, view.total) == (yuan(20), yuan(240))


@pytest.mark.parametrize("problem", list(LineProblem))
def test_every_problem_has_its_words(problem: LineProblem) -> None:
    assert PROBLEM_WORDS[problem] % {"left": 3}
