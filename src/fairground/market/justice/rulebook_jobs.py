"""What the rule book does by itself: first rules, consultations that end, emergencies that end, people who leave."""

from datetime import timedelta

from fairground.kit.actor import system
from fairground.kit.db import Database, Tx
from fairground.kit.deadlines import Deadline, DeadlineHandler
from fairground.kit.events import Subscriber
from fairground.kit.timers import Timer
from fairground.market.accounts.events import PersonClosed
from fairground.market.justice.actions.founding import found_rules
from fairground.market.justice.actions.rulebook import CLOSE, LAPSE, close_consultation, end_emergency
from fairground.market.justice.actions.voices import forget_voices
from fairground.market.justice.errors import RuleInWrongState
from fairground.market.justice.model.rulebook import RuleVersionId


def subscribers() -> list[Subscriber]:
    """List what the rule book hears."""
    return [Subscriber("justice.forget_voices", (PersonClosed,), _forget)]


def deadline_handlers() -> list[DeadlineHandler]:
    """List what falls due."""
    return [DeadlineHandler(CLOSE, _close), DeadlineHandler(LAPSE, _lapse)]


def timers() -> list[Timer]:
    """List what comes round: a market that has just opened, or a newer release, gets its first rules."""
    return [Timer("justice.found_rules", timedelta(hours=1), _found)]


async def _found(db: Database) -> int:
    return await db.write(system("justice.found_rules"), found_rules)


async def _close(tx: Tx, deadline: Deadline) -> None:
    try:
        await close_consultation(tx, RuleVersionId(deadline.subject))
    except RuleInWrongState:  # the desk was quicker
        return


async def _lapse(tx: Tx, deadline: Deadline) -> None:
    try:
        await end_emergency(tx, RuleVersionId(deadline.subject))
    except RuleInWrongState:  # the people have confirmed it, or the desk ended it
        return


async def _forget(tx: Tx, event: PersonClosed) -> None:
    await forget_voices(tx, event.person_id)
