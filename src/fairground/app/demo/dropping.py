"""Two drops at the demo fair: one is open, and one with a waiting room is announced for tomorrow."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from fairground.kit.actor import system
from fairground.kit.db import Database, Tx
from fairground.market.catalog.model import Product, Variant
from fairground.market.promotions.actions.drops import announce_drop, plan_drop
from fairground.market.promotions.model import DropDraft, GoodsWish
from fairground.market.shops.model import Shop

MARKET: Final = system("demo")


class Told(msgspec.Struct, frozen=True):
    """What is said of a drop, and how it sells; `goods` are places in the list of a shop's things, `quota` of each."""

    shop: int
    zh: tuple[str, str]
    en: tuple[str, str]
    goods: tuple[int, ...]
    off_percent: int
    quota: int
    has_room: bool


OPEN: Final = Told(
    0,
    ("开窑：这一窑的壶和碗", "星期天出的窑，一共就这些。卖完了，等下一窑。"),
    ("Out of the kiln", "Opened on Sunday, and this is all there is. When it is gone, the next firing is in a month."),
    (4, 5, 3),
    25,
    6,
    False,
)
COMING: Final = Told(
    1,
    ("第一批新羊毛", "今年第一批羊毛织的披肩和靠垫，各六件。先来后到不作数，开始的时候抽签排队。"),
    ("The first wool of the year", "Six shawls and six cushions from this year's first wool. Places are drawn by lot."),
    (7, 6),
    30,
    6,
    True,
)


async def hold_drops(db: Database, shops: Sequence[tuple[Shop, Sequence[Product]]]) -> None:
    """Open one drop, and announce another."""
    now = db.clock.now()
    tomorrow = (now + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)
    for told, starts, ends in (
        (OPEN, now, now + timedelta(days=3)),
        (COMING, tomorrow, tomorrow + timedelta(hours=4)),
    ):
        shop, products = shops[told.shop]
        draft = _draft(told, shop, products, starts, ends)

        async def deed(tx: Tx, shop: Shop = shop, draft: DropDraft = draft) -> None:
            await announce_drop(tx, (await plan_drop(tx, shop.id, draft)).id)

        await db.write(MARKET, deed)


def _draft(told: Told, shop: Shop, products: Sequence[Product], starts: datetime, ends: datetime) -> DropDraft:
    title, words = told.zh if shop.language.startswith("zh") else told.en
    chosen: list[Variant] = [products[at].variants[0] for at in told.goods]
    return DropDraft(
        title=title,
        words=words,
        language=shop.language,
        starts_at=starts,
        ends_at=ends,
        goods=tuple(_wish(variant, told) for variant in chosen),
        has_room=told.has_room,
        per_minute=60 if told.has_room else None,
        burst=20 if told.has_room else None,
    )


def _wish(variant: Variant, told: Told) -> GoodsWish:
    """Take some per cent off, down to whole units as makers write them."""
    price = variant.price.amount * (100 - told.off_percent) // 100
    return GoodsWish(variant.id, max(100, price - price % 100), told.quota, 2)
