"""Reports: one of each person and thing, floods, the desk's outcomes and who may not decide."""

import asyncio
from datetime import timedelta

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid, NotFound, TooMany
from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.actions.state import list_product
from fairground.market.catalog.errors import ProductHeld
from fairground.market.catalog.model import Product, ProductState
from fairground.market.justice.actions.reports import decide_reports, report
from fairground.market.justice.errors import AlreadyReported, OwnInterest, ReportDecided, ReportNotFound
from fairground.market.justice.model.reports import (
    Pile,
    PileId,
    ReportOutcome,
    ReportRules,
    ReportWhy,
    Subject,
    SubjectKind,
)
from fairground.market.justice.queries.reports import get_pile, list_open_piles, list_reports, list_reports_of
from fairground.market.shops.errors import StaffOnly
from fairground.market.shops.model import Role, ShopState
from tests.support.catalog import make_product, product_now
from tests.support.reviews import make_review, review_now
from tests.support.shops import desk_clerk, make_owner, make_shop, make_staff, shop_now
from tests.support.world import pump


def about(product: Product) -> Subject:
    """Name a listing."""
    return Subject(SubjectKind.PRODUCT, Id(product.id))


async def send(
    db: Database, subject: Subject, who: PersonId | None = None, why: ReportWhy = ReportWhy.SPAM, words: str = ""
) -> Pile:
    """Report something as somebody new."""
    reporter = who or await make_owner(db)
    return await db.write(person(reporter), lambda tx: report(tx, subject, why, words))


async def rows(db: Database) -> list[tuple[object, ...]]:
    """Read all that reports leave behind."""
    async with db.reader() as reader:
        found = [tuple(r) for r in await reader.rows("select * from justice.reported order by 1, 2")]
        found += [tuple(r) for r in await reader.rows("select * from justice.reports order by 1, 2, 3")]
        return found + [tuple(r) for r in await reader.rows("select * from justice.reporters order by 1, 2, 3")]


async def test_reports_of_one_thing_lie_in_one_pile_and_each_person_has_one(db: Database) -> None:
    product, eager = await make_product(db, await make_shop(db)), await make_owner(db)
    first = await send(db, about(product), eager, words="Cheap copy")
    db.clock.move(timedelta(seconds=1))
    second = await send(db, about(product))
    assert (first.id, second.reports) == (second.id, 2)
    before = await rows(db)
    with pytest.raises(AlreadyReported):
        await send(db, about(product), eager)
    assert await rows(db) == before
    (pile,) = (await db.read(list_open_piles)).items
    assert [one.words for one in await db.read(lambda r: list_reports(r, pile.id))] == ["Cheap copy", ""]


async def test_many_reports_at_the_same_moment_are_one_pile(wide_db: Database) -> None:
    db = wide_db
    product = await make_product(db, await make_shop(db))
    people = [await make_owner(db) for _ in range(8)]
    await asyncio.gather(*(send(db, about(product), who) for who in people))
    (pile,) = (await db.read(list_open_piles)).items
    assert pile.reports == 8


async def test_a_flood_is_stopped_for_a_day(db: Database) -> None:
    shop, eager = await make_shop(db), await make_owner(db)
    for _ in range(ReportRules().a_day):
        await send(db, about(await make_product(db, shop)), eager)
    last = await make_product(db, shop)
    with pytest.raises(TooMany):
        await send(db, about(last), eager)
    db.clock.move(timedelta(days=1))
    await send(db, about(last), eager)


async def test_what_one_cannot_see_one_cannot_report(db: Database) -> None:
    shop = await make_shop(db)
    draft = await make_product(db, shop, state=ProductState.DRAFT)
    for subject in (about(draft), *(Subject(kind, Id(4_242_424_242)) for kind in SubjectKind)):
        with pytest.raises(NotFound):
            await send(db, subject)
    with pytest.raises(Invalid):
        await send(db, Subject(SubjectKind.SHOP, Id(shop.id)), why=ReportWhy.OTHER)
    assert await rows(db) == []


@pytest.mark.parametrize("outcome", list(ReportOutcome))
async def test_each_outcome_does_what_it_says(db: Database, outcome: ReportOutcome) -> None:
    owner, reporter = await make_owner(db, "Seller"), await make_owner(db)
    product = await make_product(db, await make_shop(db, owner))
    pile, clerk = await send(db, about(product), reporter), await desk_clerk(db)
    await db.write(clerk, lambda tx: decide_reports(tx, pile.id, outcome, "Look at the picture."))
    state = (await product_now(db, product.id)).state
    off = outcome in {ReportOutcome.HIDE, ReportOutcome.REMOVE}
    assert state is (ProductState.OFF_SALE if off else ProductState.ON_SALE)
    if outcome is ReportOutcome.REMOVE:
        with pytest.raises(ProductHeld):
            await db.write(person(owner), lambda tx: list_product(tx, product.id))
    elif outcome is ReportOutcome.HIDE:
        await db.write(person(owner), lambda tx: list_product(tx, product.id))
    await pump(db)
    letters = await db.read(
        lambda r: r.rows("select person_id, kind from notifications.letters where kind like 'reports.%' order by kind")
    )
    told = {row["kind"] for row in letters if row["person_id"] == reporter}
    assert told == {"reports.dismissed" if outcome is ReportOutcome.DISMISS else "reports.acted"}
    made = {ReportOutcome.WARN: "warned", ReportOutcome.HIDE: "hidden", ReportOutcome.REMOVE: "removed"}
    expected = {f"reports.{made[outcome]}"} if outcome in made else set()
    assert {row["kind"] for row in letters if row["person_id"] == owner} == expected
    (mine,) = (await db.read(lambda r: list_reports_of(r, reporter))).items
    assert (mine.outcome, mine.reason) == (outcome, "Look at the picture.")


async def test_a_review_and_a_shop_are_taken_away(db: Database) -> None:
    shop = await make_shop(db)
    review = await make_review(db, await make_product(db, shop), stars=1, words="Rude")
    db.clock.move(timedelta(days=20))
    clerk = await desk_clerk(db)
    for kind, subject_id in ((SubjectKind.REVIEW, Id(review.id)), (SubjectKind.SHOP, Id(shop.id))):
        pile = await send(db, Subject(kind, subject_id))
        done = await db.write(
            clerk, lambda tx, p=pile: decide_reports(tx, p.id, ReportOutcome.REMOVE, "Against the rules.")
        )
        assert not done.is_open
    assert (await review_now(db, review.id)).removed_at is not None
    assert (await shop_now(db, shop.id)).state is ShopState.SUSPENDED


async def test_who_may_not_decide_changes_nothing(db: Database) -> None:
    owner, reporter = await make_owner(db), await make_owner(db)
    shop = await make_shop(db, owner)
    pile = await send(db, about(await make_product(db, shop)), reporter)
    before = await rows(db)
    with pytest.raises(StaffOnly):
        await db.write(person(reporter), lambda tx: decide_reports(tx, pile.id, ReportOutcome.REMOVE, "x"))
    for interested in (owner, reporter, await make_staff(db, shop, Role.ACCOUNTANT)):
        with pytest.raises(OwnInterest):
            await db.write(
                person(interested, is_staff=True),
                lambda tx: decide_reports(tx, pile.id, ReportOutcome.DISMISS, "x"),
            )
    clerk = await desk_clerk(db)
    with pytest.raises(Invalid):
        await db.write(clerk, lambda tx: decide_reports(tx, pile.id, ReportOutcome.WARN, " "))
    with pytest.raises(ReportNotFound):
        await db.write(clerk, lambda tx: decide_reports(tx, PileId(4_242_424_242), ReportOutcome.WARN, "x"))
    assert await rows(db) == before


async def test_of_two_decisions_at_once_one_stands(wide_db: Database) -> None:
    db = wide_db
    product = await make_product(db, await make_shop(db))
    pile = await send(db, about(product))
    one, other = await desk_clerk(db), await desk_clerk(db)
    done = await asyncio.gather(
        db.write(one, lambda tx: decide_reports(tx, pile.id, ReportOutcome.REMOVE, "Gone.")),
        db.write(other, lambda tx: decide_reports(tx, pile.id, ReportOutcome.DISMISS, "Fine.")),
        return_exceptions=True,
    )
    assert sorted(type(d).__name__ for d in done) == ["Pile", ReportDecided.__name__]
    stands = await db.read(lambda r: get_pile(r, pile.id))
    state = (await product_now(db, product.id)).state
    removed = stands.outcome is ReportOutcome.REMOVE
    assert state is (ProductState.OFF_SALE if removed else ProductState.ON_SALE)


async def test_what_was_decided_may_be_reported_anew(db: Database) -> None:
    product, reporter, clerk = await make_product(db, await make_shop(db)), await make_owner(db), await desk_clerk(db)
    pile = await send(db, about(product), reporter)
    await db.write(clerk, lambda tx: decide_reports(tx, pile.id, ReportOutcome.DISMISS, "Fine."))
    again = await send(db, about(product), reporter)
    assert again.id != pile.id
    assert len((await db.read(lambda r: list_reports_of(r, reporter))).items) == 2
