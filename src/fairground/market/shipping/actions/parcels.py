"""A seller packs and sends."""

from collections.abc import Iterable

import asyncpg

from fairground.kit.db import Tx
from fairground.kit.errors import N_, Findings
from fairground.kit.events import publish
from fairground.market.shipping.errors import (
    NumberTwice,
    ParcelArrived,
    ParcelNotFound,
    TooManyParcels,
    TooMuchPacked,
)
from fairground.market.shipping.events import ParcelSent
from fairground.market.shipping.model import (
    Parcel,
    ParcelDraft,
    ParcelId,
    ParcelLine,
    ParcelState,
    ShippingRules,
    find_carrier,
    read_number,
)
from fairground.market.shipping.queries import get_parcel
from fairground.market.shops.actions.doors import enter
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_ship


async def add_parcel(tx: Tx, draft: ParcelDraft) -> Parcel:
    """Send a parcel of an order. The caller has checked that the order is the shop's and may be shipped.

    Raises:
        Invalid: no lines, an unknown carrier, a number that cannot be one, quantities below 1.
        TooMuchPacked, NumberTwice, TooManyParcels
    """
    carrier, number = check_draft(draft)
    await _check_room(tx, draft)
    await _pack(tx, draft)
    parcel_id = tx.new_id(ParcelId, draft.order_id.bucket)
    try:
        async with tx.savepoint():
            await tx.execute(
                """
                insert into shipping.parcels
                       (bucket, id, order_id, shop_id, carrier, tracking_number, state, shipped_at, look_at)
                values ($1, $2, $3, $4, $5, $6, 'shipped', $7, $8)
                """,
                parcel_id.bucket,
                parcel_id,
                draft.order_id,
                draft.shop_id,
                carrier,
                number,
                tx.now,
                tx.now if carrier else None,
            )
    except asyncpg.UniqueViolationError as trouble:
        raise NumberTwice from trouble
    await _write_lines(tx, parcel_id, draft.lines)
    await publish(tx, ParcelSent(parcel_id=parcel_id, order_id=draft.order_id, shop_id=draft.shop_id))
    return Parcel(
        id=parcel_id,
        order_id=draft.order_id,
        shop_id=draft.shop_id,
        carrier=carrier,
        tracking_number=number,
        state=ParcelState.SHIPPED,
        lines={line.order_line_id: line.quantity for line in draft.lines},
        shipped_at=tx.now,
        delivered_at=None,
    )


async def change_number(tx: Tx, shop_id: ShopId, parcel_id: ParcelId, carrier: str, tracking_number: str) -> Parcel:
    """Put a typing error right: another carrier or number for a parcel on its way.

    What the old number told is kept; the carrier is asked about the new one.

    Raises:
        ShopNotFound, RoleTooSmall: the actor may not.
        Invalid, NumberTwice
        ParcelNotFound: the shop has no such parcel.
        ParcelArrived: it was delivered.
    """
    await enter(tx, shop_id, may_ship, even_closed=True)
    code, number = _check_number(Findings(), carrier, tracking_number, required=True)
    try:
        async with tx.savepoint():
            changed = await tx.execute(
                """
                update shipping.parcels set carrier = $4, tracking_number = $5, look_at = $6, version = version + 1
                 where bucket = $1 and id = $2 and shop_id = $3 and state <> 'delivered'
                """,
                parcel_id.bucket,
                parcel_id,
                shop_id,
                code,
                number,
                tx.now,
            )
    except asyncpg.UniqueViolationError as trouble:
        raise NumberTwice from trouble
    parcel = await get_parcel(tx, parcel_id)
    if not changed:
        raise ParcelArrived if parcel.shop_id == shop_id else ParcelNotFound
    return parcel


def check_draft(draft: ParcelDraft) -> tuple[str | None, str | None]:
    """Refuse a draft with everything that is wrong with it; gives the carrier's code and the number as read.

    Raises:
        Invalid: with a pointer for each wrong field.
    """
    findings = Findings()
    findings.check(bool(draft.lines), "/lines", "shipping.nothing_packed", N_("Put at least one piece in."))
    ids = [line.order_line_id for line in draft.lines]
    findings.check(len(set(ids)) == len(ids), "/lines", "shipping.line_twice", N_("One line is named twice."))
    for place, line in enumerate(draft.lines):
        findings.check(line.quantity >= 1, f"/lines/{place}/quantity", "range", N_("At least 1, please."))
    return _check_number(findings, draft.carrier, draft.tracking_number, required=False)


def _check_number(
    findings: Findings, carrier: str | None, tracking_number: str | None, *, required: bool
) -> tuple[str | None, str | None]:
    if carrier is None and tracking_number is None and not required:
        findings.raise_any()
        return None, None
    known = find_carrier(carrier or "")
    number = read_number(tracking_number or "")
    findings.check(
        known is not None, "/carrier", "shipping.carrier_unknown", N_("We do not know this carrier; choose Other.")
    )
    findings.check(
        number is not None,
        "/tracking_number",
        "shipping.number_malformed",
        N_("A tracking number has 4 to 40 letters and digits."),
    )
    findings.raise_any()
    assert known is not None, "or it would have been refused"
    return known.code, number


async def _check_room(tx: Tx, draft: ParcelDraft) -> None:
    most = tx.given(ShippingRules).parcels_most
    count = await tx.value(
        "select count(*) from shipping.parcels where bucket = $1 and order_id = $2",
        draft.order_id.bucket,
        draft.order_id,
    )
    if count >= most:
        raise TooManyParcels(most=most)


async def _pack(tx: Tx, draft: ParcelDraft) -> None:
    """Count pieces as packed; of two sellers who pack the same ones, the second is refused by the row itself."""
    lines = sorted(draft.lines, key=lambda line: line.order_line_id)
    touched = await tx.execute(
        """
        insert into shipping.packed as p (bucket, order_id, order_line_id, ordered, packed)
        select $1, $2, l, o, q from unnest($3::bigint[], $4::int[], $5::int[]) as t(l, o, q) where q <= o
        on conflict (bucket, order_id, order_line_id) do update set packed = p.packed + excluded.packed
         where p.packed + excluded.packed <= p.ordered
        """,
        draft.order_id.bucket,
        draft.order_id,
        [line.order_line_id for line in lines],
        [line.ordered for line in lines],
        [line.quantity for line in lines],
    )
    if touched < len(lines):
        raise TooMuchPacked


async def _write_lines(tx: Tx, parcel_id: ParcelId, lines: Iterable[ParcelLine]) -> None:
    lines = list(lines)
    await tx.execute(
        """
        insert into shipping.parcel_lines (bucket, parcel_id, order_line_id, quantity)
        select $1, $2, l, q from unnest($3::bigint[], $4::int[]) as t(l, q)
        """,
        parcel_id.bucket,
        parcel_id,
        [line.order_line_id for line in lines],
        [line.quantity for line in lines],
    )
