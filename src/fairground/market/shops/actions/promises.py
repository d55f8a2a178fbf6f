"""What a shop promises of its own accord."""

from fairground.kit.db import Tx
from fairground.kit.errors import N_, Findings
from fairground.market.shops.actions.doors import enter
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_manage_goods


async def promise_prices(tx: Tx, shop_id: ShopId, days: int, *, most: int) -> None:
    """Promise that a price holds for some days after a sale; 0 = no longer. What was sold keeps its promise.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed
        Invalid: below 0, or more days than the market allows.
    """
    await enter(tx, shop_id, may_manage_goods)
    findings = Findings()
    findings.check(0 <= days <= most, "/price_days", "range", N_("Between 0 and %(most)d days, please."), most=most)
    findings.raise_any()
    await tx.execute(
        "update shops.shops set price_days = $3, version = version + 1 where bucket = $1 and id = $2",
        shop_id.bucket,
        shop_id,
        days,
    )
