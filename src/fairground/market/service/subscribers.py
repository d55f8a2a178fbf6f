"""What service hears: that somebody left."""

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.accounts.events import PersonClosed
from fairground.market.service.actions.tickets import forget_asker


def subscribers() -> list[Subscriber]:
    """List who of this room hears what."""
    return [Subscriber("service.forget_asker", (PersonClosed,), _forget)]


async def _forget(tx: Tx, event: PersonClosed) -> None:
    await forget_asker(tx, event.person_id)
