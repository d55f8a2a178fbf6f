"""What an order would cost. A checkout is written from the very same quote, so it charges what the quote says.

Quotes are drawn for any number of people at once, with as many statements as for one (those with coupons ask once
more each).
"""

from collections.abc import Mapping, Sequence
from typing import Final, TypeAlias

from fairground.kit.db import Reader
from fairground.kit.errors import N_, Findings, Trouble
from fairground.kit.ids import Id
from fairground.kit.place import Place
from fairground.market.accounts.model import PersonId
from fairground.market.accounts.queries import map_addresses
from fairground.market.cart.model import CartLine
from fairground.market.cart.queries import map_selected
from fairground.market.catalog.model import VariantId
from fairground.market.catalog.queries.products import map_offers
from fairground.market.inventory.queries import map_stock
from fairground.market.orders.errors import NothingToOrder
from fairground.market.orders.model import OrderRules
from fairground.market.orders.model.drawing import Ask, Drawn, World, draw, is_sold
from fairground.market.orders.model.quote import AskedLine, Quote, QuoteRequest
from fairground.market.orders.queries.commission import read_rates
from fairground.market.promotions.board import drop_offers
from fairground.market.promotions.model import Coupon
from fairground.market.promotions.queries.coupons import find_wished
from fairground.market.shipping.model import ShippingRules
from fairground.market.shipping.queries import map_templates
from fairground.market.shops.queries import map_shops

COUPONS_MOST: Final = 20
Answer: TypeAlias = Drawn | Trouble


async def quote(reader: Reader, person_id: PersonId, language: str, request: QuoteRequest) -> Quote:
    """Tell what an order would cost: the final price first, then how it came about. Changes nothing.

    Raises:
        Invalid: lines, quantities, deliveries, coupons or the address are wrong.
    """
    (answer,) = await draw_quotes(reader, [Ask(person_id, language, request)])
    if isinstance(answer, Trouble):
        raise answer
    return answer.quote


async def draw_quotes(reader: Reader, asks: Sequence[Ask]) -> list[Answer]:
    """Draw quotes for any number of asks; each gets its quote or its own trouble."""
    carts = await map_selected(reader, [ask.person_id for ask in asks if ask.request.lines is None])
    wishes = [_lines_of(ask, carts) for ask in asks]
    world = await _look_around(reader, asks, wishes)
    answers: list[Answer] = []
    for ask, wish in zip(asks, wishes, strict=True):
        lines = _sold_of_cart(wish, world) if ask.request.lines is None else wish
        try:
            _check(ask, lines, world)
            answers.append(draw(ask, lines, await _coupons(reader, ask, lines, world), world))
        except Trouble as trouble:
            answers.append(trouble)
    return answers


def _lines_of(ask: Ask, carts: Mapping[PersonId, Sequence[CartLine]]) -> list[AskedLine]:
    if ask.request.lines is None:
        return [AskedLine(line.variant_id, line.quantity) for line in carts.get(ask.person_id, ())]
    return list(ask.request.lines)


def _sold_of_cart(lines: Sequence[AskedLine], world: World) -> list[AskedLine]:
    """Leave out what lies in the cart and is not sold any more: the cart names it, and does not count it either."""
    offers = [(line, world.offers.get(VariantId(line.variant_id))) for line in lines]
    return [line for line, offer in offers if offer is not None and is_sold(offer, world.shops)]


async def _look_around(reader: Reader, asks: Sequence[Ask], wishes: Sequence[Sequence[AskedLine]]) -> World:
    rules = reader.given(OrderRules)
    variant_ids = {VariantId(line.variant_id) for lines in wishes for line in lines[: rules.lines_most]}
    offers = await map_offers(reader, variant_ids)
    shop_ids = sorted({offer.shop_id for offer in offers.values()})
    products = {offer.product_id for offer in offers.values()}
    categories = {offer.category for offer in offers.values() if offer.category is not None}
    return World(
        rules=rules,
        shipping_rules=reader.given(ShippingRules),
        rates=await read_rates(reader, products, categories),
        currency=reader.given(Place).currency,
        addresses=await map_addresses(reader, [ask.address_key for ask in asks if ask.address_key is not None]),
        offers=offers,
        shops=await map_shops(reader, shop_ids),
        templates=await map_templates(reader, shop_ids),
        stock=await map_stock(reader, variant_ids),
        drops=await drop_offers(reader, variant_ids),
    )


def _check(ask: Ask, lines: Sequence[AskedLine], world: World) -> None:
    """Refuse what can be seen to be wrong with the request itself."""
    if not lines:
        raise NothingToOrder
    rules, findings = world.rules, Findings()
    text = N_("At most %(most)d, please.")
    findings.check(len(lines) <= rules.lines_most, "/lines", "too_many", text, most=rules.lines_most)
    findings.check(len(ask.request.coupons) <= COUPONS_MOST, "/coupons", "too_many", text, most=COUPONS_MOST)
    findings.check(
        ask.address_key is None or ask.address_key in world.addresses,
        "/address_id",
        "accounts.address_not_found",
        N_("We could not find that address."),
    )
    seen: set[Id] = set()
    for place, line in enumerate(lines[: rules.lines_most]):
        _check_line(findings, f"/lines/{place}", line, seen, world)
        seen.add(line.variant_id)
    findings.raise_any()


def _check_line(findings: Findings, pointer: str, line: AskedLine, seen: set[Id], world: World) -> None:
    most = world.rules.quantity_most
    text = N_("Between 1 and %(most)d, please.")
    findings.check(1 <= line.quantity <= most, f"{pointer}/quantity", "range", text, most=most)
    text = N_("This stands in another line.")
    findings.check(line.variant_id not in seen, f"{pointer}/variant_id", "orders.twice", text)
    known = VariantId(line.variant_id) in world.offers
    text = N_("There is no such variant.")
    findings.check(known, f"{pointer}/variant_id", "catalog.variant_not_found", text)


async def _coupons(reader: Reader, ask: Ask, lines: Sequence[AskedLine], world: World) -> list[Coupon]:
    if not ask.request.coupons:
        return []
    shop_ids = sorted({world.offers[VariantId(line.variant_id)].shop_id for line in lines})
    return await find_wished(reader, ask.person_id, shop_ids, ask.request.coupons)
