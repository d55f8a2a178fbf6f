"""Copy to a shop how quickly it answers; measured by whoever knows the conversations."""

from fairground.kit.db import Tx
from fairground.market.shops.model import ServiceClock, ShopId


async def note_clock(tx: Tx, shop_id: ShopId, clock: ServiceClock) -> None:
    """Write down what the clock of a shop shows, and since when."""
    await tx.execute(
        """
        update shops.shops set clock_rounds = $3, clock_quick = $4, clock_seconds = $5, clock_at = $6
         where bucket = $1 and id = $2
        """,
        shop_id.bucket,
        shop_id,
        clock.rounds,
        clock.quick,
        clock.seconds,
        tx.now,
    )
