"""A jury sits: votes with reasons, an end as soon as most of the seats agree, the staff where they do not in time."""

from typing import Final

import msgspec

from fairground.kit.db import Tx
from fairground.kit.deadlines import clear_deadlines
from fairground.kit.errors import N_
from fairground.kit.events import publish
from fairground.kit.i18n.words import say, speaking
from fairground.kit.ids import Id
from fairground.market.justice.actions.drawing import CLOSES, RULE
from fairground.market.justice.actions.jurors import correct_jurors
from fairground.market.justice.actions.rulings import decide_by_jury, leave_to_staff
from fairground.market.justice.errors import AlreadyVoted, CaseNotFound, JuryOver
from fairground.market.justice.events import JurorsDrawn, JuryEnded
from fairground.market.justice.model.disputes import Decider, Decision, DisputeId, DisputeState
from fairground.market.justice.model.jury import Jury, JuryRules, JuryState, Verdict, check_vote, decided
from fairground.market.justice.model.redaction import Known, redact
from fairground.market.justice.queries.disputes import get_dispute, list_rulings
from fairground.market.justice.queries.jury import find_jury, jury_from, list_seats
from fairground.market.justice.queries.rulebook import map_in_force

QUOTED: Final = 3  # reasons of the majority that stand in the ruling
DECIDED: Final = N_(
    "A jury has decided: %(for_buyer)d votes for the buyer, %(for_shop)d for the shop, %(seats)d seats."
)


async def summon_jurors(tx: Tx, event: JurorsDrawn) -> None:
    """Keep with each juror that they were drawn. Safe to run twice."""
    await tx.execute(
        """
        insert into justice.summons (bucket, person_id, dispute_id, closes_at)
        select b, p, $3, $4 from unnest($1::smallint[], $2::bigint[]) as t(b, p) on conflict do nothing
        """,
        [i.bucket for i in event.juror_ids],
        list(event.juror_ids),
        event.dispute_id,
        event.closes_at,
    )


async def cast_vote(tx: Tx, juror_id: Id, dispute_id: DisputeId, verdict: Verdict, reason: str) -> Jury:
    """Vote as a juror, once, with a reason; with the vote that makes most of the seats the case is decided.

    Raises:
        CaseNotFound: not one's seat.
        AlreadyVoted, JuryOver
        Invalid: there is no reason.
    """
    reason = check_vote(reason, tx.given(JuryRules))
    jury = await _lock(tx, dispute_id)
    voted = await tx.value(
        "select voted_at is not null from justice.seats where bucket = $1 and dispute_id = $2 and juror_id = $3",
        dispute_id.bucket,
        dispute_id,
        juror_id,
    )
    if jury is None or voted is None:
        raise CaseNotFound
    if voted:
        raise AlreadyVoted
    if not await _sits(tx, jury):
        raise JuryOver
    await tx.execute(
        """
        update justice.seats set verdict = $4, reason = $5, voted_at = $6
         where bucket = $1 and dispute_id = $2 and juror_id = $3
        """,
        dispute_id.bucket,
        dispute_id,
        juror_id,
        verdict,
        reason,
        tx.now,
    )
    return await _count(tx, jury, verdict)


async def close_jury(tx: Tx, dispute_id: DisputeId) -> None:
    """End a jury whose time is over: the staff decides. Safe to run twice."""
    jury = await _lock(tx, dispute_id)
    if jury is None or jury.state is not JuryState.OPEN or tx.now < jury.closes_at:
        return
    await _end(tx, jury, JuryState.FAILED)
    await leave_to_staff(tx, dispute_id)


async def learn_from_appeal(tx: Tx, dispute_id: DisputeId) -> None:
    """Note for the jurors of a dispute that the staff decided on appeal whether they were right. Safe to run twice.

    Only where the last word is as plain as theirs was: everything that was claimed, or nothing.
    """
    jury, rulings = await find_jury(tx, dispute_id), await list_rulings(tx, dispute_id)
    if jury is None or len(rulings) < 2 or rulings[0].decider is not Decider.JURY:
        return
    last = rulings[-1]
    if last.decider is not Decider.STAFF or last.refund not in {0, jury.file.claimed.amount}:
        return
    right = Verdict.BUYER if last.refund else Verdict.SHOP
    votes = [(seat.juror_id, seat.verdict) for seat in await list_seats(tx, dispute_id) if seat.verdict is not None]
    await correct_jurors(tx, f"dispute.{int(dispute_id)}", votes, right)


async def _lock(tx: Tx, dispute_id: DisputeId) -> Jury | None:
    # Every vote waits here for the one before it: the one that makes a majority sees all others.
    row = await tx.row(
        "select * from justice.juries where bucket = $1 and dispute_id = $2 for update", dispute_id.bucket, dispute_id
    )
    return None if row is None else jury_from(row)


async def _sits(tx: Tx, jury: Jury) -> bool:
    """The two sides may have settled meanwhile, or the time is over and nobody has looked yet."""
    if jury.state is not JuryState.OPEN or tx.now >= jury.closes_at:
        return False
    return (await get_dispute(tx, jury.dispute_id)).state is DisputeState.JURY


async def _count(tx: Tx, jury: Jury, verdict: Verdict) -> Jury:
    row = await tx.row(
        """
        update justice.juries
           set for_buyer = for_buyer + case when $3 = 'buyer' then 1 else 0 end,
               for_shop = for_shop + case when $3 = 'shop' then 1 else 0 end
         where bucket = $1 and dispute_id = $2 and state = 'open' returning *
        """,
        jury.dispute_id.bucket,
        jury.dispute_id,
        verdict.value,
    )
    assert row is not None, "locked before"
    counted = jury_from(row)
    winner = decided(counted.for_buyer, counted.for_shop, counted.seats)
    if winner is not None and not await map_in_force(tx, [RULE]):  # lapsed while the jury sat: it may not decide
        await _end(tx, counted, JuryState.FAILED)
        await leave_to_staff(tx, jury.dispute_id)
        return msgspec.structs.replace(counted, state=JuryState.FAILED, ended_at=tx.now)
    if winner is not None:
        await _end(tx, counted, JuryState.DECIDED)
        await decide_by_jury(tx, jury.dispute_id, await _decision(tx, counted, winner, to_return=row["to_return"]))
        return msgspec.structs.replace(counted, state=JuryState.DECIDED, ended_at=tx.now)
    if counted.for_buyer + counted.for_shop == counted.seats:  # an even number of seats, and a tie
        await _end(tx, counted, JuryState.FAILED)
        await leave_to_staff(tx, jury.dispute_id)
    return counted


async def _decision(tx: Tx, jury: Jury, winner: Verdict, *, to_return: bool) -> Decision:
    """Say what was decided with some of the majority's reasons, persons taken out: the parties read it."""
    language = jury.file.language
    numbers = {"for_buyer": jury.for_buyer, "for_shop": jury.for_shop, "seats": jury.seats}
    with speaking("zh-CN" if language == "zh-CN" else "en"):
        head = say(DECIDED, numbers)
    seats = [seat for seat in await list_seats(tx, jury.dispute_id) if seat.verdict is winner]
    reasons = [redact(seat.reason, Known(), "zh-CN" if language == "zh-CN" else "en") for seat in seats[:QUOTED]]
    text = "\n\n".join([head, *(f"– {reason}" for reason in reasons)])
    if winner is Verdict.SHOP:
        return Decision(0, RULE, text)
    return Decision(jury.file.claimed.amount, RULE, text, to_return=to_return)


async def _end(tx: Tx, jury: Jury, state: JuryState) -> None:
    await tx.execute(
        "update justice.juries set state = $3, ended_at = $4 where bucket = $1 and dispute_id = $2 and state = 'open'",
        jury.dispute_id.bucket,
        jury.dispute_id,
        state,
        tx.now,
    )
    await clear_deadlines(tx, [jury.dispute_id], CLOSES)
    await publish(
        tx,
        JuryEnded(
            dispute_id=jury.dispute_id,
            is_decided=state is JuryState.DECIDED,
            for_buyer=jury.for_buyer,
            for_shop=jury.for_shop,
        ),
    )
