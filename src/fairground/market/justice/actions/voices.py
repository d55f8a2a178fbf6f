"""What people say of drafts: one vote of each verified account, and comments."""

from fairground.kit.db import Tx
from fairground.kit.errors import N_, Findings
from fairground.kit.ids import Id
from fairground.kit.safe_text import clean_text
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.accounts.model import Person, PersonId
from fairground.market.accounts.queries import get_person
from fairground.market.justice.actions.rulebook import check_reason
from fairground.market.justice.errors import (
    CommentNotFound,
    ConsultationOver,
    RuleNotFound,
    TooManyComments,
    VerifiedOnly,
)
from fairground.market.justice.model.rulebook import CommentId, RuleBookRules, RuleVersionId, Vote
from fairground.market.justice.queries.rulebook import get_public_version
from fairground.market.orders.queries.orders import has_received
from fairground.market.reviews.model import shorten_name
from fairground.market.shops.actions.doors import enter_desk


async def vote_on_draft(tx: Tx, person_id: PersonId, version_id: RuleVersionId, vote: Vote) -> None:
    """Vote on a draft, or change the vote while the consultation is open.

    Raises:
        RuleNotFound, ConsultationOver, VerifiedOnly
    """
    await _enter(tx, person_id, version_id)
    await tx.execute(
        """
        insert into justice.rule_votes (bucket, person_id, version_id, vote, voted_at) values ($1, $2, $3, $4, $5)
        on conflict (bucket, person_id, version_id) do update set vote = excluded.vote, voted_at = excluded.voted_at
        """,
        person_id.bucket,
        person_id,
        version_id,
        vote,
        tx.now,
    )


async def comment_on_draft(tx: Tx, person_id: PersonId, version_id: RuleVersionId, words: str) -> CommentId:
    """Say something about a draft while the consultation is open; everybody reads it.

    Raises:
        RuleNotFound, ConsultationOver, VerifiedOnly, TooManyComments
        Invalid: there are no words, or too many.
    """
    rules, words = tx.given(RuleBookRules), clean_text(words)
    findings = Findings()
    findings.check(bool(words), "/words", "required", N_("Please write something."))
    most = rules.comment_most
    findings.check(len(words) <= most, "/words", "too_long", N_("At most %(most)d characters."), most=most)
    findings.raise_any()
    person = await _enter(tx, person_id, version_id)
    comment_id = tx.new_id(CommentId, person_id.bucket)
    written = await tx.execute(
        """
        insert into justice.rule_comments (bucket, id, version_id, person_id, shown_name, words, written_at)
        select $1, $2, $3, $4, $5, $6, $7
         where (select count(*) from justice.rule_comments
                 where bucket = $1 and person_id = $4 and version_id = $3) < $8
        """,
        person_id.bucket,
        comment_id,
        version_id,
        person_id,
        shorten_name(person.name),
        words,
        tx.now,
        rules.comments_most,
    )
    if not written:
        raise TooManyComments(most=rules.comments_most)
    return comment_id


async def hide_comment(tx: Tx, comment_id: CommentId, reason: str) -> None:
    """Hide a comment that hurts somebody or tells of a person; the reason stands in its place. For the desk, logged.

    Raises:
        StaffOnly, CommentNotFound
        Invalid: there is no reason.
    """
    enter_desk(tx)
    reason = check_reason(reason)
    hidden = await tx.execute(
        """
        update justice.rule_comments set hidden_at = $3, hidden_reason = $4
         where bucket = $1 and id = $2 and hidden_at is null
        """,
        comment_id.bucket,
        comment_id,
        tx.now,
        reason,
    )
    if not hidden:
        raise CommentNotFound
    await log_deed(tx, "justice.hide_comment", comment_id, reason)


async def forget_voices(tx: Tx, person_id: Id) -> None:
    """Take somebody who left off what they said, and their votes out of what is still open. Safe to run twice."""
    await tx.execute(
        """
        update justice.rule_comments set person_id = null, shown_name = ''
         where bucket = $1 and person_id = $2
        """,
        person_id.bucket,
        person_id,
    )
    await tx.execute("delete from justice.rule_votes where bucket = $1 and person_id = $2", person_id.bucket, person_id)


async def _enter(tx: Tx, person_id: PersonId, version_id: RuleVersionId) -> Person:
    if not (await get_public_version(tx, version_id)).is_open:
        raise ConsultationOver
    person = await get_person(tx, person_id)
    if not person.is_verified or not await has_received(tx, person_id):
        raise VerifiedOnly
    # Held to the end of the transaction: who counts the votes waits for us, and we for them.
    row = await tx.row(
        """
        select opened_at, closes_at, closed_at, dropped_at, ended_at from justice.rule_versions
         where id = $1 for share
        """,
        version_id,
    )
    if row is None:
        raise RuleNotFound
    over = row["closed_at"] is not None or row["dropped_at"] is not None or row["ended_at"] is not None
    if over or row["opened_at"] is None or tx.now >= row["closes_at"]:
        raise ConsultationOver
    return person
