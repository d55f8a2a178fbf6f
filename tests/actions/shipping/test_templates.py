"""A shop says how it delivers."""

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid
from fairground.market.shipping.actions.templates import drop_template, save_template
from fairground.market.shipping.errors import TemplateChanged
from fairground.market.shipping.model import TemplateOption, Zone
from fairground.market.shipping.queries import find_template, map_templates
from fairground.market.shops.errors import RoleTooSmall, ShopNotFound
from fairground.market.shops.model import Role
from tests.support.shipping import AIR, COURIER, SELLER, make_template
from tests.support.shops import make_owner, make_shop, make_staff


async def test_a_template_is_kept_with_its_places_in_one_form(db: Database) -> None:
    shop = (await make_shop(db)).id
    made = await make_template(db, shop)
    kept = await db.read(lambda r: find_template(r, shop))
    assert kept == made
    assert kept.options[0].zones[0].places == ("CN-GD", "CN-SH")
    assert (kept.currency, kept.version) == ("CNY", 1)


async def test_a_shop_without_one_has_none(db: Database) -> None:
    shop, other = (await make_shop(db)).id, (await make_shop(db)).id
    await make_template(db, shop)
    assert await db.read(lambda r: find_template(r, other)) is None
    assert list(await db.read(lambda r: map_templates(r, [shop, other]))) == [shop]


async def test_of_two_who_change_it_the_second_looks_again(db: Database) -> None:
    shop = (await make_shop(db)).id
    await db.write(SELLER, lambda tx: save_template(tx, shop, (COURIER,), version=0))
    with pytest.raises(TemplateChanged):
        await db.write(SELLER, lambda tx: save_template(tx, shop, (AIR,), version=0))
    await db.write(SELLER, lambda tx: save_template(tx, shop, (AIR,), version=1))
    with pytest.raises(TemplateChanged):
        await db.write(SELLER, lambda tx: save_template(tx, shop, (COURIER,), version=1))
    kept = await db.read(lambda r: find_template(r, shop))
    assert kept is not None
    assert ([o.code for o in kept.options], kept.version) == (["air"], 2)


async def test_a_version_of_a_template_that_is_gone_is_refused(db: Database) -> None:
    shop = (await make_shop(db)).id
    with pytest.raises(TemplateChanged):
        await db.write(SELLER, lambda tx: save_template(tx, shop, (COURIER,), version=3))
    assert await db.read(lambda r: find_template(r, shop)) is None


async def test_a_wrong_template_changes_nothing(db: Database) -> None:
    shop = (await make_shop(db)).id
    before = await make_template(db, shop)
    wrong = TemplateOption(code="x", name_en="X", zones=(Zone(first_price=-1),))
    with pytest.raises(Invalid):
        await db.write(SELLER, lambda tx: save_template(tx, shop, (wrong,)))
    assert await db.read(lambda r: find_template(r, shop)) == before


async def test_a_clerk_and_a_stranger_change_nothing(db: Database) -> None:
    shop = await make_shop(db)
    clerk, stranger = await make_staff(db, shop, Role.CLERK), await make_owner(db)
    for who, error in ((clerk, RoleTooSmall), (stranger, ShopNotFound)):
        with pytest.raises(error):
            await db.write(person(who), lambda tx: save_template(tx, shop.id, (COURIER,)))
        with pytest.raises(error):
            await db.write(person(who), lambda tx: drop_template(tx, shop.id))
    assert await db.read(lambda r: find_template(r, shop.id)) is None


async def test_dropping_it_twice_is_once(db: Database) -> None:
    shop = (await make_shop(db)).id
    await make_template(db, shop)
    for _ in range(2):
        await db.write(SELLER, lambda tx: drop_template(tx, shop))
    assert await db.read(lambda r: find_template(r, shop)) is None
