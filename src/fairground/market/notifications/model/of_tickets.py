"""Letters about what somebody asked the market's people."""

from typing import Final

from fairground.kit.errors import N_
from fairground.market.notifications.model.kind import Kind

OF_TICKETS: Final = (
    Kind(
        name="tickets.answered",
        label=N_("We answer your ticket"),
        subject=N_("We have answered: %(subject)s"),
        text=N_("Have a look, and write back if something is still open."),
        button=N_("Read the answer"),
    ),
    Kind(
        name="tickets.solved",
        label=N_("Your ticket is solved"),
        subject=N_("Solved, we think: %(subject)s"),
        text=N_("Have a look. How was our help? One press on a face tells us; if something is still open, write back."),
        button=N_("Give a face"),
    ),
)
