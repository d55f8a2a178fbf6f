"""A dispute is decided: by the staff, by a jury, by nobody in time; one appeal; and in the end the money moves."""

from datetime import timedelta
from typing import Final

from fairground.kit.db import Tx
from fairground.kit.deadlines import clear_deadlines, set_deadline
from fairground.kit.errors import N_, NotSignedIn, invalid
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.kit.safe_text import clean_text
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.accounts.errors import StaffOnly
from fairground.market.accounts.model import PersonId
from fairground.market.accounts.policy import is_staff
from fairground.market.accounts.queries import get_person
from fairground.market.justice.actions.carrying_out import carry_out
from fairground.market.justice.actions.disputes import APPEAL, JURY, STAFF, go_to_decision, parties
from fairground.market.justice.actions.ending import end_dispute
from fairground.market.justice.errors import DisputeInWrongState, DisputeNotFound, OwnInterest, SupervisorNeeded
from fairground.market.justice.events import DisputeAppealed, DisputeDecided
from fairground.market.justice.model.disputes import (
    WAITS_FOR_STAFF,
    Decider,
    Decision,
    Dispute,
    DisputeId,
    DisputeRules,
    DisputeState,
    Outcome,
    Side,
    check_decision,
    outcome_of,
)
from fairground.market.justice.policy import has_interest, may_appeal, may_rule
from fairground.market.justice.queries.disputes import (
    dispute_from,
    get_dispute,
    get_dispute_for,
    list_rulings,
    role_in_shop,
)
from fairground.market.justice.queries.rulebook import map_in_force
from fairground.market.shops.policy import may_ship

SILENCE_RULE: Final = "disputes.silence"
SILENCE_REASONS: Final = N_("The market did not decide in time, and pays itself. The shop loses nothing by it.")


async def rule(tx: Tx, dispute_id: DisputeId, decision: Decision) -> Dispute:
    """Decide, as somebody of the staff, what waits for a decision; after an appeal it is the last word.

    Raises:
        NotSignedIn, StaffOnly, DisputeNotFound
        OwnInterest: the clerk is a party, works in the shop, or decided it before.
        SupervisorNeeded: it has waited too long for a clerk.
        DisputeInWrongState: nothing is to be decided, or somebody else just did.
        Invalid: names each wrong field.
    """
    dispute, decided_by = await _as_decider(tx, dispute_id)
    decision = await _check(tx, dispute, decision)
    await log_deed(tx, "justice.ruled", dispute.id, decision.reasons)
    return await _decide(tx, dispute, decision, Decider.STAFF, decided_by)


async def decide_by_jury(tx: Tx, dispute_id: DisputeId, decision: Decision) -> Dispute:
    """Write down what a jury decided; it may be appealed against, to the staff.

    Raises:
        DisputeNotFound
        DisputeInWrongState: no jury is asked (any more).
        Invalid
    """
    dispute = await get_dispute(tx, dispute_id)
    if dispute.state is not DisputeState.JURY:
        raise DisputeInWrongState
    decision = await _check(tx, dispute, decision)
    return await _decide(tx, dispute, decision, Decider.JURY, None)


async def leave_to_staff(tx: Tx, dispute_id: DisputeId) -> None:
    """Let the staff decide what a jury did not: too few jurors, a tie, no majority in time."""
    dispute = await get_dispute(tx, dispute_id)
    if dispute.state is DisputeState.JURY:
        await go_to_decision(tx, dispute)


async def appeal(tx: Tx, dispute_id: DisputeId, words: str) -> Dispute:
    """Ask, for the actor's side, that somebody else decide once more: once, and in time.

    Raises:
        NotSignedIn, DisputeNotFound
        DisputeInWrongState: no ruling stands, it was appealed against before, or the time is over.
        Invalid: no words (`/words`), or too many.
    """
    if tx.actor.person_id is None:
        raise NotSignedIn
    dispute, side = await get_dispute_for(tx, dispute_id, tx.actor.person_id)
    role = await role_in_shop(tx, dispute, tx.actor.person_id)
    if side is Side.SHOP and (role is None or not may_ship(role)):
        raise DisputeNotFound
    words, rules = _check_words(tx, words), tx.given(DisputeRules)
    if not may_appeal(dispute, tx.now):
        raise DisputeInWrongState
    staff_by = tx.now + timedelta(days=rules.staff_days)
    row = await tx.row(
        """
        update justice.disputes
           set state = 'appealed', appealed_by = $4, appealed_at = $5, appeal_words = $6, staff_by = $7,
               is_senior = false, version = version + 1
         where bucket = $1 and id = $2 and version = $3 and state = 'decided' and appeal_by > $5 returning *
        """,
        dispute.id.bucket,
        dispute.id,
        dispute.version,
        side.value,
        tx.now,
        words,
        staff_by,
    )
    if row is None:
        raise DisputeInWrongState
    appealed = dispute_from(row)
    await clear_deadlines(tx, [dispute.id], APPEAL)
    await set_deadline(tx, STAFF, dispute.id, staff_by, N_("Nobody of the staff has decided."))
    await publish(tx, DisputeAppealed(**parties(appealed), side=side, version=appealed.version))
    return appealed


async def let_ruling_stand(tx: Tx, dispute_id: DisputeId) -> None:
    """Carry out a ruling that nobody appealed against in time."""
    dispute = await get_dispute(tx, dispute_id)
    if dispute.state is DisputeState.DECIDED and dispute.appeal_by is not None and tx.now >= dispute.appeal_by:
        await _end(tx, dispute, _outcome_so_far(dispute))


async def hurry_staff(tx: Tx, dispute_id: DisputeId) -> None:
    """Hand what nobody decided in time to the supervisors; what they did not decide either, the market pays."""
    dispute, rules = await get_dispute(tx, dispute_id), tx.given(DisputeRules)
    if dispute.state not in WAITS_FOR_STAFF or dispute.staff_by is None or tx.now < dispute.staff_by:
        return
    if dispute.is_senior:
        await _pay_for_silence(tx, dispute)
        return
    staff_by = tx.now + timedelta(days=rules.supervisor_days)
    await tx.execute(
        """
        update justice.disputes set is_senior = true, staff_by = $4, version = version + 1
         where bucket = $1 and id = $2 and version = $3
        """,
        dispute.id.bucket,
        dispute.id,
        dispute.version,
        staff_by,
    )
    await set_deadline(tx, STAFF, dispute.id, staff_by, N_("No supervisor has decided: the market pays."))


async def _as_decider(tx: Tx, dispute_id: DisputeId) -> tuple[Dispute, Id]:
    person_id = tx.actor.person_id
    if person_id is None:
        raise NotSignedIn
    # The role as it is now, not as the session remembers it.
    role = (await get_person(tx, PersonId(person_id))).staff_role
    if not is_staff(role):
        raise StaffOnly
    dispute = await get_dispute(tx, dispute_id)
    shop_role = await role_in_shop(tx, dispute, person_id)
    if has_interest(dispute, await list_rulings(tx, dispute_id), person_id, shop_role):
        raise OwnInterest
    if dispute.state not in WAITS_FOR_STAFF:
        raise DisputeInWrongState
    if not may_rule(dispute, role):
        raise SupervisorNeeded
    return dispute, person_id


async def _decide(tx: Tx, dispute: Dispute, decision: Decision, decider: Decider, decided_by: Id | None) -> Dispute:
    """Write the ruling down; the first one waits for an appeal, the second one is carried out at once."""
    decided = await _write_decision(tx, dispute, decision)
    await _write_ruling(tx, dispute, decision, decider, decided_by)
    if dispute.deciding_stage == 2:
        return await _end(tx, decided, _outcome_so_far(decided))
    assert decided.appeal_by is not None, "written just now"
    await set_deadline(tx, APPEAL, dispute.id, decided.appeal_by, N_("Nobody has appealed."))
    await publish(
        tx,
        DisputeDecided(
            **parties(decided),
            decider=decider,
            refund=decided.refund,
            currency=decided.currency,
            appeal_by=decided.appeal_by,
            version=decided.version,
        ),
    )
    return decided


async def _write_decision(tx: Tx, dispute: Dispute, decision: Decision) -> Dispute:
    """Guarded by the version: of two clerks who rule at once the second hears that it was decided."""
    row = await tx.row(
        """
        update justice.disputes
           set refund = $4, to_return = $5, decided_at = $6, version = version + 1, appeal_by = coalesce(appeal_by, $7),
               state = case when state = 'appealed' then state else 'decided' end,
               staff_by = case when state = 'appealed' then staff_by end
         where bucket = $1 and id = $2 and version = $3 and state in ('deciding', 'jury', 'appealed') returning *
        """,
        dispute.id.bucket,
        dispute.id,
        dispute.version,
        decision.refund,
        decision.to_return,
        tx.now,
        tx.now + timedelta(hours=tx.given(DisputeRules).appeal_hours),
    )
    if row is None:
        raise DisputeInWrongState
    await clear_deadlines(tx, [dispute.id], STAFF, JURY)
    return dispute_from(row)


async def _write_ruling(tx: Tx, dispute: Dispute, decision: Decision, decider: Decider, decided_by: Id | None) -> None:
    await tx.execute(
        """
        insert into justice.rulings (bucket, dispute_id, stage, decider, decided_by, refund, to_return, rule_key,
               reasons, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)
        """,
        dispute.id.bucket,
        dispute.id,
        dispute.deciding_stage,
        decider.value,
        decided_by,
        decision.refund,
        decision.to_return,
        decision.rule_key,
        decision.reasons,
        tx.now,
    )


async def _pay_for_silence(tx: Tx, dispute: Dispute) -> None:
    decision = Decision(dispute.claimed, SILENCE_RULE, SILENCE_REASONS)
    decided = await _write_decision(tx, dispute, decision)
    await _write_ruling(tx, dispute, decision, Decider.SILENCE, None)
    await _end(tx, decided, Outcome.MARKET_PAID)


async def _end(tx: Tx, dispute: Dispute, outcome: Outcome) -> Dispute:
    ended = await end_dispute(tx, dispute, outcome)
    await carry_out(tx, ended)
    return ended


async def _check(tx: Tx, dispute: Dispute, decision: Decision) -> Decision:
    """A ruling rests on a rule that is in force."""
    decision = check_decision(decision, dispute.claimed, tx.given(DisputeRules))
    if not await map_in_force(tx, [decision.rule_key]):
        raise invalid("/rule", "unknown", N_("There is no such rule."))
    return decision


def _outcome_so_far(dispute: Dispute) -> Outcome:
    return outcome_of(dispute.refund, dispute.claimed)


def _check_words(tx: Tx, words: str) -> str:
    words, most = clean_text(words), tx.given(DisputeRules).words_most
    if not words:
        raise invalid("/words", "required", N_("Please say what is wrong with the ruling."))
    if len(words) > most:
        raise invalid("/words", "too_long", N_("At most %(most)d characters."), most=most)
    return words
