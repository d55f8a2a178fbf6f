"""A shop's own questions and answers: what the attendant quotes, and what waits to be answered once for all."""

from datetime import datetime
from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Conflict, Invalid, NotFound
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.queries import map_product_cards
from fairground.market.service.actions.answers import answer_question, dismiss_question, drop_answer, put_answer
from fairground.market.service.model.answers import AnswerId, AttendantRules, QuestionId, ShopAnswer, ShopQuestion
from fairground.market.service.policy import may_chat
from fairground.market.service.queries.answers import list_answers, list_questions
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.told import Told, tell_fields


class Row(msgspec.Struct, frozen=True):
    """A question that waits, or one with its answer; `product` is what it is about, as (address, title)."""

    id: Id
    question: str
    answer: str
    product: tuple[str, str] | None
    at: datetime


class AnswersView(msgspec.Struct, frozen=True):
    """What waits and what is answered."""

    waiting: list[Row]
    answered: list[Row]
    next_href: str | None
    href: str
    rules: AttendantRules


class AnswerForm(msgspec.Struct):
    """A question and its answer."""

    question: str = ""
    answer: str = ""
    product: str = ""


@get("/seller/{slug:str}/answers", include_in_schema=False)
async def show_answers(
    request: AnyRequest,
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show what waits for an answer, and what is answered."""
    return await _page(request, caller, db, slug, after=after)


async def _page(
    request: AnyRequest,
    caller: Caller,
    db: Database,
    slug: str,
    *,
    after: str | None = None,
    errors: Told | None = None,
    typed: AnswerForm | None = None,
    about: str = "new",
) -> Response[bytes]:
    async def look(reader: Reader) -> tuple[Room, AnswersView]:
        room = await enter_room(reader, caller, slug, may_chat)
        waiting = await list_questions(reader, room.shop.id, after=after)
        answers = await list_answers(reader, room.shop.id)
        things: list[ShopAnswer | ShopQuestion] = [*waiting.items, *answers]
        titles = await map_product_cards(reader, {ProductId(t.product_id) for t in things if t.product_id})
        names = {Id(number): card.title for number, card in titles.items()}
        href = f"{room.home}/answers"
        return room, AnswersView(
            [_row(q, "", q.asked_at, names) for q in waiting.items],
            [_row(a, a.answer, a.changed_at, names) for a in answers],
            f"{href}?after={waiting.next}" if waiting.next else None,
            href,
            reader.given(AttendantRules),
        )

    room, view = await db.read(look)
    return seller_page(
        request,
        "answers/page",
        room,
        title=gettext("Questions and answers"),
        status=422 if errors else 200,
        counts={"/answers": len(view.waiting)},
        view=view,
        errors=errors or Told(),
        typed=typed or AnswerForm(),
        about=about,
    )


def _row(thing: ShopAnswer | ShopQuestion, answer: str, at: datetime, names: dict[Id, str]) -> Row:
    product = None if thing.product_id is None else (f"/p/{thing.product_id}", names.get(Id(thing.product_id), ""))
    return Row(thing.id, thing.question, answer, product, at)


async def _enter(db: Database, caller: Caller, slug: str) -> Room:
    return await db.read(lambda reader: enter_room(reader, caller, slug, may_chat))


@post("/seller/{slug:str}/answers", include_in_schema=False)
async def do_add(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Write a question with its answer."""
    room, form = await _enter(db, caller, slug), await read_form(request, AnswerForm)
    product_id = Id.parse(form.product.rpartition("/")[2]) if form.product else None
    try:
        await db.write(
            caller.actor,
            lambda tx: put_answer(tx, room.shop.id, form.question, form.answer, product_id=product_id),
        )
    except (Invalid, Conflict, NotFound) as trouble:
        return await _page(request, caller, db, slug, errors=tell_fields(trouble, "product"), typed=form)
    return go(request, f"{room.home}/answers", say=gettext("Saved: the attendant quotes it from now on."))


@post("/seller/{slug:str}/answers/{answer_id:str}", include_in_schema=False)
async def do_change(
    request: AnyRequest,
    slug: FromPath[str],
    answer_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Change an answer."""
    room, form = await _enter(db, caller, slug), await read_form(request, AnswerForm)
    wanted = an_id(AnswerId, answer_id)
    try:
        await db.write(
            caller.actor, lambda tx: put_answer(tx, room.shop.id, form.question, form.answer, answer_id=wanted)
        )
    except Invalid as trouble:
        told = tell_fields(trouble)
        return await _page(request, caller, db, slug, errors=told, typed=form, about=str(wanted))
    return go(request, f"{room.home}/answers", say=gettext("Saved: the attendant quotes it from now on."))


@post("/seller/{slug:str}/answers/{answer_id:str}/removal", include_in_schema=False)
async def do_drop(
    request: AnyRequest,
    slug: FromPath[str],
    answer_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Take an answer back."""
    room, wanted = await _enter(db, caller, slug), an_id(AnswerId, answer_id)
    await db.write(caller.actor, lambda tx: drop_answer(tx, room.shop.id, wanted))
    return go(request, f"{room.home}/answers", say=gettext("Taken back."))


@post("/seller/{slug:str}/questions/{question_id:str}/answer", include_in_schema=False)
async def do_answer(
    request: AnyRequest,
    slug: FromPath[str],
    question_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Answer a waiting question once for all."""
    room, form = await _enter(db, caller, slug), await read_form(request, AnswerForm)
    wanted = an_id(QuestionId, question_id)
    try:
        await db.write(
            caller.actor,
            lambda tx: answer_question(tx, room.shop.id, wanted, form.answer, question=form.question or None),
        )
    except (Invalid, Conflict) as trouble:
        told = tell_fields(trouble, "answer")
        return await _page(request, caller, db, slug, errors=told, typed=form, about=str(wanted))
    return go(request, f"{room.home}/answers", say=gettext("Answered: who asked is told, and others find it."))


@post("/seller/{slug:str}/questions/{question_id:str}/dismissal", include_in_schema=False)
async def do_dismiss(
    request: AnyRequest,
    slug: FromPath[str],
    question_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Put a question aside."""
    room, wanted = await _enter(db, caller, slug), an_id(QuestionId, question_id)
    await db.write(caller.actor, lambda tx: dismiss_question(tx, room.shop.id, wanted))
    return go(request, f"{room.home}/answers", say=gettext("Put aside."))


HANDLERS: Final = (show_answers, do_add, do_change, do_drop, do_answer, do_dismiss)
