"""What happens by itself in service: clocks that run out, silence that ends things."""

from fairground.kit.deadlines import DeadlineHandler
from fairground.market.service.actions.ticket_desk import see_clocks, see_silence
from fairground.market.service.actions.ticket_moves import ANSWER, CLOSE, SOLVE


def deadline_handlers() -> list[DeadlineHandler]:
    """List what this room does when a deadline falls due."""
    return [
        DeadlineHandler(ANSWER, see_clocks),
        DeadlineHandler(SOLVE, see_clocks),
        DeadlineHandler(CLOSE, see_silence),
    ]
