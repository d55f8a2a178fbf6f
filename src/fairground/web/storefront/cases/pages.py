"""A buyer's cases: the list, one case, its answers and what is added to it."""

import secrets
from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Conflict, Invalid, Trouble
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import form_of, read_form
from fairground.kit.http.problems import status_of
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.place import Place
from fairground.kit.storage import Storage
from fairground.market.accounts.model import PersonId
from fairground.market.aftersale.model import CaseId, Side
from fairground.market.aftersale.queries.cases import get_case, list_cases
from fairground.market.shops.queries import map_shops
from fairground.web.cases.forms import AnswerForm, OwnCase, add_to_case, answer_by_form, tell
from fairground.web.cases.sheet import Frame, Sheet, see_case
from fairground.web.cases.words import badge_of, kind_words, next_words
from fairground.web.render import go, page
from fairground.web.told import Told

AnyRequest = Request[Any, Any, Any]
SHOWN: Final = 12


class Row(msgspec.Struct, frozen=True):
    """One case in the list."""

    href: str
    title: str
    number: str
    shop: str
    shop_href: str
    cloth: int
    face: Id | None
    badge: tuple[str, str]
    next: str
    amount: Money
    opened_at: datetime


class ListView(msgspec.Struct, frozen=True):
    """A page of cases."""

    rows: list[Row]
    next_href: str | None


@get("/cases", include_in_schema=False)
async def show_cases(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """List the cases that somebody has opened, the latest first."""
    buyer_id, after = PersonId(caller.need_person()), request.query_params.get("after")
    view = await db.read(lambda reader: _list(reader, buyer_id, after))
    return page(request, "storefront/case/list.html", title=gettext("After-sale"), view=view)


async def _list(reader: Reader, buyer_id: PersonId, after: str | None) -> ListView:
    found = await list_cases(reader, buyer_id, after=after, limit=SHOWN)
    shops = await map_shops(reader, {case.shop_id for case in found.items})
    zone = formats.zone(reader.given(Place).time_zone)
    rows = []
    for case in found.items:
        shop = shops.get(case.shop_id)
        amount = case.money if case.is_open else Money(case.refunded, case.currency)
        rows.append(
            Row(
                href=f"/cases/{case.id}",
                title=kind_words(case.kind),
                number=case.shown_number,
                shop=shop.name if shop else "",
                shop_href=f"/s/{shop.slug}" if shop else "/",
                cloth=shop.cloth if shop else 0,
                face=shop.avatar_id if shop else None,
                badge=badge_of(case.state),
                next=next_words(case.state, amount, case.due_at, zone),
                amount=amount,
                opened_at=case.opened_at,
            )
        )
    return ListView(rows, f"/cases?after={found.next}" if found.next else None)


@get("/cases/{case_id:str}", include_in_schema=False)
async def show_case(
    request: AnyRequest, case_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show one case: its timeline, what comes next and when, and what may be answered."""
    return await _page(request, db, PersonId(caller.need_person()), an_id(CaseId, case_id))


async def _page(
    request: AnyRequest,
    db: Database,
    buyer_id: PersonId,
    case_id: CaseId,
    *,
    errors: Told | None = None,
    filled: dict[str, Any] | None = None,
    status: int = 200,
) -> Response[bytes]:
    async def look(reader: Reader) -> Sheet:
        case = await get_case(reader, case_id, buyer_id=buyer_id)
        zone = formats.zone(reader.given(Place).time_zone)
        return await see_case(reader, case, Frame(Side.BUYER, f"/cases/{case_id}", f"/orders/{case.order_id}", zone))

    sheet = await db.read(look)
    return page(
        request,
        "storefront/case/page.html",
        title=sheet.title,
        status=status,
        sheet=sheet,
        key=secrets.token_urlsafe(16),
        errors=errors or Told(),
        filled=filled or {},
    )


@post("/cases/{case_id:str}/answers", include_in_schema=False)
async def create_answer(
    request: AnyRequest, case_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Answer as the buyer."""
    buyer_id, wanted = PersonId(caller.need_person()), an_id(CaseId, case_id)
    form = await read_form(request, AnswerForm)
    try:
        said = await answer_by_form(db, caller, wanted, form, _own(wanted, buyer_id))
    except (Invalid, Conflict) as trouble:
        return await _again(request, db, buyer_id, wanted, trouble, msgspec.to_builtins(form))
    return go(request, f"/cases/{wanted}", say=said)


async def _again(
    request: AnyRequest, db: Database, buyer_id: PersonId, case_id: CaseId, trouble: Trouble, filled: dict[str, Any]
) -> Response[bytes]:
    told = tell(trouble, str(filled.get("answer", "")))
    return await _page(request, db, buyer_id, case_id, errors=told, filled=filled, status=status_of(trouble))


@post("/cases/{case_id:str}/evidence", include_in_schema=False)
async def create_evidence(
    request: AnyRequest,
    case_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Response[bytes]:
    """Add words and pictures as the buyer."""
    buyer_id, wanted = PersonId(caller.need_person()), an_id(CaseId, case_id)
    try:
        said = await add_to_case(request, db, storage, caller, wanted, _own(wanted, buyer_id))
    except (Invalid, Conflict) as trouble:
        typed = {name: value for name, value in (await form_of(request)).items() if isinstance(value, str)}
        return await _again(request, db, buyer_id, wanted, trouble, typed)
    return go(request, f"/cases/{wanted}", say=said)


def _own(case_id: CaseId, buyer_id: PersonId) -> OwnCase:
    return lambda reader: get_case(reader, case_id, buyer_id=buyer_id)


HANDLERS: Final = (show_cases, show_case, create_answer, create_evidence)
