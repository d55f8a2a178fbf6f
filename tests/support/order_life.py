"""The machine: carts, limits, promotions, drops, cancellations, payments and time against a plain model, in any order.

After every step the books balance, every order is in the state of the model, and so are stock, carts and limits.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

import msgspec
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from fairground.kit.db import Database
from fairground.kit.errors import Trouble
from fairground.kit.ids import IdMaker
from fairground.market.cart.model import CartOwner
from fairground.market.ledger.model import AccountKind, owned_account
from fairground.market.ledger.queries import balance
from fairground.market.orders.actions.cancel import cancel_order, refund_by_shop
from fairground.market.orders.actions.close import close_expired
from fairground.market.orders.actions.extend import extend_receipt
from fairground.market.orders.actions.pay import confirm_payments
from fairground.market.orders.errors import NoMoreExtensions
from fairground.market.orders.intake.prepared import Outcome, Placed
from fairground.market.orders.model import Order, OrderState
from fairground.market.orders.model.quote import CheckoutRequest
from fairground.market.payments.jobs import close_unpaid
from fairground.market.promotions.model import AmountOff
from tests.support.cart import contents, put_in
from tests.support.catalog import make_product
from tests.support.drops import assert_drops_agree, drop_draft, drop_now, open_drop
from tests.support.inventory import stock_of
from tests.support.order_model import COUPON_EACH, COUPON_TOTAL, DROPPED, STOCK, OrderModel, OrderNow
from tests.support.orders import (
    arrival,
    as_seller,
    assert_all_clean,
    buyer_of,
    check_out,
    hear,
    hear_news,
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
DROP_LASTS = timedelta(days=7)
WISH = st.dictionaries(st.integers(0, 2), st.integers(1, 3), min_size=1, max_size=3)
BUYER = st.integers(0, 1)
PICK = st.integers(0, 99)
ANY = ("placed", "paid", "shipped", "received", "closed")


class QuietGateway:
    """A gateway at the far end of the port: whatever was paid, it has told already."""

    async def ask_many(self, payments: Sequence[Any]) -> dict[Any, Any]:
        """Know nothing more."""
        return {}


class OrderLife(RuleBasedStateMachine):
    """Three products in two shops, two buyers with carts, a coupon, drops of the third product."""

    db: Database
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.run = self.runner.run
        self.shops = [self.run(make_shop(self.db)) for _ in range(2)]
        where = (self.shops[0], self.shops[0], self.shops[1])
        self.goods = [
            self.run(make_product(self.db, s, price=p, stock=STOCK)) for s, p in zip(where, PRICES, strict=True)
        ]
        wish = draft(
            self.db, AmountOff(500), threshold=1_500, total=COUPON_TOTAL, each=COUPON_EACH, days=170, code="HALF"
        )
        self.run(make_coupon(self.db, wish, shop=self.shops[0].id))
        self.buyers = [self.run(make_buyer(self.db)) for _ in range(2)]
        self.model = OrderModel(len(PRICES))
        self.orders: dict[int, Order] = {}
        self.notices: dict[int, Any] = {}  # of each payment
        self.gateways: dict[str, Any] = {}
        self.face: Any = None  # of the last drop

    @property
    def now(self) -> Any:
        """The moment of the market."""
        return self.db.clock.now()

    def pick(self, number: int, *states: str) -> Order | None:
        """Pick one of the orders in some states, as they came: ids of one instant have no order."""
        found = [order for order in self.orders.values() if self.state(order) in states]
        return found[number % len(found)] if found else None

    def state(self, order: Order) -> str:
        """The state of an order in the model."""
        return self.model.orders[order.id].state

    def lines_of(self, wish: Mapping[int, int]) -> Any:
        """Write a wish down as a checkout does."""
        return lines_of(*[(self.goods[which], quantity) for which, quantity in wish.items()])

    def hear_outcome(self, buyer: int, wish: dict[int, int], outcome: Outcome, *, has_coupon: bool) -> None:
        """Hold an outcome against the model. With a coupon the market may refuse what would fit: it may be used up."""
        fits = self.model.fits(buyer, wish, self.now)
        assert fits or not isinstance(outcome, Placed), (wish, self.model.free, self.model.drop)
        if not isinstance(outcome, Placed):
            assert has_coupon or not fits, (outcome, wish, self.model.free, self.model.drop)
            return
        pay_by = self.model.pay_by(wish, self.now)
        for order in sorted(self.run(orders_of(self.db, outcome.answer)), key=lambda o: o.shop_id != self.shops[0].id):
            mine = {w: n for w, n in wish.items() if (w < DROPPED) == (order.shop_id == self.shops[0].id)}
            with_coupon = has_coupon and order.shop_id == self.shops[0].id and order.off_shop > 0
            assert order.pay_by == pay_by
            self.orders[order.id] = order
            self.model.take(order.id, OrderNow(order.payment_id, buyer, mine, pay_by, with_coupon), self.now)
            notice = self.notices[order.payment_id] = self.run(notice_for(self.db, order))
            self.gateways[notice.gateway] = QuietGateway()

    @rule(wishes=st.lists(st.tuples(WISH, BUYER, st.booleans()), min_size=1, max_size=4))
    def check_out_a_batch(self, wishes: list[tuple[dict[int, int], int, bool]]) -> None:
        """Several checkouts in one batch: those that fit are placed, in their order, and no others."""
        arrivals = []
        with_coupon = [coupon and (0 in wish or 1 in wish) for wish, _, coupon in wishes]
        for (wish, buyer, _), coupon in zip(wishes, with_coupon, strict=True):
            who, address = self.buyers[buyer]
            codes = ("HALF",) if coupon else ()
            request = CheckoutRequest(address_id=address.id, lines=self.lines_of(wish), coupons=codes)
            arrivals.append(arrival(who, request))
        outcomes = self.run(check_out(self.db, *arrivals))
        for (wish, buyer, _), coupon, outcome in zip(wishes, with_coupon, outcomes, strict=True):
            self.hear_outcome(buyer, wish, outcome, has_coupon=coupon)

    @rule(buyer=BUYER, which=st.integers(0, 2), quantity=st.integers(1, 2))
    def put_into_the_cart(self, buyer: int, which: int, quantity: int) -> None:
        """Put pieces into a cart."""
        cart = self.model.carts[buyer]
        if cart.get(which, 0) + quantity <= STOCK:
            self.run(put_in(self.db, CartOwner(self.buyers[buyer][0]), self.goods[which], quantity=quantity))
            cart[which] = cart.get(which, 0) + quantity

    @rule(buyer=BUYER)
    def check_out_the_cart(self, buyer: int) -> None:
        """Check out what lies in a cart; what was ordered lies there no longer, and what was refused still does."""
        who, address = self.buyers[buyer]
        (outcome,) = self.run(check_out(self.db, arrival(who, CheckoutRequest(address_id=address.id))))
        self.hear_outcome(buyer, dict(self.model.carts[buyer]), outcome, has_coupon=False)
        if isinstance(outcome, Placed):
            self.model.carts[buyer] = {}

    @rule(quota=st.integers(1, 4), each=st.integers(1, 2))
    def open_a_drop(self, quota: int, each: int) -> None:
        """Open a drop of the third product, where none is on."""
        if self.model.drop_at(self.now) is not None or self.model.free[DROPPED] < quota:
            return
        drop = drop_draft(self.db, self.goods[DROPPED], quota=quota, each=each, lasts=DROP_LASTS)
        self.face = self.run(open_drop(self.db, self.shops[1].id, drop))
        self.model.open_drop(quota, each, self.now + DROP_LASTS)

    @rule(number=PICK)
    def pay(self, number: int) -> None:
        """Let money come for any payment, once more too, and too late."""
        order = self.pick(number, *ANY)
        if order is not None:
            self.run(hear(self.db, msgspec.structs.replace(self.notices[order.payment_id], at=self.now)))
            self.model.pay(order.payment_id, self.now)

    @rule(number=PICK)
    def cancel(self, number: int) -> None:
        """Let a buyer cancel."""
        order = self.pick(number, *ANY)
        if order is None:
            return
        try:
            self.run(self.db.write(buyer_of(order), lambda tx: cancel_order(tx, order.id)))
        except Trouble:
            assert self.state(order) in {"shipped", "received", "closed"}
            return
        if self.state(order) == "placed":
            self.model.close_payment(order.payment_id)
        else:
            self.model.close(self.model.orders[order.id])

    @rule(number=PICK, percent=st.integers(1, 100))
    def refund(self, number: int, percent: int) -> None:
        """Let a shop give a part of the money back, or all of it."""
        order = self.pick(number, "paid")
        if order is None:
            return
        mine = self.model.orders[order.id]
        held = order.total - mine.refunded
        amount = max(1, held * percent // 100)
        self.run(as_seller(self.db, order, lambda tx: refund_by_shop(tx, order.id, amount)))
        mine.refunded += amount
        if amount == held:
            self.model.close(mine)

    @rule(number=PICK)
    def send(self, number: int) -> None:
        """Let a shop send."""
        order = self.pick(number, "paid")
        if order is not None:
            self.run(ship(self.db, order))
            self.model.orders[order.id].state = "shipped"

    @rule(number=PICK)
    def confirm(self, number: int) -> None:
        """Let a buyer confirm."""
        order = self.pick(number, "shipped")
        if order is not None:
            self.run(receive(self.db, order))
            self.model.orders[order.id].state = "received"

    @rule(number=PICK)
    def extend(self, number: int) -> None:
        """Let a buyer ask for more time."""
        order = self.pick(number, "shipped")
        if order is not None:
            with suppress(NoMoreExtensions):
                self.run(self.db.write(buyer_of(order), lambda tx: extend_receipt(tx, order.id)))

    @rule(minutes=st.sampled_from((10, 16, 60, 24 * 60)), is_swept=st.booleans())
    def let_time_pass(self, minutes: int, is_swept: bool) -> None:
        """Let time pass; the sweep comes round, or is late. News has long travelled by then: it takes seconds."""
        self.run(hear_news(self.db))
        self.db.clock.move(timedelta(minutes=minutes))
        if is_swept:
            self.sweep()

    @precondition(lambda self: self.orders)
    @rule()
    def let_two_weeks_pass(self) -> None:
        """Let two weeks pass: what nobody paid is closed, silence is taken for receipt."""
        self.db.clock.move(timedelta(days=14))
        self.sweep()
        self.run(settle(self.db))
        for order in self.model.orders.values():
            if order.state == "shipped":
                order.state = "received"

    def sweep(self) -> None:
        """Close what nobody paid in time, as the timer does."""
        self.run(close_unpaid(self.db, self.gateways, confirm_payments, close_expired))
        self.model.sweep(self.now)

    @invariant()
    def everything_agrees(self) -> None:
        """Hold all of it against the model, and the books against themselves."""
        self.run(assert_all_clean(self.db))
        self.run(assert_drops_agree(self.db))
        for order_id, mine in self.model.orders.items():
            assert self.run(order_now(self.db, self.orders[order_id])).state == OrderState(mine.state)
        assert [self.run(stock_of(self.db, p.variants[0].id)) for p in self.goods] == self.model.free
        if self.model.drop is not None:
            assert self.run(drop_now(self.db, self.face)).left == self.model.drop.left
        for buyer, cart in self.model.carts.items():
            found = self.run(contents(self.db, CartOwner(self.buyers[buyer][0])))
            assert found == {self.goods[which].variants[0].id: quantity for which, quantity in cart.items()}
        out = self.model.coupons_out()
        assert max(out.values()) <= COUPON_EACH
        assert sum(out.values()) <= COUPON_TOTAL

    def teardown(self) -> None:
        """When all news has travelled, each shop has just what its received orders brought."""
        self.run(settle(self.db))
        for shop in self.shops:
            mine = [o for o in self.orders.values() if o.shop_id == shop.id]
            now = [self.run(order_now(self.db, order)) for order in mine]
            brought = sum(order.proceeds.shop for order in now if order.state is OrderState.RECEIVED)
            account = owned_account(AccountKind.SHOP, shop.id, "CNY")
            assert self.run(self.db.read(lambda r, a=account: balance(r, a))).amount == brought


def live(dsn: str, clock: Any, given: Any, *, examples: int, steps: int) -> None:
    """Run the machine."""
    with asyncio.Runner() as runner:
        OrderLife.runner = runner
        OrderLife.db = Database(dsn, clock=clock, ids=IdMaker(0), given=given, connections=3)
        runner.run(OrderLife.db.open())
        quick = settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        run_state_machine_as_test(OrderLife, settings=quick)
        runner.run(OrderLife.db.close())
