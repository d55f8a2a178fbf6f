"""Questions about products: the page with all of them and the form, and one's own page of what one is asked."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Invalid, NotFound
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.queries import map_product_cards
from fairground.market.reviews.actions.asking import answer_as_buyer, ask_question, decline_question
from fairground.market.reviews.model import Question, QuestionId, ReviewRules
from fairground.market.reviews.queries import list_asked_of, list_own_questions, list_questions
from fairground.web.render import go, page
from fairground.web.storefront.account.overview import person_of
from fairground.web.told import Told, tell_fields

AnyRequest = Request[Any, Any, Any]
PAGE: Final = "/account/questions"
SHOWN: Final = 12


class QuestionsView(msgspec.Struct, frozen=True):
    """All questions about a product."""

    product_href: str
    href: str
    title: str
    questions: list[Question]
    next_href: str | None
    rules: ReviewRules


class OwnQuestionsView(msgspec.Struct, frozen=True):
    """What one is asked and what one asked, with the titles of the things."""

    asked: list[Question]
    own: list[Question]
    titles: dict[Id, str]
    rules: ReviewRules


class WordsForm(msgspec.Struct):
    """A question or an answer."""

    words: str = ""


@get("/p/{product_id:str}/questions", include_in_schema=False)
async def show_questions(
    request: AnyRequest,
    product_id: FromPath[str],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show the questions about a product with their answers."""
    return await _page(request, db, an_id(ProductId, product_id), after=after)


async def _page(
    request: AnyRequest,
    db: Database,
    product_id: ProductId,
    *,
    after: str | None = None,
    errors: Told | None = None,
    words: str = "",
) -> Response[bytes]:
    view = await db.read(lambda reader: _look(reader, product_id, after))
    return page(
        request,
        "storefront/product/questions.html",
        title=gettext("Questions about %(title)s") % {"title": view.title},
        status=422 if errors else 200,
        public=errors is None,
        view=view,
        errors=errors or Told(),
        words=words,
    )


async def _look(reader: Reader, product_id: ProductId, after: str | None) -> QuestionsView:
    card = (await map_product_cards(reader, [product_id])).get(product_id)
    if card is None:
        raise NotFound
    found = await list_questions(reader, product_id, after=after, limit=SHOWN)
    href = f"/p/{product_id}/questions"
    next_href = f"{href}?after={found.next}" if found.next else None
    return QuestionsView(f"/p/{product_id}", href, card.title, found.items, next_href, reader.given(ReviewRules))


@post("/p/{product_id:str}/questions", include_in_schema=False)
async def ask(
    request: AnyRequest, product_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Ask about a product."""
    asker_id, wanted = PersonId(caller.need_person()), an_id(ProductId, product_id)
    form = await read_form(request, WordsForm)
    try:
        await db.write(caller.actor, lambda tx: ask_question(tx, asker_id, wanted, form.words))
    except Invalid as trouble:
        return await _page(request, db, wanted, errors=tell_fields(trouble), words=form.words)
    said = gettext("Asked. The shop and a few who have one were told; you hear of every answer.")
    return go(request, f"/p/{wanted}/questions", say=said)


@get(PAGE, include_in_schema=False)
async def show_own(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show what one is asked, and what one asked."""
    return await _own(request, db, person_of(caller))


async def _own(
    request: AnyRequest,
    db: Database,
    person_id: PersonId,
    errors: Told | None = None,
    values: dict[str, str] | None = None,
) -> Response[bytes]:
    async def look(reader: Reader) -> OwnQuestionsView:
        asked, own = await list_asked_of(reader, person_id), await list_own_questions(reader, person_id)
        cards = await map_product_cards(reader, [ProductId(q.product_id) for q in (*asked, *own)])
        titles = {Id(card.id): card.title for card in cards.values()}
        return OwnQuestionsView(asked, own, titles, reader.given(ReviewRules))

    view = await db.read(look)
    return page(
        request,
        "storefront/account/questions.html",
        title=gettext("Questions"),
        status=422 if errors else 200,
        view=view,
        errors=errors or Told(),
        values=values or {},
    )


@post(PAGE + "/{question_id:str}/{deed:str}", include_in_schema=False)
async def reply(
    request: AnyRequest,
    question_id: FromPath[str],
    deed: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Answer what one is asked (`answer`), or decline (`decline`)."""
    person_id, wanted = person_of(caller), an_id(QuestionId, question_id)
    form = await read_form(request, WordsForm)
    if deed == "decline":
        await db.write(caller.actor, lambda tx: decline_question(tx, person_id, wanted))
        return go(request, PAGE, say=gettext("Declined. Nobody hears of it."))
    if deed != "answer":
        raise NotFound
    try:
        await db.write(caller.actor, lambda tx: answer_as_buyer(tx, person_id, wanted, form.words))
    except Invalid as trouble:
        told = Told({f"words-{wanted}": words for _, words in tell_fields(trouble).all})
        return await _own(request, db, person_id, told, {f"words-{wanted}": form.words})
    return go(request, PAGE, say=gettext("Thank you. Everybody can read your answer now."))


HANDLERS = (show_questions, ask, show_own, reply)
