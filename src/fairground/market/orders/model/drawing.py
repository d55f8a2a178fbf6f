"""Drawing a quote from what was read: prices, deliveries, commission, and what stands in the way. Pure."""

from collections.abc import Iterable, Mapping, Sequence

import msgspec

from fairground.kit.errors import N_, invalid
from fairground.kit.ids import Id
from fairground.kit.money import Money, share
from fairground.market.accounts.model import Address, AddressId, PersonId
from fairground.market.catalog.model import Offer, VariantId
from fairground.market.orders.model.commission import CommissionRates
from fairground.market.orders.model.order import FrozenDelivery, LineShare, OrderLine
from fairground.market.orders.model.quote import AskedLine, Quote, QuotedShop, QuoteProblem, QuoteRequest, Step
from fairground.market.orders.model.rules import OrderRules
from fairground.market.promotions.model import (
    Coupon,
    DropOffer,
    Priced,
    PricedLine,
    PriceLine,
    Share,
    drop_promotions,
    price_checkout,
    promotion_of,
)
from fairground.market.shipping.errors import NotDeliverable
from fairground.market.shipping.model import DeliveryOption, ShipLine, ShippingRules, ShippingTemplate, options_for
from fairground.market.shops.model import ShopCard, ShopId


class Ask(msgspec.Struct, frozen=True):
    """Somebody asks what an order would cost, in a language."""

    person_id: PersonId
    language: str
    request: QuoteRequest

    @property
    def address_key(self) -> tuple[PersonId, AddressId] | None:
        """Whose address it is to be, and which."""
        address_id = self.request.address_id
        return None if address_id is None else (self.person_id, AddressId(address_id))


class World(msgspec.Struct, frozen=True):
    """What was read for some asks, all at once."""

    rules: OrderRules
    shipping_rules: ShippingRules
    rates: CommissionRates
    currency: str
    addresses: Mapping[tuple[PersonId, AddressId], Address]
    offers: Mapping[VariantId, Offer]
    shops: Mapping[ShopId, ShopCard]
    templates: Mapping[ShopId, ShippingTemplate]
    stock: Mapping[Id, int | None]
    drops: Mapping[Id, DropOffer] = {}  # by variant; only those that are open


class Drawn(msgspec.Struct, frozen=True):
    """A quote with what a checkout must look at again: the versions of the products; whether the cart was asked.

    `drops`: the variants that an open drop sells.
    """

    quote: Quote
    versions: dict[Id, int]
    from_cart: bool
    drops: Mapping[Id, DropOffer] = {}


def draw(ask: Ask, lines: Sequence[AskedLine], coupons: Sequence[Coupon], world: World) -> Drawn:
    """Price the lines, find the deliveries, and put it all together.

    Raises:
        Invalid: a shop does not deliver in the way that was asked for (`/deliveries/{slug}`).
    """
    offers = [world.offers[VariantId(line.variant_id)] for line in lines]
    drops = {line.variant_id: world.drops[line.variant_id] for line in lines if line.variant_id in world.drops}
    priced = price_checkout(
        [
            PriceLine(o.variant_id, o.product_id, o.shop_id, o.category, o.price.amount, line.quantity)
            for o, line in zip(offers, lines, strict=True)
        ],
        [*drop_promotions(drops.values()), *(promotion_of(coupon) for coupon in coupons)],
        world.currency,
    )
    address = None if ask.address_key is None else world.addresses[ask.address_key]
    titles: dict[Id, str] = {coupon.id: coupon.title for coupon in coupons}
    titles |= {offer.drop.id: offer.drop.title for offer in drops.values()}
    problems = [*_line_problems(lines, offers, world), *_coupon_problems(coupons, priced)]
    problems += _drop_problems(lines, drops)
    shops = []
    for shop_id, mine in _by_shop(offers, priced).items():
        shop, hindrances = _shop_part(ask, world.shops[shop_id], mine, address, titles, world)
        shops.append(shop)
        problems += hindrances
    if address is None:
        problems.append(QuoteProblem("orders.address_missing", N_("Please choose where the parcels should go.")))
    return Drawn(
        Quote(
            total=Money(sum(shop.total for shop in shops), world.currency),
            steps=tuple(_steps(priced, shops, world.currency)),
            shops=tuple(shops),
            problems=tuple(problems),
            coupons=tuple(sorted({str(int(step.promotion_id)) for step in priced.steps} - _codes(drops))),
            address=None if address is None else address.as_frozen(),
        ),
        versions={offer.product_id: offer.product_version for offer in offers},
        from_cart=ask.request.lines is None,
        drops=drops,
    )


def _codes(drops: Mapping[Id, DropOffer]) -> set[str]:
    return {str(int(offer.drop.id)) for offer in drops.values()}


def _by_shop(offers: Sequence[Offer], priced: Priced) -> dict[ShopId, list[tuple[Offer, PricedLine]]]:
    found: dict[ShopId, list[tuple[Offer, PricedLine]]] = {}
    for offer, line in zip(offers, priced.lines, strict=True):
        found.setdefault(offer.shop_id, []).append((offer, line))
    return found


def _steps(priced: Priced, shops: Sequence[QuotedShop], currency: str) -> Iterable[Step]:
    yield Step("goods", "", Money(priced.goods, currency))
    for step in priced.steps:
        yield Step(str(step.kind), step.title, Money(-step.saved, currency), step.shop_id, str(int(step.promotion_id)))
    yield Step("shipping", "", Money(sum(shop.shipping for shop in shops), currency))


def _line_problems(lines: Sequence[AskedLine], offers: Sequence[Offer], world: World) -> Iterable[QuoteProblem]:
    for line, offer in zip(lines, offers, strict=True):
        left = _left(offer.variant_id, world)
        if not is_sold(offer, world.shops):
            text = N_("This is not for sale at the moment.")
            yield QuoteProblem("orders.not_for_sale", text, offer.shop_id, offer.variant_id)
        elif left is not None and left < line.quantity:
            text = N_("Only %(left)d left: please take fewer.") if left else N_("Sold out for now.")
            yield QuoteProblem("orders.out_of_stock", text, offer.shop_id, offer.variant_id, {"left": left})


def _left(variant_id: Id, world: World) -> int | None:
    """Tell how many pieces can be had: of the stock, and of a drop's quota where there is one."""
    left, drop = world.stock.get(variant_id, 0), world.drops.get(variant_id)
    if drop is None:
        return left
    return drop.goods.left if left is None else min(left, drop.goods.left)


def _drop_problems(lines: Sequence[AskedLine], drops: Mapping[Id, DropOffer]) -> Iterable[QuoteProblem]:
    """Tell what a drop gives to nobody; what somebody bought in it before is counted at the checkout."""
    text = N_("At most %(left)d for each person in this drop.")
    for line in lines:
        offer = drops.get(line.variant_id)
        if offer is not None and line.quantity > offer.goods.per_person:
            params = {"left": offer.goods.per_person}
            yield QuoteProblem("orders.drop_limit", text, offer.drop.shop_id, line.variant_id, params)


def is_sold(offer: Offer, shops: Mapping[ShopId, ShopCard]) -> bool:
    """Tell whether an offer can be bought now, as far as the shop and its product go."""
    return offer.on_sale and offer.shop_id in shops and shops[offer.shop_id].sells


def _coupon_problems(coupons: Sequence[Coupon], priced: Priced) -> Iterable[QuoteProblem]:
    used = {step.promotion_id for step in priced.steps}
    text = N_("This coupon does not apply to these goods.")
    for coupon in coupons:
        if coupon.id not in used:
            yield QuoteProblem("orders.coupon_without_effect", text, coupon.shop_id)


def _shop_part(
    ask: Ask,
    shop: ShopCard,
    mine: Sequence[tuple[Offer, PricedLine]],
    address: Address | None,
    titles: Mapping[Id, str],
    world: World,
) -> tuple[QuotedShop, list[QuoteProblem]]:
    lines = tuple(_line(place, offer, line, titles, shop, world) for place, (offer, line) in enumerate(mine, 1))
    options, problems = _options(shop, lines, address, world)
    delivery = _chosen(ask, shop, options)
    part = QuotedShop(
        shop_id=shop.id,
        slug=shop.slug,
        name=shop.name,
        lines=lines,
        options=tuple(options),
        delivery=delivery,
        goods=sum(line.subtotal for line in lines),
        off_shop=sum(line.off_shop for line in lines),
        off_market=sum(line.off_market for line in lines),
        shipping=delivery.price if delivery else 0,
    )
    return part, problems


def _options(
    shop: ShopCard, lines: Sequence[OrderLine], address: Address | None, world: World
) -> tuple[list[DeliveryOption], list[QuoteProblem]]:
    if address is None:
        return [], []
    goods = [ShipLine(line.quantity, line.weight_grams or None, line.paid) for line in lines]
    where = (address.country, address.region)
    try:
        template = world.templates.get(shop.id)
        return options_for(template, shop.id, where, goods, world.currency, world.shipping_rules), []
    except NotDeliverable as trouble:
        return [], [QuoteProblem(trouble.code, trouble.message, shop.id, params=trouble.params)]


def _chosen(ask: Ask, shop: ShopCard, options: Sequence[DeliveryOption]) -> FrozenDelivery | None:
    if not options:
        return None
    wish = ask.request.deliveries.get(shop.slug, options[0].code)
    option = next((option for option in options if option.code == wish), None)
    if option is None:
        text = N_("This shop does not deliver that way.")
        raise invalid(f"/deliveries/{shop.slug}", "orders.no_such_delivery", text)
    return FrozenDelivery(option.code, option.label(ask.language), option.kind, option.price.amount, option.days)


def _line(
    place: int, offer: Offer, priced: PricedLine, titles: Mapping[Id, str], shop: ShopCard, world: World
) -> OrderLine:
    """Freeze one line, with the market's share of what the shop gets for it."""
    off_market = sum(s.borne_by_market for s in priced.shares)
    off_shop = priced.goods - priced.total - off_market
    points = world.rates.rate(offer.product_id, shop.commission_basis_points, offer.category)
    return OrderLine(
        position=place,
        variant_id=offer.variant_id,
        product_id=offer.product_id,
        product_version=offer.product_version,
        title=offer.title,
        options=offer.options,
        picture_id=offer.picture_id,
        sku=offer.sku,
        language=offer.language,
        weight_grams=offer.weight_grams or 0,
        unit_price=offer.price.amount,
        quantity=priced.line.quantity,
        shares=tuple(_share(s, titles) for s in priced.shares),
        off_shop=off_shop,
        off_market=off_market,
        paid=priced.total,
        tax=contained_tax(priced.total, world.rules.tax_bp),
        commission_bp=points,
        commission=share(priced.goods - off_shop, points),
        no_return=offer.no_return,
    )


def _share(part: Share, titles: Mapping[Id, str]) -> LineShare:
    code = str(int(part.promotion_id))
    return LineShare(str(part.kind), code, titles.get(part.promotion_id, ""), part.borne_by_shop, part.borne_by_market)


def contained_tax(amount: int, basis_points: int) -> int:
    """Tell the tax contained in an amount at a rate in basis points, half a minor unit rounded up."""
    whole = 10_000 + basis_points
    return (2 * amount * basis_points + whole) // (2 * whole)
