"""Coupons, by API: a shop puts them up and stops them, people hold them."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, Findings
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.place import Place
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.actions.selling import create_coupon, stop_coupon
from fairground.market.promotions.actions.taking import take_coupon
from fairground.market.promotions.model import (
    AmountOff,
    Coupon,
    CouponDraft,
    CouponId,
    CouponState,
    HeldCoupon,
    PercentOff,
)
from fairground.market.promotions.queries.coupons import get_coupon, list_coupons_of_shop, list_wallet
from fairground.market.shops.policy import may_manage_goods
from fairground.market.shops.queries import get_shop_for, map_shops


class NewCoupon(msgspec.Struct):
    """A coupon of a shop: either `amount` or `percent_bp` (basis points, at most `cap`) off.

    With a `code` it is for those who know it. Left out: from now on, without threshold or limit, once for each person.
    """

    title: str
    ends_at: datetime
    starts_at: datetime | None = None
    amount: Money | None = None
    percent_bp: int | None = None
    cap: Money | None = None
    threshold: Money | None = None
    total_limit: int | None = None
    per_person_limit: int = 1
    code: str | None = None
    product_ids: list[Id] | None = None


class CouponView(msgspec.Struct):
    """A coupon with its terms and counters, as its shop sees it."""

    id: CouponId
    state: CouponState
    title: str
    amount: Money | None
    percent_bp: int | None
    cap: Money | None
    threshold: Money
    starts_at: datetime
    ends_at: datetime
    total_limit: int | None
    per_person_limit: int
    code: str | None
    product_ids: list[Id] | None
    taken: int
    used: int


class CouponList(msgspec.Struct):
    """A page of coupons, the newest first."""

    items: list[CouponView]
    next: str | None


class HeldView(msgspec.Struct):
    """A coupon in one's wallet, and how often it is still good."""

    id: CouponId
    shop: str | None
    title: str
    amount: Money | None
    percent_bp: int | None
    cap: Money | None
    threshold: Money
    starts_at: datetime
    ends_at: datetime
    left: int


class Wallet(msgspec.Struct):
    """A page of one's coupons, what ends first first."""

    items: list[HeldView]
    next: str | None


@post("/api/v1/shops/{slug:str}/coupons", tags=["Coupons"])
async def open_coupon(
    slug: FromPath[str], data: JSONBody[NewCoupon], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> CouponView:
    """Put up a coupon; the shop bears what it takes off."""
    person_id = caller.need_person()

    async def deed(tx: Tx) -> CouponView:
        shop = await get_shop_for(tx, slug, person_id, may_manage_goods)
        return _view(await create_coupon(tx, shop.id, draft_of(data, tx.given(Place).currency, tx.now)))

    return await db.write(caller.actor, deed)


def draft_of(wish: NewCoupon, currency: str, now: datetime) -> CouponDraft:
    """Read a body into a draft.

    Raises:
        Invalid: neither or both of the effects, an amount in another currency, a moment without its zone.
    """
    findings = Findings()
    for name in ("amount", "cap", "threshold"):
        money: Money | None = getattr(wish, name)
        findings.check(
            money is None or money.currency == currency,
            f"/{name}/currency",
            "currency",
            N_("The market's currency is %(currency)s."),
            currency=currency,
        )
    for name in ("starts_at", "ends_at"):
        moment: datetime | None = getattr(wish, name)
        findings.check(
            moment is None or moment.tzinfo is not None, f"/{name}", "zone", N_("A moment with its time zone, please.")
        )
    findings.check(
        (wish.amount is None) is not (wish.percent_bp is None),
        "/amount",
        "promotions.one_effect",
        N_("Either an amount or a part of the price, please."),
    )
    findings.raise_any()
    effect: AmountOff | PercentOff
    if wish.percent_bp is not None:
        effect = PercentOff(wish.percent_bp, None if wish.cap is None else wish.cap.amount)
    else:
        assert wish.amount is not None, "checked above"
        effect = AmountOff(wish.amount.amount)
    return CouponDraft(
        title=wish.title,
        effect=effect,
        threshold=0 if wish.threshold is None else wish.threshold.amount,
        starts_at=wish.starts_at or now,
        ends_at=wish.ends_at,
        total_limit=wish.total_limit,
        per_person_limit=wish.per_person_limit,
        code=wish.code,
        product_ids=None if wish.product_ids is None else tuple(wish.product_ids),
    )


@get("/api/v1/shops/{slug:str}/coupons", tags=["Coupons"])
async def show_coupons(
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> CouponList:
    """List a shop's coupons for its people, the newest first."""

    async def look(reader: Reader) -> CouponList:
        shop = await get_shop_for(reader, slug, caller.need_person(), may_manage_goods)
        page = await list_coupons_of_shop(reader, shop.id, after, limit)
        return CouponList([_view(coupon) for coupon in page.items], page.next)

    return await db.read(look)


@post("/api/v1/shops/{slug:str}/coupons/{coupon_id:str}/stop", status_code=200, tags=["Coupons"])
async def stop(
    slug: FromPath[str], coupon_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> CouponView:
    """Stop a coupon: nobody takes it any more; what was taken stays good until its end."""
    person_id, wanted = caller.need_person(), an_id(CouponId, coupon_id)

    async def deed(tx: Tx) -> CouponView:
        shop = await get_shop_for(tx, slug, person_id, may_manage_goods)
        await stop_coupon(tx, shop.id, wanted)
        return _view(await get_coupon(tx, wanted))

    return await db.write(caller.actor, deed)


@post("/api/v1/coupons/{coupon_id:str}/taking", tags=["Coupons"])
async def take(coupon_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> HeldView:
    """Put a coupon that a shop shows into one's wallet."""
    person_id, wanted = PersonId(caller.need_person()), an_id(CouponId, coupon_id)

    async def deed(tx: Tx) -> HeldView:
        held = await take_coupon(tx, person_id, wanted)
        shops = await map_shops(tx, [held.coupon.shop_id])
        return _held(held, shops[held.coupon.shop_id].slug)

    return await db.write(caller.actor, deed)


@get("/api/v1/me/coupons", tags=["Coupons"])
async def show_wallet(
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    past: FromQuery[bool] = False,
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> Wallet:
    """List what one holds and can still use; with `past`, what was used or has ended."""
    person_id = PersonId(caller.need_person())

    async def look(reader: Reader) -> Wallet:
        page = await list_wallet(reader, person_id, past=past, after=after, limit=limit)
        shops = await map_shops(reader, {held.coupon.shop_id for held in page.items})
        slugs = {shop_id: shop.slug for shop_id, shop in shops.items()}
        return Wallet([_held(held, slugs.get(held.coupon.shop_id)) for held in page.items], page.next)

    return await db.read(look)


def _view(coupon: Coupon) -> CouponView:
    return CouponView(
        id=coupon.id,
        state=coupon.state,
        title=coupon.title,
        threshold=Money(coupon.threshold, coupon.currency),
        starts_at=coupon.starts_at,
        ends_at=coupon.ends_at,
        total_limit=coupon.total_limit,
        per_person_limit=coupon.per_person_limit,
        code=coupon.code,
        product_ids=None if coupon.product_ids is None else list(coupon.product_ids),
        taken=coupon.taken_count,
        used=coupon.used_count,
        **_effect(coupon),
    )


def _held(held: HeldCoupon, slug: str | None) -> HeldView:
    coupon = held.coupon
    return HeldView(
        id=coupon.id,
        shop=slug,
        title=coupon.title,
        threshold=Money(coupon.threshold, coupon.currency),
        starts_at=coupon.starts_at,
        ends_at=coupon.ends_at,
        left=held.left,
        **_effect(coupon),
    )


def _effect(coupon: Coupon) -> dict[str, Any]:
    if isinstance(coupon.effect, AmountOff):
        return {"amount": Money(coupon.effect.amount, coupon.currency), "percent_bp": None, "cap": None}
    cap = None if coupon.effect.cap is None else Money(coupon.effect.cap, coupon.currency)
    return {"amount": None, "percent_bp": coupon.effect.basis_points, "cap": cap}


HANDLERS: Final = (open_coupon, show_coupons, stop, take, show_wallet)
