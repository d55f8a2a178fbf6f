"""The rule book, by API: rules in force, their versions, drafts with votes and comments."""

from datetime import datetime
from typing import Literal

import msgspec
from litestar import get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.http.caller import Caller, an_id
from fairground.market.accounts.model import PersonId
from fairground.market.justice.actions.voices import comment_on_draft, vote_on_draft
from fairground.market.justice.model.rulebook import CommentId, RuleVersion, RuleVersionId, Standing, Vote, Wording
from fairground.market.justice.queries.rulebook import (
    count_votes,
    find_vote,
    get_public_version,
    list_comments,
    list_consultations,
    list_rules,
    list_versions,
)


class WordingView(msgspec.Struct):
    """What a version says in one language."""

    title: str
    text: str
    why: str


class VersionView(msgspec.Struct):
    """One version of a rule. `emergency_until`: in force before people were asked, until then."""

    id: RuleVersionId
    key: str
    version: int
    state: Standing
    en: WordingView
    zh: WordingView
    numbers: dict[str, int]
    consultation_closes_at: datetime | None
    refused: bool
    in_force_at: datetime | None
    emergency_until: datetime | None
    emergency_reason: str
    ended_at: datetime | None


class RuleList(msgspec.Struct):
    """Versions of rules."""

    items: list[VersionView]
    next: str | None = None


class DraftView(msgspec.Struct):
    """A draft with its votes; `vote` is one's own."""

    draft: VersionView
    yes: int
    no: int
    vote: Vote | None


class VoteBody(msgspec.Struct):
    """For a draft, or against it."""

    vote: Literal["yes", "no"]


class CommentBody(msgspec.Struct):
    """What one says of a draft."""

    words: str


class CommentView(msgspec.Struct):
    """What somebody says of a draft; without words where the desk hid it, with its reason."""

    id: CommentId
    name: str
    words: str
    at: datetime
    hidden_reason: str


class Comments(msgspec.Struct):
    """Comments, the newest first."""

    items: list[CommentView]
    next: str | None


class NewComment(msgspec.Struct):
    """A comment just written."""

    id: CommentId


@get("/api/v1/rules", tags=["Rules"])
async def show_rules(db: NamedDependency[Database]) -> RuleList:
    """List the rules in force, in the order of the book."""
    rules = await db.read(list_rules)
    return RuleList([version_view(rule.in_force) for rule in rules if rule.in_force is not None])


@get("/api/v1/rules/{key:str}", tags=["Rules"])
async def show_rule(key: FromPath[str], db: NamedDependency[Database]) -> RuleList:
    """List all public versions of one rule, the newest first."""
    return RuleList([version_view(version) for version in await db.read(lambda r: list_versions(r, key))])


@get("/api/v1/rule-drafts", tags=["Rules"])
async def show_drafts(db: NamedDependency[Database]) -> RuleList:
    """List what people are asked about now, what ends first in front."""
    return RuleList([version_view(version) for version in await db.read(list_consultations)])


@get("/api/v1/rule-drafts/{version_id:str}", tags=["Rules"])
async def show_draft(
    version_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> DraftView:
    """Show one draft with its votes."""
    wanted = an_id(RuleVersionId, version_id)
    return await db.read(lambda reader: _look(reader, wanted, caller))


@put("/api/v1/rule-drafts/{version_id:str}/vote", tags=["Rules"])
async def put_vote(
    version_id: FromPath[str], data: JSONBody[VoteBody], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> DraftView:
    """Vote for a draft or against it, or change the vote; for verified people, until the consultation ends."""
    person_id, wanted = PersonId(caller.need_person()), an_id(RuleVersionId, version_id)

    async def vote(tx: Tx) -> DraftView:
        await vote_on_draft(tx, person_id, wanted, Vote(data.vote))
        return await _look(tx, wanted, caller)

    return await db.write(caller.actor, vote)


@get("/api/v1/rule-drafts/{version_id:str}/comments", tags=["Rules"])
async def show_comments(
    version_id: FromPath[str],
    db: NamedDependency[Database],
    after: FromQuery[str | None] = None,
    limit: FromQuery[int | None] = None,
) -> Comments:
    """List what people say of a draft."""
    wanted = an_id(RuleVersionId, version_id)

    async def look(reader: Reader) -> Comments:
        await get_public_version(reader, wanted)
        page = await list_comments(reader, wanted, after=after, limit=limit)
        shown = [CommentView(c.id, c.shown_name, c.words, c.written_at, c.hidden_reason) for c in page.items]
        return Comments(shown, page.next)

    return await db.read(look)


@post("/api/v1/rule-drafts/{version_id:str}/comments", tags=["Rules"])
async def create_comment(
    version_id: FromPath[str],
    data: JSONBody[CommentBody],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> NewComment:
    """Say something about a draft; everybody reads it."""
    person_id, wanted = PersonId(caller.need_person()), an_id(RuleVersionId, version_id)
    return NewComment(await db.write(caller.actor, lambda tx: comment_on_draft(tx, person_id, wanted, data.words)))


async def _look(reader: Reader, wanted: RuleVersionId, caller: Caller) -> DraftView:
    version = await get_public_version(reader, wanted)
    votes = version.votes or await count_votes(reader, wanted)
    own = None if caller.person_id is None else await find_vote(reader, wanted, caller.person_id)
    return DraftView(version_view(version), votes.yes, votes.no, own)


def version_view(version: RuleVersion) -> VersionView:
    """Show a version."""
    return VersionView(
        version.id,
        version.key,
        version.version,
        version.standing,
        _wording(version.english),
        _wording(version.chinese),
        version.numbers,
        version.closes_at,
        version.refused,
        version.in_force_at,
        version.emergency_until,
        version.emergency_reason,
        version.ended_at,
    )


def _wording(wording: Wording) -> WordingView:
    return WordingView(wording.title, wording.text, wording.why)


HANDLERS = (show_rules, show_rule, show_drafts, show_draft, put_vote, show_comments, create_comment)
