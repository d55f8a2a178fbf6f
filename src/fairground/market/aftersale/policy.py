"""Who may do what with a case."""

from fairground.kit.ids import Id
from fairground.market.aftersale.model import Case
from fairground.market.shops.model import Role


def is_buyer(person_id: Id | None, case: Case) -> bool:
    """Tell whether this is the buyer."""
    return person_id is not None and person_id == case.buyer_id


def may_answer_cases(role: Role) -> bool:
    """Answer for a shop: who keeps the shop, and who packs and unpacks."""
    return role in {Role.OWNER, Role.MANAGER, Role.CLERK}


def may_see_cases(role: Role) -> bool:
    """See a shop's cases: all who work there, for they cost money too."""
    return role in Role
