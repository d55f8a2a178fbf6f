"""Who may answer what and when; refusals change nothing."""

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid, Trouble
from fairground.kit.ids import Id
from fairground.market.aftersale.actions.answers import NOTHING_SAID, Said, add_evidence, answer_case
from fairground.market.aftersale.actions.cases import open_case
from fairground.market.aftersale.actions.settling import close_escalated, settle_escalated
from fairground.market.aftersale.errors import (
    AnswerTooLate,
    CaseInWrongState,
    CaseNotFound,
    CaseOpenAlready,
    ClaimTooHigh,
    NoMoreRevisions,
    NoReasonExcluded,
    NoReasonOver,
    NoReturnAddress,
    NothingSent,
    NothingToClaim,
    NotYourAnswer,
    TooManyCases,
    TooMuchEvidence,
    WindowOver,
)
from fairground.market.aftersale.model import (
    ANSWERS,
    Answer,
    CaseDraft,
    CaseKind,
    CaseReason,
    CaseState,
    Outcome,
    Revision,
    Ruling,
    Side,
)
from fairground.market.aftersale.queries.cases import (
    count_outcomes,
    count_states,
    get_case,
    list_cases,
    list_desk_cases,
    list_shop_cases,
    list_waiting_of_shop,
    look_at_case,
)
from fairground.market.aftersale.queries.timeline import list_timeline
from fairground.market.orders.actions.cancel import cancel_order
from fairground.market.orders.errors import OrderNotFound
from fairground.market.orders.model import OrderState
from fairground.market.shops.model import Role
from tests.support.cases import (
    PARCEL,
    SORRY,
    assert_market_clean,
    case_now,
    claim,
    make_order,
    make_selling_shop,
    say,
    settle_all,
    side_of,
)
from tests.support.catalog import make_categories, make_product
from tests.support.orders import WEB, make_buyer, order_now, pay, place_order, receive, ship
from tests.support.shops import make_owner, make_staff

REFUND = CaseDraft(kind=CaseKind.REFUND, reason=CaseReason.DEFECTIVE)


async def test_a_stranger_finds_no_case_and_no_order(db: Database) -> None:
    order = await make_order(db)
    case = await claim(db, order)
    stranger = person(await make_owner(db))
    with pytest.raises(OrderNotFound):
        await db.write(stranger, lambda tx: open_case(tx, order.id, REFUND))
    for answer in Answer:
        with pytest.raises(CaseNotFound):
            await db.write(stranger, lambda tx, a=answer: answer_case(tx, case.id, a, PARCEL))
    with pytest.raises(CaseNotFound):
        await db.write(stranger, lambda tx: add_evidence(tx, case.id, "mine"))
    with pytest.raises(CaseNotFound):
        await db.read(lambda r: look_at_case(r, case.id, stranger.person_id or Id(1)))
    with pytest.raises(CaseNotFound):
        await db.read(lambda r: get_case(r, case.id, buyer_id=stranger.person_id))
    assert await case_now(db, case) == case


async def test_the_other_side_and_small_roles_may_not_answer(db: Database) -> None:
    shop = await make_selling_shop(db)
    order = await make_order(db, shop=shop)
    case = await claim(db, order)
    for answer, (side, _) in ANSWERS.items():
        other = await side_of(db, case, Side.SHOP if side is Side.BUYER else Side.BUYER)
        with pytest.raises(NotYourAnswer):
            await db.write(other, lambda tx, a=answer: answer_case(tx, case.id, a, PARCEL))
    accountant = person(await make_staff(db, shop, Role.ACCOUNTANT))
    with pytest.raises(NotYourAnswer):
        await db.write(accountant, lambda tx: answer_case(tx, case.id, Answer.AGREE))
    clerk = person(await make_staff(db, shop, Role.CLERK))
    done = await db.write(clerk, lambda tx: answer_case(tx, case.id, Answer.AGREE))
    assert done.state is CaseState.REFUNDED


async def test_an_answer_one_second_after_the_deadline_is_too_late(db: Database) -> None:
    case = await claim(db, await make_order(db))
    await settle_all(db)
    db.clock.move(timedelta(hours=24))
    with pytest.raises(AnswerTooLate):
        await say(db, case, Answer.REFUSE)
    assert await case_now(db, case) == case
    await settle_all(db)
    assert (await case_now(db, case)).outcome is Outcome.SILENCE


async def test_of_two_answers_at_once_one_counts(wide_db: Database) -> None:
    db = wide_db
    for _ in range(4):
        case = await claim(db, await make_order(db))
        answers = (say(db, case, Answer.AGREE), say(db, case, Answer.REFUSE), say(db, case, Answer.WITHDRAW))
        results = await asyncio.gather(*answers, return_exceptions=True)
        good = [r for r in results if not isinstance(r, BaseException)]
        # A refusal may be followed by a withdrawal; everything else is the only answer.
        assert 1 <= len(good) <= 2
        assert all(isinstance(r, Trouble) for r in results if isinstance(r, BaseException))
        assert len(good) == 1 or (await case_now(db, case)).outcome is Outcome.WITHDRAWN
    await assert_market_clean(db)


async def test_the_same_answer_twice_at_once_pays_once(wide_db: Database) -> None:
    db = wide_db
    order = await make_order(db, "received")
    case = await claim(db, order)
    results: list[Any] = await asyncio.gather(*(say(db, case, Answer.AGREE) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(r, CaseInWrongState) for r in results) == 3
    assert (await order_now(db, order)).refunded == order.total
    await assert_market_clean(db)


async def test_two_cases_of_one_order_at_once_are_one(wide_db: Database) -> None:
    db = wide_db
    order = await make_order(db, "shipped")
    results: list[Any] = await asyncio.gather(*(claim(db, order) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(r, Trouble) for r in results) == 3
    with pytest.raises(CaseOpenAlready):
        await claim(db, order)
    await assert_market_clean(db)


async def test_a_cancelled_order_ends_its_case(db: Database) -> None:
    order = await make_order(db)
    case = await claim(db, order)
    await db.write(person(order.buyer_id), lambda tx: cancel_order(tx, order.id))
    await settle_all(db)
    done = await case_now(db, case)
    assert (done.state, done.outcome) == (CaseState.CLOSED, Outcome.ORDER_CLOSED)
    await assert_market_clean(db)


async def test_a_claim_is_revised_twice_at_most_and_then_escalated(db: Database) -> None:
    order = await make_order(db, "shipped")
    case = await claim(db, order)
    for amount in (9_000, 8_000):
        await say(db, case, Answer.REFUSE)
        case = await say(db, case, Answer.REVISE, revision=Revision(amount=amount, words="less, then"))
        assert (case.state, case.amount) == (CaseState.OPENED, amount)
    await say(db, case, Answer.REFUSE)
    with pytest.raises(NoMoreRevisions):
        await say(db, case, Answer.REVISE, revision=Revision(amount=1))
    case = await say(db, case, Answer.ESCALATE)
    assert (case.state, case.due_at) == (CaseState.ESCALATED, None)
    with pytest.raises(CaseInWrongState):
        await say(db, case, Answer.ESCALATE)
    done = await db.write(WEB, lambda tx: close_escalated(tx, case.id, "The picture shows another cup."))
    assert (done.state, done.outcome) == (CaseState.CLOSED, Outcome.RULED)
    with pytest.raises(CaseInWrongState):
        await db.write(WEB, lambda tx: settle_escalated(tx, case.id, Ruling(refund_amount=1)))
    await assert_market_clean(db)


async def test_a_refused_return_goes_to_the_market_and_needs_no_second_parcel(db: Database) -> None:
    case = await claim(db, await make_order(db, "received"), CaseKind.RETURN)
    for answer in (Answer.AGREE, Answer.RETURN_SHIPPED, Answer.RETURN_REFUSED, Answer.ESCALATE):
        case = await say(db, case, answer)
    done = await db.write(WEB, lambda tx: settle_escalated(tx, case.id, Ruling(refund_amount=6_000, to_return=True)))
    assert (done.state, done.refunded) == (CaseState.REFUNDED, 6_000)
    await assert_market_clean(db)


async def test_a_ruling_may_ask_for_the_goods_first(db: Database) -> None:
    case = await claim(db, await make_order(db, "received"))
    for answer in (Answer.REFUSE, Answer.ESCALATE):
        case = await say(db, case, answer)
    case = await db.write(WEB, lambda tx: settle_escalated(tx, case.id, Ruling(refund_amount=6_000, to_return=True)))
    assert (case.state, case.amount, case.ruled) == (CaseState.AGREED, 6_000, True)
    await say(db, case, Answer.RETURN_SHIPPED)
    done = await say(db, case, Answer.RETURN_RECEIVED)
    assert (done.refunded, done.outcome) == (6_000, Outcome.RULED)
    await assert_market_clean(db)


async def test_an_exchange_ends_with_the_replacement_or_with_money(db: Database) -> None:
    cases = [await claim(db, await make_order(db, "received"), CaseKind.EXCHANGE) for _ in range(2)]
    for answer in (Answer.AGREE, Answer.RETURN_SHIPPED, Answer.RETURN_RECEIVED):
        cases = [await say(db, case, answer) for case in cases]
    assert cases[0].state is CaseState.RETURN_RECEIVED
    done = await say(db, cases[0], Answer.REPLACEMENT_SENT)
    assert (done.state, done.outcome) == (CaseState.EXCHANGED, Outcome.EXCHANGED)
    await settle_all(db)
    db.clock.move(timedelta(days=7))
    await settle_all(db)
    late = await case_now(db, cases[1])
    assert (late.state, late.outcome) == (CaseState.REFUNDED, Outcome.SILENCE)
    await assert_market_clean(db)


async def test_silence_in_a_return_agrees_to_the_shops_address(db: Database) -> None:
    case = await claim(db, await make_order(db, "received"), CaseKind.RETURN)
    await settle_all(db)
    db.clock.move(timedelta(days=5))
    await settle_all(db)
    case = await case_now(db, case)
    assert (case.state, case.return_address is not None) == (CaseState.AGREED, True)
    db.clock.move(timedelta(days=7))
    await settle_all(db)
    assert (await case_now(db, case)).outcome is Outcome.EXPIRED
    await assert_market_clean(db)


async def test_a_shop_without_a_return_address_sets_one_or_lets_the_buyer_keep_the_goods(db: Database) -> None:
    shop = await make_selling_shop(db, address=None)
    case = await claim(db, await make_order(db, "received", shop=shop), CaseKind.RETURN)
    with pytest.raises(NoReturnAddress):
        await say(db, case, Answer.AGREE)
    await settle_all(db)
    db.clock.move(timedelta(days=5))
    await settle_all(db)
    assert (await case_now(db, case)).state is CaseState.REFUNDED
    await assert_market_clean(db)


async def test_a_refusal_says_why_and_a_return_names_its_parcel(db: Database) -> None:
    case = await claim(db, await make_order(db, "received"), CaseKind.RETURN)
    with pytest.raises(Invalid) as trouble:
        await say(db, case, Answer.REFUSE, Said("   "))
    assert [error.pointer for error in trouble.value.errors] == ["/words"]
    await say(db, case, Answer.AGREE, NOTHING_SAID)
    with pytest.raises(Invalid) as trouble:
        await say(db, case, Answer.RETURN_SHIPPED, NOTHING_SAID)
    assert {error.pointer for error in trouble.value.errors} == {"/carrier", "/tracking_number"}
    assert (await case_now(db, case)).state is CaseState.AGREED


async def test_what_cannot_be_claimed(db: Database) -> None:
    order = await make_order(db)
    with pytest.raises(NothingSent):
        await claim(db, order, CaseKind.RETURN)
    with pytest.raises(ClaimTooHigh) as trouble:
        await claim(db, order, amount=order.total + 1)
    assert trouble.value.errors[0].pointer == "/amount"
    with pytest.raises(Invalid):
        await claim(db, order, amount=0)
    with pytest.raises(Invalid):
        await claim(db, order, positions=(7,))
    with pytest.raises(Invalid):
        await claim(db, order, words="x" * 2_001)
    with pytest.raises(Invalid):
        await claim(db, order, pictures=(Id(99),))
    await db.write(person(order.buyer_id), lambda tx: cancel_order(tx, order.id))
    with pytest.raises(NothingToClaim):
        await claim(db, order)
    await assert_market_clean(db)


async def test_days_are_counted_from_the_next_day_in_the_markets_zone(db: Database) -> None:
    # Received at 12:00 UTC on 18 June, 20:00 in Shanghai: the seventh day is the 25th, over at 16:00 UTC.
    orders = [await make_order(db, "received") for _ in range(3)]
    db.clock.move(timedelta(days=7, hours=3, minutes=59))
    await claim(db, orders[0], CaseKind.RETURN, CaseReason.NO_REASON)
    await settle_all(db)
    db.clock.move(timedelta(minutes=1))
    with pytest.raises(NoReasonOver):
        await claim(db, orders[1], CaseKind.RETURN, CaseReason.NO_REASON)
    await claim(db, orders[1], CaseKind.RETURN)
    await settle_all(db)
    db.clock.move(timedelta(days=8))
    with pytest.raises(WindowOver):
        await claim(db, orders[2])


async def test_what_the_law_excepts_comes_back_only_with_a_reason(db: Database) -> None:
    await make_categories(db)
    shop = await make_selling_shop(db)
    fresh = await make_product(db, shop, category="tea", attributes={"no-return": "perishable"})
    order = await pay(db, await place_order(db, await make_buyer(db), (fresh, 1)))
    order = await receive(db, await ship(db, order))
    with pytest.raises(NoReasonExcluded) as trouble:
        await claim(db, order, CaseKind.RETURN, CaseReason.NO_REASON)
    assert trouble.value.params["lines"] == [{"line_id": 1, "why": "perishable"}]
    await claim(db, order, CaseKind.RETURN, CaseReason.DAMAGED)
    await assert_market_clean(db)


async def test_floods_are_stopped_with_clear_words(db: Database) -> None:
    order = await make_order(db, "shipped")
    for _ in range(5):
        await say(db, await claim(db, order, amount=1), Answer.WITHDRAW)
    with pytest.raises(TooManyCases):
        await claim(db, order)
    other = await make_order(db)
    case = await claim(db, other)
    buyer = person(other.buyer_id)
    for _ in range(20):
        await db.write(buyer, lambda tx: add_evidence(tx, case.id, "look"))
    with pytest.raises(TooMuchEvidence):
        await db.write(buyer, lambda tx: add_evidence(tx, case.id, "look"))
    with pytest.raises(Invalid):
        await db.write(buyer, lambda tx: add_evidence(tx, case.id, " "))


async def test_the_timeline_tells_what_was_and_what_is_ahead(db: Database) -> None:
    case = await claim(db, await make_order(db, "received"), CaseKind.RETURN, words="cracked")
    await say(db, case, Answer.AGREE)
    case = await say(db, case, Answer.RETURN_SHIPPED)
    told = await db.read(lambda r: list_timeline(r, case.id))
    assert [entry.deed for entry in told] == ["open", "agree", "return_shipped", "silence"]
    assert (told[0].words, told[0].amount, told[0].side) == ("cracked", case.amount, Side.BUYER)
    ahead = told[-1]
    assert (ahead.is_ahead, ahead.at, ahead.state, ahead.amount) == (
        True,
        db.clock.now() + timedelta(days=10),
        CaseState.REFUNDED,
        case.amount,
    )
    await say(db, case, Answer.RETURN_RECEIVED, SORRY)
    told = await db.read(lambda r: list_timeline(r, case.id))
    assert not told[-1].is_ahead


async def test_lists_and_counts(db: Database) -> None:
    shop = await make_selling_shop(db)
    orders = [await make_order(db, shop=shop) for _ in range(3)]
    cases = [await claim(db, order) for order in orders]
    await say(db, cases[0], Answer.AGREE)
    await settle_all(db)
    waiting = await db.read(lambda r: list_waiting_of_shop(r, shop.id, limit=1))
    rest = await db.read(lambda r: list_waiting_of_shop(r, shop.id, after=waiting.next))
    assert [c.case_id for c in (*waiting.items, *rest.items)] == sorted([cases[1].id, cases[2].id])
    desk = await db.read(lambda r: list_desk_cases(r, limit=2))
    more = await db.read(lambda r: list_desk_cases(r, after=desk.next))
    assert {c.id for c in (*desk.items, *more.items)} == {case.id for case in cases}
    opened = await db.read(lambda r: list_desk_cases(r, state=CaseState.OPENED))
    assert {c.id for c in opened.items} == {cases[1].id, cases[2].id}
    done = await db.read(lambda r: list_shop_cases(r, shop.id, state=CaseState.REFUNDED))
    assert [c.case_id for c in done.items] == [cases[0].id]
    mine = await db.read(lambda r: list_cases(r, cases[1].buyer_id))
    assert [c.id for c in mine.items] == [cases[1].id]
    assert await db.read(count_outcomes) == {(CaseKind.REFUND, Outcome.AGREED): 1}
    assert (await db.read(count_states))[CaseState.OPENED] == 2
    assert (await order_now(db, orders[0])).state is OrderState.CLOSED
