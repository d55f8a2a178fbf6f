"""What every deed on an order shares: whose deed it is, its entry in the history, why it was refused."""

from collections.abc import Callable, Sequence
from typing import Final

import msgspec

from fairground.kit.db import Tx
from fairground.kit.errors import NotSignedIn, Trouble
from fairground.kit.ids import Id
from fairground.market.orders.errors import NotYourDeed, OrderInWrongState, OrderNotFound
from fairground.market.orders.model import Deed, Order, OrderId
from fairground.market.orders.queries.look import seat_of
from fairground.market.orders.queries.orders import get_order
from fairground.market.shops.model import Role


class OrderParty(msgspec.Struct, frozen=True):
    """Whose deed it is; what is None does not narrow the guarded statement."""

    name: str
    person_id: Id | None = None
    buyer_id: Id | None = None
    shop_id: Id | None = None


MARKET: Final = OrderParty("market")


def as_buyer(tx: Tx) -> OrderParty:
    """Act as the buyer.

    Raises:
        NotSignedIn: nobody is.
    """
    person_id = tx.actor.person_id
    if person_id is None:
        raise NotSignedIn
    return OrderParty("buyer", person_id, buyer_id=person_id)


async def as_shop(tx: Tx, order_id: OrderId, may: Callable[[Role], bool]) -> OrderParty:
    """Act for the shop of an order, in a role that may.

    Raises:
        NotSignedIn: nobody is.
        OrderNotFound: the order is none of the person's shops'.
        NotYourDeed: the person's role does not allow it.
    """
    person_id = tx.actor.person_id
    if person_id is None:
        raise NotSignedIn
    shop_id, role = await seat_of(tx, order_id, person_id)
    if not may(role):
        raise NotYourDeed
    return OrderParty("shop", person_id, shop_id=shop_id)


class Moved(msgspec.Struct, frozen=True):
    """One entry for the history of an order, as it stands after the deed."""

    order: Order
    deed: Deed
    reason: str = ""
    amount: int | None = None


async def record_moves(tx: Tx, party: OrderParty, moved: Sequence[Moved]) -> None:
    """Write entries into the history, any number at once."""
    if not moved:
        return
    await tx.execute(
        """
        insert into orders.moves (bucket, order_id, version, deed, state, actor, actor_id, reason, amount, at)
        select b, i, v, d, s, $8, $9, r, a, $10
          from unnest($1::smallint[], $2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::bigint[])
               as t(b, i, v, d, s, r, a)
        """,
        [m.order.id.bucket for m in moved],
        [m.order.id for m in moved],
        [m.order.version for m in moved],
        [m.deed for m in moved],
        [m.order.state for m in moved],
        [m.reason for m in moved],
        [m.amount for m in moved],
        party.name,
        party.person_id,
        tx.now,
    )


async def why_not(tx: Tx, order_id: OrderId, party: OrderParty) -> Trouble:
    """Tell why a guarded statement found no row: no such order for this party, or the wrong state."""
    try:
        order = await get_order(tx, order_id, buyer_id=party.buyer_id, shop_id=party.shop_id)
    except OrderNotFound as trouble:
        return trouble
    return OrderInWrongState(state=str(order.state))


def columns(order_ids: Sequence[OrderId]) -> tuple[list[int], list[OrderId]]:
    """Give buckets and ids as two arrays, in the order in which rows are locked."""
    ids = sorted(set(order_ids), key=lambda i: (i.bucket, i))
    return [i.bucket for i in ids], ids
