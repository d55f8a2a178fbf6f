"""The life of orders against a plain model: whatever people and time do, the books balance after every step."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from fairground.kit.db import Database
from fairground.kit.errors import Trouble
from fairground.kit.ids import IdMaker
from fairground.market.ledger.model import AccountKind, owned_account
from fairground.market.ledger.queries import balance
from fairground.market.orders.actions.cancel import cancel_order, refund_by_shop
from fairground.market.orders.actions.extend import extend_receipt
from fairground.market.orders.errors import NoMoreExtensions
from fairground.market.orders.intake.prepared import Placed
from fairground.market.orders.model import Order, OrderState
from fairground.market.orders.model.quote import CheckoutRequest
from fairground.market.promotions.model import AmountOff
from tests.support.catalog import make_product
from tests.support.inventory import stock_of
from tests.support.orders import (
    arrival,
    as_seller,
    assert_all_clean,
    buyer_of,
    check_out,
    expire,
    hear,
    lines_of,
    make_buyer,
    notice_for,
    order_now,
    orders_of,
    receive,
    settle,
    ship,
)
from tests.support.promotions import draft, make_coupon
from tests.support.shops import make_shop

PRICES = (1_000, 777, 12_345)
STOCK = 6
WISH = st.dictionaries(st.integers(0, 2), st.integers(1, 3), min_size=1, max_size=3)
PICK = st.integers(0, 99)


class OrderLife(RuleBasedStateMachine):
    """Three products in two shops, two buyers, a coupon; the model knows states and pieces."""

    db: Database
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.run = self.runner.run
        shops = [self.run(make_shop(self.db)) for _ in range(2)]
        self.shops = shops
        where = (shops[0], shops[0], shops[1])
        self.goods = [
            self.run(make_product(self.db, s, price=p, stock=STOCK)) for s, p in zip(where, PRICES, strict=True)
        ]
        wish = draft(self.db, AmountOff(500), threshold=1_500, total=3, each=2, days=170, code="HALF")
        self.coupon = self.run(make_coupon(self.db, wish, shop=shops[0].id))
        self.buyers = [self.run(make_buyer(self.db)) for _ in range(2)]
        self.state: dict[int, str] = {}
        self.orders: dict[int, Order] = {}
        self.pieces: dict[int, dict[int, int]] = {}  # of each order: product → pieces
        self.notices: dict[int, Any] = {}  # of each payment
        self.refunds: dict[int, int] = {}
        self.free = [STOCK] * 3

    def pick(self, number: int, *states: str) -> Order | None:
        found = [order for order_id, order in sorted(self.orders.items()) if self.state[order_id] in states]
        return found[number % len(found)] if found else None

    def end(self, order: Order, state: str = "closed") -> None:
        if state == "closed":
            for which, quantity in self.pieces[order.id].items():
                self.free[which] += quantity
        self.state[order.id] = state

    @rule(wishes=st.lists(st.tuples(WISH, st.integers(0, 1), st.booleans()), min_size=1, max_size=4))
    def check_out_a_batch(self, wishes: list[tuple[dict[int, int], int, bool]]) -> None:
        arrivals = []
        for wish, buyer, coupon in wishes:
            who, address = self.buyers[buyer]
            codes = ("HALF",) if coupon and (0 in wish or 1 in wish) else ()
            lines = lines_of(*[(self.goods[which], quantity) for which, quantity in wish.items()])
            arrivals.append(arrival(who, CheckoutRequest(address_id=address.id, lines=lines, coupons=codes)))
        for (wish, _, _), outcome in zip(wishes, self.run(check_out(self.db, *arrivals)), strict=True):
            if not isinstance(outcome, Placed):
                continue
            for order in self.run(orders_of(self.db, outcome.answer)):
                mine = [which for which in wish if (which < 2) == (order.shop_id == self.shops[0].id)]
                self.orders[order.id], self.state[order.id] = order, "placed"
                self.pieces[order.id] = {which: wish[which] for which in mine}
                self.notices[order.payment_id] = self.run(notice_for(self.db, order))
            for which, quantity in wish.items():
                self.free[which] -= quantity

    def of_payment(self, order: Order) -> list[Order]:
        return [o for o in self.orders.values() if o.payment_id == order.payment_id]

    @rule(number=PICK)
    def pay(self, number: int) -> None:
        order = self.pick(number, "placed", "paid", "shipped", "received", "closed")
        if order is None:
            return
        self.run(hear(self.db, self.notices[order.payment_id]))
        for mine in self.of_payment(order):
            if self.state[mine.id] == "placed":
                self.state[mine.id] = "paid"

    @rule(number=PICK)
    def expire_one(self, number: int) -> None:
        order = self.pick(number, "placed", "paid", "closed")
        if order is not None:
            self.run(expire(self.db, order.payment_id))
            self.close_placed(order)

    def close_placed(self, order: Order) -> None:
        for mine in self.of_payment(order):
            if self.state[mine.id] == "placed":
                self.end(mine)

    @rule(number=PICK)
    def cancel(self, number: int) -> None:
        order = self.pick(number, "placed", "paid", "shipped", "received", "closed")
        if order is None:
            return
        try:
            self.run(self.db.write(buyer_of(order), lambda tx: cancel_order(tx, order.id)))
        except Trouble:
            assert self.state[order.id] in {"shipped", "received", "closed"}
            return
        if self.state[order.id] == "placed":
            self.close_placed(order)
        else:
            self.end(order)

    @rule(number=PICK, percent=st.integers(1, 100))
    def refund(self, number: int, percent: int) -> None:
        order = self.pick(number, "paid")
        if order is None:
            return
        held = order.total - self.refunds.get(order.id, 0)
        amount = max(1, held * percent // 100)
        self.run(as_seller(self.db, order, lambda tx: refund_by_shop(tx, order.id, amount)))
        self.refunds[order.id] = self.refunds.get(order.id, 0) + amount
        if amount == held:
            self.end(order)

    @rule(number=PICK)
    def send(self, number: int) -> None:
        order = self.pick(number, "paid")
        if order is not None:
            self.run(ship(self.db, order))
            self.state[order.id] = "shipped"

    @rule(number=PICK)
    def confirm(self, number: int) -> None:
        order = self.pick(number, "shipped")
        if order is not None:
            self.run(receive(self.db, order))
            self.end(order, "received")

    @rule(number=PICK)
    def extend(self, number: int) -> None:
        order = self.pick(number, "shipped")
        if order is not None:
            with suppress(NoMoreExtensions):
                self.run(self.db.write(buyer_of(order), lambda tx: extend_receipt(tx, order.id)))

    @precondition(lambda self: self.orders)
    @rule()
    def let_two_weeks_pass(self) -> None:
        self.db.clock.move(timedelta(days=14))
        self.run(settle(self.db))
        for order in self.orders.values():
            if self.state[order.id] == "shipped":
                self.end(order, "received")

    @rule()
    def let_news_travel(self) -> None:
        self.run(settle(self.db))

    @invariant()
    def everything_agrees(self) -> None:
        self.run(assert_all_clean(self.db))
        for order_id, state in self.state.items():
            assert self.run(order_now(self.db, self.orders[order_id])).state == OrderState(state)
        assert [self.run(stock_of(self.db, p.variants[0].id)) for p in self.goods] == self.free

    def teardown(self) -> None:
        """When all news has travelled, each shop has just what its received orders brought."""
        self.run(settle(self.db))
        for shop in self.shops:
            mine = [o for o in self.orders.values() if o.shop_id == shop.id and self.state[o.id] == "received"]
            brought = sum(self.run(order_now(self.db, order)).proceeds.shop for order in mine)
            account = owned_account(AccountKind.SHOP, shop.id, "CNY")
            assert self.run(self.db.read(lambda r, a=account: balance(r, a))).amount == brought


def test_orders_live_as_the_rules_say_and_the_books_always_balance(dsn: str, clock: Any, given: Any) -> None:
    with asyncio.Runner() as runner:
        OrderLife.runner = runner
        OrderLife.db = Database(dsn, clock=clock, ids=IdMaker(0), given=given, connections=3)
        runner.run(OrderLife.db.open())
        quick = settings(
            max_examples=12,
            stateful_step_count=18,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        run_state_machine_as_test(OrderLife, settings=quick)
        runner.run(OrderLife.db.close())
