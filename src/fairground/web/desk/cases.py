"""After-sale at the desk: all cases, what became of them, one case as both sides see it. Each look is logged."""

from collections.abc import Mapping
from typing import Annotated, Final

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from fairground.kit.db import Database, Reader
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext
from fairground.kit.place import Place
from fairground.market.accounts.model import PersonId
from fairground.market.accounts.queries import get_person
from fairground.market.aftersale.model import Case, CaseId, CaseKind, CaseState, Outcome, Side
from fairground.market.aftersale.queries.cases import count_outcomes, count_states, get_case, list_desk_cases
from fairground.market.shops.model import ShopCard, ShopId
from fairground.market.shops.queries import map_shops
from fairground.web.cases.sheet import Frame, Sheet, see_case
from fairground.web.cases.words import OUTCOMES, STATES, badge_of, kind_words, next_words
from fairground.web.desk.frame import AnyRequest, desk_page, note_look
from fairground.web.seller.cases import Row

SHOWN: Final = 50


class ListView(msgspec.Struct, frozen=True):
    """A page of cases; `outcomes` counts those that have ended, `kinds` heads its columns."""

    kinds: list[str]
    tabs: list[tuple[str, str, int | None, bool]]
    outcomes: list[list[str]]  # how they ended, then how many of each kind
    rows: list[Row]
    next_href: str | None


class CaseView(msgspec.Struct, frozen=True):
    """One case, and whom it is between."""

    sheet: Sheet
    sides: list[tuple[str, str]]
    buyer_href: str
    shop_href: str


@get("/desk/cases", include_in_schema=False)
async def show_cases(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    in_state: Annotated[str, QueryParameter(name="state")] = "",
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """List all cases, or those in one state, with the numbers of what became of them."""
    caller.need_staff()
    wanted = next((one for one in CaseState if one == in_state), None)
    view = await db.read(lambda reader: _list(reader, wanted, after))
    return desk_page(request, "case/list", title=gettext("After-sale"), view=view)


async def _list(reader: Reader, state: CaseState | None, after: str | None) -> ListView:
    counts = await count_states(reader)
    found = await list_desk_cases(reader, state=state, after=after, limit=SHOWN)
    shops = await map_shops(reader, {case.shop_id for case in found.items})
    tabs: list[tuple[str, str, int | None, bool]] = [("/desk/cases", gettext("All"), None, state is None)]
    tabs += [
        (f"/desk/cases?state={one}", gettext(words), counts.get(one) or None, one is state)
        for one, (_, words) in STATES.items()
    ]
    query = f"state={state}&" if state else ""
    return ListView(
        [kind_words(kind) for kind in CaseKind],
        tabs,
        _outcomes(await count_outcomes(reader)),
        [_row(case, shops, reader) for case in found.items],
        f"/desk/cases?{query}after={found.next}" if found.next else None,
    )


def _outcomes(counts: Mapping[tuple[CaseKind, Outcome], int]) -> list[list[str]]:
    """Count each end by kind, and all of it."""
    rows = []
    for outcome, words in OUTCOMES.items():
        by_kind = [counts.get((kind, outcome), 0) for kind in CaseKind]
        rows.append([gettext(words), *map(formats.number, [*by_kind, sum(by_kind)])])
    return rows


def _row(case: Case, shops: Mapping[ShopId, ShopCard], reader: Reader) -> Row:
    zone = formats.zone(reader.given(Place).time_zone)
    shop = shops.get(case.shop_id)
    return Row(
        href=f"/desk/cases/{case.id}",
        title=kind_words(case.kind),
        number=case.shown_number,
        badge=badge_of(case.state),
        next=next_words(case.state, case.money, case.due_at, zone),
        amount=case.money,
        action=gettext("Look"),
        opened_at=case.opened_at,
        shop=shop.name if shop else "",
    )


@get("/desk/cases/{case_id:str}", include_in_schema=False)
async def show_case(
    request: AnyRequest, case_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show a case as both sides see it; logged."""
    caller.need_staff()
    wanted = an_id(CaseId, case_id)
    view = await db.read(lambda reader: _look(reader, wanted))
    await note_look(db, caller, "desk.look_at_case", wanted)
    return desk_page(request, "case/page", title=view.sheet.title, view=view, sheet=view.sheet)


async def _look(reader: Reader, case_id: CaseId) -> CaseView:
    case = await get_case(reader, case_id)
    zone = formats.zone(reader.given(Place).time_zone)
    frame = Frame(Side.MARKET, f"/desk/cases/{case_id}", f"/desk/orders/{case.order_id}", zone, answers=False)
    buyer = await get_person(reader, PersonId(case.buyer_id))
    shop = (await map_shops(reader, [case.shop_id]))[case.shop_id]
    return CaseView(
        await see_case(reader, case, frame),
        [(gettext("Buyer"), buyer.name), (gettext("E-mail"), buyer.email), (gettext("Shop"), shop.name)],
        f"/desk/people/{buyer.id}",
        f"/desk/shops/{shop.id}",
    )


HANDLERS: Final = (show_cases, show_case)
