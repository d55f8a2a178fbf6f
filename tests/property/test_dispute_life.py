"""Every dispute ends: whatever both sides, the staff and a jury do or leave undone, in any order and at any moment."""

import asyncio
from contextlib import suppress
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fairground.kit.actor import Actor
from fairground.kit.db import Database
from fairground.kit.deadlines import list_deadlines
from fairground.kit.errors import Trouble
from fairground.kit.ids import IdMaker
from fairground.market.accounts.model import StaffRole
from fairground.market.aftersale.model import Answer, CaseKind
from fairground.market.justice.actions.disputes import choose_jury, finish_speaking
from fairground.market.justice.actions.rulings import appeal, decide_by_jury, leave_to_staff, rule
from fairground.market.justice.model.disputes import TRANSITIONS, Decision, DisputeRules, DisputeState
from fairground.market.orders.model import OrderState
from tests.support.disputed_cases import (
    RULE,
    answer,
    assert_market_clean,
    case_now,
    escalated,
    let_time_pass,
)
from tests.support.disputes import Scene, clerk, dispute_now, say
from tests.support.orders import order_now
from tests.support.shops import MARKET

REASONS = "What was shown speaks for itself, and nobody has said otherwise."
SIDE = st.sampled_from(("buyer", "seller"))
MOVE = st.one_of(
    st.tuples(st.sampled_from(("say", "done", "jury", "appeal")), SIDE),
    st.tuples(st.just("rule"), st.integers(0, 2), st.sampled_from((0, 1, 40, 100)), st.booleans()),
    st.tuples(st.just("jurors"), st.sampled_from((0, 60, 100))),
    st.tuples(st.just("no_jurors")),
    st.tuples(st.just("withdraw")),
    st.tuples(st.just("wait"), st.sampled_from((1, 24, 47, 48, 72, 100))),
)


async def make(db: Database, scene: Scene, staff: list[Actor], move: tuple[Any, ...]) -> None:
    """Let somebody do something; what is not possible just now is refused, and nothing else."""
    wanted, claimed = scene.dispute.id, scene.dispute.claimed
    match move:
        case "wait", hours:
            await let_time_pass(db, timedelta(hours=hours))
        case "rule", who, percent, to_return:
            made = Decision(claimed * percent // 100, RULE, REASONS, to_return)
            await db.write(staff[who], lambda tx: rule(tx, wanted, made))
        case "jurors", percent:
            made = Decision(claimed * percent // 100, RULE, REASONS)
            await db.write(MARKET, lambda tx: decide_by_jury(tx, wanted, made))
        case ("no_jurors",):
            await db.write(MARKET, lambda tx: leave_to_staff(tx, wanted))
        case ("withdraw",):
            await answer(db, scene, Answer.WITHDRAW)
        case what, side:
            actor = scene.buyer if side == "buyer" else scene.seller
            if what == "say":
                await say(db, scene, actor)
            elif what == "appeal":
                await db.write(actor, lambda tx: appeal(tx, wanted, "Look again, please."))
            else:
                deed = choose_jury if what == "jury" else finish_speaking
                await db.write(actor, lambda tx: deed(tx, wanted))


async def live(db: Database, kind: CaseKind, stage: str, moves: list[tuple[Any, ...]]) -> None:
    """Open a dispute, let all of that happen, then let time pass: it ends, and so does its case."""
    scene = await escalated(db, kind=kind, stage=stage)
    staff = [await clerk(db), await clerk(db), await clerk(db, StaffRole.SUPERVISOR)]
    state = DisputeState.EVIDENCE
    for move in moves:
        with suppress(Trouble):
            await make(db, scene, staff, move)
        now = (await dispute_now(db, scene)).state
        assert move[0] == "wait" or now is state or now in TRANSITIONS[state], (move, state, now)
        state = now
    rules = DisputeRules()
    while db.clock.now() < scene.dispute.opened_at + rules.ends_within:
        await let_time_pass(db, timedelta(days=3))
    dispute = await dispute_now(db, scene)
    assert dispute.state is DisputeState.FINAL
    assert dispute.final_at is not None
    # The sweep of this test comes round every third day at most.
    assert dispute.final_at - dispute.opened_at <= rules.ends_within + timedelta(days=6 * 3)
    assert dispute.decided_at is None or dispute.rule_by > dispute.opened_at
    assert await db.read(lambda r: list_deadlines(r, dispute.id)) == []
    await let_time_pass(db, timedelta(days=40))
    case, order = await case_now(db, scene), await order_now(db, scene.order)
    assert case.ended_at is not None
    assert case.ended_at - case.opened_at <= timedelta(days=75)
    assert order.refunded == case.refunded <= order.total
    assert order.state in {OrderState.RECEIVED, OrderState.CLOSED}
    await assert_market_clean(db)


def test_every_dispute_ends_and_the_books_balance(dsn: str, clock: Any, given: Any) -> None:
    with asyncio.Runner() as runner:
        db = Database(dsn, clock=clock, ids=IdMaker(0), given=given, connections=3)
        runner.run(db.open())
        try:
            every_life(runner, db)
        finally:
            runner.run(db.close())


def every_life(runner: asyncio.Runner, db: Database) -> None:
    """Try many lives in one market."""

    @settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck), database=None)
    @given(
        st.sampled_from((CaseKind.REFUND, CaseKind.RETURN)),
        st.sampled_from(("shipped", "received")),
        st.lists(MOVE, max_size=14),
    )
    def one_life(kind: CaseKind, stage: str, moves: list[tuple[Any, ...]]) -> None:
        runner.run(live(db, kind, stage, moves))

    one_life()
