"""From products as read to products of a shop: some hundreds in one transaction."""

from collections.abc import Container, Mapping, Sequence
from typing import Final

import msgspec
from msgspec import UNSET

from fairground.kit.db import Tx
from fairground.kit.errors import N_, FieldError, Findings, Invalid
from fairground.market.catalog.actions.change import change_products
from fairground.market.catalog.actions.create import create_products, read_world
from fairground.market.catalog.actions.state import list_product, withdraw_product
from fairground.market.catalog.checks import World, check_product
from fairground.market.catalog.exchange.actions import Tally
from fairground.market.catalog.exchange.merging import Merged, merge
from fairground.market.catalog.exchange.model import FileFormat, ImportId, ReadPicture, ReadProduct, Refusal
from fairground.market.catalog.exchange.pictures import Wanted, ask_for, find_known, note_placed
from fairground.market.catalog.exchange.queries import map_codes, map_import_pictures
from fairground.market.catalog.model import (
    CatalogRules,
    NewProduct,
    Option,
    Picture,
    Product,
    ProductId,
    ProductState,
    VariantId,
)
from fairground.market.catalog.queries.products import map_handles, map_products
from fairground.market.inventory.actions import set_stocks
from fairground.market.inventory.queries import map_stock
from fairground.market.media.model import MediaId, StoredPicture
from fairground.market.shops.model import ShopId

_RESTING: Final = frozenset({ProductState.DRAFT, ProductState.OFF_SALE})


class Into(msgspec.Struct, frozen=True):
    """Where products go: which import of which shop, and whose file it is."""

    import_id: ImportId
    shop_id: ShopId
    format: FileFormat


class _Good(msgspec.Struct, frozen=True):
    """A product that was found good, with the product of the shop it is, if there is one."""

    read: ReadProduct
    old: Product | None


async def take_products(tx: Tx, into: Into, batch: Sequence[ReadProduct], stored: Mapping[str, StoredPicture]) -> Tally:
    """Make or change the products of a batch; what is not good becomes refusals, the rest goes in.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed
    """
    tally = Tally(products=len(batch))
    old = await _find_old(tx, into.shop_id, batch)
    world = await read_world(tx, [read.product for read in batch])
    good = []
    for read, product in zip(batch, old, strict=True):
        checked = check_read(read, world, tally.refusals, is_own=into.format is FileFormat.FAIRGROUND)
        if checked is not None:
            good.append(_Good(checked, product))
    known = await find_known(tx, into.shop_id, [g.read for g in good], stored)
    await _create(tx, into, [g.read for g in good if g.old is None], known, tally)
    await _change(tx, into, [g for g in good if g.old is not None], known, tally)
    return tally


async def _find_old(tx: Tx, shop_id: ShopId, batch: Sequence[ReadProduct]) -> list[Product | None]:
    """Find the products a file means: by our own id, else by its handle, else by the code of a variant."""
    own = {read.own_id: i for read in batch if (i := ProductId.parse(read.own_id)) and i.bucket == shop_id.bucket}
    mine = await map_products(tx, own.values())
    handles = await map_handles(tx, shop_id, {h for read in batch for h in (read.product.handle, read.own_id) if h})
    unknown = [read for read in batch if (read.product.handle or read.own_id) not in handles]
    codes = await map_codes(tx, shop_id, {v.sku for read in unknown for v in read.product.variants})
    found: list[ProductId | None] = []
    for read in batch:
        by_id = own.get(read.own_id)
        if by_id is not None and (by_id not in mine or mine[by_id].shop_id != shop_id):
            by_id = None
        by_code = {codes[v.sku] for v in read.product.variants if v.sku in codes}
        by_handle = handles.get(read.product.handle or read.own_id)
        found.append(by_id or by_handle or (by_code.pop() if len(by_code) == 1 else None))
    products = await map_products(tx, [i for i in found if i is not None])
    return [None if i is None else products[i] for i in found]


def check_read(read: ReadProduct, world: World, refusals: list[Refusal], *, is_own: bool) -> ReadProduct | None:
    """Give a product in good form, without those of its variants that are not; None where nothing is left of it."""
    read = _without_unknown_attributes(read, world, refusals, is_own=is_own)
    for _ in range(2):  # a second look: what is left may be wrong in another way
        errors, product = _faults(read.product, world)
        if not errors:
            return msgspec.structs.replace(read, product=product)
        refusals += [_refusal(read, error) for error in errors]
        bad = {at for error in errors if (at := _variant_of(error)) is not None}
        if any(_variant_of(error) is None for error in errors) or len(bad) == len(read.lines):
            return None
        read = _without_variants(read, bad)
    return None


def _faults(product: NewProduct, world: World) -> tuple[Sequence[FieldError], NewProduct]:
    findings = Findings()
    good = check_product(findings, product, world)
    try:
        findings.raise_any()
    except Invalid as trouble:
        return trouble.errors, good
    return (), good


def _variant_of(error: FieldError) -> int | None:
    parts = error.pointer.split("/")
    return int(parts[2]) if len(parts) > 2 and parts[1] == "variants" and parts[2].isdigit() else None


def _refusal(read: ReadProduct, error: FieldError) -> Refusal:
    at, parts = _variant_of(error), error.pointer.split("/")
    field = parts[1] if at is None or len(parts) < 4 else parts[3]
    line = read.line if at is None or at >= len(read.lines) else read.lines[at]
    return Refusal(line, read.columns.get(field, field), error.code, error.message, error.params)


def _without_variants(read: ReadProduct, bad: set[int]) -> ReadProduct:
    """Leave out some variants, and the options' values that only they had."""
    kept = [at for at in range(len(read.lines)) if at not in bad]
    variants = [read.product.variants[at] for at in kept]
    used = {(name, value) for variant in variants for name, value in variant.options.items()}
    options = [Option(o.name, [v for v in o.values if (o.name, v) in used]) for o in read.product.options]
    place = {old: new for new, old in enumerate(kept)}
    pictures = [
        msgspec.structs.replace(p, variants=tuple(place[v] for v in p.variants if v in place)) for p in read.pictures
    ]
    return msgspec.structs.replace(
        read,
        product=msgspec.structs.replace(read.product, variants=variants, options=options),
        lines=[read.lines[at] for at in kept],
        pictures=pictures,
        is_whole=False,
    )


def _without_unknown_attributes(
    read: ReadProduct, world: World, refusals: list[Refusal], *, is_own: bool
) -> ReadProduct:
    """Leave out what a category here has no place for; a category we do not have, and its attributes, likewise."""
    product, left_out = read.product, list[str]()
    category = product.category if product.category is not None and product.category in world.tree else None
    known = {} if category is None else {a.key: a for a in world.tree.attributes_of(category)}
    if category != product.category:
        left_out.append(str(product.category))
    attributes = {key: value for key, value in product.attributes.items() if key in known}
    left_out += sorted(product.attributes.keys() - known.keys())
    if category == product.category and attributes == product.attributes:
        return read
    if is_own:
        words = N_("Left out, because this market has no such category or attribute: %(names)s.")
        params = {"names": ", ".join(left_out)[:300]}
        refusals.append(Refusal(read.line, "category", "exchange.left_out", words, params, is_note=True))
    product = msgspec.structs.replace(product, category=category, attributes=attributes)
    return msgspec.structs.replace(read, product=product)


async def _create(tx: Tx, into: Into, batch: Sequence[ReadProduct], known: Mapping[str, MediaId], tally: Tally) -> None:
    most = tx.given(CatalogRules).pictures_most
    news = [_with_pictures(read, known, most) for read in batch]
    made = await create_products(tx, into.shop_id, news)
    tally.created += len(made)
    wanted, placed = list[Wanted](), list[tuple[Wanted, MediaId]]()
    for read, product in zip(batch, made, strict=True):
        _sort_pictures(read, product.product_id, product.variant_ids, known, most, wanted, placed)
    await note_placed(tx, into.import_id, placed)
    await ask_for(tx, into.shop_id, into.import_id, wanted)
    tally.pictures_asked += len(wanted)


def _with_pictures(read: ReadProduct, known: Mapping[str, MediaId], most: int) -> NewProduct:
    variants = list(read.product.variants)
    for picture in read.pictures:
        for at in picture.variants if picture.address in known else ():
            variants[at] = msgspec.structs.replace(variants[at], picture_id=known[picture.address])
    handle = read.product.handle or read.own_id or None
    return msgspec.structs.replace(
        read.product, variants=variants, pictures=_gallery(read.pictures, known)[:most], handle=handle
    )


def _gallery(pictures: Sequence[ReadPicture], known: Mapping[str, MediaId]) -> list[Picture]:
    found = {known[p.address]: p.alt for p in pictures if p.in_gallery and p.address in known}
    return [Picture(media_id, alt) for media_id, alt in found.items()]


def _sort_pictures(
    read: ReadProduct,
    product_id: ProductId,
    variant_ids: Sequence[VariantId],
    known: Mapping[str, MediaId],
    most: int,
    wanted: list[Wanted],
    placed: list[tuple[Wanted, MediaId]],
) -> None:
    """Sort a product's pictures into those to be fetched and those in their place."""
    for position, picture in enumerate(read.pictures[: most + len(variant_ids)]):
        if position >= most and not picture.variants:
            continue
        one = Wanted(product_id, read.line, position, picture, [variant_ids[at] for at in picture.variants])
        if picture.address in known:
            placed.append((one, known[picture.address]))
        else:
            wanted.append(one)


async def _change(tx: Tx, into: Into, batch: Sequence[_Good], known: Mapping[str, MediaId], tally: Tally) -> None:
    if not batch:
        return
    ids = [good.old.id for good in batch if good.old is not None]
    ours = await map_import_pictures(tx, into.shop_id, ids)
    stock = await map_stock(tx, [v.id for good in batch if good.old is not None for v in good.old.variants])
    wanted, placed, counted = list[Wanted](), list[tuple[Wanted, MediaId]](), list[tuple[VariantId, int | None]]()
    most = tx.given(CatalogRules).pictures_most
    merged = [(good, _merge(into, good, ours, known, most)) for good in batch]
    for good, one, product in await _change_all(tx, into, merged, tally):
        by_place = [product.variants[at].id for at in one.places]
        moved = [
            (by_place[at], variant.stock)
            for at, variant in enumerate(good.read.product.variants)
            if "stock" in good.read.columns and by_place[at] in stock and stock[by_place[at]] != variant.stock
        ]
        counted += moved
        again = await _set_state(tx, good.read.product.state, product)
        if one.differs or moved or again:
            tally.updated += 1
        else:
            tally.unchanged += 1
        _sort_pictures(good.read, product.id, by_place, known, most, wanted, placed)
    await set_stocks(tx, counted, pointers=[f"/{at}" for at in range(len(counted))])
    await note_placed(tx, into.import_id, placed)
    await ask_for(tx, into.shop_id, into.import_id, wanted)
    tally.pictures_asked += len(wanted)


def _merge(
    into: Into, good: _Good, ours: Mapping[ProductId, Container[int]], known: Mapping[str, MediaId], most: int
) -> Merged:
    """Line a product up with the one that is there; pictures added by hand stay, behind those of the file."""
    old = good.old
    assert old is not None, "called for products that are there"
    gallery = _gallery(good.read.pictures, known)
    by_hand = [p for p in old.pictures if p.media_id not in ours.get(old.id, ())]
    extra = [p for p in by_hand if p.media_id not in {g.media_id for g in gallery}]
    pictures = [*gallery, *extra][:most] if gallery else UNSET
    return merge(good.read, old, known, pictures, is_own=into.format is FileFormat.FAIRGROUND)


async def _change_all(
    tx: Tx, into: Into, merged: Sequence[tuple[_Good, Merged]], tally: Tally
) -> list[tuple[_Good, Merged, Product]]:
    """Change those that differ, all by the same statements; gives every product as it is now."""
    differing = [(good, one) for good, one in merged if one.differs]
    wished = [(good.old, one.change) for good, one in differing if good.old is not None]
    outcomes = await change_products(tx, into.shop_id, wished) if wished else []
    found = {good.read.line: outcome for (good, _), outcome in zip(differing, outcomes, strict=True)}
    done = []
    for good, one in merged:
        outcome = found.get(good.read.line, good.old)
        if isinstance(outcome, Invalid):
            # Found wrong only beside what is there already; nothing of it was written.
            tally.refusals += [_refusal(good.read, error) for error in outcome.errors]
        elif outcome is not None:
            done.append((good, one, outcome))
    return done


async def _set_state(tx: Tx, wished: ProductState, product: Product) -> bool:
    if wished is ProductState.ON_SALE and product.state in _RESTING:
        await list_product(tx, product.id)
        return True
    if wished in _RESTING and product.state not in _RESTING:
        await withdraw_product(tx, product.id)
        return True
    return False
