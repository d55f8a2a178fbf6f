"""What the cart hears."""

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.accounts.events import PersonClosed
from fairground.market.cart.actions import forget_cart, forget_kept
from fairground.market.cart.model import CartOwner


def subscribers() -> list[Subscriber]:
    """Give the subscribers of this room."""
    return [Subscriber("cart.forget", (PersonClosed,), forget)]


async def forget(tx: Tx, event: PersonClosed) -> None:
    """Forget the cart of somebody who left, and what they kept."""
    await forget_cart(tx, CartOwner(event.person_id))
    await forget_kept(tx, event.person_id)
