"""What happens by itself in service: clocks that run out, silence that ends things, letters to who is away."""

from collections.abc import Sequence
from datetime import timedelta

from fairground.kit.actor import system
from fairground.kit.db import Database, Tx
from fairground.kit.deadlines import Deadline, DeadlineHandler
from fairground.kit.timers import Timer
from fairground.market.service.actions.answers import forget_old_questions
from fairground.market.service.actions.away import LETTER, tell_away
from fairground.market.service.actions.ticket_desk import see_clocks, see_silence
from fairground.market.service.actions.ticket_moves import ANSWER, CLOSE, SOLVE
from fairground.market.service.model.chat import Side

ROUNDS = 1000


def deadline_handlers() -> list[DeadlineHandler]:
    """List what this room does when a deadline falls due."""
    return [
        DeadlineHandler(ANSWER, see_clocks),
        DeadlineHandler(SOLVE, see_clocks),
        DeadlineHandler(CLOSE, see_silence),
        DeadlineHandler(LETTER[Side.PERSON], _tell_person, batch=True),
        DeadlineHandler(LETTER[Side.HOUSE], _tell_house, batch=True),
    ]


def timers() -> list[Timer]:
    """List what comes round in this room."""
    return [Timer("service.forget_old_questions", timedelta(days=1), _forget_questions)]


async def _forget_questions(db: Database) -> int:
    done = 0
    for _ in range(ROUNDS):
        gone = await db.write(system("service"), forget_old_questions)
        done += gone
        if not gone:
            break
    return done


async def _tell_person(tx: Tx, deadlines: Sequence[Deadline]) -> None:
    await tell_away(tx, Side.PERSON, [deadline.subject for deadline in deadlines])


async def _tell_house(tx: Tx, deadlines: Sequence[Deadline]) -> None:
    await tell_away(tx, Side.HOUSE, [deadline.subject for deadline in deadlines])
