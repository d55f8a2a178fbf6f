"""Changed products written, one or thousands at once, by the same few statements."""

from collections.abc import Sequence
from typing import Any, Final

import msgspec

from fairground.kit.db import Tx
from fairground.kit.events import Event, publish
from fairground.kit.ids import Id
from fairground.market.catalog.actions.create import wait_for_desk
from fairground.market.catalog.actions.holding import is_watched
from fairground.market.catalog.actions.rows import (
    VariantRow,
    amount_of,
    as_json,
    choice_of,
    insert_variants,
    prices_of,
)
from fairground.market.catalog.errors import ProductChangedMeanwhile
from fairground.market.catalog.events import ProductChanged, ProductWithdrawn
from fairground.market.catalog.model import (
    CatalogRules,
    NewProduct,
    NewVariant,
    Product,
    ProductState,
    Variant,
    VariantId,
)
from fairground.market.inventory.actions import open_stock, set_stocks
from fairground.market.shops.model import ShopId

_WORDS: Final = frozenset({"title", "description", "description_format", "category", "pictures", "translations"})


class Slot(msgspec.Struct, frozen=True):
    """One variant of the new list: what it was (None for a new one), what it will be, whether a stock was given."""

    old: Variant | None
    new: NewVariant
    counts: bool


class Plan(msgspec.Struct, frozen=True):
    """What a product is to become, and the values before of what changes, by field."""

    product: Product
    wish: NewProduct
    slots: Sequence[Slot]
    before: dict[str, Any]


async def write_changes(tx: Tx, shop_id: ShopId, plans: Sequence[Plan]) -> None:
    """Write what products of one shop are to become; each stands in the list once.

    Raises:
        ProductChangedMeanwhile
    """
    changed = [plan for plan in plans if plan.before]
    if changed:
        await _write_products(tx, shop_id, changed)
    placed = [(plan, _with_ids(tx, plan)) for plan in plans]
    await _write_variants(tx, [one for one in placed if not one[0].before.keys().isdisjoint({"variants", "options"})])
    await _write_stock(tx, shop_id, [slot for _, slots in placed for slot in slots])


async def _write_products(tx: Tx, shop_id: ShopId, plans: Sequence[Plan]) -> None:
    review = tx.given(CatalogRules).review_products or await is_watched(tx, shop_id)
    again = [
        plan
        for plan in plans
        if review and not _WORDS.isdisjoint(plan.before) and plan.product.state is ProductState.ON_SALE
    ]
    back = {plan.product.id for plan in again}
    states = [ProductState.IN_REVIEW if plan.product.id in back else plan.product.state for plan in plans]
    await _update(tx, plans, states)
    await _note_versions(tx, plans)
    if again:
        await wait_for_desk(tx, shop_id, [(plan.product.id, plan.wish.title) for plan in again])
    news: list[Event] = []
    for plan in plans:
        product_id, version = plan.product.id, plan.product.version + 1
        if product_id in back:
            news.append(ProductWithdrawn(product_id=product_id, shop_id=shop_id, version=version))
        elif plan.product.state is ProductState.ON_SALE:
            news.append(ProductChanged(product_id=product_id, shop_id=shop_id, version=version))
    await publish(tx, *news)


async def _update(tx: Tx, plans: Sequence[Plan], states: Sequence[ProductState]) -> None:
    prices = [prices_of(plan.wish.variants) for plan in plans]
    wishes = [plan.wish for plan in plans]
    done = await tx.execute(
        """
        update catalog.products p
           set handle = t.handle, title = t.title, description = t.words, description_format = t.format,
               language = t.language, translations = t.translations::jsonb, category = t.category,
               attributes = t.attributes::jsonb, options = t.options::jsonb, pictures = t.pictures::jsonb,
               picture_id = t.picture_id, state = t.state, price_low = t.low, price_high = t.high,
               compare_at = t.before, version = p.version + 1, changed_at = $19
          from unnest($1::smallint[], $2::bigint[], $3::int[], $4::text[], $5::text[], $6::text[], $7::text[],
                      $8::text[], $9::text[], $10::text[], $11::text[], $12::text[], $13::text[], $14::bigint[],
                      $15::text[], $16::bigint[], $17::bigint[], $18::bigint[])
               as t(b, i, version, handle, title, words, format, language, translations, category, attributes, options,
                    pictures, picture_id, state, low, high, before)
         where p.bucket = t.b and p.id = t.i and p.version = t.version
        """,
        [plan.product.id.bucket for plan in plans],
        [plan.product.id for plan in plans],
        [plan.product.version for plan in plans],
        [wish.handle for wish in wishes],
        [wish.title for wish in wishes],
        [wish.description for wish in wishes],
        [wish.description_format for wish in wishes],
        [wish.language for wish in wishes],
        [as_json(wish.translations) for wish in wishes],
        [wish.category for wish in wishes],
        [as_json(wish.attributes) for wish in wishes],
        [as_json(wish.options) for wish in wishes],
        [as_json(wish.pictures) for wish in wishes],
        [wish.pictures[0].media_id if wish.pictures else None for wish in wishes],
        list(states),
        [price.low for price in prices],
        [price.high for price in prices],
        [price.compare_at for price in prices],
        tx.now,
    )
    if done != len(plans):
        raise ProductChangedMeanwhile


async def _note_versions(tx: Tx, plans: Sequence[Plan]) -> None:
    await tx.execute(
        """
        insert into catalog.product_versions (bucket, product_id, version, changed, before, actor, actor_id, at)
        select b, i, v, array(select jsonb_object_keys(w::jsonb) order by 1), w::jsonb, $5, $6, $7
          from unnest($1::smallint[], $2::bigint[], $3::int[], $4::text[]) as t(b, i, v, w)
        """,
        [plan.product.id.bucket for plan in plans],
        [plan.product.id for plan in plans],
        [plan.product.version + 1 for plan in plans],
        [as_json(plan.before) for plan in plans],
        tx.actor.name,
        tx.actor.person_id,
        tx.now,
    )


def _with_ids(tx: Tx, plan: Plan) -> list[tuple[VariantId, Slot]]:
    bucket = plan.product.id.bucket
    return [(slot.old.id if slot.old else tx.new_id(VariantId, bucket), slot) for slot in plan.slots]


async def _write_variants(tx: Tx, placed: Sequence[tuple[Plan, list[tuple[VariantId, Slot]]]]) -> None:
    gone, kept, new = list[Id](), list[VariantRow](), list[VariantRow]()
    for plan, slots in placed:
        stay = {slot.old.id for _, slot in slots if slot.old}
        gone += [variant.id for variant in plan.product.variants if variant.id not in stay]
        for position, (variant_id, slot) in enumerate(slots):
            row = (plan.product.id, variant_id, position, choice_of(plan.wish, slot.new), slot.new)
            (kept if variant_id in stay else new).append(row)
    await _remove_variants(tx, gone)
    await _update_variants(tx, kept)
    if new:
        await insert_variants(tx, new)


async def _remove_variants(tx: Tx, gone: Sequence[Id]) -> None:
    if gone:
        await tx.execute(
            """
            update catalog.variants v set removed_at = $3
              from unnest($1::smallint[], $2::bigint[]) as t(b, i) where v.bucket = t.b and v.id = t.i
            """,
            [variant_id.bucket for variant_id in gone],
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
        update catalog.variants v set options = to_jsonb(array[v.id::text])
          from unnest($2::bigint[], $3::text[]) as t(i, o)
         where v.bucket = $1 and v.id = t.i and v.options <> t.o::jsonb
        """,
        bucket,
        ids,
        [as_json(row[3]) for row in rows],
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


async def _write_stock(tx: Tx, shop_id: ShopId, placed: Sequence[tuple[VariantId, Slot]]) -> None:
    await open_stock(tx, shop_id, [(i, slot.new.stock) for i, slot in placed if slot.old is None])
    counted = [(i, slot.new.stock) for i, slot in placed if slot.old is not None and slot.counts]
    if counted:
        await set_stocks(tx, counted)
