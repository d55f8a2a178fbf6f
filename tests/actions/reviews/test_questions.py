"""Questions about products: asked, passed on to a few who have it, answered, declined."""

from datetime import timedelta

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid, NotAllowed
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.errors import ProductNotFound
from fairground.market.catalog.model import Product, ProductId
from fairground.market.reviews.actions.asking import (
    answer_as_buyer,
    answer_as_shop,
    ask_people,
    ask_question,
    decline_question,
    forget_asker,
)
from fairground.market.reviews.errors import AlreadyAnswered, QuestionNotFound, TooManyQuestions
from fairground.market.reviews.model import AnswerSide, QuestionId
from fairground.market.reviews.queries import (
    export_reviews,
    get_glance,
    list_asked_of,
    list_open_questions,
    list_questions,
)
from fairground.market.shops.model import Role
from tests.support.catalog import make_product
from tests.support.letters import kinds_told
from tests.support.reviews import let_news_travel, received_order
from tests.support.shops import MARKET, make_owner, make_shop, make_staff

LID = "Does the lid stay on?"


async def ask(db: Database, product: Product, words: str = LID, asker: PersonId | None = None) -> QuestionId:
    who = asker or await make_owner(db, "Hua")
    return await db.write(person(who), lambda tx: ask_question(tx, who, product.id, words))


async def sold(db: Database, product: Product, times: int) -> list[PersonId]:
    people = [PersonId((await received_order(db, product)).buyer_id) for _ in range(times)]
    await let_news_travel(db)
    return people


async def waiting(db: Database, who: PersonId) -> list[QuestionId]:
    return [question.id for question in await db.read(lambda r: list_asked_of(r, who))]


async def test_a_question_goes_to_the_shop_and_to_a_few_who_have_it(db: Database) -> None:
    owner = await make_owner(db)
    shop = await make_shop(db, owner)
    product = await make_product(db, shop, stock=None)
    people = await sold(db, product, 7)
    question = await ask(db, product)
    assert "shops.question_asked" in await kinds_told(db, owner)
    await let_news_travel(db)
    asked = [who for who in people if await waiting(db, who) == [question]]
    assert len(asked) == 5
    assert "buyers.asked" in await kinds_told(db, asked[0])
    assert [one.id for one in (await db.read(lambda r: list_open_questions(r, shop.id))).items] == [question]
    await db.write(MARKET, lambda tx: ask_people(tx, question))  # heard twice
    assert sum([len(await waiting(db, who)) for who in people]) == 5


async def test_answers_stand_beneath_the_question_the_shops_in_front(db: Database) -> None:
    owner = await make_owner(db)
    shop = await make_shop(db, owner)
    product = await make_product(db, shop, stock=None)
    first, second = await sold(db, product, 2)
    asker = await make_owner(db, "Hua")
    question = await ask(db, product, asker=asker)
    await let_news_travel(db)
    assert (await db.read(lambda r: get_glance(r, product.id))).questions == [], "unanswered ones are on their page"
    await db.write(person(first), lambda tx: answer_as_buyer(tx, first, question, "Mine does."))
    db.clock.move(timedelta(minutes=1))
    await db.write(person(owner), lambda tx: answer_as_shop(tx, question, "Yes, it locks."))
    (shown,) = (await db.read(lambda r: list_questions(r, product.id))).items
    assert [(a.side, a.words, a.shown_name) for a in shown.answers] == [
        (AnswerSide.SHOP, "Yes, it locks.", ""),
        (AnswerSide.BUYER, "Mine does.", "M***"),
    ]
    assert shown.shown_name == "H***"
    assert (await db.read(lambda r: get_glance(r, product.id))).questions == [shown]
    assert (await kinds_told(db, asker)).count("buyers.asker_answered") == 2
    assert await waiting(db, first) == []
    with pytest.raises(AlreadyAnswered):
        await db.write(person(first), lambda tx: answer_as_buyer(tx, first, question, "And again"))
    with pytest.raises(AlreadyAnswered):
        await db.write(person(owner), lambda tx: answer_as_shop(tx, question, "And again"))
    await db.write(person(second), lambda tx: decline_question(tx, second, question))
    with pytest.raises(AlreadyAnswered):
        await db.write(person(second), lambda tx: answer_as_buyer(tx, second, question, "After all"))
    assert await waiting(db, second) == []


async def test_who_was_not_asked_answers_nothing(db: Database) -> None:
    shop = await make_shop(db)
    product = await make_product(db, shop)
    question = await ask(db, product)
    stranger, accountant = await make_owner(db), await make_staff(db, shop, Role.ACCOUNTANT)
    with pytest.raises(QuestionNotFound):
        await db.write(person(stranger), lambda tx: answer_as_buyer(tx, stranger, question, "Buy from me"))
    with pytest.raises(QuestionNotFound):
        await db.write(person(stranger), lambda tx: answer_as_shop(tx, question, "Buy from me"))
    with pytest.raises(NotAllowed):
        await db.write(person(accountant), lambda tx: answer_as_shop(tx, question, "Yes"))
    with pytest.raises(QuestionNotFound):
        await db.write(person(stranger), lambda tx: decline_question(tx, stranger, question))
    (shown,) = (await db.read(lambda r: list_questions(r, product.id))).items
    assert shown.answers == ()


async def test_a_flood_of_questions_ends_after_five_a_day(db: Database) -> None:
    product, asker = await make_product(db, await make_shop(db)), await make_owner(db)
    for _ in range(5):
        await ask(db, product, asker=asker)
    with pytest.raises(TooManyQuestions):
        await ask(db, product, asker=asker)
    assert len((await db.read(lambda r: list_questions(r, product.id))).items) == 5
    db.clock.move(timedelta(days=1))
    await ask(db, product, asker=asker)


@pytest.mark.parametrize("words", ["", " \u200b", "x" * 501, "Call 138 0013 8000", "li@example.org?", "微信：teapot88"])
async def test_empty_long_and_telling_texts_are_refused(db: Database, words: str) -> None:
    product = await make_product(db, await make_shop(db))
    with pytest.raises(Invalid) as caught:
        await ask(db, product, words)
    assert [e.pointer for e in caught.value.errors] == ["/words"]
    assert (await db.read(lambda r: list_questions(r, product.id))).items == []


async def test_what_cannot_be_seen_is_not_asked_about(db: Database) -> None:
    asker = await make_owner(db)
    with pytest.raises(ProductNotFound):
        await db.write(person(asker), lambda tx: ask_question(tx, asker, ProductId(4711), "What is it?"))


async def test_nobody_is_bothered_too_often(db: Database) -> None:
    product = await make_product(db, await make_shop(db), stock=None)
    (who,) = await sold(db, product, 1)
    for _ in range(4):
        await ask(db, product)
        await let_news_travel(db)
    assert len(await waiting(db, who)) == 3
    db.clock.move(timedelta(days=31))
    await ask(db, product)
    await let_news_travel(db)
    assert len(await waiting(db, who)) == 4


async def test_who_leaves_takes_the_name_along_and_who_stays_gets_a_copy(db: Database) -> None:
    product = await make_product(db, await make_shop(db), stock=None)
    (who,) = await sold(db, product, 1)
    asker = await make_owner(db, "Hua")
    question = await ask(db, product, asker=asker)
    await let_news_travel(db)
    await db.write(person(who), lambda tx: answer_as_buyer(tx, who, question, "It does."))
    known = await db.read(lambda r: export_reviews(r, asker))
    assert [one["words"] for one in known["reviews"]["questions"]] == [LID]
    for gone in (asker, who):
        await db.write(MARKET, lambda tx, gone=gone: forget_asker(tx, gone))
    (shown,) = (await db.read(lambda r: list_questions(r, product.id))).items
    assert (shown.shown_name, shown.answers[0].shown_name, shown.answers[0].words) == ("", "", "It does.")
