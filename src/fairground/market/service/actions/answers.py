"""A shop answers once what many ask; what the attendant could not answer waits for the shop, and the asker is told."""

from datetime import timedelta

from fairground.kit.db import Tx
from fairground.kit.errors import TooMany
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.queries import get_product
from fairground.market.service.errors import (
    AnswerNotFound,
    OwnQuestion,
    ProductElsewhere,
    QuestionNotFound,
    TooManyAnswers,
)
from fairground.market.service.events import ShopQuestionAnswered, ShopQuestionAsked
from fairground.market.service.model.answers import (
    AnswerId,
    AttendantRules,
    QuestionId,
    ShopAnswer,
    check_answer,
    check_question,
)
from fairground.market.service.policy import may_chat
from fairground.market.service.queries.answers import answer_from, get_question
from fairground.market.shops.actions.doors import enter
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import get_shop, role_in

DAY = timedelta(days=1)


async def put_answer(
    tx: Tx,
    shop_id: ShopId,
    question: str,
    answer: str,
    *,
    product_id: Id | None = None,
    answer_id: AnswerId | None = None,
) -> ShopAnswer:
    """Write down an answer of a shop for all who will ask, or change one.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed
        AnswerNotFound, ProductElsewhere, TooManyAnswers, Invalid
    """
    await enter(tx, shop_id, may_chat)
    rules = tx.given(AttendantRules)
    question, answer = check_answer(question, answer, rules)
    if product_id is not None and (await get_product(tx, ProductId(product_id))).shop_id != shop_id:
        raise ProductElsewhere
    if answer_id is not None:
        return await _change(tx, shop_id, answer_id, question, answer)
    await _need_room(tx, shop_id, rules)
    row = await tx.row(
        """
        insert into service.shop_answers (bucket, id, shop_id, product_id, question, answer, written_by, written_at,
                                          changed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $8)
        returning id, shop_id, product_id, question, answer, changed_at, version
        """,
        shop_id.bucket,
        tx.new_id(AnswerId, shop_id.bucket),
        shop_id,
        product_id,
        question,
        answer,
        tx.actor.person_id,
        tx.now,
    )
    assert row is not None, "what was inserted is there"
    return answer_from(row)


async def _change(tx: Tx, shop_id: ShopId, answer_id: AnswerId, question: str, answer: str) -> ShopAnswer:
    row = await tx.row(
        """
        update service.shop_answers set question = $4, answer = $5, written_by = $6, changed_at = $7,
               version = version + 1
         where bucket = $1 and id = $2 and shop_id = $3
        returning id, shop_id, product_id, question, answer, changed_at, version
        """,
        answer_id.bucket,
        answer_id,
        shop_id,
        question,
        answer,
        tx.actor.person_id,
        tx.now,
    )
    if row is None:
        raise AnswerNotFound
    return answer_from(row)


async def drop_answer(tx: Tx, shop_id: ShopId, answer_id: AnswerId) -> None:
    """Take an answer back.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed, AnswerNotFound
    """
    await enter(tx, shop_id, may_chat)
    found = await tx.execute(
        "delete from service.shop_answers where bucket = $1 and id = $2 and shop_id = $3",
        answer_id.bucket,
        answer_id,
        shop_id,
    )
    if not found:
        raise AnswerNotFound


async def leave_question(
    tx: Tx, shop_id: ShopId, question: str, language: str, *, product_id: Id | None = None
) -> bool:
    """Leave a question with a shop; the asker hears when it is answered. False where it waits there already.

    Raises:
        ShopNotFound, OwnQuestion, ProductElsewhere, Invalid
        TooMany: the person left many today, or the shop has very many waiting.
    """
    person_id, rules = tx.actor.person_id, tx.given(AttendantRules)
    assert person_id is not None, "the entrance asks who it is"
    question = check_question(question, rules)
    await get_shop(tx, shop_id)
    if await role_in(tx, shop_id, person_id) is not None:
        raise OwnQuestion
    if product_id is not None and (await get_product(tx, ProductId(product_id))).shop_id != shop_id:
        raise ProductElsewhere
    await _need_patience(tx, shop_id, person_id, rules)
    question_id = tx.new_id(QuestionId, shop_id.bucket)
    new = await tx.execute(
        """
        insert into service.shop_questions (bucket, id, shop_id, product_id, person_id, question, language, asked_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (bucket, shop_id, person_id, question) do nothing
        """,
        shop_id.bucket,
        question_id,
        shop_id,
        product_id,
        person_id,
        question,
        language,
        tx.now,
    )
    if new:
        await publish(tx, ShopQuestionAsked(question_id=question_id, shop_id=shop_id))
    return bool(new)


async def answer_question(
    tx: Tx, shop_id: ShopId, question_id: QuestionId, answer: str, *, question: str | None = None
) -> ShopAnswer:
    """Answer a waiting question once for all; whoever asked is told. Others may be asked in the shop's own words.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed, QuestionNotFound, TooManyAnswers, Invalid
    """
    await enter(tx, shop_id, may_chat)
    waiting = await get_question(tx, question_id, shop_id)
    await _take_away(tx, shop_id, question_id)
    written = await put_answer(tx, shop_id, question or waiting.question, answer, product_id=waiting.product_id)
    await publish(
        tx,
        ShopQuestionAnswered(
            question_id=question_id,
            shop_id=shop_id,
            person_id=waiting.person_id,
            answer_id=written.id,
            product_id=waiting.product_id,
        ),
    )
    return written


async def dismiss_question(tx: Tx, shop_id: ShopId, question_id: QuestionId) -> None:
    """Put a question aside that nobody has to answer.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed, QuestionNotFound
    """
    await enter(tx, shop_id, may_chat)
    await get_question(tx, question_id, shop_id)
    await _take_away(tx, shop_id, question_id)


async def forget_questions_of(tx: Tx, person_id: Id) -> None:
    """Forget the questions of somebody who left."""
    await tx.execute("delete from service.shop_questions where person_id = $1", person_id)


async def forget_old_questions(tx: Tx, limit: int = 5000) -> int:
    """Forget questions that waited too long."""
    return await tx.execute(
        """
        delete from service.shop_questions where (bucket, id) in (
          select bucket, id from service.shop_questions where asked_at < $1 order by asked_at limit $2)
        """,
        tx.now - timedelta(days=tx.given(AttendantRules).question_days),
        limit,
    )


async def _take_away(tx: Tx, shop_id: ShopId, question_id: QuestionId) -> None:
    # Of two colleagues at the same moment the second waits here and then finds nothing to answer.
    found = await tx.execute(
        "delete from service.shop_questions where bucket = $1 and id = $2 and shop_id = $3",
        question_id.bucket,
        question_id,
        shop_id,
    )
    if not found:
        raise QuestionNotFound


async def _need_room(tx: Tx, shop_id: ShopId, rules: AttendantRules) -> None:
    written = await tx.value(
        "select count(*) from service.shop_answers where bucket = $1 and shop_id = $2", shop_id.bucket, shop_id
    )
    if written >= rules.answers_most:
        raise TooManyAnswers(most=rules.answers_most)


async def _need_patience(tx: Tx, shop_id: ShopId, person_id: Id, rules: AttendantRules) -> None:
    row = await tx.row(
        """
        select (select count(*) from service.shop_questions
                 where bucket = $1 and shop_id = $2 and person_id = $3 and asked_at > $4) as mine,
               (select count(*) from service.shop_questions where bucket = $1 and shop_id = $2) as theirs
        """,
        shop_id.bucket,
        shop_id,
        person_id,
        tx.now - DAY,
    )
    assert row is not None, "counts give a row"
    if row["mine"] >= rules.questions_a_day or row["theirs"] >= rules.questions_open_most:
        raise TooMany(retry_after=3600)
