"""A dispute as both sides and the desk see it: one story of what happened, what comes next, what one may do now."""

from collections.abc import Mapping
from datetime import datetime

import msgspec

from fairground.kit.db import Reader
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext
from fairground.kit.money import Money
from fairground.market.justice.model.disputes import (
    Decider,
    Dispute,
    DisputeInFull,
    DisputeRules,
    DisputeState,
    Ruling,
    Side,
)
from fairground.market.justice.policy import may_appeal, may_choose_jury, may_speak
from fairground.market.justice.queries.disputes import get_dispute_in_full
from fairground.market.media.model import MediaId
from fairground.market.orders.model import Order, OrderId
from fairground.market.orders.queries.orders import get_order
from fairground.market.shops.model import ShopCard, ShopId
from fairground.market.shops.queries import map_shops
from fairground.web.justice.words import kind_label, outcome_kind, outcome_label, rule_titles, state_label


class Told(msgspec.Struct, frozen=True):
    """One thing that happened, or (`now`) that comes next."""

    text: str
    at: datetime
    words: str = ""
    pictures: tuple[MediaId, ...] = ()
    note: str = ""
    rule: str = ""
    now: bool = False


class DisputeView(msgspec.Struct, frozen=True, kw_only=True):
    """A dispute with its order, its shop, and what the reader may do; `side` is None at the desk."""

    dispute: Dispute
    order: Order
    shop: ShopCard
    side: Side | None
    badge: tuple[str, str]
    kind: str
    claimed: Money
    refund: Money
    next: str
    told: list[Told]
    titles: Mapping[str, str]
    rules: DisputeRules
    may_speak: bool
    may_choose_jury: bool
    other_wants_jury: bool
    may_appeal: bool


async def look_at_dispute(reader: Reader, dispute: Dispute, side: Side | None) -> DisputeView:
    """Stitch what a page of a dispute shows."""
    full = await get_dispute_in_full(reader, dispute)
    shops = await map_shops(reader, [ShopId(dispute.shop_id)])
    return DisputeView(
        dispute=dispute,
        order=await get_order(reader, OrderId(dispute.order_id)),
        shop=shops[ShopId(dispute.shop_id)],
        side=side,
        badge=badge_of(dispute),
        kind=kind_label(dispute.kind),
        claimed=Money(dispute.claimed, dispute.currency),
        refund=Money(dispute.refund, dispute.currency),
        next=next_words(dispute),
        told=_story(full),
        titles=await rule_titles(reader, {r.rule_key for r in full.rulings}),
        rules=reader.given(DisputeRules),
        may_speak=side is not None and may_speak(dispute, side, reader.now),
        may_choose_jury=side is not None and may_choose_jury(dispute, side, reader.now),
        other_wants_jury=side is not None and dispute.wants_jury(side.other),
        may_appeal=side is not None and may_appeal(dispute, reader.now),
    )


def badge_of(dispute: Dispute) -> tuple[str, str]:
    """Say in a badge where a dispute stands, or how it ended."""
    if dispute.outcome is not None:
        return outcome_kind(dispute.outcome), outcome_label(dispute.outcome)
    return "mind", state_label(dispute.state)


def next_words(dispute: Dispute) -> str:
    """Say what comes next by itself."""
    return {
        DisputeState.EVIDENCE: gettext("Both sides may speak. Then somebody of the market decides."),
        DisputeState.DECIDING: gettext("Somebody of the market reads what was said, and decides."),
        DisputeState.JURY: gettext("The jury reads what was said, without names, and votes."),
        DisputeState.DECIDED: gettext("Without an appeal the ruling is carried out."),
        DisputeState.APPEALED: gettext("Somebody else of the market decides once more. That is the last word."),
        DisputeState.FINAL: gettext("This is over. What was decided is carried out."),
    }[dispute.state]


def _due(dispute: Dispute) -> datetime | None:
    return {DisputeState.EVIDENCE: dispute.round_ends_at, DisputeState.DECIDED: dispute.appeal_by}.get(
        dispute.state, dispute.staff_by
    )


def _story(full: DisputeInFull) -> list[Told]:
    """What happened, the earliest first, and what comes next."""
    dispute = full.dispute
    names = {Side.BUYER: gettext("The buyer"), Side.SHOP: gettext("The shop")}
    story = [Told(gettext("The buyer asked the market to decide"), dispute.opened_at)]
    story += [Told(names[s.side], s.at, s.words, s.pictures) for s in full.statements]
    story += [_ruling(r, dispute.currency) for r in full.rulings]
    if dispute.appealed_at is not None and dispute.appealed_by is not None:
        text = {Side.BUYER: gettext("The buyer appealed"), Side.SHOP: gettext("The shop appealed")}
        story.append(Told(text[dispute.appealed_by], dispute.appealed_at, dispute.appeal_words))
    story.sort(key=lambda told: told.at)
    if dispute.final_at is not None:
        outcome = "" if dispute.outcome is None else outcome_label(dispute.outcome)
        return [*story, Told(gettext("Over"), dispute.final_at, note=outcome)]
    due = _due(dispute)
    return story if due is None else [*story, Told(gettext("Until then"), due, note=next_words(dispute), now=True)]


def _ruling(ruling: Ruling, currency: str) -> Told:
    who = {
        Decider.STAFF: gettext("The market decided"),
        Decider.JURY: gettext("The jury decided"),
        Decider.SILENCE: gettext("The market was late, and pays"),
    }[ruling.decider]
    note = gettext("Back to the buyer: %(amount)s") % {"amount": formats.money(Money(ruling.refund, currency))}
    if ruling.to_return:
        note += " · " + gettext("once the goods are back")
    reasons = gettext(ruling.reasons) if ruling.decider is Decider.SILENCE else ruling.reasons
    return Told(who, ruling.at, reasons, note=note, rule=ruling.rule_key)
