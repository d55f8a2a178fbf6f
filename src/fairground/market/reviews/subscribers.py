"""What reviews hear: that an order was received, that somebody left; and their own news, to add them up."""

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.accounts.events import PersonClosed
from fairground.market.orders.events import OrderReceived
from fairground.market.orders.model import OrderId
from fairground.market.reviews.actions.asking import ask_people, forget_asker
from fairground.market.reviews.actions.climbing import climb_buyers, climb_shops
from fairground.market.reviews.actions.inviting import forget_buyer, invite
from fairground.market.reviews.actions.scores import take_scores, tally_scores
from fairground.market.reviews.actions.tally import tally_reviews
from fairground.market.reviews.events import (
    BuyerRatingShown,
    QuestionAsked,
    ReviewChanged,
    ReviewShown,
    ReviewTakenAway,
    ScoresGiven,
)

_Moved = ReviewShown | ReviewChanged | ReviewTakenAway


def subscribers() -> list[Subscriber]:
    """List who of this room hears what."""
    return [
        Subscriber("reviews.invite", (OrderReceived,), _invite, batch=True),
        Subscriber("reviews.tally", (ReviewShown, ReviewChanged, ReviewTakenAway), _tally, batch=True),
        Subscriber("reviews.climb_shops", (ReviewShown, ReviewChanged, ReviewTakenAway), _climb_shops, batch=True),
        Subscriber("reviews.climb_buyers", (BuyerRatingShown,), _climb_buyers, batch=True),
        Subscriber("reviews.tally_scores", (ScoresGiven,), _tally_scores, batch=True),
        Subscriber("reviews.take_scores", (ReviewTakenAway,), _take_scores, batch=True),
        Subscriber("reviews.ask_people", (QuestionAsked,), _ask_people),
        Subscriber("reviews.forget_buyer", (PersonClosed,), _forget),
    ]


async def _invite(tx: Tx, events: list[OrderReceived]) -> None:
    await invite(tx, [event.order_id for event in events])


async def _tally(tx: Tx, events: list[_Moved]) -> None:
    await tally_reviews(tx, [event.review_id for event in events])


async def _climb_shops(tx: Tx, events: list[_Moved]) -> None:
    await climb_shops(tx, [event.review_id for event in events])


async def _climb_buyers(tx: Tx, events: list[BuyerRatingShown]) -> None:
    await climb_buyers(tx, [OrderId(event.order_id) for event in events])


async def _take_scores(tx: Tx, events: list[ReviewTakenAway]) -> None:
    await take_scores(tx, [(event.order_id, event.shop_id) for event in events])


async def _tally_scores(tx: Tx, events: list[ScoresGiven]) -> None:
    await tally_scores(tx, [(event.order_id, event.shop_id) for event in events])


async def _ask_people(tx: Tx, event: QuestionAsked) -> None:
    await ask_people(tx, event.question_id)


async def _forget(tx: Tx, event: PersonClosed) -> None:
    await forget_buyer(tx, event.person_id)
    await forget_asker(tx, event.person_id)
