"""Putting things into a cart, changing how many, choosing, taking out."""

from datetime import timedelta

import pytest

from fairground.kit.actor import GUEST
from fairground.kit.db import Database, Given
from fairground.kit.errors import Invalid
from fairground.market.cart.actions import add_line, remove_bought, remove_lines, select_lines, set_line
from fairground.market.cart.errors import CartFull, NotOnSale
from fairground.market.cart.model import CartRules
from fairground.market.cart.queries import count_lines, get_cart, list_selected
from fairground.market.catalog.actions.state import withdraw_product
from fairground.market.catalog.errors import VariantNotFound
from fairground.market.catalog.model import VariantId
from tests.support.cart import contents, person_cart, put_in, variant_of
from tests.support.catalog import make_product, make_shirt
from tests.support.given import test_given
from tests.support.shops import MARKET, make_shop
from tests.support.statements import StatementFailed, fail_at, statements


@pytest.fixture
def given() -> Given:
    return test_given(CartRules(lines_most=3, quantity_most=9))


async def test_a_thing_lies_in_the_cart_with_the_price_of_the_day(db: Database) -> None:
    pot, owner = await make_product(db, await make_shop(db), price=19_900), person_cart(db)
    assert await put_in(db, owner, pot, quantity=2) == 1
    (line,) = await db.read(lambda r: get_cart(r, owner))
    assert (line.variant_id, line.shop_id, line.title, line.quantity) == (variant_of(pot), pot.shop_id, "Teapot", 2)
    assert (line.added_price, line.selected, line.added_at) == (pot.variants[0].price, True, db.clock.now())


async def test_adding_adds_and_setting_sets(db: Database) -> None:
    pot, owner = await make_product(db, await make_shop(db)), person_cart(db)
    await put_in(db, owner, pot, quantity=2)
    await put_in(db, owner, pot, quantity=3)
    assert await contents(db, owner) == {variant_of(pot): 5}
    await db.write(GUEST, lambda tx: set_line(tx, owner, variant_of(pot), 1))
    assert await contents(db, owner) == {variant_of(pot): 1}


async def test_zero_takes_it_out_and_is_fine_with_what_is_not_there(db: Database) -> None:
    pot, owner = await make_product(db, await make_shop(db)), person_cart(db)
    await put_in(db, owner, pot)
    for _ in range(2):
        assert await db.write(GUEST, lambda tx: set_line(tx, owner, variant_of(pot), 0)) == 0
    assert await contents(db, owner) == {}


async def test_more_than_there_is_may_lie_in_a_cart(db: Database) -> None:
    pot, owner = await make_product(db, await make_shop(db), stock=1), person_cart(db)
    await put_in(db, owner, pot, quantity=9)
    assert await contents(db, owner) == {variant_of(pot): 9}


@pytest.mark.parametrize("quantity", [-1, 10, 10**12])
async def test_quantities_out_of_range_are_refused_with_their_field(db: Database, quantity: int) -> None:
    pot, owner = await make_product(db, await make_shop(db)), person_cart(db)
    await put_in(db, owner, pot)
    for deed in (set_line, add_line):
        with pytest.raises(Invalid) as refused:
            await db.write(GUEST, lambda tx, d=deed: d(tx, owner, variant_of(pot), quantity))  # type: ignore[misc]
        assert [error.pointer for error in refused.value.errors] == ["/quantity"]
    assert await contents(db, owner) == {variant_of(pot): 1}


async def test_too_many_together_with_those_in_the_cart_are_refused(db: Database) -> None:
    pot, owner = await make_product(db, await make_shop(db)), person_cart(db)
    await put_in(db, owner, pot, quantity=6)
    with pytest.raises(Invalid) as refused:
        await put_in(db, owner, pot, quantity=4)
    assert refused.value.errors[0].code == "cart.too_many_pieces"
    assert await contents(db, owner) == {variant_of(pot): 6}


async def test_a_full_cart_takes_nothing_new_but_more_of_the_same(db: Database) -> None:
    shirt, owner = await make_shirt(db, await make_shop(db)), person_cart(db)
    ids = [v.id for v in shirt.variants]
    await put_in(db, owner, *ids[:3])
    with pytest.raises(CartFull):
        await put_in(db, owner, ids[3])
    await put_in(db, owner, ids[0])
    assert await contents(db, owner) == {ids[0]: 2, ids[1]: 1, ids[2]: 1}
    await db.write(GUEST, lambda tx: remove_lines(tx, owner, [ids[1]]))
    assert await put_in(db, owner, ids[3]) == 3


async def test_unknown_and_withdrawn_things_do_not_get_in(db: Database) -> None:
    pot, owner = await make_product(db, await make_shop(db)), person_cart(db)
    with pytest.raises(VariantNotFound):
        await put_in(db, owner, VariantId(12345))
    await db.write(MARKET, lambda tx: withdraw_product(tx, pot.id))
    with pytest.raises(NotOnSale):
        await put_in(db, owner, pot)
    assert await contents(db, owner) == {}


async def test_a_withdrawn_thing_can_always_be_taken_out(db: Database) -> None:
    pot, owner = await make_product(db, await make_shop(db)), person_cart(db)
    await put_in(db, owner, pot)
    await db.write(MARKET, lambda tx: withdraw_product(tx, pot.id))
    assert await db.write(GUEST, lambda tx: set_line(tx, owner, variant_of(pot), 0)) == 0


async def test_lines_are_chosen_one_by_one_or_all(db: Database) -> None:
    """Complaint 4: check out only some lines of the cart."""
    shirt, owner = await make_shirt(db, await make_shop(db)), person_cart(db)
    ids = [v.id for v in shirt.variants[:3]]
    await put_in(db, owner, *ids)
    assert await db.write(GUEST, lambda tx: select_lines(tx, owner, False)) == 3
    assert await db.read(lambda r: list_selected(r, owner)) == []
    assert await db.write(GUEST, lambda tx: select_lines(tx, owner, True, [ids[1]])) == 1
    assert [line.variant_id for line in await db.read(lambda r: list_selected(r, owner))] == [ids[1]]
    assert await db.write(GUEST, lambda tx: select_lines(tx, owner, True, [])) == 0


async def test_changing_a_number_neither_chooses_nor_hides_an_old_price(db: Database) -> None:
    pot, owner = await make_product(db, await make_shop(db)), person_cart(db)
    await put_in(db, owner, pot)
    await db.write(GUEST, lambda tx: select_lines(tx, owner, False))
    db.clock.move(timedelta(days=1))
    await db.write(GUEST, lambda tx: set_line(tx, owner, variant_of(pot), 4))
    (line,) = await db.read(lambda r: get_cart(r, owner))
    assert (line.selected, line.added_at) == (False, db.clock.now() - timedelta(days=1))
    await put_in(db, owner, pot)
    (line,) = await db.read(lambda r: get_cart(r, owner))
    assert (line.quantity, line.selected, line.added_at) == (5, True, db.clock.now())


async def test_what_many_people_bought_leaves_their_carts_in_one_statement(db: Database) -> None:
    shirt = await make_shirt(db, await make_shop(db))
    ids, owners = [v.id for v in shirt.variants], [person_cart(db) for _ in range(4)]
    for owner in owners:
        await put_in(db, owner, *ids[:3])
    bought = [(owner.id, variant_id) for owner in owners[:3] for variant_id in ids[1:]]
    with statements() as seen:
        assert await db.write(MARKET, lambda tx: remove_bought(tx, bought)) == 6  # type: ignore[arg-type]
    assert len(seen) == 1
    assert [len(await contents(db, owner)) for owner in owners] == [1, 1, 1, 3]


async def test_somebody_elses_cart_is_not_touched(db: Database) -> None:
    pot, mine, other = await make_product(db, await make_shop(db)), person_cart(db), person_cart(db)
    await put_in(db, mine, pot)
    await db.write(GUEST, lambda tx: remove_lines(tx, other, [variant_of(pot)]))
    await db.write(GUEST, lambda tx: select_lines(tx, other, False))
    assert [line.selected for line in await db.read(lambda r: get_cart(r, mine))] == [True]
    assert await db.read(lambda r: count_lines(r, other)) == 0


async def test_putting_in_costs_one_statement_beside_the_look_at_the_offer(db: Database) -> None:
    """Complaint 14: adding to the cart takes seconds."""
    pot, owner = await make_product(db, await make_shop(db)), person_cart(db)
    with statements() as seen:
        await put_in(db, owner, pot)
    assert len(seen) == 2


async def test_a_failure_at_any_statement_changes_nothing(db: Database) -> None:
    pot, owner = await make_product(db, await make_shop(db)), person_cart(db)
    for n in range(2):
        with fail_at(n), pytest.raises(StatementFailed):
            await put_in(db, owner, pot)
        assert await contents(db, owner) == {}
