"""Fill an empty market with the demo fair: people, booths, and three weeks of trade told with a moved clock."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Final

import msgspec

from fairground.adapters.gateways.sandbox import SandboxGateway
from fairground.adapters.sandbox.app import MOUNT
from fairground.app.demo.disagreeing import open_cases
from fairground.app.demo.dropping import hold_drops
from fairground.app.demo.jobs import PAINT
from fairground.app.demo.opening import PASSWORD, hash_password, open_booth, register
from fairground.app.demo.painting import open_studio
from fairground.app.demo.reading import Booth, read_fair
from fairground.app.demo.trading import Fair, basket
from fairground.app.gateways import play_bank, sandbox_secret
from fairground.app.inwards import Inwards
from fairground.app.outfit import Outfit
from fairground.app.reach import NotReady
from fairground.app.wiring import subscribers
from fairground.kit.actor import Actor, person, system
from fairground.kit.clock import Clock
from fairground.kit.db import Database, Reader, Tx
from fairground.kit.events import deliver
from fairground.kit.jobs import enqueue
from fairground.kit.money import digits
from fairground.kit.place import Place
from fairground.market.accounts.actions.staff import grant_staff_role
from fairground.market.accounts.model import Address, PersonId, StaffRole
from fairground.market.catalog.actions.categories import plant_categories
from fairground.market.catalog.model import Product
from fairground.market.catalog.queries import list_products_of_shop, map_products
from fairground.market.orders.model import Order
from fairground.market.payments.actions.payouts import change_destination, request_payout
from fairground.market.payments.model import BankAccount
from fairground.market.payments.queries.payouts import payout_figures
from fairground.market.promotions.actions.selling import create_coupon
from fairground.market.promotions.model.coupons import CouponDraft
from fairground.market.promotions.model.pricing import AmountOff
from fairground.market.shops.model import Shop, ShopId

DAYS: Final = 21
ALL: Final = (0, 1023)
BUYERS: Final = (
    ("小文（演示）", "zh-CN"),
    ("Ada (demo)", "en"),
    ("青禾（演示）", "zh-CN"),
    ("老周（演示）", "zh-CN"),
    ("Maya (demo)", "en"),
    ("阿岩（演示）", "zh-CN"),
    ("Tom (demo)", "en"),
    ("小满（演示）", "zh-CN"),
)
CHECKOUTS: Final = 60


class SignIn(msgspec.Struct, frozen=True):
    """Somebody to sign in as."""

    role: str
    email: str
    password: str


class _Stall(msgspec.Struct, frozen=True):
    shop: Shop
    booth: Booth
    seller: Actor


async def is_empty(db: Database) -> bool:
    """Tell whether nobody has ever registered."""

    async def look(reader: Reader) -> bool:
        return not await reader.value(
            "select exists (select 1 from kit.event_log) or exists (select 1 from kit.outbox)"
        )

    return await db.read(look)


async def fill_demo(outfit: Outfit) -> list[SignIn]:
    """Fill the market; gives whom to sign in as.

    Raises:
        NotReady: the market is not empty, or the play bank is off.
    """
    if not await is_empty(outfit.db):
        raise NotReady("this market is not empty: the demo fair fills only a new one")
    if not outfit.settings.sandbox:
        raise NotReady("the demo fair pays at the play bank: switch it on with FAIRGROUND_SANDBOX=true")
    clock = Clock(outfit.clock.now() - Clock().now() - timedelta(days=DAYS))
    past = Database(
        outfit.db.dsn, clock=clock, ids=outfit.db.ids, given=outfit.db.given, connections=4, name="fairground demo"
    )
    await past.open()
    try:
        return await _tell(outfit, past, clock)
    finally:
        await past.close()


async def _tell(outfit: Outfit, db: Database, clock: Clock) -> list[SignIn]:
    await db.write(system("demo"), plant_categories)
    hashed = await hash_password(db)
    clerk = await register(db, hashed, "clerk@example.com", "掌柜（演示）", "zh-CN")
    await db.write(system("demo"), lambda tx: grant_staff_role(tx, clerk.id, StaffRole.OPERATOR, words="demo"))
    stalls = await _open_stalls(outfit, db, hashed)
    async with play_bank(outfit.settings, db, outfit.keyring) as (app, config):
        gateway = SandboxGateway(
            f"http://sandbox{MOUNT}", sandbox_secret(outfit.keyring), clock, transport=Inwards(app)
        )
        fair = Fair(db, {gateway.name: gateway}, config)
        try:
            await _trade(fair, clock, hashed, stalls, until=outfit.clock)
        finally:
            await gateway.close()
    for stall in stalls:
        await db.write(system("demo"), lambda tx, slug=stall.booth.slug: enqueue(tx, PAINT, {"slug": slug}))  # type: ignore[misc]
    return [
        SignIn("buyer", "buyer@example.com", PASSWORD),
        SignIn("seller", "seller@example.com", PASSWORD),
        SignIn("desk", "clerk@example.com", PASSWORD),
    ]


async def _open_stalls(outfit: Outfit, db: Database, hashed: str) -> list[_Stall]:
    stalls = []
    async with open_studio() as studio:
        for at, booth in enumerate(read_fair()):
            email = "seller@example.com" if at == 0 else f"seller-{at + 1}@example.com"
            name = f"{booth.name.of(booth.language)}（演示）"
            owner = await register(db, hashed, email, name, booth.language)
            shop = await open_booth(db, outfit.storage, studio, owner.id, booth)
            stall = _Stall(shop, booth, person(owner.id))
            await db.write(stall.seller, lambda tx, stall=stall: _prepare_stall(tx, stall))  # type: ignore[misc]
            stalls.append(stall)
    return stalls


async def _prepare_stall(tx: Tx, stall: _Stall) -> None:
    """Give a shop its bank account and, some, a coupon."""
    await change_destination(tx, stall.shop.id, BankAccount(stall.shop.name, "6222020200112233", "Demo Bank"))
    unit = 10 ** digits(tx.given(Place).currency)
    if stall.booth.cloth % 2 == 0:
        off, threshold = (20, 150) if stall.booth.cloth else (10, 60)
        title = f"满 {threshold} 减 {off}" if stall.booth.language.startswith("zh") else f"{off} off {threshold}"
        await create_coupon(
            tx,
            stall.shop.id,
            CouponDraft(
                title=title,
                effect=AmountOff(off * unit),
                threshold=threshold * unit,
                starts_at=tx.now,
                ends_at=tx.now + timedelta(days=DAYS + 60),
                total_limit=500,
            ),
        )


async def _trade(fair: Fair, clock: Clock, hashed: str, stalls: Sequence[_Stall], *, until: Clock) -> None:
    by_shop = {stall.shop.id: await _products(fair.db, stall.shop.id) for stall in stalls}
    of_shop = {stall.shop.id: stall for stall in stalls}
    buyers: list[tuple[PersonId, Address, str]] = []
    for at, (name, language) in enumerate(BUYERS):
        email = "buyer@example.com" if at == 0 else f"buyer-{at + 1}@example.com"
        made = await register(fair.db, hashed, email, name, language)
        buyers.append((made.id, await fair.move_in(made.id, name, f"+861390000{1000 + at}"), language))
    step = timedelta(days=DAYS - 0.2) / CHECKOUTS
    for number in range(CHECKOUTS):
        # The first buyer's last checkouts are hers to go on with: one to pay, one on its way.
        mine = number % 6 == 0 or number >= CHECKOUTS - 3
        buyer, address, language = buyers[0] if mine else fair.dice.choice(buyers[1:])
        age = (until.now() - clock.now()).total_seconds() / 86_400
        orders = await fair.buy(buyer, address, basket(fair.dice, by_shop))
        if orders and await _settle(fair, orders[0], age):
            for order in orders:
                await _carry_on(fair, order, of_shop[ShopId(order.shop_id)], age, language)
        clock.move(step)
        await _news(fair.db)
    clock.move(max(timedelta(), until.now() - clock.now()))
    await _news(fair.db)
    for stall in stalls[:4]:
        await _pay_out(fair.db, stall)
    await open_cases(fair.db, buyers[0][0], {stall.shop.id: stall.seller for stall in stalls}, stalls[0].shop.id)
    await hold_drops(fair.db, [(stall.shop, _by_handle(by_shop[stall.shop.id])) for stall in stalls[:2]])
    await _news(fair.db)


async def _settle(fair: Fair, first: Order, age: float) -> bool:
    """Pay a checkout, or leave it, or think again; the orders of one checkout share their payment."""
    luck = fair.dice.random()
    if age < 1 and luck < 0.4:
        return False  # not paid yet
    if luck < 0.05:
        await fair.cancel(first)
        return False
    await fair.pay(first.payment_id)
    return True


async def _carry_on(fair: Fair, order: Order, stall: _Stall, age: float, language: str) -> None:
    """Carry a paid order as far as one of its age (in days) usually is."""
    luck = fair.dice.random()
    if age < 2 and luck < 0.85:
        return  # paid, to be sent
    await fair.send(stall.seller, order)
    if age < 6 and luck < 0.8:
        return  # on its way
    await fair.receive(order)
    if luck > 0.25:
        await _news(fair.db)
        await fair.review(order, stall.seller, language)


async def _pay_out(db: Database, stall: _Stall) -> None:
    currency = db.given(Place).currency
    balance = await db.read(lambda reader: payout_figures(reader, stall.shop.id, currency))
    if balance.available.amount > 10_000:
        await db.write(
            stall.seller,
            lambda tx: request_payout(tx, stall.shop.id, balance.available, gateway="sandbox", is_verified=True),
        )


async def _products(db: Database, shop_id: ShopId) -> list[Product]:
    async def look(reader: Reader) -> list[Product]:
        rows = await list_products_of_shop(reader, shop_id, limit=100)
        found = await map_products(reader, [row.id for row in rows.items])
        return list(found.values())

    return await db.read(look)


def _by_handle(products: Sequence[Product]) -> list[Product]:
    return sorted(products, key=lambda product: product.handle or "")


async def _news(db: Database) -> None:
    """Let news travel as far as it will."""
    while (await deliver(db, subscribers(), ALL)).delivered:
        pass
