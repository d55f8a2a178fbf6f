"""Who sits on juries: join, practise on known cases, rest where too many were wrong, leave."""

from collections.abc import Iterable
from datetime import timedelta

from fairground.kit.db import Tx
from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.accounts.queries import get_person
from fairground.market.justice.errors import JurorResting, NoPractice, VerifiedOnly
from fairground.market.justice.model.jury import Juror, JurorStanding, JuryRules, Verdict, is_good_enough
from fairground.market.justice.model.practice import cases_of
from fairground.market.justice.queries.jury import find_juror, list_answers
from fairground.market.orders.queries.orders import has_received


async def join_juries(tx: Tx, person_id: PersonId) -> None:
    """Ask to sit on juries; practice comes first. Who left may come back, and who is in stays as they are.

    Raises:
        VerifiedOnly: the e-mail address is not confirmed, or no order was received.
    """
    person = await get_person(tx, person_id)
    if not person.is_verified or not await has_received(tx, person_id):
        raise VerifiedOnly
    await tx.execute(
        """
        insert into justice.jurors as j (bucket, person_id, joined_at) values ($1, $2, $3)
        on conflict (bucket, person_id) do update set left_at = null, attempt = j.attempt + 1
         where j.left_at is not null
        """,
        person_id.bucket,
        person_id,
        tx.now,
    )


async def leave_juries(tx: Tx, person_id: PersonId) -> None:
    """Stop sitting on juries; seats that were drawn may still vote. Safe to run twice."""
    await tx.execute(
        """
        update justice.jurors set left_at = $3, is_ready = false
         where bucket = $1 and person_id = $2 and left_at is null
        """,
        person_id.bucket,
        person_id,
        tx.now,
    )


async def judge_practice(tx: Tx, person_id: PersonId, case_key: str, verdict: Verdict) -> bool:
    """Judge a practice case; tells whether it was right. After the last one the juror is ready, or rests.

    Raises:
        NoPractice: not a juror who practises, no such case in this attempt, or it was answered.
        JurorResting
    """
    juror, rules = await _lock(tx, person_id), tx.given(JuryRules)
    standing = None if juror is None else juror.standing(tx.now)
    if juror is not None and standing is JurorStanding.RESTING:
        raise JurorResting(until=juror.rests_until)
    case = {case.key: case for case in cases_of(juror.attempt, rules)}.get(case_key) if juror else None
    if juror is None or standing is not JurorStanding.PRACTISING or case is None:
        raise NoPractice
    was_right = verdict is case.verdict
    if not await note_answer(tx, juror, case_key, verdict, was_right=was_right):
        raise NoPractice
    answers = await list_answers(tx, person_id, juror.attempt)
    if len(answers) >= rules.practice_cases:
        await _settle(tx, juror, [right for _, right in answers.values()], rules)
    return was_right


async def note_answer(tx: Tx, juror: Juror, case_key: str, verdict: Verdict, *, was_right: bool) -> bool:
    """Note how a juror judged a case whose end is known; tells whether it was new."""
    return bool(
        await tx.execute(
            """
            insert into justice.known_answers (bucket, person_id, attempt, case_key, verdict, was_right, answered_at)
            values ($1, $2, $3, $4, $5, $6, $7) on conflict do nothing
            """,
            juror.person_id.bucket,
            juror.person_id,
            juror.attempt,
            case_key,
            verdict,
            was_right,
            tx.now,
        )
    )


async def correct_jurors(tx: Tx, case_key: str, verdicts: Iterable[tuple[Id, Verdict]], right: Verdict) -> None:
    """Note for the jurors of a case, which another instance has decided for good, whether they were right.

    Safe to run twice.
    """
    rules = tx.given(JuryRules)
    for person_id, verdict in sorted(verdicts):
        juror = await _lock(tx, PersonId(person_id))
        if juror is None or not juror.is_ready:
            continue
        if await note_answer(tx, juror, case_key, verdict, was_right=verdict is right):
            answers = await list_answers(tx, person_id, juror.attempt)
            await _settle(tx, juror, [was_right for _, was_right in answers.values()], rules)


async def forget_juror(tx: Tx, person_id: Id) -> None:
    """Forget a juror who closed the account; what their juries decided stays, their reasons go. Safe to run twice."""
    await tx.execute(
        "delete from justice.known_answers where bucket = $1 and person_id = $2", person_id.bucket, person_id
    )
    await tx.execute("delete from justice.jurors where bucket = $1 and person_id = $2", person_id.bucket, person_id)
    rows = await tx.rows(
        "delete from justice.summons where bucket = $1 and person_id = $2 returning dispute_id",
        person_id.bucket,
        person_id,
    )
    for dispute_id in sorted(Id(row["dispute_id"]) for row in rows):
        await tx.execute(
            """
            update justice.seats set reason = '–'
             where bucket = $1 and dispute_id = $2 and juror_id = $3 and verdict is not null
            """,
            dispute_id.bucket,
            dispute_id,
            person_id,
        )


async def _settle(tx: Tx, juror: Juror, answers: list[bool], rules: JuryRules) -> None:
    good = is_good_enough(answers, rules)
    await tx.execute(
        """
        update justice.jurors set is_ready = $3, rests_until = $4, attempt = attempt + $5
         where bucket = $1 and person_id = $2
        """,
        juror.person_id.bucket,
        juror.person_id,
        good,
        None if good else tx.now + timedelta(days=rules.rest_days),
        0 if good else 1,  # after the rest practice begins anew
    )


async def _lock(tx: Tx, person_id: PersonId) -> Juror | None:
    found = await tx.row(
        "select person_id from justice.jurors where bucket = $1 and person_id = $2 for update",
        person_id.bucket,
        person_id,
    )
    return None if found is None else await find_juror(tx, person_id)
