"""What may be claimed: which lines, how much, until when; and what a claim must say. Pure."""

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from fairground.kit.errors import N_, FieldError, Findings
from fairground.kit.ids import Id
from fairground.kit.safe_text import clean_text
from fairground.market.aftersale.errors import (
    ClaimTooHigh,
    NoReasonExcluded,
    NoReasonOver,
    NothingSent,
    NothingToClaim,
    WindowOver,
)
from fairground.market.aftersale.model.cases import GOODS_BACK, CaseKind, CaseReason, Stage
from fairground.market.aftersale.model.rules import AftersaleRules
from fairground.market.orders.model import Order, OrderLine, OrderState, left_of_lines


def stage_of(order: Order) -> Stage:
    """Tell how far an order is.

    Raises:
        NothingToClaim: it is unpaid or closed.
    """
    if order.state is OrderState.RECEIVED:
        return Stage.RECEIVED
    if order.state is OrderState.SHIPPED:
        return Stage.SHIPPED
    if order.state is OrderState.PAID:
        return Stage.SHIPPED if order.parcels else Stage.UNSHIPPED
    raise NothingToClaim


def last_moment(received_at: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Tell when some days after receipt are over: counted from the next day, to the end of the last, in the zone."""
    first_day = received_at.astimezone(zone).date()
    return datetime.combine(first_day + timedelta(days=days + 1), time(), zone)


def check_window(
    order: Order, lines: Sequence[OrderLine], reason: CaseReason, rules: AftersaleRules, now: datetime, zone: ZoneInfo
) -> None:
    """Refuse a claim that comes too late, or a return without a reason of what is excepted.

    Raises:
        NoReasonOver, NoReasonExcluded, WindowOver
    """
    received = order.received_at
    if reason is CaseReason.NO_REASON:
        if received is not None and now >= last_moment(received, rules.no_reason_days, zone):
            raise NoReasonOver(days=rules.no_reason_days)
        excluded = [{"line_id": line.position, "why": line.no_return} for line in lines if line.no_return]
        if excluded:
            raise NoReasonExcluded(lines=excluded)
    if received is not None and now >= last_moment(received, rules.after_receipt_days, zone):
        raise WindowOver(days=rules.after_receipt_days)


def most_of(order: Order, lines: Sequence[OrderLine], positions: Sequence[int], reason: CaseReason) -> int:
    """Tell the most that can be claimed for lines: what is left of them with their freight.

    Who returns goods without a reason after they were sent gets the goods' price; the freight was used up (article 25).
    """
    left = left_of_lines(order, lines)
    most = sum(left[position] for position in positions)
    if reason is CaseReason.NO_REASON and stage_of(order) is not Stage.UNSHIPPED:
        most = min(most, sum(max(line.paid - line.refunded, 0) for line in lines if line.position in positions))
    return min(most, order.total - order.refunded)


def check_positions(lines: Sequence[OrderLine], positions: Sequence[int]) -> tuple[int, ...]:
    """Give the lines that are meant: those named, or all.

    Raises:
        Invalid: there is no such line (`/line_id`).
    """
    known = {line.position for line in lines}
    findings = Findings()
    text = N_("There is no such line.")
    findings.check(set(positions) <= known, "/line_id", "orders.no_such_line", text)
    findings.raise_any()
    return tuple(sorted(set(positions) or known))


def check_amount(amount: int | None, most: int) -> int:
    """Give the amount that is claimed: all that can be where none is named.

    Raises:
        NothingToClaim, ClaimTooHigh
    """
    if most <= 0:
        raise NothingToClaim
    if amount is None:
        return most
    findings = Findings()
    findings.check(amount >= 1, "/amount", "range", N_("At least 1, please."))
    findings.raise_any()
    if amount > most:
        text = N_("That is more than can be refunded for these goods.")
        raise ClaimTooHigh(FieldError("/amount", "aftersale.too_high", text), most=most)
    return amount


def check_kind(kind: CaseKind, positions: Sequence[int], packed: Mapping[Id, int], *, is_back: bool = False) -> None:
    """Refuse to take goods back that were never sent.

    Raises:
        NothingSent
    """
    if kind in GOODS_BACK and not is_back and not any(packed.get(Id(position), 0) for position in positions):
        raise NothingSent


def check_words(words: str, pictures: Sequence[Id], rules: AftersaleRules, *, needed: bool = False) -> str:
    """Give the words back, cleaned.

    Raises:
        Invalid: too long, too many pictures, or nothing said where a reason is needed (`/words`, `/pictures`).
    """
    words = clean_text(words).strip()
    findings = Findings()
    text = N_("At most %(most)d characters, please.")
    findings.check(len(words) <= rules.words_most, "/words", "length", text, most=rules.words_most)
    findings.check(not needed or bool(words), "/words", "required", N_("Please say why, in a few words."))
    text = N_("At most %(most)d pictures, please.")
    findings.check(len(pictures) <= rules.pictures_most, "/pictures", "too_many", text, most=rules.pictures_most)
    findings.raise_any()
    return words
