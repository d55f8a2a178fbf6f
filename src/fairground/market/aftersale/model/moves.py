"""Where a case goes by each answer and each silence: a case in, a case out. Pure."""

from datetime import datetime
from typing import Any

import msgspec

from fairground.kit.ids import Id
from fairground.market.aftersale.model.cases import (
    ENDED,
    GOODS_BACK,
    Bearer,
    Case,
    CaseKind,
    CaseReason,
    CaseState,
    Outcome,
    Ruling,
    bearer_for,
    time_to_answer,
)
from fairground.market.aftersale.model.rules import AftersaleRules


class Next(msgspec.Struct, frozen=True):
    """A case after a deed; `pays` in minor units goes to the buyer. `is_back`: the goods came back sound."""

    case: Case
    pays: int = 0
    is_back: bool = False
    by_market: bool = False


def move(case: Case, state: CaseState, now: datetime, rules: AftersaleRules, **changes: Any) -> Case:
    """Bring a case to a state, with its new clock; never past the end of the case."""
    moved = msgspec.structs.replace(case, state=state, version=case.version + 1, changed_at=now, **changes)
    if state in ENDED:
        assert moved.outcome is not None, "an end says how"
        return msgspec.structs.replace(moved, ended_at=now, due_at=None)
    within = time_to_answer(moved, rules)
    return msgspec.structs.replace(moved, due_at=None if within is None else min(now + within, case.end_by))


def refund(
    case: Case,
    now: datetime,
    rules: AftersaleRules,
    outcome: Outcome,
    *,
    is_back: bool = False,
    by_market: bool = False,
) -> Next:
    """Pay the buyer what is claimed."""
    done = move(case, CaseState.REFUNDED, now, rules, outcome=outcome, refunded=case.amount)
    return Next(done, case.amount, is_back, by_market)


def close(case: Case, now: datetime, rules: AftersaleRules, outcome: Outcome) -> Next:
    """End a case without money."""
    return Next(move(case, CaseState.CLOSED, now, rules, outcome=outcome))


def agree(
    case: Case, now: datetime, rules: AftersaleRules, address: dict[str, Any] | None, outcome: Outcome = Outcome.AGREED
) -> Next:
    """Say yes: pay, wait for the goods, or (where they are back already) for the replacement.

    Without a return address (the shop was silent and has none) the buyer keeps the goods.
    """
    if case.kind not in GOODS_BACK or (case.goods_back and case.kind is CaseKind.RETURN):
        return refund(case, now, rules, outcome)
    if case.goods_back:
        return Next(move(case, CaseState.RETURN_RECEIVED, now, rules))
    if address is None:
        return refund(case, now, rules, outcome)
    return Next(move(case, CaseState.AGREED, now, rules, return_address=address))


def revise(
    case: Case, now: datetime, rules: AftersaleRules, *, kind: CaseKind, reason: CaseReason, amount: int
) -> Next:
    """Claim something else, and wait for the shop again."""
    return Next(
        move(
            case,
            CaseState.OPENED,
            now,
            rules,
            kind=kind,
            reason=reason,
            amount=amount,
            bearer=bearer_for(reason),
            revisions=case.revisions + 1,
        )
    )


def post_return(case: Case, now: datetime, rules: AftersaleRules, parcel_id: Id) -> Next:
    """The goods are on their way back."""
    return Next(move(case, CaseState.RETURN_SHIPPED, now, rules, parcel_id=parcel_id, goods_back=True))


def receive_return(case: Case, now: datetime, rules: AftersaleRules) -> Next:
    """The goods are back and sound: pay, or owe the replacement."""
    if case.kind is CaseKind.EXCHANGE and not case.ruled:
        return Next(move(case, CaseState.RETURN_RECEIVED, now, rules))
    return refund(case, now, rules, Outcome.RULED if case.ruled else Outcome.AGREED, is_back=True)


def fall_silent(case: Case, now: datetime, rules: AftersaleRules, address: dict[str, Any] | None) -> Next:
    """Say what silence means where a case stands, or that its time as a whole is over."""
    if case.state is CaseState.OPENED:
        return agree(case, now, rules, address, Outcome.SILENCE)
    if case.state in {CaseState.RETURN_SHIPPED, CaseState.RETURN_RECEIVED}:
        return refund(case, now, rules, Outcome.SILENCE, is_back=case.state is CaseState.RETURN_RECEIVED)
    if case.state is CaseState.ESCALATED:
        # Nobody decided in all that time: the market pays for its own silence.
        return refund(case, now, rules, Outcome.MARKET_PAID, by_market=True)
    return close(case, now, rules, Outcome.RULED if case.ruled else Outcome.EXPIRED)


def settle(case: Case, now: datetime, rules: AftersaleRules, ruling: Ruling, address: dict[str, Any] | None) -> Next:
    """Do what justice decided. Goods that are back already need not be sent again."""
    if not ruling.refund_amount:
        return close(case, now, rules, Outcome.RULED)
    ruled = msgspec.structs.replace(case, amount=ruling.refund_amount, ruled=True)
    if ruling.by_market:
        return refund(ruled, now, rules, Outcome.MARKET_PAID, by_market=True)
    if ruling.to_return and not case.goods_back and address is not None:
        return Next(move(ruled, CaseState.AGREED, now, rules, return_address=address, bearer=Bearer.SHOP))
    return refund(ruled, now, rules, Outcome.RULED)
