"""The machine: all that buyer, shop, justice and time may do with orders and their cases, in any order.

After every step the books balance and nothing is held for a closed order; at the end every case has ended in its days.
"""

import asyncio
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from fairground.kit.db import Database
from fairground.kit.errors import Trouble
from fairground.kit.ids import IdMaker
from fairground.market.aftersale.actions.answers import add_evidence, answer_case
from fairground.market.aftersale.actions.settling import close_escalated, settle_escalated
from fairground.market.aftersale.model import (
    ANSWERS,
    Answer,
    Case,
    CaseKind,
    CaseReason,
    CaseState,
    Outcome,
    Revision,
    Ruling,
    may_answer,
)
from fairground.market.aftersale.queries.audit import audit_cases
from fairground.market.ledger.model import AccountKind, owned_account
from fairground.market.ledger.queries import balance, sum_balances
from fairground.market.orders.actions.cancel import cancel_order, refund_by_shop
from fairground.market.orders.actions.ship import PackedLine
from fairground.market.orders.model import Order, OrderState
from fairground.market.promotions.model import AmountOff
from tests.support.cases import (
    PARCEL,
    SORRY,
    case_now,
    claim,
    hear_case_news,
    make_selling_shop,
    settle_all,
    side_of,
)
from tests.support.catalog import make_product
from tests.support.orders import (
    WEB,
    as_seller,
    assert_all_clean,
    buyer_of,
    make_buyer,
    order_now,
    pay,
    place_order,
    receive,
    ship,
)
from tests.support.promotions import draft, make_coupon

PICK = st.integers(0, 99)
ENDS_WITHIN = timedelta(days=75)


class CaseLife(RuleBasedStateMachine):
    """One buyer, two shops (the second has told no return address), orders of two lines, a coupon of the market."""

    db: Database
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.run = self.runner.run
        self.shops = [self.run(make_selling_shop(self.db)), self.run(make_selling_shop(self.db, address=None))]
        self.goods = [
            [self.run(make_product(self.db, shop, price=price, stock=50)) for price in (9_999, 333)]
            for shop in self.shops
        ]
        wish = draft(self.db, AmountOff(777), code="HALF", each=100, days=170)
        self.coupon = self.run(make_coupon(self.db, wish, shop=self.shops[0].id))
        self.run(self.db.write(WEB, self._let_the_market_share))
        self.buyer = self.run(make_buyer(self.db))
        self.orders: list[Order] = []
        self.cases: dict[int, datetime] = {}  # when each was opened
        self.by_id: dict[int, Case] = {}

    async def _let_the_market_share(self, tx: Any) -> None:
        await tx.execute(
            "update promotions.coupons set borne_by_market = 6000 where bucket = $1 and id = $2",
            self.coupon.id.bucket,
            self.coupon.id,
        )

    def do(self, actor: Any, deed: Any) -> Any:
        """Do a deed, or be refused."""
        with suppress(Trouble):
            return self.run(self.db.write(actor, deed))
        return None

    def order(self, number: int) -> Order | None:
        """Pick an order."""
        return self.run(order_now(self.db, self.orders[number % len(self.orders)])) if self.orders else None

    def case(self, number: int) -> Case | None:
        """Pick a case that is open, the latest more often than not."""
        found = [self.run(case_now(self.db, case)) for case in self.by_id.values()][-6:]
        found = [case for case in found if case.is_open]
        return found[number % len(found)] if found else None

    @rule(which=st.integers(0, 1), with_coupon=st.booleans(), quantity=st.integers(1, 2))
    def buy(self, which: int, with_coupon: bool, quantity: int) -> None:
        """Order and pay."""
        codes = ("HALF",) if with_coupon and not which else ()
        wanted = [(self.goods[which][0], 1), (self.goods[which][1], quantity)]
        self.orders.append(self.run(pay(self.db, self.run(place_order(self.db, self.buyer, *wanted, coupons=codes)))))

    @precondition(lambda self: self.orders)
    @rule(number=PICK, part=st.sampled_from((None, 1, 2)))
    def send(self, number: int, part: int | None) -> None:
        """Let the shop send all, or one line."""
        order = self.order(number)
        assert order is not None
        with suppress(Trouble):
            self.run(ship(self.db, order, None if part is None else [PackedLine(part, 1)]))

    @precondition(lambda self: self.orders)
    @rule(number=PICK)
    def confirm(self, number: int) -> None:
        """Let the buyer confirm, also while a case is open."""
        order = self.order(number)
        assert order is not None
        with suppress(Trouble):
            self.run(receive(self.db, order))

    @precondition(lambda self: self.orders)
    @rule(number=PICK)
    def cancel(self, number: int) -> None:
        """Let the buyer cancel, also while a case is open."""
        order = self.order(number)
        assert order is not None
        self.do(buyer_of(order), lambda tx: cancel_order(tx, order.id))

    @precondition(lambda self: self.orders)
    @rule(number=PICK, percent=st.integers(1, 100))
    def refund_by_hand(self, number: int, percent: int) -> None:
        """Let the shop give money back without a case, or beside one."""
        order = self.order(number)
        assert order is not None
        with suppress(Trouble):
            amount = max(1, order.held * percent // 100)
            self.run(as_seller(self.db, order, lambda tx: refund_by_shop(tx, order.id, amount)))

    @precondition(lambda self: self.orders)
    @rule(
        number=PICK,
        kind=st.sampled_from(CaseKind),
        reason=st.sampled_from(CaseReason),
        lines=st.sampled_from(((), (1,), (2,))),
        amount=st.one_of(st.none(), st.integers(1, 11_000)),
    )
    def claim_something(
        self, number: int, kind: CaseKind, reason: CaseReason, lines: tuple[int, ...], amount: int | None
    ) -> None:
        """Let the buyer open a case."""
        order = self.order(number)
        assert order is not None
        with suppress(Trouble):
            case = self.run(claim(self.db, order, kind, reason, positions=lines, amount=amount))
            self.by_id[case.id] = case
            self.cases[case.id] = self.db.clock.now()

    @precondition(lambda self: self.by_id)
    @rule(number=PICK, answer=st.sampled_from(Answer), amount=st.one_of(st.none(), st.integers(1, 11_000)))
    def answer(self, number: int, answer: Answer, amount: int | None) -> None:
        """Let a side answer, whether or not it may."""
        self._answer(self.case(number), answer, amount)

    @precondition(lambda self: self.by_id)
    @rule(number=PICK, which=PICK)
    def answer_well(self, number: int, which: int) -> None:
        """Let a side give one of the answers that fit."""
        case = self.case(number)
        if case is not None:
            fitting = [a for a, (side, _) in ANSWERS.items() if may_answer(case, a, side)]
            if fitting:
                self._answer(case, fitting[which % len(fitting)], None)

    def _answer(self, case: Case | None, answer: Answer, amount: int | None) -> None:
        if case is None:
            return
        said = PARCEL if answer in {Answer.RETURN_SHIPPED, Answer.REPLACEMENT_SENT} else SORRY
        actor = self.run(side_of(self.db, case, ANSWERS[answer][0]))
        done = self.do(actor, lambda tx: answer_case(tx, case.id, answer, said, Revision(amount=amount)))
        assert done is None or may_answer(case, answer, ANSWERS[answer][0])

    @precondition(lambda self: self.by_id)
    @rule(number=PICK)
    def add_words(self, number: int) -> None:
        """Let the buyer add words."""
        case = self.case(number)
        if case is not None:
            self.do(
                self.run(side_of(self.db, case, ANSWERS[Answer.REVISE][0])),
                lambda tx: add_evidence(tx, case.id, "look"),
            )

    @precondition(lambda self: self.by_id)
    @rule(number=PICK, amount=st.integers(0, 11_000), to_return=st.booleans(), by_market=st.booleans())
    def decide(self, number: int, amount: int, to_return: bool, by_market: bool) -> None:
        """Let justice decide, whether or not it was asked."""
        case = self.case(number)
        if case is None:
            return
        ruling = Ruling(refund_amount=amount, to_return=to_return, by_market=by_market)
        done = self.do(
            WEB, lambda tx: settle_escalated(tx, case.id, ruling) if amount else close_escalated(tx, case.id)
        )
        assert (done is None) == (case.state is not CaseState.ESCALATED)

    @rule(hours=st.sampled_from((1, 23, 36, 24 * 4, 24 * 8)))
    def let_time_pass(self, hours: int) -> None:
        """Let time pass; news has long travelled by then, and the sweep comes round."""
        self.run(hear_case_news(self.db))
        self.db.clock.move(timedelta(hours=hours))
        self.run(settle_all(self.db))

    @invariant()
    def everything_agrees(self) -> None:
        """Nothing is lost, nothing is made, nothing is held for a closed order, nothing waits too long."""
        self.run(assert_all_clean(self.db))
        # An order that closed just now ends its case by the news of it; that is all that may lag.
        self.run(hear_case_news(self.db))
        assert self.run(self.db.read(audit_cases)) == []
        for case_id, opened_at in self.cases.items():
            case = self.run(case_now(self.db, self.by_id[case_id]))
            assert case.refunded <= 22_000
            assert case.ended_at is not None or self.db.clock.now() < opened_at + ENDS_WITHIN

    def teardown(self) -> None:
        """Let everybody fall silent: every case ends in its days, and each shop has what its orders brought."""
        self.run(hear_case_news(self.db))
        for _ in range(16):
            self.db.clock.move(timedelta(days=5))
            self.run(settle_all(self.db))
        for case in self.by_id.values():
            ended = self.run(case_now(self.db, case))
            assert ended.ended_at is not None
            assert ended.ended_at - ended.opened_at <= ENDS_WITHIN + timedelta(days=5)
            assert (ended.outcome is Outcome.EXCHANGED) == (ended.state is CaseState.EXCHANGED)
        self.run(assert_all_clean(self.db))
        self._shops_have_theirs()

    def _shops_have_theirs(self) -> None:
        debts = {
            row["shop_id"]: row["owed"]
            for row in self.run(
                self.db.read(lambda r: r.rows("select shop_id, advanced - repaid as owed from orders.shop_debts"))
            )
        }
        orders = [self.run(order_now(self.db, order)) for order in self.orders]
        assert not [order for order in orders if order.case_hold is not None]
        for shop in self.shops:
            brought = sum(o.proceeds.shop for o in orders if o.shop_id == shop.id and o.state is OrderState.RECEIVED)
            account = owned_account(AccountKind.SHOP, shop.id, "CNY")
            has = self.run(self.db.read(lambda r, a=account: balance(r, a))).amount
            assert has == brought + debts.get(shop.id, 0)
        assert sum(money.amount for _, money in self.run(self.db.read(sum_balances))) == 0


def live(dsn: str, clock: Any, given: Any, *, examples: int, steps: int) -> None:
    """Run the machine."""
    with asyncio.Runner() as runner:
        CaseLife.runner = runner
        CaseLife.db = Database(dsn, clock=clock, ids=IdMaker(0), given=given, connections=3)
        runner.run(CaseLife.db.open())
        quick = settings(
            max_examples=examples,
            stateful_step_count=steps,
            deadline=None,
            suppress_health_check=list(HealthCheck),
            database=None,
        )
        run_state_machine_as_test(CaseLife, settings=quick)
        runner.run(CaseLife.db.close())
