"""A shop says how it delivers."""

import msgspec

from fairground.kit.db import Tx
from fairground.kit.place import Place
from fairground.market.shipping.errors import TemplateChanged
from fairground.market.shipping.model import (
    ShippingRules,
    ShippingTemplate,
    TemplateOption,
    Zone,
    check_options,
    place_key,
)
from fairground.market.shipping.rows import options_to_row, template_from
from fairground.market.shops.actions.doors import enter
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_change_shop


async def save_template(
    tx: Tx, shop_id: ShopId, options: tuple[TemplateOption, ...], *, version: int | None = None
) -> ShippingTemplate:
    """Write a shop's template anew. With `version`, only if it is still the one the seller saw (0: none yet).

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed: the actor may not.
        Invalid: something in the options is wrong.
        TemplateChanged: the template is another version by now.
    """
    await enter(tx, shop_id, may_change_shop)
    options = tuple(_tidy(option) for option in options)
    check_options(options, tx.given(ShippingRules))
    row = await tx.row(
        """
        insert into shipping.templates as t (bucket, shop_id, currency, options, version, changed_at)
        select $1, $2, $3, $4, 1, $5
         where coalesce($6::int, 0) = 0
            or exists (select 1 from shipping.templates where bucket = $1 and shop_id = $2)
        on conflict (bucket, shop_id) do update
           set currency = excluded.currency, options = excluded.options, version = t.version + 1, changed_at = $5
         where $6::int is null or t.version = $6
        returning *
        """,
        shop_id.bucket,
        shop_id,
        tx.given(Place).currency,
        options_to_row(options),
        tx.now,
        version,
    )
    if row is None:
        raise TemplateChanged
    return template_from(row)


async def drop_template(tx: Tx, shop_id: ShopId) -> None:
    """Take a shop's template away: it ships free, in one way. Safe to repeat.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed: the actor may not.
    """
    await enter(tx, shop_id, may_change_shop)
    await tx.execute("delete from shipping.templates where bucket = $1 and shop_id = $2", shop_id.bucket, shop_id)


def _tidy(option: TemplateOption) -> TemplateOption:
    return msgspec.structs.replace(
        option,
        name_zh=option.name_zh.strip(),
        name_en=option.name_en.strip(),
        zones=tuple(_tidy_zone(zone) for zone in option.zones),
    )


def _tidy_zone(zone: Zone) -> Zone:
    keys = (place_key(*place.split("-", 1)) for place in zone.places)
    return msgspec.structs.replace(zone, places=tuple(keys))
