"""A booth with its owner, and browsers in its rooms."""

import subprocess
from pathlib import Path
from typing import Any

import msgspec
from httpx import AsyncClient

from fairground.market.accounts.model import Person, PersonId
from fairground.market.catalog.model import Product
from fairground.market.orders.model import Order
from fairground.market.shops.actions.staff import invite_staff, join_shop
from fairground.market.shops.model import Role, Shop
from tests.support.accounts import make_person, sign_in_as
from tests.support.catalog import make_product
from tests.support.desk import enter_as
from tests.support.orders import make_buyer, order_now, pay, place_order, receive, settle, ship
from tests.support.shops import MARKET, make_shop
from tests.support.web import Market


class Booth(msgspec.Struct, frozen=True):
    """A shop, who owns it, and what it sells."""

    market: Market
    owner: Person
    shop: Shop
    product: Product

    @property
    def home(self) -> str:
        """The address of its rooms."""
        return f"/seller/{self.shop.slug}"

    async def program(self, person: Person | None = None) -> AsyncClient:
        """Give a client of the API for the owner, or for somebody else."""
        return self.market.program((await sign_in_as(self.market.db, person or self.owner)).token)


async def make_booth(
    market: Market, slug: str = "lantern", *, verified: bool = True, title: str = "Teapot", **more: Any
) -> Booth:
    """Open a shop with one product at 199.00."""
    owner = await make_person(market.db, "Lan", verified=verified)
    shop = await make_shop(market.db, owner.id, name=slug.title(), slug=slug)
    return Booth(market, owner, shop, await make_product(market.db, shop, title=title, **more))


async def enter_booth(booth: Booth, browser: AsyncClient, role: Role | None = None) -> Person:
    """Sign a browser in as the owner, or as somebody new in a role."""
    person = booth.owner
    if role is not None:
        person = await make_person(booth.market.db, role.value)
        who = PersonId(person.id)
        await booth.market.db.write(MARKET, lambda tx: invite_staff(tx, booth.shop.id, who, role))
        from fairground.kit.actor import person as actor_of

        await booth.market.db.write(actor_of(who), lambda tx: join_shop(tx, booth.shop.id, who))
    await enter_as(booth.market, browser, person)
    return person


async def paid_order(booth: Booth, quantity: int = 1, *others: tuple[Product, int], **request: Any) -> Order:
    """Sell something that waits to be shipped."""
    buyer = await make_buyer(booth.market.db)
    order = await place_order(booth.market.db, buyer, (booth.product, quantity), *others, **request)
    await pay(booth.market.db, order)
    await settle(booth.market.db)
    return await order_now(booth.market.db, order)


async def sold_order(booth: Booth, quantity: int = 1, **request: Any) -> Order:
    """Sell something, ship it, have it received: the money is the shop's."""
    order = await paid_order(booth, quantity, **request)
    await receive(booth.market.db, await ship(booth.market.db, order))
    await settle(booth.market.db)
    return await order_now(booth.market.db, order)


def words_of(pdf: bytes, folder: Path) -> str:
    """Read the words of a PDF, by poppler's `pdftotext`."""
    assert pdf.startswith(b"%PDF-"), pdf[:20]
    path = folder / "paper.pdf"
    path.write_bytes(pdf)
    done = subprocess.run(["pdftotext", "-layout", str(path), "-"], check=True, capture_output=True)
    return done.stdout.decode()
