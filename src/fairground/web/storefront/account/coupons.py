"""One's wallet of coupons: what can be used, what ends first first; and what is past."""

from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Conflict, NotFound
from fairground.kit.http.caller import Caller
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext, say
from fairground.kit.money import Money
from fairground.kit.place import Place
from fairground.market.promotions.actions.taking import take_coupon_by_code
from fairground.market.promotions.model import HeldCoupon, PercentOff
from fairground.market.promotions.queries.coupons import list_wallet
from fairground.market.shops.model import ShopCard
from fairground.market.shops.queries import get_shop_by_slug, map_shops
from fairground.web.cards import CouponCard
from fairground.web.render import go, page
from fairground.web.storefront.account.overview import person_of
from fairground.web.storefront.goods import coupon_terms

PAGE: Final = "/account/coupons"
SHOWN: Final = 24


class CodeForm(msgspec.Struct):
    """A code, and the address of the shop it is for."""

    shop: str = ""
    code: str = ""


class WalletRow(msgspec.Struct, frozen=True):
    """One coupon, and the shop where it is good."""

    card: CouponCard
    href: str | None
    left: int


class WalletView(msgspec.Struct, frozen=True):
    """A page of the wallet."""

    rows: list[WalletRow]
    past: bool
    next_href: str | None


@get(PAGE, include_in_schema=False)
async def show_wallet(
    request: Request[Any, Any, Any], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the coupons that one holds."""
    person_id, place = person_of(caller), db.given(Place)
    past, after = request.query_params.get("past") == "1", request.query_params.get("after")

    async def look(reader: Reader) -> WalletView:
        found = await list_wallet(reader, person_id, past=past, after=after, limit=SHOWN)
        shops = await map_shops(reader, {held.coupon.shop_id for held in found.items})
        rows = [_row(held, shops.get(held.coupon.shop_id), place, past=past) for held in found.items]
        query = urlencode({**({"past": "1"} if past else {}), "after": found.next or ""})
        return WalletView(rows, past, f"{PAGE}?{query}" if found.next else None)

    view = await db.read(look)
    return page(request, "storefront/account/coupons.html", title=gettext("My coupons"), view=view)


def _row(held: HeldCoupon, shop: ShopCard | None, place: Place, *, past: bool) -> WalletRow:
    coupon = held.coupon
    name = shop.name if shop else None
    card = CouponCard(
        title=coupon.title or name or gettext("Coupon"),
        terms=coupon_terms(coupon, place, name),
        amount=None if isinstance(coupon.effect, PercentOff) else Money(coupon.effect.amount, coupon.currency),
        percent=coupon.effect.basis_points // 100 if isinstance(coupon.effect, PercentOff) else None,
        state=("used" if held.left == 0 else "gone") if past else "taken",
    )
    return WalletRow(card, f"/s/{shop.slug}" if shop else None, held.left)


@post(PAGE, include_in_schema=False)
async def take_by_code(
    request: Request[Any, Any, Any], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Put the coupon with a code into the wallet."""
    person_id, form = person_of(caller), await read_form(request, CodeForm)

    async def deed(tx: Any) -> HeldCoupon:
        shop = await get_shop_by_slug(tx, form.shop.strip().rstrip("/").rsplit("/", 1)[-1])
        return await take_coupon_by_code(tx, person_id, shop.id, form.code)

    try:
        held = await db.write(caller.actor, deed)
    except (NotFound, Conflict) as trouble:
        return go(request, PAGE, say=say(trouble.message, trouble.params), kind="mind")
    name = held.coupon.title or gettext("Coupon")
    return go(request, PAGE, say=say("Yours now: %(coupon)s. The checkout uses it by itself.", {"coupon": name}))


HANDLERS: Final[list[Any]] = [show_wallet, take_by_code]
