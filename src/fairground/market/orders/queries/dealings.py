"""Who has dealt with whom."""

from fairground.kit.db import Reader
from fairground.kit.ids import Id


async def has_order_with(reader: Reader, buyer_id: Id, shop_id: Id) -> bool:
    """Tell whether a buyer has, or had, a paid order with a shop."""
    return bool(
        await reader.value(
            """
            select exists (select 1 from orders.orders where bucket = $1 and buyer_id = $2 and shop_id = $3
                                     and paid_at is not null)
            """,
            buyer_id.bucket,
            buyer_id,
            shop_id,
        )
    )
