"""Pages of one product: make it, change it, its history; parts of the form that follow from other parts."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, Conflict, FieldError, Invalid, NotFound
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import form_of, read_files, read_form
from fairground.kit.i18n.words import gettext
from fairground.kit.images import PictureTrouble
from fairground.kit.place import Place
from fairground.kit.storage import Storage
from fairground.market.catalog.actions.change import change_product
from fairground.market.catalog.actions.create import create_product
from fairground.market.catalog.actions.state import list_product, withdraw_product
from fairground.market.catalog.errors import ProductNotFound
from fairground.market.catalog.model import CatalogRules, Product, ProductId, ProductState
from fairground.market.catalog.model.categories import Tree
from fairground.market.catalog.queries.categories import load_tree
from fairground.market.catalog.queries.one import get_product_at_once
from fairground.market.inventory.queries import map_stock
from fairground.market.media.actions import add_picture, store_picture
from fairground.market.media.model import MediaId, StoredPicture
from fairground.market.shops.policy import may_manage_goods
from fairground.web.render import go, part, wants_part
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.seller.goods.form import (
    ProductForm,
    blank_form,
    by_row,
    change_of,
    form_of_product,
    is_in_line,
    read_product,
    with_options,
    with_pictures,
)
from fairground.web.seller.goods.formview import FormView, other_language, view_of
from fairground.web.told import Told, tell_fields

ATTRIBUTE: Final = "a-"
STEPS: Final = frozenset({"variants", "attributes", "preview", "pictures"})
PARTS: Final = {"variants": "_variants", "attributes": "_attributes", "preview": "_preview"}


@get("/seller/{slug:str}/goods/new", include_in_schema=False)
async def show_new(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the form of a new product."""

    async def look(reader: Reader) -> tuple[Room, Tree]:
        return await enter_room(reader, caller, slug, may_manage_goods), await load_tree(reader)

    room, tree = await db.read(look)
    form = blank_form(room.shop.language, other_language(room.shop.language))
    return _form_page(request, db, room, tree, form, None)


@get("/seller/{slug:str}/goods/{product_id:str}", include_in_schema=False)
async def show_product(
    request: AnyRequest,
    slug: FromPath[str],
    product_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Show the form of a product."""
    wanted = an_id(ProductId, product_id)

    async def look(reader: Reader) -> tuple[Room, Tree, Product, dict[Any, int | None]]:
        room = await enter_room(reader, caller, slug, may_manage_goods)
        product = await _mine(reader, room, wanted)
        stock = await map_stock(reader, [variant.id for variant in product.variants])
        return room, await load_tree(reader), product, dict(stock)

    room, tree, product, stock = await db.read(look)
    form = form_of_product(product, stock, other_language(product.language))
    return _form_page(request, db, room, tree, form, product)


async def _mine(reader: Reader, room: Room, product_id: ProductId) -> Product:
    product = await get_product_at_once(reader, product_id)
    if product.shop_id != room.shop.id:
        raise ProductNotFound
    return product


@post("/seller/{slug:str}/goods/new", include_in_schema=False)
async def create(
    request: AnyRequest,
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Response[bytes]:
    """Make a product: on sale, or kept as a draft."""

    async def look(reader: Reader) -> tuple[Room, Tree]:
        return await enter_room(reader, caller, slug, may_manage_goods), await load_tree(reader)

    room, tree = await db.read(look)
    form, trouble = await _read(request, caller, db, storage, room)
    if form.step in STEPS or trouble:
        return _step(request, db, room, tree, form, None, trouble)
    state = ProductState.DRAFT if form.step == "draft" else ProductState.ON_SALE
    places: Sequence[int] = ()
    try:
        _need_table(form)
        read = read_product(form, _attributes(tree, form.category), db.given(Place).currency, state)
        places = read.places
        product = await db.write(caller.actor, lambda tx: create_product(tx, room.shop.id, read.product))
    except Invalid as wrong:
        told = tell_fields(by_row(wrong, places))
        return _form_page(request, db, room, tree, with_options(form), None, told, 422)
    return go(request, f"{room.home}/goods", say=_made(product))


def _made(product: Product) -> str:
    words = {
        ProductState.ON_SALE: gettext("“%(title)s” is on sale."),
        ProductState.IN_REVIEW: gettext("“%(title)s” waits for a look by the market’s staff."),
    }.get(product.state, gettext("“%(title)s” is kept as a draft."))
    return words % {"title": product.title}


@post("/seller/{slug:str}/goods/{product_id:str}", include_in_schema=False)
async def change(
    request: AnyRequest,
    slug: FromPath[str],
    product_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Response[bytes]:
    """Change a product, unless somebody else has done so since the form was shown."""
    wanted = an_id(ProductId, product_id)

    async def look(reader: Reader) -> tuple[Room, Tree, Product]:
        room = await enter_room(reader, caller, slug, may_manage_goods)
        return room, await load_tree(reader), await _mine(reader, room, wanted)

    room, tree, product = await db.read(look)
    form, trouble = await _read(request, caller, db, storage, room)
    if form.step in STEPS or trouble:
        return _step(request, db, room, tree, form, product, trouble)
    places: Sequence[int] = ()
    seen = int(form.version) if form.version.isascii() and form.version.isdigit() else None
    try:
        _need_table(form)
        read = read_product(form, _attributes(tree, form.category), db.given(Place).currency, product.state)
        places, wish = read.places, change_of(read, product)
        await db.write(caller.actor, lambda tx: change_product(tx, wanted, wish, expected_version=seen))
    except Invalid as wrong:
        told = tell_fields(by_row(wrong, places))
        return _form_page(request, db, room, tree, with_options(form), product, told, 422)
    except Conflict as moved:
        return _form_page(request, db, room, tree, form, product, tell_fields(moved), 409)
    return go(request, f"{room.home}/goods/{wanted}", say=gettext("Saved."))


def _need_table(form: ProductForm) -> None:
    if not is_in_line(form):
        words = N_("The options have changed. Please look at the variants below, then save again.")
        raise Invalid(FieldError("/variants", "catalog.table", words))


def _step(
    request: AnyRequest,
    db: Database,
    room: Room,
    tree: Tree,
    form: ProductForm,
    product: Product | None,
    told: Told | None,
) -> Response[bytes]:
    """Show the form again after a step in between: one part of it to a script, the whole page without."""
    form = with_options(form) if form.step == "variants" else form
    if wants_part(request) and form.step in PARTS:
        view = _view(db, room, tree, form, product, told or Told())
        return part(request, f"seller/goods/{PARTS[form.step]}.html", view=view)
    return _form_page(request, db, room, tree, form, product, told, 422 if told else 200)


def _view(db: Database, room: Room, tree: Tree, form: ProductForm, product: Product | None, told: Told) -> FormView:
    return view_of(
        form,
        room,
        tree,
        _attributes(tree, form.category),
        product=product,
        currency=db.given(Place).currency,
        rules=db.given(CatalogRules),
        errors=told,
    )


def _form_page(
    request: AnyRequest,
    db: Database,
    room: Room,
    tree: Tree,
    form: ProductForm,
    product: Product | None,
    told: Told | None = None,
    status: int = 200,
) -> Response[bytes]:
    view = _view(db, room, tree, form, product, told or Told())
    title = gettext("New product") if product is None else product.title
    return seller_page(request, "goods/form", room, title=title, status=status, view=view)


def _attributes(tree: Tree, category: str) -> list[Any]:
    return tree.attributes_of(category) if category in tree else []


async def _read(
    request: AnyRequest, caller: Caller, db: Database, storage: Storage, room: Room
) -> tuple[ProductForm, Told | None]:
    """Read the form. New pictures are kept at once, so that they are there when the form is shown again."""
    form = await read_form(request, ProductForm)
    raw = await form_of(request)
    form.attributes = {
        str(key).removeprefix(ATTRIBUTE): [str(value) for value in raw.getall(key, [])]
        for key in raw
        if str(key).startswith(ATTRIBUTE)
    }
    try:
        stored = await _store(request, db, storage, room)
    except PictureTrouble as trouble:
        return with_pictures(form), tell_fields(trouble, "pictures")
    except Invalid as trouble:
        return with_pictures(form), tell_fields(trouble)
    added = await db.write(caller.actor, lambda tx: _add(tx, room, stored)) if stored else []
    return with_pictures(form, added), None


async def _store(request: AnyRequest, db: Database, storage: Storage, room: Room) -> list[StoredPicture]:
    files = await read_files(request, "pictures", at_most=db.given(CatalogRules).pictures_most)
    return [await store_picture(storage, room.shop.id, data, db.clock.now()) for _, data in files]


async def _add(tx: Tx, room: Room, stored: Sequence[StoredPicture]) -> list[MediaId]:
    return [await add_picture(tx, room.shop.id, picture, is_public=True) for picture in stored]


@post("/seller/{slug:str}/goods/{product_id:str}/state", include_in_schema=False)
async def move(
    request: AnyRequest,
    slug: FromPath[str],
    product_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Put a product on sale, or take it off."""
    wanted = an_id(ProductId, product_id)
    deed = (await read_form(request, _Deed)).deed
    if deed not in {"on", "off"}:
        raise NotFound

    async def look(reader: Reader) -> Room:
        room = await enter_room(reader, caller, slug, may_manage_goods)
        await _mine(reader, room, wanted)
        return room

    room = await db.read(look)
    act = list_product if deed == "on" else withdraw_product
    back = f"{room.home}/goods/{wanted}"
    try:
        product = await db.write(caller.actor, lambda tx: act(tx, wanted))
    except Conflict as trouble:
        return go(request, back, say=tell_fields(trouble).at("") or "", kind="mind")
    say = _made(product) if deed == "on" else gettext("“%(title)s” is off sale.") % {"title": product.title}
    return go(request, back, say=say)


class _Deed(msgspec.Struct):
    deed: str = ""


HANDLERS: list[Any] = [show_new, create, show_product, change, move]
