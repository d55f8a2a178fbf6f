"""Letters about what shops answer and promise."""

from typing import Final

from fairground.kit.errors import N_
from fairground.market.notifications.model.kind import Kind

OF_ANSWERS: Final = (
    Kind(
        name="buyers.question_answered",
        label=N_("A shop answers a question that you left"),
        subject=N_("%(shop)s has answered your question"),
        text=N_("You asked: “%(question)s”. They say: %(answer)s"),
    ),
    Kind(
        name="buyers.price_fell",
        label=N_("A price fell that a shop had promised to hold"),
        subject=N_("%(shop)s makes good a price that fell"),
        text=N_("Something of order %(number)s costs less now. You have a voucher worth %(worth)s, without asking."),
        button=N_("See your coupons"),
    ),
)
