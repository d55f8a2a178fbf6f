"""What all rooms of a shop share: who may enter, the rooms at the side, the shop's cloth."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from functools import lru_cache
from typing import Any, Final

import msgspec
from litestar import Request, Response

from fairground.kit.db import Reader
from fairground.kit.http.caller import Caller
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext
from fairground.market.aftersale.policy import may_see_cases
from fairground.market.orders.model import OrderState
from fairground.market.orders.queries.shop_orders import count_open_of_shop
from fairground.market.shops.errors import RoleTooSmall, ShopNotFound
from fairground.market.shops.model import Role, Shop
from fairground.market.shops.policy import (
    May,
    may_change_shop,
    may_count_stock,
    may_enter,
    may_manage_goods,
    may_manage_staff,
    may_see_money,
    may_ship,
)
from fairground.market.shops.queries import get_shop, list_memberships
from fairground.web.render import Section, ShopFace, page

AnyRequest = Request[Any, Any, Any]
ENTRY: Final = 3  # statements that every room costs: where the person works, the shop, its open orders


class Room(msgspec.Struct, frozen=True):
    """A shop as one of its people sees it. `waiting` counts its open orders by state."""

    shop: Shop
    role: Role
    waiting: dict[OrderState, int]
    now: datetime

    @property
    def home(self) -> str:
        """Give the address of the shop's first room; the others begin with it."""
        return f"/seller/{self.shop.slug}"

    @property
    def zone(self) -> tzinfo:
        """Give the zone that the shop's days and hours are told in."""
        return formats.zone(self.shop.time_zone)


def may_see_orders(role: Role) -> bool:
    """Who packs sees orders, and who keeps the books."""
    return may_ship(role) or may_see_money(role)


async def enter_room(reader: Reader, caller: Caller, slug: str, may: May = may_enter) -> Room:
    """Let one of a shop's people into a room; `ENTRY` statements.

    Raises:
        NotSignedIn: a guest calls.
        ShopNotFound: there is no such shop, or the person does not work there.
        RoleTooSmall: the person works there in another role.
    """
    person_id = caller.need_person()
    for place in await list_memberships(reader, person_id):
        if place.slug == slug.lower() and place.joined_at is not None:
            if not may(place.role):
                raise RoleTooSmall
            shop = await get_shop(reader, place.shop_id)
            return Room(shop, place.role, await count_open_of_shop(reader, shop.id), reader.now)
    raise ShopNotFound


def seller_sections(room: Room, counts: Mapping[str, int] | None = None) -> list[Section]:
    """List the rooms of a shop that this person may enter; `counts` says what waits in some (`"/reviews": 3`)."""
    home, role = room.home, room.role
    waits = {"/orders": room.waiting.get(OrderState.PAID, 0), **(counts or {})}
    sections = [
        ("", "house", gettext("Today"), True),
        ("/goods", "tag", gettext("Products"), may_count_stock(role)),
        ("/orders", "package", gettext("Orders"), may_see_orders(role)),
        ("/cases", "undo-2", gettext("After-sale"), may_see_cases(role)),
        ("/reviews", "star", gettext("Reviews"), may_ship(role)),
        ("/asked", "message-circle", gettext("Asked about goods"), may_ship(role)),
        ("/complaints", "shield", gettext("Complaints"), may_manage_goods(role)),
        ("/messages", "message-circle", gettext("Messages"), may_ship(role)),
        ("/answers", "circle-help", gettext("Questions and answers"), may_ship(role)),
        ("/coupons", "ticket", gettext("Coupons"), may_manage_goods(role)),
        ("/drops", "hourglass", gettext("Drops"), may_manage_goods(role)),
        ("/promises", "shield-check", gettext("Promises"), may_manage_goods(role)),
        ("/money", "wallet", gettext("Money"), may_see_money(role)),
        ("/face", "store", gettext("Shop face"), may_change_shop(role)),
        ("/delivery", "truck", gettext("Ways of delivery"), may_change_shop(role)),
        ("/staff", "users", gettext("Staff"), may_manage_staff(role)),
    ]
    return [(home + path, icon, label, waits.get(path, 0)) for path, icon, label, may in sections if may]


def shown_sections(request: AnyRequest, room: Room, counts: Mapping[str, int] | None = None) -> list[Section]:
    """List those of the rooms that have a page in this market: nobody is led to one that is not built."""
    built = _paths(request.app)
    pattern = "/seller/{slug:str}"
    return [s for s in seller_sections(room, counts) if s[0].replace(room.home, pattern, 1) in built]


def first_room(request: AnyRequest, room: Room) -> str:
    """Tell where somebody who opens a shop's rooms begins."""
    sections = shown_sections(request, room)
    return sections[0][0] if sections else f"/s/{room.shop.slug}"


@lru_cache(maxsize=4)
def _paths(app: Any) -> frozenset[str]:
    return frozenset(str(getattr(route, "path", "")) for route in app.routes)


def seller_page(
    request: AnyRequest,
    template: str,
    room: Room,
    *,
    title: str,
    status: int = 200,
    counts: Mapping[str, int] | None = None,
    **views: Any,
) -> Response[bytes]:
    """Answer with a page of a shop's rooms; `room` is known to the template too."""
    return page(
        request,
        f"seller/{template}.html",
        title=title,
        status=status,
        sections=shown_sections(request, room, counts),
        shop=ShopFace(room.shop.name, f"/s/{room.shop.slug}", room.shop.cloth),
        zone=room.zone,
        room=room,
        **views,
    )
