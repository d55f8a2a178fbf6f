"""From complaints to change: name causes, say what closed things belong to them, decide what the market does."""

from typing import Final

from fairground.kit.db import Tx
from fairground.kit.errors import N_, Findings
from fairground.kit.safe_text import clean_line, clean_text
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.justice.errors import CauseNotFound, StillOpen
from fairground.market.justice.model.causes import Cause, CauseDecision, CauseId, CauseRules, Closed, ClosedKind
from fairground.market.justice.model.complaints import ComplaintId
from fairground.market.justice.model.disputes import DisputeId, DisputeState
from fairground.market.justice.model.reports import PileId
from fairground.market.justice.queries.causes import get_cause
from fairground.market.justice.queries.complaints import get_complaint
from fairground.market.justice.queries.disputes import get_dispute
from fairground.market.justice.queries.reports import get_pile
from fairground.market.service.model.tickets import LIVE, TicketId
from fairground.market.service.queries.tickets import get_ticket
from fairground.market.shops.actions.doors import enter_desk

ADDRESSES: Final = ("/", "https://")


async def name_cause(tx: Tx, title: str, title_zh: str = "") -> Cause:
    """Name a cause, in both languages as far as known; for the desk, logged.

    Raises:
        StaffOnly
        Invalid: there is no title, or it is too long.
    """
    enter_desk(tx)
    title, title_zh, findings, most = (
        clean_line(title),
        clean_line(title_zh),
        Findings(),
        tx.given(CauseRules).title_most,
    )
    findings.check(bool(title), "/title", "required", N_("Please name the cause."))
    for pointer, text in (("/title", title), ("/title_zh", title_zh)):
        findings.check(len(text) <= most, pointer, "too_long", N_("At most %(most)d characters."), most=most)
    findings.raise_any()
    cause_id = tx.new_id(CauseId, 0)
    await tx.execute(
        "insert into justice.causes (id, title, title_zh, made_at) values ($1, $2, $3, $4)",
        cause_id,
        title,
        title_zh,
        tx.now,
    )
    await log_deed(tx, "justice.name_cause", cause_id, title)
    return await get_cause(tx, cause_id)


async def decide_cause(
    tx: Tx, cause_id: CauseId, decision: CauseDecision, words: str, *, words_zh: str = "", link: str = ""
) -> Cause:
    """Say what the market does about a cause: a rule, a change, or none, because; everybody reads it. Logged.

    Raises:
        StaffOnly, CauseNotFound
        Invalid: there are no words, or the link is no address.
    """
    enter_desk(tx)
    words, words_zh, link, findings = clean_text(words), clean_text(words_zh), clean_line(link), Findings()
    most = tx.given(CauseRules).words_most
    findings.check(bool(words), "/words", "required", N_("Please say what is done, or why nothing is."))
    for pointer, text in (("/words", words), ("/words_zh", words_zh)):
        findings.check(len(text) <= most, pointer, "too_long", N_("At most %(most)d characters."), most=most)
    good = not link or (link.startswith(ADDRESSES) and not link.startswith("//") and len(link) <= most)
    findings.check(good, "/link", "address", N_("An address begins with / or https://."))
    findings.raise_any()
    decided = await tx.execute(
        """
        update justice.causes
           set decision = $2, words = $3, words_zh = $4, link = $5, decided_at = $6, decided_by = $7,
               version = version + 1
         where id = $1
        """,
        cause_id,
        decision,
        words,
        words_zh,
        link,
        tx.now,
        tx.actor.person_id,
    )
    if not decided:
        raise CauseNotFound
    await log_deed(tx, "justice.decide_cause", cause_id, words)
    return await get_cause(tx, cause_id)


async def link_cause(tx: Tx, closed: Closed, cause_id: CauseId) -> None:
    """Say that a closed thing belongs to a cause, to one only; said again it moves. For the desk, logged.

    Raises:
        StaffOnly, CauseNotFound
        NotFound: there is no such thing.
        StillOpen: it is not closed yet.
    """
    enter_desk(tx)
    cause = await get_cause(tx, cause_id)
    if not await _is_closed(tx, closed):
        raise StillOpen
    await tx.execute(
        """
        insert into justice.cause_links (bucket, kind, subject_id, cause_id, linked_at, linked_by)
        values ($1, $2, $3, $4, $5, $6)
        on conflict (bucket, kind, subject_id) do update
           set cause_id = excluded.cause_id, linked_at = excluded.linked_at, linked_by = excluded.linked_by
        """,
        closed.id.bucket,
        closed.kind,
        closed.id,
        cause_id,
        tx.now,
        tx.actor.person_id,
    )
    await log_deed(tx, "justice.link_cause", closed.id, cause.title)


async def _is_closed(tx: Tx, closed: Closed) -> bool:
    match closed.kind:
        case ClosedKind.COMPLAINT:
            return (await get_complaint(tx, ComplaintId(closed.id))).is_closed
        case ClosedKind.REPORT:
            return not (await get_pile(tx, PileId(closed.id))).is_open
        case ClosedKind.TICKET:
            return (await get_ticket(tx, TicketId(closed.id))).state not in LIVE
        case ClosedKind.DISPUTE:
            return (await get_dispute(tx, DisputeId(closed.id))).state is DisputeState.FINAL
