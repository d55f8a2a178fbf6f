"""Pictures that files name: which of ours they are already, which must be fetched, and putting them in their place."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import msgspec

from fairground.kit.db import Reader, Row, Tx
from fairground.kit.errors import N_
from fairground.kit.events import publish
from fairground.kit.place import Place
from fairground.market.catalog.actions.rows import plain
from fairground.market.catalog.events import ProductChanged
from fairground.market.catalog.exchange.actions import write_refusals
from fairground.market.catalog.exchange.model import ImportId, ReadPicture, ReadProduct, Refusal
from fairground.market.catalog.model import CatalogRules, Picture, ProductId, VariantId
from fairground.market.media.actions import add_picture, request_pictures
from fairground.market.media.events import PictureFailed, PictureFetched
from fairground.market.media.model import MediaId, StoredPicture
from fairground.market.media.queries import hash_address, map_fetched, map_pictures, map_same
from fairground.market.shops.model import ShopId


class Wanted(msgspec.Struct, frozen=True):
    """A picture to be fetched for a product: its place, and the variants it shows."""

    product_id: ProductId
    line: int
    position: int
    picture: ReadPicture
    variant_ids: list[VariantId]


async def find_known(
    tx: Tx, shop_id: ShopId, products: Iterable[ReadProduct], stored: Mapping[str, StoredPicture]
) -> dict[str, MediaId]:
    """Tell which addresses are pictures of the shop already: our own, fetched before, or read from beside the file."""
    addresses = {picture.address for product in products for picture in product.pictures}
    known = await find_own(tx, shop_id, addresses)
    here = sorted((addresses & stored.keys()) - known.keys())
    same = await map_same(tx, shop_id, [stored[address].sha256 for address in here]) if here else {}
    for address in here:
        picture = stored[address]
        if picture.sha256 not in same:
            same[picture.sha256] = await add_picture(tx, shop_id, picture, is_public=True)
        known[address] = same[picture.sha256]
    return known | await map_fetched(tx, shop_id, addresses - known.keys())


async def find_own(reader: Reader, shop_id: ShopId, addresses: Iterable[str]) -> dict[str, MediaId]:
    """Tell which addresses are those of the shop's own pictures, as our files name them."""
    place = reader.given(Place)
    named = {address: own for address in addresses if (own := _own_picture(address, place)) is not None}
    infos = await map_pictures(reader, named.values())
    return {a: own for a, own in named.items() if own in infos and infos[own].owner_id == shop_id}


def _own_picture(address: str, place: Place) -> MediaId | None:
    web = re.escape(place.url) + r"/media/(\d{1,19})/\d+\.webp"
    found = re.fullmatch(web, address) or re.fullmatch(r"pictures/(\d{1,19})\.webp", address)
    return MediaId.parse(found[1]) if found else None


async def ask_for(tx: Tx, shop_id: ShopId, import_id: ImportId, wanted: Sequence[Wanted]) -> None:
    """Ask that pictures be fetched; each finds its place when it comes."""
    if not wanted:
        return
    fetches = await request_pictures(tx, shop_id, [(w.product_id, w.picture.address) for w in wanted])
    await _note(tx, import_id, wanted, {"state": "asked"}, fetches, [None] * len(wanted))


async def note_placed(tx: Tx, import_id: ImportId, placed: Sequence[tuple[Wanted, MediaId]]) -> None:
    """Remember which pictures of products came from a file, so that another file may replace them."""
    if placed:
        wanted = [w for w, _ in placed]
        await _note(tx, import_id, wanted, {"state": "done"}, [None] * len(wanted), [m for _, m in placed])


async def _note(
    tx: Tx,
    import_id: ImportId,
    wanted: Sequence[Wanted],
    how: Mapping[str, str],
    fetches: Sequence[Any],
    media: Sequence[Any],
) -> None:
    await tx.execute(
        """
        insert into catalog.import_pictures
               (bucket, product_id, address_hash, address, import_id, line, position, alt, in_gallery, variant_ids,
                fetch_id, media_id, state)
        select distinct on (p, h) $1, p, h, a, $2, l, o, t, g, string_to_array(v, ' ')::bigint[], f, m,
               $3
          from unnest($4::bigint[], $5::bytea[], $6::text[], $7::int[], $8::smallint[], $9::text[], $10::boolean[],
                      $11::text[], $12::bigint[], $13::bigint[]) as x(p, h, a, l, o, t, g, v, f, m)
        on conflict (bucket, product_id, address_hash) do update
           set import_id = excluded.import_id, line = excluded.line, position = excluded.position, alt = excluded.alt,
               in_gallery = excluded.in_gallery, variant_ids = excluded.variant_ids, fetch_id = excluded.fetch_id,
               media_id = excluded.media_id, state = excluded.state
        """,
        import_id.bucket,
        import_id,
        how["state"],
        [w.product_id for w in wanted],
        [hash_address(w.picture.address) for w in wanted],
        [w.picture.address for w in wanted],
        [w.line for w in wanted],
        [w.position for w in wanted],
        [w.picture.alt for w in wanted],
        [w.picture.in_gallery for w in wanted],
        [" ".join(str(int(v)) for v in w.variant_ids) for w in wanted],
        list(fetches),
        list(media),
    )


async def place_pictures(tx: Tx, events: Sequence[PictureFetched]) -> None:
    """Put fetched pictures where the file wanted them; safe to run twice."""
    rows = await tx.rows(
        """
        update catalog.import_pictures i set state = 'done', media_id = t.m
          from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, f, m)
         where i.bucket = t.b and i.fetch_id = t.f and i.state = 'asked'
        returning i.bucket, i.product_id, i.media_id, i.alt, i.in_gallery, i.variant_ids
        """,
        [e.fetch_id.bucket for e in events],
        [e.fetch_id for e in events],
        [e.media_id for e in events],
    )
    if rows:
        await _show_in_galleries(tx, [row for row in rows if row["in_gallery"]])
        await _show_on_variants(tx, rows)


async def _show_in_galleries(tx: Tx, rows: Sequence[Row]) -> None:
    if not rows:
        return
    products = await _lock(tx, sorted({(row["bucket"], row["product_id"]) for row in rows}))
    places = await _places(tx, [(product["bucket"], product["id"]) for product in products])
    changed = []
    for product in products:
        before: list[dict[str, Any]] = product["pictures"]
        new = [row for row in rows if row["product_id"] == product["id"]]
        now = before + [plain(Picture(MediaId(row["media_id"]), row["alt"])) for row in new]
        # In the order of the file; what the shop added by hand stays behind.
        now.sort(key=lambda picture: places.get((product["id"], picture["media_id"]), 10_000))
        changed.append((product, before, now[: tx.given(CatalogRules).pictures_most]))
    await _write_galleries(tx, changed)


async def _lock(tx: Tx, keys: Sequence[tuple[int, int]]) -> list[Row]:
    return await tx.rows(
        """
        select p.bucket, p.id, p.shop_id, p.pictures, p.state, p.version from catalog.products p
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on p.bucket = t.b and p.id = t.i
         order by p.bucket, p.id for no key update of p
        """,
        [bucket for bucket, _ in keys],
        [product_id for _, product_id in keys],
    )


async def _places(tx: Tx, keys: Sequence[tuple[int, int]]) -> dict[tuple[int, int], int]:
    rows = await tx.rows(
        """
        select i.product_id, i.media_id, i.position from catalog.import_pictures i
          join unnest($1::smallint[], $2::bigint[]) as t(b, p) on i.bucket = t.b and i.product_id = t.p
         where i.state = 'done'
        """,
        [bucket for bucket, _ in keys],
        [product_id for _, product_id in keys],
    )
    return {(row["product_id"], row["media_id"]): row["position"] for row in rows}


async def _write_galleries(tx: Tx, changed: Sequence[tuple[Row, list[Any], list[Any]]]) -> None:
    ids = [product["id"] for product, _, _ in changed]
    buckets = [product["bucket"] for product, _, _ in changed]
    await tx.execute(
        """
        update catalog.products p
           set pictures = t.now -> 'pictures', picture_id = (t.now -> 'pictures' -> 0 ->> 'media_id')::bigint,
               version = version + 1, changed_at = $4
          from unnest($1::smallint[], $2::bigint[], $3::jsonb[]) as t(b, i, now) where p.bucket = t.b and p.id = t.i
        """,
        buckets,
        ids,
        [{"pictures": now} for _, _, now in changed],  # an array of arrays would be one of two dimensions
        tx.now,
    )
    await tx.execute(
        """
        insert into catalog.product_versions (bucket, product_id, version, changed, before, actor, at)
        select b, i, v, array['pictures'], was, $5, $6
          from unnest($1::smallint[], $2::bigint[], $3::int[], $4::jsonb[]) as t(b, i, v, was)
        """,
        buckets,
        ids,
        [product["version"] + 1 for product, _, _ in changed],
        [{"pictures": before} for _, before, _ in changed],
        tx.actor.name,
        tx.now,
    )
    news = [
        ProductChanged(product_id=ProductId(p["id"]), shop_id=ShopId(p["shop_id"]), version=p["version"] + 1)
        for p, _, _ in changed
        if p["state"] == "on_sale"
    ]
    await publish(tx, *news)


async def _show_on_variants(tx: Tx, rows: Sequence[Row]) -> None:
    shown = [(row["bucket"], variant_id, row["media_id"]) for row in rows for variant_id in row["variant_ids"]]
    if shown:
        await tx.execute(
            """
            update catalog.variants v set picture_id = t.m
              from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, i, m)
             where v.bucket = t.b and v.id = t.i and v.removed_at is null
            """,
            *(list(column) for column in zip(*shown, strict=True)),
        )


async def note_failed(tx: Tx, event: PictureFailed) -> None:
    """Tell in the import's report that a picture did not come; the product stays. Safe to run twice."""
    row = await tx.row(
        """
        update catalog.import_pictures set state = 'failed'
         where bucket = $1 and fetch_id = $2 and state = 'asked' returning import_id, line, address
        """,
        event.fetch_id.bucket,
        event.fetch_id,
    )
    if row is None:
        return
    import_id = ImportId(row["import_id"])
    there = await tx.execute(
        """
        update catalog.imports set pictures_failed = pictures_failed + 1, notes = notes + 1
         where bucket = $1 and id = $2
        """,
        import_id.bucket,
        import_id,
    )
    if there:
        words = N_("The picture %(address)s did not come (%(why)s); the product is here without it.")
        params = {"address": row["address"][:300], "why": event.code}
        await write_refusals(tx, import_id, [Refusal(row["line"], "", "exchange.picture", words, params, is_note=True)])
