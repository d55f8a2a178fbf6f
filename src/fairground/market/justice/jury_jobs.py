"""What juries do by themselves: they are drawn, told of, closed, and learn from appeals."""

from fairground.kit.db import Tx
from fairground.kit.deadlines import Deadline, DeadlineHandler
from fairground.kit.events import Subscriber
from fairground.market.accounts.events import PersonClosed
from fairground.market.justice.actions.drawing import CLOSES, draw_jury
from fairground.market.justice.actions.jurors import forget_juror
from fairground.market.justice.actions.jury import close_jury, learn_from_appeal, summon_jurors
from fairground.market.justice.events import DisputeEnded, JurorsDrawn, JuryCalled
from fairground.market.justice.model.disputes import DisputeId


def subscribers() -> list[Subscriber]:
    """List what juries hear."""
    return [
        Subscriber("justice.draw_jury", (JuryCalled,), _draw),
        Subscriber("justice.summon_jurors", (JurorsDrawn,), summon_jurors),
        Subscriber("justice.learn_from_appeal", (DisputeEnded,), _learn),
        Subscriber("justice.forget_juror", (PersonClosed,), _forget),
    ]


def deadline_handlers() -> list[DeadlineHandler]:
    """List what falls due."""
    return [DeadlineHandler(CLOSES, _close)]


async def _draw(tx: Tx, event: JuryCalled) -> None:
    await draw_jury(tx, event.dispute_id)


async def _learn(tx: Tx, event: DisputeEnded) -> None:
    await learn_from_appeal(tx, event.dispute_id)


async def _forget(tx: Tx, event: PersonClosed) -> None:
    await forget_juror(tx, event.person_id)


async def _close(tx: Tx, deadline: Deadline) -> None:
    await close_jury(tx, DisputeId(deadline.subject))
