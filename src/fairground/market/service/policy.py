"""Who may do what with chat and tickets."""

from fairground.market.shops.model import Role


def may_chat(role: Role) -> bool:
    """Tell whether somebody in a shop answers buyers."""
    return role in {Role.OWNER, Role.MANAGER, Role.CLERK}
