"""The checkout as its template sees it."""

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from fairground.kit.i18n.formats import money
from fairground.kit.i18n.words import gettext, language, say
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.postal import PostalAddress, format_lines, written_phone
from fairground.market.accounts.model import Address
from fairground.market.orders.model import OrderLine
from fairground.market.orders.model.quote import Quote, QuotedShop
from fairground.market.promotions.model.coupons import HeldCoupon
from fairground.market.shipping.model.rates import STANDARD_NAME, DeliveryOption
from fairground.web.storefront.checkout.wish import Wish


class AddressChoice(msgspec.Struct, frozen=True):
    """An address to send to."""

    id: str
    name: str
    phone: str
    lines: str
    chosen: bool


class Choice(msgspec.Struct, frozen=True):
    """A way of delivery, a coupon, or a way to pay."""

    value: str
    label: str
    note: str
    chosen: bool


class LineView(msgspec.Struct, frozen=True):
    """One line to be bought."""

    title: str
    lang: str
    options: str
    quantity: int
    picture: Id | None
    subtotal: Money
    problem: str | None


class ShopView(msgspec.Struct, frozen=True):
    """One shop's part."""

    slug: str
    name: str
    lines: list[LineView]
    deliveries: list[Choice]
    coupons: list[Choice]
    note: str
    total: Money
    problem: str | None

    @property
    def delivery_options(self) -> list[tuple[str, str, str]]:
        """The ways of delivery, for a field."""
        return [(c.value, c.label, c.note) for c in self.deliveries]

    @property
    def coupon_options(self) -> list[tuple[str, str]]:
        """The coupons, for a field."""
        return [(c.value, c.label) for c in self.coupons]


class CheckoutView(msgspec.Struct, frozen=True):
    """All of it."""

    total: Money
    steps: list[tuple[str, Money]]
    shops: list[ShopView]
    addresses: list[AddressChoice]
    gateways: list[Choice]
    problems: list[str]
    ready: bool
    key: str
    code: str
    saved: Money
    market: str

    @property
    def address_options(self) -> list[tuple[str, str, str]]:
        """The addresses, for a field."""
        return [(a.id, f"{a.name} {a.phone}", a.lines) for a in self.addresses]

    @property
    def address_id(self) -> str | None:
        """The chosen address."""
        return next((a.id for a in self.addresses if a.chosen), None)

    @property
    def gateway_options(self) -> list[tuple[str, str]]:
        """The ways to pay, for a field."""
        return [(g.value, g.label) for g in self.gateways]


def see_checkout(
    quote: Quote,
    wish: Wish,
    addresses: Sequence[Address],
    chosen: Address | None,
    held: Sequence[HeldCoupon],
    gateways: Mapping[str, str],
    market: str,
) -> CheckoutView:
    """Make the quote ready for showing."""
    currency = quote.total.currency
    used = set(quote.coupons)
    about_all = [say(p.message, p.params) for p in quote.problems if p.shop_id is None and p.variant_id is None]
    return CheckoutView(
        total=quote.total,
        steps=[(_step(kind=s.kind, title=s.title), s.amount) for s in quote.steps if s.amount or s.kind != "goods"],
        shops=[_shop(shop, quote, wish, held, used) for shop in quote.shops],
        addresses=[_address(a, chosen) for a in addresses],
        gateways=[
            Choice(name, gettext(title), "", name == (wish.gateway or next(iter(gateways))))
            for name, title in gateways.items()
        ],
        problems=about_all,
        ready=bool(addresses) and not quote.problems and bool(quote.shops),
        key=wish.key,
        code=wish.code,
        saved=Money(-sum(s.amount.amount for s in quote.steps if s.amount.amount < 0), currency),
        market=market,
    )


def _step(kind: str, title: str) -> str:
    if kind == "goods":
        return gettext("Goods")
    if kind == "shipping":
        return gettext("Delivery")
    return title or gettext("Coupon")


def _shop(shop: QuotedShop, quote: Quote, wish: Wish, held: Sequence[HeldCoupon], used: set[str]) -> ShopView:
    currency = quote.total.currency
    mine = [p for p in quote.problems if p.shop_id == shop.shop_id]
    by_variant = {p.variant_id: say(p.message, p.params) for p in mine if p.variant_id is not None}
    about_shop = [say(p.message, p.params) for p in mine if p.variant_id is None]
    return ShopView(
        slug=shop.slug,
        name=shop.name,
        lines=[_line(line, currency, by_variant.get(line.variant_id)) for line in shop.lines],
        deliveries=[_delivery(option, shop) for option in shop.options],
        coupons=[
            Choice(str(h.coupon.id), h.coupon.title, "", str(int(h.coupon.id)) in used or (h.coupon.code or "") in used)
            for h in held
            if h.coupon.shop_id == shop.shop_id
        ],
        note=wish.notes.get(shop.slug, ""),
        total=Money(shop.total, currency),
        problem=" ".join(about_shop) or None,
    )


def _line(line: OrderLine, currency: str, problem: str | None) -> LineView:
    return LineView(
        line.title,
        line.language,
        " · ".join(line.options.values()),
        line.quantity,
        line.picture_id,
        Money(line.subtotal, currency),
        problem,
    )


def _delivery(option: DeliveryOption, shop: QuotedShop) -> Choice:
    least, most = option.days
    days = say("%(least)d–%(most)d days", {"least": least, "most": most})
    price = money(option.price) if option.price else gettext("free")
    chosen = shop.delivery is not None and shop.delivery.option == option.code
    return Choice(option.code, option.label(language()) or gettext(STANDARD_NAME), f"{price} · {days}", chosen)


def _address(address: Address, chosen: Address | None) -> AddressChoice:
    return AddressChoice(
        str(int(address.id)),
        address.name,
        written_phone(address.phone, address.country),
        " ".join(address_lines(address.as_frozen())),
        chosen is not None and address.id == chosen.id,
    )


def address_lines(frozen: Mapping[str, Any]) -> list[str]:
    """Write a frozen address as its country does, without the name, which stands by itself."""
    postal = PostalAddress(**{**frozen, "lines": tuple(frozen["lines"])})
    lines = format_lines(postal, with_country=postal.country != "CN")
    return [line for line in lines if line != postal.name]
