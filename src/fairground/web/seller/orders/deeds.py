"""What a shop does with an order from its page: send, put a number right, give time, answer, give money back."""

import re
from collections.abc import Awaitable, Callable
from typing import Any, Final

import msgspec
from litestar import Response, post
from litestar.datastructures import FormMultiDict
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Tx
from fairground.kit.errors import N_, Conflict, Invalid, NotFound, Trouble, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import form_of, read_form
from fairground.kit.http.problems import status_of
from fairground.kit.i18n.words import gettext
from fairground.kit.idempotency import check_key, fingerprint, once
from fairground.kit.money import parse_major
from fairground.kit.place import Place
from fairground.market.orders.actions.cancel import agree_to_cancel, refund_by_shop, refuse_to_cancel
from fairground.market.orders.actions.extend import extend_receipt_by_shop
from fairground.market.orders.actions.ship import PackedLine, Shipment, ship_order
from fairground.market.orders.model import Order, OrderId, OrderState
from fairground.market.orders.queries.orders import get_order
from fairground.market.shipping.actions.parcels import change_number
from fairground.market.shipping.errors import ParcelNotFound
from fairground.market.shipping.model import ParcelId
from fairground.market.shipping.queries import get_parcel
from fairground.market.shops.model import Shop
from fairground.market.shops.policy import May, may_see_money, may_ship
from fairground.market.shops.queries import get_shop_for
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest
from fairground.web.seller.orders.pages import order_page
from fairground.web.told import Told, tell_fields

_PIECES: Final = re.compile(r"pieces-(\d{1,4})")
_NO_NUMBER: Final = "none"  # handed over in person, or virtual: no carrier


class ParcelForm(msgspec.Struct):
    """One parcel; the pieces stand in fields of their own."""

    carrier: str = ""
    tracking_number: str = ""


class DaysForm(msgspec.Struct):
    """How much more time."""

    days: str = ""


class AnswerForm(msgspec.Struct):
    """What the shop says to the buyer's wish to cancel."""

    answer: str = ""
    reason: str = ""


class RefundForm(msgspec.Struct):
    """Money back: all of it, or an amount in units of the currency."""

    whole: str = ""
    amount: str = ""
    reason: str = ""
    idempotency_key: str = ""


class Spot(msgspec.Struct, frozen=True):
    """Where a deed happens: the request, and which order of which shop."""

    request: AnyRequest
    db: Database
    caller: Caller
    slug: str
    order_id: OrderId

    @property
    def href(self) -> str:
        """Give the address of the order's page."""
        return f"/seller/{self.slug}/orders/{int(self.order_id)}"


async def _do(
    at: Spot, deed: Callable[[Tx], Awaitable[str]], *, may: May = may_ship, field: str, filled: dict[str, Any]
) -> Response[bytes]:
    """Do a deed on an order of this shop, and say so on its page; a refusal is told beside its field."""

    async def write(tx: Tx) -> str:
        await shop_and_order(tx, at, may)
        return await deed(tx)

    try:
        said = await at.db.write(at.caller.actor, write)
    except NotFound:
        raise
    except (Invalid, Conflict) as trouble:
        return await refused(at, trouble, field, filled)
    return go(at.request, at.href, say=said)


async def shop_and_order(tx: Tx, at: Spot, may: May) -> tuple[Shop, Order]:
    """Give the shop and its order, for one of its people in a role that may.

    Raises:
        ShopNotFound, RoleTooSmall, OrderNotFound
    """
    shop = await get_shop_for(tx, at.slug, at.caller.need_person(), may)
    return shop, await get_order(tx, at.order_id, shop_id=shop.id)


async def refused(
    at: Spot, trouble: Trouble, field: str, filled: dict[str, Any], key: str | None = None
) -> Response[bytes]:
    """Show the order's page again, with what was typed and what was wrong."""
    errors: Told = tell_fields(trouble, field)
    status = status_of(trouble)
    return await order_page(
        at.request, at.db, at.caller, at.slug, at.order_id, status=status, errors=errors, filled=filled, key=key
    )


@post("/seller/{slug:str}/orders/{order_id:str}/parcels", include_in_schema=False)
async def create_parcel(
    request: AnyRequest,
    slug: FromPath[str],
    order_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Send a parcel, with all that is left or with some pieces."""
    caller.need_person()
    at = Spot(request, db, caller, slug, an_id(OrderId, order_id))
    form = await read_form(request, ParcelForm)
    filled = {"carrier": form.carrier, "tracking_number": form.tracking_number}
    try:
        packed = _pieces(await form_of(request))
    except Invalid as trouble:
        return await refused(at, trouble, "lines", filled)
    no_number = form.carrier == _NO_NUMBER
    shipment = Shipment(
        None if no_number else form.carrier,
        None if no_number else form.tracking_number,
        packed,
    )

    async def deed(tx: Tx) -> str:
        order = await ship_order(tx, at.order_id, shipment)
        if order.state is OrderState.SHIPPED:
            return gettext("Sent. The buyer is told, and the clock to confirm runs.")
        return gettext("A part is sent; the rest stays on your list.")

    return await _do(at, deed, field="tracking_number", filled=filled)


def _pieces(form: FormMultiDict) -> tuple[PackedLine, ...] | None:
    """Read the pieces of a parcel; None where the form names none: all that is left."""
    named = [(found[1], str(value).strip()) for name, value in form.multi_items() if (found := _PIECES.fullmatch(name))]
    if not named:
        return None
    counts = [(int(at), int(text)) for at, text in named if text.isascii() and text.isdigit() and len(text) < 7]
    if len(counts) < len([text for _, text in named if text]):
        raise invalid("/lines", "range", N_("At least 1, please."))
    return tuple(PackedLine(at, count) for at, count in counts if count)


@post("/seller/{slug:str}/orders/{order_id:str}/parcels/{parcel_id:str}", include_in_schema=False)
async def correct_parcel(
    request: AnyRequest,
    slug: FromPath[str],
    order_id: FromPath[str],
    parcel_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Put the carrier or the number of a parcel right."""
    caller.need_person()
    at, wanted = Spot(request, db, caller, slug, an_id(OrderId, order_id)), an_id(ParcelId, parcel_id)
    form = await read_form(request, ParcelForm)

    async def deed(tx: Tx) -> str:
        shop, _ = await shop_and_order(tx, at, may_ship)
        if (await get_parcel(tx, wanted)).order_id != at.order_id:
            raise ParcelNotFound
        await change_number(tx, shop.id, wanted, form.carrier, form.tracking_number)
        return gettext("The number is put right; the carrier is asked about the new one.")

    filled = {"parcel": str(int(wanted)), "new_carrier": form.carrier, "new_number": form.tracking_number}
    return await _do(at, deed, field="tracking_number", filled=filled)


@post("/seller/{slug:str}/orders/{order_id:str}/extension", include_in_schema=False)
async def create_extension(
    request: AnyRequest,
    slug: FromPath[str],
    order_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Give the buyer more time before silence counts as receipt."""
    caller.need_person()
    at = Spot(request, db, caller, slug, an_id(OrderId, order_id))
    text = (await read_form(request, DaysForm)).days
    days = int(text) if text.isascii() and text.isdigit() and len(text) < 5 else 0

    async def deed(tx: Tx) -> str:
        await extend_receipt_by_shop(tx, at.order_id, days)
        return gettext("The buyer has more time now.")

    return await _do(at, deed, field="days", filled={"days": text})


@post("/seller/{slug:str}/orders/{order_id:str}/cancellation", include_in_schema=False)
async def answer_cancellation(
    request: AnyRequest,
    slug: FromPath[str],
    order_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Say yes or no to the buyer's wish to cancel."""
    caller.need_person()
    at = Spot(request, db, caller, slug, an_id(OrderId, order_id))
    form = await read_form(request, AnswerForm)
    if form.answer not in {"agree", "refuse"}:
        raise NotFound

    async def deed(tx: Tx) -> str:
        if form.answer == "agree":
            await agree_to_cancel(tx, at.order_id)
            return gettext("Cancelled: the money goes back, the pieces are on your shelf again.")
        await refuse_to_cancel(tx, at.order_id, form.reason)
        return gettext("The buyer is told that the order goes on.")

    return await _do(at, deed, field="reason", filled={"cancel_reason": form.reason})


@post("/seller/{slug:str}/orders/{order_id:str}/refund", include_in_schema=False)
async def create_refund(
    request: AnyRequest,
    slug: FromPath[str],
    order_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Give money back before shipping, once however often the form is sent: all of it closes the order."""
    person_id = caller.need_person()
    at = Spot(request, db, caller, slug, an_id(OrderId, order_id))
    form = await read_form(request, RefundForm)
    filled = {"amount": form.amount, "refund_reason": form.reason}
    try:
        key = check_key(form.idempotency_key or None)
        amount = None if form.whole else _amount(form.amount, db.given(Place).currency)
    except Invalid as trouble:
        return await refused(at, trouble, "amount", filled, form.idempotency_key or None)

    async def deed(tx: Tx) -> str:
        async def give() -> tuple[int, Any]:
            order = await refund_by_shop(tx, at.order_id, amount, form.reason)
            return 200, {"closed": order.state is OrderState.CLOSED}

        done = await once(tx, person_id, key, fingerprint("page refund", str(at.order_id), amount, form.reason), give)
        if done.body["closed"]:
            return gettext("Refunded in full; the order is closed and the pieces are on your shelf again.")
        return gettext("The money is on its way back to the buyer; the order goes on.")

    return await _do(at, deed, may=may_see_money, field="amount", filled=filled)


def _amount(text: str, currency: str) -> int:
    found = parse_major(text, currency)
    if found is None or found.amount <= 0:
        raise invalid("/amount", "range", N_("An amount above zero, please."))
    return found.amount


HANDLERS: Final[list[Any]] = [create_parcel, correct_parcel, create_extension, answer_cancellation, create_refund]
