"""Drops against a plain model: taken in batches, given back, stopped, joined, in any order."""

import asyncio
from collections import Counter
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from fairground.kit.db import Database
from fairground.kit.ids import Id, IdMaker
from fairground.market.catalog.model import Product
from fairground.market.promotions.actions.drop_use import return_drops, use_drops
from fairground.market.promotions.actions.drops import cancel_drop
from fairground.market.promotions.actions.rooms import join_rooms
from fairground.market.promotions.model import (
    DropClaim,
    DropFace,
    DropReason,
    DropRefused,
    DropTaken,
    DropTaking,
    Joining,
    Ticket,
    rank,
)
from fairground.market.promotions.queries.drops import audit_drops, get_drop
from fairground.market.shops.model import Shop
from tests.support.catalog import make_product
from tests.support.drops import MARKET, drop_claim, drop_draft, open_drop
from tests.support.promotions import person_id
from tests.support.shops import make_shop

QUOTA, EACH = 5, 2
PERSON = st.integers(0, 3)
WISH = st.tuples(PERSON, st.dictionaries(st.integers(0, 1), st.integers(1, 3), min_size=1))


class DropMachine(RuleBasedStateMachine):
    """One drop of two goods with a waiting room, four people; the model is a counter of pieces and a list of names."""

    db: Database
    runner: asyncio.Runner
    shop: Shop
    goods: tuple[Product, Product]

    def __init__(self) -> None:
        super().__init__()
        draft = drop_draft(
            self.db,
            *self.goods,
            quota=QUOTA,
            each=EACH,
            room=True,
            starts_in=timedelta(minutes=1),
            lasts=timedelta(days=9),
        )
        self.face: DropFace = self.runner.run(open_drop(self.db, self.shop.id, draft))
        self.people = [person_id(self.db) for _ in range(4)]
        self.have: Counter[tuple[int, int]] = Counter()  # (person, goods) → pieces
        self.orders: dict[Id, tuple[int, dict[int, int]]] = {}
        self.line: list[int] = []
        self.early: int | None = None
        self.stopped = False

    def do(self, deed: Any) -> Any:
        return self.runner.run(self.db.write(MARKET, deed))

    def sold(self, which: int) -> int:
        return sum(pieces for (_, goods), pieces in self.have.items() if goods == which)

    def expected(self, who: int, wish: dict[int, int]) -> DropReason | None:
        if self.early is None or self.stopped:
            return DropReason.NOT_NOW
        for which, pieces in wish.items():
            if self.have[who, which] + pieces > EACH:
                return DropReason.OVER_LIMIT
            if self.sold(which) + pieces > QUOTA:
                return DropReason.SOLD_OUT
        return None

    @rule(wishes=st.lists(WISH, min_size=1, max_size=5))
    def take_a_batch(self, wishes: list[tuple[int, dict[int, int]]]) -> None:
        claims: list[DropClaim] = []
        for who, wish in wishes:
            made = drop_claim(self.db, self.people[who], self.face)
            order = made.takings[0].use_id
            takings = [
                DropTaking(self.face.id, self.face.goods[which].variant_id, order, pieces)
                for which, pieces in wish.items()
            ]
            claims.append(DropClaim(made.claim_id, made.person_id, tuple(takings)))
        answers = self.do(lambda tx: use_drops(tx, claims))
        for (who, wish), claim, answer in zip(wishes, claims, answers, strict=True):
            reason = self.expected(who, wish)
            if reason is not None:
                assert isinstance(answer, DropRefused)
                assert answer.reason is reason
                continue
            assert isinstance(answer, DropTaken)
            self.orders[claim.takings[0].use_id] = (who, wish)
            for which, pieces in wish.items():
                self.have[who, which] += pieces

    @precondition(lambda self: self.orders)
    @rule(data=st.data(), again=st.booleans())
    def give_back(self, data: st.DataObject, again: bool) -> None:
        order = data.draw(st.sampled_from(list(self.orders)))  # as they came: ids of one instant have no order
        who, wish = self.orders.pop(order)
        assert self.do(lambda tx: return_drops(tx, [order])) == sum(wish.values())
        if again:
            assert self.do(lambda tx: return_drops(tx, [order])) == 0
        for which, pieces in wish.items():
            self.have[who, which] -= pieces

    @rule(who=st.lists(PERSON, min_size=1, max_size=4))
    def join(self, who: list[int]) -> None:
        answers = self.do(lambda tx: join_rooms(tx, [Joining(self.face.id, self.people[n]) for n in who]))
        for n, answer in zip(who, answers, strict=True):
            if self.stopped:
                assert not isinstance(answer, Ticket)
                continue
            if n not in self.line:
                self.line.append(n)
            number = self.line.index(n) + 1
            early = self.early is None or number <= self.early
            assert answer == Ticket(self.face.id, self.people[n], number, early)

    @precondition(lambda self: self.early is None)
    @rule()
    def begin(self) -> None:
        self.db.clock.move(timedelta(minutes=1))
        self.early = len(self.line)

    @precondition(lambda self: self.early is not None and not self.stopped)
    @rule()
    def stop(self) -> None:
        self.do(lambda tx: cancel_drop(tx, self.face.id))
        self.stopped = True

    @invariant()
    def the_market_and_the_model_agree(self) -> None:
        now = self.runner.run(self.db.read(lambda r: get_drop(r, self.face.id)))
        assert [goods.sold for goods in now.goods] == [self.sold(0), self.sold(1)]
        assert now.room.in_line == len(self.line)
        if now.room.early is not None:
            tickets = [Ticket(self.face.id, self.people[n], i, i <= now.room.early) for i, n in enumerate(self.line, 1)]
            assert sorted(rank(ticket, now.room) for ticket in tickets) == list(range(len(tickets)))

    def teardown(self) -> None:
        assert self.runner.run(self.db.read(audit_drops)) == []
        if not self.stopped:
            self.do(lambda tx: cancel_drop(tx, self.face.id))  # so that the next example may have the goods


def test_drops_follow_a_plain_model(dsn: str, clock: Any, given: Any) -> None:
    with asyncio.Runner() as runner:
        database = Database(dsn, clock=clock, ids=IdMaker(0), given=given, connections=2)
        runner.run(database.open())
        shop = runner.run(make_shop(database))
        goods = (runner.run(make_product(database, shop)), runner.run(make_product(database, shop)))
        machine = type("Machine", (DropMachine,), {"db": database, "runner": runner, "shop": shop, "goods": goods})
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=20,
                    stateful_step_count=15,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(database.close())
