"""A merchant's file becomes products: what is good comes in, the rest is named; again it changes, never doubles."""

import csv
from decimal import Decimal
from pathlib import Path

import pytest

from fairground.kit.db import Database
from fairground.market.catalog.exchange.actions import Upload, request_import
from fairground.market.catalog.exchange.errors import ImportRunning
from fairground.market.catalog.exchange.model import FileFormat, ImportState
from fairground.market.catalog.model import Product, ProductState, Variant
from fairground.market.inventory.queries import map_stock
from tests.support.catalog import make_categories, make_product
from tests.support.exchange import DATA, import_now, products_of
from tests.support.inventory import assert_books_agree
from tests.support.shops import MARKET, make_shop

SHOPIFY = """Handle,Title,Body (HTML),Published,Option1 Name,Option1 Value,Variant SKU,Variant Grams,\
Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,Variant Compare At Price,\
Image Src
mug,Mug,<p>A mug</p>,true,Size,Small,M-S,300,shopify,4,deny,19.90,25,
mug,,,,,Large,M-L,450,shopify,7,continue,29.90,,
plate,Plate,<p>A plate</p>,true,Title,Default Title,P-1,500,,3,deny,9.00,9.00,
"""


async def stock_of(db: Database, variants: list[Variant]) -> list[int | None]:
    stock = await db.read(lambda r: map_stock(r, [v.id for v in variants]))
    return [stock[v.id] for v in variants]


def amounts(product: Product) -> list[tuple[int, int | None]]:
    return [(v.price.amount, None if v.compare_at is None else v.compare_at.amount) for v in product.variants]


async def test_goods_come_in_with_variants_prices_and_stock(db: Database) -> None:
    shop = await make_shop(db)
    report = await import_now(db, shop, SHOPIFY, FileFormat.SHOPIFY)
    assert (report.done.state, report.done.created, report.done.updated) == (ImportState.DONE, 2, 0)
    assert not report.refused
    found = await products_of(db, shop)
    assert [v.options for v in found["mug"].variants] == [{"Size": "Small"}, {"Size": "Large"}]
    assert amounts(found["mug"]) == [(1990, 2500), (2990, None)]
    assert await stock_of(db, found["mug"].variants) == [4, None]  # the large one goes on selling
    assert found["plate"].options == []
    assert amounts(found["plate"]) == [(900, None)]
    assert await stock_of(db, found["plate"].variants) == [None]  # nobody tracks it
    assert found["plate"].description == "<p>A plate</p>"
    await assert_books_agree(db)


async def test_the_same_file_again_changes_nothing(db: Database) -> None:
    shop = await make_shop(db)
    await import_now(db, shop, SHOPIFY, FileFormat.SHOPIFY)
    before = await products_of(db, shop)
    report = await import_now(db, shop, SHOPIFY, FileFormat.SHOPIFY)
    assert (report.done.created, report.done.updated, report.done.unchanged) == (0, 0, 2)
    assert await products_of(db, shop) == before


async def test_a_changed_file_changes_what_is_there(db: Database) -> None:
    shop = await make_shop(db)
    await import_now(db, shop, SHOPIFY, FileFormat.SHOPIFY)
    before = await products_of(db, shop)
    changed = SHOPIFY.replace("19.90,25", "18.00,25").replace("shopify,4,deny", "shopify,11,deny")
    changed = changed.replace(
        "mug,,,,,Large,M-L,450,shopify,7,continue,29.90,,\n", "mug,,,,,Huge,M-H,700,shopify,1,deny,39,,\n"
    )
    report = await import_now(db, shop, changed, FileFormat.SHOPIFY)
    assert (report.done.created, report.done.updated, report.done.unchanged) == (0, 1, 1)
    after = (await products_of(db, shop))["mug"]
    assert after.id == before["mug"].id
    assert after.variants[0].id == before["mug"].variants[0].id
    assert [v.options["Size"] for v in after.variants] == ["Small", "Huge"]
    assert amounts(after) == [(1800, 2500), (3900, None)]
    assert await stock_of(db, after.variants) == [11, 1]
    await assert_books_agree(db)


async def test_a_bad_line_is_named_and_the_rest_comes_in(db: Database) -> None:
    shop = await make_shop(db)
    bad = SHOPIFY.replace("29.90", "29.905").replace("plate,Plate", "plate,").replace("M-S", "M" * 101)
    report = await import_now(
        db, shop, bad + "cup,Cup,,true,Title,Default Title,C,1,,,,USD 5,,\nok,Ok,,true,,,,,,,,5,,\n", FileFormat.SHOPIFY
    )
    assert [(r.line, r.field, r.code) for r in report.refused] == [
        (2, "Variant SKU", "too_long"),
        (3, "Variant Price", "exchange.too_fine"),
        (4, "Title", "required"),
        (5, "Variant Price", "exchange.other_currency"),
    ]
    assert set(await products_of(db, shop)) == {"ok"}
    assert (report.done.created, report.done.refused) == (1, 4)


async def test_a_mistake_in_one_line_takes_no_variant_away(db: Database) -> None:
    shop = await make_shop(db)
    await import_now(db, shop, SHOPIFY, FileFormat.SHOPIFY)
    report = await import_now(db, shop, SHOPIFY.replace("29.90", "twenty"), FileFormat.SHOPIFY)
    assert [(r.line, r.code) for r in report.refused] == [(3, "exchange.number")]
    mug = (await products_of(db, shop))["mug"]
    assert amounts(mug) == [(1990, 2500), (2990, None)]


async def test_a_dry_run_tells_what_would_happen_and_leaves_nothing(db: Database) -> None:
    shop = await make_shop(db)
    await import_now(db, shop, SHOPIFY.replace("plate,Plate", "dish,Dish"), FileFormat.SHOPIFY)
    before = await products_of(db, shop)
    report = await import_now(db, shop, SHOPIFY.replace("25,", "x,"), FileFormat.SHOPIFY, dry=True)
    assert (report.done.created, report.done.updated, report.done.unchanged) == (1, 0, 1)
    assert [(r.line, r.field) for r in report.refused] == [(2, "Variant Compare At Price")]
    assert await products_of(db, shop) == before


async def test_what_was_made_by_hand_is_found_by_its_code(db: Database) -> None:
    shop = await make_shop(db)
    from fairground.market.catalog.actions.change import change_product
    from fairground.market.catalog.model import ProductChange, VariantChange

    mine = await make_product(db, shop, title="My plate")
    change = ProductChange(variants=[VariantChange(id=mine.variants[0].id, sku="P-1")])
    await db.write(MARKET, lambda tx: change_product(tx, mine.id, change))
    report = await import_now(db, shop, SHOPIFY, FileFormat.SHOPIFY)
    assert (report.done.created, report.done.updated) == (1, 1)
    assert (await products_of(db, shop))["plate"].id == mine.id


async def test_a_file_takes_goods_off_sale_and_puts_them_back(db: Database) -> None:
    shop = await make_shop(db)
    await import_now(db, shop, SHOPIFY, FileFormat.SHOPIFY)
    await import_now(db, shop, SHOPIFY.replace("</p>,true", "</p>,false"), FileFormat.SHOPIFY)
    assert {p.state for p in (await products_of(db, shop)).values()} == {ProductState.OFF_SALE}
    await import_now(db, shop, SHOPIFY, FileFormat.SHOPIFY)
    assert {p.state for p in (await products_of(db, shop)).values()} == {ProductState.ON_SALE}


async def test_two_shops_do_not_meet(db: Database) -> None:
    one, other = await make_shop(db), await make_shop(db)
    await import_now(db, one, SHOPIFY, FileFormat.SHOPIFY)
    before = await products_of(db, one)
    report = await import_now(db, other, SHOPIFY.replace("19.90", "1.00"), FileFormat.SHOPIFY)
    assert report.done.created == 2
    assert await products_of(db, one) == before


async def test_one_file_of_a_shop_at_a_time(db: Database) -> None:
    shop = await make_shop(db)
    upload = Upload(FileFormat.SHOPIFY, "a.csv", "imports/a")
    await db.write(MARKET, lambda tx: request_import(tx, shop.id, upload))
    with pytest.raises(ImportRunning):
        await db.write(MARKET, lambda tx: request_import(tx, shop.id, upload))


async def test_a_picture_in_place_of_a_table_fails_with_a_reason(db: Database) -> None:
    shop = await make_shop(db)
    report = await import_now(db, shop, b"\x89PNG\r\n\x1a\n" + bytes(500), FileFormat.SHOPIFY)
    assert report.done.state is ImportState.FAILED
    assert report.done.trouble is not None
    assert report.done.trouble.code == "exchange.not_a_table"
    assert await products_of(db, shop) == {}


async def test_categories_are_found_by_their_names(db: Database) -> None:
    shop = await make_shop(db)
    await make_categories(db)
    data = (
        SHOPIFY.replace("Image Src", "Type,Vendor")
        .replace("25,\n", "25,Mugs,Kiln\n")
        .replace("9.00,\n", "9.00,Nowhere,Kiln\n")
    )
    report = await import_now(db, shop, data, FileFormat.SHOPIFY)
    assert not report.refused
    found = await products_of(db, shop)
    assert found["plate"].category is None


# --- real files of merchants, where they lie beside the repository ------------------------------------------------


def real(name: str) -> bytes:
    path = DATA / name
    if not path.exists():
        pytest.skip(f"no {name} beside the repository")
    return path.read_bytes()


def cents(cell: str) -> int:
    return int(Decimal(cell) * 100)


@pytest.mark.parametrize("name", ["shopify/apparel.csv", "shopify/home-and-garden.csv"])
async def test_a_real_shopify_file_row_by_row(db: Database, name: str, tmp_path: Path) -> None:
    data = real(name)
    shop = await make_shop(db)
    report = await import_now(db, shop, data, FileFormat.SHOPIFY)
    assert not report.refused
    found = await products_of(db, shop)
    seen: dict[str, int] = {}
    for row in csv.DictReader(data.decode().splitlines()):
        product = found[row["Handle"]]
        variant = product.variants[seen.setdefault(row["Handle"], 0)]
        seen[row["Handle"]] += 1
        assert variant.price.amount == cents(row["Variant Price"])
        before = row["Variant Compare At Price"]
        assert variant.compare_at == (None if not before else variant.compare_at) or cents(before)
        assert (variant.compare_at.amount if variant.compare_at else None) == (cents(before) if before else None)
        value = row["Option1 Value"]
        assert list(variant.options.values()) == ([] if value == "Default Title" else [value])
        counted = bool(row["Variant Inventory Tracker"]) and row["Variant Inventory Policy"] == "deny"
        assert await stock_of(db, [variant]) == [int(row["Variant Inventory Qty"]) if counted else None]
        if row["Title"]:
            assert product.title == row["Title"].strip()
            assert product.description == row["Body (HTML)"]
    assert {handle: len(product.variants) for handle, product in found.items()} == seen
    again = await import_now(db, shop, data, FileFormat.SHOPIFY)
    assert (again.done.created, again.done.updated, again.done.unchanged) == (0, 0, len(found))
    await assert_books_agree(db)


async def test_a_real_woocommerce_file_row_by_row(db: Database) -> None:
    data = real("woocommerce/sample_products.csv")
    shop = await make_shop(db)
    report = await import_now(db, shop, data, FileFormat.WOOCOMMERCE)
    found = await products_of(db, shop)
    refused = {(r.line, r.code) for r in report.refused}
    variants = {}
    for product in found.values():
        for variant in product.variants:
            variants.setdefault(variant.sku, []).append((product, variant))
    rows = list(csv.DictReader(data.decode("utf-8-sig").splitlines()))
    for line, row in enumerate(rows, 2):
        if row["Type"] in {"grouped", "external"}:
            assert (line, f"exchange.{row['Type']}") in refused
        elif row["Type"] == "variable":
            assert found[row["SKU"]].title == " ".join(row["Name"].split())
        else:
            assert row["SKU"] in variants, row
            for product, variant in variants[row["SKU"]]:
                assert product.handle == (row["Parent"] or row["SKU"])
                sale, regular = row["Sale price"], row["Regular price"]
                assert variant.price.amount == cents(sale or regular)
                assert (variant.compare_at.amount if variant.compare_at else None) == (cents(regular) if sale else None)
                assert await stock_of(db, [variant]) == [None]
                for n in (1, 2):
                    if row["Parent"] and row[f"Attribute {n} value(s)"]:
                        assert variant.options[row[f"Attribute {n} name"]] == row[f"Attribute {n} value(s)"]
    assert len(refused) == 2
    assert len(found["cc-tee"].variants) == 9  # three colours, each in any of three sizes
    assert len(found["cc-hoodie"].variants) == 6
    assert found["cc-hoodie-with-pocket"].state is ProductState.OFF_SALE  # hidden
    again = await import_now(db, shop, data, FileFormat.WOOCOMMERCE)
    assert (again.done.created, again.done.updated, again.done.unchanged) == (0, 0, len(found))
    await assert_books_agree(db)
