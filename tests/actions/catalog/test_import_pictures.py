"""Pictures in merchants' files are addresses: fetched by a job, put in their place; a failure leaves the product."""

from pathlib import Path

from fairground.kit.db import Database
from fairground.kit.fetch import AddressNotAllowed, Fetched
from fairground.kit.storage import ObjectStorage
from fairground.market.catalog.exchange.model import FileFormat
from fairground.market.catalog.exchange.subscribers import subscribers
from fairground.market.catalog.model import Product
from fairground.market.media.jobs import jobs
from fairground.market.shops.model import Shop
from tests.support.exchange import Report, import_now, products_of, report_of
from tests.support.jobs import work_off
from tests.support.media import draw, make_storage
from tests.support.shops import make_shop
from tests.support.world import pump

GOODS = """Handle,Title,Option1 Name,Option1 Value,Variant Price,Image Src,Image Position,Image Alt Text,Variant Image
mug,Mug,Colour,Red,19.90,https://x.example/2.jpg,2,Behind,https://x.example/1.jpg
mug,,,Blue,29.90,https://x.example/1.jpg,1,Front,https://x.example/gone.jpg
"""


async def fetch_them(db: Database, storage: ObjectStorage, asked: list[str] | None = None) -> None:
    async def fetcher(address: str) -> Fetched:
        if asked is not None:
            asked.append(address)
        if "gone" in address:
            raise AddressNotAllowed
        return Fetched(address, "image/jpeg", draw(200, 100 + len(address)))

    await work_off(db, jobs(db, storage, fetcher))
    await pump(db, subscribers(), [])


async def imported(db: Database, tmp_path: Path, goods: str = GOODS) -> tuple[Shop, ObjectStorage, Report]:
    shop, storage = await make_shop(db), make_storage(tmp_path / "files")
    report = await import_now(db, shop, goods, FileFormat.SHOPIFY, storage=storage)
    return shop, storage, report


async def mug_of(db: Database, shop: Shop) -> Product:
    return (await products_of(db, shop))["mug"]


async def test_pictures_come_by_a_job_in_the_order_of_the_file(db: Database, tmp_path: Path) -> None:
    shop, storage, report = await imported(db, tmp_path)
    assert report.done.pictures_asked == 3
    assert (await mug_of(db, shop)).pictures == []
    await fetch_them(db, storage)
    mug = await mug_of(db, shop)
    assert [p.alt for p in mug.pictures] == ["Front", "Behind"]
    assert mug.variants[0].picture_id == mug.pictures[0].media_id
    assert mug.variants[1].picture_id is None


async def test_a_picture_that_does_not_come_leaves_the_product_and_says_so(db: Database, tmp_path: Path) -> None:
    shop, storage, report = await imported(db, tmp_path)
    await fetch_them(db, storage)
    again = await report_of(db, shop.id, report.done.id)
    assert again.done.pictures_failed == 1
    assert [(n.line, n.code, n.params["why"]) for n in again.notes] == [
        (2, "exchange.picture", "fetch.address_not_allowed")
    ]
    assert not again.refused
    assert len((await mug_of(db, shop)).variants) == 2


async def test_the_same_file_again_fetches_only_what_did_not_come(db: Database, tmp_path: Path) -> None:
    shop, storage, _ = await imported(db, tmp_path)
    await fetch_them(db, storage)
    before, asked = await mug_of(db, shop), list[str]()
    report = await import_now(db, shop, GOODS, FileFormat.SHOPIFY, storage=storage)
    assert (report.done.unchanged, report.done.pictures_asked) == (1, 1)
    await fetch_them(db, storage, asked)
    assert asked == ["https://x.example/gone.jpg"]
    assert await mug_of(db, shop) == before


async def test_another_file_replaces_pictures_of_files_and_keeps_those_by_hand(db: Database, tmp_path: Path) -> None:
    from fairground.market.catalog.actions.change import change_product
    from fairground.market.catalog.model import Picture, ProductChange
    from tests.support.media import make_picture
    from tests.support.shops import MARKET

    shop, storage, _ = await imported(db, tmp_path)
    await fetch_them(db, storage)
    mug = await mug_of(db, shop)
    by_hand = Picture(await make_picture(db, storage, shop.id), "Mine")
    change = ProductChange(pictures=[by_hand, *mug.pictures])
    await db.write(MARKET, lambda tx: change_product(tx, mug.id, change))
    only_front = GOODS.replace("https://x.example/2.jpg,2,Behind", ",,")
    await import_now(db, shop, only_front, FileFormat.SHOPIFY, storage=storage)
    assert [p.alt for p in (await mug_of(db, shop)).pictures] == ["Front", "Mine"]


async def test_a_picture_beside_the_file_is_read_from_there_and_never_from_above(db: Database, tmp_path: Path) -> None:
    (tmp_path / "goods").mkdir()
    (tmp_path / "goods" / "mug.jpg").write_bytes(draw())
    (tmp_path / "secret.jpg").write_bytes(draw())
    shop, storage = await make_shop(db), make_storage(tmp_path / "files")
    text = GOODS.replace("https://x.example/1.jpg", "mug.jpg").replace("https://x.example/2.jpg", "../secret.jpg")
    await import_now(db, shop, text, FileFormat.SHOPIFY, storage=storage, folder=tmp_path / "goods")
    mug = await mug_of(db, shop)
    assert [p.alt for p in mug.pictures] == ["Front"]
    assert mug.variants[0].picture_id == mug.pictures[0].media_id


async def test_the_same_picture_beside_the_file_is_not_kept_twice(db: Database, tmp_path: Path) -> None:
    (tmp_path / "goods").mkdir()
    (tmp_path / "goods" / "mug.jpg").write_bytes(draw())
    shop, storage = await make_shop(db), make_storage(tmp_path / "files")
    text = "Handle,Title,Variant Price,Image Src\nmug,Mug,19.90,mug.jpg\n"
    await import_now(db, shop, text, FileFormat.SHOPIFY, storage=storage, folder=tmp_path / "goods")
    before = await mug_of(db, shop)
    report = await import_now(db, shop, text, FileFormat.SHOPIFY, storage=storage, folder=tmp_path / "goods")
    assert report.done.unchanged == 1
    assert await mug_of(db, shop) == before
