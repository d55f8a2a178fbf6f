"""The attendant: a button on every page that knows where it was pressed; it quotes and links, and gives a person."""

import re
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromQuery

from fairground.kit.db import Database
from fairground.kit.errors import Invalid, Trouble
from fairground.kit.http.caller import Caller
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext, language, say
from fairground.kit.ids import Id
from fairground.market.service.actions.answers import leave_question
from fairground.market.service.model.answers import AttendantRules, Passage, Source, check_question
from fairground.market.service.model.tickets import About, AboutKind, read_about
from fairground.market.service.queries.attendant import Attendant, Surroundings, look_around
from fairground.market.shops.model import ShopId
from fairground.web.render import go, page
from fairground.web.told import Told, tell_fields

AnyRequest = Request[Any, Any, Any]
HREF: Final = "/attendant"
_PLACE: Final = re.compile(r"/(?P<kind>p|orders|s)/(?P<name>[^/?]+)(?:/.*)?")


class AskForm(msgspec.Struct):
    """A question, and where it was asked."""

    question: str = ""
    about: str = ""


class AttendantView(msgspec.Struct, frozen=True, kw_only=True):
    """What was asked and found. `left` tells that the shop was asked; `may_leave` that it can be."""

    about: str
    question: str
    place: str
    state: Passage | None
    answers: list[tuple[str, Passage]] | None  # with what kind of place it is from; None before anything was asked
    quotes: list[tuple[str, str]]  # words and where they stand
    shop: tuple[str, str] | None
    chat_href: str | None
    ticket_href: str
    may_leave: bool
    left: str
    errors: Told
    rules: AttendantRules


class Outcome(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a question; `found` is None before anything was asked."""

    found: list[Passage] | None = None
    quotes: list[tuple[str, str]] = []
    left: str = ""
    errors: Told = Told()


def stand_of(about: str) -> tuple[About, str]:
    """Tell what an address or `order:ID` is about; a shop by the name in its address."""
    place = _PLACE.fullmatch(about)
    if place is None:
        return read_about(about), ""
    if place["kind"] == "s":
        return About(), place["name"]
    number = Id.parse(place["name"])
    kind = AboutKind.PRODUCT if place["kind"] == "p" else AboutKind.ORDER
    return (About(), "") if number is None else (About(kind, number), "")


@get(HREF, include_in_schema=False)
async def show_attendant(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    about: FromQuery[str] = "",
) -> Response[bytes]:
    """Show the attendant where somebody stands."""
    around = await _around(db, caller, about)
    return _page(request, caller, db, (AskForm(about=about[:300]), around), Outcome())


async def _around(db: Database, caller: Caller, about: str) -> Surroundings:
    stand, slug = stand_of(about)
    if stand.kind is AboutKind.ORDER:
        caller.need_person()
    return await db.read(lambda reader: look_around(reader, stand, caller.person_id, slug=slug))


@post(HREF, include_in_schema=False)
async def ask(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    attendant: NamedDependency[Attendant],
) -> Response[bytes]:
    """Answer a question; one that nothing answers is left with the shop, if there is one and somebody is signed in."""
    form = await read_form(request, AskForm)
    around = await _around(db, caller, form.about)
    try:
        question = check_question(form.question, db.given(AttendantRules))
    except Invalid as trouble:
        return _page(request, caller, db, (form, around), Outcome(errors=tell_fields(trouble)))
    reply = await attendant.reply(db, question, around)
    left = "" if reply.passages else await _leave(db, caller, around, question)
    quotes = [(quote.words, reply.passages[quote.passage].href) for quote in reply.quotes]
    return _page(request, caller, db, (form, around), Outcome(found=reply.passages, quotes=quotes, left=left))


@post(f"{HREF}/questions", include_in_schema=False)
async def leave(request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]) -> Response[bytes]:
    """Leave a question with the shop, though something was found."""
    caller.need_person()
    form = await read_form(request, AskForm)
    around = await _around(db, caller, form.about)
    said = await _leave(db, caller, around, form.question)
    return go(request, f"{HREF}?{urlencode({'about': form.about})}", say=said or gettext("Nobody could be asked."))


async def _leave(db: Database, caller: Caller, around: Surroundings, question: str) -> str:
    """Leave a question with a shop; tells what came of it, "" where there is nobody to ask or nobody to tell."""
    shop, lang = around.shop, language()
    if shop is None or caller.person_id is None:
        return ""
    try:
        await db.write(
            caller.actor,
            lambda tx: leave_question(tx, ShopId(shop.id), question, lang, product_id=around.product_id),
        )
    except Trouble as trouble:
        return say(trouble.message, trouble.params) if not isinstance(trouble, Invalid) else ""
    return gettext("The shop has your question now. You get a letter when it is answered.")


def _page(
    request: AnyRequest, caller: Caller, db: Database, asked: tuple[AskForm, Surroundings], outcome: Outcome
) -> Response[bytes]:
    form, around = asked
    found, errors = outcome.found, outcome.errors
    shop = around.shop
    view = AttendantView(
        about=form.about,
        question=form.question,
        place=around.title or ("" if shop is None else shop.name),
        state=around.state,
        answers=None if found is None else [(_source(passage), passage) for passage in found],
        quotes=outcome.quotes,
        shop=None if shop is None else (shop.name, f"/s/{shop.slug}"),
        chat_href=None if shop is None else _chat_href(shop.slug, around),
        ticket_href="/help/tickets/new?" + urlencode({"about": str(_ticket_about(around)), "words": form.question}),
        may_leave=bool(found) and shop is not None and caller.person_id is not None,
        left=outcome.left,
        errors=errors,
        rules=db.given(AttendantRules),
    )
    title = gettext("Ask the attendant")
    return page(request, "storefront/attendant/page.html", title=title, view=view, status=422 if errors.all else 200)


def _chat_href(slug: str, around: Surroundings) -> str:
    more = {AboutKind.PRODUCT: "product", AboutKind.ORDER: "order"}.get(around.about.kind)
    return "/messages/new?" + urlencode({"shop": slug, **({more: str(around.about.id)} if more else {})})


def _ticket_about(around: Surroundings) -> About:
    if around.about.id is None and around.shop is not None:
        return About(AboutKind.SHOP, around.shop.id)
    return around.about


def _source(passage: Passage) -> str:
    return {
        Source.ORDER: gettext("From your order"),
        Source.SHOP: gettext("The shop says"),
        Source.RULE: gettext("From the rules of the market"),
    }[passage.source]


HANDLERS: Final = (show_attendant, ask, leave)
