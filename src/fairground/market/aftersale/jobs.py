"""What happens by itself when time is over, in bulk: one transaction for many cases."""

from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.kit.deadlines import Deadline, DeadlineHandler
from fairground.market.aftersale.actions.silence import let_silence_speak
from fairground.market.aftersale.model import SILENCE, CaseId


def deadline_handlers() -> list[DeadlineHandler]:
    """List what this room does when a deadline falls due."""
    return [DeadlineHandler(SILENCE, _speak, batch=True)]


async def _speak(tx: Tx, deadlines: Sequence[Deadline]) -> None:
    await let_silence_speak(tx, [CaseId(deadline.subject) for deadline in deadlines])
