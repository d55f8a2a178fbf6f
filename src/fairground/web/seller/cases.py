"""After-sale in a shop's rooms: what waits with its clock, one case, the shop's answers."""

import secrets
from datetime import datetime
from typing import Annotated, Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Conflict, Invalid, Trouble
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import form_of, read_form
from fairground.kit.http.problems import status_of
from fairground.kit.i18n.words import gettext
from fairground.kit.money import Money
from fairground.kit.storage import Storage
from fairground.market.aftersale.model import ENDED, Case, CaseId, CaseState, ShopCase, Side
from fairground.market.aftersale.policy import may_answer_cases, may_see_cases
from fairground.market.aftersale.queries.cases import (
    count_cases_of_shop,
    get_case,
    list_shop_cases,
    list_waiting_of_shop,
)
from fairground.market.shops.queries import get_shop_for
from fairground.web.cases.forms import AnswerForm, OwnCase, add_to_case, answer_by_form, tell
from fairground.web.cases.sheet import Frame, Sheet, see_case
from fairground.web.cases.words import STATES, badge_of, kind_words, next_words
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.told import Told

SHOWN: Final = 24


class Row(msgspec.Struct, frozen=True):
    """One case in a list; the desk's rows say the shop too."""

    href: str
    title: str
    number: str
    badge: tuple[str, str]
    next: str
    amount: Money
    action: str
    opened_at: datetime
    shop: str = ""


class ListView(msgspec.Struct, frozen=True):
    """A page of a shop's cases."""

    tabs: list[tuple[str, str, int | None, bool]]
    rows: list[Row]
    next_href: str | None


@get("/seller/{slug:str}/cases", include_in_schema=False)
async def show_cases(
    request: AnyRequest,
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    in_state: Annotated[str, QueryParameter(name="state")] = "",
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """List what waits for the shop, or its cases by state."""

    async def look(reader: Reader) -> tuple[Room, ListView]:
        room = await enter_room(reader, caller, slug, may_see_cases)
        return room, await _list(reader, room, in_state, after)

    room, view = await db.read(look)
    return seller_page(request, "case/list", room, title=gettext("After-sale"), view=view)


async def _list(reader: Reader, room: Room, asked: str, after: str | None) -> ListView:
    state = next((one for one in CaseState if one == asked), None)
    counts = await count_cases_of_shop(reader, room.shop.id)
    if asked:
        found = await list_shop_cases(reader, room.shop.id, state=state, after=after, limit=SHOWN)
    else:
        found = await list_waiting_of_shop(reader, room.shop.id, after=after, limit=SHOWN)
    home = f"{room.home}/cases"
    waiting = sum(counts.get(one, 0) for one in _WAITING)
    tabs: list[tuple[str, str, int | None, bool]] = [(home, gettext("Waiting for you"), waiting or None, not asked)]
    tabs += [(f"{home}?state={one}", gettext(STATES[one][1]), counts.get(one) or None, one is state) for one in _TABS]
    tabs.append((f"{home}?state=all", gettext("All"), None, asked == "all"))
    query = f"state={asked}&" if asked else ""
    next_href = f"{home}?{query}after={found.next}" if found.next else None
    return ListView(tabs, [_row(case, room) for case in found.items], next_href)


_WAITING: Final = (CaseState.OPENED, CaseState.RETURN_SHIPPED, CaseState.RETURN_RECEIVED)
_TABS: Final = (CaseState.AGREED, CaseState.REFUSED, CaseState.ESCALATED, CaseState.REFUNDED)


def _row(case: ShopCase, room: Room) -> Row:
    amount = case.refunded if case.state in ENDED else case.amount
    return Row(
        href=f"{room.home}/cases/{case.case_id}",
        title=kind_words(case.kind),
        number=case.shown_number,
        badge=badge_of(case.state),
        next=next_words(case.state, amount, case.due_at, room.zone),
        amount=amount,
        action=gettext("Answer") if case.waits and may_answer_cases(room.role) else gettext("Look"),
        opened_at=case.opened_at,
    )


@get("/seller/{slug:str}/cases/{case_id:str}", include_in_schema=False)
async def show_case(
    request: AnyRequest,
    slug: FromPath[str],
    case_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Show one case: its timeline, what comes next and when, and what the shop may answer."""
    return await _page(request, db, caller, slug, an_id(CaseId, case_id))


async def _page(
    request: AnyRequest,
    db: Database,
    caller: Caller,
    slug: str,
    case_id: CaseId,
    *,
    trouble: Trouble | None = None,
    filled: dict[str, Any] | None = None,
) -> Response[bytes]:
    async def look(reader: Reader) -> tuple[Room, Sheet]:
        room = await enter_room(reader, caller, slug, may_see_cases)
        case = await get_case(reader, case_id, shop_id=room.shop.id)
        order = f"{room.home}/orders/{case.order_id}"
        answers = may_answer_cases(room.role)
        frame = Frame(Side.SHOP, f"{room.home}/cases/{case_id}", order, room.zone, answers)
        return room, await see_case(reader, case, frame)

    room, sheet = await db.read(look)
    typed = filled or {}
    return seller_page(
        request,
        "case/page",
        room,
        title=sheet.title,
        status=200 if trouble is None else status_of(trouble),
        sheet=sheet,
        key=secrets.token_urlsafe(16),
        errors=Told() if trouble is None else tell(trouble, str(typed.get("answer", ""))),
        filled=typed,
    )


@post("/seller/{slug:str}/cases/{case_id:str}/answers", include_in_schema=False)
async def create_answer(
    request: AnyRequest,
    slug: FromPath[str],
    case_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Answer as the shop."""
    caller.need_person()
    wanted, form = an_id(CaseId, case_id), await read_form(request, AnswerForm)
    try:
        said = await answer_by_form(db, caller, wanted, form, _own(wanted, caller, slug))
    except (Invalid, Conflict) as trouble:
        return await _page(request, db, caller, slug, wanted, trouble=trouble, filled=msgspec.to_builtins(form))
    return go(request, f"/seller/{slug}/cases/{wanted}", say=said)


@post("/seller/{slug:str}/cases/{case_id:str}/evidence", include_in_schema=False)
async def create_evidence(
    request: AnyRequest,
    slug: FromPath[str],
    case_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Response[bytes]:
    """Add words and pictures as the shop."""
    caller.need_person()
    wanted = an_id(CaseId, case_id)
    try:
        said = await add_to_case(request, db, storage, caller, wanted, _own(wanted, caller, slug))
    except (Invalid, Conflict) as trouble:
        typed = {name: value for name, value in (await form_of(request)).items() if isinstance(value, str)}
        return await _page(request, db, caller, slug, wanted, trouble=trouble, filled=typed)
    return go(request, f"/seller/{slug}/cases/{wanted}", say=said)


def _own(case_id: CaseId, caller: Caller, slug: str) -> OwnCase:
    """Find the case of this shop, for one of its people in a role that may answer."""

    async def find(reader: Reader) -> Case:
        shop = await get_shop_for(reader, slug, caller.need_person(), may_answer_cases)
        return await get_case(reader, case_id, shop_id=shop.id)

    return find


HANDLERS: Final = (show_cases, show_case, create_answer, create_evidence)
