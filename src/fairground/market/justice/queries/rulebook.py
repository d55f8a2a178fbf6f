"""Reading the rule book: what is in force, how it came about, what people are asked about."""

from collections.abc import Iterable
from typing import Any

import msgspec

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.accounts.model import PersonId
from fairground.market.justice.errors import RuleNotFound
from fairground.market.justice.model.rulebook import (
    Comment,
    CommentId,
    Rule,
    RuleVersion,
    RuleVersionId,
    Vote,
    Votes,
    Wording,
)


async def list_rules(reader: Reader) -> list[Rule]:
    """List the rules that were ever in force, in the order of the book, each with what is in force of it."""
    rows = await reader.rows(
        """
        select r.key as rule_key, r.part, v.* from justice.rules r
          left join justice.rule_versions v on v.key = r.key and v.in_force_at is not null and v.ended_at is null
         where exists (select 1 from justice.rule_versions e where e.key = r.key and e.in_force_at is not null)
         order by r.position, r.key limit 1000
        """
    )
    return [Rule(row["rule_key"], row["part"], version_from(row) if row["id"] else None) for row in rows]


async def map_in_force(reader: Reader, keys: Iterable[str]) -> dict[str, RuleVersion]:
    """Get what is in force of many rules; those of which nothing is are left out."""
    rows = await reader.rows(
        """
        select * from justice.rule_versions
         where key = any($1::text[]) and in_force_at is not null and ended_at is null
        """,
        sorted(set(keys)),
    )
    return {row["key"]: version_from(row) for row in rows}


async def list_versions(reader: Reader, key: str, *, also_drafts: bool = False) -> list[RuleVersion]:
    """List the versions of a rule, the newest first; drafts that nobody was asked about only for the desk.

    Raises:
        RuleNotFound: there is none, or none that everybody may read.
    """
    rows = await reader.rows("select * from justice.rule_versions where key = $1 order by version desc limit 200", key)
    versions = [version_from(row) for row in rows]
    shown = [version for version in versions if also_drafts or version.is_public]
    if not shown:
        raise RuleNotFound
    return shown


async def list_consultations(reader: Reader, *, most: int = 100) -> list[RuleVersion]:
    """List what people are asked about now, what ends first in front."""
    rows = await reader.rows(
        """
        select * from justice.rule_versions
         where opened_at is not null and closed_at is null and dropped_at is null and ended_at is null
         order by closes_at, id limit $1
        """,
        most,
    )
    return [version_from(row) for row in rows]


async def list_unsettled(reader: Reader, *, most: int = 200) -> list[RuleVersion]:
    """List what waits for the desk: drafts, consultations, what was asked about and is not in force, emergencies."""
    rows = await reader.rows(
        """
        select * from justice.rule_versions
         where dropped_at is null and ended_at is null and (in_force_at is null or emergency_until is not null)
         order by changed_at desc, id desc limit $1
        """,
        most,
    )
    return [version_from(row) for row in rows]


async def get_version(reader: Reader, version_id: RuleVersionId, *, lock: bool = False) -> RuleVersion:
    """Get one version; `lock` keeps it as it is until the end of the transaction.

    Raises:
        RuleNotFound
    """
    if lock:
        row = await reader.row("select * from justice.rule_versions where id = $1 for update", version_id)
    else:
        row = await reader.row("select * from justice.rule_versions where id = $1", version_id)
    if row is None:
        raise RuleNotFound
    return version_from(row)


async def get_public_version(reader: Reader, version_id: RuleVersionId) -> RuleVersion:
    """Get one version that everybody may read.

    Raises:
        RuleNotFound
    """
    found = await get_version(reader, version_id)
    if not found.is_public:
        raise RuleNotFound
    return found


async def count_votes(reader: Reader, version_id: RuleVersionId) -> Votes:
    """Count the votes on a draft."""
    row = await reader.row(
        """
        select count(*) filter (where vote = 'yes') as yes, count(*) filter (where vote = 'no') as no
          from justice.rule_votes where version_id = $1
        """,
        version_id,
    )
    return Votes() if row is None else Votes(row["yes"], row["no"])


async def find_vote(reader: Reader, version_id: RuleVersionId, person_id: Id) -> Vote | None:
    """Find how somebody voted."""
    found = await reader.value(
        "select vote from justice.rule_votes where bucket = $1 and person_id = $2 and version_id = $3",
        person_id.bucket,
        person_id,
        version_id,
    )
    return None if found is None else Vote(found)


async def list_comments(
    reader: Reader, version_id: RuleVersionId, *, after: str | None = None, limit: int | None = None
) -> Page[Comment]:
    """List what people say of a draft, the newest first."""
    size, cursor = page_size(limit), read_cursor(after, int)
    rows = await reader.rows(
        """
        select id, shown_name, words, written_at, hidden_reason from justice.rule_comments
         where version_id = $1 and ($2::bigint is null or id < $2) order by id desc limit $3
        """,
        version_id,
        cursor[0] if cursor else None,
        size + 1,
    )
    items, more = cut([comment_from(row) for row in rows], size)
    return Page(items, write_cursor(int(items[-1].id)) if more else None)


async def export_voices(reader: Reader, person_id: PersonId) -> dict[str, Any]:
    """Give how a person voted on drafts and what they said of them, for the export of personal data."""
    votes = await reader.rows(
        """
        select version_id, vote, voted_at from justice.rule_votes where bucket = $1 and person_id = $2 order by voted_at
        """,
        person_id.bucket,
        person_id,
    )
    comments = await reader.rows(
        """
        select version_id, words, written_at from justice.rule_comments
         where bucket = $1 and person_id = $2 order by id
        """,
        person_id.bucket,
        person_id,
    )
    known = {
        "votes": [{"draft": str(r["version_id"]), "vote": r["vote"], "at": r["voted_at"]} for r in votes],
        "comments": [{"draft": str(r["version_id"]), "words": r["words"], "at": r["written_at"]} for r in comments],
    }
    return {"rules": msgspec.to_builtins(known)}


def version_from(row: Row) -> RuleVersion:
    """Build a version from its row."""
    return RuleVersion(
        id=RuleVersionId(row["id"]),
        key=row["key"],
        version=row["version"],
        english=Wording(row["title_en"], row["text_en"], row["why_en"]),
        chinese=Wording(row["title_zh"], row["text_zh"], row["why_zh"]),
        numbers=row["numbers"],
        opened_at=row["opened_at"],
        closes_at=row["closes_at"],
        closed_at=row["closed_at"],
        votes=None if row["closed_at"] is None else Votes(row["yes"], row["no"]),
        refused=bool(row["refused"]),
        in_force_at=row["in_force_at"],
        emergency_until=row["emergency_until"],
        emergency_reason=row["emergency_reason"],
        ended_at=row["ended_at"],
        dropped_at=row["dropped_at"],
        created_at=row["created_at"],
    )


def comment_from(row: Row) -> Comment:
    """Build a comment from its row; what the desk hid is not told."""
    words = "" if row["hidden_reason"] else row["words"]
    return Comment(CommentId(row["id"]), row["shown_name"], words, row["written_at"], row["hidden_reason"])
