"""Somebody asks about a product; the shop answers, and a few who have it, drawn by lot, each of whom may decline."""

from datetime import timedelta

from fairground.kit.db import Tx
from fairground.kit.errors import Findings
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.accounts.queries import get_person
from fairground.market.catalog.errors import ProductNotFound
from fairground.market.catalog.model import ProductId, ProductState
from fairground.market.catalog.queries import map_product_cards
from fairground.market.reviews.errors import AlreadyAnswered, QuestionNotFound, TooManyQuestions
from fairground.market.reviews.events import PersonAsked, QuestionAnswered, QuestionAsked
from fairground.market.reviews.model import (
    AnswerId,
    AnswerSide,
    Question,
    QuestionId,
    ReviewRules,
    check_public_words,
    draw_people,
    shorten_name,
)
from fairground.market.reviews.policy import may_answer
from fairground.market.reviews.queries import get_question, market_day
from fairground.market.shops.actions.doors import enter
from fairground.market.shops.errors import ShopNotFound
from fairground.market.shops.model import ShopId


async def ask_question(tx: Tx, asker_id: PersonId, product_id: ProductId, words: str) -> QuestionId:
    """Ask about a product that can be seen; a few times a day.

    Raises:
        ProductNotFound, TooManyQuestions, Invalid
    """
    card = (await map_product_cards(tx, [product_id])).get(product_id)
    if card is None or card.state not in {ProductState.ON_SALE, ProductState.OFF_SALE}:
        raise ProductNotFound
    findings = Findings()
    words = check_public_words(findings, words, tx.given(ReviewRules))
    findings.raise_any()
    question_id = tx.new_id(QuestionId, product_id.bucket)
    await _count_in(tx, asker_id, question_id)
    asker = await get_person(tx, asker_id)
    await tx.execute(
        """
        insert into reviews.questions (bucket, id, product_id, shop_id, asker_id, shown_name, language, words, asked_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        question_id.bucket,
        question_id,
        product_id,
        card.shop_id,
        asker_id,
        shorten_name(asker.name),
        asker.language,
        words,
        tx.now,
    )
    asked = QuestionAsked(question_id=question_id, product_id=product_id, shop_id=card.shop_id, asker_id=asker_id)
    await publish(tx, asked)
    return question_id


async def _count_in(tx: Tx, asker_id: PersonId, question_id: QuestionId) -> None:
    # The number within the day is part of the key: of two questions at the same instant the second takes the next one.
    day, most = market_day(tx), tx.given(ReviewRules).questions_a_day
    for _ in range(most + 1):
        placed = await tx.execute(
            """
            insert into reviews.own_questions (bucket, person_id, day, n, question_id)
            select $1, $2, $3, count(*) + 1, $4 from reviews.own_questions
             where bucket = $1 and person_id = $2 and day = $3 having count(*) < $5
            on conflict do nothing
            """,
            asker_id.bucket,
            asker_id,
            day,
            question_id,
            most,
        )
        if placed:
            return
    raise TooManyQuestions(retry_after=3600, most=most)


async def ask_people(tx: Tx, question_id: QuestionId) -> None:
    """Draw a few who have the thing and ask them; once. Nobody is bothered too often."""
    row = await tx.row(
        """
        update reviews.questions set drawn_at = $3 where bucket = $1 and id = $2 and drawn_at is null
        returning product_id, asker_id
        """,
        question_id.bucket,
        question_id,
        tx.now,
    )
    if row is None:
        return
    people = draw_people(
        await _candidates(tx, Id(row["product_id"]), Id(row["asker_id"])),
        tx.given(ReviewRules).asked_people,
        question_id,
    )
    await tx.execute(
        """
        insert into reviews.asked (bucket, person_id, question_id, asked_at)
        select b, p, $3, $4 from unnest($1::smallint[], $2::bigint[]) as t(b, p) on conflict do nothing
        """,
        [i.bucket for i in people],
        people,
        question_id,
        tx.now,
    )
    product_id = Id(row["product_id"])
    await publish(
        tx, *(PersonAsked(question_id=question_id, product_id=product_id, person_id=person) for person in people)
    )


async def _candidates(tx: Tx, product_id: Id, asker_id: Id) -> list[Id]:
    rules = tx.given(ReviewRules)
    rows = await tx.rows(
        """
        select buyer_id from reviews.owners
         where bucket = $1 and product_id = $2 and buyer_id <> $3 order by received_at desc, buyer_id limit $4
        """,
        product_id.bucket,
        product_id,
        asker_id,
        rules.asked_from,
    )
    people = [Id(row["buyer_id"]) for row in rows]
    busy = await tx.rows(
        """
        select a.person_id from reviews.asked a
          join unnest($1::smallint[], $2::bigint[]) as t(b, p) on a.bucket = t.b and a.person_id = t.p
         where a.asked_at > $3 group by a.person_id having count(*) >= $4
        """,
        [i.bucket for i in people],
        people,
        tx.now - timedelta(days=rules.asked_days),
        rules.asked_lately,
    )
    tired = {row["person_id"] for row in busy}
    return [person for person in people if person not in tired]


async def answer_as_shop(tx: Tx, question_id: QuestionId, words: str) -> None:
    """Answer for the shop; once.

    Raises:
        QuestionNotFound: the actor does not work in its shop.
        RoleTooSmall, ShopClosed, AlreadyAnswered, Invalid
    """
    question = await get_question(tx, question_id)
    try:
        shop = await enter(tx, ShopId(question.shop_id), may_answer)
    except ShopNotFound:
        raise QuestionNotFound from None
    findings = Findings()
    words = check_public_words(findings, words, tx.given(ReviewRules))
    findings.raise_any()
    moved = await tx.execute(
        """
        update reviews.questions
           set shop_answered_at = $3, answers = answers + 1, version = version + 1
         where bucket = $1 and id = $2 and shop_answered_at is null
        """,
        question_id.bucket,
        question_id,
        tx.now,
    )
    if not moved:
        raise AlreadyAnswered
    await _write(tx, question, AnswerSide.SHOP, "", shop.language, words)


async def answer_as_buyer(tx: Tx, person_id: PersonId, question_id: QuestionId, words: str) -> None:
    """Answer a question that one was drawn for; once.

    Raises:
        QuestionNotFound: one was not asked.
        AlreadyAnswered, Invalid
    """
    findings = Findings()
    words = check_public_words(findings, words, tx.given(ReviewRules))
    await _move(tx, person_id, question_id, "answered")
    findings.raise_any()
    question, person = await get_question(tx, question_id), await get_person(tx, person_id)
    await tx.execute(
        "update reviews.questions set answers = answers + 1, version = version + 1 where bucket = $1 and id = $2",
        question_id.bucket,
        question_id,
    )
    await _write(tx, question, AnswerSide.BUYER, shorten_name(person.name), person.language, words)


async def decline_question(tx: Tx, person_id: PersonId, question_id: QuestionId) -> None:
    """Say that one would rather not answer; nobody hears of it.

    Raises:
        QuestionNotFound: one was not asked.
        AlreadyAnswered
    """
    await _move(tx, person_id, question_id, "declined")


async def _move(tx: Tx, person_id: PersonId, question_id: QuestionId, state: str) -> None:
    moved = await tx.execute(
        """
        update reviews.asked set state = $4
         where bucket = $1 and person_id = $2 and question_id = $3 and state = 'waiting'
        """,
        person_id.bucket,
        person_id,
        question_id,
        state,
    )
    if moved:
        return
    known = await tx.value(
        "select state from reviews.asked where bucket = $1 and person_id = $2 and question_id = $3",
        person_id.bucket,
        person_id,
        question_id,
    )
    raise QuestionNotFound if known is None else AlreadyAnswered


async def _write(tx: Tx, question: Question, side: AnswerSide, shown_name: str, language: str, words: str) -> None:
    await tx.execute(
        """
        insert into reviews.answers (bucket, id, question_id, side, author_id, shown_name, language, words, written_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
        """,
        question.id.bucket,
        tx.new_id(AnswerId, question.id.bucket),
        question.id,
        side,
        tx.actor.person_id,
        shown_name,
        language,
        words,
        tx.now,
    )
    await publish(
        tx,
        QuestionAnswered(
            question_id=question.id,
            product_id=question.product_id,
            shop_id=question.shop_id,
            asker_id=question.asker_id,
            by_shop=side is AnswerSide.SHOP,
        ),
    )


async def forget_asker(tx: Tx, person_id: Id) -> None:
    """Take the first sign of the name off the questions and answers of somebody who left. Safe to run twice."""
    asked = await tx.rows(
        "select question_id from reviews.own_questions where bucket = $1 and person_id = $2",
        person_id.bucket,
        person_id,
    )
    drawn = await tx.rows(
        "select question_id from reviews.asked where bucket = $1 and person_id = $2 and state = 'answered'",
        person_id.bucket,
        person_id,
    )
    ids = [QuestionId(row["question_id"]) for row in asked]
    await tx.execute(
        """
        update reviews.questions q set shown_name = '' from unnest($1::smallint[], $2::bigint[]) as t(b, i)
         where q.bucket = t.b and q.id = t.i
        """,
        [i.bucket for i in ids],
        ids,
    )
    answered = [QuestionId(row["question_id"]) for row in drawn]
    await tx.execute(
        """
        update reviews.answers a set shown_name = '' from unnest($1::smallint[], $2::bigint[]) as t(b, i)
         where a.bucket = t.b and a.question_id = t.i and a.author_id = $3
        """,
        [i.bucket for i in answered],
        answered,
        person_id,
    )
    await tx.execute(
        "delete from reviews.asked where bucket = $1 and person_id = $2 and state = 'waiting'",
        person_id.bucket,
        person_id,
    )
