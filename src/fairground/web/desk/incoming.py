"""Money that came in: bank statements to confirm, amounts that fit no order, differences to gateways' files."""

from collections import Counter
from datetime import date
from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, Invalid, NotFound, Trouble, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_files, read_form
from fairground.kit.i18n.words import gettext, say
from fairground.kit.place import Place
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.orders.actions.pay import confirm_payments, pay_orders
from fairground.market.orders.model import OrderId
from fairground.market.payments.actions import explain_finding, match_stray, refund_stray
from fairground.market.payments.model import (
    Captured,
    Finding,
    LineKind,
    PaymentId,
    Problem,
    Stray,
    StrayId,
    StrayReason,
)
from fairground.market.payments.model.bank import BankLine, BankStatement, notices_from, read_bank_statement
from fairground.market.payments.model.reference import find_references
from fairground.market.payments.queries import (
    Proposal,
    Verdict,
    list_open_findings,
    list_open_strays,
    propose_matches,
)
from fairground.web.desk.frame import SENIOR, AnyRequest, Queues, count_queues, desk_page
from fairground.web.render import go
from fairground.web.told import Told, tell_fields

HREF: Final = "/desk/money/incoming"


class IncomingView(msgspec.Struct, frozen=True):
    """What came in and waits for somebody who knows."""

    strays: list[Stray]
    findings: list[Finding]
    may_move: bool


class StatementView(msgspec.Struct, frozen=True):
    """A statement as it was read, and what each line would do; `payload` carries the lines to the confirmation."""

    statement: BankStatement
    proposals: list[Proposal]
    refused: list[tuple[str, str]]
    fitting: int
    payload: str


class ConfirmForm(msgspec.Struct):
    """The lines that a clerk confirms, as the page before gave them."""

    lines: str


class MatchForm(msgspec.Struct):
    """The payment that unmatched money is for: its reference or its id."""

    payment: str = ""


class ExplainForm(msgspec.Struct):
    """Which difference, and why it is none."""

    gateway: str
    day: str
    kind: LineKind
    reference: str
    problem: Problem
    words: str = ""


def verdict_label(verdict: Verdict) -> tuple[str, str]:
    """Say what a line of a statement would do, and how it is marked."""
    return {
        Verdict.FITS: ("ok", gettext("Pays its order")),
        Verdict.KNOWN: ("", gettext("Taken in before")),
        Verdict.WRONG_AMOUNT: ("bad", gettext("Another amount: kept apart")),
        Verdict.DOUBLE: ("mind", gettext("Paid already: sent back")),
        Verdict.LATE: ("mind", gettext("Too late: sent back")),
        Verdict.UNKNOWN: ("mind", gettext("No reference: kept apart")),
    }[verdict]


def stray_label(reason: StrayReason) -> str:
    """Say why money fits nothing."""
    return {
        StrayReason.UNKNOWN: gettext("no reference of ours"),
        StrayReason.WRONG_AMOUNT: gettext("another amount than asked"),
        StrayReason.DOUBLE: gettext("paid twice"),
    }[reason]


def problem_label(problem: Problem) -> str:
    """Say how two books differ."""
    return {
        Problem.UNKNOWN_TO_US: gettext("we do not have it"),
        Problem.UNKNOWN_TO_GATEWAY: gettext("the gateway does not have it"),
        Problem.AMOUNT_DIFFERS: gettext("the amounts differ"),
    }[problem]


@get(HREF, include_in_schema=False)
async def show_incoming(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show money that fits nothing, and differences nobody has explained."""
    return await _page(request, caller, db)


async def _page(request: AnyRequest, caller: Caller, db: Database, errors: Told | None = None) -> Response[bytes]:
    caller.need_staff()

    async def look(reader: Reader) -> tuple[IncomingView, Queues]:
        view = IncomingView(
            await list_open_strays(reader), await list_open_findings(reader), caller.staff_role in SENIOR
        )
        return view, await count_queues(reader)

    view, queues = await db.read(look)
    return desk_page(
        request,
        "incoming",
        title=gettext("Money that came in"),
        queues=queues,
        status=422 if errors else 200,
        view=view,
        errors=errors or Told(),
        labels={"stray": stray_label, "problem": problem_label},
    )


@post(f"{HREF}/statement", include_in_schema=False)
async def read_statement(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Read a bank's statement and show what each line would do; nothing is changed yet."""
    caller.need_staff()
    try:
        files = await read_files(request, "file", at_most=1)
        if not files:
            raise invalid("/file", "required", N_("Please choose the file from your bank."))
        statement = read_bank_statement(files[0][1], db.given(Place).currency)
    except Invalid as trouble:
        return await _page(request, caller, db, tell_fields(trouble))
    proposals = await db.read(lambda reader: propose_matches(reader, statement.lines))
    fresh = [p.line for p in proposals if p.verdict is not Verdict.KNOWN]
    view = StatementView(
        statement,
        proposals,
        [(error.pointer, say(error.message, error.params)) for error in statement.refused],
        sum(p.verdict is Verdict.FITS for p in proposals),
        msgspec.json.encode(fresh).decode(),
    )
    queues = await db.read(count_queues)
    title = gettext("What the statement says")
    return desk_page(request, "statement", title=title, queues=queues, view=view, label=verdict_label)


@post(f"{HREF}/confirmation", include_in_schema=False)
async def confirm_statement(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Take the lines in: what fits pays its orders, what does not is kept apart or sent back; logged."""
    caller.need_staff()
    form = await read_form(request, ConfirmForm)
    try:
        lines = msgspec.json.decode(form.lines, type=list[BankLine])
    except msgspec.MsgspecError:
        raise NotFound from None

    async def write(tx: Tx) -> int:
        outcomes = await confirm_payments(tx, notices_from(lines))
        kinds = Counter(type(outcome).__name__ for outcome in outcomes)
        words = ", ".join(f"{kind} {n}" for kind, n in sorted(kinds.items()))
        await log_deed(tx, "payments.statement", None, f"{len(lines)} lines: {words}")
        return sum(isinstance(outcome, Captured) for outcome in outcomes)

    paid = await db.write(caller.actor, write) if lines else 0
    said = gettext("Taken in: %(count)d payments of %(lines)d lines.") % {"count": paid, "lines": len(lines)}
    return go(request, HREF, say=said)


@post(f"{HREF}/strays/{{stray_id:str}}/{{deed:str}}", include_in_schema=False)
async def move_stray(
    request: AnyRequest,
    stray_id: FromPath[str],
    deed: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Send money back (`refund`), or let it pay an open payment (`match`); for supervisors."""
    caller.need_staff(*SENIOR)
    wanted, form = an_id(StrayId, stray_id), await read_form(request, MatchForm)
    if deed not in {"refund", "match"}:
        raise NotFound
    try:
        if deed == "match":
            payment_id = _payment_of(form.payment)
            await db.write(caller.actor, lambda tx: _match(tx, wanted, payment_id))
            return go(request, HREF, say=gettext("It pays its order now."))
        await db.write(caller.actor, lambda tx: _send_back(tx, wanted))
    except Trouble as trouble:
        return await _page(request, caller, db, tell_fields(trouble, f"payment-{wanted}"))
    return go(request, HREF, say=gettext("It is on its way back."))


def _payment_of(text: str) -> PaymentId:
    named = find_references(text)
    found = named[0] if len(named) == 1 else PaymentId.parse(text.strip())
    if found is None:
        raise invalid("/payment", "unknown", N_("This is no reference or number of a payment."))
    return found


async def _match(tx: Tx, stray_id: StrayId, payment_id: PaymentId) -> None:
    payment = await match_stray(tx, stray_id, payment_id)
    await pay_orders(tx, [OrderId(part.order_id) for part in payment.parts])
    await log_deed(tx, "payments.match_stray", stray_id, f"payment {payment_id}")


async def _send_back(tx: Tx, stray_id: StrayId) -> None:
    await refund_stray(tx, stray_id)
    await log_deed(tx, "payments.refund_stray", stray_id)


@post(f"{HREF}/findings", include_in_schema=False)
async def explain(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Close a difference with words; for supervisors, and logged."""
    caller.need_staff(*SENIOR)
    form = await read_form(request, ExplainForm)
    words = form.words.strip()
    try:
        day = date.fromisoformat(form.day)
    except ValueError:
        raise NotFound from None
    if not words:
        told = Told({f"words-{form.kind}-{form.reference}": gettext("Please write something.")})
        return await _page(request, caller, db, told)
    finding = Finding(form.gateway, day, form.kind, form.reference, form.problem, None, None, "")

    async def write(tx: Tx) -> None:
        await explain_finding(tx, finding, words)
        await log_deed(tx, "payments.explain", None, f"{form.gateway} {form.day} {form.reference}: {words}")

    await db.write(caller.actor, write)
    return go(request, HREF, say=gettext("Explained, and written down."))


HANDLERS = (show_incoming, read_statement, confirm_statement, move_stray, explain)
