"""A cart as it stands today: its lines with today's offers, shops and stock."""

from collections.abc import Mapping, Sequence

from fairground.kit.db import Reader
from fairground.kit.ids import Id
from fairground.kit.money import total
from fairground.kit.place import Place
from fairground.market.cart.model import CartLine, CartOwner, CartView, SeenLine, SeenShop, problem_of
from fairground.market.cart.queries import get_cart
from fairground.market.catalog.model import Offer, VariantId
from fairground.market.catalog.queries.products import map_offers
from fairground.market.inventory.queries import map_stock
from fairground.market.shops.model import ShopCard, ShopId
from fairground.market.shops.queries import map_shops


async def look_at_cart(reader: Reader, owner: CartOwner) -> CartView:
    """See a cart as it stands today, in at most four statements."""
    lines = await get_cart(reader, owner)
    if not lines:
        return _view([], reader.given(Place).currency)
    ids = [line.variant_id for line in lines]
    offers = await map_offers(reader, ids)
    shops = await map_shops(reader, [line.shop_id for line in lines])
    stock = await map_stock(reader, ids)
    return _view(_seen(lines, offers, shops, stock), reader.given(Place).currency, shops)


def _seen(
    lines: Sequence[CartLine],
    offers: Mapping[VariantId, Offer],
    shops: Mapping[ShopId, ShopCard],
    stock: Mapping[Id, int | None],
) -> list[SeenLine]:
    seen = []
    for line in lines:
        left = stock.get(line.variant_id, 0)
        offer = offers.get(line.variant_id)
        problem = problem_of(line, offer, shops.get(line.shop_id), left)
        seen.append(SeenLine(line=line, offer=offer, left=left, problem=problem))
    return seen


def _view(seen: Sequence[SeenLine], currency: str, shops: Mapping[ShopId, ShopCard] | None = None) -> CartView:
    by_shop: dict[ShopId, list[SeenLine]] = {}
    for line in seen:
        by_shop.setdefault(line.line.shop_id, []).append(line)
    counted = [line for line in seen if line.counts]
    return CartView(
        shops=tuple(
            SeenShop(
                shop_id=shop_id,
                shop=(shops or {}).get(shop_id),
                lines=tuple(lines),
                total=total((line.total for line in lines if line.counts), currency),
            )
            for shop_id, lines in by_shop.items()
        ),
        total=total((line.total for line in counted), currency),
        line_count=len(seen),
        counted_lines=len(counted),
        counted_pieces=sum(line.line.quantity for line in counted),
    )
