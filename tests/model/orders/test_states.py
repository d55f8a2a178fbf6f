"""The state machine is data, and says what the rules of the market say."""

from fairground.market.orders.model import OrderState, may_move

ALLOWED = {
    ("placed", "paid"),
    ("paid", "shipped"),
    ("shipped", "received"),
    ("placed", "closed"),
    ("paid", "closed"),
    ("shipped", "closed"),
}


def test_only_the_ways_of_the_market_are_open() -> None:
    ways = {(str(a), str(b)) for a in OrderState for b in OrderState if may_move(a, b)}
    assert ways == ALLOWED
