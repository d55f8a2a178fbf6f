"""Makers of juries: people who may sit, disputes that both sides bring before a jury."""

from datetime import timedelta

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.ids import Id
from fairground.market.accounts.model import Person, PersonId
from fairground.market.catalog.model import Product
from fairground.market.justice import jobs, jury_jobs
from fairground.market.justice.actions.disputes import choose_jury, go_to_decision
from fairground.market.justice.actions.drawing import draw_jury
from fairground.market.justice.actions.founding import found_rules
from fairground.market.justice.actions.jurors import join_juries, judge_practice
from fairground.market.justice.actions.jury import cast_vote
from fairground.market.justice.model.disputes import DisputeState
from fairground.market.justice.model.jury import Jury, JuryRules, Seat, Verdict
from fairground.market.justice.model.practice import cases_of
from fairground.market.justice.queries.disputes import get_dispute
from fairground.market.justice.queries.jury import find_jury, list_seats
from tests.support.disputes import Scene, disputed
from tests.support.rulebook import make_verified
from tests.support.shops import MARKET
from tests.support.world import pump

REASON = "The box was crushed, so the shop bears it."


async def practise(db: Database, person_id: PersonId, right: int = 5) -> list[bool]:
    """Judge the practice cases of an attempt, so many of them rightly."""
    found = []
    juror = await db.read(lambda r: r.row("select attempt from justice.jurors where person_id = $1", person_id))
    rules_cases = cases_of(juror["attempt"], db.given(JuryRules))
    for place, case in enumerate(rules_cases):
        verdict = case.verdict if place < right else other(case.verdict)
        found.append(
            await db.write(person(person_id), lambda tx, c=case, v=verdict: judge_practice(tx, person_id, c.key, v))
        )
    return found


def other(verdict: Verdict) -> Verdict:
    """Give the other verdict."""
    return Verdict.SHOP if verdict is Verdict.BUYER else Verdict.BUYER


async def make_juror(db: Database, product: Product, name: str = "Juror", *, right: int = 5) -> Person:
    """Register somebody who has practised; verified only since now."""
    who = await make_verified(db, product, name)
    await db.write(person(who.id), lambda tx: join_juries(tx, who.id))
    await practise(db, who.id, right)
    return who


async def make_jurors(db: Database, product: Product, n: int) -> list[Person]:
    """Register so many, and let a hundred days pass."""
    found = [await make_juror(db, product, f"Juror {i}") for i in range(n)]
    db.clock.move(timedelta(days=100))
    return found


async def before_jury(db: Database, *, claimed: int | None = None) -> Scene:
    """Open a dispute and let both sides choose the jury; all is said, and nobody was drawn yet."""
    return await bring_before_jury(db, await disputed(db, claimed=claimed))


async def bring_before_jury(db: Database, scene: Scene) -> Scene:
    """Let both sides of a dispute choose the jury, and end the evidence."""
    await db.write(MARKET, found_rules)
    for side in (scene.buyer, scene.seller):
        await db.write(side, lambda tx: choose_jury(tx, scene.dispute.id))
    dispute = await db.read(lambda r: get_dispute(r, scene.dispute.id))
    dispute = await db.write(MARKET, lambda tx: go_to_decision(tx, dispute))
    assert dispute.state is DisputeState.JURY
    scene.dispute = dispute
    return scene


async def drawn(db: Database, scene: Scene, seed: str | None = None) -> Jury:
    """Draw the jury."""
    await db.write(MARKET, lambda tx: draw_jury(tx, scene.dispute.id, seed))
    return await jury_now(db, scene)


async def jury_now(db: Database, scene: Scene) -> Jury:
    """Read a jury again."""
    found = await db.read(lambda r: find_jury(r, scene.dispute.id))
    assert found is not None
    return found


async def seats_of(db: Database, scene: Scene) -> list[Seat]:
    """Read the seats."""
    return await db.read(lambda r: list_seats(r, scene.dispute.id))


async def vote(db: Database, scene: Scene, juror: Id, verdict: Verdict = Verdict.BUYER, reason: str = REASON) -> Jury:
    """Vote as a juror."""
    return await db.write(person(juror), lambda tx: cast_vote(tx, juror, scene.dispute.id, verdict, reason))


async def let_justice_run(db: Database, **time: float) -> None:
    """Move the clock, and let disputes and juries hear their news and keep their deadlines."""
    db.clock.move(timedelta(**time))
    await pump(db, jury_jobs.subscribers(), [*jobs.deadline_handlers(), *jury_jobs.deadline_handlers()])
