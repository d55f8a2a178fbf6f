"""What our own files carry out, they bring back the same."""

import csv
import io
from pathlib import Path

import pytest

from fairground.kit.db import Database
from fairground.market.catalog.actions.change import change_product
from fairground.market.catalog.exchange.model import FileFormat
from fairground.market.catalog.exchange.writing import write_csv, write_json
from fairground.market.catalog.model import Format, Picture, Product, ProductChange, ProductState, Translation
from fairground.market.media.model import MediaId
from fairground.market.shops.model import Shop
from tests.support.catalog import make_categories, make_product, make_shirt
from tests.support.exchange import FIXTURES, import_now, products_of, some_storage
from tests.support.media import draw, make_picture
from tests.support.shops import MARKET, make_shop

F = FileFormat.FAIRGROUND


def address(media_id: MediaId) -> str:
    return f"http://127.0.0.1:8000/media/{media_id}/1600.webp"


async def written(db: Database, shop: Shop, kind: str) -> bytes:
    write = write_csv if kind == "csv" else write_json
    return b"".join([piece async for piece in write(db, shop.id, address)])


async def full_shop(db: Database) -> Shop:
    """A shop with everything that could be lost on the way."""
    shop = await make_shop(db)
    await make_categories(db)
    storage = some_storage()
    picture = Picture(await make_picture(db, storage, shop.id), "=cmd|' /C calc'!A0")
    other = Picture(await make_picture(db, storage, shop.id, data=draw(300, 200)), "")
    await make_product(
        db,
        shop,
        title="=1+1",
        stock=None,
        description='  # A, "pot"\r\n\r\n\tspaces \n',
        description_format=Format.MARKDOWN,
    )
    await make_product(
        db, shop, title="茶壶", description="<p>一把壶</p>", description_format=Format.HTML, state=ProductState.DRAFT
    )
    shirt = await make_shirt(db, shop, colours=("red", "-blue"), handle="+shirt", pictures=[picture, other])
    change = ProductChange(
        options=[shirt.options[0], type(shirt.options[1])("Size", ["S", "M", "XXL"])],
        translations={"zh-CN": Translation("衬衫", "好\n衬衫")},
    )
    await db.write(MARKET, lambda tx: change_product(tx, shirt.id, change))
    return shop


def plain(found: dict[str, Product]) -> list[tuple[object, ...]]:
    fields = (
        "title",
        "description",
        "description_format",
        "language",
        "translations",
        "category",
        "attributes",
        "options",
    )
    return sorted(
        (
            *(str(getattr(p, f)) for f in fields),
            p.state,
            str([(v.options, v.price, v.compare_at, v.sku) for v in p.variants]),
        )
        for p in found.values()
    )


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
async def test_out_and_in_again_changes_nothing(db: Database, kind: str) -> None:
    shop = await full_shop(db)
    before = await products_of(db, shop)
    report = await import_now(db, shop, await written(db, shop, kind), F)
    assert not report.refused
    assert not report.notes
    assert (report.done.unchanged, report.done.updated, report.done.created) == (3, 0, 0)
    assert await products_of(db, shop) == before


@pytest.mark.parametrize("kind", ["csv", "jsonl"])
async def test_into_another_shop_everything_comes_along(db: Database, kind: str) -> None:
    shop, other = await full_shop(db), await make_shop(db)
    data = await written(db, shop, kind)
    report = await import_now(db, other, data, F)
    assert (report.done.created, report.refused) == (3, [])
    assert plain(await products_of(db, other)) == plain(await products_of(db, shop))
    again = await import_now(db, other, data, F)
    assert (again.done.created, again.done.updated, again.done.unchanged) == (0, 0, 3)


@pytest.mark.parametrize("name", ["goods.csv", "goods.jsonl"])
async def test_what_came_in_goes_out(db: Database, name: str) -> None:
    shop = await make_shop(db)
    report = await import_now(db, shop, (FIXTURES / name).read_bytes(), F, folder=FIXTURES)
    assert not report.refused
    one, two = sorted((await products_of(db, shop)).values(), key=lambda p: p.title)
    assert one.title == "=1+1"
    assert two.description == '# A pot\n\nIt *pours*, "well".\n'
    assert (two.description_format, one.description_format) == (Format.MARKDOWN, Format.HTML)


async def test_no_cell_runs_in_a_spreadsheet(db: Database) -> None:
    shop = await full_shop(db)
    rows = list(csv.reader(io.StringIO((await written(db, shop, "csv")).decode("utf-8-sig"), newline="")))
    assert len(rows) == 1 + 1 + 1 + 4
    assert not [cell for row in rows[1:] for cell in row if cell[:1] in {"=", "+", "-", "@"}]


async def test_a_picture_of_the_shop_is_known_by_its_address(db: Database, tmp_path: Path) -> None:
    shop = await full_shop(db)
    data = (await written(db, shop, "csv")).replace(b"+shirt", b"+blouse")
    report = await import_now(db, shop, data, F)
    assert report.done.pictures_asked == 0
    assert (await products_of(db, shop))["+blouse"].pictures
