"""Buyers and shops hear what happens to an order: each letter once, in their language, leading to the right page."""

from datetime import timedelta

import pytest

from fairground.kit.actor import person as acting
from fairground.kit.actor import system
from fairground.kit.db import Database, Tx
from fairground.kit.ids import Id
from fairground.market.accounts.actions.addresses import AddressWish, add_address
from fairground.market.orders.actions.cancel import cancel_order, refund_by_shop, refuse_to_cancel
from fairground.market.orders.actions.extend import extend_receipt
from fairground.market.orders.model import Order, OrderRules
from fairground.market.payments.actions.refunds import fail_refund, finish_refund
from fairground.market.payments.model import RefundId
from fairground.market.reviews.actions.afterwards import answer_review
from fairground.market.reviews.model import ReviewDraft
from fairground.market.shops.model import Role, Shop
from tests.support.accounts import make_person
from tests.support.catalog import make_product
from tests.support.given import test_given
from tests.support.letters import kinds_told, send_mail, told
from tests.support.mail import mail_server, plain_text
from tests.support.orders import (
    as_seller,
    buyer_of,
    expire,
    hear,
    make_buyer,
    notice_for,
    order_now,
    pay,
    place_order,
    place_orders,
    receive,
    ship,
)
from tests.support.reviews import rate, write
from tests.support.shops import make_shop, make_staff
from tests.support.statements import statements


async def test_a_buyer_hears_of_payment_parcel_and_refund_by_mail_in_their_language(db: Database) -> None:
    shop = await make_shop(db, name="灯与陶")
    pot = await make_product(db, shop, price=16_800)
    person = await make_person(db, "李明", email="li@example.org", language="zh-CN")
    wish = AddressWish("李明", "+86 138 0013 8000", "CN", "浙江省", "杭州市", "西湖区", ["文三路 1 号"], "310000")
    buyer = person.id, await db.write(acting(person.id), lambda tx: add_address(tx, person.id, wish))
    order = await ship(db, await pay(db, await place_order(db, buyer, (pot, 1))))
    async with mail_server() as (box, mailer):
        await send_mail(db, mailer)
        letters = {str(letter["Subject"]): plain_text(letter) for letter in box.to("li@example.org")}
    paid, sent = letters["已收到您的付款 ¥168.00"], letters["灯与陶已发货"]
    assert order.shown_number in paid
    assert f"http://127.0.0.1:8000/orders/{order.id}" in sent
    assert "自动" not in paid
    assert "2026年6月28日" in sent, "when silence will count as receipt"


async def test_one_payment_for_three_shops_is_one_letter(db: Database) -> None:
    pots = [await make_product(db, await make_shop(db, name=name)) for name in ("Clay", "Ink", "Paper")]
    buyer = await make_buyer(db)
    orders = await place_orders(db, buyer, *((pot, 1) for pot in pots))
    await hear(db, await notice_for(db, orders[0]))
    (letter,) = [x for x in await told(db, buyer[0]) if x.kind.startswith("buyers.")]
    assert (letter.title, letter.link) == ("We have your payment of ¥597.00", "/orders")
    assert "Clay, Ink, Paper" in letter.text


async def test_an_unpaid_checkout_is_reminded_of_and_its_end_told_once(db: Database) -> None:
    pots = [await make_product(db, await make_shop(db)) for _ in range(2)]
    buyer = await make_buyer(db)
    orders = await place_orders(db, buyer, *((pot, 1) for pot in pots))
    db.clock.move(timedelta(hours=22, minutes=59))
    assert await kinds_told(db, buyer[0]) == []
    db.clock.move(timedelta(minutes=2))
    (reminder,) = await told(db, buyer[0])
    assert (reminder.kind, reminder.link) == ("buyers.pay_soon", f"/pay/{orders[0].payment_id}")
    db.clock.move(timedelta(hours=1))
    await expire(db, orders[0].payment_id)
    assert await kinds_told(db, buyer[0]) == ["buyers.pay_soon", "buyers.unpaid"]


async def test_who_takes_back_what_was_not_paid_gets_no_letter(db: Database) -> None:
    order = await place_order(db, await make_buyer(db), (await make_product(db, await make_shop(db)), 1))
    await db.write(buyer_of(order), lambda tx: cancel_order(tx, order.id))
    assert await kinds_told(db, order.buyer_id) == []


async def test_a_cancelled_order_is_told_to_both_sides_and_so_is_the_money(db: Database) -> None:
    shop = await make_shop(db)
    db.clock.move(timedelta(seconds=1))  # who joined first is the owner
    clerk, keeper = await make_staff(db, shop, Role.CLERK), await make_staff(db, shop, Role.ACCOUNTANT)
    order = await _paid(db, shop)
    await db.write(buyer_of(order), lambda tx: cancel_order(tx, order.id, "Changed my mind"))
    refund_id = RefundId(await db.read(lambda r: r.value("select id from payments.refunds")))
    await db.write(system("gateway"), lambda tx: fail_refund(tx, refund_id, "closed account"))
    await told(db, order.buyer_id)
    await db.write(system("gateway"), lambda tx: finish_refund(tx, refund_id, "by hand", tx.now))
    assert await kinds_told(db, order.buyer_id) == [
        "buyers.paid",
        "buyers.cancelled",
        "buyers.refund_failed",
        "buyers.refund_done",
    ]
    assert await kinds_told(db, clerk) == ["shops.invited", "shops.order_paid", "shops.order_cancelled"]
    assert await kinds_told(db, keeper) == ["shops.invited"], "packing is not their work"
    (letter, *_) = await told(db, clerk)
    assert letter.link == f"/seller/{shop.slug}/orders/{order.id}"


@pytest.mark.parametrize("given", [test_given(OrderRules(cancel_needs_yes=True))])
async def test_a_shop_is_asked_before_it_is_cancelled_where_the_rules_say_so(db: Database) -> None:
    order = await _paid(db)
    await db.write(buyer_of(order), lambda tx: cancel_order(tx, order.id))
    seller = await as_seller(db, order, _who)
    assert await kinds_told(db, seller) == ["shops.order_paid", "shops.cancel_asked"]
    await as_seller(db, order, lambda tx: refuse_to_cancel(tx, order.id, "It is packed"))
    assert (await kinds_told(db, order.buyer_id))[-1] == "buyers.cancel_refused"


async def _paid(db: Database, shop: Shop | None = None) -> Order:
    """Place and pay an order, with its news out."""
    pot = await make_product(db, shop or await make_shop(db))
    order = await pay(db, await place_order(db, await make_buyer(db), (pot, 1)))
    await told(db, order.buyer_id)
    return order


async def _shipped(db: Database, shop: Shop | None = None) -> Order:
    order = await ship(db, await _paid(db, shop))
    await told(db, order.buyer_id)
    return order


async def _who(tx: Tx) -> Id:
    assert tx.actor.person_id is not None
    return tx.actor.person_id


async def test_a_late_shop_is_told_to_both_sides(db: Database) -> None:
    order = await _paid(db)
    seller = await as_seller(db, order, _who)
    db.clock.move(timedelta(hours=49))
    (letter, *_) = await told(db, order.buyer_id)
    assert letter.kind == "buyers.ships_late"
    assert "¥9.95" in letter.text, "5 % of the order"
    assert (await kinds_told(db, seller))[-1] == "shops.ships_late"


async def test_a_part_of_the_money_back_is_told(db: Database) -> None:
    order = await _paid(db)
    await as_seller(db, order, lambda tx: refund_by_shop(tx, order.id, 500))
    assert (await told(db, order.buyer_id))[0].title == "Lantern & Clay gives ¥5.00 back"
    await as_seller(db, order, lambda tx: refund_by_shop(tx, order.id))
    assert (await kinds_told(db, order.buyer_id))[-1] == "buyers.refunded"


async def test_money_that_came_too_late_is_told(db: Database) -> None:
    order = await place_order(db, await make_buyer(db), (await make_product(db, await make_shop(db)), 1))
    notice = await notice_for(db, order)
    await expire(db, order.payment_id)
    await hear(db, notice)
    assert await kinds_told(db, order.buyer_id) == ["buyers.unpaid", "buyers.paid_too_late"]


async def test_silence_is_reminded_of_two_days_before_it_counts(db: Database) -> None:
    order = await _shipped(db)
    db.clock.move(timedelta(days=7, hours=23))
    assert "buyers.confirm_soon" not in await kinds_told(db, order.buyer_id)
    await db.write(buyer_of(order), lambda tx: extend_receipt(tx, order.id))
    await told(db, order.buyer_id)
    db.clock.move(timedelta(days=1))
    assert "buyers.confirm_soon" not in await kinds_told(db, order.buyer_id), "it was put off"
    db.clock.move(timedelta(days=2, hours=2))
    assert (await kinds_told(db, order.buyer_id))[-1] == "buyers.confirm_soon"
    assert (await order_now(db, order)).received_at is None


async def test_what_was_received_is_reminded_of_no_more_and_the_money_told(db: Database) -> None:
    shop = await make_shop(db)
    db.clock.move(timedelta(seconds=1))  # who joined first is the owner
    keeper = await make_staff(db, shop, Role.ACCOUNTANT)
    order = await _shipped(db, shop)
    await told(db, order.buyer_id)
    await receive(db, order)
    (letter, *_) = await told(db, keeper)
    assert (letter.kind, letter.link) == ("shops.order_received", f"/seller/{shop.slug}/money")
    assert "¥193.03 is yours, after a commission of ¥5.97" in letter.text
    db.clock.move(timedelta(days=30))
    assert "buyers.confirm_soon" not in await kinds_told(db, order.buyer_id)


async def test_reviews_and_answers_are_told(db: Database) -> None:
    shop = await make_shop(db)
    order = await _shipped(db, shop)
    order = await receive(db, order)
    (review_id,) = await write(db, order, ReviewDraft(4), hidden=True)
    seller = await as_seller(db, order, _who)
    assert not any("review" in letter.title for letter in await told(db, seller)), "hidden until both wrote"
    await rate(db, order)
    assert (await told(db, seller))[0].title == "Lantern & Clay: a new review with 4 of 5 stars"
    await as_seller(db, order, lambda tx: answer_review(tx, review_id, "Thank you."))
    assert (await kinds_told(db, order.buyer_id))[-1] == "buyers.answered"


async def test_many_orders_are_told_in_few_statements(db: Database) -> None:
    pots = [await make_product(db, await make_shop(db), stock=None) for _ in range(6)]
    buyer = await make_buyer(db)
    orders = await place_orders(db, buyer, *((pot, 1) for pot in pots))
    await told(db, buyer[0])
    await hear(db, await notice_for(db, orders[0]))
    with statements() as seen:
        await told(db, buyer[0])
    assert len([sql for sql in seen if "insert into notifications.letters" in sql]) == 2, "to the buyer, to six shops"
