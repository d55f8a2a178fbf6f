"""A shop's page."""

from datetime import timedelta
from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler
from markupsafe import Markup
from msgspec.structs import replace

from fairground.kit.db import Database, Reader
from fairground.kit.http.caller import Caller
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import say
from fairground.kit.ids import Id
from fairground.kit.place import Place
from fairground.kit.safe_text import render, to_plain
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.queries.coupons import list_takeable
from fairground.market.reviews.model import ReviewRules
from fairground.market.reviews.queries import get_standing_with_history
from fairground.market.search.finder import Finder
from fairground.market.shops.model import ServiceClock, Shop, Tier
from fairground.market.shops.queries import get_shop_by_slug
from fairground.web import cards
from fairground.web.standing import StandingView, history_bars, standing_view
from fairground.web.storefront.finding import ResultsView, answer, find, wish_of
from fairground.web.storefront.goods import coupon_card, foreign, score_words, shop_line


class ShopView(msgspec.Struct, frozen=True, kw_only=True):
    """The face of a shop."""

    id: Id
    name: str
    href: str
    cloth: int
    avatar: Id | None
    banner: Id | None
    line: str
    about: Markup
    lang: str | None
    is_checked: bool
    scores: tuple[tuple[str, str], ...]
    rating: float | None
    raters: int
    holiday: str | None
    coupons: list[cards.CouponCard]
    standing: StandingView
    history: list[cards.Bar]
    clock: tuple[str, str, int] | None  # quick rounds, mean wait, how many rounds
    price_days: int


@get("/s/{slug:str}", include_in_schema=False)
async def show_shop(
    slug: FromPath[str],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    finder: NamedDependency[Finder],
) -> Response[bytes]:
    """Show a shop with what it sells."""
    person_id = None if caller.person_id is None else PersonId(caller.person_id)

    async def look(reader: Reader) -> tuple[ShopView, ResultsView, str]:
        shop = await get_shop_by_slug(reader, slug)
        wish = replace(wish_of(request), shop=None)
        results, _ = await find(reader, finder, wish, f"/s/{shop.slug}", shop.id)
        offered = await list_takeable(reader, shop.id, person_id) if shop.sells else []
        place = reader.given(Place)
        shown = [coupon_card(one, place) for one in offered]
        standing, history = await get_standing_with_history(reader, shop.id)
        stands = standing_view(standing, reader.given(ReviewRules))
        return (
            _view(shop, shown, place, stands, history_bars(history)),
            replace(results, clear_href=f"/s/{shop.slug}"),
            wish.q,
        )

    view, results, q = await db.read(look)
    description = to_plain(str(view.about), "html", 200).replace("\n", " ")
    return answer(
        request,
        "storefront/shop/page.html",
        results,
        title=view.name,
        view=view,
        shop_q=q,
        description=description,
        address=view.href,
        image=view.banner or view.avatar,
    )


def _view(
    shop: Shop, coupons: list[cards.CouponCard], place: Place, standing: StandingView, history: list[cards.Bar]
) -> ShopView:
    return ShopView(
        id=shop.id,
        name=shop.name,
        href=f"/s/{shop.slug}",
        cloth=shop.cloth,
        avatar=shop.avatar_id,
        banner=shop.banner_id,
        line=shop_line(shop),
        about=Markup(render(shop.about, "markdown")),  # noqa: S704 - `render` makes it safe
        lang=foreign(shop.language),
        is_checked=shop.tier is Tier.MALL,
        scores=score_words(shop),
        rating=shop.scores.mean if shop.scores else None,
        raters=shop.scores.count if shop.scores else 0,
        holiday=None if shop.sells else _holiday(shop, place),
        coupons=coupons,
        standing=standing,
        history=history,
        clock=clock_words(shop.clock),
        price_days=shop.price_days,
    )


def clock_words(clock: ServiceClock | None) -> tuple[str, str, int] | None:
    """Say how quickly a shop answers; None while nobody has asked."""
    if clock is None:
        return None
    quick = formats.percent(100 * (100 * clock.quick // clock.rounds))
    return quick, formats.span(timedelta(seconds=clock.seconds)), clock.rounds


def _holiday(shop: Shop, place: Place) -> str:
    words = [shop.holiday_note] if shop.holiday_note else []
    if shop.holiday_until is not None:
        date = formats.date(shop.holiday_until, formats.zone(place.time_zone))
        words.append(say("Back on %(date)s.", {"date": date}))
    return " ".join(words) or say("The shop sells nothing for a while, and comes back.")


HANDLERS: Final[list[ControllerRouterHandler]] = [show_shop]
