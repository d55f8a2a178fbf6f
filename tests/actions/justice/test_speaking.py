"""Both sides speak: in time, each for itself, until all is said."""

from datetime import timedelta

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.deadlines import list_deadlines
from fairground.kit.errors import Invalid, NotSignedIn
from fairground.kit.ids import Id
from fairground.market.justice.actions.disputes import choose_jury, end_round, finish_speaking, open_dispute
from fairground.market.justice.errors import DisputeInWrongState, DisputeNotFound, TooManyStatements
from fairground.market.justice.model.disputes import DisputeRules, DisputeState, Escalation, Side
from fairground.market.justice.queries.disputes import list_disputes, list_disputes_of_shop
from fairground.market.shops.model import Role, ShopId
from fairground.market.shops.queries import get_shop
from tests.support.disputes import Scene, dispute_now, disputed, said, say
from tests.support.shops import MARKET, make_owner, make_staff, news

ROUND = timedelta(hours=48)
SECOND = timedelta(seconds=1)


async def let_round_end(db: Database, scene: Scene) -> None:
    dispute = await dispute_now(db, scene)
    db.clock.move(dispute.round_ends_at - db.clock.now())
    await db.write(MARKET, lambda tx: end_round(tx, scene.dispute.id))


async def test_a_dispute_opens_with_two_days_for_both_sides(db: Database) -> None:
    scene = await disputed(db)
    dispute = scene.dispute
    assert (dispute.state, dispute.round, dispute.round_ends_at) == (DisputeState.EVIDENCE, 1, db.clock.now() + ROUND)
    assert dispute.rule_by == db.clock.now() + timedelta(days=30)
    assert dispute.id.bucket == scene.order.id.bucket
    assert [d.due_at for d in await db.read(lambda r: list_deadlines(r, dispute.id))] == [dispute.round_ends_at]
    assert "justice.DisputeOpened" in await news(db)


async def test_a_case_has_one_open_dispute(db: Database) -> None:
    d = (await disputed(db)).dispute
    facts = Escalation(d.case_id, d.order_id, d.buyer_id, d.shop_id, d.kind, d.claimed, d.currency)
    assert await db.write(MARKET, lambda tx: open_dispute(tx, facts)) is None
    assert len((await db.read(lambda r: list_disputes(r, d.buyer_id))).items) == 1


async def test_both_sides_speak_and_see_their_disputes(db: Database) -> None:
    scene = await disputed(db)
    await say(db, scene, scene.buyer, "It came broken.\r\n")
    await say(db, scene, scene.seller, "It was whole when it left.")
    assert [(s.number, s.side, s.words) for s in await said(db, scene)] == [
        (1, Side.BUYER, "It came broken."),
        (2, Side.SHOP, "It was whole when it left."),
    ]
    shops = await db.read(lambda r: list_disputes_of_shop(r, scene.order.shop_id))
    assert [d.id for d in shops.items] == [scene.dispute.id]


async def test_strangers_find_nothing_and_guests_sign_in(db: Database) -> None:
    scene = await disputed(db)
    stranger = person(await make_owner(db))
    for deed in (choose_jury, finish_speaking):
        with pytest.raises(DisputeNotFound):
            await db.write(stranger, lambda tx, deed=deed: deed(tx, scene.dispute.id))  # type: ignore[misc]
    with pytest.raises(DisputeNotFound):
        await say(db, scene, stranger)
    with pytest.raises(NotSignedIn):
        await say(db, scene, MARKET)
    assert await said(db, scene) == []


async def test_who_packs_speaks_for_the_shop_and_who_counts_money_does_not(db: Database) -> None:
    scene = await disputed(db)
    shop = await db.read(lambda r: get_shop(r, ShopId(scene.order.shop_id)))
    packer, accountant = [await make_staff(db, shop, role) for role in (Role.CLERK, Role.ACCOUNTANT)]
    await say(db, scene, person(packer))
    with pytest.raises(DisputeNotFound):
        await say(db, scene, person(accountant))
    assert [s.person_id for s in await said(db, scene)] == [packer]


async def test_a_round_ends_to_the_second(db: Database) -> None:
    scene = await disputed(db)
    db.clock.move(ROUND - SECOND)
    await say(db, scene, scene.buyer)
    db.clock.move(SECOND)
    with pytest.raises(DisputeInWrongState):
        await say(db, scene, scene.seller)
    assert len(await said(db, scene)) == 1


async def test_what_was_said_may_be_answered_once_more_and_then_it_is_decided(db: Database) -> None:
    scene = await disputed(db)
    await say(db, scene, scene.buyer)
    await let_round_end(db, scene)
    second = await dispute_now(db, scene)
    assert (second.state, second.round, second.round_ends_at) == (DisputeState.EVIDENCE, 2, db.clock.now() + ROUND)
    await say(db, scene, scene.seller)
    await let_round_end(db, scene)
    assert (await dispute_now(db, scene)).state is DisputeState.DECIDING


async def test_silence_of_both_needs_no_second_round(db: Database) -> None:
    scene = await disputed(db)
    await let_round_end(db, scene)
    dispute = await dispute_now(db, scene)
    assert (dispute.state, dispute.staff_by) == (DisputeState.DECIDING, db.clock.now() + timedelta(days=3))


async def test_a_round_that_is_looked_at_too_early_goes_on(db: Database) -> None:
    scene = await disputed(db)
    db.clock.move(ROUND - SECOND)
    await db.write(MARKET, lambda tx: end_round(tx, scene.dispute.id))
    assert (await dispute_now(db, scene)).state is DisputeState.EVIDENCE


async def test_when_both_have_nothing_more_to_say_it_is_decided_at_once(db: Database) -> None:
    scene = await disputed(db)
    await say(db, scene, scene.buyer, is_done=True)
    with pytest.raises(DisputeInWrongState):
        await say(db, scene, scene.buyer, "One more thing.")
    decided = await db.write(scene.seller, lambda tx: finish_speaking(tx, scene.dispute.id))
    assert decided.state is DisputeState.DECIDING
    kinds = [d.kind for d in await db.read(lambda r: list_deadlines(r, scene.dispute.id))]
    assert kinds == ["justice.staff"]
    assert len(await said(db, scene)) == 1


async def test_a_jury_is_asked_only_where_both_sides_choose_it(db: Database) -> None:
    one, both = await disputed(db), await disputed(db)
    await db.write(one.buyer, lambda tx: choose_jury(tx, one.dispute.id))
    with pytest.raises(DisputeInWrongState):
        await db.write(one.buyer, lambda tx: choose_jury(tx, one.dispute.id))
    for who in (both.buyer, both.seller):
        await db.write(who, lambda tx: choose_jury(tx, both.dispute.id))
    for scene in (one, both):
        await db.write(scene.buyer, lambda tx, s=scene: finish_speaking(tx, s.dispute.id))  # type: ignore[misc]
        await db.write(scene.seller, lambda tx, s=scene: finish_speaking(tx, s.dispute.id))  # type: ignore[misc]
    assert (await dispute_now(db, one)).state is DisputeState.DECIDING
    assert (await dispute_now(db, both)).state is DisputeState.JURY
    assert "justice.JuryCalled" in await news(db)


async def test_a_round_has_room_for_some_statements_of_each_side(db: Database) -> None:
    scene = await disputed(db)
    most = DisputeRules().statements_most
    for number in range(most):
        await say(db, scene, scene.buyer, f"Number {number}.")
    with pytest.raises(TooManyStatements):
        await say(db, scene, scene.buyer, "One too many.")
    await say(db, scene, scene.seller, "My turn.")
    assert len(await said(db, scene)) == most + 1


async def test_bad_statements_name_their_fields(db: Database) -> None:
    scene = await disputed(db)
    strange = db.ids.make(Id, 7, db.clock.now())
    for words, pictures, pointer in (
        (" \u200b ", (), "/words"),
        ("x" * 4001, (), "/words"),
        ("Look.", (strange,) * 3, "/pictures"),
    ):
        with pytest.raises(Invalid) as trouble:
            await say(db, scene, scene.buyer, words, pictures=pictures)
        assert [e.pointer for e in trouble.value.errors] == [pointer]
    assert await said(db, scene) == []


def test_the_longest_way_keeps_what_the_market_promises() -> None:
    rules = DisputeRules()
    assert rules.first_ruling_within <= timedelta(days=rules.ruling_days)
    assert rules.ends_within <= timedelta(days=75)
