"""The checkout's page, its sums as a part, and the deed itself."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Invalid, Trouble
from fairground.kit.http.caller import Caller
from fairground.kit.http.forms import check_plain, form_of
from fairground.kit.http.problems import field_problems, status_of
from fairground.kit.i18n.words import gettext, language, say
from fairground.kit.idempotency import check_key, fingerprint
from fairground.kit.place import Place
from fairground.kit.seal import Keyring
from fairground.market.accounts.model import Address, PersonId
from fairground.market.accounts.queries import list_addresses
from fairground.market.orders.errors import NothingToOrder
from fairground.market.orders.intake.gather import Intake
from fairground.market.orders.intake.prepared import Arrival
from fairground.market.orders.model.quote import Quote
from fairground.market.orders.queries.quote import quote
from fairground.market.payments.jobs import Gateways
from fairground.market.promotions.errors import NotYourTurn
from fairground.market.promotions.model.coupons import HeldCoupon
from fairground.market.promotions.model.pricing import PriceLine
from fairground.market.promotions.model.suggestion import choose_coupons
from fairground.market.promotions.queries.coupons import list_usable
from fairground.market.shops.model import ShopId
from fairground.web.render import go, market_name, page, part
from fairground.web.storefront.cart.owner import visit_cart
from fairground.web.storefront.checkout.view import CheckoutView, see_checkout
from fairground.web.storefront.checkout.wish import Wish, read_wish
from fairground.web.storefront.drops.tickets import tickets_of

CART: Final = "/cart"


@get("/checkout", include_in_schema=False)
async def show_checkout(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    keyring: NamedDependency[Keyring],
    gateways: NamedDependency[Gateways],
) -> Response[bytes]:
    """Show what the chosen things of the cart come to; changing something without a script asks for it again."""
    person_id = PersonId(caller.need_person())
    visit = await visit_cart(request, caller, db, keyring)
    wish = read_wish({name: request.query_params.getall(name) for name in request.query_params})
    wish = msgspec.structs.replace(wish, key=wish.key or secrets.token_urlsafe(16))
    try:
        view = await _look(db, person_id, wish, gateways)
    except NothingToOrder:
        return visit.sign(go(request, CART, say=gettext("Choose something in your cart first."), kind="mind"))
    except Invalid as trouble:
        return visit.sign(await _anew(request, db, person_id, wish, gateways, trouble))
    return visit.sign(_page(request, view))


@post("/checkout/quote", include_in_schema=False)
async def show_sums(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    gateways: NamedDependency[Gateways],
) -> Response[bytes]:
    """Answer htmx with the form counted anew; changes nothing."""
    person_id = PersonId(caller.need_person())
    wish = await _wish_of(request)
    try:
        view = await _look(db, person_id, wish, gateways)
    except NothingToOrder:
        return go(request, CART)
    except Invalid as trouble:
        view = await _look(db, person_id, _without_coupons(wish), gateways)
        return part(request, "storefront/checkout/_form.html", view=view, told=_words(trouble))
    return part(request, "storefront/checkout/_form.html", view=view, told="")


@post("/checkout", include_in_schema=False)
async def place_checkout(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    intake: NamedDependency[Intake],
    keyring: NamedDependency[Keyring],
    gateways: NamedDependency[Gateways],
) -> Response[bytes]:
    """Order it all; the same form sent twice orders once."""
    person_id = PersonId(caller.need_person())
    wish = await _wish_of(request)
    asked = wish.to_checkout(tickets_of(request, keyring, person_id, db.clock.now()))
    key = check_key(wish.key or None)
    print_ = fingerprint("POST /checkout", asked)
    arrival = Arrival(person_id, language(), asked, f"page:{key}", print_, caller.address)
    try:
        placed = await intake.ask(arrival)
    except NothingToOrder:
        return go(request, CART, say=gettext("Choose something in your cart first."), kind="mind")
    except NotYourTurn as trouble:
        return go(request, f"/drops/{trouble.params['drop_id']}/line", say=_words(trouble), kind="mind")
    except Trouble as trouble:
        return await _anew(request, db, person_id, wish, gateways, trouble)
    payment = placed.answer["payment"]
    if payment["state"] == "paid":
        return go(request, "/orders", say=gettext("Done. There was nothing left to pay."))
    return go(request, f"/pay/{payment['id']}")


async def _anew(
    request: Request[Any, Any, Any],
    db: Database,
    person_id: PersonId,
    wish: Wish,
    gateways: Gateways,
    trouble: Trouble,
) -> Response[bytes]:
    """Show the page again with what stood against it; nothing was ordered, so a new key."""
    wish = msgspec.structs.replace(_without_coupons(wish), key=secrets.token_urlsafe(16))
    try:
        view = await _look(db, person_id, wish, gateways)
    except NothingToOrder:
        return go(request, CART, say=_words(trouble), kind="mind")
    return _page(request, view, told=_words(trouble), status=status_of(trouble))


def _page(request: Request[Any, Any, Any], view: CheckoutView, *, told: str = "", status: int = 200) -> Response[bytes]:
    return page(
        request, "storefront/checkout/page.html", title=gettext("Checkout"), status=status, view=view, told=told
    )


def _words(trouble: Trouble) -> str:
    fields = [problem.message for problem in field_problems(trouble)]
    return " ".join(dict.fromkeys(fields)) or say(trouble.message, trouble.params)


def _without_coupons(wish: Wish) -> Wish:
    return msgspec.structs.replace(wish, coupons=None, code="")


async def _wish_of(request: Request[Any, Any, Any]) -> Wish:
    form = await form_of(request)
    fields = {name: [v for v in form.getall(name) if isinstance(v, str)] for name in form}
    check_plain(fields)
    return read_wish(fields)


async def _look(db: Database, person_id: PersonId, wish: Wish, gateways: Gateways) -> CheckoutView:
    async def look(reader: Reader) -> CheckoutView:
        addresses = await list_addresses(reader, person_id)
        chosen = _chosen(addresses, wish)
        first = await quote(reader, person_id, language(), wish.to_quote(chosen, wish.named(())))
        held = await list_usable(reader, person_id, [ShopId(shop.shop_id) for shop in first.shops])
        counted = await _with_best(reader, person_id, wish, chosen, first, held)
        titles = {name: gateway.title for name, gateway in gateways.items()}
        return see_checkout(counted, wish, addresses, chosen, held, titles, market_name(reader.given(Place)))

    return await db.read(look)


async def _with_best(
    reader: Reader,
    person_id: PersonId,
    wish: Wish,
    chosen: Address | None,
    first: Quote,
    held: Sequence[HeldCoupon],
) -> Quote:
    """Use the best of the wallet unless the person has chosen: it only ever makes it cheaper."""
    if wish.coupons is not None or not held:
        return first
    lines = [
        PriceLine(line.variant_id, line.product_id, shop.shop_id, None, line.unit_price, line.quantity)
        for shop in first.shops
        for line in shop.lines
    ]
    best = [str(int(coupon.id)) for coupon in choose_coupons(lines, [h.coupon for h in held])]
    named = wish.named(best)
    if not best or named == wish.named(()):
        return first
    return await quote(reader, person_id, language(), wish.to_quote(chosen, named))


def _chosen(addresses: Sequence[Address], wish: Wish) -> Address | None:
    mine: Mapping[Any, Address] = {address.id: address for address in addresses}
    if wish.address_id in mine:
        return mine[wish.address_id]
    return next((a for a in addresses if a.is_default), addresses[0] if addresses else None)


HANDLERS: Final[list[ControllerRouterHandler]] = [show_checkout, show_sums, place_checkout]
