"""The tree of categories, and published taxonomies."""

from pathlib import Path

import pytest

from fairground.kit.db import Database
from fairground.kit.errors import Invalid
from fairground.market.catalog.actions.categories import Imported, import_taxonomy, plant_categories
from fairground.market.catalog.errors import CategoryNotFound, TaxonomyUnreadable
from fairground.market.catalog.model import ProductState
from fairground.market.catalog.queries import get_category, list_categories, load_tree, tree_of
from fairground.market.catalog.tree import TREE
from tests.support.catalog import make_product
from tests.support.shops import MARKET, make_shop

SHOPIFY = """# Shopify Product Taxonomy - Categories: 2025-01
# Format: {GID} : {Ancestor name} > ... > {Category name}

gid://shopify/TaxonomyCategory/fo     : Food & Drink
gid://shopify/TaxonomyCategory/fo-1   : Food & Drink > Tea
gid://shopify/TaxonomyCategory/fo-1-2 : Food & Drink > Tea > Green Tea
"""
SHOPIFY_ZH = """
gid://shopify/TaxonomyCategory/fo     : 食品饮料
gid://shopify/TaxonomyCategory/fo-1   : 食品饮料 > 茶
gid://shopify/TaxonomyCategory/fo-1-2 : 食品饮料 > 茶 > 绿茶
"""
GOOGLE = """# Google_Product_Taxonomy_Version: 2021-09-21
412 - Food, Beverages & Tobacco
413 - Food, Beverages & Tobacco > Beverages
2073 - Food, Beverages & Tobacco > Beverages > Tea & Infusions
"""
REAL = Path(__file__).parents[4] / "shared/data/shopify-taxonomy"


async def test_the_planted_tree_is_bilingual_and_planting_again_changes_nothing(db: Database) -> None:
    assert await db.write(MARKET, plant_categories) == Imported(len(TREE), 0)
    assert await db.write(MARKET, plant_categories) == Imported(0, len(TREE))
    tree = await db.read(load_tree)
    assert list(tree.categories) == [c.slug for c in sorted(TREE, key=lambda c: (len(c.path), c.sort, c.slug))]
    assert all(c.name_en and c.name_zh for c in tree.categories.values())
    assert all(a.en and a.zh for c in tree.categories.values() for a in c.attributes)
    assert [c.name_in("zh-CN") for c in tree.trail_of("tea")] == ["食品茶饮", "茶叶"]
    assert [a.key for a in tree.attributes_of("tea")] == [
        "brand",
        "origin",
        "keeps",
        "organic",
        "no-return",
        "tea",
        "content",
    ]
    assert "tea" in [c.slug for c in await db.read(lambda r: list_categories(r, "food-and-tea"))]


async def test_shopifys_taxonomy_comes_in_two_languages(db: Database) -> None:
    assert await db.write(MARKET, lambda tx: import_taxonomy(tx, SHOPIFY.splitlines())) == Imported(3, 0)
    chinese = SHOPIFY_ZH.splitlines()
    assert await db.write(MARKET, lambda tx: import_taxonomy(tx, chinese, language="zh-CN")) == Imported(0, 3)
    green = await db.read(lambda r: get_category(r, "fo-1-2"))
    assert (green.parent, green.path, green.name_en, green.name_zh) == (
        "fo-1",
        ["fo", "fo-1", "fo-1-2"],
        "Green Tea",
        "绿茶",
    )


@pytest.mark.parametrize("numbers", [True, False])
async def test_googles_taxonomy_comes_with_or_without_numbers(db: Database, numbers: bool) -> None:
    lines = [line if numbers else line.partition(" - ")[2] or line for line in GOOGLE.splitlines()]
    assert await db.write(MARKET, lambda tx: import_taxonomy(tx, lines)) == Imported(3, 0)
    slug = "google-2073" if numbers else "google-food-beverages-tobacco-beverages-tea-infusions"
    assert len((await db.read(lambda r: tree_of(r, [slug]))).trail_of(slug)) == 3


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", 1),
        ("gid://shopify/TaxonomyCategory/fo-1 : Food > Tea", 1),
        (SHOPIFY + "nonsense", 7),
        ("412 - Food\n413 - Drinks > Tea", 2),
        ("gid://shopify/TaxonomyCategory/fo : Food\n\x89PNG\r", 2),
    ],
)
async def test_a_file_that_is_none_is_refused_and_nothing_is_written(db: Database, text: str, line: int) -> None:
    with pytest.raises(TaxonomyUnreadable) as refusal:
        await db.write(MARKET, lambda tx: import_taxonomy(tx, text.splitlines()))
    assert refusal.value.params == {"line": line}
    assert await db.read(list_categories) == []


async def test_the_published_files_are_read_whole(db: Database) -> None:
    if not REAL.exists():
        pytest.skip("the published files are not here")
    for language in ("en", "zh-CN"):
        lines = (REAL / language / "categories.txt").read_text("utf-8").splitlines()
        done = await db.write(MARKET, lambda tx, k=lines, lang=language: import_taxonomy(tx, k, language=lang))
        assert done.created + done.updated > 10_000
    green = await db.read(lambda r: get_category(r, "ap-2-1"))
    assert green.name_en == "Bird Supplies"
    assert green.name_zh


async def test_an_operators_required_attribute_is_asked_for_except_of_drafts(db: Database) -> None:
    await db.write(MARKET, plant_categories)
    attribute = {"key": "origin", "en": "Origin", "zh": "产地", "kind": "text", "required": True}
    await db.write(
        MARKET,
        lambda tx: tx.execute("update catalog.categories set attributes = $1 where slug = 'tea'", [attribute]),
    )
    shop = await make_shop(db)
    with pytest.raises(Invalid) as refusal:
        await make_product(db, shop, category="tea")
    assert [e.pointer for e in refusal.value.errors] == ["/attributes/origin"]
    await make_product(db, shop, category="tea", state=ProductState.DRAFT)
    await make_product(db, shop, category="tea", attributes={"origin": "云南"})


async def test_an_unknown_category_is_not_found(db: Database) -> None:
    with pytest.raises(CategoryNotFound):
        await db.read(lambda r: get_category(r, "none-such"))
