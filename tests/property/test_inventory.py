"""Stock against a plain model: whatever is counted, taken, sold and given back, in any order."""

import asyncio
from collections import Counter
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from fairground.kit.db import Database
from fairground.kit.ids import Id, IdMaker
from fairground.market.inventory.actions import mark_sold, open_stock, set_stock, take
from fairground.market.inventory.model import Claim, Taken
from fairground.market.inventory.queries import audit_stock, map_held, map_stock
from tests.support.inventory import SHOP, ids, return_now

STOCK = st.one_of(st.none(), st.integers(0, 6))
VARIANT = st.integers(0, 3)
WISH = st.lists(st.tuples(VARIANT, st.integers(1, 4)), min_size=1, max_size=3)


class InventoryMachine(RuleBasedStateMachine):
    """Four variants in two buckets; the model is a dict of numbers and a dict of what each claim holds."""

    db: Database
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.variants = ids(self.db, 3, 2) + ids(self.db, 9, 2)
        self.stock: dict[Id, int | None] = dict.fromkeys(self.variants, 3)
        self.claims: dict[Id, Claim] = {}
        self.held: dict[Id, Counter[Id]] = {}
        self.sold: set[Id] = set()
        for half in (self.variants[:2], self.variants[2:]):
            owner = ids(self.db, half[0].bucket, 1)[0]
            self.do(lambda tx, o=owner, h=half: open_stock(tx, o, [(v, 3) for v in h]))

    def do(self, deed: Any) -> Any:
        return self.runner.run(self.db.write(SHOP, deed))

    def look(self, query: Any) -> Any:
        return self.runner.run(self.db.read(query))

    @rule(which=VARIANT, number=STOCK)
    def count(self, which: int, number: int | None) -> None:
        variant = self.variants[which]
        self.do(lambda tx: set_stock(tx, variant, number))
        self.stock[variant] = number

    @rule(wishes=st.lists(WISH, min_size=1, max_size=4))
    def take_a_batch(self, wishes: list[list[tuple[int, int]]]) -> None:
        claims = [
            Claim(ids(self.db, 500, 1)[0], tuple((self.variants[which], quantity) for which, quantity in wish))
            for wish in wishes
        ]
        answers = self.do(lambda tx: take(tx, claims))
        for claim, answer in zip(claims, answers, strict=True):
            wanted: Counter[Id] = Counter()
            for variant, quantity in claim.lines:
                wanted[variant] += quantity
            fits = all((free := self.stock[v]) is None or free >= q for v, q in wanted.items())
            assert isinstance(answer, Taken) == fits
            if fits:
                counted = {v: q for v, q in wanted.items() if self.stock[v] is not None}
                for variant, quantity in counted.items():
                    self.stock[variant] = (self.stock[variant] or 0) - quantity
                self.claims[claim.claim_id], self.held[claim.claim_id] = claim, Counter(counted)

    @precondition(lambda self: self.claims)
    @rule(data=st.data())
    def sell(self, data: st.DataObject) -> None:
        claim_id = data.draw(st.sampled_from(list(self.claims)))
        self.do(lambda tx: mark_sold(tx, [(claim_id, v) for v, _ in self.claims[claim_id].lines]))
        self.sold.add(claim_id)

    @precondition(lambda self: self.claims)
    @rule(data=st.data(), again=st.booleans())
    def bring_back(self, data: st.DataObject, again: bool) -> None:
        claim = self.claims[data.draw(st.sampled_from(list(self.claims)))]
        for _ in range(1 + again):
            self.runner.run(return_now(self.db, [claim]))
        for variant, quantity in self.held.pop(claim.claim_id, Counter()).items():
            free = self.stock[variant]
            self.stock[variant] = None if free is None else free + quantity

    @invariant()
    def the_market_and_the_model_agree(self) -> None:
        assert self.look(lambda r: map_stock(r, self.variants)) == self.stock
        held: Counter[Id] = Counter()
        for claim_id, pieces in self.held.items():
            if claim_id not in self.sold:
                held.update(pieces)
        assert self.look(lambda r: map_held(r, self.variants)) == {v: held[v] for v in self.variants}

    def teardown(self) -> None:
        assert self.look(audit_stock) == []


def test_stock_follows_a_plain_model(dsn: str, clock: Any, given: Any) -> None:
    with asyncio.Runner() as runner:
        database = Database(dsn, clock=clock, ids=IdMaker(0), given=given, connections=2)
        runner.run(database.open())
        machine = type("Machine", (InventoryMachine,), {"db": database, "runner": runner})
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=25,
                    stateful_step_count=20,
                    deadline=None,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            runner.run(database.close())
