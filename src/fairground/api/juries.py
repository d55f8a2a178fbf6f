"""Juries, by API: join, practise, read the cases one was drawn for, vote."""

from datetime import datetime

import msgspec
from litestar import delete, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.i18n.words import gettext
from fairground.kit.money import Money
from fairground.market.accounts.model import PersonId
from fairground.market.justice.actions.jurors import join_juries, judge_practice, leave_juries
from fairground.market.justice.actions.jury import cast_vote
from fairground.market.justice.model.disputes import DisputeId
from fairground.market.justice.model.jury import JurorStanding, JuryRules, JuryState, Said, Verdict
from fairground.market.justice.model.practice import cases_of
from fairground.market.justice.queries.jury import Summons, find_juror, get_summons, list_answers, list_summons


class PracticeView(msgspec.Struct):
    """A practice case; `why` and `was_right` come with one's own verdict."""

    key: str
    title: str
    buyer: str
    shop: str
    verdict: Verdict | None
    was_right: bool | None
    why: str | None


class JurorView(msgspec.Struct):
    """Where one stands as a juror; `state` is null for who never joined."""

    state: JurorStanding | None
    rests_until: datetime | None
    practice: list[PracticeView]


class JuryCaseView(msgspec.Struct):
    """A case without persons; how the votes stand is told to nobody before the end."""

    id: DisputeId
    kind: str
    goods: str
    claimed: Money
    language: str
    said: list[Said]
    state: JuryState
    closes_at: datetime
    verdict: Verdict | None


class JuryCases(msgspec.Struct):
    """The cases one was drawn for, the newest first."""

    items: list[JuryCaseView]
    next: str | None = None


class PracticeBody(msgspec.Struct):
    """Whose claim is right."""

    verdict: Verdict


class VoteBody(msgspec.Struct):
    """Whose claim is right, and why."""

    verdict: Verdict
    reason: str


@get("/api/v1/juries/me", tags=["Juries"])
async def show_me(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> JurorView:
    """Show where one stands as a juror, with the practice cases."""
    person_id = PersonId(caller.need_person())
    return await db.read(lambda reader: _juror(reader, person_id))


@post("/api/v1/juries/me", tags=["Juries"])
async def join(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> JurorView:
    """Ask to sit on juries; for verified people."""
    person_id = PersonId(caller.need_person())

    async def deed(tx: Tx) -> JurorView:
        await join_juries(tx, person_id)
        return await _juror(tx, person_id)

    return await db.write(caller.actor, deed)


@delete("/api/v1/juries/me", tags=["Juries"])
async def leave(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> None:
    """Stop sitting on juries."""
    person_id = PersonId(caller.need_person())
    await db.write(caller.actor, lambda tx: leave_juries(tx, person_id))


@post("/api/v1/juries/me/practice/{key:str}", tags=["Juries"])
async def practise(
    key: FromPath[str], data: JSONBody[PracticeBody], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> JurorView:
    """Judge a practice case."""
    person_id = PersonId(caller.need_person())

    async def deed(tx: Tx) -> JurorView:
        await judge_practice(tx, person_id, key, data.verdict)
        return await _juror(tx, person_id)

    return await db.write(caller.actor, deed)


@get("/api/v1/juries/cases", tags=["Juries"])
async def show_cases(caller: NamedDependency[Caller], db: NamedDependency[Database]) -> JuryCases:
    """List the cases one was drawn for."""
    person_id = caller.need_person()
    return JuryCases([case_view(s) for s in await db.read(lambda reader: list_summons(reader, person_id))])


@get("/api/v1/juries/cases/{dispute_id:str}", tags=["Juries"])
async def show_case(
    dispute_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> JuryCaseView:
    """Show a case to one of its jurors."""
    person_id, wanted = caller.need_person(), an_id(DisputeId, dispute_id)
    return case_view(await db.read(lambda reader: get_summons(reader, wanted, person_id)))


@post("/api/v1/juries/cases/{dispute_id:str}/vote", tags=["Juries"])
async def create_vote(
    dispute_id: FromPath[str], data: JSONBody[VoteBody], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> JuryCaseView:
    """Vote as a juror, once, with a reason."""
    person_id, wanted = caller.need_person(), an_id(DisputeId, dispute_id)

    async def deed(tx: Tx) -> JuryCaseView:
        await get_summons(tx, wanted, person_id)
        await cast_vote(tx, person_id, wanted, data.verdict, data.reason)
        return case_view(await get_summons(tx, wanted, person_id))

    return await db.write(caller.actor, deed)


async def _juror(reader: Reader, person_id: PersonId) -> JurorView:
    juror = await find_juror(reader, person_id)
    if juror is None:
        return JurorView(None, None, [])
    answers = await list_answers(reader, person_id, juror.attempt)
    practice = []
    for case in cases_of(juror.attempt, reader.given(JuryRules)):
        verdict, right = answers.get(case.key, (None, None))
        why = None if verdict is None else gettext(case.why)
        texts = (gettext(case.title), gettext(case.buyer), gettext(case.shop))
        practice.append(PracticeView(case.key, *texts, verdict, right, why))
    return JurorView(juror.standing(reader.now), juror.rests_until, practice)


def case_view(summons: Summons) -> JuryCaseView:
    """Show a case to a juror."""
    jury, file = summons.jury, summons.jury.file
    return JuryCaseView(
        jury.dispute_id,
        file.kind,
        file.goods,
        file.claimed,
        file.language,
        list(file.said),
        jury.state,
        jury.closes_at,
        summons.verdict,
    )


HANDLERS = (show_me, join, leave, practise, show_cases, show_case, create_vote)
