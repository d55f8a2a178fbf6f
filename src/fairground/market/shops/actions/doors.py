"""Who may do a deed in a shop: asked by every action, before anything is written."""

from fairground.kit.db import Tx
from fairground.market.shops.errors import RoleTooSmall, ShopClosed, ShopNotFound, StaffOnly
from fairground.market.shops.model import Shop, ShopId, ShopState
from fairground.market.shops.policy import May
from fairground.market.shops.queries import get_shop, role_in


async def enter(tx: Tx, shop_id: ShopId, may: May, *, even_closed: bool = False) -> Shop:
    """Let the actor into a shop, if they work there in a role that may; the market itself may always.

    Raises:
        ShopNotFound: there is none, or the actor does not work there.
        RoleTooSmall: the actor works there in another role.
        ShopClosed: nothing can be changed there any more.
    """
    shop = await get_shop(tx, shop_id)
    if not acts_for_market(tx):
        role = None if tx.actor.person_id is None else await role_in(tx, shop_id, tx.actor.person_id)
        if role is None:
            raise ShopNotFound
        if not may(role):
            raise RoleTooSmall
    if shop.state is ShopState.CLOSED and not even_closed:
        raise ShopClosed
    return shop


def acts_for_market(tx: Tx) -> bool:
    """Tell whether a part of the market acts by itself: a timer, an import, the seed."""
    return tx.actor.name.startswith("system:")


def enter_desk(tx: Tx) -> None:
    """Let only the market's staff, or the market itself, go on.

    Raises:
        StaffOnly
    """
    if not tx.actor.is_staff and not acts_for_market(tx):
        raise StaffOnly
