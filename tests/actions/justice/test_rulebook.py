"""How a rule is made: nothing binds without a consultation that is over, or an emergency with an end."""

from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from fairground.app.rules import RULES
from fairground.kit.actor import person, system
from fairground.kit.db import Database, Given
from fairground.kit.errors import Invalid
from fairground.market.justice.actions.founding import found_rules
from fairground.market.justice.actions.rulebook import (
    change_draft,
    close_consultation,
    drop_draft,
    end_emergency,
    open_consultation,
    put_in_force,
    put_in_force_at_once,
)
from fairground.market.justice.errors import ConsultationTooShort, RuleInWrongState, RuleNotFound
from fairground.market.justice.model.founding import FOUNDING, ROOMS
from fairground.market.justice.model.rulebook import RuleVersion, RuleVersionId, Standing, Vote, Votes
from fairground.market.justice.queries.rulebook import (
    get_public_version,
    list_consultations,
    list_rules,
    list_unsettled,
    list_versions,
    map_in_force,
)
from fairground.market.orders.model.rules import OrderRules
from fairground.market.shops.errors import StaffOnly
from tests.support.catalog import make_product
from tests.support.given import test_given
from tests.support.rulebook import (
    FEW,
    a_draft,
    drafted,
    let_days_pass,
    make_verified,
    put_before_people,
    version_now,
    vote,
)
from tests.support.shops import desk_clerk, make_owner, make_shop


@pytest.fixture
def given() -> Given:
    """A quorum of three, so that a vote can be lost."""
    return test_given(FEW)


async def in_force(db: Database, key: str = "orders.wrapping") -> RuleVersion | None:
    return (await db.read(lambda r: map_in_force(r, [key]))).get(key)


async def rows(db: Database) -> list[Any]:
    return [tuple(r) for r in await db.read(lambda r: r.rows("select * from justice.rule_versions order by id"))]


async def test_a_draft_goes_through_its_consultation_and_comes_into_force(db: Database) -> None:
    clerk = await desk_clerk(db)
    version = await put_before_people(db)
    assert version.standing is Standing.OPEN
    assert [v.id for v in await db.read(list_consultations)] == [version.id]
    await vote(db, await make_verified(db), version)
    await let_days_pass(db, 14)
    version = await version_now(db, version.id)
    assert (version.standing, version.votes, version.refused) == (Standing.CLOSED, Votes(1, 0), False)
    assert await in_force(db) is None
    await db.write(clerk, lambda tx: put_in_force(tx, version.id))
    found = await in_force(db)
    assert found is not None
    assert (found.id, found.version, found.emergency_until) == (version.id, 1, None)
    (rule,) = await db.read(list_rules)
    assert (rule.key, rule.part) == ("orders.wrapping", "orders")


async def test_a_newer_version_takes_the_place_of_the_one_before(db: Database) -> None:
    clerk = await desk_clerk(db)
    for number in (1, 2):
        version = await put_before_people(db, text=f"Wrap it {number} times.")
        await let_days_pass(db, 14)
        await db.write(clerk, lambda tx, version=version: put_in_force(tx, version.id))
        found = await in_force(db)
        assert found is not None
        assert found.version == number
    newest, first = await db.read(lambda r: list_versions(r, "orders.wrapping"))
    assert (newest.standing, first.standing) == (Standing.IN_FORCE, Standing.ENDED)


@pytest.mark.parametrize("stage", ["draft", "open", "dropped"])
async def test_nothing_comes_into_force_before_its_consultation_is_closed(db: Database, stage: str) -> None:
    clerk = await desk_clerk(db)
    version = await drafted(db) if stage == "draft" else await put_before_people(db)
    if stage == "dropped":
        await db.write(clerk, lambda tx: drop_draft(tx, version.id, "A better one comes."))
    before = await rows(db)
    with pytest.raises(RuleInWrongState):
        await db.write(clerk, lambda tx: put_in_force(tx, version.id))
    assert await rows(db) == before


@pytest.mark.parametrize(
    "change",
    [
        "in_force_at = created_at",
        "in_force_at = created_at, closed_at = null",
        "in_force_at = created_at, emergency_until = created_at, emergency_reason = 'x'",
        "in_force_at = created_at, emergency_until = created_at + interval '1 day'",
        (
            "in_force_at = created_at, opened_at = created_at, closes_at = created_at + interval '1 day', "
            "closed_at = created_at + interval '1 day', yes = 0, no = 9, refused = true"
        ),
    ],
)
async def test_the_database_holds_it_too(db: Database, change: str) -> None:
    version = await drafted(db)
    with pytest.raises(asyncpg.CheckViolationError):
        await db.write(
            system("test"),
            lambda tx: tx.execute(f"update justice.rule_versions set {change} where id = $1", version.id),
        )
    assert await in_force(db) is None


async def test_the_people_can_keep_a_rule_out(db: Database) -> None:
    clerk, product = await desk_clerk(db), await make_product(db, await make_shop(db), stock=None)
    version = await put_before_people(db)
    for what in (Vote.NO, Vote.YES, Vote.NO):
        await vote(db, await make_verified(db, product), version, what)
    await let_days_pass(db, 14)
    version = await version_now(db, version.id)
    assert (version.votes, version.refused) == (Votes(1, 2), True)
    for deed in (put_in_force, lambda tx, i: put_in_force_at_once(tx, i, tx.now + timedelta(days=1), "Now.")):
        with pytest.raises(RuleInWrongState):
            await db.write(clerk, lambda tx, deed=deed: deed(tx, version.id))
    assert await in_force(db) is None


async def test_below_the_quorum_a_no_is_heard_but_does_not_bind(db: Database) -> None:
    version = await put_before_people(db)
    await vote(db, await make_verified(db), version, Vote.NO)
    await let_days_pass(db, 14)
    assert (await version_now(db, version.id)).may_come_into_force


async def test_a_consultation_cannot_be_cut_short(db: Database) -> None:
    clerk = await desk_clerk(db)
    version = await drafted(db, clerk)
    with pytest.raises(Invalid):
        await db.write(clerk, lambda tx: open_consultation(tx, version.id, 6))
    await db.write(clerk, lambda tx: open_consultation(tx, version.id, 14))
    db.clock.move(timedelta(days=7) - timedelta(seconds=1))
    with pytest.raises(ConsultationTooShort):
        await db.write(clerk, lambda tx: close_consultation(tx, version.id))
    db.clock.move(timedelta(seconds=1))
    await db.write(clerk, lambda tx: close_consultation(tx, version.id))
    assert (await version_now(db, version.id)).standing is Standing.CLOSED
    await let_days_pass(db, 30)  # its deadline is gone
    with pytest.raises(RuleInWrongState):
        await db.write(clerk, lambda tx: close_consultation(tx, version.id))


async def test_an_emergency_ends_and_what_was_before_comes_back(db: Database) -> None:
    clerk = await desk_clerk(db)
    first = await put_before_people(db)
    await let_days_pass(db, 14)
    await db.write(clerk, lambda tx: put_in_force(tx, first.id))
    second = await drafted(db, clerk, text="Only strong boxes.")
    until = db.clock.now() + timedelta(days=10)
    await db.write(clerk, lambda tx: put_in_force_at_once(tx, second.id, until, "The floods."))
    found = await in_force(db)
    assert found is not None
    assert (found.id, found.emergency_until, found.emergency_reason) == (second.id, until, "The floods.")
    await let_days_pass(db, 9.99)
    assert (await in_force(db)).id == second.id  # type: ignore[union-attr]
    await let_days_pass(db, 0.02)
    assert (await in_force(db)).id == first.id  # type: ignore[union-attr]
    assert (await version_now(db, second.id)).standing is Standing.ENDED


@pytest.mark.parametrize(("days", "reason"), [(0, "Now."), (31, "Now."), (5, " ")])
async def test_an_emergency_needs_a_near_end_and_a_reason(db: Database, days: int, reason: str) -> None:
    clerk = await desk_clerk(db)
    version = await drafted(db, clerk)
    before = await rows(db)
    with pytest.raises(Invalid):
        await db.write(clerk, lambda tx: put_in_force_at_once(tx, version.id, tx.now + timedelta(days=days), reason))
    assert await rows(db) == before


async def test_people_can_confirm_what_an_emergency_put_in_force_or_let_it_end(db: Database) -> None:
    clerk, product = await desk_clerk(db), await make_product(db, await make_shop(db), stock=None)
    voters = [await make_verified(db, product) for _ in range(3)]
    for key, what in (("orders.kept", Vote.YES), ("orders.lost", Vote.NO)):
        version = await drafted(db, clerk, key=key)
        await db.write(
            clerk,
            lambda tx, v=version: put_in_force_at_once(tx, v.id, tx.now + timedelta(days=20), "The floods."),
        )
        await db.write(clerk, lambda tx, v=version: open_consultation(tx, v.id, 14))
        for voter in voters:
            await vote(db, voter, version, what)
    await let_days_pass(db, 14)
    assert (await in_force(db, "orders.kept")).emergency_until is None  # type: ignore[union-attr]
    assert await in_force(db, "orders.lost") is not None
    await let_days_pass(db, 10)
    assert await in_force(db, "orders.kept") is not None
    assert await in_force(db, "orders.lost") is None


async def test_an_emergency_may_be_ended_early_but_an_ordinary_rule_not(db: Database) -> None:
    clerk = await desk_clerk(db)
    version = await drafted(db, clerk)
    await db.write(clerk, lambda tx: put_in_force_at_once(tx, version.id, tx.now + timedelta(days=9), "Floods."))
    await db.write(clerk, lambda tx: end_emergency(tx, version.id))
    assert await in_force(db) is None
    with pytest.raises(RuleInWrongState):
        await db.write(clerk, lambda tx: end_emergency(tx, version.id))


async def test_words_change_only_before_people_read_them(db: Database) -> None:
    clerk = await desk_clerk(db)
    version = await drafted(db, clerk)
    with pytest.raises(RuleNotFound):
        await db.read(lambda r: get_public_version(r, version.id))
    changed = await db.write(clerk, lambda tx: change_draft(tx, version.id, a_draft(text="Wrap it twice.")))
    assert changed.english.text == "Wrap it twice."
    await db.write(clerk, lambda tx: open_consultation(tx, version.id, 7))
    with pytest.raises(RuleInWrongState):
        await db.write(clerk, lambda tx: change_draft(tx, version.id, a_draft(text="Wrap it thrice.")))
    assert (await version_now(db, version.id)).english.text == "Wrap it twice."


async def test_a_wrong_draft_names_its_fields(db: Database) -> None:
    with pytest.raises(Invalid) as caught:
        await drafted(db, key="No Key", text=" ")
    assert {e.pointer for e in caught.value.errors} == {"/key", "/text_en"}
    assert await rows(db) == []


async def test_nobody_but_the_staff_makes_rules(db: Database) -> None:
    version = await drafted(db)
    someone = person(await make_owner(db))
    before = await rows(db)
    deeds: list[Any] = [
        lambda tx: open_consultation(tx, version.id, 14),
        lambda tx: close_consultation(tx, version.id),
        lambda tx: put_in_force(tx, version.id),
        lambda tx: put_in_force_at_once(tx, version.id, tx.now + timedelta(days=1), "x"),
        lambda tx: end_emergency(tx, version.id),
        lambda tx: drop_draft(tx, version.id, "x"),
        lambda tx: change_draft(tx, version.id, a_draft()),
    ]
    for deed in deeds:
        with pytest.raises(StaffOnly):
            await db.write(someone, deed)
    with pytest.raises(StaffOnly):
        await drafted(db, someone)
    assert await rows(db) == before
    with pytest.raises(RuleNotFound):
        await db.write(await desk_clerk(db), lambda tx: put_in_force(tx, RuleVersionId(1)))


async def test_the_first_rules_carry_the_numbers_in_force_and_are_put_before_the_people(db: Database) -> None:
    db.given = test_given(OrderRules(unpaid_close_hours=77))
    assert await db.write(system("test"), found_rules) == len(FOUNDING)
    assert await db.write(system("test"), found_rules) == 0
    rules = await db.read(list_rules)
    assert [rule.key for rule in rules] == [rule.key for rule in FOUNDING]
    unpaid = rules[0].in_force
    assert unpaid is not None
    assert "77 hours" in unpaid.english.text
    assert "77 小时" in unpaid.chinese.text
    assert unpaid.numbers["orders.unpaid_close_hours"] == 77
    assert unpaid.is_open
    assert unpaid.emergency_until is not None
    assert len(await db.read(list_unsettled)) == len(FOUNDING)
    await let_days_pass(db, 14)
    assert all(rule.in_force and rule.in_force.emergency_until is None for rule in await db.read(list_rules))


def test_the_first_rules_name_settings_that_there_are() -> None:
    assert {room: RULES[room] for room in ROOMS} == dict(ROOMS)
    for rule in FOUNDING:
        assert set(rule.settings) <= set(ROOMS[rule.room].__struct_fields__), rule.key
        assert rule.settings
