"""Makers of after-sale cases, by the same deeds as in the market."""

from typing import Any

from fairground.kit.actor import Actor, person
from fairground.kit.db import Database
from fairground.market.aftersale.actions.answers import Said, answer_case
from fairground.market.aftersale.actions.cases import open_case
from fairground.market.aftersale.jobs import deadline_handlers
from fairground.market.aftersale.model import (
    ANSWERS,
    Answer,
    Case,
    CaseDraft,
    CaseId,
    CaseKind,
    CaseReason,
    Revision,
    Side,
)
from fairground.market.aftersale.queries.audit import audit_cases
from fairground.market.aftersale.queries.cases import get_case
from fairground.market.aftersale.subscribers import subscribers
from fairground.market.orders.jobs import deadline_handlers as order_deadlines
from fairground.market.orders.model import Order
from fairground.market.orders.subscribers import subscribers as order_subscribers
from fairground.market.shops.actions.face import change_shop
from fairground.market.shops.model import ReturnAddress, Shop, ShopChange
from fairground.market.shops.queries import list_staff
from tests.support.catalog import make_product
from tests.support.orders import assert_all_clean, make_buyer, pay, place_order, receive, ship
from tests.support.shops import make_shop
from tests.support.world import pump

BACK = ReturnAddress("Returns", "+86 571 0000 0000", "CN", "浙江省", "杭州市", "余杭区", ["仓前街 1 号"], "311121")
SORRY = Said("The glaze is cracked.")
PARCEL = Said(carrier="sandbox", tracking_number="SB0000000001")


async def make_selling_shop(db: Database, *, address: ReturnAddress | None = BACK) -> Shop:
    """Open a shop that has told where it takes goods back."""
    shop = await make_shop(db)
    if address is not None:
        change = ShopChange(return_address=address)
        await db.write(await owner_of(db, shop), lambda tx: change_shop(tx, shop.id, change))
    return shop


async def owner_of(db: Database, shop: Shop) -> Actor:
    """Give the owner of a shop as an actor."""
    return person((await db.read(lambda r: list_staff(r, shop.id)))[0].person_id)


async def make_order(
    db: Database, stage: str = "paid", *, shop: Shop | None = None, prices: tuple[int, ...] = (10_000,), **request: Any
) -> Order:
    """Sell one piece of each price; the order is "paid", "shipped" or "received"."""
    shop = shop or await make_selling_shop(db)
    goods = [(await make_product(db, shop, price=price, stock=5), 1) for price in prices]
    order = await pay(db, await place_order(db, await make_buyer(db), *goods, **request))
    if stage in {"shipped", "received"}:
        order = await ship(db, order)
    if stage == "received":
        order = await receive(db, order)
    await settle_all(db)
    return order


async def claim(
    db: Database,
    order: Order,
    kind: CaseKind = CaseKind.REFUND,
    reason: CaseReason = CaseReason.DEFECTIVE,
    *,
    by: Actor | None = None,
    **draft: Any,
) -> Case:
    """Open a case as the buyer."""
    wish = CaseDraft(kind=kind, reason=reason, **draft)
    return await db.write(by or person(order.buyer_id), lambda tx: open_case(tx, order.id, wish))


async def side_of(db: Database, case: Case, side: Side) -> Actor:
    """Give the buyer or the owner of the shop as an actor."""
    if side is Side.BUYER:
        return person(case.buyer_id)
    return person((await db.read(lambda r: list_staff(r, case.shop_id)))[0].person_id)


async def say(
    db: Database, case: Case, answer: Answer, said: Said | None = None, revision: Revision | None = None
) -> Case:
    """Let the side whose answer it is give it, with whatever it needs."""
    actor = await side_of(db, case, ANSWERS[answer][0])
    needs_parcel = answer in {Answer.RETURN_SHIPPED, Answer.REPLACEMENT_SENT}
    words = said or (PARCEL if needs_parcel else SORRY)
    return await db.write(actor, lambda tx: answer_case(tx, case.id, answer, words, revision))


async def case_now(db: Database, case: Case | CaseId) -> Case:
    """Read a case again."""
    case_id = case.id if isinstance(case, Case) else case
    return await db.read(lambda r: get_case(r, case_id))


async def settle_all(db: Database) -> None:
    """Let the news of orders and cases travel and their due deadlines be carried out; nobody else hears them."""
    hearers = [*order_subscribers(), *subscribers()]
    await pump(db, hearers, [*order_deadlines(), *deadline_handlers()])


async def hear_case_news(db: Database, rounds: int = 50) -> None:
    """Let the news travel, while no deadline is looked after."""
    await pump(db, [*order_subscribers(), *subscribers()], [], rounds)


async def assert_market_clean(db: Database) -> None:
    """Prove everything that cases touch."""
    await settle_all(db)
    await assert_all_clean(db)
    assert await db.read(audit_cases) == []
