"""What comes round: windows, links and sessions that are over are forgotten."""

from datetime import timedelta

from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.kit.timers import Timer
from fairground.market.accounts.actions.links import forget_old_links
from fairground.market.accounts.actions.sessions import forget_old_sessions
from fairground.market.accounts.actions.throttles import forget_old_tries


def timers() -> list[Timer]:
    """List what comes round in this room."""
    return [Timer("accounts.forget_what_is_over", timedelta(hours=1), forget_what_is_over)]


async def forget_what_is_over(db: Database) -> int:
    """Forget old throttle windows, links and sessions, some thousands of each a run; give how many."""
    actor = system("accounts.forget_what_is_over")
    return sum([await db.write(actor, forget) for forget in (forget_old_tries, forget_old_links, forget_old_sessions)])
