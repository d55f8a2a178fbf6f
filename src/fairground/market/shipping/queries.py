"""Look at templates, parcels and where they are."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

from fairground.kit.db import Reader
from fairground.kit.ids import Id
from fairground.market.shipping.errors import ParcelNotFound
from fairground.market.shipping.model import (
    Parcel,
    ParcelId,
    ShippingRules,
    ShippingTemplate,
    TrackedParcel,
    TrackingEvent,
)
from fairground.market.shipping.rows import event_from, parcel_from, template_from, tracked_from
from fairground.market.shops.model import ShopId

EVENTS_MOST: Final = 200  # shown of one parcel


async def find_template(reader: Reader, shop_id: ShopId) -> ShippingTemplate | None:
    """Find the template of a shop; None where it ships free, in one way."""
    return (await map_templates(reader, [shop_id])).get(shop_id)


async def map_templates(reader: Reader, shop_ids: Sequence[ShopId]) -> dict[ShopId, ShippingTemplate]:
    """Map shops to their templates; shops without one are left out."""
    rows = await reader.rows(
        """
        select s.shop_id, s.currency, s.options, s.version, s.changed_at
          from shipping.templates s join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on s.bucket = t.b and s.shop_id = t.i
        """,
        [i.bucket for i in shop_ids],
        list(shop_ids),
    )
    return {ShopId(row["shop_id"]): template_from(row) for row in rows}


async def get_parcel(reader: Reader, parcel_id: ParcelId) -> Parcel:
    """Get a parcel with its lines.

    Raises:
        ParcelNotFound: there is none.
    """
    row = await reader.row(
        """
        select p.*, array(select l.order_line_id from shipping.parcel_lines l
                          where l.bucket = p.bucket and l.parcel_id = p.id order by l.order_line_id) as line_ids,
                    array(select l.quantity from shipping.parcel_lines l
                          where l.bucket = p.bucket and l.parcel_id = p.id order by l.order_line_id) as quantities
          from shipping.parcels p where p.bucket = $1 and p.id = $2
        """,
        parcel_id.bucket,
        parcel_id,
    )
    if row is None:
        raise ParcelNotFound
    return parcel_from(row)


async def list_parcels(reader: Reader, order_id: Id) -> list[Parcel]:
    """List the parcels of an order, the first sent first."""
    return (await map_parcels(reader, [order_id])).get(order_id, [])


async def map_parcels(reader: Reader, order_ids: Sequence[Id]) -> dict[Id, list[Parcel]]:
    """Map orders to their parcels; orders without any are left out."""
    rows = await reader.rows(
        """
        select p.*, array(select l.order_line_id from shipping.parcel_lines l
                          where l.bucket = p.bucket and l.parcel_id = p.id order by l.order_line_id) as line_ids,
                    array(select l.quantity from shipping.parcel_lines l
                          where l.bucket = p.bucket and l.parcel_id = p.id order by l.order_line_id) as quantities
          from shipping.parcels p join unnest($1::smallint[], $2::bigint[]) as t(b, o)
            on p.bucket = t.b and p.order_id = t.o
         order by p.order_id, p.id
        """,
        [i.bucket for i in order_ids],
        list(order_ids),
    )
    found: dict[Id, list[Parcel]] = {}
    for row in rows:
        found.setdefault(Id(row["order_id"]), []).append(parcel_from(row))
    return found


async def map_packed(reader: Reader, order_id: Id) -> dict[Id, int]:
    """Map an order's lines to the pieces that are in parcels; lines never packed are left out."""
    rows = await reader.rows(
        "select order_line_id, packed from shipping.packed where bucket = $1 and order_id = $2",
        order_id.bucket,
        order_id,
    )
    return {Id(row["order_line_id"]): row["packed"] for row in rows}


async def map_packed_of(reader: Reader, order_ids: Sequence[Id]) -> dict[Id, dict[Id, int]]:
    """Map orders to how many pieces of each line are in parcels; every order has its dict."""
    rows = await reader.rows(
        """
        select p.order_id, p.order_line_id, p.packed from shipping.packed p
          join unnest($1::smallint[], $2::bigint[]) as t(b, o) on p.bucket = t.b and p.order_id = t.o
        """,
        [i.bucket for i in order_ids],
        list(order_ids),
    )
    found: dict[Id, dict[Id, int]] = {i: {} for i in order_ids}
    for row in rows:
        found[Id(row["order_id"])][Id(row["order_line_id"])] = row["packed"]
    return found


async def list_events(reader: Reader, parcel_id: ParcelId) -> list[TrackingEvent]:
    """List what the carrier told about a parcel, the newest first."""
    rows = await reader.rows(
        """
        select external_id, at, kind, place, words from shipping.parcel_events
         where bucket = $1 and parcel_id = $2 order by at desc, external_id desc limit $3
        """,
        parcel_id.bucket,
        parcel_id,
        EVENTS_MOST,
    )
    return [event_from(row) for row in rows]


async def map_events(reader: Reader, parcel_ids: Sequence[ParcelId]) -> dict[ParcelId, list[TrackingEvent]]:
    """Map parcels to what their carriers told, the newest first; every id has its list."""
    rows = await reader.rows(
        """
        select e.parcel_id, e.external_id, e.at, e.kind, e.place, e.words from shipping.parcel_events e
          join unnest($1::smallint[], $2::bigint[]) as t(b, p) on e.bucket = t.b and e.parcel_id = t.p
         order by e.at desc, e.external_id desc
        """,
        [i.bucket for i in parcel_ids],
        list(parcel_ids),
    )
    found: dict[ParcelId, list[TrackingEvent]] = {i: [] for i in parcel_ids}
    for row in rows:
        found[ParcelId(row["parcel_id"])].append(event_from(row))
    return found


async def list_due_parcels(reader: Reader, carriers: Sequence[str], limit: int) -> list[TrackedParcel]:
    """List parcels whose carrier is to be asked now (over all buckets: for the timer only)."""
    rows = await reader.rows(
        """
        select id, carrier, tracking_number, shipped_at from shipping.parcels
         where look_at <= $1 and carrier = any($2) and shipped_at > $3 order by look_at limit $4
        """,
        reader.now,
        list(carriers),
        reader.now - timedelta(days=reader.given(ShippingRules).tracking_days),
        limit,
    )
    return [tracked_from(row) for row in rows]
