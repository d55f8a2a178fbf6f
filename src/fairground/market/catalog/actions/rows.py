"""Products and variants as rows for the set-based statements."""

from collections.abc import Sequence
from typing import Any

import msgspec

from fairground.kit.db import Tx
from fairground.kit.ids import to_plain
from fairground.kit.money import Money
from fairground.market.catalog.model import NewProduct, NewVariant, ProductId, VariantId


def plain(value: Any) -> Any:
    """Give a struct as plain data for jsonb."""
    return msgspec.to_builtins(value, enc_hook=to_plain)


def as_json(value: Any) -> str:
    """Give a struct or list as JSON text, cast in the statement: in an array argument a list would be a dimension."""
    return msgspec.json.encode(value, enc_hook=to_plain).decode()


def amount_of(price: Money | None) -> int | None:
    """Give the amount, the currency standing in its own column."""
    return None if price is None else price.amount


class Prices(msgspec.Struct, frozen=True):
    """What lists show of a product's prices."""

    low: int
    high: int
    compare_at: int | None
    currency: str


def prices_of(variants: Sequence[NewVariant]) -> Prices:
    """Sum up the prices of a product; the former price is that of its cheapest variant."""
    cheapest = min(variants, key=lambda v: v.price.amount)
    high = max(v.price.amount for v in variants)
    return Prices(cheapest.price.amount, high, amount_of(cheapest.compare_at), cheapest.price.currency)


def choice_of(product: NewProduct, variant: NewVariant) -> list[str]:
    """Give a variant's values in the order of the product's options."""
    return [variant.options[option.name] for option in product.options]


VariantRow = tuple[ProductId, VariantId, int, list[str], NewVariant]


async def insert_variants(tx: Tx, rows: Sequence[VariantRow]) -> None:
    """Write new variants: of which product, id, position, options, and what they are."""
    await tx.execute(
        """
        insert into catalog.variants
          (bucket, id, product_id, position, options, price, compare_at, currency, sku, barcode, weight_grams,
           picture_id)
        select b, i, p, n, o::jsonb, price, before, currency, sku, barcode, weight, picture
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::smallint[], $5::text[], $6::bigint[],
                      $7::bigint[], $8::text[], $9::text[], $10::text[], $11::int[], $12::bigint[])
               as t(b, i, p, n, o, price, before, currency, sku, barcode, weight, picture)
        """,
        [row[1].bucket for row in rows],
        [row[1] for row in rows],
        [row[0] for row in rows],
        [row[2] for row in rows],
        [as_json(row[3]) for row in rows],
        [row[4].price.amount for row in rows],
        [amount_of(row[4].compare_at) for row in rows],
        [row[4].price.currency for row in rows],
        [row[4].sku for row in rows],
        [row[4].barcode for row in rows],
        [row[4].weight_grams for row in rows],
        [row[4].picture_id for row in rows],
    )
