"""The rule book as everybody reads it: rules in force, how each came about, drafts with votes and comments."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery
from litestar.types import ControllerRouterHandler
from markupsafe import Markup

from fairground.kit.db import Database, Reader
from fairground.kit.errors import N_, Invalid, NotAllowed, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext, language
from fairground.kit.safe_text import render
from fairground.market.accounts.model import PersonId
from fairground.market.justice.actions.voices import comment_on_draft, vote_on_draft
from fairground.market.justice.errors import ConsultationOver, TooManyComments
from fairground.market.justice.model.founding import ROOMS, changed_numbers
from fairground.market.justice.model.rulebook import (
    Comment,
    Rule,
    RuleBookRules,
    RuleVersion,
    RuleVersionId,
    Standing,
    Vote,
    Votes,
)
from fairground.market.justice.queries.rulebook import (
    count_votes,
    find_vote,
    get_public_version,
    list_comments,
    list_consultations,
    list_rules,
    list_versions,
)
from fairground.web.render import go, page
from fairground.web.told import Told, tell_fields

AnyRequest = Request[Any, Any, Any]
FEW: Final = 50


class ShownRule(msgspec.Struct, frozen=True):
    """One version in the reader's language."""

    href: str
    draft_href: str
    key: str
    number: int
    title: str
    text: Markup
    why: Markup
    standing: Standing
    label: str
    version: RuleVersion
    because: str  # why it is in force before people were asked; the first rules say it in every language
    changed: list[tuple[str, int, int]] = []


class RulesView(msgspec.Struct, frozen=True):
    """The book: parts with their rules, and what people are asked about now."""

    parts: list[tuple[str, list[ShownRule]]]
    open: list[ShownRule]


class RuleView(msgspec.Struct, frozen=True):
    """One rule: what is in force, what people are asked about, all versions."""

    key: str
    now: ShownRule | None
    open: list[ShownRule]
    versions: list[ShownRule]


class DraftView(msgspec.Struct, frozen=True):
    """A draft with what people say of it."""

    rule: ShownRule
    votes: Votes
    vote: Vote | None
    comments: list[Comment]
    next_href: str | None
    quorum: int
    may_speak: bool
    words: str = ""


class VoteForm(msgspec.Struct):
    """A vote."""

    vote: str = ""


class WordsForm(msgspec.Struct):
    """A comment."""

    words: str = ""


def standing_label(standing: Standing) -> str:
    """Say where a version stands."""
    return {
        Standing.DRAFT: gettext("Draft of the desk"),
        Standing.OPEN: gettext("In consultation"),
        Standing.CLOSED: gettext("Consultation over"),
        Standing.IN_FORCE: gettext("In force"),
        Standing.ENDED: gettext("No longer in force"),
        Standing.DROPPED: gettext("Dropped"),
    }[standing]


def part_label(part: str) -> str:
    """Say what the rules of a part are about."""
    known = {
        "orders": gettext("Orders and money"),
        "cases": gettext("When something is wrong"),
        "reviews": gettext("Reviews and scores"),
        "disputes": gettext("Disputes and juries"),
        "rules": gettext("The rules themselves"),
    }
    return known.get(part, part)


def shown_rule(version: RuleVersion, rules: dict[str, msgspec.Struct] | None = None) -> ShownRule:
    """Show a version in the reader's language; with `rules` also which numbers it does not say as they are."""
    wording = version.wording(language())
    return ShownRule(
        f"/justice/rules/{version.key}",
        f"/justice/drafts/{version.id}",
        version.key,
        version.version,
        wording.title,
        Markup(render(wording.text, "markdown")),  # noqa: S704 - sanitised
        Markup(render(wording.why, "markdown")),  # noqa: S704 - sanitised
        version.standing,
        standing_label(version.standing),
        version,
        gettext(version.emergency_reason) if version.emergency_reason else "",
        [(name, *pair) for name, pair in changed_numbers(version.numbers, rules or {}).items()],
    )


@get("/justice/rules", include_in_schema=False)
async def show_rules(request: AnyRequest, db: NamedDependency[Database]) -> Response[bytes]:
    """Show the rules in force, and what people are asked about."""

    async def look(reader: Reader) -> RulesView:
        rules, opened = await list_rules(reader), await list_consultations(reader)
        return RulesView(_parts(rules), [shown_rule(version) for version in opened])

    view, title = await db.read(look), gettext("The rules of the fair")
    return page(request, "justice/rules.html", title=title, public=True, address="/justice/rules", view=view)


def _parts(rules: list[Rule]) -> list[tuple[str, list[ShownRule]]]:
    parts: dict[str, list[ShownRule]] = {}
    for rule in rules:
        if rule.in_force is not None:
            parts.setdefault(rule.part, []).append(shown_rule(rule.in_force))
    return [(part_label(part), shown) for part, shown in parts.items()]


@get("/justice/rules/{key:str}", include_in_schema=False)
async def show_rule(request: AnyRequest, key: FromPath[str], db: NamedDependency[Database]) -> Response[bytes]:
    """Show one rule with all its versions."""
    versions = await db.read(lambda reader: list_versions(reader, key))
    rules = {room: db.given(kind) for room, kind in ROOMS.items()}
    now = next((v for v in versions if v.standing is Standing.IN_FORCE), None)
    view = RuleView(
        key,
        None if now is None else shown_rule(now, rules),
        [shown_rule(v) for v in versions if v.is_open],
        [shown_rule(v) for v in versions],
    )
    title, address = view.versions[0].title if view.now is None else view.now.title, f"/justice/rules/{key}"
    return page(request, "justice/rule.html", title=title, public=True, address=address, view=view)


@get("/justice/drafts/{version_id:str}", include_in_schema=False)
async def show_draft(
    request: AnyRequest,
    version_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
) -> Response[bytes]:
    """Show a draft, how people vote, and what they say."""
    return await _draft_page(request, caller, db, an_id(RuleVersionId, version_id), after=after)


async def _draft_page(
    request: AnyRequest,
    caller: Caller,
    db: Database,
    version_id: RuleVersionId,
    *,
    after: str | None = None,
    errors: Told | None = None,
    words: str = "",
) -> Response[bytes]:
    async def look(reader: Reader) -> DraftView:
        version = await get_public_version(reader, version_id)
        votes = version.votes or await count_votes(reader, version_id)
        comments = await list_comments(reader, version_id, after=after, limit=FEW)
        vote = None if caller.person_id is None else await find_vote(reader, version_id, caller.person_id)
        return DraftView(
            shown_rule(version),
            votes,
            vote,
            comments.items,
            f"/justice/drafts/{version_id}?after={comments.next}" if comments.next else None,
            reader.given(RuleBookRules).vote_quorum,
            _is_still_open(version, reader.now),
            words,
        )

    view = await db.read(look)
    address = f"/justice/drafts/{version_id}"
    status = 422 if errors else 200
    return page(
        request,
        "justice/draft.html",
        title=view.rule.title,
        status=status,
        public=True,
        address=address,
        view=view,
        errors=errors or Told(),
    )


def _is_still_open(version: RuleVersion, now: datetime) -> bool:
    return version.is_open and version.closes_at is not None and now < version.closes_at


@post("/justice/drafts/{version_id:str}/vote", include_in_schema=False)
async def vote(
    request: AnyRequest, version_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Vote for a draft or against it, or change the vote."""
    person_id, wanted = PersonId(caller.need_person()), an_id(RuleVersionId, version_id)
    form, here = await read_form(request, VoteForm), f"/justice/drafts/{wanted}"
    chosen = next((v for v in Vote if v == form.vote), None)
    try:
        if chosen is None:
            raise invalid("/vote", "required", N_("Please choose one."))
        await db.write(caller.actor, lambda tx: vote_on_draft(tx, person_id, wanted, chosen))
    except Invalid as trouble:
        return await _draft_page(request, caller, db, wanted, errors=tell_fields(trouble))
    except (ConsultationOver, NotAllowed) as trouble:
        return go(request, here, say=gettext(trouble.message), kind="mind")
    return go(request, here, say=gettext("Your vote counts. You can change it until the end."))


@post("/justice/drafts/{version_id:str}/comments", include_in_schema=False)
async def comment(
    request: AnyRequest, version_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Say something about a draft."""
    person_id, wanted = PersonId(caller.need_person()), an_id(RuleVersionId, version_id)
    form, here = await read_form(request, WordsForm), f"/justice/drafts/{wanted}"
    try:
        await db.write(caller.actor, lambda tx: comment_on_draft(tx, person_id, wanted, form.words))
    except Invalid as trouble:
        return await _draft_page(request, caller, db, wanted, errors=tell_fields(trouble), words=form.words)
    except (ConsultationOver, NotAllowed, TooManyComments) as trouble:
        return go(request, here, say=gettext(trouble.message) % trouble.params, kind="mind")
    return go(request, f"{here}#comments", say=gettext("Thank you, everybody can read it."))


HANDLERS: Final[list[ControllerRouterHandler]] = [show_rules, show_rule, show_draft, vote, comment]
