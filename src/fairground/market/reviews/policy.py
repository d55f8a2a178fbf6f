"""Who may do what with reviews."""

from fairground.market.shops.model import Role


def may_answer(role: Role) -> bool:
    """Tell whether somebody in a shop answers for it."""
    return role in {Role.OWNER, Role.MANAGER, Role.CLERK}
