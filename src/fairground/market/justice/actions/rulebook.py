"""How a rule is made: a draft, a consultation, votes counted, in force; or an emergency with an end."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Final

from fairground.kit.db import Tx
from fairground.kit.deadlines import clear_deadlines, set_deadline
from fairground.kit.errors import N_, Findings
from fairground.kit.events import publish
from fairground.kit.ids import any_bucket
from fairground.kit.safe_text import clean_text
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.justice.errors import ConsultationTooShort, RuleInWrongState
from fairground.market.justice.events import ConsultationClosed, ConsultationOpened, RuleCameIntoForce, RuleEnded
from fairground.market.justice.model.rulebook import (
    RuleBookRules,
    RuleDraft,
    RuleVersion,
    RuleVersionId,
    check_days,
    check_draft,
    is_refused,
)
from fairground.market.justice.queries.rulebook import count_votes, get_version, version_from
from fairground.market.shops.actions.doors import acts_for_market, enter_desk

CLOSE: Final = "justice.close_consultation"
LAPSE: Final = "justice.end_emergency"


async def draft_rule(tx: Tx, draft: RuleDraft) -> RuleVersion:
    """Draft a new version of a rule, or a new rule. For the desk, and logged; nobody else sees it yet.

    Raises:
        StaffOnly
        Invalid: names each wrong field.
    """
    enter_desk(tx)
    draft = check_draft(draft, tx.given(RuleBookRules))
    await tx.execute(
        """
        insert into justice.rules (key, part, position, created_at)
        select $1, $2, count(*), $3 from justice.rules on conflict do nothing
        """,
        draft.key,
        draft.part,
        tx.now,
    )
    version = await add_version(tx, draft, {})
    await log_deed(tx, "justice.draft_rule", version.id, draft.key)
    return version


async def add_version(tx: Tx, draft: RuleDraft, numbers: Mapping[str, int]) -> RuleVersion:
    """Write down the next version of a rule that is in the book."""
    await _lock(tx, draft.key)
    row = await tx.row(
        """
        insert into justice.rule_versions
               (id, key, version, title_en, title_zh, text_en, text_zh, why_en, why_zh, numbers, created_by,
                created_at, changed_at)
        select $1, $2, coalesce(max(v.version), 0) + 1, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11
          from justice.rule_versions v where v.key = $2
        returning *
        """,
        tx.new_id(RuleVersionId, any_bucket()),
        draft.key,
        draft.english.title,
        draft.chinese.title,
        draft.english.text,
        draft.chinese.text,
        draft.english.why,
        draft.chinese.why,
        dict(numbers),
        tx.actor.person_id,
        tx.now,
    )
    assert row is not None
    return version_from(row)


async def change_draft(tx: Tx, version_id: RuleVersionId, draft: RuleDraft) -> RuleVersion:
    """Change the words of a draft before anybody was asked about it; its key stays. For the desk, and logged.

    Raises:
        StaffOnly, RuleNotFound
        RuleInWrongState: people were asked about it already.
        Invalid: names each wrong field.
    """
    enter_desk(tx)
    draft = check_draft(draft, tx.given(RuleBookRules))
    row = await tx.row(
        """
        update justice.rule_versions
           set title_en = $2, title_zh = $3, text_en = $4, text_zh = $5, why_en = $6, why_zh = $7, changed_at = $8
         where id = $1 and opened_at is null and in_force_at is null and dropped_at is null
        returning *
        """,
        version_id,
        draft.english.title,
        draft.chinese.title,
        draft.english.text,
        draft.chinese.text,
        draft.english.why,
        draft.chinese.why,
        tx.now,
    )
    if row is None:
        raise await _why_not(tx, version_id)
    await log_deed(tx, "justice.change_draft", version_id, row["key"])
    return version_from(row)


async def drop_draft(tx: Tx, version_id: RuleVersionId, reason: str) -> None:
    """Let a draft go that is not in force. For the desk, and logged.

    Raises:
        StaffOnly, RuleNotFound, RuleInWrongState
        Invalid: there is no reason.
    """
    enter_desk(tx)
    reason = check_reason(reason)
    row = await tx.row(
        """
        update justice.rule_versions set dropped_at = $2, changed_at = $2
         where id = $1 and in_force_at is null and dropped_at is null returning key
        """,
        version_id,
        tx.now,
    )
    if row is None:
        raise await _why_not(tx, version_id)
    await clear_deadlines(tx, [version_id])
    await log_deed(tx, "justice.drop_draft", version_id, reason)


async def open_consultation(tx: Tx, version_id: RuleVersionId, days: int) -> None:
    """Put a draft, or what an emergency put in force, before the people for so many days. For the desk, and logged.

    Raises:
        StaffOnly, RuleNotFound
        RuleInWrongState: it was put before them already, or dropped.
        Invalid: the days are too few or too many.
    """
    enter_desk(tx)
    rules = tx.given(RuleBookRules)
    closes_at = tx.now + check_days(days, rules.consultation_days_least, rules.consultation_days_most)
    row = await tx.row(
        """
        update justice.rule_versions set opened_at = $2, closes_at = $3, changed_at = $2
         where id = $1 and opened_at is null and dropped_at is null and ended_at is null returning key
        """,
        version_id,
        tx.now,
        closes_at,
    )
    if row is None:
        raise await _why_not(tx, version_id)
    await set_deadline(tx, CLOSE, version_id, closes_at, "the consultation about this draft ends")
    await log_deed(tx, "justice.open_consultation", version_id, row["key"])
    await publish(tx, ConsultationOpened(version_id=version_id, key=row["key"], closes_at=closes_at))


async def close_consultation(tx: Tx, version_id: RuleVersionId) -> None:
    """Count the votes. By itself at the end, or by the desk once the least days are over.

    An emergency's rule that the people did not refuse stays in force without an end.

    Raises:
        StaffOnly, RuleNotFound, ConsultationTooShort
        RuleInWrongState: nobody is asked about it.
    """
    enter_desk(tx)
    found, rules = await get_version(tx, version_id, lock=True), tx.given(RuleBookRules)
    if not found.is_open or found.opened_at is None:
        raise RuleInWrongState
    by_itself = acts_for_market(tx) and found.closes_at is not None and tx.now >= found.closes_at
    if not by_itself and tx.now < found.opened_at + timedelta(days=rules.consultation_days_least):
        raise ConsultationTooShort(days=rules.consultation_days_least)
    # Counted under the lock of the version, which every vote holds a share of: none is missed, none comes later.
    votes = await count_votes(tx, version_id)
    refused = is_refused(votes, rules)
    await tx.execute(
        """
        update justice.rule_versions
           set closed_at = $2, yes = $3, no = $4, refused = $5, changed_at = $2,
               emergency_until = case when $5 then emergency_until end
         where id = $1
        """,
        version_id,
        tx.now,
        votes.yes,
        votes.no,
        refused,
    )
    await clear_deadlines(tx, [version_id], CLOSE, *(() if refused else (LAPSE,)))
    await log_deed(tx, "justice.close_consultation", version_id, f"{found.key}: {votes.yes} : {votes.no}")
    closed = ConsultationClosed(version_id=version_id, key=found.key, yes=votes.yes, no=votes.no, refused=refused)
    await publish(tx, closed)


async def put_in_force(tx: Tx, version_id: RuleVersionId) -> None:
    """Let a version bind from now on; the one before it ends. For the desk, and logged.

    Raises:
        StaffOnly, RuleNotFound
        RuleInWrongState: its consultation is not closed, the people refused it, or it was in force before.
    """
    enter_desk(tx)
    found = await get_version(tx, version_id)
    await _lock(tx, found.key)
    found = await get_version(tx, version_id, lock=True)
    if not found.may_come_into_force:
        raise RuleInWrongState
    await _end_others(tx, found)
    await tx.execute(
        "update justice.rule_versions set in_force_at = $2, changed_at = $2 where id = $1", version_id, tx.now
    )
    await log_deed(tx, "justice.put_in_force", version_id, found.key)
    await publish(tx, RuleCameIntoForce(version_id=version_id, key=found.key))


async def put_in_force_at_once(tx: Tx, version_id: RuleVersionId, until: datetime, reason: str) -> None:
    """Let a version bind before people were asked, until an end, because there is an emergency. Logged.

    What was in force before comes back at the end, unless people were asked in the meantime and did not refuse.

    Raises:
        StaffOnly, RuleNotFound
        RuleInWrongState: it was refused, dropped, or in force before.
        Invalid: there is no reason, or the end is not within the allowed days.
    """
    enter_desk(tx)
    reason = _check_emergency(tx, until, reason)
    found = await get_version(tx, version_id)
    await _lock(tx, found.key)
    found = await get_version(tx, version_id, lock=True)
    if found.in_force_at is not None or found.dropped_at is not None or found.refused:
        raise RuleInWrongState
    await _end_others(tx, found)
    await tx.execute(
        """
        update justice.rule_versions
           set in_force_at = $2, emergency_until = $3, emergency_reason = $4, changed_at = $2 where id = $1
        """,
        version_id,
        tx.now,
        until,
        reason,
    )
    await set_deadline(tx, LAPSE, version_id, until, "a rule of an emergency ends")
    await log_deed(tx, "justice.emergency_rule", version_id, reason)
    await publish(tx, RuleCameIntoForce(version_id=version_id, key=found.key, until=until))


async def end_emergency(tx: Tx, version_id: RuleVersionId) -> None:
    """End an emergency's rule: by itself at its end, or earlier by the desk; what it took the place of comes back.

    Raises:
        StaffOnly, RuleNotFound
        RuleInWrongState: it is not in force as an emergency.
    """
    enter_desk(tx)
    found = await get_version(tx, version_id)
    await _lock(tx, found.key)
    found = await get_version(tx, version_id, lock=True)
    if found.emergency_until is None or found.ended_at is not None:
        raise RuleInWrongState
    await tx.execute(
        "update justice.rule_versions set ended_at = $2, changed_at = $2 where id = $1", version_id, tx.now
    )
    await tx.execute(
        """
        update justice.rule_versions set ended_at = null, ended_by_version = null, changed_at = $3
         where key = $1 and ended_by_version = $2 and (emergency_until is null or emergency_until > $3)
        """,
        found.key,
        found.version,
        tx.now,
    )
    await clear_deadlines(tx, [version_id])
    await log_deed(tx, "justice.end_emergency", version_id, found.key)
    await publish(tx, RuleEnded(version_id=version_id, key=found.key))


def check_reason(reason: str, most: int = 500) -> str:
    """Check a reason for a deed and give it clean.

    Raises:
        Invalid
    """
    findings, reason = Findings(), clean_text(reason)
    findings.check(bool(reason), "/reason", "required", N_("Please give a reason."))
    findings.check(len(reason) <= most, "/reason", "too_long", N_("At most %(most)d characters."), most=most)
    findings.raise_any()
    return reason


def _check_emergency(tx: Tx, until: datetime, reason: str) -> str:
    rules = tx.given(RuleBookRules)
    # The first rules have longer: all of them are put before the people at once.
    most = rules.founding_days if acts_for_market(tx) else rules.emergency_days_most
    findings = Findings()
    within = tx.now < until <= tx.now + timedelta(days=most)
    findings.check(within, "/days", "range", N_("Between 1 and %(most)d days, please."), most=most)
    findings.raise_any()
    return check_reason(reason)


async def _lock(tx: Tx, key: str) -> None:
    await tx.row("select key from justice.rules where key = $1 for update", key)


async def _end_others(tx: Tx, coming: RuleVersion) -> None:
    rows = await tx.rows(
        """
        update justice.rule_versions set ended_at = $3, ended_by_version = $2, changed_at = $3
         where key = $1 and in_force_at is not null and ended_at is null returning id
        """,
        coming.key,
        coming.version,
        tx.now,
    )
    for row in rows:
        await publish(tx, RuleEnded(version_id=RuleVersionId(row["id"]), key=coming.key))


async def _why_not(tx: Tx, version_id: RuleVersionId) -> RuleInWrongState:
    await get_version(tx, version_id)
    return RuleInWrongState()
