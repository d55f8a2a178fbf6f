"""Questions that people ask about a shop's goods on their pages; the shop answers each once, for everybody."""

from typing import Any

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.queries import map_product_cards
from fairground.market.reviews.actions.asking import answer_as_shop
from fairground.market.reviews.errors import QuestionNotFound
from fairground.market.reviews.model import Question, QuestionId, ReviewRules
from fairground.market.reviews.policy import may_answer
from fairground.market.reviews.queries import get_question, list_open_questions
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.told import Told, tell_fields


class AskedView(msgspec.Struct, frozen=True):
    """What waits for the shop's answer, with the titles of the things."""

    questions: list[Question]
    titles: dict[Id, str]
    href: str
    next_href: str | None
    rules: ReviewRules


class AnswerForm(msgspec.Struct):
    """The shop's words."""

    words: str = ""


@get("/seller/{slug:str}/asked", include_in_schema=False)
async def show_asked(
    request: AnyRequest,
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show the questions that wait for the shop's answer, the longest waiting first."""
    return await _page(request, caller, db, slug, after=after)


async def _page(
    request: AnyRequest,
    caller: Caller,
    db: Database,
    slug: str,
    *,
    after: str | None = None,
    errors: Told | None = None,
    values: dict[str, str] | None = None,
) -> Response[bytes]:
    async def look(reader: Reader) -> tuple[Room, AskedView]:
        room = await enter_room(reader, caller, slug, may_answer)
        found = await list_open_questions(reader, room.shop.id, after=after)
        cards = await map_product_cards(reader, [ProductId(q.product_id) for q in found.items])
        titles, href = {Id(card.id): card.title for card in cards.values()}, f"{room.home}/asked"
        next_href = f"{href}?after={found.next}" if found.next else None
        return room, AskedView(found.items, titles, href, next_href, reader.given(ReviewRules))

    room, view = await db.read(look)
    more: dict[str, Any] = {"view": view, "errors": errors or Told(), "values": values or {}}
    title = gettext("Questions about your goods")
    return seller_page(request, "reviews/asked", room, title=title, status=422 if errors else 200, **more)


@post("/seller/{slug:str}/asked/{question_id:str}", include_in_schema=False)
async def answer_asked(
    request: AnyRequest,
    slug: FromPath[str],
    question_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Answer a question for everybody."""
    wanted, form = an_id(QuestionId, question_id), await read_form(request, AnswerForm)

    async def look(reader: Reader) -> Room:
        room = await enter_room(reader, caller, slug, may_answer)
        if (await get_question(reader, wanted)).shop_id != room.shop.id:
            raise QuestionNotFound
        return room

    room = await db.read(look)
    try:
        await db.write(caller.actor, lambda tx: answer_as_shop(tx, wanted, form.words))
    except Invalid as trouble:
        told = Told({f"words-{wanted}": words for _, words in tell_fields(trouble).all})
        return await _page(request, caller, db, slug, errors=told, values={f"words-{wanted}": form.words})
    return go(request, f"{room.home}/asked", say=gettext("Your answer stands beneath the question."))


HANDLERS = (show_asked, answer_asked)
