"""Precedents as everybody reads them: how it was decided before, by rule."""

from collections.abc import Mapping
from typing import Any, Final
from urllib.parse import urlencode

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database, Reader
from fairground.kit.http.caller import an_id
from fairground.kit.i18n.words import gettext
from fairground.market.justice.model.disputes import Outcome
from fairground.market.justice.model.precedents import Precedent, PrecedentId
from fairground.market.justice.queries.precedents import get_precedent, list_cited_rules, list_precedents
from fairground.web.justice.words import decider_label, kind_label, outcome_kind, outcome_label, rule_titles
from fairground.web.render import page

LABELS: Final = {"kind": kind_label, "outcome": outcome_label, "colour": outcome_kind, "decider": decider_label}


class PrecedentsView(msgspec.Struct, frozen=True):
    """A page of precedents, with the choices that narrow it."""

    items: list[Precedent]
    rules: list[tuple[str, str]]
    rule: str
    outcome: str
    outcomes: list[tuple[str, str]]
    titles: Mapping[str, str]
    next_href: str | None


class PrecedentView(msgspec.Struct, frozen=True):
    """One precedent; `rule` is the title of its rule."""

    precedent: Precedent
    rule: str


@get("/justice/precedents", include_in_schema=False)
async def show_precedents(
    request: Request[Any, Any, Any],
    db: NamedDependency[Database],
    rule: FromQuery[str] = "",
    outcome: FromQuery[str] = "",
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show how it was decided before; by a rule or an outcome where asked."""

    async def look(reader: Reader) -> PrecedentsView:
        found = await list_precedents(reader, rule_key=rule or None, outcome=outcome or None, after=after)
        cited = await list_cited_rules(reader)
        titles = await rule_titles(reader, {key for key, _ in cited} | {p.texts.rule_key for p in found.items})
        query = urlencode({"rule": rule, "outcome": outcome, "after": found.next or ""})
        return PrecedentsView(
            found.items,
            [(key, f"{titles[key]} ({n})") for key, n in cited],
            rule,
            outcome,
            [(o.value, outcome_label(o.value)) for o in Outcome],
            titles,
            f"/justice/precedents?{query}" if found.next else None,
        )

    view, title = await db.read(look), gettext("How it was decided before")
    address = "/justice/precedents"
    return page(request, "justice/precedents.html", title=title, public=True, address=address, view=view, labels=LABELS)


@get("/justice/precedents/{precedent_id:str}", include_in_schema=False)
async def show_precedent(
    request: Request[Any, Any, Any], precedent_id: FromPath[str], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show one precedent: what both sides said, what was decided, by which rule and why."""
    wanted = an_id(PrecedentId, precedent_id)

    async def look(reader: Reader) -> PrecedentView:
        found = await get_precedent(reader, wanted)
        return PrecedentView(found, (await rule_titles(reader, {found.texts.rule_key}))[found.texts.rule_key])

    view, address = await db.read(look), f"/justice/precedents/{wanted}"
    title = view.precedent.texts.title
    return page(request, "justice/precedent.html", title=title, public=True, address=address, view=view, labels=LABELS)


HANDLERS: Final[list[ControllerRouterHandler]] = [show_precedents, show_precedent]
