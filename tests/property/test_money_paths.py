"""Peers' complaint 8: whatever happens to payments, in any order, the books add up to nothing and nothing is lost."""

import asyncio
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from fairground.kit.db import Database
from fairground.kit.errors import Trouble
from fairground.kit.ids import IdMaker
from fairground.market.ledger.model import AccountKind
from fairground.market.ledger.queries import audit_ledger, sum_balances
from fairground.market.payments.actions import (
    bounce_payout,
    change_destination,
    expire_payment,
    finish_refund,
    refund,
    release,
    request_payout,
    settle_payout,
    take_back,
    take_notices,
)
from fairground.market.payments.model import NoticeKind, Payment, Payout, Refund, Release, TakeBack
from fairground.market.payments.queries import audit_payments, get_payment
from tests.support.ledger import BOOKS, CNY, new_id
from tests.support.payments import ACCOUNT, SHOP, cny, make_payment, paid_notice

AMOUNT = st.integers(1, 400)
ANY = st.data()


class MoneyMachine(RuleBasedStateMachine):
    """Payments of two orders each, one shop; every deed may be refused, none may lose or make a cent."""

    db: Database
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.shop_id = new_id(self.db, SHOP)
        self.do(lambda tx: change_destination(tx, self.shop_id, ACCOUNT))
        self.payments: list[Payment] = []
        self.refunds: list[Refund] = []
        self.payouts: list[Payout] = []
        self.came_in = -self.at_gateway()
        self.sell(3000)

    def do(self, deed: Any) -> Any:
        return self.runner.run(self.db.write(BOOKS, deed))

    def try_(self, deed: Any) -> Any:
        try:
            return self.do(deed)
        except Trouble:
            return None

    def look(self, query: Any) -> Any:
        return self.runner.run(self.db.read(query))

    def at_gateway(self) -> int:
        return sum(money.amount for kind, money in self.look(sum_balances) if kind == AccountKind.GATEWAY)

    def draw(self, data: st.DataObject, things: list[Any]) -> Any:
        return things[data.draw(st.integers(0, len(things) - 1))]

    def sell(self, amount: int) -> None:
        """Begin with money in the shop's balance, so that payouts happen early."""
        payment = self.runner.run(make_payment(self.db, amount, 1))
        self.do(lambda tx: take_notices(tx, [paid_notice(self.db, payment, reference=f"{payment.id}/0")]))
        give = Release(str(payment.id), payment.id, payment.parts[0].order_id, self.shop_id, amount, 100, CNY)
        self.do(lambda tx: release(tx, [give]))
        self.came_in += amount + 1
        self.payments.append(payment)

    @rule(one=AMOUNT, two=AMOUNT)
    def open(self, one: int, two: int) -> None:
        self.payments.append(self.runner.run(make_payment(self.db, one, two)))

    @precondition(lambda self: self.payments)
    @rule(data=ANY, charge=st.integers(0, 1), off=st.sampled_from([0, 0, 0, -1, 7]), known=st.booleans())
    def tell(self, data: st.DataObject, charge: int, off: int, known: bool) -> None:
        payment = self.draw(data, self.payments)
        notice = paid_notice(
            self.db,
            payment,
            event_id=f"{payment.id}/{charge}/{off}/{known}",
            reference=f"{payment.id}/{charge}",
            amount=max(1, payment.total.amount + off),
            subject=payment.id if known else None,
        )
        fresh = self.look(lambda r: r.value("select true from payments.charges where charge = $1", notice.reference))
        self.do(lambda tx: take_notices(tx, [notice, notice]))
        if not fresh:
            self.came_in += notice.amount

    @precondition(lambda self: self.payments)
    @rule(data=ANY)
    def fail(self, data: st.DataObject) -> None:
        notice = paid_notice(self.db, self.draw(data, self.payments), kind=NoticeKind.FAILED)
        self.do(lambda tx: take_notices(tx, [notice]))

    @precondition(lambda self: self.payments)
    @rule(data=ANY)
    def close(self, data: st.DataObject) -> None:
        self.do(lambda tx: expire_payment(tx, self.draw(data, self.payments).id))

    @precondition(lambda self: self.payments)
    @rule(data=ANY, amount=AMOUNT, part=st.integers(0, 1), key=st.integers(0, 10**9))
    def refund(self, data: st.DataObject, amount: int, part: int, key: int) -> None:
        p = self.draw(data, self.payments)
        order_id = p.parts[part].order_id
        done = self.try_(lambda tx: refund(tx, p.id, order_id, amount, f"{order_id}/{amount}/{key}", "test.refund"))
        if done is not None:
            self.refunds.append(done)

    @precondition(lambda self: self.payments)
    @rule(data=ANY, part=st.integers(0, 1), percent=st.integers(0, 100))
    def release(self, data: st.DataObject, part: int, percent: int) -> None:
        p = self.look(lambda r: get_payment(r, self.draw(data, self.payments).id))
        left = p.parts[part].held
        if left:
            give = Release(
                f"{p.parts[part].order_id}/{new_id(self.db)}",
                p.id,
                p.parts[part].order_id,
                self.shop_id,
                left,
                left * percent // 100,
                CNY,
            )
            self.do(lambda tx: release(tx, [give]))

    @precondition(lambda self: self.payments)
    @rule(data=ANY, part=st.integers(0, 1), shop=AMOUNT, commission=st.integers(0, 20), market=st.integers(0, 20))
    def take_back(self, data: st.DataObject, part: int, shop: int, commission: int, market: int) -> None:
        p = self.draw(data, self.payments)
        order_id = p.parts[part].order_id
        back = TakeBack(str(new_id(self.db)), p.id, order_id, self.shop_id, shop, commission, CNY, market)
        self.try_(lambda tx: take_back(tx, [back]))

    @precondition(lambda self: self.refunds)
    @rule(data=ANY)
    def send_refund(self, data: st.DataObject) -> None:
        chosen = self.draw(data, self.refunds)
        if self.do(lambda tx: finish_refund(tx, chosen.id, None, tx.now)):
            self.came_in -= chosen.money.amount

    @rule(amount=st.integers(100, 900))
    def pay_out(self, amount: int) -> None:
        deed = lambda tx: request_payout(tx, self.shop_id, cny(amount), gateway="sandbox", is_verified=True)  # noqa: E731
        made = self.try_(deed)
        if made is not None:
            self.payouts.append(made)

    @precondition(lambda self: self.payouts)
    @rule(data=ANY, bounces=st.booleans())
    def settle(self, data: st.DataObject, bounces: bool) -> None:
        chosen = self.draw(data, self.payouts)
        if bounces:
            state = self.look(lambda r: r.value("select state from payments.payouts where id = $1", chosen.id))
            moved = self.do(lambda tx: bounce_payout(tx, chosen.id, "bounced", tx.now))
            self.came_in += chosen.money.amount if moved and state == "paid" else 0
        elif self.do(lambda tx: settle_payout(tx, chosen.id, None, tx.now)):
            self.came_in -= chosen.money.amount

    @rule()
    def wait(self) -> None:
        self.db.clock.move(timedelta(minutes=20))

    @invariant()
    def what_came_in_and_did_not_go_out_is_at_the_gateway(self) -> None:
        assert -self.at_gateway() == self.came_in
        assert self.look(audit_ledger) == []
        assert self.look(audit_payments) == []


def test_the_sum_is_zero_after_any_path_of_money(dsn: str, clock: Any, given: Any) -> None:
    with asyncio.Runner() as runner:
        database = Database(dsn, clock=clock, ids=IdMaker(0), given=given, connections=2)
        runner.run(database.open())
        machine = type("Machine", (MoneyMachine,), {"db": database, "runner": runner})
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=30, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
                ),
            )
        finally:
            runner.run(database.close())
