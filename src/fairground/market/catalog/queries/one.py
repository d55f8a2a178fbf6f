"""One product in one question, for its page."""

from fairground.kit.db import Reader
from fairground.market.catalog.errors import ProductNotFound
from fairground.market.catalog.model import Product, ProductId
from fairground.market.catalog.queries.products import product_from


async def get_product_at_once(reader: Reader, product_id: ProductId) -> Product:
    """Get a product in any state, with its variants, in one statement.

    Raises:
        ProductNotFound
    """
    row = await reader.row(
        """
        select p.*, v.variants
          from catalog.products p
          left join lateral (
            select jsonb_agg(to_jsonb(v) order by v.position, v.id) as variants from catalog.variants v
             where v.bucket = p.bucket and v.product_id = p.id and v.removed_at is null) v on true
         where p.bucket = $1 and p.id = $2
        """,
        product_id.bucket,
        product_id,
    )
    if row is None:
        raise ProductNotFound
    return product_from(row, row["variants"] or [])
