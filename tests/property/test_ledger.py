"""The books against a plain model: whatever is posted, replayed or refused, they add up to nothing."""

import asyncio
from typing import Any

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from fairground.kit.db import Database
from fairground.kit.ids import IdMaker
from fairground.market.ledger.actions import post
from fairground.market.ledger.errors import InsufficientFunds
from fairground.market.ledger.model import FLOORLESS, AccountRef, Posting
from fairground.market.ledger.queries import audit_ledger, list_entries, map_balances
from tests.support.ledger import BOOKS, clearing, gateway, held, move, new_id, shop_account

MOVE = st.tuples(st.booleans(), st.integers(0, 3), st.integers(0, 3), st.integers(1, 50))


class LedgerMachine(RuleBasedStateMachine):
    """Four accounts in each of two buckets; the model is a dict of balances and the list of what was posted."""

    db: Database
    runner: asyncio.Runner

    def __init__(self) -> None:
        super().__init__()
        self.accounts: list[list[AccountRef]] = []
        for bucket in (3, 9):
            shop = shop_account(new_id(self.db, bucket))
            self.accounts.append([gateway(bucket), held(bucket), clearing(bucket), shop])
        self.empty_the_markets_own()
        every = [ref for half in self.accounts for ref in half]
        self.model = {ref: m.amount for ref, m in self.look(lambda r: map_balances(r, every)).items()}
        self.posted: list[Posting] = []

    def empty_the_markets_own(self) -> None:
        """Shops are new in each example, the market's own accounts are not: what one example leaves there would decide
        what the next may do, and Hypothesis could not repeat it."""
        left = self.look(lambda r: map_balances(r, [ref for half in self.accounts for ref in half[1:3]]))
        bank = {ref: half[0] for half in self.accounts for ref in half[1:3]}
        back = [move(str(new_id(self.db)), ref, bank[ref], m.amount) for ref, m in left.items() if m.amount > 0]
        if back:
            self.do(lambda tx: post(tx, back))

    def do(self, deed: Any) -> Any:
        return self.runner.run(self.db.write(BOOKS, deed))

    def look(self, query: Any) -> Any:
        return self.runner.run(self.db.read(query))

    def postings(self, moves: list[tuple[bool, int, int, int]]) -> list[Posting]:
        halves = [(self.accounts[second], one, other, amount) for second, one, other, amount in moves if one != other]
        return [move(str(new_id(self.db)), half[one], half[other], amount) for half, one, other, amount in halves]

    @rule(moves=st.lists(MOVE, min_size=1, max_size=6))
    def post_a_batch(self, moves: list[tuple[bool, int, int, int]]) -> None:
        postings = self.postings(moves)
        after = dict(self.model)
        for posting in postings:
            after[posting.debit] -= posting.amount
            after[posting.credit] += posting.amount
        fits = all(amount >= 0 or ref.kind in FLOORLESS for ref, amount in after.items())
        try:
            self.do(lambda tx: post(tx, postings))
        except InsufficientFunds:
            assert not fits
            return
        assert fits
        self.model = after
        self.posted += postings

    @precondition(lambda self: self.posted)
    @rule(data=st.data())
    def replay(self, data: st.DataObject) -> None:
        again = data.draw(st.lists(st.sampled_from(self.posted), min_size=1, max_size=4))
        assert not any(t.is_new for t in self.do(lambda tx: post(tx, again)))

    @invariant()
    def the_books_and_the_model_agree(self) -> None:
        found = self.look(lambda r: map_balances(r, list(self.model)))
        assert {ref: m.amount for ref, m in found.items()} == self.model

    def teardown(self) -> None:
        assert self.look(audit_ledger) == []
        for half in self.accounts:
            lines = self.look(lambda r, s=half[3]: list_entries(r, s, limit=100)).items
            assert sum(line.amount for line in lines) == self.model[half[3]]
            assert [line.entry for line in lines] == list(range(len(lines), 0, -1))


def test_the_sum_of_all_accounts_is_zero_after_any_path(dsn: str, clock: Any, given: Any) -> None:
    with asyncio.Runner() as runner:
        database = Database(dsn, clock=clock, ids=IdMaker(0), given=given, connections=2)
        runner.run(database.open())
        machine = type("Machine", (LedgerMachine,), {"db": database, "runner": runner})
        try:
            run_state_machine_as_test(
                machine,
                settings=settings(
                    max_examples=25, stateful_step_count=20, deadline=None, suppress_health_check=list(HealthCheck)
                ),
            )
        finally:
            runner.run(database.close())
