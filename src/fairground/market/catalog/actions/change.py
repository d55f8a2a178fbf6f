"""Change a product: what is left out stays, every change is written down with the values before."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec
from msgspec import UNSET, UnsetType

from fairground.kit.db import Row, Tx
from fairground.kit.errors import N_, Findings
from fairground.kit.events import publish
from fairground.kit.money import Money
from fairground.market.catalog.actions.create import check_pictures_owned, read_world, wait_for_desk
from fairground.market.catalog.actions.doors import enter_by_product, enter_by_variant
from fairground.market.catalog.actions.rows import (
    VariantRow,
    amount_of,
    as_json,
    choice_of,
    insert_variants,
    plain,
    prices_of,
)
from fairground.market.catalog.checks import check_product
from fairground.market.catalog.errors import ProductChangedMeanwhile
from fairground.market.catalog.events import ProductChanged, ProductWithdrawn
from fairground.market.catalog.model import (
    CatalogRules,
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
from fairground.market.catalog.queries.products import get_product, map_handles
from fairground.market.inventory.actions import open_stock, set_stocks
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_manage_goods

_WORDS: Final = frozenset({"title", "description", "description_format", "category", "pictures", "translations"})


class _Slot(msgspec.Struct, frozen=True):
    """One variant of the new list: what it was (None for a new one), what it will be, whether a stock was given."""

    old: Variant | None
    new: NewVariant
    counts: bool


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
    findings = Findings()
    slots = _slots(findings, product, change)
    wish = await _checked(tx, findings, product, change, slots)
    slots = [_Slot(slot.old, new, slot.counts) for slot, new in zip(slots, wish.variants, strict=True)]
    changed = _differences(product, wish, slots)
    if changed:
        await _write(tx, product, wish, slots, changed)
    await _write_stock(tx, product.shop_id, await _write_variants(tx, product, wish, slots, changed))
    return await get_product(tx, product_id)


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


def _slots(findings: Findings, product: Product, change: ProductChange) -> list[_Slot]:
    """Line up the new list of variants with the old ones, by id or by their options."""
    if change.variants is UNSET:
        return [_Slot(variant, _as_new(variant), False) for variant in product.variants]
    by_id = {variant.id: variant for variant in product.variants}
    by_options = {tuple(sorted(variant.options.items())): variant for variant in product.variants}
    named = {wish.id for wish in change.variants if wish.id is not None}
    slots: list[_Slot] = []
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
        slots.append(_Slot(old, _merged(findings, old, wish, i, product.price_low.currency), wish.stock is not UNSET))
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


async def _checked(
    tx: Tx, findings: Findings, product: Product, change: ProductChange, slots: Sequence[_Slot]
) -> NewProduct:
    given: dict[str, Any] = {
        field: value
        for field in change.__struct_fields__
        if field != "variants" and (value := getattr(change, field)) is not UNSET
    }
    if "category" in given and given["category"] != product.category and "attributes" not in given:
        given["attributes"] = {}  # those of the former category say nothing in the new one
    state = ProductState.DRAFT if product.state is ProductState.DRAFT else ProductState.ON_SALE
    wish = msgspec.structs.replace(_as_draft(product, [slot.new for slot in slots], state), **given)
    world = await read_world(tx, [wish])
    checked = check_product(findings, wish, world)
    await check_pictures_owned(tx, findings, product.shop_id, [("", checked)])
    if checked.handle is not None and checked.handle != product.handle:
        taken = await map_handles(tx, product.shop_id, [checked.handle])
        findings.check(not taken, "/handle", "catalog.handle_taken", N_("Another product of this shop has this code."))
    findings.raise_any()
    return checked


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


def _differences(product: Product, wish: NewProduct, slots: Sequence[_Slot]) -> dict[str, Any]:
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


async def _write(tx: Tx, product: Product, wish: NewProduct, slots: Sequence[_Slot], before: dict[str, Any]) -> None:
    review = tx.given(CatalogRules).review_products and not _WORDS.isdisjoint(before)
    again = review and product.state is ProductState.ON_SALE
    row = await _update(tx, product, wish, ProductState.IN_REVIEW if again else product.state)
    await tx.execute(
        """
        insert into catalog.product_versions (bucket, product_id, version, changed, before, actor, actor_id, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        product.id.bucket,
        product.id,
        row["version"],
        sorted(before),
        before,
        tx.actor.name,
        tx.actor.person_id,
        tx.now,
    )
    if again:
        await wait_for_desk(tx, product.shop_id, [(product.id, wish.title)])
        await publish(tx, ProductWithdrawn(product_id=product.id, shop_id=product.shop_id, version=row["version"]))
    elif product.state is ProductState.ON_SALE:
        await publish(tx, ProductChanged(product_id=product.id, shop_id=product.shop_id, version=row["version"]))


async def _update(tx: Tx, product: Product, wish: NewProduct, state: ProductState) -> Row:
    prices = prices_of(wish.variants)
    row = await tx.row(
        """
        update catalog.products
           set handle = $4, title = $5, description = $6, description_format = $7, language = $8, translations = $9,
               category = $10, attributes = $11, options = $12, pictures = $13, picture_id = $14, state = $15,
               price_low = $16, price_high = $17, compare_at = $18, version = version + 1, changed_at = $19
         where bucket = $1 and id = $2 and version = $3 returning version
        """,
        product.id.bucket,
        product.id,
        product.version,
        wish.handle,
        wish.title,
        wish.description,
        wish.description_format,
        wish.language,
        plain(wish.translations),
        wish.category,
        wish.attributes,
        plain(wish.options),
        plain(wish.pictures),
        wish.pictures[0].media_id if wish.pictures else None,
        state,
        prices.low,
        prices.high,
        prices.compare_at,
        tx.now,
    )
    if row is None:
        raise ProductChangedMeanwhile
    return row


async def _write_variants(
    tx: Tx, product: Product, wish: NewProduct, slots: Sequence[_Slot], before: dict[str, Any]
) -> list[tuple[VariantId, _Slot]]:
    """Write the variants, if they or the options they are named by changed; gives each with its id."""
    placed = [(slot.old.id if slot.old else tx.new_id(VariantId, product.id.bucket), slot) for slot in slots]
    if before.keys().isdisjoint({"variants", "options"}):
        return placed
    rows: list[VariantRow] = [
        (product.id, variant_id, position, choice_of(wish, slot.new), slot.new)
        for position, (variant_id, slot) in enumerate(placed)
    ]
    kept = {slot.old.id for slot in slots if slot.old}
    await _remove_variants(tx, product.id, [v.id for v in product.variants if v.id not in kept])
    await _update_variants(tx, [row for row in rows if row[1] in kept])
    new = [row for row in rows if row[1] not in kept]
    if new:
        await insert_variants(tx, new)
    return placed


async def _remove_variants(tx: Tx, product_id: ProductId, gone: Sequence[VariantId]) -> None:
    if gone:
        await tx.execute(
            """
            update catalog.variants set removed_at = $4 where bucket = $1 and product_id = $2 and id = any($3)
            """,
            product_id.bucket,
            product_id,
            list(gone),
            tx.now,
        )


async def _update_variants(tx: Tx, rows: Sequence[VariantRow]) -> None:
    if not rows:
        return
    bucket, ids = rows[0][1].bucket, [row[1] for row in rows]
    # Two variants may exchange their options: for a moment each has its own id there, or the unique index would
    # refuse the first of the two.
    await tx.execute(
        """
        update catalog.variants set options = to_jsonb(array[id::text]) where bucket = $1 and id = any($2)
        """,
        bucket,
        ids,
    )
    await tx.execute(
        """
        update catalog.variants v
           set position = t.position, options = t.options::jsonb, price = t.price, compare_at = t.compare_at,
               currency = t.currency, sku = t.sku, barcode = t.barcode, weight_grams = t.weight_grams,
               picture_id = t.picture_id
          from unnest($2::bigint[], $3::smallint[], $4::text[], $5::bigint[], $6::bigint[], $7::text[], $8::text[],
                      $9::text[], $10::int[], $11::bigint[])
               as t(id, position, options, price, compare_at, currency, sku, barcode, weight_grams, picture_id)
         where v.bucket = $1 and v.id = t.id
        """,
        bucket,
        ids,
        [row[2] for row in rows],
        [as_json(row[3]) for row in rows],
        [row[4].price.amount for row in rows],
        [amount_of(row[4].compare_at) for row in rows],
        [row[4].price.currency for row in rows],
        [row[4].sku for row in rows],
        [row[4].barcode for row in rows],
        [row[4].weight_grams for row in rows],
        [row[4].picture_id for row in rows],
    )


async def _write_stock(tx: Tx, shop_id: ShopId, placed: Sequence[tuple[VariantId, _Slot]]) -> None:
    await open_stock(tx, shop_id, [(i, slot.new.stock) for i, slot in placed if slot.old is None])
    counted = [(i, slot.new.stock) for i, slot in placed if slot.old is not None and slot.counts]
    if counted:
        await set_stocks(tx, counted)
