"""What shops do when something happens elsewhere."""

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.accounts.events import PersonClosed
from fairground.market.shops.actions.staff import leave_all_shops


def subscribers() -> list[Subscriber]:
    """List what this room listens to."""
    return [Subscriber("shops.let_closed_people_go", (PersonClosed,), let_go)]


async def let_go(tx: Tx, event: PersonClosed) -> None:
    """Take a person whose account is closed out of every shop."""
    await leave_all_shops(tx, event.person_id)
