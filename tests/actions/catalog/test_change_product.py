"""Changing products, putting them on sale and taking them off."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database, Given
from fairground.kit.errors import Invalid
from fairground.kit.money import Money
from fairground.market.catalog.actions import (
    approve_product,
    change_product,
    count_stock,
    count_stocks,
    list_product,
    note_ratings,
    note_sales,
    refuse_product,
    set_price,
    withdraw_product,
)
from fairground.market.catalog.actions.change import change_products
from fairground.market.catalog.actions.state import take_down_product
from fairground.market.catalog.errors import (
    ProductChangedMeanwhile,
    ProductInWrongState,
    ProductNotFound,
    VariantNotFound,
)
from fairground.market.catalog.model import (
    CatalogRules,
    Option,
    Product,
    ProductChange,
    ProductState,
    VariantChange,
)
from fairground.market.catalog.queries import (
    list_in_review,
    list_newest_products,
    list_product_versions,
    list_products_of_category,
    list_products_of_shop,
    map_offers,
    map_product_cards,
)
from fairground.market.catalog.queries.lists import (
    count_products_of_shop,
    list_all_products,
    list_on_sale_of_shop,
)
from fairground.market.catalog.subscribers import subscribers
from fairground.market.inventory.queries import audit_stock, map_stock
from fairground.market.shops.actions.state import come_back, go_on_holiday
from fairground.market.shops.errors import RoleTooSmall, ShopNotFound, StaffOnly
from fairground.market.shops.model import Role
from tests.support.catalog import make_categories, make_product, make_shirt, product_now, yuan
from tests.support.given import test_given
from tests.support.shops import MARKET, desk_clerk, make_owner, make_shop, make_staff, news
from tests.support.statements import statements
from tests.support.world import pump


async def _change(db: Database, product: Any, **change: Any) -> Any:
    return await db.write(MARKET, lambda tx: change_product(tx, product.id, ProductChange(**change)))


async def test_what_is_left_out_stays_and_the_values_before_are_kept(db: Database) -> None:
    owner = await make_owner(db)
    shop = await make_shop(db, owner)
    product = await make_shirt(db, shop, description="Warm.")
    change = ProductChange(title="Silk shirt")
    changed = await db.write(person(owner), lambda tx: change_product(tx, product.id, change))
    assert (changed.title, changed.description, changed.variants, changed.version) == (
        "Silk shirt",
        "Warm.",
        product.variants,
        2,
    )
    (version,) = (await db.read(lambda r: list_product_versions(r, product.id))).items
    assert (version.version, version.changed, version.before, version.actor_id) == (
        2,
        ["title"],
        {"title": "Shirt"},
        owner,
    )
    assert [n for n in await news(db) if n.startswith("catalog")] == [
        "catalog.ProductListed",
        "catalog.ProductChanged",
    ]


async def test_no_change_is_no_new_version(db: Database) -> None:
    product = await make_shirt(db, await make_shop(db))
    same = await _change(db, product, title="Shirt", variants=[VariantChange(id=v.id) for v in product.variants])
    assert same == product
    assert (await db.read(lambda r: list_product_versions(r, product.id))).items == []


async def test_variants_are_changed_added_and_removed_by_one_new_list(db: Database) -> None:
    shop = await make_shop(db)
    product = await make_shirt(db, shop)
    red_s, red_m, *_ = product.variants
    changed = await _change(
        db,
        product,
        options=[Option("Colour", ["red"]), Option("Size", ["S", "M", "L"])],
        variants=[
            VariantChange(id=red_m.id, price=yuan(120)),
            VariantChange(options={"Colour": "red", "Size": "S"}, stock=9),
            VariantChange(options={"Colour": "red", "Size": "L"}, price=yuan(130), stock=2),
        ],
    )
    assert [(v.options["Size"], v.price) for v in changed.variants] == [
        ("M", yuan(120)),
        ("S", yuan(99)),
        ("L", yuan(130)),
    ]
    assert [v.id for v in changed.variants[:2]] == [red_m.id, red_s.id]
    stock = await db.read(lambda r: map_stock(r, [v.id for v in changed.variants]))
    assert [stock[v.id] for v in changed.variants] == [5, 9, 2]
    gone = [v.id for v in product.variants[2:]]
    assert await db.read(lambda r: map_offers(r, gone)) == {}
    card = (await db.read(lambda r: map_product_cards(r, [product.id])))[product.id]
    assert (card.price_low, card.price_high) == (yuan(99), yuan(130))
    assert await db.read(audit_stock) == []


async def test_two_variants_may_exchange_their_options(db: Database) -> None:
    product = await make_shirt(db, await make_shop(db), colours=("red",))
    small, medium = product.variants
    changed = await _change(
        db,
        product,
        variants=[
            VariantChange(id=small.id, options=medium.options),
            VariantChange(id=medium.id, options=small.options),
        ],
    )
    assert [(v.id, v.options) for v in changed.variants] == [(small.id, medium.options), (medium.id, small.options)]


async def test_an_option_may_be_renamed_with_its_variants(db: Database) -> None:
    product = await make_shirt(db, await make_shop(db), colours=("red",), sizes=("S",))
    (variant,) = product.variants
    changed = await _change(
        db,
        product,
        options=[Option("Size", ["Small"])],
        variants=[VariantChange(id=variant.id, options={"Size": "Small"})],
    )
    assert [(v.id, v.options) for v in changed.variants] == [(variant.id, {"Size": "Small"})]


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"title": ""}, {"/title"}),
        ({"variants": []}, {"/variants"}),
        ({"options": [Option("Colour", ["red"])]}, None),
        ({"variants": [VariantChange(options={"Colour": "red", "Size": "XL"})]}, None),
        ({"handle": "taken"}, {"/handle"}),
        ({"category": "none-such"}, {"/category"}),
    ],
)
async def test_a_bad_change_changes_nothing(db: Database, change: dict[str, Any], pointers: set[str] | None) -> None:
    shop = await make_shop(db)
    await make_product(db, shop, handle="taken")
    product = await make_shirt(db, shop)
    with pytest.raises(Invalid) as refusal:
        await _change(db, product, **change)
    found = {e.pointer for e in refusal.value.errors}
    assert found == pointers if pointers else all(p.startswith("/variants/") for p in found)
    assert await product_now(db, product.id) == product


async def test_a_variant_of_another_product_cannot_be_taken(db: Database) -> None:
    shop = await make_shop(db)
    product, other = await make_product(db, shop), await make_product(db, shop)
    with pytest.raises(Invalid) as refusal:
        await _change(db, product, variants=[VariantChange(id=other.variants[0].id, price=yuan(1))])
    assert {e.pointer for e in refusal.value.errors} == {"/variants/0/id"}
    assert await product_now(db, other.id) == other


async def test_whoever_read_an_older_version_is_told(db: Database) -> None:
    product = await make_product(db, await make_shop(db))
    await _change(db, product, title="Cup")
    late = ProductChange(title="Pot")
    with pytest.raises(ProductChangedMeanwhile):
        await db.write(MARKET, lambda tx: change_product(tx, product.id, late, expected_version=1))
    assert (await product_now(db, product.id)).title == "Cup"


async def test_of_two_changes_at_once_one_is_told_to_look_again(db: Database) -> None:
    product = await make_product(db, await make_shop(db))
    done = await asyncio.gather(*(_change(db, product, title=f"Pot {i}") for i in range(5)), return_exceptions=True)
    refused = [d for d in done if isinstance(d, ProductChangedMeanwhile)]
    after = await product_now(db, product.id)
    assert after.version == 1 + len(done) - len(refused)
    assert len((await db.read(lambda r: list_product_versions(r, product.id))).items) == after.version - 1


async def test_a_former_category_takes_its_attributes_along(db: Database) -> None:
    await make_categories(db)
    product = await make_product(db, await make_shop(db), category="tea", attributes={"tea": "green"})
    changed = await _change(db, product, category="coffee")
    assert (changed.category, changed.attributes) == ("coffee", {})


async def test_a_price_is_set_and_written_down(db: Database) -> None:
    owner = await make_owner(db)
    product = await make_shirt(db, await make_shop(db, owner))
    variant = product.variants[1]
    changed = await db.write(person(owner), lambda tx: set_price(tx, variant.id, yuan(50), yuan(99)))
    assert [(v.price, v.compare_at) for v in changed.variants][:2] == [(yuan(99), None), (yuan(50), yuan(99))]
    with pytest.raises(Invalid) as refusal:
        await db.write(person(owner), lambda tx: set_price(tx, variant.id, Money(0, "CNY")))
    assert "/variants/1/price" in {e.pointer for e in refusal.value.errors}


async def test_strangers_find_no_product_and_clerks_may_only_count(db: Database) -> None:
    shop = await make_shop(db)
    product = await make_product(db, shop)
    variant = product.variants[0].id
    stranger, clerk = person(await make_owner(db)), person(await make_staff(db, shop, Role.CLERK))
    other = await make_product(db, await make_shop(db))
    deeds: list[tuple[Any, type[Exception]]] = [
        (lambda tx: change_product(tx, product.id, ProductChange(title="Mine")), ProductNotFound),
        (lambda tx: withdraw_product(tx, product.id), ProductNotFound),
        (lambda tx: list_product(tx, product.id), ProductNotFound),
        (lambda tx: set_price(tx, variant, yuan(1)), VariantNotFound),
    ]
    for deed, refusal in deeds:
        with pytest.raises(refusal):
            await db.write(stranger, deed)
        with pytest.raises(RoleTooSmall):
            await db.write(clerk, deed)
    with pytest.raises(VariantNotFound):
        await db.write(stranger, lambda tx: count_stock(tx, variant, 0))
    with pytest.raises(VariantNotFound):
        await db.write(clerk, lambda tx: count_stocks(tx, shop.id, [(variant, 3), (other.variants[0].id, 0)]))
    await db.write(clerk, lambda tx: count_stock(tx, variant, 3))
    assert await product_now(db, product.id) == product
    stock = await db.read(lambda r: map_stock(r, [variant, other.variants[0].id]))
    assert stock == {variant: 3, other.variants[0].id: 10}


async def test_a_product_is_taken_off_sale_and_put_back(db: Database) -> None:
    shop = await make_shop(db)
    product = await make_product(db, shop)
    gone = await db.write(MARKET, lambda tx: withdraw_product(tx, product.id))
    assert (gone.state, gone.on_sale, gone.version) == (ProductState.OFF_SALE, False, 2)
    assert (await db.read(list_newest_products)).items == []
    with pytest.raises(ProductInWrongState):
        await db.write(MARKET, lambda tx: withdraw_product(tx, product.id))
    back = await db.write(MARKET, lambda tx: list_product(tx, product.id))
    assert (back.state, back.listed_at) == (ProductState.ON_SALE, product.listed_at)
    versions = (await db.read(lambda r: list_product_versions(r, product.id))).items
    assert [v.before for v in versions] == [{"state": "off_sale"}, {"state": "on_sale"}]
    assert await db.read(lambda r: count_products_of_shop(r, shop.id)) == {ProductState.ON_SALE: 1}


async def test_the_desk_takes_a_product_down_with_its_reason(db: Database) -> None:
    owner = await make_owner(db)
    product, clerk = await make_product(db, await make_shop(db, owner)), await desk_clerk(db)
    with pytest.raises(StaffOnly):
        await db.write(person(owner), lambda tx: take_down_product(tx, product.id, "x"))
    with pytest.raises(Invalid):
        await db.write(clerk, lambda tx: take_down_product(tx, product.id, ""))
    gone = await db.write(clerk, lambda tx: take_down_product(tx, product.id, "A copy."))
    assert (gone.state, gone.state_reason) == (ProductState.OFF_SALE, "A copy.")


async def test_a_shop_on_holiday_takes_its_products_from_the_lists(db: Database) -> None:
    shop = await make_shop(db)
    product = await make_product(db, shop)
    await db.write(MARKET, lambda tx: go_on_holiday(tx, shop.id))
    await pump(db, subscribers(), [])
    assert (await db.read(list_newest_products)).items == []
    assert not (await product_now(db, product.id)).on_sale
    assert not (await db.read(lambda r: map_offers(r, [product.variants[0].id])))[product.variants[0].id].on_sale
    assert len((await db.read(lambda r: list_on_sale_of_shop(r, shop.id))).items) == 1
    await db.write(MARKET, lambda tx: come_back(tx, shop.id))
    await pump(db, subscribers(), [])
    assert [c.id for c in (await db.read(list_newest_products)).items] == [product.id]


async def test_lists_are_paged_newest_first(db: Database) -> None:
    await make_categories(db)
    shop = await make_shop(db)
    made = []
    for i in range(5):
        made.append(await make_product(db, shop, title=f"Tea {i}", category="tea"))
        db.clock.move(timedelta(seconds=1))
    draft = await make_product(db, shop, title="Draft", category="tea", state=ProductState.DRAFT)
    lists: list[Any] = [
        lambda r, after: list_newest_products(r, after=after, limit=2),
        lambda r, after: list_products_of_category(r, "tea", after=after, limit=2),
        lambda r, after: list_on_sale_of_shop(r, shop.id, after=after, limit=2),
        lambda r, after: list_products_of_shop(r, shop.id, state=ProductState.ON_SALE, after=after, limit=2),
    ]
    for look in lists:
        found, after, pages = [], None, 0
        while pages == 0 or after:
            page = await db.read(lambda r, k=look, a=after: k(r, a))
            found += [card.id for card in page.items]
            after, pages = page.next, pages + 1
        assert (found, pages) == ([p.id for p in reversed(made)], 3)
    everything = (await db.read(lambda r: list_products_of_shop(r, shop.id))).items
    assert everything[0].id == draft.id
    ids = await db.read(lambda r: list_all_products(r, (0, 1023), limit=3))
    rest = await db.read(lambda r: list_all_products(r, (0, 1023), after=ids[-1]))
    assert ids + rest == sorted(p.id for p in made)


async def test_sales_and_ratings_are_copied_to_the_card(db: Database) -> None:
    product = await make_product(db, await make_shop(db))
    await db.write(MARKET, lambda tx: note_sales(tx, {product.id: 3}))
    await db.write(MARKET, lambda tx: note_sales(tx, {product.id: -1}))
    await db.write(MARKET, lambda tx: note_ratings(tx, [(product.id, 9, 2)]))
    card = (await db.read(lambda r: map_product_cards(r, [product.id])))[product.id]
    assert (card.sold, card.rating_sum, card.rating_count) == (2, 9, 2)
    assert (await product_now(db, product.id)).version == product.version


class TestWithReview:
    """Where the desk looks before a product goes on sale."""

    @pytest.fixture
    def given(self) -> Given:
        return test_given(CatalogRules(review_products=True))

    async def test_a_new_product_waits_for_the_desk(self, db: Database) -> None:
        product, clerk = await make_product(db, await make_shop(db)), await desk_clerk(db)
        assert product.state is ProductState.IN_REVIEW
        assert [w.product_id for w in (await db.read(list_in_review)).items] == [product.id]
        listed = await db.write(clerk, lambda tx: approve_product(tx, product.id))
        assert (listed.state, listed.listed_at) == (ProductState.ON_SALE, db.clock.now())
        assert (await db.read(list_in_review)).items == []
        with pytest.raises(ProductInWrongState):
            await db.write(clerk, lambda tx: approve_product(tx, product.id))

    async def test_a_refused_product_is_a_draft_with_a_reason_and_may_come_again(self, db: Database) -> None:
        owner = await make_owner(db)
        product, clerk = await make_product(db, await make_shop(db, owner)), await desk_clerk(db)
        refused = await db.write(clerk, lambda tx: refuse_product(tx, product.id, "No picture."))
        assert (refused.state, refused.state_reason) == (ProductState.DRAFT, "No picture.")
        again = await db.write(person(owner), lambda tx: list_product(tx, product.id))
        assert again.state is ProductState.IN_REVIEW
        with pytest.raises(StaffOnly):
            await db.write(person(owner), lambda tx: approve_product(tx, product.id))

    async def test_other_words_are_looked_at_again_but_not_a_price(self, db: Database) -> None:
        product, clerk = await make_product(db, await make_shop(db)), await desk_clerk(db)
        await db.write(clerk, lambda tx: approve_product(tx, product.id))
        cheaper = await db.write(MARKET, lambda tx: set_price(tx, product.variants[0].id, yuan(9)))
        assert cheaper.state is ProductState.ON_SALE
        renamed = await _change(db, product, title="Something else")
        assert renamed.state is ProductState.IN_REVIEW
        assert [w.title for w in (await db.read(list_in_review)).items] == ["Something else"]


async def test_many_are_changed_at_once_and_a_wrong_one_stays_as_it_is(db: Database) -> None:
    shop = await make_shop(db)
    cup, pot, shirt = (
        await make_product(db, shop, title="Cup", handle="cup"),
        await make_product(db, shop, title="Pot"),
        await make_shirt(db, shop),
    )
    bowls = [await make_product(db, shop, title=f"Bowl {n}") for n in range(2)]
    red_only = [Option("Colour", ["red"]), Option("Size", ["S", "M"])]
    changes = [
        (cup, ProductChange(title="Cups", variants=[VariantChange(id=cup.variants[0].id, price=yuan(5), stock=3)])),
        (pot, ProductChange(title="")),
        (shirt, ProductChange(variants=[VariantChange(id=v.id) for v in shirt.variants[:2]], options=red_only)),
        (bowls[0], ProductChange(handle="bowl")),
        (bowls[1], ProductChange(handle="bowl")),
    ]
    with statements() as seen:
        outcomes = await db.write(MARKET, lambda tx: change_products(tx, shop.id, changes))
    assert len(seen) <= 25, "as many for five as for a thousand"
    new_cup, no_pot, new_shirt, bowl, no_bowl = outcomes
    assert isinstance(new_cup, Product)
    assert (new_cup.title, new_cup.version, new_cup.variants[0].price) == ("Cups", cup.version + 1, yuan(5))
    assert isinstance(no_pot, Invalid)
    assert [e.pointer for e in no_pot.errors] == ["/title"]
    assert await product_now(db, pot.id) == pot
    assert isinstance(new_shirt, Product)
    assert [v.id for v in new_shirt.variants] == [v.id for v in shirt.variants[:2]]
    assert isinstance(bowl, Product)
    assert isinstance(no_bowl, Invalid)
    assert [e.code for e in no_bowl.errors] == ["catalog.handle_taken"]
    assert await db.read(audit_stock) == []
    changed = await db.read(
        lambda r: r.rows("select product_id, changed from catalog.product_versions where version > 1 order by 1")
    )
    assert {(row["product_id"], tuple(row["changed"])) for row in changed} >= {(cup.id, ("title", "variants"))}


async def test_of_many_none_is_changed_where_somebody_was_quicker(db: Database) -> None:
    shop = await make_shop(db)
    cup, pot = await make_product(db, shop, title="Cup"), await make_product(db, shop, title="Pot")
    await db.write(MARKET, lambda tx: change_product(tx, pot.id, ProductChange(title="Teapot")))
    changes = [(cup, ProductChange(title="Cups")), (pot, ProductChange(title="Pots"))]
    with pytest.raises(ProductChangedMeanwhile):
        await db.write(MARKET, lambda tx: change_products(tx, shop.id, changes))
    assert (await product_now(db, cup.id)).title == "Cup"
    stranger = await make_owner(db)
    with pytest.raises(ShopNotFound):
        await db.write(person(stranger), lambda tx: change_products(tx, shop.id, changes[:1]))
