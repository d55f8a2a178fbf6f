"""Reviews that plain statistics found odd: a clerk looks, and keeps them or takes some away with a reason."""

from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.db import Database, Reader
from fairground.kit.errors import N_, Invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import form_of
from fairground.kit.i18n.words import gettext
from fairground.market.reviews.actions.flagging import decide_flag
from fairground.market.reviews.errors import FlagDecided
from fairground.market.reviews.model import Flag, FlagId, FlagKind, FlagState, Review, ReviewId, ReviewRules
from fairground.market.reviews.queries import get_flag, list_decided_flags, list_open_flags, map_reviews
from fairground.market.shops.model import ShopCard, ShopId
from fairground.market.shops.queries import map_shops
from fairground.web.desk.frame import AnyRequest, Queues, count_queues, desk_page, note_look
from fairground.web.render import go
from fairground.web.told import Told, tell_fields

PAGE: Final = "/desk/reviews"
KINDS: Final = {
    FlagKind.DUPLICATE: N_("Texts that are nearly the same"),
    FlagKind.RING: N_("People who praise the same small shops"),
    FlagKind.BURST: N_("Sudden praise"),
    FlagKind.PAID_WORDS: N_("Words about payment for a review"),
}
SAYS: Final = {
    FlagKind.DUPLICATE: N_("%(reviews)d reviews by %(people)d people for %(shops)d shops resemble each other."),
    FlagKind.RING: N_(
        "%(people)d people share %(shops)d small shops in %(reviews)d good reviews; by chance any two of them would "
        "do so once in 10^%(surprise)s."
    ),
    FlagKind.BURST: N_(
        "%(reviews)d reviews in a week, %(times)s times as many as before, and better by %(deviations)s standard "
        "deviations."
    ),
    FlagKind.PAID_WORDS: N_("A text speaks of money or gifts for a review."),
}


class FlagRow(msgspec.Struct, frozen=True):
    """A flag in the list."""

    flag: Flag
    kind: str
    says: str
    shop: str


class FlagsView(msgspec.Struct, frozen=True):
    """What waits, or what was decided; `tabs` is `[(href, label, count, current)]`."""

    rows: list[FlagRow]
    tabs: list[tuple[str, str, int | None, bool]]
    is_open: bool
    next_href: str | None


class FlagView(msgspec.Struct, frozen=True):
    """One flag with its reviews and their shops."""

    flag: Flag
    kind: str
    says: str
    reviews: list[Review]
    shops: dict[ShopId, ShopCard]
    is_open: bool
    words_most: int


@get(PAGE, include_in_schema=False)
async def show_flags(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    decided: FromQuery[bool] = False,
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show what waits for a look, the longest waiting first; or what was decided, the latest first."""
    caller.need_staff()

    async def look(reader: Reader) -> tuple[FlagsView, Queues]:
        return await _list(reader, decided=decided, after=after), await count_queues(reader)

    view, queues = await db.read(look)
    return desk_page(request, "reviews", title=gettext("Odd reviews"), queues=queues, view=view)


async def _list(reader: Reader, *, decided: bool, after: str | None) -> FlagsView:
    found = await (list_decided_flags if decided else list_open_flags)(reader, after=after)
    shops = await map_shops(reader, {ShopId(flag.shop_id) for flag in found.items if flag.shop_id is not None})
    rows = [FlagRow(flag, gettext(KINDS[flag.kind]), says_of(flag), _shop_name(flag, shops)) for flag in found.items]
    tabs: list[tuple[str, str, int | None, bool]] = [
        (PAGE, gettext("To look at"), None, not decided),
        (f"{PAGE}?decided=true", gettext("Decided"), None, decided),
    ]
    query = "decided=true&" if decided else ""
    return FlagsView(rows, tabs, not decided, f"{PAGE}?{query}after={found.next}" if found.next else None)


def _shop_name(flag: Flag, shops: dict[ShopId, ShopCard]) -> str:
    return "–" if flag.shop_id is None else shops[ShopId(flag.shop_id)].name


def says_of(flag: Flag) -> str:
    """Put the figures of a flag into a sentence."""
    return gettext(SAYS[flag.kind]) % flag.evidence


@get(PAGE + "/{flag_id:str}", include_in_schema=False)
async def show_flag(
    request: AnyRequest, flag_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the reviews of a flag, with all their words."""
    caller.need_staff()
    wanted = an_id(FlagId, flag_id)
    await note_look(db, caller, "desk.look_at_flag", wanted)
    return await _page(request, db, wanted)


async def _page(
    request: AnyRequest, db: Database, flag_id: FlagId, errors: Told | None = None, reason: str = ""
) -> Response[bytes]:
    async def look(reader: Reader) -> FlagView:
        flag = await get_flag(reader, flag_id)
        reviews = list((await map_reviews(reader, list(flag.reviews))).values())
        shops = await map_shops(reader, {ShopId(review.shop_id) for review in reviews})
        most = reader.given(ReviewRules).rating_words_most
        kind, is_open = gettext(KINDS[flag.kind]), flag.state is FlagState.OPEN
        return FlagView(flag, kind, says_of(flag), reviews, shops, is_open, most)

    view = await db.read(look)
    return desk_page(
        request,
        "review_flag",
        title=view.kind,
        status=422 if errors else 200,
        view=view,
        errors=errors or Told(),
        reason=reason,
    )


@post(PAGE + "/{flag_id:str}", include_in_schema=False)
async def decide(
    request: AnyRequest, flag_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Keep the reviews of a flag, or take the ticked ones away."""
    caller.need_staff()
    wanted, form = an_id(FlagId, flag_id), await form_of(request)
    ticked = [an_id(ReviewId, value) for value in form.getall("reviews", []) if isinstance(value, str)]
    reason = str(form.get("reason") or "")
    try:
        await db.write(caller.actor, lambda tx: decide_flag(tx, wanted, ticked, reason))
    except Invalid as trouble:
        return await _page(request, db, wanted, tell_fields(trouble), reason)
    except FlagDecided:
        return go(request, PAGE, say=gettext("Somebody has decided this already."), kind="mind")
    said = gettext("Taken away; your words stand in their place.") if ticked else gettext("Kept, with your reason.")
    return go(request, PAGE, say=said)


HANDLERS = (show_flags, show_flag, decide)
