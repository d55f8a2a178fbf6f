"""Money at the desk: what stands where, payouts and refunds that wait for a hand."""

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import NotFound
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.i18n.words import gettext
from fairground.kit.money import Money
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.ledger.model import AccountKind
from fairground.market.ledger.queries import sum_balances
from fairground.market.payments.actions import confirm_payout, confirm_refund, retry_refund
from fairground.market.payments.model import Payout, PayoutId, PayoutState, Refund, RefundId
from fairground.market.payments.queries import list_open_refunds, list_payouts_under_way
from fairground.market.payments.queries.desk import list_bounced_payouts
from fairground.web.desk.frame import SENIOR, AnyRequest, Queues, count_queues, desk_page
from fairground.web.desk.orders import account_label, refund_state
from fairground.web.desk.words import gateway_words, reason_words
from fairground.web.render import go


class MoneyView(msgspec.Struct, frozen=True):
    """Totals, and what does not move by itself."""

    totals: list[tuple[AccountKind, Money]]
    payouts: list[Payout]
    bounced: list[Payout]
    refunds: list[Refund]
    may_move: bool


def payout_state(state: PayoutState) -> str:
    """Say where a payout stands."""
    return {
        PayoutState.REQUESTED: gettext("Asked for"),
        PayoutState.SENT: gettext("On its way"),
        PayoutState.PAID: gettext("Arrived"),
        PayoutState.BOUNCED: gettext("Came back"),
    }[state]


@get("/desk/money", include_in_schema=False)
async def show_money(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the balances of each kind, payouts under way and refunds that wait for a hand."""
    caller.need_staff()

    async def look(reader: Reader) -> tuple[MoneyView, Queues]:
        view = MoneyView(
            await sum_balances(reader),
            await list_payouts_under_way(reader),
            await list_bounced_payouts(reader),
            await list_open_refunds(reader),
            caller.staff_role in SENIOR,
        )
        return view, await count_queues(reader)

    view, queues = await db.read(look)
    labels = {
        "account": account_label,
        "payout": payout_state,
        "refund": refund_state,
        "gateway": gateway_words,
        "reason": reason_words,
    }
    return desk_page(request, "money", title=gettext("Money"), queues=queues, view=view, labels=labels)


@post("/desk/money/refunds/{refund_id:str}/{deed:str}", include_in_schema=False)
async def move_refund(
    request: AnyRequest,
    refund_id: FromPath[str],
    deed: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Send a refund once more (`retry`), or confirm that it was paid by hand (`confirmation`); for supervisors."""
    caller.need_staff(*SENIOR)
    wanted = an_id(RefundId, refund_id)
    if deed not in {"retry", "confirmation"}:
        raise NotFound

    async def write(tx: Tx) -> None:
        if deed == "retry":
            await retry_refund(tx, wanted)
        else:
            await confirm_refund(tx, wanted)
        await log_deed(tx, f"payments.refund_{deed}", wanted)

    await db.write(caller.actor, write)
    said = gettext("It is sent again.") if deed == "retry" else gettext("Noted: the money went back.")
    return go(request, "/desk/money", say=said)


@post("/desk/money/payouts/{payout_id:str}/confirmation", include_in_schema=False)
async def move_payout(
    request: AnyRequest, payout_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Confirm a payout that was sent by hand; for supervisors."""
    caller.need_staff(*SENIOR)
    wanted = an_id(PayoutId, payout_id)

    async def write(tx: Tx) -> None:
        await confirm_payout(tx, wanted)
        await log_deed(tx, "payments.payout_confirmation", wanted)

    await db.write(caller.actor, write)
    return go(request, "/desk/money", say=gettext("Noted: the money has arrived."))


HANDLERS = (show_money, move_refund, move_payout)
