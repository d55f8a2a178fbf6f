"""Two tabs, one cart."""

import asyncio

import pytest

from fairground.kit.actor import GUEST
from fairground.kit.db import Database, Given
from fairground.market.cart.actions import merge_carts, remove_lines
from fairground.market.cart.errors import CartFull
from fairground.market.cart.model import CartRules
from tests.support.cart import contents, guest_cart, person_cart, put_in
from tests.support.catalog import make_shirt
from tests.support.given import test_given
from tests.support.shops import make_shop


@pytest.fixture
def given() -> Given:
    return test_given(CartRules(lines_most=3))


async def test_many_tabs_never_fill_a_cart_past_its_limit(wide_db: Database) -> None:
    shirt, owner = await make_shirt(wide_db, await make_shop(wide_db)), person_cart(wide_db)
    more = await make_shirt(wide_db, await make_shop(wide_db))
    ids = [v.id for v in (*shirt.variants, *more.variants)]
    got = await asyncio.gather(*[put_in(wide_db, owner, i) for i in ids], return_exceptions=True)
    assert sum(isinstance(x, CartFull) for x in got) == 5
    assert len(await contents(wide_db, owner)) == 3


async def test_one_thing_from_many_tabs_is_one_line(wide_db: Database) -> None:
    shirt, owner = await make_shirt(wide_db, await make_shop(wide_db)), person_cart(wide_db)
    await asyncio.gather(*[put_in(wide_db, owner, shirt.variants[0].id) for _ in range(12)])
    assert await contents(wide_db, owner) == {shirt.variants[0].id: 12}


async def test_two_sign_ins_at_once_merge_once(wide_db: Database) -> None:
    shirt = await make_shirt(wide_db, await make_shop(wide_db))
    ids, guest, person = [v.id for v in shirt.variants], await guest_cart(wide_db), person_cart(wide_db)
    await put_in(wide_db, guest, ids[0], ids[1], quantity=2)
    await put_in(wide_db, person, ids[1])
    got = await asyncio.gather(
        *[wide_db.write(GUEST, lambda tx: merge_carts(tx, guest, person)) for _ in range(6)],
        put_in(wide_db, person, ids[2]),
        wide_db.write(GUEST, lambda tx: remove_lines(tx, person, [ids[3]])),
    )
    assert sorted(m.moved for m in got[:6]) == [0, 0, 0, 0, 0, 2]
    assert await contents(wide_db, person) == {ids[0]: 2, ids[1]: 2, ids[2]: 1}
