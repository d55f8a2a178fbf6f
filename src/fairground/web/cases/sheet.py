"""A case ready for its page: what it is about, how far it is, what comes next and when, what the reader may do."""

from collections.abc import Mapping
from datetime import datetime, tzinfo
from typing import Any

import msgspec

from fairground.kit.db import Reader
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext, language
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.postal import PostalAddress, format_lines
from fairground.market.aftersale.model import (
    GOODS_BACK,
    AftersaleRules,
    Answer,
    Bearer,
    Case,
    CaseState,
    Side,
    TimelineEntry,
    answers_for,
)
from fairground.market.aftersale.queries.timeline import list_timeline
from fairground.market.orders.model import OrderLine
from fairground.market.orders.queries.orders import map_lines
from fairground.market.shipping.model import ParcelId
from fairground.market.shipping.model.carriers import CARRIERS, find_carrier
from fairground.market.shipping.queries import get_parcel
from fairground.web.cards import Step
from fairground.web.cases.words import (
    KINDS,
    badge_of,
    entry_words,
    kind_words,
    next_words,
    outcome_words,
    reason_words,
    side_words,
    steps_of,
)

# The likeliest first.
ORDER: tuple[Answer, ...] = (
    Answer.AGREE,
    Answer.RETURN_RECEIVED,
    Answer.REPLACEMENT_SENT,
    Answer.RETURN_SHIPPED,
    Answer.ESCALATE,
    Answer.REFUSE,
    Answer.RETURN_REFUSED,
    Answer.REVISE,
    Answer.WITHDRAW,
)


class Happening(msgspec.Struct, frozen=True):
    """One step of the timeline; the first may lie ahead (`now`)."""

    text: str
    at: datetime
    note: str
    words: str
    pictures: tuple[Id, ...]
    now: bool


class Thing(msgspec.Struct, frozen=True):
    """One line of the order that the case is about."""

    title: str
    lang: str
    options: str
    quantity: int
    picture: Id | None
    paid: Money


class Sent(msgspec.Struct, frozen=True):
    """What was sent: who carries it, under which number, and where it can be followed."""

    carrier: str
    number: str
    href: str | None


class Sheet(msgspec.Struct, frozen=True, kw_only=True):
    """A case as one of the three sides sees it. `deeds` are the answers that fit the state and the reader."""

    id: str
    href: str
    title: str
    lead: str
    badge: tuple[str, str]
    steps: list[Step]
    kind: str
    returns: bool  # the thing has still to come back
    amount: Money
    due: datetime | None
    now: datetime
    order_href: str
    order_number: str
    lines: list[Thing]
    facts: list[tuple[str, str]]
    sum: tuple[str, str]
    dispute_href: str | None
    return_to: list[str]
    returned: Sent | None
    replacement: Sent | None
    entries: list[Happening]
    deeds: list[str]
    may_add: bool
    kinds: list[tuple[str, str]]
    carriers: list[tuple[str, str]]
    rules: AftersaleRules


class Frame(msgspec.Struct, frozen=True):
    """Who looks, and where the pages of the case and of its order stand for them."""

    side: Side
    href: str
    order_href: str
    zone: tzinfo
    answers: bool = True  # may speak for their side


async def see_case(reader: Reader, case: Case, frame: Frame) -> Sheet:
    """Make a case ready for one of its sides; the caller has seen to it that they may look."""
    rules = reader.given(AftersaleRules)
    happened = await list_timeline(reader, case.id)
    lines = (await map_lines(reader, [case.order_id]))[case.order_id]
    parcel = None if case.parcel_id is None else await get_parcel(reader, ParcelId(case.parcel_id))
    deeds = answers_for(case, frame.side, rules) if frame.answers else ()
    return Sheet(
        id=str(case.id),
        href=frame.href,
        title=kind_words(case.kind),
        lead=next_words(case.state, _gone_back(case), case.due_at, frame.zone),
        badge=badge_of(case.state),
        steps=steps_of(case.kind, case.state),
        kind=case.kind.value,
        returns=case.kind in GOODS_BACK and not case.goods_back,
        amount=case.money,
        due=case.falls_due if deeds and case.turn is frame.side else None,
        now=reader.now,
        order_href=frame.order_href,
        order_number=case.shown_number,
        lines=[_thing(line, case.currency) for line in lines if line.position in case.positions],
        facts=_facts(case),
        sum=(gettext("Amount") if case.is_open else gettext("Refunded"), formats.money(_gone_back(case))),
        dispute_href=f"/justice/disputes?case={case.id}" if is_disputed(case) else None,
        return_to=_address(case.return_address),
        returned=None if parcel is None else _sent(parcel.carrier, parcel.tracking_number),
        replacement=None
        if case.replacement is None
        else _sent(case.replacement.get("carrier"), case.replacement.get("tracking_number")),
        entries=[_happening(entry, case.currency) for entry in reversed(happened)],
        deeds=[answer.value for answer in ORDER if answer in deeds],
        may_add=case.is_open and frame.answers,
        kinds=[(kind.value, kind_words(kind)) for kind in KINDS],
        carriers=[(one.code, one.name(language())) for one in CARRIERS],
        rules=rules,
    )


def _gone_back(case: Case) -> Money:
    """What went back, once the case has ended; until then what is asked for."""
    return case.money if case.is_open else Money(case.refunded, case.currency)


def _thing(line: OrderLine, currency: str) -> Thing:
    return Thing(
        line.title,
        line.language,
        " · ".join(line.options.values()),
        line.quantity,
        line.picture_id,
        Money(line.paid, currency),
    )


def _facts(case: Case) -> list[tuple[str, str]]:
    rows = [(gettext("Requested"), kind_words(case.kind)), (gettext("Why"), reason_words(case.reason))]
    if case.kind in GOODS_BACK:
        bears = gettext("the shop") if case.bearer is Bearer.SHOP else gettext("the buyer")
        rows.append((gettext("Sending it back is paid by"), bears))
    if case.outcome is not None:
        rows.append((gettext("How it ended"), outcome_words(case.outcome)))
    return rows


def is_disputed(case: Case) -> bool:
    """Tell whether a case is, or was, before the market."""
    return case.ruled or case.state is CaseState.ESCALATED


def _address(frozen: Mapping[str, Any] | None) -> list[str]:
    if frozen is None:
        return []
    postal = PostalAddress(**{**frozen, "lines": tuple(frozen["lines"])})
    lines = format_lines(postal, with_country=postal.country != "CN")
    return [postal.name, postal.phone, *(line for line in lines if line != postal.name)]


def _sent(carrier: str | None, number: str | None) -> Sent:
    known = find_carrier(carrier) if carrier else None
    href = known.tracking_page(number) if known and number else None
    return Sent(known.name(language()) if known else gettext("Without a carrier"), number or "", href)


def _happening(entry: TimelineEntry, currency: str) -> Happening:
    side = "" if entry.is_ahead else side_words(entry.side)
    amount = "" if entry.amount is None else formats.money(Money(entry.amount, currency))
    note = " · ".join(filter(None, (side, amount)))
    return Happening(entry_words(entry), entry.at, note, entry.words, entry.pictures, entry.is_ahead)
