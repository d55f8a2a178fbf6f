"""The rule book at the desk: draft, ask the people, close, put in force; emergencies; comments that hurt."""

from datetime import timedelta
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import Conflict, Invalid, NotFound
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext
from fairground.market.justice.actions.rulebook import (
    change_draft,
    close_consultation,
    draft_rule,
    drop_draft,
    end_emergency,
    open_consultation,
    put_in_force,
    put_in_force_at_once,
)
from fairground.market.justice.actions.voices import hide_comment
from fairground.market.justice.model.rulebook import (
    Comment,
    CommentId,
    RuleBookRules,
    RuleDraft,
    RuleVersion,
    RuleVersionId,
    Standing,
    Votes,
    Wording,
)
from fairground.market.justice.queries.rulebook import (
    count_votes,
    get_version,
    list_comments,
    list_rules,
    list_unsettled,
)
from fairground.web.desk.frame import SENIOR, AnyRequest, count_queues, desk_page
from fairground.web.justice.rules import ShownRule, shown_rule
from fairground.web.render import go
from fairground.web.told import Told, tell_fields

RECENT: Final = 50


class RulesView(msgspec.Struct, frozen=True):
    """What waits for the desk, and what is in force."""

    unsettled: list[ShownRule]
    in_force: list[ShownRule]
    may_decide: bool


class RuleForm(msgspec.Struct):
    """A version in both languages."""

    key: str = ""
    title_en: str = ""
    title_zh: str = ""
    text_en: str = ""
    text_zh: str = ""
    why_en: str = ""
    why_zh: str = ""

    def as_draft(self) -> RuleDraft:
        """Give what the room takes."""
        english = Wording(self.title_en, self.text_en, self.why_en)
        return RuleDraft(self.key, english, Wording(self.title_zh, self.text_zh, self.why_zh))


class DeedForm(msgspec.Struct):
    """Days and a reason, where a deed wants them."""

    days: int | None = None
    reason: str = ""


class VersionView(msgspec.Struct, frozen=True):
    """One version with what may be done about it."""

    rule: ShownRule
    form: RuleForm
    votes: Votes
    comments: list[Comment]
    rules: RuleBookRules
    deeds: frozenset[str]
    given: DeedForm


class NewView(msgspec.Struct, frozen=True):
    """The form of a new version."""

    form: RuleForm
    keys: list[str]


@get("/desk/rules", include_in_schema=False)
async def show_rules(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show what waits for the desk in the rule book, and what is in force."""
    caller.need_staff()

    async def look(reader: Reader) -> tuple[RulesView, Any]:
        waiting, rules = await list_unsettled(reader), await list_rules(reader)
        now = [shown_rule(rule.in_force) for rule in rules if rule.in_force is not None]
        view = RulesView([shown_rule(v) for v in waiting], now, caller.staff_role in SENIOR)
        return view, await count_queues(reader)

    view, queues = await db.read(look)
    return desk_page(request, "rules/list", title=gettext("Rules"), queues=queues, view=view)


@get("/desk/rules/new", include_in_schema=False)
async def show_new(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the form for a new version; `key` of a rule fills it with what is in force."""
    caller.need_staff()
    key = request.query_params.get("key", "")
    rules = await db.read(list_rules)
    now = next((rule.in_force for rule in rules if rule.key == key and rule.in_force is not None), None)
    form = RuleForm(key=key) if now is None else _form_of(now)
    return await _new_page(request, db, form)


async def _new_page(request: AnyRequest, db: Database, form: RuleForm, errors: Told | None = None) -> Response[bytes]:
    rules, status = await db.read(list_rules), 422 if errors else 200
    view, errors = NewView(form, [rule.key for rule in rules]), errors or Told()
    return desk_page(request, "rules/new", title=gettext("Draft a rule"), status=status, view=view, errors=errors)


@post("/desk/rules", include_in_schema=False)
async def create(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Draft a new version of a rule, or a new rule."""
    caller.need_staff()
    form = await read_form(request, RuleForm)
    try:
        version = await db.write(caller.actor, lambda tx: draft_rule(tx, form.as_draft()))
    except Invalid as trouble:
        return await _new_page(request, db, form, tell_fields(trouble))
    return go(request, f"/desk/rules/{version.id}", say=gettext("Drafted. Nobody else sees it yet."))


@get("/desk/rules/{version_id:str}", include_in_schema=False)
async def show_version(
    request: AnyRequest, version_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show one version, with what may be done about it."""
    return await _version_page(request, caller, db, an_id(RuleVersionId, version_id))


async def _version_page(
    request: AnyRequest,
    caller: Caller,
    db: Database,
    wanted: RuleVersionId,
    errors: Told | None = None,
    form: RuleForm | None = None,
    given: DeedForm | None = None,
) -> Response[bytes]:
    caller.need_staff()

    async def look(reader: Reader) -> tuple[VersionView, Any]:
        version = await get_version(reader, wanted)
        votes = version.votes or await count_votes(reader, wanted)
        comments = (await list_comments(reader, wanted, limit=RECENT)).items
        rules, deeds = reader.given(RuleBookRules), _deeds(version, caller)
        typed = given or DeedForm(rules.consultation_days)
        view = VersionView(shown_rule(version), form or _form_of(version), votes, comments, rules, deeds, typed)
        return view, await count_queues(reader)

    view, queues = await db.read(look)
    title, status = f"{view.rule.key} · {view.rule.number}", 422 if errors else 200
    return desk_page(
        request, "rules/version", title=title, queues=queues, status=status, view=view, errors=errors or Told()
    )


def _form_of(version: RuleVersion) -> RuleForm:
    english, chinese = version.english, version.chinese
    return RuleForm(version.key, english.title, chinese.title, english.text, chinese.text, english.why, chinese.why)


def _deeds(version: RuleVersion, caller: Caller) -> frozenset[str]:
    """Name what may be done: words by every clerk, the rest by supervisors."""
    standing, deeds = version.standing, set()
    if standing is Standing.DRAFT:
        deeds.add("words")
    if caller.staff_role not in SENIOR or standing in {Standing.DROPPED, Standing.ENDED}:
        return frozenset(deeds)
    if version.opened_at is None:
        deeds.add("consultation")
    if version.is_open:
        deeds.add("closing")
    if version.may_come_into_force:
        deeds.add("force")
    if version.in_force_at is None:
        deeds |= {"dropping"} | (set() if version.refused else {"emergency"})
    elif version.emergency_until is not None:
        deeds.add("end")
    return frozenset(deeds)


@post("/desk/rules/{version_id:str}/{deed:str}", include_in_schema=False)
async def decide(
    request: AnyRequest,
    version_id: FromPath[str],
    deed: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Change the words of a draft, or move it on; what moves it is for supervisors."""
    caller.need_staff()
    wanted, here = an_id(RuleVersionId, version_id), f"/desk/rules/{version_id}"
    form, typed = await read_form(request, RuleForm), await read_form(request, DeedForm)
    if deed != "words":
        caller.need_staff(*SENIOR)
    try:
        await db.write(caller.actor, lambda tx: _do(tx, wanted, deed, form, typed))
    except Invalid as trouble:
        words = form if deed == "words" else None
        return await _version_page(request, caller, db, wanted, _told(trouble, deed), words, typed)
    except Conflict as trouble:
        return go(request, here, say=gettext(trouble.message) % trouble.params, kind="mind")
    return go(request, here, say=gettext("Done, and written down."))


async def _do(tx: Tx, wanted: RuleVersionId, deed: str, form: RuleForm, typed: DeedForm) -> None:
    days = typed.days or 0
    match deed:
        case "words":
            await change_draft(tx, wanted, form.as_draft())
        case "consultation":
            await open_consultation(tx, wanted, days)
        case "closing":
            await close_consultation(tx, wanted)
        case "force":
            await put_in_force(tx, wanted)
        case "emergency":
            # A year is more than any market allows, and keeps the sum a date.
            until = tx.now + timedelta(days=max(0, min(days, 366)))
            await put_in_force_at_once(tx, wanted, until, typed.reason)
        case "end":
            await end_emergency(tx, wanted)
        case "dropping":
            await drop_draft(tx, wanted, typed.reason)
        case _:
            raise NotFound


def _told(trouble: Invalid, deed: str) -> Told:
    """Several forms of the page have the same fields: each error stands in the form that was sent."""
    told = tell_fields(trouble)
    return told if deed == "words" else Told({f"{deed}-{field}": text for field, text in told.by_field.items()})


@post("/desk/rules/{version_id:str}/comments/{comment_id:str}", include_in_schema=False)
async def hide(
    request: AnyRequest,
    version_id: FromPath[str],
    comment_id: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Hide a comment; the reason stands in its place."""
    caller.need_staff()
    wanted, said = an_id(RuleVersionId, version_id), an_id(CommentId, comment_id)
    typed = await read_form(request, DeedForm)
    try:
        await db.write(caller.actor, lambda tx: hide_comment(tx, said, typed.reason))
    except Invalid as trouble:
        told = Told({f"hide-{said}-{field}": text for field, text in tell_fields(trouble).by_field.items()})
        return await _version_page(request, caller, db, wanted, told)
    return go(request, f"/desk/rules/{wanted}", say=gettext("Done, and written down."))


HANDLERS: Final[list[ControllerRouterHandler]] = [show_rules, show_new, create, show_version, decide, hide]
