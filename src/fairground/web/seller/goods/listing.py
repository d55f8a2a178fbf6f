"""The list of a shop's goods: by state, by words, many at once on and off sale; and counting their stock."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import Invalid
from fairground.kit.http.caller import Caller
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext, language, ngettext
from fairground.kit.money import Money
from fairground.market.catalog.actions.state import list_product, withdraw_product
from fairground.market.catalog.actions.stock import count_stocks
from fairground.market.catalog.errors import ProductInWrongState, ProductNotFound
from fairground.market.catalog.model import ProductId, ProductState, VariantId
from fairground.market.catalog.queries.goods import Goods, VariantLine, list_goods, map_variant_lines
from fairground.market.catalog.queries.lists import count_products_of_shop
from fairground.market.catalog.queries.products import map_products
from fairground.market.inventory.model import InventoryRules
from fairground.market.inventory.queries import list_low_stock, map_stock
from fairground.market.media.model import MediaId
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_count_stock, may_manage_goods
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.seller.goods.amounts import read_pieces
from fairground.web.seller.words import STATE_KINDS, STATE_NAMES
from fairground.web.told import Told, tell_fields

Tab = tuple[str, str, int | None, bool]
ON, OFF = "on", "off"
BULK_MOST: Final = 100
LOW_MOST: Final = 100


class Stock(msgspec.Struct, frozen=True):
    """How many pieces of a product there are, over its variants; None: not counted."""

    pieces: int | None
    is_low: bool
    some_out: bool


class GoodsRow(msgspec.Struct, frozen=True):
    """A product in the list."""

    id: ProductId
    href: str
    title: str
    language: str
    code: str
    picture_id: MediaId | None
    price_low: Money
    price_high: Money
    variants: int
    stock: Stock
    state: str
    state_kind: str
    changed_at: datetime


class ListView(msgspec.Struct, frozen=True):
    """The list."""

    rows: list[GoodsRow]
    tabs: list[Tab]
    action: str
    q: str
    shown: str
    has_any: bool
    may_manage: bool
    next_href: str | None


class BulkForm(msgspec.Struct):
    """Several products and what to do with them; where to go back to."""

    ids: list[str]
    deed: str = ""
    shown: str = ""
    q: str = ""


def state_of(text: str) -> ProductState | None:
    """Read a state of the address; None shows all."""
    return ProductState(text) if text in list(ProductState) else None


def add_up(variant_ids: Sequence[VariantId], stock: Mapping[Any, int | None], low: int) -> Stock:
    """Add up the stock of a product's variants."""
    counted = [pieces for i in variant_ids if (pieces := stock.get(i)) is not None]
    if len(counted) < len(variant_ids) or not counted:
        return Stock(None, is_low=False, some_out=0 in counted)
    return Stock(sum(counted), is_low=min(counted) <= low, some_out=0 in counted)


def _row(goods: Goods, home: str, stock: Mapping[Any, int | None], low: int) -> GoodsRow:
    card = goods.card
    title, spoken = card.title_in(language())
    return GoodsRow(
        id=card.id,
        href=f"{home}/goods/{card.id}",
        title=title,
        language=spoken,
        code=goods.handle or "",
        picture_id=card.picture_id,
        price_low=card.price_low,
        price_high=card.price_high,
        variants=len(goods.variant_ids),
        stock=add_up(goods.variant_ids, stock, low),
        state=gettext(STATE_NAMES[card.state]),
        state_kind=STATE_KINDS[card.state],
        changed_at=goods.changed_at,
    )


def _tabs(home: str, counts: Mapping[ProductState, int], shown: ProductState | None, q: str) -> list[Tab]:
    def href(state: str) -> str:
        asked = {name: value for name, value in (("shown", state), ("q", q)) if value}
        return f"{home}/goods" + (f"?{urlencode(asked)}" if asked else "")

    tabs: list[Tab] = [(href(""), gettext("All"), sum(counts.values()), shown is None)]
    for state, name in STATE_NAMES.items():
        if counts.get(state) or shown is state:
            tabs.append((href(state), gettext(name), counts.get(state, 0), shown is state))
    return tabs


@get("/seller/{slug:str}/goods", include_in_schema=False)
async def show_goods(
    request: AnyRequest,
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    shown: FromQuery[str] = "",
    q: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show a shop's goods."""
    wanted, words = state_of(shown), q.strip()[:100]

    async def look(reader: Reader) -> tuple[Room, ListView]:
        room = await enter_room(reader, caller, slug, may_count_stock)
        found = await list_goods(reader, room.shop.id, state=wanted, words=words, after=after)
        counts = await count_products_of_shop(reader, room.shop.id)
        stock = await map_stock(reader, [i for goods in found.items for i in goods.variant_ids])
        low = reader.given(InventoryRules).low_stock
        asked = {name: value for name, value in (("shown", wanted), ("q", words), ("after", found.next)) if value}
        return room, ListView(
            rows=[_row(goods, room.home, stock, low) for goods in found.items],
            tabs=_tabs(room.home, counts, wanted, words),
            action=f"{room.home}/goods",
            q=words,
            shown=wanted or "",
            has_any=bool(counts),
            may_manage=may_manage_goods(room.role),
            next_href=f"{room.home}/goods?{urlencode(asked)}" if found.next else None,
        )

    room, view = await db.read(look)
    return seller_page(request, "goods/list", room, title=gettext("Products"), view=view)


@post("/seller/{slug:str}/goods", include_in_schema=False)
async def move_goods(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Put several products on sale, or take them off; those that stand there already stay."""
    form = await read_form(request, BulkForm)
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_manage_goods))
    ids = [i for text in form.ids[:BULK_MOST] if (i := ProductId.parse(text)) is not None]
    moved = await db.write(caller.actor, lambda tx: _move(tx, room.shop.id, ids, form.deed))
    asked = {name: value for name, value in (("shown", str(state_of(form.shown) or "")), ("q", form.q)) if value}
    back = f"{room.home}/goods" + (f"?{urlencode(asked)}" if asked else "")
    if not ids:
        return go(request, back, say=gettext("Please tick the products first."), kind="mind")
    say = (
        ngettext("%(count)s product is on sale now.", "%(count)s products are on sale now.", moved)
        if form.deed == ON
        else ngettext("%(count)s product is off sale now.", "%(count)s products are off sale now.", moved)
    )
    return go(request, back, say=say % {"count": moved})


async def _move(tx: Tx, shop_id: ShopId, ids: Sequence[ProductId], deed: str) -> int:
    mine = {i for i, product in (await map_products(tx, ids)).items() if product.shop_id == shop_id}
    if mine != set(ids):
        raise ProductNotFound
    moved = 0
    for product_id in ids:
        try:
            await (list_product if deed == ON else withdraw_product)(tx, product_id)
            moved += 1
        except ProductInWrongState:
            continue
    return moved


# --- stock --------------------------------------------------------------------------------------------------------


class StockForm(msgspec.Struct):
    """Variants and what was counted of each; an empty number is not counted."""

    variant: list[str]
    stock: list[str]
    after: str = ""
    q: str = ""
    low: str = ""  # anything: only what is nearly or wholly sold out


class StockRow(msgspec.Struct, frozen=True):
    """A variant and its pieces."""

    variant_id: VariantId
    options: str
    sku: str
    stock: str
    error: str | None


class StockGroup(msgspec.Struct, frozen=True):
    """A product with its variants."""

    title: str
    language: str
    picture_id: MediaId | None
    rows: list[StockRow]


class StockView(msgspec.Struct, frozen=True):
    """Products with a number for each variant."""

    groups: list[StockGroup]
    tabs: list[Tab]
    action: str
    back: str
    q: str
    low: bool
    after: str
    next_href: str | None
    errors: Told = Told()


@get("/seller/{slug:str}/goods/stock", include_in_schema=False)
async def show_stock(
    request: AnyRequest,
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    q: FromQuery[str] = "",
    low: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show what is counted of each variant, to be set right; of all goods, or of those that run low."""
    return await _stock_page(request, caller, db, slug, StockForm([], [], after or "", q.strip()[:100], low))


async def _stock_page(
    request: AnyRequest,
    caller: Caller,
    db: Database,
    slug: str,
    form: StockForm,
    errors: Told | None = None,
) -> Response[bytes]:
    async def look(reader: Reader) -> tuple[Room, StockView]:
        room = await enter_room(reader, caller, slug, may_count_stock)
        return room, await _stock_view(reader, room, form, errors or Told())

    room, view = await db.read(look)
    status = 422 if view.errors.all else 200
    return seller_page(request, "goods/stock", room, title=gettext("Count stock"), status=status, view=view)


async def _stock_view(reader: Reader, room: Room, form: StockForm, told: Told) -> StockView:
    """Look at a page of goods; where only the scarce ones are asked for, at their scarce variants."""
    scarce = await _scarce(reader, room) if form.low else None
    among = None if scarce is None else list(scarce)
    page = await list_goods(reader, room.shop.id, words=form.q, among=among, after=form.after or None, limit=12)
    lines = await map_variant_lines(reader, room.shop.id, [goods.card.id for goods in page.items])
    stock: Mapping[Any, int | None] = (
        await map_stock(reader, [i for goods in page.items for i in goods.variant_ids]) if scarce is None else scarce
    )
    groups = [
        StockGroup(
            *goods.card.title_in(language()),
            goods.card.picture_id,
            [
                _stock_row(line, stock, form, told)
                for line in lines[goods.card.id]
                if scarce is None or line.id in scarce
            ],
        )
        for goods in page.items
    ]
    here = f"{room.home}/goods/stock"
    return StockView(
        groups=groups,
        tabs=_stock_tabs(here, form),
        action=here,
        back=f"{room.home}/goods",
        q=form.q,
        low=bool(form.low),
        after=form.after,
        next_href=_stock_href(here, form, page.next) if page.next else None,
        errors=told,
    )


def _stock_row(line: VariantLine, stock: Mapping[Any, int | None], form: StockForm, told: Told) -> StockRow:
    pieces, name = stock.get(line.id), str(line.id)
    typed = dict(zip(form.variant, form.stock, strict=False))
    place = form.variant.index(name) if name in typed else ""
    return StockRow(
        line.id,
        " · ".join(line.values),
        line.sku,
        typed.get(name, "" if pieces is None else str(pieces)),
        told.at(f"variants-{place}-stock"),
    )


async def _scarce(reader: Reader, room: Room) -> dict[VariantId, int | None]:
    low = await list_low_stock(reader, room.shop.id, limit=LOW_MOST)
    return {VariantId(stock.variant_id): stock.on_hand for stock in low.items}


def _stock_href(here: str, form: StockForm, after: str) -> str:
    asked = {name: value for name, value in (("q", form.q), ("low", form.low), ("after", after)) if value}
    return here + (f"?{urlencode(asked)}" if asked else "")


def _stock_tabs(here: str, form: StockForm) -> list[Tab]:
    return [
        (here, gettext("All goods"), None, not form.low),
        (f"{here}?low=1", gettext("Nearly or wholly sold out"), None, bool(form.low)),
    ]


@post("/seller/{slug:str}/goods/stock", include_in_schema=False)
async def save_stock(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Set what was counted; all of a page, or nothing."""
    form = await read_form(request, StockForm)
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_count_stock))
    pairs = list(zip(form.variant, form.stock, strict=False))[:1000]
    try:
        counted = [
            (_variant(variant), read_pieces(text, f"/variants/{at}/stock")) for at, (variant, text) in enumerate(pairs)
        ]
        await db.write(caller.actor, lambda tx: count_stocks(tx, room.shop.id, counted))
    except Invalid as trouble:
        return await _stock_page(request, caller, db, slug, form, tell_fields(trouble))
    # What was filled up leaves the list of what runs low: its next page begins anew.
    back = _stock_href(f"{room.home}/goods/stock", form, "" if form.low else form.after)
    return go(request, back, say=gettext("Stock saved."))


def _variant(text: str) -> VariantId:
    found = VariantId.parse(text)
    if found is None:
        raise ProductNotFound
    return found


HANDLERS: list[Any] = [show_goods, move_goods, show_stock, save_stock]
