"""Shipping: parcels one by one, an order at once, or a list of many orders."""

from collections.abc import Sequence

import msgspec

from fairground.kit.db import Tx
from fairground.kit.deadlines import clear_deadlines
from fairground.kit.errors import N_, Findings, Trouble
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.orders.actions.extend import set_confirm_by
from fairground.market.orders.actions.move import Moved, OrderParty, as_shop, record_moves, why_not
from fairground.market.orders.errors import CaseWaits, NothingLeftToShip, OrderNotFound
from fairground.market.orders.events import OrderPartlyShipped, OrderShipped
from fairground.market.orders.model import SHIP, CaseHold, Deed, Order, OrderId, OrderLine, owed_pieces, read_number
from fairground.market.orders.queries.orders import (
    find_order_by_number,
    get_order,
    map_lines,
    order_from,
    rules_of,
)
from fairground.market.shipping.actions.parcels import add_parcel
from fairground.market.shipping.bulk import ShipmentRow
from fairground.market.shipping.errors import TooMuchPacked
from fairground.market.shipping.model import ParcelDraft, ParcelLine
from fairground.market.shipping.queries import map_packed
from fairground.market.shops.policy import may_ship


class PackedLine(msgspec.Struct, frozen=True):
    """So many pieces of a line (by its position) in a parcel."""

    position: int
    quantity: int


class Shipment(msgspec.Struct, frozen=True):
    """One parcel. `lines` None = all that is not in a parcel yet; without a carrier (pickup, virtual) no number."""

    carrier: str | None = None
    tracking_number: str | None = None
    lines: tuple[PackedLine, ...] | None = None


class BulkRow(msgspec.Struct, frozen=True):
    """What became of one row of a list: `trouble` None = shipped."""

    row: ShipmentRow
    order_id: OrderId | None
    trouble: Trouble | None


async def ship_order(tx: Tx, order_id: OrderId, shipment: Shipment) -> Order:
    """Send a parcel of an order; the order is shipped when every piece is in a parcel.

    Raises:
        OrderNotFound, NotYourDeed
        OrderInWrongState: it is not paid, or on its way as a whole, or the buyer's wish to cancel waits for an answer.
        CaseWaits: an after-sale case waits for the shop's answer.
        NothingLeftToShip: these pieces are in a parcel already.
        Invalid: carrier, number, positions or quantities.
    """
    party = await as_shop(tx, order_id, may_ship)
    order = await _lock_order(tx, order_id, party)
    lines = (await map_lines(tx, [order_id]))[order_id]
    packed = await map_packed(tx, order_id)
    left = owed_pieces(order, lines, packed)
    packing = _packing(shipment, lines, left)
    try:
        await add_parcel(tx, ParcelDraft(order_id, order.shop_id, packing, shipment.carrier, shipment.tracking_number))
    except TooMuchPacked as trouble:
        raise NothingLeftToShip(left={str(k): v for k, v in left.items()}) from trouble
    complete = sum(line.quantity for line in packing) == sum(left.values())
    return await _note_parcel(tx, order, party, complete=complete)


async def _lock_order(tx: Tx, order_id: OrderId, party: OrderParty) -> Order:
    """Of two clerks who pack the same order, the second waits here and then sees what the first has packed."""
    row = await tx.row(
        """
        select * from orders.orders
         where bucket = $1 and id = $2 and shop_id = $3 and state = 'paid' and cancel_asked_at is null
           for no key update
        """,
        order_id.bucket,
        order_id,
        party.shop_id,
    )
    if row is None:
        raise await why_not(tx, order_id, party)
    order = order_from(row)
    if order.case_hold is CaseHold.WAITING:
        raise CaseWaits
    return order


def _packing(shipment: Shipment, lines: Sequence[OrderLine], left: dict[int, int]) -> tuple[ParcelLine, ...]:
    ordered = {line.position: line.quantity for line in lines}
    if shipment.lines is None:
        return tuple(ParcelLine(Id(at), n, ordered[at]) for at, n in left.items() if n > 0)
    findings = Findings()
    for place, line in enumerate(shipment.lines):
        findings.check(
            line.position in ordered, f"/lines/{place}/line_id", "orders.no_such_line", N_("There is no such line.")
        )
        findings.check(line.quantity >= 1, f"/lines/{place}/quantity", "range", N_("At least 1, please."))
    findings.raise_any()
    if any(line.quantity > left[line.position] for line in shipment.lines):
        raise NothingLeftToShip(left={str(k): v for k, v in left.items()})
    return tuple(ParcelLine(Id(line.position), line.quantity, ordered[line.position]) for line in shipment.lines)


async def _note_parcel(tx: Tx, order: Order, party: OrderParty, *, complete: bool) -> Order:
    confirm_by = tx.now + (await rules_of(tx, order)).confirm_after(order.delivery.kind) if complete else None
    # While an after-sale case is open the clock of silent receipt does not begin to run.
    clock = confirm_by if order.case_hold is None else None
    row = await tx.row(
        """
        update orders.orders
           set parcels = parcels + 1, version = version + 1, changed_at = $3,
               state = case when $4::timestamptz is null then state else 'shipped' end,
               shipped_at = case when $4 is null then shipped_at else $3 end, confirm_by = $5
         where bucket = $1 and id = $2 and state = 'paid' returning *
        """,
        order.id.bucket,
        order.id,
        tx.now,
        confirm_by,
        clock,
    )
    assert row is not None, "the row is locked"
    moved = order_from(row)
    if confirm_by is None:
        await record_moves(tx, party, [Moved(moved, Deed.SHIP_PART)])
        await publish(
            tx,
            OrderPartlyShipped(
                order_id=moved.id, buyer_id=moved.buyer_id, shop_id=moved.shop_id, version=moved.version
            ),
        )
        return moved
    await clear_deadlines(tx, [moved.id], SHIP)
    if clock is not None:
        await set_confirm_by(tx, moved.id, clock)
    await record_moves(tx, party, [Moved(moved, Deed.SHIP)])
    await publish(
        tx,
        OrderShipped(
            order_id=moved.id,
            buyer_id=moved.buyer_id,
            shop_id=moved.shop_id,
            confirm_by=confirm_by,
            version=moved.version,
        ),
    )
    return moved


async def ship_rows(tx: Tx, rows: Sequence[ShipmentRow]) -> list[BulkRow]:
    """Ship the orders of a list, each as a whole; a row that cannot be shipped is told with its reason.

    A row names an order by its public number or by its id. One transaction: hand over at most a few hundred rows.
    """
    results = []
    for row in rows:
        order_id = await _order_of_row(tx, row)
        try:
            async with tx.savepoint():
                if order_id is None:
                    raise OrderNotFound
                await ship_order(tx, order_id, Shipment(row.carrier, row.tracking_number))
            results.append(BulkRow(row, order_id, None))
        except Trouble as trouble:
            results.append(BulkRow(row, order_id, trouble))
    return results


async def _order_of_row(tx: Tx, row: ShipmentRow) -> OrderId | None:
    number = f"{row.order_id:012d}"
    if read_number(number) is not None:
        found = await find_order_by_number(tx, number)
        if found is not None:
            return found.id
    try:
        return (await get_order(tx, OrderId(row.order_id))).id
    except OrderNotFound:
        return None
