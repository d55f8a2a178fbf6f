"""Making products."""

import time
from typing import Any

import pytest

from fairground.kit.actor import GUEST, person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.catalog.actions import create_product, create_products
from fairground.market.catalog.errors import ProductNotFound
from fairground.market.catalog.model import (
    Format,
    NewProduct,
    NewVariant,
    Option,
    Picture,
    ProductId,
    ProductState,
    Translation,
)
from fairground.market.catalog.queries import (
    get_product,
    list_products_of_shop,
    map_handles,
    map_offers,
    map_product_cards,
    map_versions,
)
from fairground.market.inventory.queries import audit_stock, map_stock
from fairground.market.media.model import MediaId
from fairground.market.shops.actions.state import close_shop
from fairground.market.shops.errors import RoleTooSmall, ShopClosed, ShopNotFound
from fairground.market.shops.model import Role
from tests.support.catalog import (
    make_categories,
    make_product,
    make_shirt,
    new_product,
    new_shirt,
    product_now,
    yuan,
)
from tests.support.shops import MARKET, make_owner, make_shop, make_staff, news
from tests.support.statements import StatementFailed, fail_at, statements


async def test_a_product_goes_on_sale_with_its_variants_and_stock(db: Database) -> None:
    shop = await make_shop(db)
    product = await make_shirt(db, shop)
    assert (product.state, product.language, product.version) == (ProductState.ON_SALE, "zh-CN", 1)
    assert [v.options for v in product.variants] == [
        {"Colour": "red", "Size": "S"},
        {"Colour": "red", "Size": "M"},
        {"Colour": "blue", "Size": "S"},
        {"Colour": "blue", "Size": "M"},
    ]
    assert {v.id.bucket for v in product.variants} == {product.id.bucket, shop.id.bucket}
    stock = await db.read(lambda r: map_stock(r, [v.id for v in product.variants]))
    assert list(stock.values()) == [5] * 4
    assert (await news(db))[-1] == "catalog.ProductListed"
    assert await db.read(audit_stock) == []


async def test_all_that_a_shop_says_of_a_product_is_kept(db: Database) -> None:
    await make_categories(db)
    shop = await make_shop(db)
    source = "<p onclick='x()'>老茶 <b>old</b></p>\r\n<script>1</script>\r\n"
    wish = NewProduct(
        title="  Old   tea ",
        description=source,
        description_format=Format.HTML,
        category="tea",
        attributes={"tea": "dark", "content": 357, "organic": True, "origin": "云南", "keeps": None},
        language="en",
        translations={"zh-CN": Translation("老茶", "陈年")},
        handle="old-tea",
        variants=[
            NewVariant(
                price=yuan(99), compare_at=yuan(120), stock=None, sku="T-1", barcode="6901234567892", weight_grams=357
            )
        ],
    )
    made = await db.write(MARKET, lambda tx: create_product(tx, shop.id, wish))
    product = await product_now(db, made.id)
    assert (product.title, product.description, product.description_format) == ("Old tea", source, Format.HTML)
    assert product.attributes == {"tea": "dark", "content": 357, "organic": True, "origin": "云南"}
    assert product.words_in("zh-CN") == (Translation("老茶", "陈年"), "zh-CN")
    assert product.words_in("en")[1] == "en"
    (variant,) = product.variants
    assert (variant.sku, variant.barcode, variant.weight_grams, variant.compare_at) == (
        "T-1",
        "6901234567892",
        357,
        yuan(120),
    )
    assert await db.read(lambda r: map_handles(r, shop.id, ["old-tea", "none"])) == {"old-tea": product.id}
    card = (await db.read(lambda r: map_product_cards(r, [product.id])))[product.id]
    assert (card.title_in("zh-CN"), card.title_in("de")) == (("老茶", "zh-CN"), ("Old tea", "en"))
    assert (card.price_low, card.price_high, card.compare_at) == (yuan(99), yuan(99), yuan(120))
    assert await db.read(lambda r: map_stock(r, [variant.id])) == {variant.id: None}


async def test_an_offer_says_what_a_checkout_needs(db: Database) -> None:
    shop = await make_shop(db)
    product = await make_shirt(db, shop)
    other = await make_product(db, shop, state=ProductState.DRAFT)
    wanted = [product.variants[0].id, other.variants[0].id]
    with statements() as seen:
        offers = await db.read(lambda r: map_offers(r, wanted))
    assert len(seen) == 1
    offer = offers[wanted[0]]
    assert (offer.product_id, offer.shop_id, offer.title, offer.on_sale) == (product.id, shop.id, "Shirt", True)
    assert (offer.options, offer.price) == ({"Colour": "red", "Size": "S"}, yuan(99))
    assert not offers[wanted[1]].on_sale
    assert await db.read(lambda r: map_versions(r, [product.id, other.id])) == {product.id: 1}


def _with(variant: dict[str, Any], **product: Any) -> NewProduct:
    return NewProduct(**({"title": "Tea"} | product), variants=[NewVariant(**({"price": yuan(1)} | variant))])


@pytest.mark.parametrize(
    ("wish", "pointers"),
    [
        (_with({}, title=" \u200b "), {"/title"}),
        (_with({}, title="x" * 256), {"/title"}),
        (_with({}, description="x" * 100_001), {"/description"}),
        (_with({"price": yuan(0)}), {"/variants/0/price"}),
        (_with({"price": Money(-100, "CNY")}), {"/variants/0/price"}),
        (_with({"price": Money(10**15, "CNY")}), {"/variants/0/price"}),
        (_with({"price": Money(100, "USD")}), {"/variants/0/price"}),
        (_with({"compare_at": yuan(1)}), {"/variants/0/compare_at"}),
        (_with({"stock": -1}), {"/variants/0/stock"}),
        (_with({"stock": 10**9}), {"/variants/0/stock"}),
        (_with({"weight_grams": -1}), {"/variants/0/weight_grams"}),
        (_with({"sku": "x" * 101}), {"/variants/0/sku"}),
        (_with({"options": {"Size": "S"}}), {"/variants/0/options/Size"}),
        (_with({}, options=[Option("Size", ["S"])]), {"/variants/0/options/Size"}),
        (
            _with({"options": {"a/b~c": "L"}}, options=[Option("a/b~c", ["S"])]),
            {"/variants/0/options/a~1b~0c"},
        ),
        (_with({"options": {"Size": "S"}}, options=[Option("Size", ["S", "S"])]), {"/options/0/values"}),
        (_with({}, options=[Option("", [])]), {"/options/0/name", "/options/0/values", "/variants/0/options/"}),
        (NewProduct(title="Tea", variants=[]), {"/variants"}),
        (_with({}, category="none-such"), {"/category"}),
        (_with({}, attributes={"tea": "dark"}), {"/attributes"}),
        (_with({}, language="<b>"), {"/language"}),
        (_with({}, translations={"zh-CN": Translation("")}), {"/translations/zh-CN/title"}),
        (_with({}, state=ProductState.IN_REVIEW), {"/state"}),
        (_with({}, pictures=[Picture(MediaId(5))]), {"/images/0"}),
        (_with({"picture_id": MediaId(5)}), {"/variants/0/image_id"}),
        (
            _with({"price": yuan(0), "stock": -5}, title="", category="none-such"),
            {"/title", "/category", "/variants/0/price", "/variants/0/stock"},
        ),
    ],
)
async def test_every_wrong_field_is_named_and_nothing_is_written(
    db: Database, wish: NewProduct, pointers: set[str]
) -> None:
    shop = await make_shop(db)
    with pytest.raises(Invalid) as refusal:
        await db.write(MARKET, lambda tx: create_product(tx, shop.id, wish))
    assert {e.pointer for e in refusal.value.errors} == pointers
    assert (await db.read(lambda r: list_products_of_shop(r, shop.id))).items == []


async def test_two_variants_with_the_same_options_are_refused(db: Database) -> None:
    shop = await make_shop(db)
    twice = new_shirt(colours=("red",), sizes=("S",))
    wish = NewProduct(title="Shirt", options=twice.options, variants=twice.variants * 2)
    with pytest.raises(Invalid) as refusal:
        await db.write(MARKET, lambda tx: create_product(tx, shop.id, wish))
    assert [e.pointer for e in refusal.value.errors] == ["/variants/1/options"]


async def test_attributes_follow_the_category_and_those_above_it(db: Database) -> None:
    await make_categories(db)
    shop = await make_shop(db)
    bad = {"tea": "coke", "content": "much", "organic": "yes", "origin": 7, "roast": "dark"}
    with pytest.raises(Invalid) as refusal:
        await make_product(db, shop, category="tea", attributes=bad)
    assert {e.pointer: e.code for e in refusal.value.errors} == {
        "/attributes/tea": "catalog.attribute_choice",
        "/attributes/content": "catalog.attribute_number",
        "/attributes/organic": "catalog.attribute_yes_no",
        "/attributes/origin": "catalog.attribute_text",
        "/attributes/roast": "catalog.attribute_unknown",
    }


async def test_a_code_belongs_to_one_product_of_a_shop(db: Database) -> None:
    shop, other = await make_shop(db), await make_shop(db)
    await make_product(db, shop, handle="pot")
    await make_product(db, other, handle="pot")
    with pytest.raises(Invalid) as refusal:
        await make_product(db, shop, handle="pot")
    assert [e.pointer for e in refusal.value.errors] == ["/handle"]
    twins = [new_product(handle="cup"), new_product(handle="cup")]
    with pytest.raises(Invalid) as refusal:
        await db.write(MARKET, lambda tx: create_products(tx, shop.id, twins))
    assert [e.pointer for e in refusal.value.errors] == ["/products/1/handle"]


async def test_only_the_shops_own_people_in_the_right_role_make_products(db: Database) -> None:
    shop = await make_shop(db)
    clerk, stranger = await make_staff(db, shop, Role.CLERK), await make_owner(db)
    for who, refusal in ((person(clerk), RoleTooSmall), (person(stranger), ShopNotFound), (GUEST, ShopNotFound)):
        with pytest.raises(refusal):
            await db.write(who, lambda tx: create_product(tx, shop.id, new_product()))
    manager = await make_staff(db, shop, Role.MANAGER)
    await db.write(person(manager), lambda tx: create_product(tx, shop.id, new_product()))
    assert len((await db.read(lambda r: list_products_of_shop(r, shop.id))).items) == 1


async def test_a_closed_shop_gets_no_products(db: Database) -> None:
    shop = await make_shop(db)
    await db.write(MARKET, lambda tx: close_shop(tx, shop.id))
    with pytest.raises(ShopClosed):
        await make_product(db, shop)


async def test_many_products_cost_the_same_statements_as_one(db: Database) -> None:
    shop = await make_shop(db)
    wishes = [new_shirt(handle=f"shirt-{i}") for i in range(50)]
    with statements() as seen:
        made = await db.write(MARKET, lambda tx: create_products(tx, shop.id, wishes))
    assert len(seen) <= 8
    product = await product_now(db, made[49].product_id)
    assert [v.id for v in product.variants] == made[49].variant_ids
    assert await db.read(audit_stock) == []


async def test_one_wrong_product_refuses_them_all(db: Database) -> None:
    shop = await make_shop(db)
    wishes = [new_product(), new_product(price=0)]
    with pytest.raises(Invalid) as refusal:
        await db.write(MARKET, lambda tx: create_products(tx, shop.id, wishes))
    assert [e.pointer for e in refusal.value.errors] == ["/products/1/variants/0/price"]
    assert (await db.read(lambda r: list_products_of_shop(r, shop.id))).items == []


async def test_it_fails_at_each_statement_and_leaves_nothing(db: Database) -> None:
    shop = await make_shop(db)
    for n in range(30):
        try:
            with fail_at(n):
                await make_product(db, shop, handle="pot")
        except StatementFailed:
            assert (await db.read(lambda r: list_products_of_shop(r, shop.id))).items == []
        else:
            break
    assert n > 5
    assert await db.read(audit_stock) == []


async def test_the_largest_product_allowed_is_made(db: Database) -> None:
    shop = await make_shop(db)
    wish = new_shirt(colours=[f"c{i}" for i in range(20)], sizes=[f"s{i}" for i in range(10)])
    product = await db.write(MARKET, lambda tx: create_product(tx, shop.id, wish))
    assert len(product.variants) == 200
    too_many = new_shirt(colours=[f"c{i}" for i in range(67)], sizes=["a", "b", "c"])
    with pytest.raises(Invalid) as refusal:
        await db.write(MARKET, lambda tx: create_product(tx, shop.id, too_many))
    assert {e.pointer for e in refusal.value.errors} == {"/variants"}


@pytest.mark.long
async def test_five_thousand_products_a_second(db: Database) -> None:
    shop = await make_shop(db)
    wishes = [new_product(title=f"Tea {i}") for i in range(2_000)]
    began = time.perf_counter()
    for _ in range(5):
        await db.write(MARKET, lambda tx: create_products(tx, shop.id, wishes, announce=False))
    rate = 10_000 / (time.perf_counter() - began)
    print(f"{rate:,.0f} products a second")
    assert rate > 5_000


async def test_nobodys_id_is_no_product(db: Database) -> None:
    with pytest.raises(ProductNotFound):
        await db.read(lambda r: get_product(r, ProductId(Id(12345))))
