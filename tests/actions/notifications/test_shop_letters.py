"""The people of a shop hear of its money, its stock and what the desk decides, each of their own work only."""

from datetime import timedelta

import pytest

from fairground.kit.actor import person, system
from fairground.kit.db import Database
from fairground.market.accounts.queries import get_person
from fairground.market.catalog.actions.state import refuse_product
from fairground.market.catalog.model import CatalogRules
from fairground.market.inventory.actions import set_stock
from fairground.market.payments.actions import change_destination, request_payout
from fairground.market.payments.actions.payouts import bounce_payout, settle_payout
from fairground.market.shops.actions.applications import (
    apply_for_mall,
    approve_application,
    refuse_application,
    withdraw_mall_badge,
)
from fairground.market.shops.actions.state import reopen_shop, suspend_shop
from fairground.market.shops.model import Role, ShopRules
from fairground.market.shops.queries import list_waiting_applications
from tests.support.catalog import make_product, make_shirt
from tests.support.given import test_given
from tests.support.letters import kinds_told, send_mail, told
from tests.support.mail import mail_server, plain_text
from tests.support.orders import make_buyer, pay, place_order, receive, ship
from tests.support.payments import ACCOUNT, cny
from tests.support.shops import MARKET, desk_clerk, make_owner, make_shop, make_staff

BANK = system("bank")


async def test_payouts_and_a_new_bank_account_are_told_to_those_who_see_the_money(db: Database) -> None:
    owner = await make_owner(db)
    shop = await make_shop(db, owner)
    clerk = await make_staff(db, shop, Role.CLERK)
    pot = await make_product(db, shop)
    order = await place_order(db, await make_buyer(db), (pot, 1))
    await pay(db, order)
    await db.write(person(owner), lambda tx: change_destination(tx, shop.id, ACCOUNT))
    db.clock.move(timedelta(seconds=1))
    await receive(db, await ship(db, order))
    await told(db, owner)

    async def out(amount: int):  # type: ignore[no-untyped-def]
        return await db.write(
            person(owner),
            lambda tx: request_payout(tx, shop.id, cny(amount), gateway="sandbox", is_verified=True),
        )

    first, second = await out(5_000), await out(3_000)
    for payout in (first, second):
        await db.write(BANK, lambda tx, p=payout: settle_payout(tx, p.id, "r", tx.now))  # type: ignore[misc]
    await told(db, owner)
    await db.write(BANK, lambda tx: bounce_payout(tx, second.id, "closed", tx.now))
    assert [k for k in await kinds_told(db, owner) if "order" not in k] == [
        "shops.bank_changed",
        "shops.payout_paid",
        "shops.payout_paid",
        "shops.payout_bounced",
    ]
    assert await kinds_told(db, clerk) == ["shops.invited", "shops.order_paid"]


async def test_a_new_bank_account_always_goes_by_mail_and_says_from_when(db: Database) -> None:
    owner = await make_owner(db)
    shop = await make_shop(db, owner)
    await db.write(person(owner), lambda tx: change_destination(tx, shop.id, ACCOUNT))
    async with mail_server() as (box, mailer):
        await send_mail(db, mailer)
        email = (await db.read(lambda r: get_person(r, owner))).email
        (letter,) = [x for x in box.to(email) if "bank account" in str(x["Subject"])]
    assert letter["List-Unsubscribe"] is None
    assert ACCOUNT.number.replace(" ", "")[-4:] not in plain_text(letter), "no part of a number in a letter"


async def test_what_runs_low_and_what_is_sold_out_is_told_by_its_title(db: Database) -> None:
    owner = await make_owner(db)
    shop = await make_shop(db, owner)
    shirt = await make_shirt(db, shop, colours=("red",), sizes=("M",))
    variant = shirt.variants[0].id
    await db.write(person(owner), lambda tx: set_stock(tx, variant, 8))
    buyer = await make_buyer(db)
    await place_order(db, buyer, (variant, 6))
    low = [x for x in await told(db, owner) if x.kind == "shops.ran_low"]
    assert [(x.title, x.text) for x in low] == [("Lantern & Clay: “Shirt (red, M)” runs low", "2 left.")]
    await place_order(db, buyer, (variant, 2))
    assert (await told(db, owner))[0].title == "Lantern & Clay: “Shirt (red, M)” is sold out"
    assert (await told(db, owner))[0].link == f"/seller/{shop.slug}/goods/{shirt.id}"


async def test_what_was_filled_up_meanwhile_is_not_told_as_sold_out(db: Database) -> None:
    owner = await make_owner(db)
    pot = await make_product(db, await make_shop(db, owner), stock=1)
    await place_order(db, await make_buyer(db), (pot, 1))
    await db.write(person(owner), lambda tx: set_stock(tx, pot.variants[0].id, 20))
    assert await kinds_told(db, owner) == []


@pytest.mark.parametrize("given", [test_given(ShopRules(approve_stalls=True))])
async def test_what_the_desk_decides_is_told_with_its_reason(db: Database) -> None:
    clerk, owner = await desk_clerk(db), await make_owner(db)
    shop = await make_shop(db, owner)
    (waiting,) = (await db.read(list_waiting_applications)).items
    await db.write(clerk, lambda tx: approve_application(tx, waiting.id))
    await told(db, owner)
    for decide in (refuse_application, approve_application):
        mall = await db.write(
            MARKET,
            lambda tx: apply_for_mall(tx, shop.id, company="Lan", country="CN", number="91110000600037341L"),
        )
        await db.write(clerk, lambda tx, d=decide, m=mall: d(tx, m.id, "The seal is missing."))  # type: ignore[misc]
        await told(db, owner)
    for deed in (withdraw_mall_badge, suspend_shop):
        await db.write(clerk, lambda tx, d=deed: d(tx, shop.id, "Two complaints."))  # type: ignore[misc]
        await told(db, owner)
    await db.write(clerk, lambda tx: reopen_shop(tx, shop.id, "Answered."))
    assert await kinds_told(db, owner) == [
        "shops.approved",
        "shops.refused",
        "shops.badge_granted",
        "shops.badge_withdrawn",
        "shops.suspended",
        "shops.reopened",
    ]
    refused = [letter for letter in await told(db, owner) if letter.kind == "shops.refused"]
    assert "The seal is missing." in refused[0].text


async def test_a_stall_that_opened_by_itself_is_not_told_so(db: Database) -> None:
    owner = await make_owner(db)
    await make_shop(db, owner)
    assert await kinds_told(db, owner) == []


@pytest.mark.parametrize("given", [test_given(CatalogRules(review_products=True))])
async def test_a_product_sent_back_is_told(db: Database) -> None:
    clerk, owner = await desk_clerk(db), await make_owner(db)
    shop = await make_shop(db, owner)
    pot = await make_product(db, shop)
    await db.write(clerk, lambda tx: refuse_product(tx, pot.id, "No picture."))
    (letter,) = await told(db, owner)
    assert (letter.title, letter.link) == (
        "Lantern & Clay: “Teapot” was sent back",
        f"/seller/{shop.slug}/goods/{pot.id}",
    )


async def test_who_is_invited_is_told_where_to_answer(db: Database) -> None:
    shop = await make_shop(db)
    clerk = await make_staff(db, shop, Role.CLERK)
    (letter,) = await told(db, clerk)
    assert (letter.kind, letter.link) == ("shops.invited", "/seller")
