"""Reports in words: what was reported and where it is, why, what was done."""

from typing import Final

from fairground.kit.errors import N_
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.market.justice.model.reports import Pile, ReportOutcome, ReportWhy, Subject, SubjectKind

KINDS: Final = {
    SubjectKind.PRODUCT: N_("Listing"),
    SubjectKind.SHOP: N_("Shop"),
    SubjectKind.REVIEW: N_("Review"),
    SubjectKind.MESSAGE: N_("Conversation"),
}
WHY: Final = {
    ReportWhy.FORBIDDEN: N_("It must not be sold or said"),
    ReportWhy.MISLEADING: N_("It is not true"),
    ReportWhy.UNSAFE: N_("It is dangerous"),
    ReportWhy.OFFENSIVE: N_("It insults or threatens"),
    ReportWhy.SPAM: N_("It is advertising or the same again and again"),
    ReportWhy.OTHER: N_("Something else"),
}
DID: Final = {
    ReportOutcome.DISMISS: N_("It may stay"),
    ReportOutcome.WARN: N_("A warning"),
    ReportOutcome.HIDE: N_("Off sale until it is put right"),
    ReportOutcome.REMOVE: N_("Taken away"),
}


def subject_of(about: str) -> Subject | None:
    """Read what is reported from an address: `product-123`."""
    kind, _, number = about.partition("-")
    found = Id.parse(number)
    return None if found is None or kind not in set(SubjectKind) else Subject(SubjectKind(kind), found)


def href_of(pile: Pile) -> str | None:
    """Tell where what was reported can be looked at by the desk."""
    if pile.subject.kind is SubjectKind.PRODUCT:
        return f"/desk/products/{pile.subject.id}"
    return f"/desk/shops/{pile.subject.id}" if pile.subject.kind is SubjectKind.SHOP else None


def state_of(pile: Pile) -> tuple[str, str]:
    """Say where a report stands: kind of the badge, words."""
    if pile.outcome is None:
        return "mind", gettext("We look at it")
    return ("" if pile.outcome is ReportOutcome.DISMISS else "ok"), gettext(DID[pile.outcome])
