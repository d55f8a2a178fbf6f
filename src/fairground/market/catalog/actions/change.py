"""Change a product: what is left out stays, every change is written down with the values before."""

from collections.abc import Sequence
from typing import Any

import msgspec
from msgspec import UNSET, UnsetType

from fairground.kit.db import Tx
from fairground.kit.errors import N_, Findings, Invalid
from fairground.kit.money import Money
from fairground.market.catalog.actions.create import note_foreign_pictures, pictures_used, read_world
from fairground.market.catalog.actions.doors import enter_by_product, enter_by_variant
from fairground.market.catalog.actions.rewriting import Plan, Slot, write_changes
from fairground.market.catalog.actions.rows import plain
from fairground.market.catalog.checks import check_product
from fairground.market.catalog.errors import ProductChangedMeanwhile
from fairground.market.catalog.model import (
    NewProduct,
    NewVariant,
    Product,
    ProductChange,
    ProductId,
    ProductState,
    Variant,
    VariantChange,
    VariantId,
)
from fairground.market.catalog.queries.products import get_product, map_handles, map_products
from fairground.market.media.queries import map_pictures
from fairground.market.shops.actions.doors import enter
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_manage_goods


async def change_product(
    tx: Tx, product_id: ProductId, change: ProductChange, *, expected_version: int | None = None
) -> Product:
    """Change a product of the actor's shop.

    Raises:
        ProductNotFound, RoleTooSmall, ShopClosed
        ProductChangedMeanwhile: it is not at the expected version any more, or somebody else was quicker.
        Invalid: names every wrong field.
    """
    _, product = await enter_by_product(tx, product_id, may_manage_goods)
    if expected_version not in {None, product.version}:
        raise ProductChangedMeanwhile
    (outcome,) = await _change(tx, product.shop_id, [(product, change)])
    if isinstance(outcome, Invalid):
        raise outcome
    return outcome


async def change_products(
    tx: Tx, shop_id: ShopId, changes: Sequence[tuple[Product, ProductChange]]
) -> list[Product | Invalid]:
    """Change any number of products of one shop by the same few statements, each product once.

    Gives each as it is now; one whose change is wrong stays as it is, and its trouble stands in its place.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed
        ProductChangedMeanwhile: somebody else was quicker with one of them; nothing was changed.
    """
    await enter(tx, shop_id, may_manage_goods)
    return await _change(tx, shop_id, changes)


async def _change(tx: Tx, shop_id: ShopId, changes: Sequence[tuple[Product, ProductChange]]) -> list[Product | Invalid]:
    plans = await _plan(tx, shop_id, changes)
    good = [plan for plan in plans if isinstance(plan, Plan)]
    await write_changes(tx, shop_id, good)
    now = await map_products(tx, [plan.product.id for plan in good])
    return [now[plan.product.id] if isinstance(plan, Plan) else plan for plan in plans]


async def set_price(
    tx: Tx, variant_id: VariantId, price: Money, compare_at: Money | UnsetType | None = UNSET
) -> Product:
    """Set the price of one variant; the others stay.

    Raises:
        VariantNotFound, RoleTooSmall, ShopClosed
        Invalid: the price is not above zero, past the limit, or in another currency.
    """
    _, product_id = await enter_by_variant(tx, variant_id, may_manage_goods)
    product = await get_product(tx, product_id)
    variants = [
        VariantChange(id=v.id, price=price, compare_at=compare_at) if v.id == variant_id else VariantChange(id=v.id)
        for v in product.variants
    ]
    return await change_product(tx, product_id, ProductChange(variants=variants))


def _slots(findings: Findings, product: Product, change: ProductChange) -> list[Slot]:
    """Line up the new list of variants with the old ones, by id or by their options."""
    if change.variants is UNSET:
        return [Slot(variant, _as_new(variant), False) for variant in product.variants]
    by_id = {variant.id: variant for variant in product.variants}
    by_options = {tuple(sorted(variant.options.items())): variant for variant in product.variants}
    named = {wish.id for wish in change.variants if wish.id is not None}
    slots: list[Slot] = []
    taken: set[VariantId] = set()
    for i, wish in enumerate(change.variants):
        old = by_id.get(wish.id) if wish.id is not None else None
        if wish.id is None and wish.options is not UNSET:
            found = by_options.get(tuple(sorted(wish.options.items())))
            old = found if found is not None and found.id not in named | taken else None
        if wish.id is not None and (old is None or wish.id in taken):
            findings.add(f"/variants/{i}/id", "catalog.variant_unknown", N_("The product has no such variant."))
        if old is not None:
            taken.add(old.id)
        slots.append(Slot(old, _merged(findings, old, wish, i, product.price_low.currency), wish.stock is not UNSET))
    return slots


def _as_new(variant: Variant) -> NewVariant:
    return NewVariant(
        price=variant.price,
        options=variant.options,
        compare_at=variant.compare_at,
        sku=variant.sku,
        barcode=variant.barcode,
        weight_grams=variant.weight_grams,
        picture_id=variant.picture_id,
    )


def _merged(findings: Findings, old: Variant | None, wish: VariantChange, i: int, currency: str) -> NewVariant:
    given: dict[str, Any] = {
        field: value
        for field in wish.__struct_fields__
        if field != "id" and (value := getattr(wish, field)) is not UNSET
    }
    if old is not None:
        return msgspec.structs.replace(_as_new(old), **given)
    if "price" not in given:
        findings.add(f"/variants/{i}/price", "required", N_("Please fill this in."))
        given["price"] = Money(1, currency)  # refused by the finding above; the rest of it is looked at, too
    return NewVariant(**given)


async def _plan(tx: Tx, shop_id: ShopId, changes: Sequence[tuple[Product, ProductChange]]) -> list[Plan | Invalid]:
    """Check what each product is to become; all that must be read for it is read once."""
    findings = [Findings() for _ in changes]
    slots = [_slots(noted, *one) for noted, one in zip(findings, changes, strict=True)]
    wishes = [_wish(*one, lined) for one, lined in zip(changes, slots, strict=True)]
    world = await read_world(tx, wishes)
    checked = [check_product(noted, wish, world) for noted, wish in zip(findings, wishes, strict=True)]
    known = await map_pictures(tx, {used for wish in checked for _, used in pictures_used("", wish)})
    renamed = {w.handle for w, (p, _) in zip(checked, changes, strict=True) if w.handle and w.handle != p.handle}
    taken = set(await map_handles(tx, shop_id, renamed)) if renamed else set[str]()
    plans: list[Plan | Invalid] = []
    for noted, (product, _), wish, lined in zip(findings, changes, checked, slots, strict=True):
        note_foreign_pictures(noted, shop_id, known, pictures_used("", wish))
        if wish.handle is not None and wish.handle != product.handle:
            free = wish.handle not in taken
            noted.check(free, "/handle", "catalog.handle_taken", N_("Another product of this shop has this code."))
            taken.add(wish.handle)  # of two that want the same, the first has it
        plans.append(_plan_one(noted, product, wish, lined))
    return plans


def _plan_one(findings: Findings, product: Product, wish: NewProduct, lined: Sequence[Slot]) -> Plan | Invalid:
    try:
        findings.raise_any()
    except Invalid as trouble:
        return trouble
    slots = [Slot(slot.old, new, slot.counts) for slot, new in zip(lined, wish.variants, strict=True)]
    return Plan(product, wish, slots, _differences(product, wish, slots))


def _wish(product: Product, change: ProductChange, slots: Sequence[Slot]) -> NewProduct:
    given: dict[str, Any] = {
        field: value
        for field in change.__struct_fields__
        if field != "variants" and (value := getattr(change, field)) is not UNSET
    }
    if "category" in given and given["category"] != product.category and "attributes" not in given:
        given["attributes"] = {}  # those of the former category say nothing in the new one
    state = ProductState.DRAFT if product.state is ProductState.DRAFT else ProductState.ON_SALE
    return msgspec.structs.replace(_as_draft(product, [slot.new for slot in slots], state), **given)


def _as_draft(product: Product, variants: list[NewVariant], state: ProductState) -> NewProduct:
    return NewProduct(
        title=product.title,
        variants=variants,
        description=product.description,
        description_format=product.description_format,
        options=product.options,
        category=product.category,
        attributes=product.attributes,
        pictures=product.pictures,
        language=product.language,
        translations=product.translations,
        handle=product.handle,
        state=state,
    )


def _differences(product: Product, wish: NewProduct, slots: Sequence[Slot]) -> dict[str, Any]:
    """Give the values before of what changes, under the names of the fields; stock has its own book."""
    before: dict[str, Any] = {}
    for field in ProductChange.__struct_fields__:
        if field != "variants" and getattr(wish, field) != getattr(product, field):
            before[field] = plain(getattr(product, field))
    same = [slot.old is not None and _as_new(slot.old) == _without_stock(slot.new) for slot in slots]
    order = [slot.old.id if slot.old else None for slot in slots]
    if not all(same) or order != [variant.id for variant in product.variants]:
        before["variants"] = plain(product.variants)
    return before


def _without_stock(variant: NewVariant) -> NewVariant:
    return msgspec.structs.replace(variant, stock=None)
