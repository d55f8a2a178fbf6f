"""What reviews announce: ids and stars, never words or names."""

from fairground.kit.events import Event
from fairground.kit.ids import Id
from fairground.market.reviews.model import QuestionId, ReviewId


class _OfReview(Event, frozen=True, kw_only=True):
    review_id: ReviewId
    shop_id: Id
    product_id: Id
    order_id: Id
    buyer_id: Id

    @property
    def subject(self) -> ReviewId:
        """The review."""
        return self.review_id


class ReviewWritten(_OfReview, frozen=True, kw_only=True):
    """A buyer has reviewed a line of a received order; hidden until the other side wrote too, or the window ends."""

    stars: int


class ReviewShown(_OfReview, frozen=True, kw_only=True):
    """Everybody may read a review from now on."""

    stars: int


class ReviewTakenAway(_OfReview, frozen=True, kw_only=True):
    """The desk has taken a review away; a note stands in its place."""


class ReviewChanged(_OfReview, frozen=True, kw_only=True):
    """A buyer has changed their mind."""

    stars: int


class ReviewFollowedUp(_OfReview, frozen=True, kw_only=True):
    """A buyer has added something after a while."""


class ReviewAnswered(_OfReview, frozen=True, kw_only=True):
    """The shop has answered."""


class ScoresGiven(Event, frozen=True, kw_only=True):
    """The three scores that a buyer gave a shop with an order may be seen, and count."""

    order_id: Id
    shop_id: Id

    @property
    def subject(self) -> Id:
        """The shop."""
        return self.shop_id


class BuyerRatingShown(Event, frozen=True, kw_only=True):
    """What a shop says of the buyer of an order may be seen, and counts."""

    order_id: Id
    shop_id: Id
    buyer_id: Id

    @property
    def subject(self) -> Id:
        """The buyer."""
        return self.buyer_id


class QuestionAsked(Event, frozen=True, kw_only=True):
    """Somebody asks about a product."""

    question_id: QuestionId
    product_id: Id
    shop_id: Id
    asker_id: Id

    @property
    def subject(self) -> QuestionId:
        """The question."""
        return self.question_id


class PersonAsked(Event, frozen=True, kw_only=True):
    """Somebody who has the thing was drawn to answer."""

    question_id: QuestionId
    product_id: Id
    person_id: Id

    @property
    def subject(self) -> Id:
        """Who is asked."""
        return self.person_id


class QuestionAnswered(Event, frozen=True, kw_only=True):
    """The shop, or somebody who has the thing, has answered."""

    question_id: QuestionId
    product_id: Id
    shop_id: Id
    asker_id: Id
    by_shop: bool

    @property
    def subject(self) -> QuestionId:
        """The question."""
        return self.question_id


class ProductRated(Event, frozen=True, kw_only=True):
    """What the reviews of a product add up to has changed."""

    product_id: Id
    rating_sum: int
    rating_count: int

    @property
    def subject(self) -> Id:
        """The product."""
        return self.product_id
