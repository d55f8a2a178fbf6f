"""Make products: one, or thousands at once, by the same few statements."""

from collections.abc import Callable, Iterable, Mapping, Sequence

import msgspec

from fairground.kit.db import Reader, Tx
from fairground.kit.errors import N_, Findings
from fairground.kit.events import publish
from fairground.kit.place import Place
from fairground.market.catalog.actions.holding import is_watched
from fairground.market.catalog.actions.rows import VariantRow, as_json, choice_of, insert_variants, prices_of
from fairground.market.catalog.checks import World, check_product
from fairground.market.catalog.events import ProductListed, ProductSubmitted
from fairground.market.catalog.model import CatalogRules, NewProduct, Product, ProductId, ProductState, VariantId
from fairground.market.catalog.queries.categories import tree_of
from fairground.market.catalog.queries.products import get_product, map_handles
from fairground.market.inventory.actions import open_stock
from fairground.market.inventory.model import InventoryRules
from fairground.market.media.model import MediaId, PictureInfo
from fairground.market.media.queries import map_pictures
from fairground.market.shops.actions.doors import enter
from fairground.market.shops.model import Shop, ShopId
from fairground.market.shops.policy import may_manage_goods


class Created(msgspec.Struct, frozen=True):
    """A product that was made, and its variants in the order they were given."""

    product_id: ProductId
    variant_ids: list[VariantId]


async def create_product(tx: Tx, shop_id: ShopId, product: NewProduct) -> Product:
    """Make a product with its variants and their stock; on sale at once unless it says otherwise.

    Where the desk reviews products it waits for the desk instead.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed
        Invalid: names every wrong field.
    """
    shop = await enter(tx, shop_id, may_manage_goods)
    (made,) = await _create(tx, shop, [product], lambda _: "")
    return await get_product(tx, made.product_id)


async def create_products(
    tx: Tx, shop_id: ShopId, products: Sequence[NewProduct], *, announce: bool = True
) -> list[Created]:
    """Make any number of products of one shop in six statements; all, or none.

    `announce=False` tells nobody, for bulk data after which the index is filled anew.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed
        Invalid: names every wrong field, below `/products/{number}`.
    """
    shop = await enter(tx, shop_id, may_manage_goods)
    return await _create(tx, shop, products, lambda i: f"/products/{i}", announce=announce)


async def read_world(reader: Reader, products: Iterable[NewProduct]) -> World:
    """Read what products are checked against."""
    tree = await tree_of(reader, {p.category for p in products if p.category is not None})
    currency = reader.given(Place).currency
    return World(tree, reader.given(CatalogRules), reader.given(InventoryRules), currency)


async def _create(
    tx: Tx, shop: Shop, products: Sequence[NewProduct], at: Callable[[int], str], *, announce: bool = True
) -> list[Created]:
    if not products:
        return []
    findings, world = Findings(), await read_world(tx, products)
    good = [check_product(findings, product, world, at(i)) for i, product in enumerate(products)]
    await check_pictures_owned(tx, findings, shop.id, [(at(i), product) for i, product in enumerate(good)])
    await _check_handles(tx, findings, shop.id, good, at)
    findings.raise_any()
    reviewed = world.rules.review_products or await is_watched(tx, shop.id)
    good = [_resolved(product, shop, reviewed=reviewed) for product in good]
    made = [_with_ids(tx, shop.id, product) for product in good]
    await _insert_products(tx, shop, list(zip(made, good, strict=True)))
    await insert_variants(tx, _variant_rows(made, good))
    await open_stock(
        tx,
        shop.id,
        [
            (variant_id, variant.stock)
            for m, product in zip(made, good, strict=True)
            for variant_id, variant in zip(m.variant_ids, product.variants, strict=True)
        ],
    )
    await _tell(tx, shop.id, list(zip(made, good, strict=True)), announce=announce)
    return made


async def check_pictures_owned(
    tx: Tx, findings: Findings, shop_id: ShopId, products: Sequence[tuple[str, NewProduct]]
) -> None:
    """Note pictures that are not the shop's own: somebody else's, deleted, or made up."""
    used = [one for at, product in products for one in pictures_used(at, product)]
    if used:
        note_foreign_pictures(findings, shop_id, await map_pictures(tx, {media_id for _, media_id in used}), used)


def pictures_used(at: str, product: NewProduct) -> list[tuple[str, MediaId]]:
    """List the pictures that a product shows, each with the place where it is named."""
    return [(f"{at}/images/{i}", picture.media_id) for i, picture in enumerate(product.pictures)] + [
        (f"{at}/variants/{i}/image_id", variant.picture_id)
        for i, variant in enumerate(product.variants)
        if variant.picture_id is not None
    ]


def note_foreign_pictures(
    findings: Findings, shop_id: ShopId, known: Mapping[MediaId, PictureInfo], used: Sequence[tuple[str, MediaId]]
) -> None:
    """Note those of the used pictures that are not the shop's own."""
    for pointer, media_id in used:
        good = media_id in known and known[media_id].owner_id == shop_id
        findings.check(good, pointer, "catalog.picture_unknown", N_("There is no such picture of this shop."))


async def _check_handles(
    tx: Tx, findings: Findings, shop_id: ShopId, products: Sequence[NewProduct], at: Callable[[int], str]
) -> None:
    handles = [p.handle for p in products if p.handle is not None]
    if not handles:
        return
    seen: set[str] = set(await map_handles(tx, shop_id, handles))
    for i, product in enumerate(products):
        if product.handle is not None:
            findings.check(
                product.handle not in seen,
                f"{at(i)}/handle",
                "catalog.handle_taken",
                N_("Another product of this shop has this code."),
            )
            seen.add(product.handle)


def _resolved(product: NewProduct, shop: Shop, *, reviewed: bool) -> NewProduct:
    waits = reviewed and product.state is ProductState.ON_SALE
    return msgspec.structs.replace(
        product,
        language=product.language or shop.language,
        state=ProductState.IN_REVIEW if waits else product.state,
    )


def _with_ids(tx: Tx, shop_id: ShopId, product: NewProduct) -> Created:
    bucket = shop_id.bucket
    return Created(tx.new_id(ProductId, bucket), [tx.new_id(VariantId, bucket) for _ in product.variants])


def _variant_rows(made: Sequence[Created], products: Sequence[NewProduct]) -> list[VariantRow]:
    return [
        (m.product_id, variant_id, position, choice_of(product, variant), variant)
        for m, product in zip(made, products, strict=True)
        for position, (variant_id, variant) in enumerate(zip(m.variant_ids, product.variants, strict=True))
    ]


async def _insert_products(tx: Tx, shop: Shop, products: Sequence[tuple[Created, NewProduct]]) -> None:
    prices = [prices_of(product.variants) for _, product in products]
    await tx.execute(
        """
        insert into catalog.products
          (bucket, shop_id, shop_sells, created_by, created_at, changed_at, id, handle, title, description,
           description_format, language, translations, category, attributes, options, pictures, picture_id, state,
           listed_at, price_low, price_high, compare_at, currency)
        select $1, $2, $3, $4, $5, $5, id, handle, title, description, format, language, translations::jsonb,
               category, attributes::jsonb, options::jsonb, pictures::jsonb, picture_id, state,
               case when state = 'on_sale' then $5::timestamptz end, low, high, before, currency
          from unnest($6::bigint[], $7::text[], $8::text[], $9::text[], $10::text[], $11::text[], $12::text[],
                      $13::text[], $14::text[], $15::text[], $16::text[], $17::bigint[], $18::text[], $19::bigint[],
                      $20::bigint[], $21::bigint[], $22::text[])
               as t(id, handle, title, description, format, language, translations, category, attributes, options,
                    pictures, picture_id, state, low, high, before, currency)
        """,
        shop.id.bucket,
        shop.id,
        shop.sells,
        tx.actor.person_id,
        tx.now,
        [made.product_id for made, _ in products],
        [product.handle for _, product in products],
        [product.title for _, product in products],
        [product.description for _, product in products],
        [product.description_format for _, product in products],
        [product.language for _, product in products],
        [as_json(product.translations) for _, product in products],
        [product.category for _, product in products],
        [as_json(product.attributes) for _, product in products],
        [as_json(product.options) for _, product in products],
        [as_json(product.pictures) for _, product in products],
        [product.pictures[0].media_id if product.pictures else None for _, product in products],
        [product.state for _, product in products],
        [price.low for price in prices],
        [price.high for price in prices],
        [price.compare_at for price in prices],
        [price.currency for price in prices],
    )


async def _tell(tx: Tx, shop_id: ShopId, products: Sequence[tuple[Created, NewProduct]], *, announce: bool) -> None:
    waiting = [(m.product_id, p.title) for m, p in products if p.state is ProductState.IN_REVIEW]
    if waiting:
        await wait_for_desk(tx, shop_id, waiting)
    if announce:
        await publish(
            tx,
            *(
                ProductListed(product_id=m.product_id, shop_id=shop_id, version=1)
                for m, p in products
                if p.state is ProductState.ON_SALE
            ),
        )


async def wait_for_desk(tx: Tx, shop_id: ShopId, products: Sequence[tuple[ProductId, str]]) -> None:
    """Put products, with their titles, on the desk's list."""
    await tx.execute(
        """
        insert into catalog.in_review (product_id, shop_id, title, asked_at)
        select i, $3, t, $4 from unnest($1::bigint[], $2::text[]) as x(i, t)
        on conflict (product_id) do update set title = excluded.title
        """,
        [product_id for product_id, _ in products],
        [title for _, title in products],
        shop_id,
        tx.now,
    )
    await publish(tx, *(ProductSubmitted(product_id=product_id, shop_id=shop_id) for product_id, _ in products))
