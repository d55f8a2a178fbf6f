"""Rates of commission for the goods at hand."""

from collections.abc import Iterable

from fairground.kit.db import Reader
from fairground.kit.ids import Id
from fairground.market.catalog.queries.categories import tree_of
from fairground.market.orders.model import OrderRules
from fairground.market.orders.model.commission import CommissionRates, RateKind


async def read_rates(reader: Reader, product_ids: Iterable[Id], categories: Iterable[str]) -> CommissionRates:
    """Read the rates that may concern some products of some categories; the tree only where categories have rates."""
    rows = await reader.rows(
        """
        select kind, subject, basis_points from orders.commission_rates
         where kind = 'category' or (kind = 'product' and subject = any($1))
        """,
        [str(int(i)) for i in product_ids],
    )
    by_category = {row["subject"]: row["basis_points"] for row in rows if row["kind"] == RateKind.CATEGORY}
    tree = await tree_of(reader, categories) if by_category else None
    return CommissionRates(
        {Id(int(row["subject"])): row["basis_points"] for row in rows if row["kind"] == RateKind.PRODUCT},
        by_category,
        {} if tree is None else {slug: category.path for slug, category in tree.categories.items()},
        reader.given(OrderRules).commission_bp,
    )
