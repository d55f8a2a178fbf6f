"""What people say of drafts: one vote of each verified account while people are asked, and comments."""

import asyncio
from datetime import timedelta

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database, Given
from fairground.kit.errors import Invalid
from fairground.market.accounts.actions.closing import close_account
from fairground.market.accounts.model import Person
from fairground.market.justice.actions.voices import comment_on_draft, hide_comment
from fairground.market.justice.errors import (
    CommentNotFound,
    ConsultationOver,
    RuleNotFound,
    TooManyComments,
    VerifiedOnly,
)
from fairground.market.justice.model.rulebook import CommentId, RuleBookRules, RuleVersion, Vote, Votes
from fairground.market.justice.queries.rulebook import count_votes, export_voices, find_vote, list_comments
from fairground.market.shops.errors import StaffOnly
from tests.support.accounts import make_person
from tests.support.given import test_given
from tests.support.rulebook import drafted, let_days_pass, make_verified, put_before_people, version_now, vote
from tests.support.shops import desk_clerk


@pytest.fixture
def given() -> Given:
    """Two comments of one person are enough."""
    return test_given(RuleBookRules(comments_most=2))


async def votes(db: Database, version: RuleVersion) -> Votes:
    return await db.read(lambda r: count_votes(r, version.id))


async def comment(db: Database, who: Person, version: RuleVersion, words: str = "Good idea.") -> CommentId:
    return await db.write(person(who.id), lambda tx: comment_on_draft(tx, who.id, version.id, words))


async def test_one_account_has_one_vote_and_may_change_its_mind(db: Database) -> None:
    version, who = await put_before_people(db), await make_verified(db)
    await vote(db, who, version)
    await vote(db, who, version, Vote.NO)
    assert await votes(db, version) == Votes(0, 1)
    assert await db.read(lambda r: find_vote(r, version.id, who.id)) is Vote.NO


async def test_of_many_votes_at_once_one_counts(wide_db: Database) -> None:
    version, who = await put_before_people(wide_db), await make_verified(wide_db)
    await asyncio.gather(*(vote(wide_db, who, version) for _ in range(12)))
    assert await votes(wide_db, version) == Votes(1, 0)


async def test_votes_count_until_the_second_it_closes(db: Database) -> None:
    version, who = await put_before_people(db, days=14), await make_verified(db)
    assert version.closes_at is not None
    db.clock.freeze(version.closes_at - timedelta(seconds=1))
    await vote(db, who, version)
    db.clock.move(timedelta(seconds=1))  # nobody has counted yet
    with pytest.raises(ConsultationOver):
        await vote(db, who, version, Vote.NO)
    await let_days_pass(db, 0)
    assert (await version_now(db, version.id)).votes == Votes(1, 0)
    with pytest.raises(ConsultationOver):
        await comment(db, who, version)


async def test_only_verified_people_have_a_voice(db: Database) -> None:
    version = await put_before_people(db)
    for who in (await make_person(db), await make_person(db, verified=False)):
        with pytest.raises(VerifiedOnly):
            await vote(db, who, version)
        with pytest.raises(VerifiedOnly):
            await comment(db, who, version)
    assert await votes(db, version) == Votes()


async def test_a_draft_that_nobody_was_asked_about_does_not_exist(db: Database) -> None:
    version, who = await drafted(db), await make_verified(db)
    with pytest.raises(RuleNotFound):
        await vote(db, who, version)


async def test_comments_stand_with_a_short_name_and_have_their_limits(db: Database) -> None:
    version, who = await put_before_people(db), await make_verified(db, name="小文")
    with pytest.raises(Invalid):
        await comment(db, who, version, "x" * 1001)
    await comment(db, who, version, "First")
    await comment(db, who, version, "Second")
    with pytest.raises(TooManyComments):
        await comment(db, who, version, "Third")
    page = await db.read(lambda r: list_comments(r, version.id, limit=1))
    assert [(c.words, c.shown_name) for c in page.items] == [("Second", "小***")]
    page = await db.read(lambda r: list_comments(r, version.id, after=page.next))
    assert [c.words for c in page.items] == ["First"]
    assert page.next is None


async def test_the_desk_hides_a_comment_and_says_why(db: Database) -> None:
    version, who = await put_before_people(db), await make_verified(db)
    said = await comment(db, who, version, "Call 138 0013 8000")
    with pytest.raises(StaffOnly):
        await db.write(person(who.id), lambda tx: hide_comment(tx, said, "Mine"))
    clerk = await desk_clerk(db)
    await db.write(clerk, lambda tx: hide_comment(tx, said, "A telephone number"))
    (shown,) = (await db.read(lambda r: list_comments(r, version.id))).items
    assert (shown.words, shown.hidden_reason) == ("", "A telephone number")
    with pytest.raises(CommentNotFound):
        await db.write(clerk, lambda tx: hide_comment(tx, said, "Again"))


async def test_who_leaves_takes_name_and_votes_along(db: Database) -> None:
    version, who = await put_before_people(db), await make_verified(db)
    await vote(db, who, version)
    await comment(db, who, version)
    known = await db.read(lambda r: export_voices(r, who.id))
    assert known["rules"]["votes"][0]["vote"] == "yes"
    assert known["rules"]["comments"][0]["words"] == "Good idea."
    await db.write(person(who.id), lambda tx: close_account(tx, who.id, []))
    await let_days_pass(db, 0)
    assert await votes(db, version) == Votes()
    (shown,) = (await db.read(lambda r: list_comments(r, version.id))).items
    assert (shown.words, shown.shown_name) == ("Good idea.", "")
