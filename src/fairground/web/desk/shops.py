"""Shops at the desk: applications to decide, a shop's standing."""

from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Invalid, NotFound
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext, language
from fairground.kit.postal import country_name
from fairground.market.shops.actions.applications import approve_application, refuse_application, withdraw_mall_badge
from fairground.market.shops.actions.state import reopen_shop, suspend_shop
from fairground.market.shops.errors import ApplicationNotFound
from fairground.market.shops.model import (
    Application,
    ApplicationId,
    ApplicationKind,
    ApplicationState,
    Shop,
    ShopCard,
    ShopId,
    ShopState,
    Tier,
)
from fairground.market.shops.queries import (
    find_shop_id,
    get_application,
    get_shop,
    list_applications_of_shop,
    list_same_number,
    list_shops,
    list_waiting_applications,
    map_shops,
    unseal_number,
)
from fairground.web.desk.frame import SENIOR, AnyRequest, Queues, count_queues, desk_page, note_look
from fairground.web.desk.words import language_words
from fairground.web.render import go
from fairground.web.told import Told, tell_fields

STATES: Final = (ShopState.OPEN, ShopState.HOLIDAY, ShopState.SUSPENDED, ShopState.PENDING, ShopState.CLOSED)


class ShopsView(msgspec.Struct, frozen=True):
    """The queue, or a list of shops."""

    waiting: list[Application]
    shops: list[ShopCard]
    tabs: list[tuple[str, str, int | None, bool]]
    state: str
    next_href: str | None


class ApplicationView(msgspec.Struct, frozen=True):
    """One application; the number is opened for the desk, and the opening was logged."""

    application: Application
    shop: Shop
    number: str
    same_number: list[ShopCard]


class ShopView(msgspec.Struct, frozen=True):
    """A shop as the desk sees it, with what it asked."""

    shop: Shop
    applications: list[Application]
    may_move: bool


class ReasonForm(msgspec.Struct):
    """A decision with its words."""

    reason: str = ""


def state_label(state: ShopState) -> str:
    """Say where a shop stands."""
    return {
        ShopState.PENDING: gettext("Waiting for approval"),
        ShopState.OPEN: gettext("Open"),
        ShopState.HOLIDAY: gettext("On holiday"),
        ShopState.SUSPENDED: gettext("Suspended"),
        ShopState.CLOSED: gettext("Closed"),
    }[state]


def application_label(application: Application) -> tuple[str, str]:
    """Say what was asked and what came of it."""
    kind = {ApplicationKind.STALL: gettext("Open a stall"), ApplicationKind.MALL: gettext("Mall badge")}
    state = {
        ApplicationState.WAITING: gettext("Waiting"),
        ApplicationState.APPROVED: gettext("Approved"),
        ApplicationState.REFUSED: gettext("Refused"),
        ApplicationState.WITHDRAWN: gettext("Withdrawn"),
    }
    return kind[application.kind], state[application.state]


@get("/desk/shops", include_in_schema=False)
async def show_shops(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    standing: FromQuery[str] = "",
    slug: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show what waits for a decision, or the shops of a state; an address leads to its shop."""
    caller.need_staff()
    if slug:
        found = await db.read(lambda reader: find_shop_id(reader, slug.strip()))
        if found is None:
            return go(request, "/desk/shops", say=gettext("There is no such shop."), kind="mind")
        return go(request, f"/desk/shops/{found}")
    chosen = next((s for s in STATES if s == standing), None)
    view, queues = await db.read(lambda reader: _list(reader, chosen, after))
    labels = {"state": state_label, "application": application_label}
    return desk_page(request, "shops", title=gettext("Shops"), queues=queues, view=view, labels=labels)


async def _list(reader: Reader, state: ShopState | None, after: str | None) -> tuple[ShopsView, Queues]:
    queues = await count_queues(reader)
    tabs: list[tuple[str, str, int | None, bool]] = [("/desk/shops", gettext("To decide"), queues.shops, state is None)]
    tabs += [(f"/desk/shops?standing={s}", state_label(s), None, s is state) for s in STATES]
    if state is None:
        page = await list_waiting_applications(reader, after=after)
        next_href = f"/desk/shops?after={page.next}" if page.next else None
        return ShopsView(page.items, [], tabs, "", next_href), queues
    shops = await list_shops(reader, state=state, after=after)
    next_href = f"/desk/shops?standing={state}&after={shops.next}" if shops.next else None
    return ShopsView([], shops.items, tabs, state, next_href), queues


@get("/desk/shops/applications/{application_id:str}", include_in_schema=False)
async def show_application(
    request: AnyRequest, application_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show one application, with the business number opened; the opening is logged."""
    return await _application_page(request, caller, db, an_id(ApplicationId, application_id))


async def _application_page(
    request: AnyRequest, caller: Caller, db: Database, wanted: ApplicationId, errors: Told | None = None
) -> Response[bytes]:
    caller.need_staff()
    found = await db.read(lambda reader: get_application(reader, wanted))
    if found.number_kind:
        await note_look(db, caller, "shops.open_number", found.shop_id, found.number_kind)
    view = await db.read(lambda reader: _look(reader, found))
    title = f"{application_label(found)[0]} · {found.shop_name}"
    status = 422 if errors else 200
    return desk_page(request, "application", title=title, status=status, view=view, errors=errors or Told())


async def _look(reader: Reader, application: Application) -> ApplicationView:
    number, same = "", []
    if application.number_kind:
        number = await unseal_number(reader, application.id)
        same = list((await map_shops(reader, await list_same_number(reader, application.id))).values())
    return ApplicationView(application, await get_shop(reader, application.shop_id), number, same)


@post("/desk/shops/applications/{application_id:str}/{answer:str}", include_in_schema=False)
async def decide(
    request: AnyRequest,
    application_id: FromPath[str],
    answer: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Approve or refuse an application; a refusal gives its reason."""
    caller.need_staff()
    wanted, form = an_id(ApplicationId, application_id), await read_form(request, ReasonForm)
    if answer not in {"approval", "refusal"}:
        raise NotFound
    try:
        if answer == "approval":
            await db.write(caller.actor, lambda tx: approve_application(tx, wanted, form.reason))
        else:
            await db.write(caller.actor, lambda tx: refuse_application(tx, wanted, form.reason))
    except Invalid as trouble:
        return await _application_page(request, caller, db, wanted, tell_fields(trouble))
    except ApplicationNotFound:
        return go(request, "/desk/shops", say=gettext("Somebody has decided this already."), kind="mind")
    said = (
        gettext("Approved. The shop has been told.") if answer == "approval" else gettext("Refused, with the reason.")
    )
    return go(request, "/desk/shops", say=said)


@get("/desk/shops/{shop_id:str}", include_in_schema=False)
async def show_shop(
    request: AnyRequest, shop_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show a shop's standing, and what it asked of the desk."""
    return await _shop_page(request, caller, db, an_id(ShopId, shop_id))


async def _shop_page(
    request: AnyRequest, caller: Caller, db: Database, shop_id: ShopId, errors: Told | None = None
) -> Response[bytes]:
    caller.need_staff()

    async def look(reader: Reader) -> tuple[ShopView, Queues]:
        shop = await get_shop(reader, shop_id)
        asked = await list_applications_of_shop(reader, shop_id)
        return ShopView(shop, asked, caller.staff_role in SENIOR), await count_queues(reader)

    view, queues = await db.read(look)
    return desk_page(
        request,
        "shop",
        title=view.shop.name,
        queues=queues,
        status=422 if errors else 200,
        view=view,
        errors=errors or Told(),
        labels={
            "state": state_label,
            "application": application_label,
            "country": lambda code: country_name(code, language()),
            "language": language_words,
        },
        is_mall=view.shop.tier is Tier.MALL,
    )


@post("/desk/shops/{shop_id:str}/{deed:str}", include_in_schema=False)
async def move(
    request: AnyRequest,
    shop_id: FromPath[str],
    deed: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Suspend a shop, let it sell again, or take its mall badge, with a reason; for supervisors."""
    caller.need_staff(*SENIOR)
    wanted, form = an_id(ShopId, shop_id), await read_form(request, ReasonForm)
    deeds = {"suspension": suspend_shop, "reopening": reopen_shop, "badge": withdraw_mall_badge}
    if deed not in deeds:
        raise NotFound
    try:
        await db.write(caller.actor, lambda tx: deeds[deed](tx, wanted, form.reason))
    except Invalid as trouble:
        return await _shop_page(request, caller, db, wanted, tell_fields(trouble))
    return go(request, f"/desk/shops/{wanted}", say=gettext("Done, and written down."))


HANDLERS = (show_shops, show_application, decide, show_shop, move)
