"""What comes round: windows, links and sessions that are over are forgotten."""

import contextlib
from datetime import timedelta

from fairground.kit.actor import system
from fairground.kit.db import Database, Tx
from fairground.kit.deadlines import Deadline, DeadlineHandler
from fairground.kit.timers import Timer
from fairground.market.accounts.actions.links import forget_old_links
from fairground.market.accounts.actions.sessions import forget_old_sessions
from fairground.market.accounts.actions.suspension import SUSPENSION_ENDS, lift_suspension
from fairground.market.accounts.actions.throttles import forget_old_tries
from fairground.market.accounts.errors import NotSuspended, PersonNotFound
from fairground.market.accounts.model import PersonId


def deadline_handlers() -> list[DeadlineHandler]:
    """List what to do when a deadline of this room falls due."""
    return [DeadlineHandler(SUSPENSION_ENDS, end_suspension)]


async def end_suspension(tx: Tx, deadline: Deadline) -> None:
    """Let a person in again whose suspension has come to its end; one lifted earlier stays so."""
    with contextlib.suppress(NotSuspended, PersonNotFound):
        await lift_suspension(tx, PersonId(deadline.subject), "its end has come")


def timers() -> list[Timer]:
    """List what comes round in this room."""
    return [Timer("accounts.forget_what_is_over", timedelta(hours=1), forget_what_is_over)]


async def forget_what_is_over(db: Database) -> int:
    """Forget old throttle windows, links and sessions, some thousands of each a run; give how many."""
    actor = system("accounts.forget_what_is_over")
    return sum([await db.write(actor, forget) for forget in (forget_old_tries, forget_old_links, forget_old_sessions)])
