"""What shops do when something happens elsewhere."""

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.accounts.events import PersonClosed, PersonSuspended, SuspensionLifted
from fairground.market.shops.actions.staff import leave_all_shops
from fairground.market.shops.actions.state import reopen_shops_with, suspend_shops_with


def subscribers() -> list[Subscriber]:
    """List what this room listens to."""
    return [
        Subscriber("shops.let_closed_people_go", (PersonClosed,), let_go),
        Subscriber("shops.stop_with_owner", (PersonSuspended, SuspensionLifted), stop_or_go_on),
    ]


async def let_go(tx: Tx, event: PersonClosed) -> None:
    """Take a person whose account is closed out of every shop."""
    await leave_all_shops(tx, event.person_id)


async def stop_or_go_on(tx: Tx, event: PersonSuspended | SuspensionLifted) -> None:
    """Stop the shops of an owner whom the desk keeps out, and let them sell again afterwards."""
    if isinstance(event, PersonSuspended):
        await suspend_shops_with(tx, event.person_id)
    else:
        await reopen_shops_with(tx, event.person_id)
