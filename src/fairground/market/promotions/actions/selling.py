"""A seller puts up a coupon, or stops it."""

from datetime import timedelta

import asyncpg

from fairground.kit.db import Tx
from fairground.kit.errors import N_, Findings
from fairground.kit.events import publish
from fairground.kit.money import MAX_AMOUNT
from fairground.kit.place import Place
from fairground.market.promotions.errors import CodeInUse, CouponNotFound, TooManyCoupons
from fairground.market.promotions.events import CouponOpened, CouponStopped
from fairground.market.promotions.model import (
    AmountOff,
    Coupon,
    CouponDraft,
    CouponId,
    PercentOff,
    PromotionRules,
)
from fairground.market.promotions.rows import coupon_from
from fairground.market.shops.actions.doors import enter
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_manage_goods


async def create_coupon(tx: Tx, shop_id: ShopId, draft: CouponDraft) -> Coupon:
    """Put up a coupon of a shop; the shop bears what it takes off.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed: the actor may not.
        Invalid: something in the draft is wrong.
        CodeInUse: another open coupon of the shop has the code.
        TooManyCoupons: the shop has as many open coupons as it may.
    """
    await enter(tx, shop_id, may_manage_goods)
    check_draft(draft, tx.given(PromotionRules), tx)
    await _check_room(tx, shop_id)
    coupon_id = tx.new_id(CouponId, shop_id.bucket)
    amount = draft.effect.amount if isinstance(draft.effect, AmountOff) else None
    points, cap = (
        (draft.effect.basis_points, draft.effect.cap) if isinstance(draft.effect, PercentOff) else (None, None)
    )
    try:
        async with tx.savepoint():
            row = await tx.row(
                """
                insert into promotions.coupons (bucket, id, shop_id, title, code, amount_off, percent_off, cap,
                       threshold, currency, product_ids, starts_at, ends_at, total_limit, per_person_limit,
                       borne_by_market, state, created_at, created_by)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, 0, 'open', $16, $17)
                returning *
                """,
                shop_id.bucket,
                coupon_id,
                shop_id,
                draft.title.strip(),
                _code(draft),
                amount,
                points,
                cap,
                draft.threshold,
                tx.given(Place).currency,
                None if draft.product_ids is None else list(draft.product_ids),
                draft.starts_at,
                draft.ends_at,
                draft.total_limit,
                draft.per_person_limit,
                tx.now,
                tx.actor.person_id,
            )
    except asyncpg.UniqueViolationError as trouble:
        raise CodeInUse from trouble
    assert row is not None, "an insert gives its row"
    await publish(tx, CouponOpened(coupon_id=coupon_id, shop_id=shop_id))
    return coupon_from(row)


async def stop_coupon(tx: Tx, shop_id: ShopId, coupon_id: CouponId) -> None:
    """Stop a coupon of a shop: nobody takes it any more; what was taken stays good until its end. Safe to repeat.

    Raises:
        ShopNotFound, RoleTooSmall: the actor may not.
        CouponNotFound: the shop has no such coupon.
    """
    await enter(tx, shop_id, may_manage_goods, even_closed=True)
    stopped = await tx.execute(
        """
        update promotions.coupons set state = 'stopped', stopped_at = $4
         where bucket = $1 and id = $2 and shop_id = $3 and state = 'open'
        """,
        shop_id.bucket,
        coupon_id,
        shop_id,
        tx.now,
    )
    if stopped:
        await publish(tx, CouponStopped(coupon_id=coupon_id, shop_id=shop_id))
        return
    known = await tx.value(
        "select 1 from promotions.coupons where bucket = $1 and id = $2 and shop_id = $3",
        shop_id.bucket,
        coupon_id,
        shop_id,
    )
    if known is None:
        raise CouponNotFound


def check_draft(draft: CouponDraft, rules: PromotionRules, tx: Tx) -> None:
    """Refuse a draft with everything that is wrong with it.

    Raises:
        Invalid: with a pointer for each wrong field.
    """
    findings = Findings()
    findings.check(
        0 < len(draft.title.strip()) <= rules.coupon_title_most,
        "/title",
        "length",
        N_("Between 1 and %(most)d characters, please."),
        most=rules.coupon_title_most,
    )
    _check_effect(findings, draft, rules)
    _check_window(findings, draft, rules, tx)
    _check_limits(findings, draft, rules)
    findings.raise_any()


def _check_effect(findings: Findings, draft: CouponDraft, rules: PromotionRules) -> None:
    amount_text = N_("An amount above zero, please.")
    findings.check(
        0 <= draft.threshold <= MAX_AMOUNT, "/threshold", "range", N_("From zero up, please; zero means no threshold.")
    )
    if isinstance(draft.effect, AmountOff):
        if findings.check(0 < draft.effect.amount <= MAX_AMOUNT, "/amount", "range", amount_text):
            findings.check(
                draft.threshold == 0 or draft.effect.amount <= draft.threshold,
                "/amount",
                "promotions.above_threshold",
                N_("A coupon cannot save more than must be spent."),
            )
        return
    findings.check(
        0 < draft.effect.basis_points <= rules.coupon_percent_most,
        "/percent",
        "range",
        N_("Above 0 %% and at most %(most)d %%, please."),
        most=rules.coupon_percent_most // 100,
    )
    if draft.effect.cap is not None:
        findings.check(0 < draft.effect.cap <= MAX_AMOUNT, "/cap", "range", amount_text)


def _check_window(findings: Findings, draft: CouponDraft, rules: PromotionRules, tx: Tx) -> None:
    findings.check(
        draft.ends_at > draft.starts_at,
        "/ends_at",
        "promotions.ends_before_start",
        N_("The end must be after the start."),
    )
    findings.check(draft.ends_at > tx.now, "/ends_at", "promotions.in_the_past", N_("The end must lie in the future."))
    findings.check(
        draft.ends_at - draft.starts_at <= timedelta(days=rules.coupon_days_most),
        "/ends_at",
        "range",
        N_("A coupon may run for at most %(most)d days."),
        most=rules.coupon_days_most,
    )
    findings.check(
        draft.starts_at <= tx.now + timedelta(days=rules.coupon_ahead_days_most),
        "/starts_at",
        "range",
        N_("A coupon may begin at most %(most)d days from now."),
        most=rules.coupon_ahead_days_most,
    )


def _check_limits(findings: Findings, draft: CouponDraft, rules: PromotionRules) -> None:
    range_text = N_("Between 1 and %(most)d, please.")
    findings.check(
        draft.total_limit is None or 1 <= draft.total_limit <= rules.coupon_total_most,
        "/total_limit",
        "range",
        range_text,
        most=rules.coupon_total_most,
    )
    findings.check(
        1 <= draft.per_person_limit <= rules.coupon_per_person_most,
        "/per_person_limit",
        "range",
        range_text,
        most=rules.coupon_per_person_most,
    )
    code = _code(draft)
    findings.check(
        code is None
        or (rules.coupon_code_least <= len(code) <= rules.coupon_code_most and code.isalnum() and not code.isdigit()),
        "/code",
        "promotions.code_malformed",
        N_("A code has %(least)d to %(most)d letters and digits, and at least one letter."),
        least=rules.coupon_code_least,
        most=rules.coupon_code_most,
    )
    findings.check(
        draft.product_ids is None or 1 <= len(draft.product_ids) <= rules.coupon_products_most,
        "/product_ids",
        "range",
        N_("Choose between 1 and %(most)d products, or all of the shop."),
        most=rules.coupon_products_most,
    )


def _code(draft: CouponDraft) -> str | None:
    return draft.code.strip().upper() or None if draft.code is not None else None


async def _check_room(tx: Tx, shop_id: ShopId) -> None:
    most = tx.given(PromotionRules).coupons_open_most
    count = await tx.value(
        """
        select count(*) from (select 1 from promotions.coupons
         where bucket = $1 and shop_id = $2 and state = 'open' and ends_at > $3 limit $4) c
        """,
        shop_id.bucket,
        shop_id,
        tx.now,
        most,
    )
    if count >= most:
        raise TooManyCoupons(most=most)
