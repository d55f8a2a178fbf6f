"""Makers of carts."""

from fairground.kit.actor import GUEST
from fairground.kit.db import Database
from fairground.kit.ids import any_bucket
from fairground.market.accounts.model import PersonId
from fairground.market.cart.actions import add_line, new_guest
from fairground.market.cart.model import CartOwner, CartView
from fairground.market.cart.view import look_at_cart
from fairground.market.catalog.model import Product, VariantId


def person_cart(db: Database) -> CartOwner:
    """Give the cart of a person; carts know people by their ids only."""
    return CartOwner(db.ids.make(PersonId, any_bucket(), db.clock.now()))


async def guest_cart(db: Database) -> CartOwner:
    """Give the cart of a new guest."""

    async def make(tx):  # type: ignore[no-untyped-def]
        return new_guest(tx)

    return await db.write(GUEST, make)


def variant_of(product: Product, number: int = 0) -> VariantId:
    """Give the id of a variant of a product."""
    return product.variants[number].id


async def put_in(db: Database, owner: CartOwner, *things: Product | VariantId, quantity: int = 1) -> int:
    """Put things into a cart, one after the other; a product stands for its first variant."""
    count = 0
    for thing in things:
        variant_id = variant_of(thing) if isinstance(thing, Product) else thing
        count = await db.write(GUEST, lambda tx, v=variant_id: add_line(tx, owner, v, quantity))  # type: ignore[misc]
    return count


async def cart_now(db: Database, owner: CartOwner) -> CartView:
    """See a cart as it stands."""
    return await db.read(lambda r: look_at_cart(r, owner))


async def contents(db: Database, owner: CartOwner) -> dict[VariantId, int]:
    """Give what lies in a cart: variant → pieces. The count beside the lines must agree."""
    rows = await db.read(
        lambda r: r.rows(
            "select variant_id, quantity from cart.lines where bucket = $1 and owner_id = $2", owner.id.bucket, owner.id
        )
    )
    count = await db.read(
        lambda r: r.value(
            "select line_count from cart.carts where bucket = $1 and owner_id = $2", owner.id.bucket, owner.id
        )
    )
    assert len(rows) == (count or 0), f"{len(rows)} lines, counted as {count}"
    return {VariantId(row["variant_id"]): row["quantity"] for row in rows}
