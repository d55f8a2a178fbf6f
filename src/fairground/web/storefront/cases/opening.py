"""Saying what is wrong with an order: which things, what is wished for, why, how much; and what happens then."""

import secrets
from datetime import timedelta
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, Conflict, Invalid, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import form_of
from fairground.kit.http.problems import status_of
from fairground.kit.i18n.words import gettext, ngettext, say
from fairground.kit.idempotency import check_key, fingerprint, once
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.storage import Storage
from fairground.market.accounts.model import PersonId
from fairground.market.aftersale.actions.cases import open_case
from fairground.market.aftersale.model import AftersaleRules, CaseDraft, CaseId, CaseKind, CaseReason, Stage
from fairground.market.aftersale.model.claims import stage_of
from fairground.market.aftersale.queries.cases import list_cases_of_order
from fairground.market.orders.model import Order, OrderId, OrderLine, left_of_lines
from fairground.market.orders.queries.orders import get_order, map_lines
from fairground.market.shops.queries import map_shops
from fairground.web.cases.forms import amount_of, keep_pictures, store_pictures
from fairground.web.cases.words import KIND_NOTES, KINDS, REASONS
from fairground.web.render import go, page
from fairground.web.told import Told, tell_fields

AnyRequest = Request[Any, Any, Any]
_UNSENT: Final = (CaseReason.UNWANTED, CaseReason.LATE, CaseReason.OTHER)


class LineChoice(msgspec.Struct, frozen=True):
    """A line that the case may be about, with what is left to refund of it."""

    position: int
    title: str
    lang: str
    options: str
    quantity: int
    picture: Id | None
    left: Money
    chosen: bool


class OpeningView(msgspec.Struct, frozen=True):
    """The form: what can be chosen, what each choice means, the clocks."""

    order_id: str
    number: str
    shop: str
    lines: list[LineChoice]
    kinds: list[tuple[str, str, str]]
    reasons: list[tuple[str, str]]
    most: Money
    clocks: list[str]
    rules: AftersaleRules


@get("/orders/{order_id:str}/cases/new", include_in_schema=False)
async def show_form(
    request: AnyRequest, order_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the form; an order with an open case leads to that one."""
    buyer_id, wanted = PersonId(caller.need_person()), an_id(OrderId, order_id)
    return await _page(request, db, buyer_id, wanted)


async def _page(
    request: AnyRequest,
    db: Database,
    buyer_id: PersonId,
    order_id: OrderId,
    *,
    form: FormMultiDict | None = None,
    errors: Told | None = None,
    status: int = 200,
) -> Response[bytes]:
    chosen = {str(value) for value in form.getall("lines", [])} if form else set()
    view = await db.read(lambda reader: _look(reader, buyer_id, order_id, chosen))
    if isinstance(view, CaseId):
        return go(request, f"/cases/{view}")
    return page(
        request,
        "storefront/case/new.html",
        title=gettext("Something is wrong"),
        status=status,
        view=view,
        key=_typed(form).get("idempotency_key") or secrets.token_urlsafe(16),
        errors=errors or Told(),
        filled=_typed(form),
    )


def _typed(form: FormMultiDict | None) -> dict[str, str]:
    return {name: value for name, value in form.items() if isinstance(value, str)} if form else {}


async def _look(reader: Reader, buyer_id: PersonId, order_id: OrderId, chosen: set[str]) -> OpeningView | CaseId:
    order = await get_order(reader, order_id, buyer_id=buyer_id)
    if order.case_hold is not None:
        for case in await list_cases_of_order(reader, order_id):
            if case.is_open:
                return case.id
    rules, stage = reader.given(AftersaleRules), stage_of(order)
    lines = (await map_lines(reader, [order_id]))[order_id]
    shop = (await map_shops(reader, [order.shop_id]))[order.shop_id]
    left = left_of_lines(order, lines)
    kinds = [CaseKind.REFUND] if stage is Stage.UNSHIPPED else list(CaseKind)
    reasons = _UNSENT if stage is Stage.UNSHIPPED else [r for r in CaseReason if r is not CaseReason.UNWANTED]
    return OpeningView(
        order_id=str(order_id),
        number=order.shown_number,
        shop=shop.name,
        lines=[_choice(line, left[line.position], order, chosen) for line in lines],
        kinds=[(kind.value, gettext(KINDS[kind]), gettext(KIND_NOTES[kind])) for kind in kinds],
        reasons=[(reason.value, gettext(REASONS[reason])) for reason in reasons],
        most=Money(min(sum(left.values()), order.held), order.currency),
        clocks=clocks(rules, stage),
        rules=rules,
    )


def _choice(line: OrderLine, left: int, order: Order, chosen: set[str]) -> LineChoice:
    return LineChoice(
        line.position,
        line.title,
        line.language,
        " · ".join(line.options.values()),
        line.quantity,
        line.picture_id,
        Money(left, order.currency),
        str(line.position) in chosen,
    )


def clocks(rules: AftersaleRules, stage: Stage) -> list[str]:
    """Say what happens after the claim, and how long everybody has."""
    answer = {
        Stage.UNSHIPPED: timedelta(hours=rules.unshipped_answer_hours),
        Stage.SHIPPED: timedelta(hours=rules.shipped_answer_hours),
        Stage.RECEIVED: timedelta(days=rules.received_answer_days),
    }[stage]
    told = [say("Money back: the shop answers within %(time)s; silent, the money goes back.", _span(answer))]
    if stage is not Stage.UNSHIPPED:
        told += [
            say(
                "Return or exchange: the shop answers within %(time)s; silence is a yes.",
                _span(timedelta(days=rules.return_answer_days)),
            ),
            say(
                "You then send it back within %(time)s; else the case closes.",
                _span(timedelta(days=rules.return_ship_days)),
            ),
            say(
                "The shop looks at it within %(time)s; silent, the money goes back.",
                _span(timedelta(days=rules.return_confirm_days)),
            ),
        ]
    told.append(
        say(
            "Refused? You have %(time)s to ask for something else, or to let the market decide. It costs nothing.",
            _span(timedelta(days=rules.refused_close_days)),
        )
    )
    return told


def _span(time: timedelta) -> dict[str, str]:
    """Say a time of the rules to the hour or the day: ten days are not about a week."""
    hours = int(time.total_seconds()) // 3600
    if hours % 24 or hours <= 48:
        return {"time": ngettext("%(count)s hour", "%(count)s hours", hours) % {"count": hours}}
    return {"time": ngettext("%(count)s day", "%(count)s days", time.days) % {"count": time.days}}


@post("/orders/{order_id:str}/cases/new", include_in_schema=False)
async def send_form(
    request: AnyRequest,
    order_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Response[bytes]:
    """Open the case, once however often the form is sent."""
    buyer_id, wanted = PersonId(caller.need_person()), an_id(OrderId, order_id)
    # Before pictures are worked on: somebody else's order is not found, whatever is sent with it.
    order = await db.read(lambda reader: get_order(reader, wanted, buyer_id=buyer_id))
    form = await form_of(request)
    typed = _typed(form)
    try:
        key, draft = check_key(typed.get("idempotency_key") or None), _draft(form, order.currency)
        stored = await store_pictures(request, db, storage, buyer_id)

        async def write(tx: Tx) -> str:
            async def deed() -> tuple[int, Any]:
                pictures = await keep_pictures(tx, buyer_id, stored)
                case = await open_case(tx, wanted, msgspec.structs.replace(draft, pictures=pictures))
                return 201, {"id": str(case.id)}

            done = await once(tx, buyer_id, key, fingerprint("page case", str(wanted), draft, len(stored)), deed)
            return str(done.body["id"])

        case_id = await db.write(caller.actor, write)
    except (Invalid, Conflict) as trouble:
        told = tell_fields(trouble)
        return await _page(request, db, buyer_id, wanted, form=form, errors=told, status=status_of(trouble))
    return go(request, f"/cases/{case_id}", say=gettext("Sent. The shop is asked, and its clock runs."))


def _draft(form: FormMultiDict, currency: str) -> CaseDraft:
    typed = _typed(form)
    kind = next((k for k in CaseKind if k.value == typed.get("kind")), None)
    reason = next((r for r in CaseReason if r.value == typed.get("reason")), None)
    if kind is None:
        raise invalid("/kind", "required", N_("Please choose one."))
    if reason is None:
        raise invalid("/reason", "required", N_("Please choose one."))
    positions = [str(value) for value in form.getall("lines", [])]
    numbers = tuple(int(text) if text.isascii() and text.isdigit() and len(text) < 5 else -1 for text in positions)
    return CaseDraft(
        kind=kind,
        reason=reason,
        positions=numbers,
        amount=amount_of(typed.get("amount", ""), currency),
        words=typed.get("words", ""),
    )


HANDLERS: Final = (show_form, send_form)
