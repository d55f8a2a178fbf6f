"""Makers of shops and their people."""

import secrets
from datetime import datetime, timedelta

from fairground.kit.actor import Actor, person, system
from fairground.kit.db import Database
from fairground.market.accounts.actions.registration import Registration, register_person
from fairground.market.accounts.model import PersonId
from fairground.market.shops.actions.opening import open_shop
from fairground.market.shops.actions.staff import invite_staff, join_shop
from fairground.market.shops.model import Role, Shop, ShopDraft, ShopId
from fairground.market.shops.queries import get_shop

MARKET = system("test")


async def make_owner(db: Database, name: str = "Somebody") -> PersonId:
    """Register a person who can do nothing but act: the password was never chosen."""
    wish = Registration(f"{secrets.token_hex(6)}@example.org", "", name, "en")
    return (await db.write(MARKET, lambda tx: register_person(tx, wish, "never chosen"))).id


async def make_shop(
    db: Database, owner: PersonId | None = None, *, name: str = "Lantern & Clay", slug: str | None = None
) -> Shop:
    """Open a shop for a person, or for a new one."""
    who = owner or await make_owner(db)
    return await db.write(person(who), lambda tx: open_shop(tx, who, ShopDraft(name=name, slug=slug)))


async def make_staff(db: Database, shop: Shop, role: Role) -> PersonId:
    """Register a person who works in a shop."""
    who = await make_owner(db)
    await db.write(MARKET, lambda tx: invite_staff(tx, shop.id, who, role))
    await db.write(person(who), lambda tx: join_shop(tx, shop.id, who))
    return who


async def shop_now(db: Database, shop_id: ShopId) -> Shop:
    """Read a shop again."""
    return await db.read(lambda r: get_shop(r, shop_id))


async def desk_clerk(db: Database) -> Actor:
    """Register somebody of the market's staff; gives the actor."""
    return person(await make_owner(db, "Clerk"), is_staff=True)


async def news(db: Database) -> list[str]:
    """Name the events that nobody has heard yet, in order for one shop; those of people are left out."""
    rows = await db.read(lambda r: r.rows("select name from kit.outbox order by at, id"))
    return [row["name"] for row in rows if not row["name"].startswith("accounts.")]


def days_from(db: Database, days: float) -> datetime:
    """Give a moment so many days from now."""
    return db.clock.now() + timedelta(days=days)
