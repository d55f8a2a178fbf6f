"""The stalls of the seed and what they sell."""

import asyncio
from collections.abc import Sequence
from typing import Final

import msgspec

from fairground.app.seed.people import SEED, register
from fairground.app.seed.things import thing
from fairground.kit.db import Database, Tx
from fairground.kit.place import Place
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.actions.categories import plant_categories
from fairground.market.catalog.actions.create import create_products
from fairground.market.catalog.model import ProductId, VariantId
from fairground.market.shops.actions.bulk import open_shops
from fairground.market.shops.model import ShopDraft, ShopId

SHOPS_AT_ONCE: Final = 1_000
GOODS_AT_ONCE: Final = 500
LANES: Final = 2
TOWNS: Final = (("山脚", "Hillfoot"), ("河边", "Riverside"), ("南门", "South Gate"), ("老街", "Old Street"))
TRADES: Final = (("陶坊", "Pottery"), ("织坊", "Looms"), ("茶铺", "Tea House"), ("杂货", "Sundries"))


class Stall(msgspec.Struct, frozen=True):
    """A shop of the seed, who owns it, and what it sells so far: products, and one variant each that may be ordered."""

    shop_id: ShopId
    slug: str
    language: str
    owner_id: PersonId
    product_ids: list[ProductId]
    variant_ids: list[VariantId]


def draft_of(number: int, run: int) -> ShopDraft:
    """Describe the shop of a number."""
    town, trade = TOWNS[number % len(TOWNS)], TRADES[number // len(TOWNS) % len(TRADES)]
    language = "zh-CN" if number % 2 else "en"
    name = f"{town[0]}{trade[0]} {number}" if number % 2 else f"{town[1]} {trade[1]} {number}"
    slug = f"{town[1]}-{trade[1]}".lower().replace(" ", "-")
    return ShopDraft(name=name, slug=f"{slug}-{run}-{number}", language=language, country="CN")


async def open_stalls(db: Database, run: int, hashed: str, count: int) -> list[Stall]:
    """Open so many shops, each with an owner of its own."""
    stalls: list[Stall] = []
    for first in range(0, count, SHOPS_AT_ONCE):
        numbers = range(first, min(first + SHOPS_AT_ONCE, count))
        drafts = [draft_of(n, run) for n in numbers]

        async def write(tx: Tx, numbers: Sequence[int] = numbers, drafts: Sequence[ShopDraft] = drafts) -> list[Stall]:
            owners = await register(tx, "owner", run, hashed, numbers)
            ids = await open_shops(tx, owners, drafts, first_bucket=numbers[0] * 11)
            return [
                Stall(shop_id, draft.slug or "", draft.language or "", owner_id, [], [])
                for shop_id, draft, owner_id in zip(ids, drafts, owners, strict=True)
            ]

        stalls += await db.write(SEED, write)
    return stalls


async def add_goods(db: Database, stalls: Sequence[Stall], count: int) -> None:
    """Put so many products on sale, shared out evenly among the stalls."""
    if not stalls or not count:
        return
    await db.write(SEED, plant_categories)
    waiting = portions_of(stalls, count)

    async def work(mine: Sequence[list[tuple[Stall, range]]]) -> None:
        for portions in mine:
            await _write(db, portions)

    # While one batch is being written by the database, the next is made here.
    await asyncio.gather(*(work(waiting[n::LANES]) for n in range(LANES)))


def portions_of(stalls: Sequence[Stall], count: int) -> list[list[tuple[Stall, range]]]:
    """Share the numbers of products out among stalls, and the stalls among transactions of some hundred products."""
    share = -(-count // len(stalls))
    batches: list[list[tuple[Stall, range]]] = [[]]
    for place, stall in enumerate(stalls):
        first, end = min(place * share, count), min((place + 1) * share, count)
        for start in range(first, end, GOODS_AT_ONCE):
            numbers = range(start, min(start + GOODS_AT_ONCE, end))
            if sum(len(one) for _, one in batches[-1]) + len(numbers) > GOODS_AT_ONCE:
                batches.append([])
            batches[-1].append((stall, numbers))
    return batches


async def _write(db: Database, portions: Sequence[tuple[Stall, range]]) -> None:
    async def write(tx: Tx) -> list[tuple[Stall, list[ProductId], list[VariantId]]]:
        currency, made = tx.given(Place).currency, []
        for stall, numbers in portions:
            products = [thing(number, stall.language, currency) for number in numbers]
            created = await create_products(tx, stall.shop_id, products, announce=False)
            made.append((stall, [one.product_id for one in created], [one.variant_ids[0] for one in created]))
        return made

    for stall, product_ids, variant_ids in await db.write(SEED, write):
        stall.product_ids.extend(product_ids)
        stall.variant_ids.extend(variant_ids)
