"""One's own place on the ladder, and what shops said."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromQuery

from fairground.kit.db import Database, Reader
from fairground.kit.http.caller import Caller
from fairground.kit.i18n.words import gettext
from fairground.market.accounts.model import PersonId
from fairground.market.reviews.model import BuyerRating, ReviewRules, Whose
from fairground.market.reviews.queries import get_standing, list_ratings_of
from fairground.market.shops.model import ShopCard, ShopId
from fairground.market.shops.queries import map_shops
from fairground.web.render import page
from fairground.web.standing import StandingView, standing_view
from fairground.web.storefront.account.overview import person_of

PAGE: Final = "/account/reputation"


class OwnStandingView(msgspec.Struct, frozen=True):
    """Where somebody stands, and what shops said, with those shops."""

    standing: StandingView
    ratings: list[BuyerRating]
    shops: dict[ShopId, ShopCard]
    next_href: str | None


@get(PAGE, include_in_schema=False)
async def show_standing(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show one's place on the ladder of buyers."""
    person_id = person_of(caller)
    view = await db.read(lambda reader: _look(reader, person_id, after))
    return page(request, "storefront/account/reputation.html", title=gettext("Your standing"), view=view)


async def _look(reader: Reader, person_id: PersonId, after: str | None) -> OwnStandingView:
    standing = await get_standing(reader, Whose.BUYER, person_id)
    found = await list_ratings_of(reader, person_id, after=after)
    shops = await map_shops(reader, {ShopId(rating.shop_id) for rating in found.items})
    next_href = f"{PAGE}?after={found.next}" if found.next else None
    return OwnStandingView(standing_view(standing, reader.given(ReviewRules)), found.items, shops, next_href)


HANDLERS = (show_standing,)
