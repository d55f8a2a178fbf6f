"""What carriers tell is written down, each event once."""

from collections.abc import Sequence
from datetime import timedelta

from fairground.kit.db import Tx
from fairground.kit.events import publish
from fairground.market.shipping.errors import ParcelNotFound
from fairground.market.shipping.events import ParcelMoved
from fairground.market.shipping.model import (
    Parcel,
    ParcelId,
    ParcelState,
    ShippingRules,
    TrackingEvent,
    TrackingKind,
    state_after,
)
from fairground.market.shipping.queries import get_parcel
from fairground.market.shipping.rows import event_from
from fairground.market.shops.model import ShopId

WORDS_MOST = 500


async def record_tracking(tx: Tx, parcel_id: ParcelId, events: Sequence[TrackingEvent]) -> ParcelState:
    """Write down what a carrier told about a parcel and tell where it is now; known events are passed over.

    Raises:
        ParcelNotFound: there is none.
    """
    # The parcel's row is the lock: of two who tell about one parcel, the second counts with the first's events.
    row = await tx.row(
        "select * from shipping.parcels where bucket = $1 and id = $2 for no key update", parcel_id.bucket, parcel_id
    )
    if row is None:
        raise ParcelNotFound
    await _write_events(tx, parcel_id, events)
    known = await tx.rows(
        "select external_id, at, kind, place, words from shipping.parcel_events where bucket = $1 and parcel_id = $2",
        parcel_id.bucket,
        parcel_id,
    )
    told = [event_from(event) for event in known]
    state = state_after(told)
    if row["state"] == ParcelState.DELIVERED:
        state = ParcelState.DELIVERED
    arrived = min((e.at for e in told if e.kind is TrackingKind.DELIVERED), default=None)
    rules = tx.given(ShippingRules)
    await tx.execute(
        """
        update shipping.parcels set state = $3, delivered_at = coalesce(delivered_at, $4), look_at = $5,
               version = version + case when state = $3 then 0 else 1 end
         where bucket = $1 and id = $2
        """,
        parcel_id.bucket,
        parcel_id,
        state,
        arrived if state is ParcelState.DELIVERED else None,
        None if state is ParcelState.DELIVERED else tx.now + timedelta(minutes=rules.tracking_minutes),
    )
    if state != row["state"]:
        await publish(
            tx,
            ParcelMoved(
                parcel_id=parcel_id,
                order_id=row["order_id"],
                shop_id=ShopId(row["shop_id"]),
                state=state,
                version=row["version"] + 1,
            ),
        )
    return state


async def _write_events(tx: Tx, parcel_id: ParcelId, events: Sequence[TrackingEvent]) -> None:
    if not events:
        return
    await tx.execute(
        """
        insert into shipping.parcel_events (bucket, parcel_id, external_id, at, kind, place, words, told_at)
        select $1, $2, e, a, k, p, w, $8
          from unnest($3::text[], $4::timestamptz[], $5::text[], $6::text[], $7::text[]) as t(e, a, k, p, w)
        on conflict (bucket, parcel_id, external_id) do nothing
        """,
        parcel_id.bucket,
        parcel_id,
        [event.external_id for event in events],
        [event.at for event in events],
        [event.kind for event in events],
        [event.place[:WORDS_MOST] for event in events],
        [event.words[:WORDS_MOST] for event in events],
        tx.now,
    )


async def put_off_tracking(tx: Tx, parcel_ids: Sequence[ParcelId]) -> None:
    """Ask again later about parcels the carrier does not know yet, or could not tell about."""
    await tx.execute(
        """
        update shipping.parcels p set look_at = $3
          from unnest($1::smallint[], $2::bigint[]) as t(b, i)
         where p.bucket = t.b and p.id = t.i and p.look_at is not null
        """,
        [i.bucket for i in parcel_ids],
        list(parcel_ids),
        tx.now + timedelta(minutes=tx.given(ShippingRules).tracking_minutes),
    )


async def mark_delivered(tx: Tx, parcel_id: ParcelId) -> Parcel:
    """Note that a parcel arrived though no carrier told so (pickup, the buyer's own word). Safe to repeat."""
    await record_tracking(tx, parcel_id, [TrackingEvent("market:delivered", tx.now, TrackingKind.DELIVERED)])
    return await get_parcel(tx, parcel_id)
