"""What happens in a dispute is told to both sides with the same words."""

from collections.abc import Sequence
from typing import Final

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.accounts.model import PersonId
from fairground.market.justice.events import (
    DisputeAppealed,
    DisputeDecided,
    DisputeEnded,
    DisputeEvent,
    DisputeOpened,
    RoundOpened,
)
from fairground.market.notifications.actions import Note, notify_many
from fairground.market.notifications.model import Param
from fairground.market.notifications.subscribers.seen import Seen, look
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_ship
from fairground.market.shops.queries import map_staff


async def tell_sides(tx: Tx, events: Sequence[DisputeEvent]) -> None:
    """Write to the buyer, and to those of the shop who see to orders."""
    seen = await look(tx, [event.order_id for event in events])
    staff = await map_staff(tx, {ShopId(event.shop_id) for event in events})
    notes = []
    for event in events:
        kind, params = _said(seen[event.order_id], event)
        people = [m.person_id for m in staff[ShopId(event.shop_id)] if m.joined_at is not None and may_ship(m.role)]
        link = f"/justice/disputes/{event.dispute_id}"
        notes += [Note(person_id, kind, params, link) for person_id in {PersonId(event.buyer_id), *people}]
    await notify_many(tx, notes)


def _said(one: Seen, event: DisputeEvent) -> tuple[str, dict[str, Param]]:
    match event:
        case DisputeOpened():
            return "disputes.opened", {**one.names, "at": event.ends_at}
        case RoundOpened():
            return "disputes.round", {**one.names, "at": event.ends_at}
        case DisputeDecided():
            return "disputes.decided", {**one.names, "refund": one.money(event.refund), "at": event.appeal_by}
        case DisputeAppealed():
            return "disputes.appealed", one.names
        case DisputeEnded():
            return "disputes.ended", {**one.names, "refund": one.money(event.refund)}
    raise AssertionError(f"no letter for {event.name()}")


OF_DISPUTES: Final = (
    Subscriber(
        "notifications.tell_dispute",
        (DisputeOpened, RoundOpened, DisputeDecided, DisputeAppealed, DisputeEnded),
        tell_sides,
        batch=True,
    ),
)
