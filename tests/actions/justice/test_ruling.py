"""Somebody decides, with reasons and a rule, who has no interest of their own; one appeal; then it is carried out."""

import asyncio
from datetime import timedelta

import pytest

from fairground.kit.actor import GUEST, Actor, person
from fairground.kit.db import Database
from fairground.kit.deadlines import list_deadlines
from fairground.kit.errors import Invalid, NotSignedIn
from fairground.market.accounts.actions.staff import grant_staff_role
from fairground.market.accounts.errors import StaffOnly
from fairground.market.accounts.model import PersonId, StaffRole
from fairground.market.aftersale.model import Answer, CaseKind, CaseState
from fairground.market.aftersale.model import Outcome as CaseOutcome
from fairground.market.justice.actions.rulings import appeal, decide_by_jury, rule
from fairground.market.justice.errors import DisputeInWrongState, DisputeNotFound, OwnInterest, SupervisorNeeded
from fairground.market.justice.model.disputes import Decider, Decision, DisputeState, Outcome, Side
from fairground.market.justice.queries.disputes import (
    count_disputes,
    find_dispute_of_case,
    list_desk_disputes,
    list_rulings,
    list_waiting_disputes,
)
from fairground.market.justice.queries.precedents import find_precedent_of
from fairground.market.ledger.model import AccountKind, owned_account
from fairground.market.ledger.queries import balance
from fairground.market.orders.model import OrderState
from fairground.market.shops.model import Role, ShopId
from fairground.market.shops.queries import get_shop
from tests.support.disputed_cases import (
    RULE,
    answer,
    assert_market_clean,
    case_now,
    escalated,
    let_time_pass,
    settle_all,
    to_decide,
    to_jury,
)
from tests.support.disputes import Scene, clerk, dispute_now
from tests.support.orders import order_now
from tests.support.shops import MARKET, make_staff

REASONS = "The pictures show the crack, and the shop has not said otherwise."
THREE_DAYS = timedelta(days=3)
SECOND = timedelta(seconds=1)


def decision(refund: int = 5_000, **more: object) -> Decision:
    return Decision(refund, RULE, REASONS, **more)  # type: ignore[arg-type]


async def ruled(db: Database, scene: Scene, who: Actor, refund: int = 5_000) -> None:
    await db.write(who, lambda tx: rule(tx, scene.dispute.id, decision(refund)))


async def test_a_ruling_waits_for_an_appeal_and_is_then_carried_out(db: Database) -> None:
    scene, who = await to_decide(db), await clerk(db)
    await ruled(db, scene, who)
    decided = await dispute_now(db, scene)
    assert (decided.state, decided.refund, decided.appeal_by) == (
        DisputeState.DECIDED,
        5_000,
        db.clock.now() + timedelta(hours=72),
    )
    assert (await case_now(db, scene)).state is CaseState.ESCALATED
    await let_time_pass(db, timedelta(hours=72))
    final = await dispute_now(db, scene)
    assert (final.state, final.outcome) == (DisputeState.FINAL, Outcome.PART)
    case, order = await case_now(db, scene), await order_now(db, scene.order)
    assert (case.state, case.refunded, case.outcome) == (CaseState.REFUNDED, 5_000, CaseOutcome.RULED)
    assert (order.refunded, order.state) == (5_000, OrderState.SHIPPED)
    precedent = await db.read(lambda r: find_precedent_of(r, scene.dispute.id))
    assert precedent is not None
    assert (precedent.texts.rule_key, precedent.texts.reasons) == (RULE, REASONS)
    await assert_market_clean(db)


async def test_a_ruling_for_the_shop_ends_the_case_without_money(db: Database) -> None:
    scene, who = await to_decide(db), await clerk(db)
    await ruled(db, scene, who, 0)
    await let_time_pass(db, timedelta(hours=72))
    case, order = await case_now(db, scene), await order_now(db, scene.order)
    assert (case.state, case.refunded, order.refunded) == (CaseState.CLOSED, 0, 0)
    assert (await dispute_now(db, scene)).outcome is Outcome.NONE
    await assert_market_clean(db)


async def test_an_appeal_is_decided_by_somebody_else_and_that_is_the_end(db: Database) -> None:
    scene, first, second = await to_decide(db), await clerk(db), await clerk(db)
    await ruled(db, scene, first, 0)
    await db.write(scene.buyer, lambda tx: appeal(tx, scene.dispute.id, "Look at the second picture."))
    with pytest.raises(OwnInterest):
        await ruled(db, scene, first)
    await ruled(db, scene, second, scene.dispute.claimed)
    final = await dispute_now(db, scene)
    assert (final.state, final.outcome, final.appealed_by) == (DisputeState.FINAL, Outcome.FULL, Side.BUYER)
    assert [(r.stage, r.decided_by) for r in await db.read(lambda r: list_rulings(r, scene.dispute.id))] == [
        (1, first.person_id),
        (2, second.person_id),
    ]
    with pytest.raises(DisputeInWrongState):
        await db.write(scene.seller, lambda tx: appeal(tx, scene.dispute.id, "No!"))
    await settle_all(db)
    assert (await order_now(db, scene.order)).state is OrderState.CLOSED
    await assert_market_clean(db)


async def test_the_time_for_an_appeal_ends_to_the_second(db: Database) -> None:
    scene, late, who = await to_decide(db), await to_decide(db), await clerk(db)
    for one in (scene, late):
        await ruled(db, one, who)
    db.clock.move(timedelta(hours=72) - SECOND)
    appealed = await db.write(scene.seller, lambda tx: appeal(tx, scene.dispute.id, "It was whole."))
    assert appealed.staff_by == db.clock.now() + THREE_DAYS
    db.clock.move(SECOND)
    with pytest.raises(DisputeInWrongState):
        await db.write(late.seller, lambda tx: appeal(tx, late.dispute.id, "It was whole."))
    assert (await dispute_now(db, late)).appealed_at is None


async def test_an_appeal_needs_words_and_a_side(db: Database) -> None:
    scene, who = await to_decide(db), await clerk(db)
    with pytest.raises(DisputeInWrongState):
        await db.write(scene.buyer, lambda tx: appeal(tx, scene.dispute.id, "Before anything was ruled."))
    await ruled(db, scene, who)
    with pytest.raises(DisputeNotFound):
        await db.write(who, lambda tx: appeal(tx, scene.dispute.id, "I am neither."))
    with pytest.raises(NotSignedIn):
        await db.write(GUEST, lambda tx: appeal(tx, scene.dispute.id, "Hello?"))
    with pytest.raises(Invalid) as trouble:
        await db.write(scene.buyer, lambda tx: appeal(tx, scene.dispute.id, " "))
    assert trouble.value.errors[0].pointer == "/words"
    assert (await dispute_now(db, scene)).state is DisputeState.DECIDED


async def test_nobody_decides_a_thing_of_their_own(db: Database) -> None:
    scene = await to_decide(db)
    shop = await db.read(lambda r: get_shop(r, ShopId(scene.order.shop_id)))
    packer = person(await make_staff(db, shop, Role.CLERK))
    for own in (scene.buyer, scene.seller, packer):
        assert own.person_id is not None
        with pytest.raises(StaffOnly):
            await ruled(db, scene, own)
        await db.write(
            MARKET,
            lambda tx, i=own.person_id: grant_staff_role(tx, PersonId(i), StaffRole.OPERATOR),  # type: ignore[misc]
        )
        with pytest.raises(OwnInterest):
            await ruled(db, scene, own)
        for look in (list_waiting_disputes, list_desk_disputes):
            assert (await db.read(lambda r, o=own, look=look: look(r, o.person_id))).items == []  # type: ignore[misc]
    with pytest.raises(NotSignedIn):
        await ruled(db, scene, GUEST)
    assert (await dispute_now(db, scene)).state is DisputeState.DECIDING
    who = await clerk(db)
    assert who.person_id is not None
    waiting = await db.read(lambda r: list_waiting_disputes(r, PersonId(who.person_id or 0)))
    assert [d.id for d in waiting.items] == [scene.dispute.id]


async def test_of_two_who_rule_at_once_one_is_told(wide_db: Database) -> None:
    db = wide_db
    scene = await to_decide(db)
    clerks = [await clerk(db) for _ in range(4)]
    done = await asyncio.gather(
        *(ruled(db, scene, who, 1_000 + n) for n, who in enumerate(clerks)), return_exceptions=True
    )
    assert [type(d) for d in done if d is not None] == [DisputeInWrongState] * 3
    (ruling,) = await db.read(lambda r: list_rulings(r, scene.dispute.id))
    assert ruling.refund == (await dispute_now(db, scene)).refund


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"refund": 1_000_000}, "/refund"),
        ({"refund": -1}, "/refund"),
        ({"refund": 0, "to_return": True}, "/to_return"),
        ({"reasons": "No."}, "/reasons"),
        ({"rule_key": ""}, "/rule"),
        ({"rule_key": "orders.nowhere"}, "/rule"),
    ],
)
async def test_a_ruling_without_reasons_or_rule_is_none(db: Database, changes: dict[str, object], pointer: str) -> None:
    scene, who = await to_decide(db), await clerk(db)
    wrong = Decision(**{"refund": 100, "rule_key": RULE, "reasons": REASONS, **changes})  # type: ignore[arg-type]
    with pytest.raises(Invalid) as trouble:
        await db.write(who, lambda tx: rule(tx, scene.dispute.id, wrong))
    assert [e.pointer for e in trouble.value.errors] == [pointer]
    assert await db.read(lambda r: list_rulings(r, scene.dispute.id)) == []


async def test_what_nobody_decides_a_supervisor_has_to(db: Database) -> None:
    scene, who, boss = await to_decide(db), await clerk(db), await clerk(db, StaffRole.SUPERVISOR)
    await let_time_pass(db, THREE_DAYS)
    late = await dispute_now(db, scene)
    assert (late.is_senior, late.staff_by) == (True, db.clock.now() + THREE_DAYS)
    assert (await db.read(count_disputes)).senior == 1
    with pytest.raises(SupervisorNeeded):
        await ruled(db, scene, who)
    await ruled(db, scene, boss)
    assert (await dispute_now(db, scene)).state is DisputeState.DECIDED


async def test_when_nobody_decides_the_market_pays_and_the_shop_loses_nothing(db: Database) -> None:
    scene = await to_decide(db)
    await let_time_pass(db, THREE_DAYS)
    await let_time_pass(db, THREE_DAYS)
    final = await dispute_now(db, scene)
    assert (final.state, final.outcome, final.refund) == (DisputeState.FINAL, Outcome.MARKET_PAID, final.claimed)
    case = await case_now(db, scene)
    assert (case.state, case.outcome, case.refunded) == (CaseState.REFUNDED, CaseOutcome.MARKET_PAID, final.claimed)
    (ruling,) = await db.read(lambda r: list_rulings(r, scene.dispute.id))
    assert (ruling.decider, ruling.decided_by) == (Decider.SILENCE, None)
    await assert_market_clean(db)


async def test_a_jury_decides_and_may_be_appealed_against(db: Database) -> None:
    scene, who = await to_jury(db), await clerk(db)
    with pytest.raises(DisputeInWrongState):
        await ruled(db, scene, who)
    await db.write(GUEST, lambda tx: decide_by_jury(tx, scene.dispute.id, decision()))
    assert (await dispute_now(db, scene)).state is DisputeState.DECIDED
    with pytest.raises(DisputeInWrongState):
        await db.write(GUEST, lambda tx: decide_by_jury(tx, scene.dispute.id, decision(1)))
    await db.write(scene.seller, lambda tx: appeal(tx, scene.dispute.id, "They did not see it."))
    await ruled(db, scene, who, 0)
    assert (await dispute_now(db, scene)).outcome is Outcome.NONE
    await assert_market_clean(db)


async def test_a_jury_that_does_not_decide_leaves_it_to_the_staff(db: Database) -> None:
    scene = await to_jury(db)
    await let_time_pass(db, timedelta(hours=72))
    dispute = await dispute_now(db, scene)
    assert (dispute.state, dispute.staff_by) == (DisputeState.DECIDING, db.clock.now() + THREE_DAYS)
    kinds = [d.kind for d in await db.read(lambda r: list_deadlines(r, dispute.id))]
    assert kinds == ["justice.staff"]


async def test_a_dispute_ends_with_the_case_that_was_withdrawn(db: Database) -> None:
    scene = await escalated(db)
    await answer(db, scene, Answer.WITHDRAW)
    await settle_all(db)
    dispute = await dispute_now(db, scene)
    assert (dispute.state, dispute.outcome) == (DisputeState.FINAL, Outcome.WITHDRAWN)
    assert await db.read(lambda r: list_deadlines(r, dispute.id)) == []
    assert (await db.read(count_disputes)).by_outcome == {Outcome.WITHDRAWN: 1}


async def test_goods_come_back_before_the_money_where_it_was_ruled_so(db: Database) -> None:
    scene, who = await to_decide(db, kind=CaseKind.RETURN), await clerk(db)
    await db.write(who, lambda tx: rule(tx, scene.dispute.id, decision(to_return=True)))
    await let_time_pass(db, timedelta(hours=72))
    case = await case_now(db, scene)
    assert (case.state, case.refunded, case.ruled) == (CaseState.AGREED, 0, True)
    await answer(db, scene, Answer.RETURN_SHIPPED)
    await answer(db, scene, Answer.RETURN_RECEIVED)
    case = await case_now(db, scene)
    assert (case.state, case.refunded, case.outcome) == (CaseState.REFUNDED, 5_000, CaseOutcome.RULED)
    await assert_market_clean(db)


async def test_a_return_that_is_refused_once_more_is_disputed_once_more(db: Database) -> None:
    scene, who = await to_decide(db, kind=CaseKind.RETURN), await clerk(db)
    await db.write(who, lambda tx: rule(tx, scene.dispute.id, decision(to_return=True)))
    await let_time_pass(db, timedelta(hours=72))
    for what in (Answer.RETURN_SHIPPED, Answer.RETURN_REFUSED, Answer.ESCALATE):
        await answer(db, scene, what)
    await settle_all(db)
    second = await db.read(lambda r: find_dispute_of_case(r, scene.dispute.case_id))
    assert second is not None
    assert (second.id != scene.dispute.id, second.state) == (True, DisputeState.EVIDENCE)
    await let_time_pass(db, timedelta(days=2))
    await db.write(who, lambda tx: rule(tx, second.id, decision(5_000)))
    await let_time_pass(db, timedelta(hours=72))
    assert (await case_now(db, scene)).state is CaseState.REFUNDED
    await assert_market_clean(db)


@pytest.mark.parametrize("stage", ["shipped", "received"])
async def test_the_markets_money_reaches_the_buyer_and_the_shop_keeps_its_own(db: Database, stage: str) -> None:
    scene = await to_decide(db, stage=stage)
    for _ in range(2):
        await let_time_pass(db, THREE_DAYS)
    order = await order_now(db, scene.order)
    assert (order.refunded, order.market_refunded) == (scene.dispute.claimed, scene.dispute.claimed)
    await let_time_pass(db, timedelta(days=20))
    shop = owned_account(AccountKind.SHOP, scene.order.shop_id, scene.order.currency)
    got = (await db.read(lambda r: balance(r, shop))).amount
    assert got == scene.order.total - scene.order.commission
    await assert_market_clean(db)
