"""What the catalog does when something happens to a shop."""

from typing import TypeAlias

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.catalog.actions.signals import note_shop_sells
from fairground.market.shops.errors import ShopNotFound
from fairground.market.shops.events import (
    ShopCameBack,
    ShopOpened,
    ShopReopened,
    ShopSuspended,
    ShopWasClosed,
    ShopWentOnHoliday,
)
from fairground.market.shops.queries import get_shop

_Moved: TypeAlias = ShopOpened | ShopCameBack | ShopReopened | ShopSuspended | ShopWasClosed | ShopWentOnHoliday


def subscribers() -> list[Subscriber]:
    """List what this room listens to."""
    moved = (ShopOpened, ShopCameBack, ShopReopened, ShopSuspended, ShopWasClosed, ShopWentOnHoliday)
    return [Subscriber("catalog.follow_shops", moved, follow_shop)]


async def follow_shop(tx: Tx, event: _Moved) -> None:
    """Note on a shop's products whether it sells, as it stands by now: events may be late."""
    try:
        shop = await get_shop(tx, event.shop_id)
    except ShopNotFound:
        return
    await note_shop_sells(tx, shop.id, sells=shop.sells)
