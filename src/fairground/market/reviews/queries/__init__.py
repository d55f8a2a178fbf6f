"""Reads of reviews, of what they add up to, and of how shops and buyers stand."""

from fairground.market.reviews.queries.own import export_reviews as export_reviews
from fairground.market.reviews.queries.own import list_reviews_of_buyer as list_reviews_of_buyer
from fairground.market.reviews.queries.proof import audit_reputations as audit_reputations
from fairground.market.reviews.queries.proof import audit_reviews as audit_reviews
from fairground.market.reviews.queries.reviews import count_unanswered as count_unanswered
from fairground.market.reviews.queries.reviews import find_scores as find_scores
from fairground.market.reviews.queries.reviews import get_glance as get_glance
from fairground.market.reviews.queries.reviews import get_review as get_review
from fairground.market.reviews.queries.reviews import get_spread as get_spread
from fairground.market.reviews.queries.reviews import list_reviewed_lines as list_reviewed_lines
from fairground.market.reviews.queries.reviews import list_reviews as list_reviews
from fairground.market.reviews.queries.reviews import list_reviews_of_order as list_reviews_of_order
from fairground.market.reviews.queries.reviews import list_reviews_of_shop as list_reviews_of_shop
from fairground.market.reviews.queries.reviews import market_day as market_day
from fairground.market.reviews.queries.reviews import review_from as review_from
from fairground.market.reviews.queries.reviews import spread_from as spread_from
from fairground.market.reviews.queries.reviews import what_to_review as what_to_review
from fairground.market.reviews.queries.standing import find_day_of_showing as find_day_of_showing
from fairground.market.reviews.queries.standing import find_rating as find_rating
from fairground.market.reviews.queries.standing import get_standing as get_standing
from fairground.market.reviews.queries.standing import get_standing_with_history as get_standing_with_history
from fairground.market.reviews.queries.standing import list_ratings_of as list_ratings_of
from fairground.market.reviews.queries.standing import list_to_rate as list_to_rate
from fairground.market.reviews.queries.standing import map_standings as map_standings
from fairground.market.reviews.queries.standing import rating_from as rating_from
