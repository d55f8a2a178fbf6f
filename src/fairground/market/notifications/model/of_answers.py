"""Letters about questions that were left with a shop."""

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
)
