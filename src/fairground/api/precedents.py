"""Precedents, by API: what was decided before, by rule."""

from datetime import date
from typing import Annotated, Final

import msgspec
from litestar import get
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, QueryParameter

from fairground.kit.db import Database
from fairground.kit.http.caller import an_id
from fairground.kit.i18n.words import Language
from fairground.kit.money import Money
from fairground.market.justice.model.disputes import Outcome
from fairground.market.justice.model.precedents import Precedent, PrecedentId, Source
from fairground.market.justice.queries.precedents import get_precedent, list_precedents


class PrecedentView(msgspec.Struct):
    """A precedent: nobody is named in it. `rule` is a key of the rule book, null where the two sides agreed."""

    id: PrecedentId
    source: Source
    kind: str
    title: str
    story: str
    reasons: str
    rule: str | None
    outcome: str
    decided_by: str
    claimed: Money
    refund: Money
    language: Language
    happened_on: date


class Precedents(msgspec.Struct):
    """Precedents, the latest first."""

    items: list[PrecedentView]
    next: str | None


@get("/api/v1/precedents", tags=["Justice"])
async def show_precedents(
    db: NamedDependency[Database],
    rule: FromQuery[str | None] = None,
    outcome: Annotated[Outcome | None, QueryParameter(name="outcome")] = None,
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Precedents:
    """List what was decided before, the latest first; of a `rule`, with an `outcome`."""
    found = await db.read(
        lambda reader: list_precedents(
            reader, rule_key=rule, outcome=None if outcome is None else outcome.value, after=after, limit=limit
        )
    )
    return Precedents([precedent_view(p) for p in found.items], found.next)


@get("/api/v1/precedents/{precedent_id:str}", tags=["Justice"])
async def show_precedent(precedent_id: FromPath[str], db: NamedDependency[Database]) -> PrecedentView:
    """Show one precedent."""
    wanted = an_id(PrecedentId, precedent_id)
    return precedent_view(await db.read(lambda reader: get_precedent(reader, wanted)))


def precedent_view(found: Precedent) -> PrecedentView:
    """Show a precedent."""
    return PrecedentView(
        found.id,
        found.source,
        found.kind,
        found.texts.title,
        found.texts.story,
        found.texts.reasons,
        found.texts.rule_key or None,
        found.outcome,
        found.decider,
        found.claimed,
        found.refund,
        found.language,
        found.happened_on,
    )


HANDLERS: Final = (show_precedents, show_precedent)
