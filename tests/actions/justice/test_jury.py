"""A jury from the draw to the ruling: who may not sit, votes, the early end, the staff as a way out, the file."""

import asyncio
from datetime import timedelta

import asyncpg
import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database, Given
from fairground.kit.errors import Invalid
from fairground.market.accounts.actions.closing import close_account
from fairground.market.accounts.actions.staff import grant_staff_role
from fairground.market.accounts.model import PersonId, StaffRole
from fairground.market.accounts.queries import list_addresses
from fairground.market.catalog.model import Product
from fairground.market.catalog.queries import get_product
from fairground.market.justice.actions.disputes import add_statement
from fairground.market.justice.actions.drawing import draw_jury
from fairground.market.justice.actions.jurors import leave_juries
from fairground.market.justice.actions.jury import learn_from_appeal
from fairground.market.justice.actions.rulings import appeal, rule
from fairground.market.justice.errors import AlreadyVoted, CaseNotFound, JuryOver
from fairground.market.justice.model.disputes import Decider, Decision, DisputeState, StatementDraft
from fairground.market.justice.model.jury import JurorStanding, JuryRules, JuryState, Verdict, WhyNot, check_draw
from fairground.market.justice.queries.disputes import get_dispute, list_rulings
from fairground.market.justice.queries.jury import (
    export_juror,
    find_juror,
    get_draw,
    get_summons,
    list_ready_jurors,
    list_summons,
)
from fairground.market.orders.queries.orders import map_lines
from fairground.market.shops.actions.staff import invite_staff, join_shop
from fairground.market.shops.model import Role, ShopId
from tests.support.cases import assert_market_clean
from tests.support.catalog import make_categories, make_product
from tests.support.disputed_cases import case_now, let_time_pass, to_jury
from tests.support.disputes import Scene, clerk, disputed, say
from tests.support.given import test_given
from tests.support.jury import (
    REASON,
    before_jury,
    bring_before_jury,
    drawn,
    jury_now,
    let_justice_run,
    make_juror,
    make_jurors,
    seats_of,
    vote,
)
from tests.support.reviews import received_order
from tests.support.shops import MARKET, make_shop
from tests.support.world import pump

SMALL = JuryRules(seats=5, seats_above=7)


@pytest.fixture
def given() -> Given:
    """Five seats, seven where much is at stake."""
    return test_given(SMALL)


async def goods(db: Database) -> Product:
    return await make_product(db, await make_shop(db), stock=None)


async def sitting(db: Database, n: int = 5) -> Scene:
    """Draw a jury out of so many."""
    await make_jurors(db, await goods(db), n)
    scene = await before_jury(db)
    await drawn(db, scene)
    return scene


async def rulings(db: Database, scene: Scene):
    return await db.read(lambda r: list_rulings(r, scene.dispute.id))


async def state(db: Database, scene: Scene) -> DisputeState:
    return (await db.read(lambda r: get_dispute(r, scene.dispute.id))).state


async def why_not(db: Database, scene: Scene) -> dict[int, str]:
    await drawn(db, scene)
    return dict((await db.read(lambda r: get_draw(r, scene.dispute.id))).passed_over)


async def test_both_sides_choose_a_jury_and_it_is_drawn_and_told(db: Database) -> None:
    people = await make_jurors(db, await goods(db), 8)
    scene = await before_jury(db)
    await let_justice_run(db)
    jury = await jury_now(db, scene)
    assert (jury.state, jury.seats, jury.for_buyer, jury.for_shop) == (JuryState.OPEN, 5, 0, 0)
    assert jury.closes_at == db.clock.now() + timedelta(hours=48)
    found = await db.read(lambda r: get_draw(r, scene.dispute.id))
    assert check_draw(found)
    assert sorted(found.pool) == sorted(p.id for p in people)
    assert {seat.juror_id for seat in await seats_of(db, scene)} == set(found.drawn)
    for juror in people:
        summons = await db.read(lambda r, j=juror: list_summons(r, j.id))
        assert [s.jury.dispute_id for s in summons] == ([scene.dispute.id] if juror.id in found.drawn else [])
    await db.write(MARKET, lambda tx: draw_jury(tx, scene.dispute.id))
    assert await db.read(lambda r: get_draw(r, scene.dispute.id)) == found


async def test_the_vote_that_makes_most_of_the_seats_decides_at_once(db: Database) -> None:
    scene = await sitting(db)
    jurors = [seat.juror_id for seat in await seats_of(db, scene)]
    await vote(db, scene, jurors[0], Verdict.SHOP, "It was described rightly.")
    for juror in jurors[1:3]:
        assert (await vote(db, scene, juror)).state is JuryState.OPEN
    assert (await vote(db, scene, jurors[3])).state is JuryState.DECIDED
    dispute = await db.read(lambda r: get_dispute(r, scene.dispute.id))
    assert (dispute.state, dispute.refund) == (DisputeState.DECIDED, dispute.claimed)
    (ruling,) = await rulings(db, scene)
    assert (ruling.decider, ruling.decided_by, ruling.rule_key) == (Decider.JURY, None, "disputes.jury")
    assert "3 votes for the buyer, 1 for the shop, 5 seats" in ruling.reasons
    assert REASON in ruling.reasons
    with pytest.raises(JuryOver):
        await vote(db, scene, jurors[4])
    await let_justice_run(db, hours=49)  # no deadline of the jury is left
    assert len(await rulings(db, scene)) == 1


async def test_a_jury_for_the_shop_gives_nothing_back(db: Database) -> None:
    scene = await sitting(db)
    for seat in (await seats_of(db, scene))[:3]:
        await vote(db, scene, seat.juror_id, Verdict.SHOP)
    (ruling,) = await rulings(db, scene)
    assert (ruling.refund, ruling.to_return) == (0, False)


async def test_who_does_not_vote_in_time_leaves_it_to_the_staff(db: Database) -> None:
    scene = await sitting(db)
    first, second, third, *_ = [seat.juror_id for seat in await seats_of(db, scene)]
    db.clock.move(timedelta(hours=48) - timedelta(seconds=1))
    await vote(db, scene, first)
    db.clock.move(timedelta(seconds=1))
    with pytest.raises(JuryOver):  # late by a second, and nobody has closed it yet
        await vote(db, scene, second)
    await let_justice_run(db)
    jury = await jury_now(db, scene)
    assert (jury.state, jury.for_buyer) == (JuryState.FAILED, 1)
    assert await state(db, scene) is DisputeState.DECIDING
    with pytest.raises(JuryOver):
        await vote(db, scene, third)


async def test_too_few_jurors_leave_it_to_the_staff_at_once(db: Database) -> None:
    await make_jurors(db, await goods(db), 4)
    scene = await before_jury(db)
    assert (await drawn(db, scene)).state is JuryState.FAILED
    assert await seats_of(db, scene) == []
    assert await state(db, scene) is DisputeState.DECIDING
    assert check_draw(await db.read(lambda r: get_draw(r, scene.dispute.id)))


async def test_the_bigger_jury_sits_where_much_is_at_stake(db: Database) -> None:
    db.given = test_given(JuryRules(seats=2, seats_above=3, above_units=199))
    await make_jurors(db, await goods(db), 4)
    assert (await drawn(db, await before_jury(db, claimed=19_899))).seats == 2
    assert (await drawn(db, await before_jury(db, claimed=19_900))).seats == 3


async def test_who_was_verified_too_late_is_passed_over(db: Database) -> None:
    product = await goods(db)
    early, late = await make_juror(db, product), await make_juror(db, product)
    db.clock.move(timedelta(days=90))
    later = await make_juror(db, product)
    passed = await why_not(db, await before_jury(db))
    assert passed == {later.id: WhyNot.UNVERIFIED}
    assert {early.id, late.id}.isdisjoint(passed)


async def test_parties_customers_suppliers_and_competitors_are_passed_over(db: Database) -> None:
    await make_categories(db)
    product = await make_product(db, await make_shop(db), stock=None, category="tableware")
    customer, supplier, competitor, party, staff, neutral = await make_jurors(db, product, 6)
    scene = await before_jury(db)
    line = (await db.read(lambda r: map_lines(r, [scene.order.id])))[scene.order.id][0]
    disputed_pot = await db.read(lambda r: get_product(r, line.product_id))
    # The customer bought in the shop once, and the buyer bought in the supplier's shop.
    await received_order(db, disputed_pot, buyer=await address_of(db, customer.id))
    theirs = await make_product(db, await make_shop(db, supplier.id, name="Supplier"))
    await received_order(db, theirs, buyer=await address_of(db, PersonId(scene.order.buyer_id)))
    await db.write(
        MARKET,
        lambda tx: tx.execute("update catalog.products set category = 'tableware' where id = $1", disputed_pot.id),
    )
    await make_product(db, await make_shop(db, competitor.id, name="Rival"), category="tableware")
    await hire(db, scene, party.id)
    await db.write(MARKET, lambda tx: grant_staff_role(tx, staff.id, StaffRole.CLERK))
    assert await why_not(db, scene) == {
        customer.id: WhyNot.DEALINGS,
        supplier.id: WhyNot.DEALINGS,
        competitor.id: WhyNot.SELLS_THE_SAME,
        party.id: WhyNot.PARTY,
        staff.id: WhyNot.STAFF,
    }
    assert neutral.id in (await db.read(lambda r: get_draw(r, scene.dispute.id))).drawn


async def address_of(db: Database, person_id: PersonId):
    return person_id, (await db.read(lambda r: list_addresses(r, person_id)))[0]


async def hire(db: Database, scene: Scene, person_id: PersonId) -> None:
    shop_id = ShopId(scene.order.shop_id)
    await db.write(MARKET, lambda tx: invite_staff(tx, shop_id, person_id, Role.CLERK))
    await db.write(person(person_id), lambda tx: join_shop(tx, shop_id, person_id))


async def test_who_left_is_not_drawn_and_who_closed_the_account_is_forgotten(db: Database) -> None:
    left, gone, stays = await make_jurors(db, await goods(db), 3)
    await db.write(person(left.id), lambda tx: leave_juries(tx, left.id))
    assert "juror" in await db.read(lambda r: export_juror(r, gone.id))
    await db.write(person(gone.id), lambda tx: close_account(tx, gone.id, []))
    await let_justice_run(db)
    assert await db.read(list_ready_jurors) == [stays.id]
    assert await db.read(lambda r: export_juror(r, gone.id)) == {}


async def test_of_many_votes_of_one_juror_at_once_one_counts(wide_db: Database) -> None:
    wide_db.given = test_given(SMALL)
    scene = await sitting(wide_db)
    juror = (await seats_of(wide_db, scene))[0].juror_id
    outcomes = await asyncio.gather(*(vote(wide_db, scene, juror) for _ in range(10)), return_exceptions=True)
    assert sum(isinstance(o, AlreadyVoted) for o in outcomes) == 9
    assert (await jury_now(wide_db, scene)).for_buyer == 1


async def test_of_all_jurors_at_once_one_makes_the_majority(wide_db: Database) -> None:
    wide_db.given = test_given(SMALL)
    scene = await sitting(wide_db)
    jurors = [seat.juror_id for seat in await seats_of(wide_db, scene)]
    outcomes = await asyncio.gather(*(vote(wide_db, scene, juror) for juror in jurors), return_exceptions=True)
    assert sum(isinstance(o, JuryOver) for o in outcomes) == 2
    jury = await jury_now(wide_db, scene)
    assert (jury.state, jury.for_buyer) == (JuryState.DECIDED, 3)
    assert len(await rulings(wide_db, scene)) == 1


@pytest.mark.parametrize("change", ["for_buyer = 6", "state = 'decided', ended_at = opened_at, for_buyer = 2"])
async def test_the_database_counts_along(db: Database, change: str) -> None:
    scene = await sitting(db)
    with pytest.raises(asyncpg.CheckViolationError):
        await db.write(
            MARKET,
            lambda tx: tx.execute(f"update justice.juries set {change} where dispute_id = $1", scene.dispute.id),
        )
    assert (await jury_now(db, scene)).for_buyer == 0


async def test_without_a_rule_about_juries_the_staff_decides(db: Database) -> None:
    scene = await sitting(db)
    end = "update justice.rule_versions set ended_at = $1 where key = 'disputes.jury'"
    await db.write(MARKET, lambda tx: tx.execute(end, tx.now))
    for seat in (await seats_of(db, scene))[:3]:
        await vote(db, scene, seat.juror_id)
    assert (await jury_now(db, scene)).state is JuryState.FAILED
    assert await state(db, scene) is DisputeState.DECIDING
    assert await rulings(db, scene) == []


async def test_strangers_and_parties_have_no_seat(db: Database) -> None:
    scene = await sitting(db, 6)
    seats = {seat.juror_id for seat in await seats_of(db, scene)}
    pool = (await db.read(lambda r: get_draw(r, scene.dispute.id))).pool
    outside = next(PersonId(i) for i in pool if i not in seats)
    for who in (outside, scene.order.buyer_id, scene.seller.person_id):
        assert who is not None
        with pytest.raises(CaseNotFound):
            await vote(db, scene, who)
        with pytest.raises(CaseNotFound):
            await db.read(lambda r, who=who: get_summons(r, scene.dispute.id, who))
    assert (await jury_now(db, scene)).for_buyer == 0


async def test_a_vote_needs_a_reason(db: Database) -> None:
    scene = await sitting(db)
    juror = (await seats_of(db, scene))[0].juror_id
    for reason in ("", "too short", "x" * 1001):
        with pytest.raises(Invalid):
            await vote(db, scene, juror, reason=reason)
    assert (await jury_now(db, scene)).for_buyer == 0


async def test_the_file_names_nobody(db: Database) -> None:
    await make_jurors(db, await goods(db), 5)
    scene = await disputed(db)
    secret = f"I am Lin Ming, order {scene.order.shown_number}, call +86 138 0013 8000. Lantern & Clay lies."
    await say(db, scene, scene.buyer, secret)
    await db.write(
        scene.seller, lambda tx: add_statement(tx, scene.dispute.id, StatementDraft("We are Lantern & Clay."))
    )
    jury = await drawn(db, await bring_before_jury(db, scene))
    text = " ".join(said.words for said in jury.file.said)
    for word in ("Lin Ming", "138 0013", "Lantern", scene.order.shown_number):
        assert word not in text
    assert [said.side for said in jury.file.said] == ["buyer", "shop"]


async def test_jurors_whom_the_staff_corrects_on_appeal_learn_from_it_and_rest(db: Database) -> None:
    """Four of five practice cases were right; one more wrong one makes four of six, which is under 80 per cent."""
    product = await goods(db)
    for _ in range(5):
        await make_juror(db, product, right=4)
    db.clock.move(timedelta(days=100))
    scene = await to_jury(db)
    await pump(db)
    jurors = [seat.juror_id for seat in await seats_of(db, scene)]
    for juror, verdict in zip(jurors, [Verdict.SHOP, *[Verdict.BUYER] * 3], strict=False):
        await vote(db, scene, juror, verdict)
    await db.write(scene.seller, lambda tx: appeal(tx, scene.dispute.id, "The jury did not see the pictures."))
    decision = Decision(0, "disputes.jury", "The pictures show that the goods were whole.")
    await db.write(await clerk(db), lambda tx: rule(tx, scene.dispute.id, decision))
    await pump(db)
    await db.write(MARKET, lambda tx: learn_from_appeal(tx, scene.dispute.id))  # heard twice
    found = [await db.read(lambda r, j=juror: find_juror(r, j)) for juror in jurors]
    standing = [juror.standing(db.clock.now()) for juror in found if juror is not None]
    assert standing == [JurorStanding.READY, *[JurorStanding.RESTING] * 3, JurorStanding.READY]


async def test_what_a_jury_decides_is_carried_out_and_the_books_are_clean(db: Database) -> None:
    await make_jurors(db, await goods(db), 5)
    scene = await to_jury(db)
    await pump(db)
    for seat in (await seats_of(db, scene))[:3]:
        await vote(db, scene, seat.juror_id)
    await let_time_pass(db, timedelta(hours=72))
    assert await state(db, scene) is DisputeState.FINAL
    assert (await case_now(db, scene)).refunded == scene.dispute.claimed
    await assert_market_clean(db)
