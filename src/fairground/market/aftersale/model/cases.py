"""Cases as values: kinds, states, who may answer what, and what silence means. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

import msgspec

from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.accounts.model import PersonId
from fairground.market.aftersale.model.rules import AftersaleRules
from fairground.market.orders.model import OrderId
from fairground.market.orders.model.numbers import show_number
from fairground.market.shops.model import ShopId


class CaseId(Id):
    """The id of a case; lives in its order's bucket."""


class CaseKind(StrEnum):
    """What the buyer asks for."""

    REFUND = "refund"
    RETURN = "return"  # goods back, money back
    EXCHANGE = "exchange"


class CaseReason(StrEnum):
    """Why."""

    NO_REASON = "no_reason"
    UNWANTED = "unwanted"  # before it was shipped
    NOT_RECEIVED = "not_received"
    LATE = "late"
    DAMAGED = "damaged"
    DEFECTIVE = "defective"
    NOT_AS_DESCRIBED = "not_as_described"
    WRONG_ITEM = "wrong_item"
    MISSING_PARTS = "missing_parts"
    COUNTERFEIT = "counterfeit"
    OTHER = "other"


class CaseState(StrEnum):
    """Where a case stands."""

    OPENED = "opened"
    AGREED = "agreed"  # waits for the goods to be posted
    REFUSED = "refused"
    RETURN_SHIPPED = "return_shipped"
    RETURN_RECEIVED = "return_received"  # waits for the replacement
    RETURN_REFUSED = "return_refused"
    ESCALATED = "escalated"
    REFUNDED = "refunded"
    EXCHANGED = "exchanged"
    CLOSED = "closed"


class Answer(StrEnum):
    """What the sides say."""

    AGREE = "agree"
    REFUSE = "refuse"
    REVISE = "revise"
    WITHDRAW = "withdraw"
    RETURN_SHIPPED = "return_shipped"
    RETURN_RECEIVED = "return_received"
    RETURN_REFUSED = "return_refused"
    REPLACEMENT_SENT = "replacement_sent"
    ESCALATE = "escalate"


class CaseDeed(StrEnum):
    """What moves a case, or is told in it, beside the answers."""

    OPEN = "open"
    EVIDENCE = "evidence"
    SILENCE = "silence"
    RULE = "rule"
    END = "end"  # the order ended another way, or justice closed the case


class Side(StrEnum):
    """Who speaks."""

    BUYER = "buyer"
    SHOP = "shop"
    MARKET = "market"


class Stage(StrEnum):
    """How far the order was when the claim was made."""

    UNSHIPPED = "unshipped"
    SHIPPED = "shipped"
    RECEIVED = "received"


class Outcome(StrEnum):
    """How a case ended."""

    AGREED = "agreed"  # refunded: the shop agreed, or confirmed the return
    SILENCE = "silence"  # refunded: the shop said nothing in time
    RULED = "ruled"  # refunded or closed: justice decided
    MARKET_PAID = "market_paid"  # refunded from the market's own account
    EXCHANGED = "exchanged"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"  # closed: the buyer said or sent nothing in time
    ORDER_CLOSED = "order_closed"  # the order was cancelled or paid back another way


class Bearer(StrEnum):
    """Who bears the freight of a return."""

    BUYER = "buyer"
    SHOP = "shop"


ENDED: Final = frozenset({CaseState.REFUNDED, CaseState.EXCHANGED, CaseState.CLOSED})
OPEN: Final = frozenset(CaseState) - ENDED
GOODS_BACK: Final = frozenset({CaseKind.RETURN, CaseKind.EXCHANGE})
_REFUSALS: Final = frozenset({CaseState.REFUSED, CaseState.RETURN_REFUSED})
# Who gives which answer, and from where.
ANSWERS: Final[dict[Answer, tuple[Side, frozenset[CaseState]]]] = {
    Answer.AGREE: (Side.SHOP, frozenset({CaseState.OPENED})),
    Answer.REFUSE: (Side.SHOP, frozenset({CaseState.OPENED})),
    Answer.RETURN_RECEIVED: (Side.SHOP, frozenset({CaseState.RETURN_SHIPPED})),
    Answer.RETURN_REFUSED: (Side.SHOP, frozenset({CaseState.RETURN_SHIPPED})),
    Answer.REPLACEMENT_SENT: (Side.SHOP, frozenset({CaseState.RETURN_RECEIVED})),
    Answer.REVISE: (Side.BUYER, _REFUSALS),
    Answer.ESCALATE: (Side.BUYER, _REFUSALS),
    Answer.WITHDRAW: (Side.BUYER, frozenset({CaseState.OPENED, CaseState.AGREED, CaseState.ESCALATED}) | _REFUSALS),
    Answer.RETURN_SHIPPED: (Side.BUYER, frozenset({CaseState.AGREED})),
}
# Where a case may go from each state; the audit holds every history against it.
TRANSITIONS: Final[dict[CaseState, frozenset[CaseState]]] = {
    CaseState.OPENED: frozenset(
        {CaseState.AGREED, CaseState.REFUSED, CaseState.REFUNDED, CaseState.RETURN_RECEIVED, CaseState.CLOSED}
    ),
    CaseState.AGREED: frozenset({CaseState.RETURN_SHIPPED, CaseState.REFUNDED, CaseState.CLOSED}),
    CaseState.RETURN_SHIPPED: frozenset(
        {CaseState.RETURN_RECEIVED, CaseState.RETURN_REFUSED, CaseState.REFUNDED, CaseState.CLOSED}
    ),
    CaseState.RETURN_RECEIVED: frozenset({CaseState.REFUNDED, CaseState.EXCHANGED, CaseState.CLOSED}),
    CaseState.REFUSED: frozenset({CaseState.OPENED, CaseState.ESCALATED, CaseState.CLOSED}),
    CaseState.RETURN_REFUSED: frozenset({CaseState.OPENED, CaseState.ESCALATED, CaseState.CLOSED}),
    CaseState.ESCALATED: frozenset({CaseState.AGREED, CaseState.REFUNDED, CaseState.CLOSED}),
    CaseState.REFUNDED: frozenset(),
    CaseState.EXCHANGED: frozenset(),
    CaseState.CLOSED: frozenset(),
}
SHOPS_TURN: Final = frozenset({CaseState.OPENED, CaseState.RETURN_SHIPPED, CaseState.RETURN_RECEIVED})
BUYERS_TURN: Final = frozenset({CaseState.AGREED}) | _REFUSALS
_BUYERS_REASONS: Final = frozenset({CaseReason.NO_REASON, CaseReason.UNWANTED, CaseReason.OTHER})

# The kind of deadline: what silence means where a case stands, or that its time as a whole is over. Subjects are cases.
SILENCE: Final = "aftersale.silence"


class Case(msgspec.Struct, frozen=True, kw_only=True):
    """One after-sale case of an order. Amounts in minor units of `currency`.

    `positions` are the lines it is about; `amount` is what the buyer claims (in an exchange: what goes back if it falls
    through). `clock_left`: what was left of the order's clock. `due_at`: when silence has its meaning (None: the market
    decides); `end_by`: it has ended by then. `goods_back`: the goods were sent back.
    """

    id: CaseId
    order_id: OrderId
    number: int
    buyer_id: PersonId
    shop_id: ShopId
    kind: CaseKind
    reason: CaseReason
    state: CaseState
    version: int
    positions: tuple[int, ...]
    amount: int
    currency: str
    stage: Stage
    bearer: Bearer
    revisions: int
    goods_back: bool
    ruled: bool
    clock_left: timedelta | None
    return_address: dict[str, Any] | None
    parcel_id: Id | None
    replacement: dict[str, str] | None
    refunded: int
    outcome: Outcome | None
    opened_at: datetime
    due_at: datetime | None
    end_by: datetime
    ended_at: datetime | None
    changed_at: datetime

    @property
    def is_open(self) -> bool:
        """Whether something may still happen."""
        return self.state in OPEN

    @property
    def falls_due(self) -> datetime:
        """When the case goes on by itself: by silence, or because its time as a whole is over."""
        return self.due_at or self.end_by

    @property
    def money(self) -> Money:
        """What is claimed, as money."""
        return Money(self.amount, self.currency)

    @property
    def shown_number(self) -> str:
        """The order's public number for people."""
        return show_number(self.number)

    @property
    def turn(self) -> Side:
        """Who is to answer."""
        if self.state in SHOPS_TURN:
            return Side.SHOP
        return Side.BUYER if self.state in BUYERS_TURN else Side.MARKET


class ShopCase(msgspec.Struct, frozen=True, kw_only=True):
    """A shop's copy of a case, for its lists; up to a second behind."""

    case_id: CaseId
    order_id: OrderId
    shop_id: ShopId
    number: int
    kind: CaseKind
    reason: CaseReason
    state: CaseState
    amount: Money
    refunded: Money
    waits: bool  # for the shop
    due_at: datetime | None
    opened_at: datetime
    ended_at: datetime | None
    changed_at: datetime

    @property
    def shown_number(self) -> str:
        """The order's public number for people."""
        return show_number(self.number)


class CaseDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer claims. No `positions`: all lines. `amount` None: all that is left to refund of them."""

    kind: CaseKind
    reason: CaseReason
    positions: tuple[int, ...] = ()
    amount: int | None = None
    words: str = ""
    pictures: tuple[Id, ...] = ()


class Revision(msgspec.Struct, frozen=True, kw_only=True):
    """What a buyer changes of a claim; None stays as it is."""

    kind: CaseKind | None = None
    reason: CaseReason | None = None
    amount: int | None = None
    words: str = ""
    pictures: tuple[Id, ...] = ()


class Ruling(msgspec.Struct, frozen=True, kw_only=True):
    """What justice decided: what the buyer gets, and whether the goods go back first. Words are justice's own.

    `by_market`: the market pays and not the shop.
    """

    refund_amount: int
    to_return: bool = False
    reason: str = ""
    by_market: bool = False


class TimelineEntry(msgspec.Struct, frozen=True, kw_only=True):
    """What happened, or (`is_ahead`) happens by itself if nobody answers.

    `deed` is an answer, a deed, or a parcel's word (`parcel_delivered`); `state` is where the case stands after it.
    `amount` in minor units of the case's currency.
    """

    at: datetime
    deed: str
    side: Side
    state: CaseState
    words: str = ""
    pictures: tuple[Id, ...] = ()
    amount: int | None = None
    is_ahead: bool = False


def bearer_for(reason: CaseReason) -> Bearer:
    """Tell who bears the freight of a return: whose reason it is."""
    return Bearer.BUYER if reason in _BUYERS_REASONS else Bearer.SHOP


def may_answer(case: Case, answer: Answer, side: Side) -> bool:
    """Tell whether a side may give an answer where the case stands. After a ruling nothing is argued anew."""
    who, sources = ANSWERS[answer]
    if who is not side or case.state not in sources:
        return False
    return not (case.ruled and answer is Answer.REVISE)


def answers_for(case: Case, side: Side, rules: AftersaleRules) -> tuple[Answer, ...]:
    """List what a side may answer now, for its buttons."""
    found = [answer for answer in Answer if may_answer(case, answer, side)]
    if case.revisions >= rules.revisions_most:
        found = [answer for answer in found if answer is not Answer.REVISE]
    return tuple(found)


def time_to_answer(case: Case, rules: AftersaleRules) -> timedelta | None:
    """Tell how long silence is only silence where a case stands; None where the market decides or nothing is open."""
    if case.state is CaseState.OPENED:
        return _to_first_answer(case, rules)
    return {
        CaseState.AGREED: timedelta(days=rules.return_ship_days),
        CaseState.RETURN_SHIPPED: timedelta(days=rules.return_confirm_days),
        CaseState.RETURN_RECEIVED: timedelta(days=rules.replacement_days),
        CaseState.REFUSED: timedelta(days=rules.refused_close_days),
        CaseState.RETURN_REFUSED: timedelta(days=rules.refused_close_days),
    }.get(case.state)


def _to_first_answer(case: Case, rules: AftersaleRules) -> timedelta:
    if case.kind in GOODS_BACK:
        return timedelta(days=rules.return_answer_days)
    return {
        Stage.UNSHIPPED: timedelta(hours=rules.unshipped_answer_hours),
        Stage.SHIPPED: timedelta(hours=rules.shipped_answer_hours),
        Stage.RECEIVED: timedelta(days=rules.received_answer_days),
    }[case.stage]
