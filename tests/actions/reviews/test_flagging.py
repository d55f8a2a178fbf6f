"""What is odd is put before the desk once; a clerk decides with a reason; nothing goes by itself."""

from datetime import timedelta

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid, NotAllowed
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import Product
from fairground.market.reviews.actions.flagging import decide_flag
from fairground.market.reviews.errors import FlagDecided, FlagNotFound, OwnReview
from fairground.market.reviews.jobs import find_all
from fairground.market.reviews.model import Flag, FlagId, FlagKind, FlagState, Review, ReviewId
from fairground.market.reviews.queries import (
    audit_reputations,
    audit_reviews,
    get_flag,
    get_spread,
    list_decided_flags,
    list_open_flags,
)
from tests.support.catalog import make_product
from tests.support.letters import kinds_told
from tests.support.reviews import let_news_travel, make_review, review_now
from tests.support.shops import desk_clerk, make_owner, make_shop

PRAISE = "This teapot pours without a single drop, and the lid fits as if it had grown there."


async def flagged(db: Database) -> tuple[Product, list[Review], Flag]:
    product = await make_product(db, await make_shop(db), stock=None)
    reviews = [await make_review(db, product, words=PRAISE) for _ in range(2)]
    await let_news_travel(db)
    assert await find_all(db) == 1
    (flag,) = (await db.read(list_open_flags)).items
    return product, reviews, flag


async def test_odd_reviews_stay_until_a_clerk_decides_and_are_asked_about_once(db: Database) -> None:
    product, reviews, flag = await flagged(db)
    assert (flag.kind, set(flag.reviews)) == (FlagKind.DUPLICATE, {review.id for review in reviews})
    assert await find_all(db) == 0
    assert (await db.read(lambda r: get_spread(r, product.id))).total == 2, "nothing goes by itself"
    clerk = await desk_clerk(db)
    kept = await db.write(clerk, lambda tx: decide_flag(tx, flag.id, [], "A couple who wrote it together."))
    assert kept.state is FlagState.KEPT
    assert await find_all(db) == 0
    assert (await db.read(list_open_flags)).items == []
    assert [one.id for one in (await db.read(list_decided_flags)).items] == [flag.id]


async def test_a_flag_that_grows_while_open_stays_one_and_after_a_decision_is_a_new_one(db: Database) -> None:
    product, _, flag = await flagged(db)
    await make_review(db, product, words=PRAISE)
    assert await find_all(db) == 0
    assert len((await db.read(lambda r: get_flag(r, flag.id))).reviews) == 3
    await db.write(await desk_clerk(db), lambda tx: decide_flag(tx, flag.id, [], "Friends."))
    await make_review(db, product, words=PRAISE)
    assert await find_all(db) == 1


async def test_what_a_clerk_takes_away_goes_with_a_reason_and_its_writer_is_told(db: Database) -> None:
    product, (first, second), flag = await flagged(db)
    clerk = await desk_clerk(db)
    with pytest.raises(Invalid):
        await db.write(clerk, lambda tx: decide_flag(tx, flag.id, [second.id], ""))
    with pytest.raises(Invalid):
        await db.write(clerk, lambda tx: decide_flag(tx, flag.id, [ReviewId(5)], "Strange"))
    await db.write(clerk, lambda tx: decide_flag(tx, flag.id, [second.id], "Copied from another review."))
    with pytest.raises(FlagDecided):
        await db.write(clerk, lambda tx: decide_flag(tx, flag.id, [first.id], "This one too."))
    assert (await review_now(db, first.id)).removed_at is None
    assert (await review_now(db, second.id)).removed_why == "Copied from another review."
    assert "buyers.review_removed" in await kinds_told(db, second.buyer_id)
    await let_news_travel(db)
    assert (await db.read(lambda r: get_spread(r, product.id))).total == 1
    assert await db.read(audit_reviews) == []
    assert await db.read(audit_reputations) == []


async def test_strangers_and_clerks_who_are_a_side_decide_nothing(db: Database) -> None:
    _, (first, _), flag = await flagged(db)
    stranger = await make_owner(db)
    with pytest.raises(NotAllowed):
        await db.write(person(stranger), lambda tx: decide_flag(tx, flag.id, [], "I like it"))
    side = person(PersonId(first.buyer_id), is_staff=True)
    with pytest.raises(OwnReview):
        await db.write(side, lambda tx: decide_flag(tx, flag.id, [], "It is mine"))
    with pytest.raises(FlagNotFound):
        await db.write(await desk_clerk(db), lambda tx: decide_flag(tx, FlagId(7), [], "None"))
    assert (await db.read(lambda r: get_flag(r, flag.id))).state is FlagState.OPEN


async def test_old_reviews_are_not_looked_at(db: Database) -> None:
    product = await make_product(db, await make_shop(db), stock=None)
    for _ in range(2):
        await make_review(db, product, words=PRAISE)
    db.clock.move(timedelta(days=91))
    assert await find_all(db) == 0
