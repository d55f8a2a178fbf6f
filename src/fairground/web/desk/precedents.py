"""Precedents at the desk: read what the machine left, mend it, publish it or keep it back."""

from typing import Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Invalid, NotFound
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext, language
from fairground.kit.paging import Page
from fairground.market.justice.actions.precedents import publish_precedent, withhold_precedent
from fairground.market.justice.errors import PrecedentDone, PrecedentNotFound
from fairground.market.justice.model.precedents import Precedent, PrecedentId, PrecedentState, PrecedentTexts
from fairground.market.justice.queries.precedents import find_precedent, list_unchecked_precedents
from fairground.market.justice.queries.rulebook import list_rules
from fairground.web.desk.frame import AnyRequest, Queues, count_queues, desk_page
from fairground.web.justice.precedents import LABELS
from fairground.web.render import go
from fairground.web.told import Told, tell_fields

LIST: Final = "/desk/precedents"


class PrecedentForm(msgspec.Struct):
    """The texts as somebody mended them, or why it is kept back."""

    title: str = ""
    story: str = ""
    reasons: str = ""
    rule: str = ""
    because: str = ""

    @property
    def texts(self) -> PrecedentTexts:
        """The texts to publish."""
        return PrecedentTexts(self.title, self.story, self.reasons, self.rule)


class DeskPrecedentView(msgspec.Struct, frozen=True):
    """One precedent with what is in the fields."""

    precedent: Precedent
    texts: PrecedentTexts
    rules: list[tuple[str, str]]
    because: str


@get(LIST, include_in_schema=False)
async def show_unchecked(
    request: AnyRequest,
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show what waits for somebody to look."""
    caller.need_staff()

    async def look(reader: Reader) -> tuple[Page[Precedent], Queues]:
        return await list_unchecked_precedents(reader, after=after), await count_queues(reader)

    view, queues = await db.read(look)
    next_href = f"{LIST}?after={view.next}" if view.next else None
    title = gettext("Precedents")
    return desk_page(request, "precedents", title=title, queues=queues, view=view, labels=LABELS, next_href=next_href)


@get(LIST + "/{precedent_id:str}", include_in_schema=False)
async def show_one(
    request: AnyRequest, precedent_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show one precedent to be read, mended and published."""
    return await _page(request, caller, db, an_id(PrecedentId, precedent_id))


async def _page(
    request: AnyRequest,
    caller: Caller,
    db: Database,
    wanted: PrecedentId,
    errors: Told | None = None,
    filled: PrecedentForm | None = None,
) -> Response[bytes]:
    caller.need_staff()

    async def look(reader: Reader) -> tuple[DeskPrecedentView, Queues]:
        found = await find_precedent(reader, wanted)
        if found is None:
            raise PrecedentNotFound
        rules = await rule_choices(reader)
        texts = filled.texts if filled is not None and filled.title else found.texts
        return DeskPrecedentView(found, texts, rules, filled.because if filled else ""), await count_queues(reader)

    view, queues = await db.read(look)
    return desk_page(
        request,
        "precedent",
        title=gettext("Read before publishing"),
        queues=queues,
        status=422 if errors else 200,
        view=view,
        labels=LABELS,
        errors=errors or Told(),
        is_draft=view.precedent.state is PrecedentState.DRAFT,
        is_public=view.precedent.state is PrecedentState.PUBLISHED,
    )


async def rule_choices(reader: Reader) -> list[tuple[str, str]]:
    """List the rules in force, for choosing one."""
    rules = [rule.in_force for rule in await list_rules(reader) if rule.in_force is not None]
    return [(rule.key, rule.wording(language()).title) for rule in rules]


@post(LIST + "/{precedent_id:str}/{deed:str}", include_in_schema=False)
async def decide(
    request: AnyRequest,
    precedent_id: FromPath[str],
    deed: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Publish a precedent as it was mended (`publication`), or keep it back or take it down (`withholding`)."""
    caller.need_staff()
    wanted, form = an_id(PrecedentId, precedent_id), await read_form(request, PrecedentForm)
    if deed not in {"publication", "withholding"}:
        raise NotFound
    try:
        if deed == "publication":
            await db.write(caller.actor, lambda tx: publish_precedent(tx, wanted, form.texts))
        else:
            await db.write(caller.actor, lambda tx: withhold_precedent(tx, wanted, form.because))
    except Invalid as trouble:
        return await _page(request, caller, db, wanted, tell_fields(trouble), form)
    except PrecedentDone as trouble:
        return go(request, LIST, say=gettext(trouble.message), kind="mind")
    said = gettext("Published.") if deed == "publication" else gettext("Kept back.")
    return go(request, LIST, say=said)


HANDLERS = (show_unchecked, show_one, decide)
