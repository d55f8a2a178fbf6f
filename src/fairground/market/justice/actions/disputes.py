"""A dispute opens, and both sides speak: what a side says, that it has nothing more to say, that it wants the jury."""

from datetime import timedelta
from typing import Any, Final

from fairground.kit.db import Tx
from fairground.kit.deadlines import clear_deadlines, set_deadline
from fairground.kit.errors import N_, NotSignedIn, invalid
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.justice.errors import DisputeInWrongState, DisputeNotFound, TooManyStatements
from fairground.market.justice.events import DisputeOpened, JuryCalled, RoundOpened, StatementAdded
from fairground.market.justice.model.disputes import (
    Dispute,
    DisputeId,
    DisputeRules,
    DisputeState,
    Escalation,
    Side,
    StatementDraft,
    check_statement,
)
from fairground.market.justice.policy import may_choose_jury, may_speak
from fairground.market.justice.queries.disputes import dispute_from, get_dispute, get_dispute_for, role_in_shop
from fairground.market.media.queries import map_pictures
from fairground.market.shops.policy import may_ship

ROUND: Final = "justice.round"
JURY: Final = "justice.jury"
STAFF: Final = "justice.staff"
APPEAL: Final = "justice.appeal"


async def open_dispute(tx: Tx, facts: Escalation) -> Dispute | None:
    """Open the dispute of an escalated case; None where it is open already."""
    rules = tx.given(DisputeRules)
    ends_at = tx.now + timedelta(hours=rules.round_hours)
    row = await tx.row(
        """
        insert into justice.disputes (bucket, id, case_id, order_id, buyer_id, shop_id, kind, claimed, currency, state,
               round_ends_at, opened_at, rule_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, 'evidence', $10, $11, $12)
        on conflict (bucket, case_id) where state <> 'final' do nothing returning *
        """,
        facts.case_id.bucket,
        tx.new_id(DisputeId, facts.case_id.bucket),
        facts.case_id,
        facts.order_id,
        facts.buyer_id,
        facts.shop_id,
        facts.kind,
        facts.claimed,
        facts.currency,
        ends_at,
        tx.now,
        tx.now + timedelta(days=rules.ruling_days),
    )
    if row is None:
        return None
    dispute = dispute_from(row)
    await _set_round_end(tx, dispute)
    await publish(tx, DisputeOpened(**parties(dispute), ends_at=ends_at, version=dispute.version))
    return dispute


async def add_statement(tx: Tx, dispute_id: DisputeId, draft: StatementDraft) -> Dispute:
    """Say something for the actor's side, with pictures; perhaps that this was all.

    Raises:
        DisputeNotFound: it is somebody else's.
        DisputeInWrongState: all is said, the time is over, or the side said that it was all.
        TooManyStatements, Invalid
    """
    rules = tx.given(DisputeRules)
    dispute, side, person_id = await _as_side(tx, dispute_id)
    draft = check_statement(draft, rules)
    if not may_speak(dispute, side, tx.now):
        raise DisputeInWrongState
    await _check_pictures(tx, person_id, draft)
    changed = await _mark(tx, dispute, side, is_done=draft.is_done)
    await _write_statement(tx, changed, side, person_id, draft)
    await publish(tx, StatementAdded(**parties(changed), side=side, version=changed.version))
    return await _go_on_if_all_said(tx, changed)


async def finish_speaking(tx: Tx, dispute_id: DisputeId) -> Dispute:
    """Say that the actor's side has nothing more to say; when both have said so, it is decided.

    Raises:
        DisputeNotFound, DisputeInWrongState
    """
    dispute, side, _ = await _as_side(tx, dispute_id)
    if not may_speak(dispute, side, tx.now):
        raise DisputeInWrongState
    return await _go_on_if_all_said(tx, await _mark(tx, dispute, side, is_done=True))


async def choose_jury(tx: Tx, dispute_id: DisputeId) -> Dispute:
    """Choose the jury for the actor's side; it decides where both sides choose it before all is said.

    Raises:
        DisputeNotFound
        DisputeInWrongState: all is said, or the side chose it before.
    """
    dispute, side, _ = await _as_side(tx, dispute_id)
    if not may_choose_jury(dispute, side, tx.now):
        raise DisputeInWrongState
    return await _mark(tx, dispute, side, wants_jury=True)


async def end_round(tx: Tx, dispute_id: DisputeId) -> None:
    """Go on when a round is over: to the next one if something was said that may be answered, else to the decision."""
    dispute, rules = await get_dispute(tx, dispute_id), tx.given(DisputeRules)
    if dispute.state is not DisputeState.EVIDENCE or tx.now < dispute.round_ends_at:
        return
    said = await tx.value(
        "select exists (select 1 from justice.statements where bucket = $1 and dispute_id = $2 and round = $3)",
        dispute.id.bucket,
        dispute.id,
        dispute.round,
    )
    if said and dispute.round < rules.rounds_most:
        await _open_round(tx, dispute, rules)
    else:
        await go_to_decision(tx, dispute)


async def go_to_decision(tx: Tx, dispute: Dispute) -> Dispute:
    """End the evidence, or a jury that did not decide: to the jury where both chose it and it was not asked yet."""
    rules = tx.given(DisputeRules)
    if dispute.state is DisputeState.EVIDENCE and dispute.goes_to_jury:
        return await _call_jury(tx, dispute, rules)
    staff_by = tx.now + timedelta(days=rules.staff_days)
    row = await tx.row(
        """
        update justice.disputes set state = 'deciding', staff_by = $4, version = version + 1
         where bucket = $1 and id = $2 and version = $3 and state in ('evidence', 'jury') returning *
        """,
        dispute.id.bucket,
        dispute.id,
        dispute.version,
        staff_by,
    )
    if row is None:
        raise DisputeInWrongState
    await clear_deadlines(tx, [dispute.id], ROUND, JURY)
    await set_deadline(tx, STAFF, dispute.id, staff_by, N_("Nobody of the staff has decided."))
    return dispute_from(row)


async def _call_jury(tx: Tx, dispute: Dispute, rules: DisputeRules) -> Dispute:
    ends_at = tx.now + timedelta(hours=rules.jury_hours)
    row = await tx.row(
        """
        update justice.disputes set state = 'jury', version = version + 1
         where bucket = $1 and id = $2 and version = $3 and state = 'evidence' returning *
        """,
        dispute.id.bucket,
        dispute.id,
        dispute.version,
    )
    if row is None:
        raise DisputeInWrongState
    changed = dispute_from(row)
    await clear_deadlines(tx, [dispute.id], ROUND)
    await set_deadline(tx, JURY, dispute.id, ends_at, N_("The jury has not decided in time."))
    await publish(tx, JuryCalled(**parties(changed), ends_at=ends_at, version=changed.version))
    return changed


def parties(dispute: Dispute) -> dict[str, Any]:
    """Give what every event of a dispute names."""
    return {
        "dispute_id": dispute.id,
        "case_id": dispute.case_id,
        "order_id": dispute.order_id,
        "buyer_id": dispute.buyer_id,
        "shop_id": dispute.shop_id,
    }


async def _as_side(tx: Tx, dispute_id: DisputeId) -> tuple[Dispute, Side, Id]:
    """Act for one side: the buyer, or who in the shop sees to orders."""
    person_id = tx.actor.person_id
    if person_id is None:
        raise NotSignedIn
    dispute, side = await get_dispute_for(tx, dispute_id, person_id)
    if side is Side.SHOP:
        role = await role_in_shop(tx, dispute, person_id)
        if role is None or not may_ship(role):
            raise DisputeNotFound
    return dispute, side, person_id


async def _mark(tx: Tx, dispute: Dispute, side: Side, *, is_done: bool = False, wants_jury: bool = False) -> Dispute:
    """Note what a side wants; the row is locked, and the round is open to the second."""
    row = await tx.row(
        """
        update justice.disputes
           set buyer_done = buyer_done or ($4 and $3 = 'buyer'), shop_done = shop_done or ($4 and $3 = 'shop'),
               buyer_wants_jury = buyer_wants_jury or ($5 and $3 = 'buyer'),
               shop_wants_jury = shop_wants_jury or ($5 and $3 = 'shop'), version = version + 1
         where bucket = $1 and id = $2 and state = 'evidence' and round_ends_at > $6
           and not case when $5 then case when $3 = 'buyer' then buyer_wants_jury else shop_wants_jury end
                        else case when $3 = 'buyer' then buyer_done else shop_done end end
        returning *
        """,
        dispute.id.bucket,
        dispute.id,
        side.value,
        is_done,
        wants_jury,
        tx.now,
    )
    if row is None:
        raise DisputeInWrongState
    return dispute_from(row)


async def _write_statement(tx: Tx, dispute: Dispute, side: Side, person_id: Id, draft: StatementDraft) -> None:
    most = tx.given(DisputeRules).statements_most
    written = await tx.execute(
        """
        insert into justice.statements (bucket, dispute_id, number, side, person_id, round, words, pictures, at)
        select $1, $2, coalesce(max(number), 0) + 1, $3, $4, $5, $6, $7::bigint[], $8
          from justice.statements where bucket = $1 and dispute_id = $2
        having count(*) filter (where side = $3 and round = $5) < $9
        """,
        dispute.id.bucket,
        dispute.id,
        side.value,
        person_id,
        dispute.round,
        draft.words,
        list(draft.pictures),
        tx.now,
        most,
    )
    if not written:
        raise TooManyStatements(most=most)


async def _check_pictures(tx: Tx, person_id: Id, draft: StatementDraft) -> None:
    known = await map_pictures(tx, draft.pictures)
    if any(i not in known or known[i].owner_id != person_id for i in draft.pictures):
        raise invalid("/pictures", "unknown", N_("We do not know one of these pictures."))


async def _go_on_if_all_said(tx: Tx, dispute: Dispute) -> Dispute:
    return await go_to_decision(tx, dispute) if dispute.buyer_done and dispute.shop_done else dispute


async def _open_round(tx: Tx, dispute: Dispute, rules: DisputeRules) -> None:
    ends_at = tx.now + timedelta(hours=rules.round_hours)
    row = await tx.row(
        """
        update justice.disputes set round = round + 1, round_ends_at = $4, version = version + 1
         where bucket = $1 and id = $2 and version = $3 and state = 'evidence' returning *
        """,
        dispute.id.bucket,
        dispute.id,
        dispute.version,
        ends_at,
    )
    if row is None:
        raise DisputeInWrongState
    changed = dispute_from(row)
    await _set_round_end(tx, changed)
    await publish(tx, RoundOpened(**parties(changed), ends_at=ends_at, version=changed.version))


async def _set_round_end(tx: Tx, dispute: Dispute) -> None:
    await set_deadline(tx, ROUND, dispute.id, dispute.round_ends_at, N_("The time for saying something is over."))
