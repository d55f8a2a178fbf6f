"""What after-sale announces: ids, states and amounts (minor units of `currency`), never words."""

from datetime import datetime

from fairground.kit.events import Event
from fairground.kit.ids import Id
from fairground.market.aftersale.model import Answer, Case, CaseId, CaseKind, CaseReason, CaseState, Outcome, Side
from fairground.market.orders.model import OrderId


class CaseEvent(Event, frozen=True, kw_only=True):
    """What happened to one case."""

    case_id: CaseId
    order_id: OrderId
    buyer_id: Id
    shop_id: Id
    kind: CaseKind

    @property
    def subject(self) -> Id:
        """The case."""
        return self.case_id


class CaseOpened(CaseEvent, frozen=True, kw_only=True):
    """A buyer claims something; the shop answers until `due_at`."""

    reason: CaseReason
    amount: int
    currency: str
    due_at: datetime | None


class CaseAnswered(CaseEvent, frozen=True, kw_only=True):
    """A side has answered, or `answer` is None and silence did, or a ruling; the case stands in `state` and goes on."""

    answer: Answer | None
    side: Side
    state: CaseState
    due_at: datetime | None


class CaseEscalated(CaseEvent, frozen=True, kw_only=True):
    """The buyer asks the market to decide about `amount`; by `end_by` the case has ended in any case."""

    reason: CaseReason
    amount: int
    currency: str
    end_by: datetime


class CaseRefunded(CaseEvent, frozen=True, kw_only=True):
    """The case ended with money for the buyer."""

    outcome: Outcome
    amount: int
    currency: str


class CaseClosed(CaseEvent, frozen=True, kw_only=True):
    """The case ended without money: closed, or exchanged."""

    outcome: Outcome
    state: CaseState


OF_CASES: tuple[type[CaseEvent], ...] = (CaseOpened, CaseAnswered, CaseEscalated, CaseRefunded, CaseClosed)


def opened(case: Case) -> CaseOpened:
    """Tell that a case was opened."""
    return CaseOpened(
        case_id=case.id,
        order_id=case.order_id,
        buyer_id=case.buyer_id,
        shop_id=case.shop_id,
        kind=case.kind,
        reason=case.reason,
        amount=case.amount,
        currency=case.currency,
        due_at=case.due_at,
        version=case.version,
    )


def moved(case: Case, side: Side, answer: Answer | None) -> CaseEvent:
    """Tell where a case came by an answer, a silence or a ruling."""
    if case.state is CaseState.ESCALATED:
        return _escalated(case)
    if case.state is CaseState.REFUNDED:
        return _refunded(case)
    if case.outcome is not None:
        return _closed(case, case.outcome)
    return CaseAnswered(
        case_id=case.id,
        order_id=case.order_id,
        buyer_id=case.buyer_id,
        shop_id=case.shop_id,
        kind=case.kind,
        answer=answer,
        side=side,
        state=case.state,
        due_at=case.due_at,
        version=case.version,
    )


def _escalated(case: Case) -> CaseEscalated:
    return CaseEscalated(
        case_id=case.id,
        order_id=case.order_id,
        buyer_id=case.buyer_id,
        shop_id=case.shop_id,
        kind=case.kind,
        reason=case.reason,
        amount=case.amount,
        currency=case.currency,
        end_by=case.end_by,
        version=case.version,
    )


def _refunded(case: Case) -> CaseRefunded:
    assert case.outcome is not None, "it has ended"
    return CaseRefunded(
        case_id=case.id,
        order_id=case.order_id,
        buyer_id=case.buyer_id,
        shop_id=case.shop_id,
        kind=case.kind,
        outcome=case.outcome,
        amount=case.refunded,
        currency=case.currency,
        version=case.version,
    )


def _closed(case: Case, outcome: Outcome) -> CaseClosed:
    return CaseClosed(
        case_id=case.id,
        order_id=case.order_id,
        buyer_id=case.buyer_id,
        shop_id=case.shop_id,
        kind=case.kind,
        outcome=outcome,
        state=case.state,
        version=case.version,
    )
