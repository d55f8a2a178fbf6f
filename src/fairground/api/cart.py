"""The cart, by API: a person's by token, a guest's by the cookie that the first answer sets."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, put
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from fairground.kit.db import Database
from fairground.kit.errors import NotSignedIn
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.guest import guest_cookie, guest_of, no_guest
from fairground.kit.i18n.words import say
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.seal import Keyring
from fairground.market.accounts.model import PersonId
from fairground.market.cart.actions import merge_carts, new_guest, select_lines, set_line
from fairground.market.cart.model import (
    PROBLEM_WORDS,
    CartOwner,
    CartRules,
    CartView,
    GuestId,
    LineProblem,
    SeenLine,
    SeenShop,
)
from fairground.market.cart.view import look_at_cart
from fairground.market.catalog.model import ProductId, VariantId
from fairground.market.shops.model import ShopState


class LineWish(msgspec.Struct):
    """How many pieces; 0 takes the line out. `selected`: whether the next checkout takes it."""

    quantity: int
    selected: bool | None = None


class LineTrouble(msgspec.Struct):
    """Why a line cannot be bought now."""

    code: LineProblem
    message: str


class LineAnswer(msgspec.Struct):
    """A line as it stands today. `left` is null where the shop does not count."""

    variant_id: VariantId
    product_id: ProductId | None
    shop: str | None
    title: str
    options: dict[str, str]
    quantity: int
    selected: bool
    price: Money
    added_price: Money
    total: Money
    picture_id: Id | None
    left: int | None
    problem: LineTrouble | None


class ShopAnswer(msgspec.Struct):
    """A shop's part of the cart; `total` is that of the lines a checkout takes."""

    id: Id
    slug: str | None
    name: str | None
    state: ShopState
    total: Money


class CartAnswer(msgspec.Struct):
    """A cart as it stands today; `total` is that of the lines a checkout takes, without delivery and coupons."""

    total: Money
    line_count: int
    counted_lines: int
    counted_pieces: int
    shops: list[ShopAnswer]
    lines: list[LineAnswer]


@get("/api/v1/cart", tags=["Cart"])
async def show_cart(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    keyring: NamedDependency[Keyring],
) -> Response[CartAnswer]:
    """Show the cart; one that cannot be bought as it lies names each line and its reason."""
    guest, owner = await _owner(request, caller, db, keyring)
    if owner is None:  # a guest who never put anything in: there is nothing to look up
        owner = CartOwner(GuestId(0))
    view = await db.read(lambda reader: look_at_cart(reader, owner))
    return _answer(request, view, leaving=guest if caller.person_id is not None else None)


@put("/api/v1/cart/lines/{variant_id:str}", tags=["Cart"])
async def put_line(
    variant_id: FromPath[str],
    data: JSONBody[LineWish],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    keyring: NamedDependency[Keyring],
) -> Response[CartAnswer]:
    """Put so many pieces of a variant into the cart, change how many, or take it out."""
    if caller.by_token and caller.person_id is None:
        raise NotSignedIn  # a token that is good no more must not fill a cart nobody finds again
    chosen = an_id(VariantId, variant_id)
    guest, owner = await _owner(request, caller, db, keyring)

    async def deed(tx: Any) -> CartOwner:
        mine = owner or new_guest(tx)
        await set_line(tx, mine, chosen, data.quantity)
        if data.selected is not None:
            await select_lines(tx, mine, data.selected, [chosen])
        return mine

    mine = await db.write(caller.actor, deed)
    view = await db.read(lambda reader: look_at_cart(reader, mine))
    answer = _answer(request, view, leaving=guest if caller.person_id is not None else None)
    if mine.is_guest:
        days = db.given(CartRules).guest_days
        answer.set_cookie(guest_cookie(mine.id, keyring, db.clock.now(), days=days, secure=_secure(request)))
    return answer


HANDLERS: Final = (show_cart, put_line)


async def _owner(
    request: Request[Any, Any, Any], caller: Caller, db: Database, keyring: Keyring
) -> tuple[Id | None, CartOwner | None]:
    """Find whose cart is meant; what a guest put in moves into the cart of the person the guest became."""
    guest = guest_of(request, keyring, db.clock.now())
    if caller.person_id is None:
        return guest, None if guest is None else CartOwner(GuestId(guest))
    owner = CartOwner(PersonId(caller.person_id))
    if guest is not None:
        await db.write(caller.actor, lambda tx: merge_carts(tx, CartOwner(GuestId(guest)), owner))
    return guest, owner


def _answer(request: Request[Any, Any, Any], view: CartView, *, leaving: Id | None) -> Response[CartAnswer]:
    body = CartAnswer(
        view.total,
        view.line_count,
        view.counted_lines,
        view.counted_pieces,
        [_shop(shop) for shop in view.shops],
        [_line(line, shop.shop.slug if shop.shop else None) for shop in view.shops for line in shop.lines],
    )
    answer = Response(body, headers={"cache-control": "private, no-store"})
    if leaving is not None:
        answer.set_cookie(no_guest(secure=_secure(request)))
    return answer


def _shop(seen: SeenShop) -> ShopAnswer:
    shop = seen.shop
    if shop is None:
        return ShopAnswer(seen.shop_id, None, None, ShopState.CLOSED, seen.total)
    return ShopAnswer(shop.id, shop.slug, shop.name, shop.state, seen.total)


def _line(seen: SeenLine, slug: str | None) -> LineAnswer:
    line, offer = seen.line, seen.offer
    return LineAnswer(
        variant_id=line.variant_id,
        product_id=offer.product_id if offer else None,
        shop=slug,
        title=offer.title if offer else line.title,
        options=offer.options if offer else {},
        quantity=line.quantity,
        selected=line.selected,
        price=seen.price,
        added_price=line.added_price,
        total=seen.total,
        picture_id=offer.picture_id if offer else None,
        left=seen.left,
        problem=None
        if seen.problem is None
        else LineTrouble(seen.problem, say(PROBLEM_WORDS[seen.problem], {"left": seen.left or 0})),
    )


def _secure(request: Request[Any, Any, Any]) -> bool:
    return bool(request.app.state["outfit"].secure)
