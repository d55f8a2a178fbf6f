"""How the fair works, in words, with the numbers that bind it."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext
from fairground.kit.money import Money, digits
from fairground.kit.place import Place
from fairground.market.catalog.model import CatalogRules
from fairground.market.orders.model import OrderRules
from fairground.market.promotions.model import PromotionRules
from fairground.market.reviews.model import ReviewRules
from fairground.market.search.model import SearchRules
from fairground.market.shops.model import ShopRules
from fairground.web.render import market_name, page


class HelpView(msgspec.Struct, frozen=True, kw_only=True):
    """The rules that the page tells, as they are in force."""

    market: str
    orders: OrderRules
    shops: ShopRules
    catalog: CatalogRules
    search: SearchRules
    reviews: ReviewRules
    promotions: PromotionRules
    commission: str
    late_percent: str
    late_least: str
    late_most: str


@get("/help", include_in_schema=False)
async def show_help(request: Request[Any, Any, Any], db: NamedDependency[Database]) -> Response[bytes]:
    """Show how the fair works."""
    orders, place = db.given(OrderRules), db.given(Place)
    unit = 10 ** digits(place.currency)
    view = HelpView(
        market=market_name(place),
        orders=orders,
        shops=db.given(ShopRules),
        catalog=db.given(CatalogRules),
        search=db.given(SearchRules),
        reviews=db.given(ReviewRules),
        promotions=db.given(PromotionRules),
        commission=formats.percent(orders.commission_bp),
        late_percent=formats.percent(orders.late_voucher_bp),
        late_least=formats.money(Money(orders.late_voucher_least_units * unit, place.currency)),
        late_most=formats.money(Money(orders.late_voucher_most_units * unit, place.currency)),
    )
    return page(
        request, "public/help.html", title=gettext("How the fair works"), public=True, address="/help", view=view
    )


HANDLERS: Final[list[ControllerRouterHandler]] = [show_help]
