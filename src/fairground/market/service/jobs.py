"""What happens by itself in service: clocks that run out, silence that ends things, letters to who is away."""

from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.kit.deadlines import Deadline, DeadlineHandler
from fairground.market.service.actions.away import LETTER, tell_away
from fairground.market.service.actions.ticket_desk import see_clocks, see_silence
from fairground.market.service.actions.ticket_moves import ANSWER, CLOSE, SOLVE
from fairground.market.service.model.chat import Side


def deadline_handlers() -> list[DeadlineHandler]:
    """List what this room does when a deadline falls due."""
    return [
        DeadlineHandler(ANSWER, see_clocks),
        DeadlineHandler(SOLVE, see_clocks),
        DeadlineHandler(CLOSE, see_silence),
        DeadlineHandler(LETTER[Side.PERSON], _tell_person, batch=True),
        DeadlineHandler(LETTER[Side.HOUSE], _tell_house, batch=True),
    ]


async def _tell_person(tx: Tx, deadlines: Sequence[Deadline]) -> None:
    await tell_away(tx, Side.PERSON, [deadline.subject for deadline in deadlines])


async def _tell_house(tx: Tx, deadlines: Sequence[Deadline]) -> None:
    await tell_away(tx, Side.HOUSE, [deadline.subject for deadline in deadlines])
