"""Timed work: carts of guests who did not come back are forgotten."""

from datetime import timedelta
from typing import Final

from fairground.kit.actor import system
from fairground.kit.db import Database, Reader, Tx
from fairground.kit.timers import Timer
from fairground.market.cart.actions import forget_cart
from fairground.market.cart.model import CartOwner, CartRules, GuestId

CHUNK: Final = 200
ROUNDS: Final = 500  # what is left waits for the next run


def timers() -> list[Timer]:
    """Give the timers of this room."""
    return [Timer("cart.forget_guests", timedelta(hours=1), forget_guests)]


async def forget_guests(db: Database) -> int:
    """Forget guests' carts that nobody touched for so long; gives how many."""
    before = db.clock.now() - timedelta(days=db.given(CartRules).guest_days)
    forgotten = 0
    for _ in range(ROUNDS):
        owners = await db.read(list_old_guests)
        if not owners:
            break

        async def forget(tx: Tx, owners: list[CartOwner] = owners) -> int:
            return sum([await forget_cart(tx, owner, untouched_since=before) for owner in owners])

        forgotten += await db.write(system("cart.forget_guests"), forget)
    return forgotten


async def list_old_guests(reader: Reader) -> list[CartOwner]:
    """List guests whose carts nobody touched for so long, in the order of their rows."""
    rows = await reader.rows(
        """
        select bucket, owner_id from (
          select bucket, owner_id from cart.carts where is_guest and touched_at < $1 order by touched_at limit $2) c
         order by bucket, owner_id
        """,
        reader.now - timedelta(days=reader.given(CartRules).guest_days),
        CHUNK,
    )
    return [CartOwner(GuestId(row["owner_id"])) for row in rows]
