"""Letters about reports: thanks to who reported, words to whom it concerns."""

from typing import Final

from fairground.kit.errors import N_
from fairground.market.notifications.model.kind import Kind

_REPORTER: Final = N_("What came of your report")
_MADE: Final = N_("Something of yours was reported")

OF_REPORTS: Final = (
    Kind(
        name="reports.acted",
        label=_REPORTER,
        subject=N_("Thank you: we have acted on “%(title)s”"),
        text=N_("You told us that something was wrong, and you were right. %(reason)s"),
        by_mail=False,
    ),
    Kind(
        name="reports.dismissed",
        label=_REPORTER,
        subject=N_("We looked at “%(title)s”, and it may stay"),
        text=N_("Thank you for telling us all the same; please do it again when something seems wrong. %(reason)s"),
        by_mail=False,
    ),
    Kind(
        name="reports.warned",
        label=_MADE,
        subject=N_("Please have a look at “%(title)s”"),
        text=N_("People reported it, and we think they have a point. Nothing else changes for now. %(reason)s"),
    ),
    Kind(
        name="reports.hidden",
        label=_MADE,
        subject=N_("“%(title)s” is off sale until it is put right"),
        text=N_("Please change it, then put it on sale again. Why: %(reason)s"),
    ),
    Kind(
        name="reports.removed",
        label=_MADE,
        subject=N_("“%(title)s” was taken away"),
        text=N_("If you think that we are wrong, ask our people. Why: %(reason)s"),
    ),
)
