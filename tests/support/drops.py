"""Makers of drops."""

from collections.abc import Sequence
from datetime import timedelta

from fairground.kit.actor import system
from fairground.kit.db import Database, Tx
from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import Product
from fairground.market.promotions.actions.drops import announce_drop, plan_drop
from fairground.market.promotions.model import DropClaim, DropDraft, DropFace, DropId, DropTaking, GoodsWish
from fairground.market.promotions.queries.drops import audit_drops, get_drop
from fairground.market.shops.model import ShopId

MARKET = system("tests")
NOON = timedelta()


def drop_draft(
    db: Database,
    *goods: Product | GoodsWish,
    starts_in: timedelta = NOON,
    lasts: timedelta = timedelta(hours=1),
    price: int = 5_000,
    quota: int = 10,
    each: int = 1,
    room: bool = False,
    per_minute: int | None = None,
    burst: int | None = None,
    title: str = "Noon drop",
) -> DropDraft:
    """Write a drop down; of a product its first variant."""
    start = db.clock.now() + starts_in
    wishes = [g if isinstance(g, GoodsWish) else GoodsWish(g.variants[0].id, price, quota, each) for g in goods]
    return DropDraft(
        title=title,
        words="Only today.",
        language="en",
        starts_at=start,
        ends_at=start + lasts,
        goods=tuple(wishes),
        has_room=room,
        per_minute=per_minute,
        burst=burst,
    )


async def open_drop(db: Database, shop_id: ShopId, draft: DropDraft) -> DropFace:
    """Plan and announce a drop as the market itself, which needs no lead."""

    async def deed(tx: Tx) -> DropFace:
        planned = await plan_drop(tx, shop_id, draft)
        return await announce_drop(tx, planned.id)

    return await db.write(MARKET, deed)


def drop_claim(db: Database, who: PersonId, face: DropFace, pieces: int = 1, *variants: Id) -> DropClaim:
    """Write down that a checkout of somebody wants pieces of each (or some) of a drop's goods."""
    wanted: Sequence[Id] = variants or [goods.variant_id for goods in face.goods]
    order = db.ids.make(Id, who.bucket, db.clock.now())
    checkout = db.ids.make(Id, who.bucket, db.clock.now())
    return DropClaim(checkout, who, tuple(DropTaking(face.id, v, order, pieces) for v in wanted))


async def drop_now(db: Database, face: DropFace | DropId) -> DropFace:
    """Read a drop again."""
    drop_id = face.id if isinstance(face, DropFace) else face
    return await db.read(lambda r: get_drop(r, drop_id))


async def assert_drops_agree(db: Database) -> None:
    """Prove all counters of drops."""
    assert await db.read(audit_drops) == []
