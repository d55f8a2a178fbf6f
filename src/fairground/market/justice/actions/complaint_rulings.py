"""Decide complaints: the desk's word, the shop's silence, an appeal, the desk's own silence."""

from datetime import timedelta

from fairground.kit.db import Row, Tx
from fairground.kit.deadlines import clear_deadlines, set_deadline
from fairground.kit.errors import N_, Findings
from fairground.kit.events import publish
from fairground.kit.safe_text import clean_text
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.justice.actions.complaints import (
    COUNTER_DUE,
    DESK_IS_LATE,
    LAPSES,
    enter_as_shop,
    facts_of,
    hold_listings,
    release_listings,
)
from fairground.market.justice.actions.ladder import lift_strike, strike
from fairground.market.justice.errors import ComplaintInWrongState, OwnInterest
from fairground.market.justice.events import ComplaintAppealed, ComplaintDecided, ComplaintLapsed
from fairground.market.justice.model.complaints import (
    REJECTABLE,
    UPHOLDABLE,
    Complaint,
    ComplaintId,
    ComplaintRules,
    ComplaintSide,
    ComplaintState,
    may_appeal_now,
)
from fairground.market.justice.queries.complaints import complaint_from, get_complaint
from fairground.market.shops.actions.doors import enter_desk
from fairground.market.shops.queries import role_in

SILENCE = N_("The shop did not answer in time.")


async def decide_complaint(tx: Tx, complaint_id: ComplaintId, *, upheld: bool, reason: str) -> Complaint:
    """Decide a complaint, or the appeal against the first decision; for the desk, with a reason both sides read.

    Raises:
        StaffOnly, ComplaintNotFound
        OwnInterest: the clerk complained, works in the shop, or decided it before.
        ComplaintInWrongState: it was decided meanwhile, or the shop may still answer (a no may come at any time).
        Invalid: there is no reason.
    """
    enter_desk(tx)
    reason = _check_reason(tx, reason, "/reason", N_("Please give the reason: both sides will read it."))
    complaint = await get_complaint(tx, complaint_id)
    await refuse_own_interest(tx, complaint)
    decided = await _decide(tx, complaint, upheld=upheld, reason=reason)
    await log_deed(tx, "justice.decide_complaint", complaint_id, reason)
    return decided


async def refuse_own_interest(tx: Tx, complaint: Complaint) -> None:
    """Refuse a clerk who is a party, or who decided it before.

    Raises:
        OwnInterest
    """
    who = tx.actor.person_id
    if who is None:
        return
    mine = who in {complaint.complainant_id, complaint.first_decided_by}
    if mine or await role_in(tx, complaint.shop_id, who) is not None:
        raise OwnInterest


async def uphold_silence(tx: Tx, complaint_id: ComplaintId) -> None:
    """Remove the listings of a shop that did not answer; finds nothing to do where it did. For the market itself."""
    complaint = await get_complaint(tx, complaint_id)
    if complaint.state is ComplaintState.OPENED and tx.now >= complaint.counter_by:
        await _decide(tx, complaint, upheld=True, reason=SILENCE, silent=True)


async def _decide(tx: Tx, complaint: Complaint, *, upheld: bool, reason: str, silent: bool = False) -> Complaint:
    sources = ({ComplaintState.OPENED} if silent else UPHOLDABLE) if upheld else REJECTABLE
    row = await tx.row(
        """
        update justice.complaints
           set state = $4, decided_at = $5, decided_by = $6, reason = $7, decide_by = null, closed_at = $5,
               appeal_by = case when appealed_at is null then $8::timestamptz else appeal_by end,
               version = version + 1
         where bucket = $1 and id = $2 and state = any($3) and version = $9 returning *
        """,
        complaint.id.bucket,
        complaint.id,
        list(sources),
        ComplaintState.UPHELD if upheld else ComplaintState.REJECTED,
        tx.now,
        tx.actor.person_id,
        reason,
        tx.now + timedelta(hours=tx.given(ComplaintRules).appeal_hours),
        complaint.version,
    )
    decided = _moved(row)
    await clear_deadlines(tx, [complaint.id], COUNTER_DUE, LAPSES)
    await _carry_out(tx, decided, upheld=upheld)
    await publish(tx, ComplaintDecided(**facts_of(decided), upheld=upheld, is_silence=silent))
    return decided


async def _carry_out(tx: Tx, complaint: Complaint, *, upheld: bool) -> None:
    """Let the decision have its way: listings off sale and a strike, or all as it was."""
    if upheld:
        await hold_listings(tx, complaint)
        await strike(tx, complaint)
    else:
        await release_listings(tx, complaint)
        await lift_strike(tx, complaint)


async def appeal_complaint(tx: Tx, complaint_id: ComplaintId, side: ComplaintSide, words: str) -> Complaint:
    """Appeal against a decision: who lost, once, in time; somebody else decides. Meanwhile the decision stands.

    Raises:
        ComplaintNotFound: it is somebody else's.
        RoleTooSmall, ShopClosed
        ComplaintInWrongState: there is nothing to appeal against, or the time is over.
        Invalid: there are no words.
    """
    words = _check_reason(tx, words, "/words", N_("Please say what was overlooked."))
    complaint = await get_complaint(
        tx, complaint_id, complainant_id=tx.actor.person_id if side is ComplaintSide.COMPLAINANT else None
    )
    if side is ComplaintSide.SHOP:
        await enter_as_shop(tx, complaint)
    if not may_appeal_now(complaint, side, tx.now):
        raise ComplaintInWrongState
    row = await tx.row(
        """
        update justice.complaints
           set state = 'appealed', first_upheld = (state = 'upheld'), first_decided_by = decided_by,
               appealed_at = $3, appeal_words = $4, decide_by = $5, closed_at = null, version = version + 1
         where bucket = $1 and id = $2 and version = $6 and state in ('upheld', 'rejected') returning *
        """,
        complaint_id.bucket,
        complaint_id,
        tx.now,
        words,
        tx.now + timedelta(days=tx.given(ComplaintRules).decide_days),
        complaint.version,
    )
    appealed = _moved(row)
    assert appealed.decide_by is not None
    await set_deadline(tx, LAPSES, complaint_id, appealed.decide_by, DESK_IS_LATE)
    await publish(tx, ComplaintAppealed(**facts_of(appealed), side=side))
    return appealed


async def lapse_complaint(tx: Tx, complaint_id: ComplaintId) -> None:
    """End what the desk never decided: a complaint lapses and harms nobody, of an appeal the first decision stands."""
    row = await tx.row(
        """
        update justice.complaints
           set state = case when state = 'checking' then 'lapsed' when first_upheld then 'upheld' else 'rejected' end,
               decided_by = null, decide_by = null, closed_at = $3, version = version + 1
         where bucket = $1 and id = $2 and state in ('checking', 'appealed') and decide_by <= $3 returning *
        """,
        complaint_id.bucket,
        complaint_id,
        tx.now,
    )
    if row is None:
        return
    complaint = complaint_from(row)
    if complaint.state is ComplaintState.LAPSED:
        await release_listings(tx, complaint)
    await publish(tx, ComplaintLapsed(**facts_of(complaint)))


def _check_reason(tx: Tx, text: str, pointer: str, missing: str) -> str:
    text, findings, most = clean_text(text), Findings(), tx.given(ComplaintRules).words_most
    findings.check(bool(text), pointer, "required", missing)
    findings.check(len(text) <= most, pointer, "too_long", N_("At most %(most)d characters."), most=most)
    findings.raise_any()
    return text


def _moved(row: Row | None) -> Complaint:
    if row is None:
        raise ComplaintInWrongState
    return complaint_from(row)
