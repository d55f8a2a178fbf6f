"""What cases are called: kinds, reasons, states, deeds, how far, what comes next. The same words for all sides."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Final

from fairground.kit.errors import N_
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext, say
from fairground.kit.money import Money
from fairground.market.aftersale.model import (
    Answer,
    CaseDeed,
    CaseKind,
    CaseReason,
    CaseState,
    Outcome,
    Side,
    TimelineEntry,
)
from fairground.market.shipping.model.parcels import EVENT_WORDS, TrackingKind
from fairground.web.cards import Step

KINDS: Final = {
    CaseKind.REFUND: N_("Refund only"),
    CaseKind.RETURN: N_("Send it back, money back"),
    CaseKind.EXCHANGE: N_("Exchange"),
}
KIND_NOTES: Final = {
    CaseKind.REFUND: N_(
        "Nothing is sent back: it never came, or you keep it and get all of the money or a part of it."
    ),
    CaseKind.RETURN: N_("You send it to the shop; when the shop has looked at it, the money comes back."),
    CaseKind.EXCHANGE: N_("You send it to the shop; when the shop has looked at it, it sends you another one."),
}
REASONS: Final = {
    CaseReason.NO_REASON: N_("I do not like it after all (no reason needed)"),
    CaseReason.UNWANTED: N_("I do not want it any more (not sent yet)"),
    CaseReason.NOT_RECEIVED: N_("It never came"),
    CaseReason.LATE: N_("It came too late"),
    CaseReason.DAMAGED: N_("It arrived damaged"),
    CaseReason.DEFECTIVE: N_("It does not work"),
    CaseReason.NOT_AS_DESCRIBED: N_("It is not as described"),
    CaseReason.WRONG_ITEM: N_("It is something else"),
    CaseReason.MISSING_PARTS: N_("Something is missing"),
    CaseReason.COUNTERFEIT: N_("It is not genuine"),
    CaseReason.OTHER: N_("Another reason"),
}
STATES: Final = {
    CaseState.OPENED: ("mind", N_("The shop is asked")),
    CaseState.AGREED: ("ok", N_("Agreed")),
    CaseState.REFUSED: ("bad", N_("Not agreed")),
    CaseState.RETURN_SHIPPED: ("", N_("On its way back")),
    CaseState.RETURN_RECEIVED: ("ok", N_("The return is there")),
    CaseState.RETURN_REFUSED: ("bad", N_("Return not accepted")),
    CaseState.ESCALATED: ("mind", N_("The market decides")),
    CaseState.REFUNDED: ("ok", N_("Money went back")),
    CaseState.EXCHANGED: ("ok", N_("Exchanged")),
    CaseState.CLOSED: ("", N_("Case closed")),
}
OUTCOMES: Final = {
    Outcome.AGREED: N_("Refunded: the shop agreed"),
    Outcome.SILENCE: N_("Refunded: the shop was silent"),
    Outcome.RULED: N_("Decided by the market"),
    Outcome.MARKET_PAID: N_("Refunded by the market itself"),
    Outcome.EXCHANGED: N_("Exchanged"),
    Outcome.WITHDRAWN: N_("Taken back by the buyer"),
    Outcome.EXPIRED: N_("Closed: the buyer was silent"),
    Outcome.ORDER_CLOSED: N_("The order ended another way"),
}
SIDES: Final = {Side.BUYER: N_("The buyer"), Side.SHOP: N_("The shop"), Side.MARKET: N_("The market")}
_DEEDS: Final[Mapping[str, str]] = {
    CaseDeed.OPEN: N_("Asked for help with the order"),
    CaseDeed.EVIDENCE: N_("Added something to look at"),
    CaseDeed.RULE: N_("The market has decided"),
    CaseDeed.END: N_("The case ended with the order"),
    Answer.AGREE: N_("The shop agreed"),
    Answer.REFUSE: N_("The shop did not agree"),
    Answer.REVISE: N_("The buyer asks for something else"),
    Answer.WITHDRAW: N_("The buyer took it back"),
    Answer.RETURN_SHIPPED: N_("Sent back to the shop"),
    Answer.RETURN_RECEIVED: N_("The shop has looked at the return: it is fine"),
    Answer.RETURN_REFUSED: N_("The shop did not accept the return"),
    Answer.REPLACEMENT_SENT: N_("The shop sent another one"),
    Answer.ESCALATE: N_("The market was asked to decide"),
}
# What silence means, by the state that it leads to.
_SILENCE: Final[Mapping[CaseState, str]] = {
    CaseState.AGREED: N_("Nobody answered: it counts as agreed"),
    CaseState.REFUNDED: N_("Nobody answered: the money goes back"),
    CaseState.CLOSED: N_("Nobody answered: the case closes"),
}
_SILENCE_AHEAD: Final[Mapping[CaseState, str]] = {
    CaseState.AGREED: N_("Without an answer by then, it counts as agreed"),
    CaseState.REFUNDED: N_("Without an answer by then, the money goes back"),
    CaseState.CLOSED: N_("Without an answer by then, the case closes and the order goes on"),
}
_NEXT: Final[Mapping[CaseState, str]] = {
    CaseState.OPENED: N_("The shop has until %(when)s to answer."),
    CaseState.AGREED: N_("The buyer sends it back by %(when)s."),
    CaseState.REFUSED: N_("The buyer may ask differently, or let the market decide, until %(when)s."),
    CaseState.RETURN_SHIPPED: N_("The shop has until %(when)s to look at the return."),
    CaseState.RETURN_RECEIVED: N_("The shop sends another one by %(when)s."),
    CaseState.RETURN_REFUSED: N_("The buyer may ask differently, or let the market decide, until %(when)s."),
    CaseState.ESCALATED: N_("Somebody of the market looks at both sides and decides."),
    CaseState.REFUNDED: N_("%(amount)s went back to the buyer."),
    CaseState.EXCHANGED: N_("The shop sent another one."),
    CaseState.CLOSED: N_("The case is closed without money going back."),
}


def kind_words(kind: CaseKind) -> str:
    """Name a kind."""
    return gettext(KINDS[kind])


def reason_words(reason: CaseReason) -> str:
    """Name a reason."""
    return gettext(REASONS[reason])


def side_words(side: Side) -> str:
    """Name a side."""
    return gettext(SIDES[side])


def outcome_words(outcome: Outcome) -> str:
    """Say how a case ended."""
    return gettext(OUTCOMES[outcome])


def badge_of(state: CaseState) -> tuple[str, str]:
    """Give the badge of a case: kind and words."""
    kind, words = STATES[state]
    return kind, gettext(words)


def next_words(state: CaseState, amount: Money, due: datetime | None, zone: tzinfo) -> str:
    """Say in one sentence whose turn it is, and until when."""
    when = "" if due is None else formats.short_date_time(due, zone)
    return say(_NEXT[state], {"when": when, "amount": formats.money(amount)})


def entry_words(entry: TimelineEntry) -> str:
    """Say what happened, or what happens if nobody answers."""
    if entry.deed == CaseDeed.SILENCE:
        return gettext((_SILENCE_AHEAD if entry.is_ahead else _SILENCE)[entry.state])
    if entry.deed in _DEEDS:
        return gettext(_DEEDS[entry.deed])
    return gettext(EVENT_WORDS[TrackingKind(entry.deed.removeprefix("parcel_"))])


def steps_of(kind: CaseKind, state: CaseState) -> list[Step]:
    """Show how far a case is on its usual road."""
    road = [(gettext("Requested"), CaseState.OPENED)]
    if kind is not CaseKind.REFUND:
        road += [
            (gettext("Agreed"), CaseState.AGREED),
            (gettext("Sent back"), CaseState.RETURN_SHIPPED),
        ]
    if kind is CaseKind.EXCHANGE:
        road.append((gettext("Looked at"), CaseState.RETURN_RECEIVED))
    exchanged = kind is CaseKind.EXCHANGE and state is not CaseState.REFUNDED
    road.append(
        (gettext("Another one sent"), CaseState.EXCHANGED) if exchanged else (gettext("Refunded"), CaseState.REFUNDED)
    )
    places = [place for _, place in road]
    if state not in places:
        return _off_the_road(road, state)
    here, last = places.index(state), len(road) - 1
    return [
        Step(label=label, state="done" if i < here or here == last else "now" if i == here else "todo")
        for i, (label, _) in enumerate(road)
    ]


def _off_the_road(road: list[tuple[str, CaseState]], state: CaseState) -> list[Step]:
    """Refused, with the market, or closed: what was asked is done, and here we are."""
    steps = [Step(label=road[0][0], state="done"), Step(label=badge_of(state)[1], state="now")]
    return steps if state is CaseState.CLOSED else [*steps, Step(label=road[-1][0], state="todo")]
