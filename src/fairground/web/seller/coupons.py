"""A shop's coupons: what they gave so far, a new one, stopping one."""

from datetime import datetime, timedelta, tzinfo
from decimal import Decimal, InvalidOperation
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, Conflict, Findings, Invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.http.problems import status_of
from fairground.kit.i18n import formats
from fairground.kit.i18n.words import gettext, say
from fairground.kit.money import Money
from fairground.kit.place import Place
from fairground.market.promotions.actions.selling import create_coupon, stop_coupon
from fairground.market.promotions.model import (
    AmountOff,
    Coupon,
    CouponDraft,
    CouponId,
    CouponState,
    PercentOff,
    PromotionRules,
)
from fairground.market.promotions.queries.coupons import list_coupons_of_shop
from fairground.market.shops.policy import may_manage_goods
from fairground.market.shops.queries import get_shop_for
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.seller.typed import LOCAL, read_amount, read_count, read_moment
from fairground.web.told import Told, tell_fields

SHOWN: Final = 24


class CouponForm(msgspec.Struct):
    """What the form sends: amounts in units of the currency, moments in the market's time."""

    title: str = ""
    kind: str = "amount"
    amount: str = ""
    percent: str = ""
    cap: str = ""
    threshold: str = ""
    starts_at: str = ""
    ends_at: str = ""
    total_limit: str = ""
    per_person_limit: str = "1"
    code: str = ""


class CouponRow(msgspec.Struct, frozen=True):
    """One coupon in the list."""

    id: str
    title: str
    value: str
    terms: str
    code: str | None
    badge: tuple[str, str]
    taken: str
    used: int
    may_stop: bool


class CouponsView(msgspec.Struct, frozen=True):
    """The list."""

    rows: list[CouponRow]
    next_href: str | None


class NewCouponView(msgspec.Struct, frozen=True):
    """The form of a new coupon."""

    form: CouponForm
    symbol: str
    title_most: int
    days_most: int
    errors: Told = Told()


@get("/seller/{slug:str}/coupons", include_in_schema=False)
async def show_coupons(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """List a shop's coupons, the newest first."""
    after = request.query_params.get("after")

    async def look(reader: Reader) -> tuple[Room, CouponsView]:
        room = await enter_room(reader, caller, slug, may_manage_goods)
        page = await list_coupons_of_shop(reader, room.shop.id, after, SHOWN)
        following = f"{room.home}/coupons?{urlencode({'after': page.next})}" if page.next else None
        return room, CouponsView([_row(one, reader.now, room.zone) for one in page.items], following)

    room, view = await db.read(look)
    return seller_page(request, "coupons/page", room, title=gettext("Coupons"), view=view)


def _row(coupon: Coupon, now: datetime, zone: tzinfo) -> CouponRow:
    stopped = coupon.state is CouponState.STOPPED
    if stopped:
        badge = ("", gettext("Stopped"))
    elif now >= coupon.ends_at:
        badge = ("", gettext("Ended"))
    elif now < coupon.starts_at:
        badge = ("new", gettext("Begins later"))
    elif coupon.left == 0:
        badge = ("mind", gettext("All taken"))
    else:
        badge = ("ok", gettext("Can be taken"))
    taken = formats.number(coupon.taken_count)
    return CouponRow(
        str(int(coupon.id)),
        coupon.title,
        coupon_value(coupon),
        _terms(coupon, zone),
        coupon.code,
        badge,
        taken if coupon.total_limit is None else f"{taken} / {formats.number(coupon.total_limit)}",
        coupon.used_count,
        not stopped and now < coupon.ends_at,
    )


def coupon_value(coupon: Coupon) -> str:
    """Say what a coupon takes off."""
    if isinstance(coupon.effect, AmountOff):
        return say("%(amount)s off", {"amount": formats.money(Money(coupon.effect.amount, coupon.currency))})
    off = say("%(percent)s off", {"percent": formats.percent(coupon.effect.basis_points)})
    if coupon.effect.cap is None:
        return off
    most = formats.money(Money(coupon.effect.cap, coupon.currency))
    return say("%(off)s, at most %(most)s", {"off": off, "most": most})


def _terms(coupon: Coupon, zone: tzinfo) -> str:
    times = {
        "start": formats.short_date_time(coupon.starts_at, zone),
        "end": formats.short_date_time(coupon.ends_at, zone),
    }
    parts = [say("%(start)s to %(end)s", times)]
    if coupon.threshold:
        least = formats.money(Money(coupon.threshold, coupon.currency))
        parts.insert(0, say("from %(amount)s", {"amount": least}))
    if coupon.per_person_limit > 1:
        parts.append(say("%(count)s for each person", {"count": formats.number(coupon.per_person_limit)}))
    if coupon.product_ids is not None:
        parts.append(say("for %(count)s products", {"count": formats.number(len(coupon.product_ids))}))
    return " · ".join(parts)


@get("/seller/{slug:str}/coupons/new", include_in_schema=False)
async def show_form(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the form of a new coupon, from now for two weeks."""
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_manage_goods))
    here = room.now.astimezone(room.zone)
    form = CouponForm(starts_at=here.strftime(LOCAL), ends_at=(here + timedelta(days=14)).strftime(LOCAL))
    return _form_page(request, db, room, form)


def _form_page(
    request: AnyRequest,
    db: Database,
    room: Room,
    form: CouponForm,
    trouble: Invalid | Conflict | None = None,
) -> Response[bytes]:
    rules, currency = db.given(PromotionRules), db.given(Place).currency
    told = Told() if trouble is None else tell_fields(trouble, "code")
    symbol = formats.money_parts(Money(0, currency)).symbol
    view = NewCouponView(form, symbol, rules.coupon_title_most, rules.coupon_days_most, told)
    status = 200 if trouble is None else status_of(trouble)
    return seller_page(request, "coupons/new", room, title=gettext("A new coupon"), status=status, view=view)


@post("/seller/{slug:str}/coupons", include_in_schema=False)
async def open_coupon(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Put up a coupon."""
    form = await read_form(request, CouponForm)
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_manage_goods))
    try:
        draft = draft_of(form, db.given(Place).currency, room.zone, room.now)
        coupon = await db.write(caller.actor, lambda tx: create_coupon(tx, room.shop.id, draft))
    except (Invalid, Conflict) as trouble:
        return _form_page(request, db, room, form, trouble)
    return go(request, f"{room.home}/coupons", say=say("“%(title)s” is up.", {"title": coupon.title}))


def draft_of(form: CouponForm, currency: str, zone: tzinfo, now: datetime) -> CouponDraft:
    """Read the form into a draft.

    Raises:
        Invalid: what is no amount, no number or no moment, each at its field.
    """
    findings = Findings()
    effect: AmountOff | PercentOff
    if form.kind == "percent":
        cap = read_amount(findings, "cap", form.cap, currency) if form.cap else None
        effect = PercentOff(_points(findings, form.percent), cap)
    else:
        effect = AmountOff(read_amount(findings, "amount", form.amount, currency))
    threshold = read_amount(findings, "threshold", form.threshold, currency) if form.threshold else 0
    starts, ends = (read_moment(findings, name, getattr(form, name), zone) for name in ("starts_at", "ends_at"))
    draft = CouponDraft(
        title=form.title,
        effect=effect,
        threshold=threshold,
        starts_at=starts or now,
        ends_at=ends or now,
        total_limit=read_count(findings, "total_limit", form.total_limit) if form.total_limit else None,
        per_person_limit=read_count(findings, "per_person_limit", form.per_person_limit),
        code=form.code or None,
    )
    findings.raise_any()
    return draft


def _points(findings: Findings, text: str) -> int:
    try:
        points = Decimal(text) * 100
    except InvalidOperation:
        points = Decimal("NaN")
    good = points.is_finite() and points == points.to_integral_value() and abs(points) <= 10_000
    findings.check(good, "/percent", "format", N_("A number, please, such as 10."))
    return int(points) if good else 0


@post("/seller/{slug:str}/coupons/{coupon_id:str}/stop", include_in_schema=False)
async def stop(
    request: AnyRequest,
    slug: FromPath[str],
    coupon_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Stop a coupon: nobody takes it any more; what was taken stays good."""
    person_id, wanted = caller.need_person(), an_id(CouponId, coupon_id)

    async def deed(tx: Tx) -> None:
        shop = await get_shop_for(tx, slug, person_id, may_manage_goods)
        await stop_coupon(tx, shop.id, wanted)

    await db.write(caller.actor, deed)
    said = gettext("Stopped. Nobody takes it any more; what was taken stays good until its end.")
    return go(request, f"/seller/{slug}/coupons", say=said)


HANDLERS: Final[list[Any]] = [show_coupons, show_form, open_coupon, stop]
