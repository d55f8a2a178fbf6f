"""The cart: look, put in, change how many, choose, take out."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Tx
from fairground.kit.errors import N_, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext, ngettext
from fairground.kit.seal import Keyring
from fairground.market.cart.actions import add_line, remove_lines, select_lines, set_line
from fairground.market.cart.model import CartOwner, CartRules
from fairground.market.catalog.model import VariantId
from fairground.web.render import go, own_path, page, part, wants_part
from fairground.web.storefront.cart.owner import Visit, visit_cart
from fairground.web.storefront.cart.parts import cart_part

CART: Final = "/cart"
CHANGED: Final = {"hx-trigger": "cart-changed"}  # the strip in the head counts anew


class AddForm(msgspec.Struct):
    """From a product's page. `next`: where to go on without htmx."""

    variant_id: str
    quantity: int = 1
    next: str | None = None


class QuantityForm(msgspec.Struct):
    """How many pieces."""

    quantity: int


class SelectionForm(msgspec.Struct):
    """Which lines are to be chosen, or not any more; none named means all."""

    selected: bool
    variant_id: list[str]


class RemovalForm(msgspec.Struct):
    """Which lines are to be taken out."""

    variant_id: list[str]


@get("/cart", include_in_schema=False)
async def show_cart(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    keyring: NamedDependency[Keyring],
) -> Response[bytes]:
    """Show the cart as it stands today."""
    visit = await visit_cart(request, caller, db, keyring)
    view = cart_part(await visit.look(), db.given(CartRules))
    return visit.sign(page(request, "storefront/cart/page.html", title=gettext(N_("Cart")), view=view))


@post("/cart/lines", include_in_schema=False)
async def add_to_cart(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    keyring: NamedDependency[Keyring],
) -> Response[bytes]:
    """Put something in, from a product's page."""
    form = await read_form(request, AddForm)
    variant_id = _variant(form.variant_id)
    visit = await visit_cart(request, caller, db, keyring)

    async def deed(tx: Tx) -> tuple[CartOwner, int]:
        owner = visit.owner_for(tx)
        return owner, await add_line(tx, owner, variant_id, form.quantity)

    owner, count = await db.write(caller.actor, deed)
    words = ngettext("It is in your cart, with %(count)d thing.", "It is in your cart, with %(count)d things.", count)
    if not wants_part(request):
        return visit.sign(go(request, own_path(form.next, CART), say=words % {"count": count}), owner)
    answer = part(request, "storefront/cart/_added.html", text=words % {"count": count})
    answer.headers.update(CHANGED)
    return visit.sign(answer, owner)


@post("/cart/lines/{variant_id:str}", include_in_schema=False)
async def change_quantity(
    variant_id: FromPath[str],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    keyring: NamedDependency[Keyring],
) -> Response[bytes]:
    """Change how many pieces; 0 takes the line out."""
    form = await read_form(request, QuantityForm)
    chosen = an_id(VariantId, variant_id)
    visit = await visit_cart(request, caller, db, keyring)

    async def deed(tx: Tx) -> CartOwner:
        owner = visit.owner_for(tx)
        await set_line(tx, owner, chosen, form.quantity)
        return owner

    return await _changed(visit, await db.write(caller.actor, deed))


@post("/cart/selection", include_in_schema=False)
async def choose_lines(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    keyring: NamedDependency[Keyring],
) -> Response[bytes]:
    """Choose lines for the checkout, or leave them for another time."""
    form = await read_form(request, SelectionForm)
    chosen = [_variant(text) for text in form.variant_id] or None
    visit = await visit_cart(request, caller, db, keyring)
    owner = visit.owner
    if owner is not None:
        await db.write(caller.actor, lambda tx: select_lines(tx, owner, form.selected, chosen))
    return await _changed(visit, owner)


@post("/cart/removal", include_in_schema=False)
async def take_out(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    keyring: NamedDependency[Keyring],
) -> Response[bytes]:
    """Take lines out; a single one can be put back."""
    form = await read_form(request, RemovalForm)
    gone = [_variant(text) for text in form.variant_id]
    visit = await visit_cart(request, caller, db, keyring)
    owner = visit.owner
    if owner is None:
        return await _changed(visit, owner)
    before = await visit.look()
    await db.write(caller.actor, lambda tx: remove_lines(tx, owner, gone))
    undo = next(
        (
            f"/cart/returned/{int(seen.line.variant_id)}/{seen.line.quantity}"
            for seen in before.lines
            if [seen.line.variant_id] == gone and seen.offer is not None and seen.offer.on_sale
        ),
        None,
    )
    return await _changed(visit, owner, say=gettext(N_("Taken out of your cart.")), undo=undo)


@post("/cart/returned/{variant_id:str}/{quantity:int}", include_in_schema=False)
async def put_back(
    variant_id: FromPath[str],
    quantity: FromPath[int],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    keyring: NamedDependency[Keyring],
) -> Response[bytes]:
    """Put back what was just taken out."""
    chosen = an_id(VariantId, variant_id)
    visit = await visit_cart(request, caller, db, keyring)

    async def deed(tx: Tx) -> CartOwner:
        owner = visit.owner_for(tx)
        await set_line(tx, owner, chosen, quantity)
        return owner

    owner = await db.write(caller.actor, deed)
    return visit.sign(go(request, CART), owner)


HANDLERS: Final = (show_cart, add_to_cart, change_quantity, choose_lines, take_out, put_back)


async def _changed(
    visit: Visit, owner: CartOwner | None, *, say: str | None = None, undo: str | None = None
) -> Response[bytes]:
    """Answer a deed: the cart's part to htmx, the page again to a browser."""
    if not wants_part(visit.request):
        return visit.sign(go(visit.request, CART, say=say), owner)
    view = cart_part(await visit.look(owner), visit.db.given(CartRules))
    answer = part(visit.request, "storefront/cart/_cart.html", view=view, say=say, undo=undo)
    answer.headers.update(CHANGED)
    return visit.sign(answer, owner)


def _variant(text: str) -> VariantId:
    found = VariantId.parse(text)
    if found is None:
        raise invalid("/variant_id", "unknown", N_("Please choose one of the variants."))
    return found
