"""After the fair has opened: its pictures are painted once more, large, and further ones are added."""

from collections.abc import Mapping
from typing import Any, Final

from fairground.app.demo.painting import FINE, further_looks, open_studio
from fairground.app.demo.reading import Booth, Thing, read_fair
from fairground.kit.actor import person
from fairground.kit.db import Database, Reader, Tx
from fairground.kit.jobs import Job
from fairground.kit.storage import Storage
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.actions.change import change_product
from fairground.market.catalog.model import Product, ProductChange, ProductId
from fairground.market.catalog.model.products import Picture as ShownPicture
from fairground.market.catalog.queries import map_handles, map_products
from fairground.market.media.actions import add_picture, keep_picture
from fairground.market.shops.model import Role, ShopId
from fairground.market.shops.queries import get_shop_by_slug, list_staff

PAINT: Final = "demo.paint"


def jobs(db: Database, storage: Storage) -> list[Job]:
    """List the jobs of the demo fair."""

    async def paint(payload: dict[str, Any]) -> None:
        await paint_booth(db, storage, payload["slug"])

    return [Job(PAINT, paint, tries=3, at_once=1)]


async def paint_booth(db: Database, storage: Storage, slug: str) -> None:
    """Paint the pictures of one shop; what is painted already is left alone, so it may run twice."""
    booth = next((booth for booth in read_fair() if booth.slug == slug), None)
    if booth is None:
        return
    shop_id, owner = await db.read(lambda reader: _owner(reader, slug))
    products = await db.read(lambda reader: _products(reader, shop_id, booth))
    async with open_studio(1) as studio:
        for number, thing in enumerate(booth.things, 1):
            product = products.get(booth.handle(number))
            if product is None or len(product.pictures) != 1:
                continue
            looks = [(thing.look, False), *further_looks(thing.look, thing.palettes)]
            painted = await studio.paint(looks, FINE)
            stored = [await keep_picture(storage, shop_id, picture, db.clock.now()) for picture in painted]

            async def hang(tx: Tx, product: Product = product, stored: Any = stored, thing: Thing = thing) -> None:
                media = [await add_picture(tx, shop_id, one, is_public=True) for one in stored]
                alt = thing.title.of(booth.language)
                change = ProductChange(pictures=[ShownPicture(media_id, alt) for media_id in media])
                # The first picture stays in the storage: orders of the last weeks show it.
                await change_product(tx, product.id, change)

            await db.write(person(owner), hang)


async def _owner(reader: Reader, slug: str) -> tuple[ShopId, PersonId]:
    shop = await get_shop_by_slug(reader, slug)
    staff = await list_staff(reader, shop.id)
    return shop.id, next(member.person_id for member in staff if member.role is Role.OWNER)


async def _products(reader: Reader, shop_id: ShopId, booth: Booth) -> Mapping[str, Product]:
    handles = [booth.handle(number) for number in range(1, len(booth.things) + 1)]
    ids: Mapping[str, ProductId] = await map_handles(reader, shop_id, handles)
    products = await map_products(reader, list(ids.values()))
    return {handle: products[product_id] for handle, product_id in ids.items() if product_id in products}
