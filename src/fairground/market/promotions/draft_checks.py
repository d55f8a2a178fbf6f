"""What a draft of a drop must be like. Pure: what was looked up is handed in."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from fairground.kit.errors import N_, Findings
from fairground.kit.ids import Id
from fairground.kit.money import MAX_AMOUNT
from fairground.market.catalog.model import Offer, VariantId
from fairground.market.promotions.model import DropDraft, DropRules, GoodsWish
from fairground.market.shops.model import ShopId

_RANGE = N_("Between 1 and %(most)d, please.")


def check_drop(
    draft: DropDraft, shop_id: ShopId, offers: Mapping[VariantId, Offer], rules: DropRules, now: datetime
) -> None:
    """Refuse a draft with everything that is wrong with it.

    Raises:
        Invalid: with a pointer for each wrong field (`/title`, `/ends_at`, `/goods/0/price`).
    """
    findings = Findings()
    length = N_("Between 1 and %(most)d characters, please.")
    good = 0 < len(draft.title.strip()) <= rules.title_most
    findings.check(good, "/title", "length", length, most=rules.title_most)
    at_most = N_("At most %(most)d characters, please.")
    findings.check(len(draft.words) <= rules.words_most, "/words", "length", at_most, most=rules.words_most)
    _check_window(findings, draft, rules, now)
    _check_room(findings, draft, rules)
    findings.check(bool(draft.goods), "/goods", "required", N_("Choose what the drop sells, please."))
    many = N_("At most %(most)d, please.")
    findings.check(len(draft.goods) <= rules.goods_most, "/goods", "too_many", many, most=rules.goods_most)
    seen: set[Id] = set()
    for place, wish in enumerate(draft.goods[: rules.goods_most]):
        offer = offers.get(VariantId(wish.variant_id))
        ours = offer if offer is not None and offer.shop_id == shop_id else None
        _check_goods(findings, f"/goods/{place}", wish, ours, rules)
        twice = N_("This stands in another line.")
        findings.check(wish.variant_id not in seen, f"/goods/{place}/variant_id", "promotions.twice", twice)
        seen.add(wish.variant_id)
    findings.raise_any()


def _check_window(findings: Findings, draft: DropDraft, rules: DropRules, now: datetime) -> None:
    after = N_("The end must be after the start.")
    findings.check(draft.ends_at > draft.starts_at, "/ends_at", "promotions.ends_before_start", after)
    future = N_("The end must lie in the future.")
    findings.check(draft.ends_at > now, "/ends_at", "promotions.in_the_past", future)
    findings.check(
        draft.ends_at - draft.starts_at <= timedelta(days=rules.days_most),
        "/ends_at",
        "range",
        N_("A drop may run for at most %(most)d days."),
        most=rules.days_most,
    )
    findings.check(
        draft.starts_at <= now + timedelta(days=rules.ahead_days_most),
        "/starts_at",
        "range",
        N_("A drop may begin at most %(most)d days from now."),
        most=rules.ahead_days_most,
    )


def _check_room(findings: Findings, draft: DropDraft, rules: DropRules) -> None:
    findings.check(
        draft.per_minute is None or 1 <= draft.per_minute <= rules.per_minute_most,
        "/per_minute",
        "range",
        _RANGE,
        most=rules.per_minute_most,
    )
    findings.check(
        draft.burst is None or 0 <= draft.burst <= rules.burst_most,
        "/burst",
        "range",
        N_("Between 0 and %(most)d, please."),
        most=rules.burst_most,
    )


def _check_goods(findings: Findings, pointer: str, wish: GoodsWish, offer: Offer | None, rules: DropRules) -> None:
    unknown = N_("Your shop has no such variant.")
    findings.check(offer is not None, f"{pointer}/variant_id", "catalog.variant_not_found", unknown)
    zero = N_("An amount above zero, please.")
    if findings.check(0 < wish.price <= MAX_AMOUNT, f"{pointer}/price", "range", zero) and offer is not None:
        above = N_("A drop cannot cost more than the product's own price.")
        good = wish.price <= offer.price.amount
        findings.check(good, f"{pointer}/price", "promotions.above_price", above)
    good = 1 <= wish.quota <= rules.quota_most
    findings.check(good, f"{pointer}/quota", "range", _RANGE, most=rules.quota_most)
    good = 1 <= wish.per_person <= rules.per_person_most
    findings.check(good, f"{pointer}/per_person", "range", _RANGE, most=rules.per_person_most)
