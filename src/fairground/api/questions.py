"""Questions about products, by API: asked by anybody signed in, answered by the shop and by a few who have it."""

from datetime import datetime

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from fairground.kit.db import Database, Tx
from fairground.kit.http.caller import Caller, an_id
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import ProductId
from fairground.market.reviews.actions.asking import answer_as_buyer, answer_as_shop, ask_question, decline_question
from fairground.market.reviews.errors import QuestionNotFound
from fairground.market.reviews.model import AnswerSide, Question, QuestionId
from fairground.market.reviews.queries import get_question, list_asked_of, list_questions


class PublicWords(msgspec.Struct):
    """Words that everybody reads."""

    words: str


class AnswerView(msgspec.Struct):
    """An answer; the shop's has no name."""

    side: AnswerSide
    name: str
    words: str
    language: str
    written_at: datetime


class QuestionView(msgspec.Struct):
    """A question with its first answers, the shop's in front; `name` is the first sign of the asker's."""

    id: QuestionId
    product_id: ProductId
    name: str
    words: str
    language: str
    asked_at: datetime
    answers: list[AnswerView]


class Questions(msgspec.Struct):
    """Questions, the newest first."""

    items: list[QuestionView]
    next: str | None


@get("/api/v1/products/{product_id:str}/questions", tags=["Questions"])
async def show_questions(
    product_id: FromPath[str],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Questions:
    """List the questions about a product with their answers, the newest first."""
    wanted = an_id(ProductId, product_id)
    page = await db.read(lambda reader: list_questions(reader, wanted, after=after, limit=limit))
    return Questions([question_view(question) for question in page.items], page.next)


@post("/api/v1/products/{product_id:str}/questions", tags=["Questions"])
async def create_question(
    product_id: FromPath[str],
    data: JSONBody[PublicWords],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> QuestionView:
    """Ask about a product; a few times a day."""
    asker_id, wanted = PersonId(caller.need_person()), an_id(ProductId, product_id)

    async def ask(tx: Tx) -> Question:
        return await get_question(tx, await ask_question(tx, asker_id, wanted, data.words))

    return question_view(await db.write(caller.actor, ask))


@get("/api/v1/me/questions/waiting", tags=["Questions"])
async def show_waiting_questions(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> Questions:
    """List the questions that one was drawn to answer and has not."""
    person_id = PersonId(caller.need_person())
    found = await db.read(lambda reader: list_asked_of(reader, person_id))
    return Questions([question_view(question) for question in found], None)


@delete("/api/v1/me/questions/waiting/{question_id:str}", tags=["Questions"])
async def decline(question_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]) -> None:
    """Say that one would rather not answer."""
    person_id, wanted = PersonId(caller.need_person()), an_id(QuestionId, question_id)
    await db.write(caller.actor, lambda tx: decline_question(tx, person_id, wanted))


@post("/api/v1/questions/{question_id:str}/answers", status_code=204, tags=["Questions"])
async def create_answer(
    question_id: FromPath[str],
    data: JSONBody[PublicWords],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> None:
    """Answer a question: for its shop, or as somebody who was drawn because they have the thing."""
    person_id, wanted = PersonId(caller.need_person()), an_id(QuestionId, question_id)

    async def answer(tx: Tx) -> None:
        try:
            await answer_as_buyer(tx, person_id, wanted, data.words)
        except QuestionNotFound:
            await answer_as_shop(tx, wanted, data.words)

    await db.write(caller.actor, answer)


def question_view(question: Question) -> QuestionView:
    """Show a question."""
    return QuestionView(
        question.id,
        ProductId(question.product_id),
        question.shown_name,
        question.words,
        question.language,
        question.asked_at,
        [AnswerView(a.side, a.shown_name, a.words, a.language, a.written_at) for a in question.answers],
    )


HANDLERS = (show_questions, create_question, show_waiting_questions, decline, create_answer)
