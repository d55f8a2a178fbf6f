"""Letters about disputes, the same to both sides."""

from typing import Final

from fairground.kit.errors import N_
from fairground.market.notifications.model.kind import Kind

_LABEL: Final = N_("News of your disputes")
_READ: Final = N_("Read and answer")

OF_DISPUTES: Final = (
    Kind(
        name="disputes.opened",
        label=_LABEL,
        subject=N_("Order %(number)s is before the market: please say your part"),
        text=N_("Both sides may say what happened and show pictures until %(at)s. Then somebody decides."),
        button=_READ,
    ),
    Kind(
        name="disputes.round",
        label=_LABEL,
        subject=N_("The dispute about order %(number)s: you may answer once more"),
        text=N_("Until %(at)s both sides may answer what the other has said."),
        button=_READ,
    ),
    Kind(
        name="disputes.decided",
        label=_LABEL,
        subject=N_("The dispute about order %(number)s was decided"),
        text=N_("%(refund)s goes back to the buyer. Whoever is not content may appeal once, until %(at)s."),
        button=N_("Read the reasons"),
    ),
    Kind(
        name="disputes.appealed",
        label=_LABEL,
        subject=N_("The ruling about order %(number)s is looked at again"),
        text=N_("One side has appealed. Somebody else decides, and that is the last word."),
    ),
    Kind(
        name="disputes.ended",
        label=_LABEL,
        subject=N_("The dispute about order %(number)s is over"),
        text=N_("%(refund)s goes back to the buyer by it. The reasons stand there."),
    ),
)
