"""What reviews hear: that an order was received, that somebody left; and their own news, to add them up."""

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.accounts.events import PersonClosed
from fairground.market.orders.events import OrderReceived
from fairground.market.reviews.actions.inviting import forget_buyer, invite
from fairground.market.reviews.actions.tally import tally_reviews, tally_scores
from fairground.market.reviews.events import ReviewChanged, ReviewWritten, ScoresGiven


def subscribers() -> list[Subscriber]:
    """List who of this room hears what."""
    return [
        Subscriber("reviews.invite", (OrderReceived,), _invite, batch=True),
        Subscriber("reviews.tally", (ReviewWritten, ReviewChanged), _tally, batch=True),
        Subscriber("reviews.tally_scores", (ScoresGiven,), _tally_scores, batch=True),
        Subscriber("reviews.forget_buyer", (PersonClosed,), _forget),
    ]


async def _invite(tx: Tx, events: list[OrderReceived]) -> None:
    await invite(tx, [event.order_id for event in events])


async def _tally(tx: Tx, events: list[ReviewWritten | ReviewChanged]) -> None:
    await tally_reviews(tx, [event.review_id for event in events])


async def _tally_scores(tx: Tx, events: list[ScoresGiven]) -> None:
    await tally_scores(tx, [(event.order_id, event.shop_id) for event in events])


async def _forget(tx: Tx, event: PersonClosed) -> None:
    await forget_buyer(tx, event.person_id)
