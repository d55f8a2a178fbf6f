"""Letters to jurors."""

from typing import Final

from fairground.kit.errors import N_
from fairground.market.notifications.model.kind import Kind

OF_JURORS: Final = (
    Kind(
        name="jurors.drawn",
        label=N_("You were drawn for a jury"),
        subject=N_("You were drawn for a jury"),
        text=N_("Two sides do not agree, and both want people like you to decide. Please judge the case by %(at)s."),
        button=N_("Read the case"),
    ),
)
