"""What the market keeps off sale for a reason of its own, and shops whose new listings the desk looks at first.

Nobody asks here who acts: rooms above call down what they have decided, whoever it was that set it off.
"""

from typing import Final

from fairground.kit.db import Reader, Tx
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.catalog.events import ProductChanged, ProductListed, ProductWithdrawn
from fairground.market.catalog.model import ProductId
from fairground.market.shops.model import ShopId

CHUNK: Final = 1000


async def hold_product(tx: Tx, product_id: ProductId, held_by: Id, reason: str) -> bool:
    """Keep a product off sale for the sake of something (a complaint, a report) until that lets it go.

    While anything holds it, nobody can put it on sale. Gives whether it was held by this before; safe to run twice.
    """
    row = await tx.row(
        """
        select shop_id, state, exists (
                 select 1 from catalog.holds h where h.bucket = $1 and h.product_id = $2 and h.held_by = $3) as known
          from catalog.products where bucket = $1 and id = $2 for update
        """,
        product_id.bucket,
        product_id,
        held_by,
    )
    if row is None or row["known"]:
        return False
    on_sale = row["state"] == "on_sale"
    await tx.execute(
        """
        insert into catalog.holds (bucket, product_id, held_by, was_on_sale, reason, held_at)
        values ($1, $2, $3, $4, $5, $6)
        """,
        product_id.bucket,
        product_id,
        held_by,
        on_sale,
        reason,
        tx.now,
    )
    version = await _move(tx, product_id, held=True, to="off_sale" if on_sale else None, reason=reason)
    if on_sale:
        await publish(tx, ProductWithdrawn(product_id=product_id, shop_id=ShopId(row["shop_id"]), version=version))
    return True


async def release_product(tx: Tx, product_id: ProductId, held_by: Id) -> bool:
    """Let a product go; with the last hold it is on sale again, if a hold took it off. Gives whether it was held."""
    product = await tx.row(
        "select shop_id, state from catalog.products where bucket = $1 and id = $2 for update",
        product_id.bucket,
        product_id,
    )
    gone = await tx.row(
        "delete from catalog.holds where bucket = $1 and product_id = $2 and held_by = $3 returning was_on_sale",
        product_id.bucket,
        product_id,
        held_by,
    )
    if gone is None or product is None:
        return False
    others = await tx.execute(
        "update catalog.holds set was_on_sale = was_on_sale or $3 where bucket = $1 and product_id = $2",
        product_id.bucket,
        product_id,
        gone["was_on_sale"],
    )
    if others:
        return True
    back = gone["was_on_sale"] and product["state"] == "off_sale"
    version = await _move(tx, product_id, held=False, to="on_sale" if back else None, reason="")
    if back:
        await publish(tx, ProductListed(product_id=product_id, shop_id=ShopId(product["shop_id"]), version=version))
    return True


async def _move(tx: Tx, product_id: ProductId, *, held: bool, to: str | None, reason: str) -> int:
    """Note that it is held or free, in another state where one is named; a change of state leaves its version."""
    version = await tx.value(
        """
        with moved as (
          update catalog.products p
             set held = $3, state = coalesce($4, p.state), state_reason = $5,
                 version = p.version + 1, changed_at = $6
            from catalog.products old
           where p.bucket = $1 and p.id = $2 and old.bucket = p.bucket and old.id = p.id
          returning p.bucket, p.id, p.version, old.state as before)
        insert into catalog.product_versions (bucket, product_id, version, changed, before, actor, actor_id, at)
        select bucket, id, version, array['state'], jsonb_build_object('state', before), $7, $8, $6 from moved
        returning version
        """,
        product_id.bucket,
        product_id,
        held,
        to,
        reason,
        tx.now,
        tx.actor.name,
        tx.actor.person_id,
    )
    return int(version)


async def watch_shop(tx: Tx, shop_id: ShopId, *, watched: bool, dimmed: bool = False) -> None:
    """Let the desk look at each new listing of a shop first, or not any more; what is on sale stays.

    A dimmed shop's things stand further below in search. Safe to run twice.
    """
    before = await tx.value(
        "select is_dimmed from catalog.watched_shops where bucket = $1 and shop_id = $2 for update",
        shop_id.bucket,
        shop_id,
    )
    if watched:
        await tx.execute(
            """
            insert into catalog.watched_shops (bucket, shop_id, is_dimmed, since) values ($1, $2, $3, $4)
            on conflict (bucket, shop_id) do update set is_dimmed = excluded.is_dimmed
            """,
            shop_id.bucket,
            shop_id,
            dimmed,
            tx.now,
        )
    else:
        await tx.execute(
            "delete from catalog.watched_shops where bucket = $1 and shop_id = $2", shop_id.bucket, shop_id
        )
    if bool(before) is not (watched and dimmed):
        await _touch(tx, shop_id)


async def _touch(tx: Tx, shop_id: ShopId) -> None:
    """Let whoever keeps an index of a shop's things read them anew."""
    rows = await tx.rows(
        """
        update catalog.products set version = version + 1 where bucket = $1 and shop_id = $2 and state = 'on_sale'
        returning id, version
        """,
        shop_id.bucket,
        shop_id,
    )
    news = [ProductChanged(product_id=ProductId(r["id"]), shop_id=shop_id, version=r["version"]) for r in rows]
    for start in range(0, len(news), CHUNK):
        await publish(tx, *news[start : start + CHUNK])


async def is_watched(reader: Reader, shop_id: ShopId) -> bool:
    """Tell whether the desk looks at a shop's new listings first."""
    return bool(
        await reader.value(
            "select exists (select 1 from catalog.watched_shops where bucket = $1 and shop_id = $2)",
            shop_id.bucket,
            shop_id,
        )
    )


async def is_held(reader: Reader, product_id: ProductId) -> bool:
    """Tell whether the market keeps a product off sale."""
    return bool(
        await reader.value(
            "select held from catalog.products where bucket = $1 and id = $2", product_id.bucket, product_id
        )
    )
