"""A seller packs and sends; carriers tell where it is."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

import pytest

from fairground.adapters.carriers.sandbox import SandboxCarrier
from fairground.kit.db import Database, Tx
from fairground.kit.errors import Invalid
from fairground.kit.ids import Id
from fairground.market.shipping.actions.parcels import change_number
from fairground.market.shipping.actions.tracking import mark_delivered, record_tracking
from fairground.market.shipping.errors import (
    NumberTwice,
    ParcelArrived,
    ParcelNotFound,
    TooMuchPacked,
)
from fairground.market.shipping.jobs import track_parcels
from fairground.market.shipping.model import (
    ParcelId,
    ParcelLine,
    ParcelState,
    TrackedParcel,
    TrackingEvent,
    TrackingKind,
)
from fairground.market.shipping.queries import (
    get_parcel,
    list_events,
    list_parcels,
    map_events,
    map_packed,
    map_parcels,
)
from tests.support.shipping import SELLER, line_ids, make_parcel, order_id, shop_id, told
from tests.support.shops import make_shop
from tests.support.statements import StatementFailed, fail_at, statements


async def test_an_order_goes_out_in_several_parcels(db: Database) -> None:
    """Complaint 5: several parcels per order."""
    order, shop = order_id(db), shop_id(db)
    cup, lamp = line_ids(db, order, 2)
    first = await make_parcel(db, order, ParcelLine(cup, 2, 3), shop=shop)
    second = await make_parcel(db, order, ParcelLine(cup, 1, 3), ParcelLine(lamp, 1, 1), shop=shop)
    assert await db.read(lambda r: list_parcels(r, order)) == [first, second]
    assert second.lines == {cup: 1, lamp: 1}
    assert await db.read(lambda r: map_packed(r, order)) == {cup: 3, lamp: 1}
    assert first.id.bucket == order.bucket
    assert await db.read(lambda r: map_parcels(r, [order, order_id(db)])) == {order: [first, second]}


async def test_no_piece_is_packed_twice(db: Database) -> None:
    order = order_id(db)
    cup, lamp = line_ids(db, order, 2)
    await make_parcel(db, order, ParcelLine(cup, 2, 3))
    for lines in ([ParcelLine(cup, 2, 3)], [ParcelLine(lamp, 1, 1), ParcelLine(cup, 2, 3)], [ParcelLine(lamp, 2, 1)]):
        with pytest.raises(TooMuchPacked):
            await make_parcel(db, order, *lines)
    assert await db.read(lambda r: map_packed(r, order)) == {cup: 2}
    assert len(await db.read(lambda r: list_parcels(r, order))) == 1


async def test_the_same_number_twice_for_an_order_is_refused(db: Database) -> None:
    order = order_id(db)
    cup, lamp = line_ids(db, order, 2)
    await make_parcel(db, order, ParcelLine(cup, 1, 1), number="SB0000000001")
    with pytest.raises(NumberTwice):
        await make_parcel(db, order, ParcelLine(lamp, 1, 1), number="sb 0000000001")
    assert await db.read(lambda r: map_packed(r, order)) == {cup: 1}


async def test_two_sellers_who_pack_the_same_piece_send_it_once(wide_db: Database) -> None:
    order = order_id(wide_db)
    (cup,) = line_ids(wide_db, order, 1)
    got = await asyncio.gather(
        *[make_parcel(wide_db, order, ParcelLine(cup, 1, 1)) for _ in range(8)], return_exceptions=True
    )
    assert sum(isinstance(x, TooMuchPacked) for x in got) == 7
    assert len(await wide_db.read(lambda r: list_parcels(r, order))) == 1


@pytest.mark.parametrize(
    ("carrier", "number", "pointers"),
    [
        ("pigeon", "SB1", {"/carrier", "/tracking_number"}),
        ("sf", None, {"/tracking_number"}),
        (None, "SB0000000001", {"/carrier"}),
        ("sf", "<script>", {"/tracking_number"}),
    ],
)
async def test_carrier_and_number_are_checked(
    db: Database, carrier: str | None, number: str | None, pointers: set[str]
) -> None:
    order = order_id(db)
    with pytest.raises(Invalid) as refused:
        await make_parcel(db, order, ParcelLine(line_ids(db, order, 1)[0], 1, 1), carrier=carrier, number=number)
    assert {error.pointer for error in refused.value.errors} == pointers
    assert await db.read(lambda r: map_packed(r, order)) == {}


async def test_quantities_below_one_and_lines_twice_are_refused(db: Database) -> None:
    order = order_id(db)
    (cup,) = line_ids(db, order, 1)
    with pytest.raises(Invalid) as refused:
        await make_parcel(db, order, ParcelLine(cup, 0, 3), ParcelLine(cup, -1, 3))
    assert {error.pointer for error in refused.value.errors} == {"/lines", "/lines/0/quantity", "/lines/1/quantity"}


async def test_goods_without_a_carrier_are_handed_over(db: Database) -> None:
    parcel = await make_parcel(db, carrier=None, number=None)
    assert (parcel.carrier, parcel.tracking_number, parcel.state) == (None, None, ParcelState.SHIPPED)
    arrived = await db.write(SELLER, lambda tx: mark_delivered(tx, parcel.id))
    assert (arrived.state, arrived.delivered_at) == (ParcelState.DELIVERED, db.clock.now())


async def test_a_failure_at_any_statement_leaves_nothing(db: Database) -> None:
    with statements() as seen:
        await make_parcel(db)
    order = order_id(db)
    line = ParcelLine(line_ids(db, order, 1)[0], 1, 1)
    for n in range(len(seen)):
        with fail_at(n), pytest.raises(StatementFailed):
            await make_parcel(db, order, line)
        assert await db.read(lambda r: map_packed(r, order)) == {}
        assert await db.read(lambda r: list_parcels(r, order)) == []


async def test_a_typing_error_is_put_right_by_its_own_shop_until_it_arrived(db: Database) -> None:
    shop, other = (await make_shop(db)).id, (await make_shop(db)).id
    parcel = await make_parcel(db, shop=shop)
    with pytest.raises(ParcelNotFound):
        await db.write(SELLER, lambda tx: change_number(tx, other, parcel.id, "sf", "SF1234567890123"))
    changed = await db.write(SELLER, lambda tx: change_number(tx, shop, parcel.id, "顺丰", "sf1234567890123"))
    assert (changed.carrier, changed.tracking_number) == ("sf", "SF1234567890123")
    await db.write(SELLER, lambda tx: mark_delivered(tx, parcel.id))
    with pytest.raises(ParcelArrived):
        await db.write(SELLER, lambda tx: change_number(tx, shop, parcel.id, "sf", "SF9999999999999"))
    assert (await db.read(lambda r: get_parcel(r, parcel.id))).tracking_number == "SF1234567890123"


async def test_an_event_is_written_once_however_often_it_is_told(db: Database) -> None:
    parcel = await make_parcel(db)
    events = [told(db, 1, TrackingKind.PICKED_UP), told(db, 2, TrackingKind.IN_TRANSIT, hours=3)]
    for _ in range(3):
        state = await db.write(SELLER, lambda tx: record_tracking(tx, parcel.id, events))
        assert state is ParcelState.IN_TRANSIT
    assert await db.read(lambda r: list_events(r, parcel.id)) == events[::-1]
    assert await db.read(lambda r: map_events(r, [parcel.id])) == {parcel.id: events[::-1]}
    moved = await db.read(lambda r: r.rows("select version from kit.outbox where name = 'shipping.ParcelMoved'"))
    assert [row["version"] for row in moved] == [2]


async def test_what_arrived_stays_arrived(db: Database) -> None:
    parcel = await make_parcel(db)
    for event in (
        told(db, 3, TrackingKind.DELIVERED, hours=9),
        told(db, 2, TrackingKind.IN_TRANSIT, hours=3),
        told(db, 4, TrackingKind.IN_TRANSIT, hours=12),
        told(db, 5, TrackingKind.LOST, hours=13),
    ):
        await db.write(SELLER, lambda tx, e=event: record_tracking(tx, parcel.id, [e]))  # type: ignore[misc]
    now = await db.read(lambda r: get_parcel(r, parcel.id))
    assert (now.state, now.delivered_at) == (ParcelState.DELIVERED, db.clock.now() + timedelta(hours=9))


async def test_what_was_lost_can_be_found_again(db: Database) -> None:
    parcel = await make_parcel(db)
    lost = await db.write(SELLER, lambda tx: record_tracking(tx, parcel.id, [told(db, 1, TrackingKind.LOST)]))
    found = await db.write(
        SELLER, lambda tx: record_tracking(tx, parcel.id, [told(db, 2, TrackingKind.IN_TRANSIT, hours=5)])
    )
    assert (lost, found) == (ParcelState.LOST, ParcelState.IN_TRANSIT)


async def test_an_unknown_parcel_is_not_found(db: Database) -> None:
    with pytest.raises(ParcelNotFound):
        await db.write(SELLER, lambda tx: record_tracking(tx, ParcelId(5), []))


async def test_the_sandbox_carries_a_parcel_by_the_clock(db: Database) -> None:
    parcel, silent = await make_parcel(db), await make_parcel(db, number="SB1234560000")
    carriers = {"sandbox": SandboxCarrier()}
    states = []
    for _ in range(32):
        await track_parcels(db, carriers)
        states.append((await db.read(lambda r: get_parcel(r, parcel.id))).state)
        db.clock.move(timedelta(hours=2))
    assert list(dict.fromkeys(states)) == [ParcelState.SHIPPED, ParcelState.IN_TRANSIT, ParcelState.DELIVERED]
    kinds = [event.kind for event in reversed(await db.read(lambda r: list_events(r, parcel.id)))]
    assert kinds == [
        TrackingKind.PICKED_UP,
        TrackingKind.IN_TRANSIT,
        TrackingKind.IN_TRANSIT,
        TrackingKind.OUT_FOR_DELIVERY,
        TrackingKind.DELIVERED,
    ]
    assert (await db.read(lambda r: get_parcel(r, silent.id))).state is ParcelState.SHIPPED


async def test_a_carrier_is_asked_about_a_parcel_only_when_it_is_due(db: Database) -> None:
    parcel = await make_parcel(db)
    other = await make_parcel(db, carrier="sf", number="SF1234567890123")
    carrier = _Listening()
    for _ in range(2):
        await track_parcels(db, {"sandbox": carrier})
    db.clock.move(timedelta(hours=2))
    await track_parcels(db, {"sandbox": carrier})
    db.clock.move(timedelta(days=61))
    await track_parcels(db, {"sandbox": carrier})
    assert carrier.asked == [parcel.id, parcel.id]
    assert other.id not in carrier.asked


async def test_a_carrier_that_is_down_stops_nobody_and_is_asked_again(db: Database) -> None:
    broken, good = await make_parcel(db, carrier="other", number="BROKEN1"), await make_parcel(db)
    down = _Listening(down=True)
    db.clock.move(timedelta(hours=4))
    done = await track_parcels(db, {"other": down, "sandbox": SandboxCarrier()})
    assert done == 1
    assert (await db.read(lambda r: get_parcel(r, good.id))).state is ParcelState.IN_TRANSIT
    db.clock.move(timedelta(hours=2))
    await track_parcels(db, {"other": down})
    assert down.asked == [broken.id, broken.id]


class _Listening:
    """A carrier that notes what it is asked, and answers nothing or is down."""

    def __init__(self, *, down: bool = False) -> None:
        self.asked: list[Id] = []
        self._down = down

    async def track(
        self, parcels: Sequence[TrackedParcel], now: datetime
    ) -> Mapping[ParcelId, Sequence[TrackingEvent]]:
        self.asked += [parcel.id for parcel in parcels]
        if self._down:
            raise ConnectionError("nobody there")
        return {}


async def test_without_the_guard_a_piece_is_packed_twice(wide_db: Database) -> None:
    """The race: look first, then write. This is what packing must not do."""
    order = order_id(wide_db)
    (cup,) = line_ids(wide_db, order, 1)
    gate = asyncio.Barrier(2)

    async def careless(tx: Tx) -> bool:
        packed = await tx.value(
            "select packed from shipping.packed where bucket = $1 and order_id = $2 and order_line_id = $3",
            order.bucket,
            order,
            cup,
        )
        async with gate:
            pass
        return packed is None

    assert await asyncio.gather(*[wide_db.write(SELLER, careless) for _ in range(2)]) == [True, True]
