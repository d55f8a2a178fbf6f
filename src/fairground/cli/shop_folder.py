"""Everything a shop owns, as a folder of open formats.

`goods.csv` and `goods.jsonl` (the same goods, for spreadsheets and for programs) with `pictures/` come back by
`fairground import DIR/goods.csv --format fairground`; orders, coupons, reviews and the shop's face are there
to be read.
"""

import csv
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any, Final, TypeVar

import msgspec

from fairground.app.outfit import Outfit
from fairground.kit.actor import system
from fairground.kit.db import Reader
from fairground.kit.errors import NotFound
from fairground.kit.ids import to_text
from fairground.kit.money import Money
from fairground.kit.paging import Page
from fairground.kit.safe_text import escape_cell
from fairground.market.catalog.exchange.writing import csv_header, csv_lines, json_line, walk_products
from fairground.market.catalog.model import CatalogRules, Product
from fairground.market.media.model import MediaId
from fairground.market.media.queries import get_picture_file
from fairground.market.orders.model import Order, OrderId, OrderLine
from fairground.market.orders.queries.orders import map_lines, map_orders
from fairground.market.orders.queries.shop_orders import list_orders_of_shop
from fairground.market.promotions.queries.coupons import list_coupons_of_shop
from fairground.market.reviews.queries import list_reviews_of_shop
from fairground.market.shipping.queries import find_template
from fairground.market.shops.model import Shop, ShopId

T = TypeVar("T")
SIZE: Final = 1600
README: Final = """\
This folder holds everything the shop owns.

shop.json      name, words, cloth, addresses, ways of delivery; pictures by their file
goods.csv      all goods, a line for each variant; comes back by: fairground import goods.csv --format fairground
goods.jsonl    the same, a line of JSON for each product; comes back in the same way
pictures/      pictures of goods and of the shop, WebP
orders.csv     a line for each line of an order; orders.jsonl: the orders in full
coupons.jsonl  coupons with their rules and counters
reviews.jsonl  what buyers wrote, and the shop's answers

Amounts in .jsonl are in the smallest unit of the currency; in .csv in units. Times are UTC.
"""
ORDER_COLUMNS: Final = (
    "order", "number", "state", "placed_at", "paid_at", "shipped_at", "received_at", "closed_at", "title", "options",
    "sku", "quantity", "unit_price", "paid", "order_total", "refunded", "currency", "recipient", "phone", "country",
    "region", "city", "district", "address", "postal_code", "note",
)  # fmt: skip


class TakenOut(msgspec.Struct):
    """How much was written."""

    products: int = 0
    variants: int = 0
    pictures: int = 0
    orders: int = 0
    coupons: int = 0
    reviews: int = 0


async def take_out(outfit: Outfit, shop: Shop, folder: Path) -> TakenOut:
    """Write everything a shop owns into a folder."""
    done = TakenOut()
    (folder / "pictures").mkdir(parents=True, exist_ok=True)
    (folder / "README.txt").write_text(README, "utf-8")
    pictures = await _goods(outfit, shop, folder, done)
    pictures |= {MediaId(i) for i in (shop.avatar_id, shop.banner_id) if i is not None}
    await _face(outfit, shop, folder)
    for media_id in sorted(pictures):
        done.pictures += await _picture(outfit, media_id, folder)
    await _orders(outfit, shop.id, folder, done)
    coupons = walk(outfit, lambda r, a: list_coupons_of_shop(r, shop.id, a, 100))
    done.coupons = await _lines(folder / "coupons.jsonl", coupons)
    reviews = walk(outfit, lambda r, a: list_reviews_of_shop(r, shop.id, after=a, limit=100))
    done.reviews = await _lines(folder / "reviews.jsonl", reviews)
    return done


def picture_path(media_id: MediaId) -> str:
    """Name a picture's file in the folder."""
    return f"pictures/{media_id}.webp"


async def _goods(outfit: Outfit, shop: Shop, folder: Path, done: TakenOut) -> set[MediaId]:
    options, pictures = outfit.db.given(CatalogRules).options_most, set[MediaId]()
    with (folder / "goods.csv").open("wb") as table, (folder / "goods.jsonl").open("wb") as lines:
        table.write(csv_header(options))
        async for products, stock in walk_products(outfit.db, shop.id):
            for product in products:
                table.write(csv_lines(product, stock, picture_path, options))
                lines.write(json_line(product, stock, picture_path))
                pictures |= _pictures_of(product)
                done.products += 1
                done.variants += len(product.variants)
    return pictures


def _pictures_of(product: Product) -> set[MediaId]:
    return {p.media_id for p in product.pictures} | {v.picture_id for v in product.variants if v.picture_id is not None}


async def _face(outfit: Outfit, shop: Shop, folder: Path) -> None:
    template = await outfit.db.read(lambda reader: find_template(reader, shop.id))
    face = msgspec.to_builtins(shop, enc_hook=to_text)
    face |= {
        "avatar": None if shop.avatar_id is None else picture_path(MediaId(shop.avatar_id)),
        "banner": None if shop.banner_id is None else picture_path(MediaId(shop.banner_id)),
        "shipping": None if template is None else msgspec.to_builtins(template.options),
    }
    (folder / "shop.json").write_bytes(msgspec.json.format(msgspec.json.encode(face), indent=2))


async def _picture(outfit: Outfit, media_id: MediaId, folder: Path) -> int:
    """Write one picture in its largest size; one whose file is lost is left out."""
    try:
        actor = system("export")
        file = await outfit.db.read(lambda reader: get_picture_file(reader, media_id, SIZE, actor))
        (folder / picture_path(media_id)).write_bytes(await outfit.storage.get(file.path))
    except NotFound:
        return 0
    return 1


async def _orders(outfit: Outfit, shop_id: ShopId, folder: Path, done: TakenOut) -> None:
    listed = walk(outfit, lambda r, a: list_orders_of_shop(r, shop_id, after=a, limit=100))
    path = folder / "orders.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as table, (folder / "orders.jsonl").open("wb") as lines:
        writer = csv.writer(table)
        writer.writerow(ORDER_COLUMNS)
        async for copy in listed:
            order, of_order = await outfit.db.read(lambda r, i=copy.order_id: _order(r, i))  # type: ignore[misc]
            writer.writerows(_order_rows(order, of_order))
            whole = {"order": order, "lines": of_order}
            lines.write(msgspec.json.encode(whole, enc_hook=to_text) + b"\n")
            done.orders += 1


async def _order(reader: Reader, order_id: OrderId) -> tuple[Order, tuple[OrderLine, ...]]:
    return (await map_orders(reader, [order_id]))[order_id], (await map_lines(reader, [order_id]))[order_id]


def _order_rows(order: Order, lines: Sequence[OrderLine]) -> list[list[str]]:
    def major(amount: int) -> str:
        return str(Money(amount, order.currency).major)

    rows = []
    for line in lines:
        address = order.address
        cells: dict[str, Any] = {
            "order": order.id,
            "number": order.shown_number,
            "state": order.state,
            **{f: getattr(order, f) or "" for f in ("placed_at", "paid_at", "shipped_at", "received_at", "closed_at")},
            "title": escape_cell(line.title),
            "options": escape_cell(", ".join(f"{name}: {value}" for name, value in line.options.items())),
            "sku": escape_cell(line.sku),
            "quantity": line.quantity,
            "unit_price": major(line.unit_price),
            "paid": major(line.paid),
            "order_total": major(order.total),
            "refunded": major(order.refunded),
            "currency": order.currency,
            "recipient": escape_cell(str(address.get("name", ""))),
            "phone": escape_cell(str(address.get("phone", ""))),
            "address": escape_cell(", ".join(address.get("lines", ()))),
            **{
                f: escape_cell(str(address.get(f, "")))
                for f in ("country", "region", "city", "district", "postal_code")
            },
            "note": escape_cell(order.note),
        }
        rows.append([str(cells[name]) for name in ORDER_COLUMNS])
    return rows


async def walk(outfit: Outfit, look: Callable[[Reader, str | None], Awaitable[Page[T]]]) -> AsyncIterator[T]:
    """Give all items of a paged list."""
    after: str | None = None
    while True:
        page = await outfit.db.read(lambda reader, after=after: look(reader, after))  # type: ignore[misc]
        for item in page.items:
            yield item
        after = page.next
        if after is None:
            return


async def _lines(path: Path, items: AsyncIterator[Any]) -> int:
    count = 0
    with path.open("wb") as file:
        async for item in items:
            file.write(msgspec.json.encode(item, enc_hook=to_text) + b"\n")
            count += 1
    return count
