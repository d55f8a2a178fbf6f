"""Change what people see of a shop, and where goods come back to."""

from collections.abc import Callable
from typing import Any

import msgspec
from msgspec import UNSET

from fairground.kit.db import Tx
from fairground.kit.errors import N_, Findings
from fairground.kit.events import publish
from fairground.market.shops.actions.doors import enter, enter_desk
from fairground.market.shops.actions.staff import rename_memberships
from fairground.market.shops.errors import ShopChangedMeanwhile
from fairground.market.shops.events import ShopChanged
from fairground.market.shops.model import Shop, ShopChange, ShopId, ShopRules
from fairground.market.shops.policy import may_change_shop
from fairground.market.shops.queries import shop_from
from fairground.market.shops.words import (
    check_about,
    check_country,
    check_language,
    check_name,
    check_return_address,
    check_time_zone,
)


async def change_shop(tx: Tx, shop_id: ShopId, change: ShopChange) -> Shop:
    """Change a shop's face; what is left out stays. Pictures must belong to the shop: the entrance has seen to it.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed
        Invalid: names each wrong field.
        ShopChangedMeanwhile: somebody else was quicker.
    """
    shop = await enter(tx, shop_id, may_change_shop)
    changed = msgspec.structs.replace(shop, **_checked(change, tx.given(ShopRules)))
    if changed == shop:
        return shop
    saved = await _save(tx, changed)
    if saved.name != shop.name:
        await tx.execute("update shops.directory set name = $2 where slug = $1", saved.slug, saved.name)
        await rename_memberships(tx, saved)
    await publish(tx, ShopChanged(shop_id=shop_id, version=saved.version))
    return saved


async def set_commission(tx: Tx, shop_id: ShopId, basis_points: int | None) -> Shop:
    """Set a commission of a shop's own, in basis points; None = the market's. For the desk.

    Raises:
        StaffOnly, ShopNotFound
        Invalid: below 0 or above 10,000.
    """
    enter_desk(tx)
    findings = Findings()
    good = basis_points is None or 0 <= basis_points <= 10_000
    findings.check(good, "/commission_basis_points", "range", N_("Between 0 and 10,000 basis points."))
    findings.raise_any()
    row = await tx.row(
        """
        update shops.shops set commission_basis_points = $3, version = version + 1, changed_at = $4
         where bucket = $1 and id = $2 returning *
        """,
        shop_id.bucket,
        shop_id,
        basis_points,
        tx.now,
    )
    if row is None:
        raise ShopChangedMeanwhile
    await publish(tx, ShopChanged(shop_id=shop_id, version=row["version"]))
    return shop_from(row)


def _checked(change: ShopChange, rules: ShopRules) -> dict[str, Any]:
    findings = Findings()
    given = {field: value for field in change.__struct_fields__ if (value := getattr(change, field)) is not UNSET}
    checks: dict[str, Callable[[Any], Any]] = {
        "name": lambda value: check_name(findings, value, rules),
        "about": lambda value: check_about(findings, value, rules),
        "country": lambda value: check_country(findings, value),
        "language": lambda value: check_language(findings, value),
        "time_zone": lambda value: check_time_zone(findings, value),
        "return_address": lambda value: value and check_return_address(findings, value),
    }
    result = {field: checks[field](value) if field in checks else value for field, value in given.items()}
    findings.check(0 <= given.get("cloth", 0) <= 9, "/cloth", "range", N_("Between 0 and 9."))
    findings.raise_any()
    return result


async def _save(tx: Tx, shop: Shop) -> Shop:
    row = await tx.row(
        """
        update shops.shops
           set name = $4, about = $5, country = $6, language = $7, time_zone = $8, cloth = $9, avatar_id = $10,
               banner_id = $11, return_address = $12, asks_before_cancel = $13, version = version + 1, changed_at = $14
         where bucket = $1 and id = $2 and version = $3 returning *
        """,
        shop.id.bucket,
        shop.id,
        shop.version,
        shop.name,
        shop.about,
        shop.country,
        shop.language,
        shop.time_zone,
        shop.cloth,
        shop.avatar_id,
        shop.banner_id,
        None if shop.return_address is None else msgspec.to_builtins(shop.return_address),
        shop.asks_before_cancel,
        tx.now,
    )
    if row is None:
        raise ShopChangedMeanwhile
    return shop_from(row)
