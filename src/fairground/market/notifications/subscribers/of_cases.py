"""What happens in an after-sale case is told to the side that did not do it, or to both where neither did."""

from collections.abc import Sequence
from typing import Final

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.kit.money import Money
from fairground.market.accounts.model import PersonId
from fairground.market.aftersale.events import (
    CaseAnswered,
    CaseClosed,
    CaseEscalated,
    CaseEvent,
    CaseOpened,
    CaseRefunded,
)
from fairground.market.aftersale.model import Answer, CaseState, Outcome
from fairground.market.notifications.actions import Note, notify_many
from fairground.market.notifications.model import Param
from fairground.market.notifications.subscribers.seen import Seen, Word, look, tell_shops
from fairground.market.shops.policy import may_see_money, may_ship

# Where a case stands after an answer → what its buyer reads.
_ANSWERED: Final = {
    CaseState.AGREED: "buyers.case_agreed",
    CaseState.REFUSED: "buyers.case_refused",
    CaseState.RETURN_RECEIVED: "buyers.case_return_there",
    CaseState.RETURN_REFUSED: "buyers.case_return_refused",
}


async def tell_buyers(tx: Tx, events: Sequence[CaseEvent]) -> None:
    """Write to the buyers of cases."""
    seen = await look(tx, {event.order_id for event in events})
    notes = [_note(seen[event.order_id], event) for event in events]
    await notify_many(tx, [note for note in notes if note is not None])


def _note(one: Seen, event: CaseEvent) -> Note | None:
    params: dict[str, Param] = dict(one.names)
    match event:
        case CaseAnswered() if event.state in _ANSWERED and event.due_at is not None:
            kind, params = _ANSWERED[event.state], {**params, "at": event.due_at}
        case CaseEscalated():
            kind = "buyers.case_escalated"
        case CaseRefunded():
            kind, params = "buyers.case_refunded", {**params, "refunded": Money(event.amount, event.currency)}
        case CaseClosed() if event.outcome is Outcome.EXCHANGED:
            kind = "buyers.case_exchanged"
        case CaseClosed() if event.outcome not in {Outcome.WITHDRAWN, Outcome.ORDER_CLOSED}:
            kind = "buyers.case_closed"
        case _:
            return None  # their own doing
    return Note(PersonId(event.buyer_id), kind, params, f"/cases/{event.case_id}")


async def tell_sellers(tx: Tx, events: Sequence[CaseEvent]) -> None:
    """Write to those of the shops' people whose work it is."""
    seen = await look(tx, {event.order_id for event in events})
    words = [_word(seen[event.order_id], event) for event in events]
    await tell_shops(tx, [word for word in words if word is not None])


def _word(one: Seen, event: CaseEvent) -> Word | None:
    params: dict[str, Param] = dict(one.names)
    may = may_ship
    match event:
        case CaseOpened() if event.due_at is not None:
            params = {**params, "amount": Money(event.amount, event.currency), "at": event.due_at}
            kind = "shops.case_opened"
        case CaseAnswered() if event.due_at is not None and (told := _told(event)):
            kind, params = told, {**params, "at": event.due_at}
        case CaseEscalated():
            kind = "shops.case_escalated"
        case CaseRefunded():
            params = {**params, "refunded": Money(event.amount, event.currency)}
            kind, may = "shops.case_refunded", may_see_money
        case CaseClosed() if event.outcome is not Outcome.EXCHANGED:
            kind = "shops.case_closed"
        case _:
            return None  # their own doing
    return Word(one.order.shop_id, may, kind, params, f"/cases/{event.case_id}")


def _told(event: CaseAnswered) -> str | None:
    if event.answer is Answer.REVISE:
        return "shops.case_revised"
    if event.state is CaseState.RETURN_SHIPPED:
        return "shops.case_return_sent"
    return "shops.case_silence" if event.answer is None and event.state is CaseState.AGREED else None


_ALL: Final = (CaseOpened, CaseAnswered, CaseEscalated, CaseRefunded, CaseClosed)
OF_CASES: Final = (
    Subscriber("notifications.tell_case_buyers", _ALL[1:], tell_buyers, batch=True),
    Subscriber("notifications.tell_case_shops", _ALL, tell_sellers, batch=True),
)
