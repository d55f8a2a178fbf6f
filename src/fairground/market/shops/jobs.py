"""What falls due in shops: the end of a holiday."""

from fairground.kit.db import Tx
from fairground.kit.deadlines import Deadline, DeadlineHandler
from fairground.kit.events import publish
from fairground.market.shops.actions.state import HOLIDAY_ENDS, move_shop
from fairground.market.shops.errors import ShopInWrongState, ShopNotFound
from fairground.market.shops.events import ShopCameBack
from fairground.market.shops.model import ShopDeed, ShopId


def deadline_handlers() -> list[DeadlineHandler]:
    """List what to do when a deadline of this room falls due."""
    return [DeadlineHandler(HOLIDAY_ENDS, end_holiday)]


async def end_holiday(tx: Tx, deadline: Deadline) -> None:
    """Bring a shop back from the holiday whose end it named; one that came back earlier stays as it is."""
    shop_id = ShopId(deadline.subject)
    try:
        shop = await move_shop(tx, shop_id, ShopDeed.RETURN)
    except (ShopInWrongState, ShopNotFound):
        return
    await publish(tx, ShopCameBack(shop_id=shop_id, version=shop.version))
