"""Who of the staff may do what."""

from fairground.market.accounts.model import StaffRole

_RANK = {StaffRole.CLERK: 1, StaffRole.SUPERVISOR: 2, StaffRole.OPERATOR: 3}


def is_staff(role: StaffRole | None) -> bool:
    """Tell whether somebody works for the market."""
    return role is not None


def at_least(role: StaffRole | None, needed: StaffRole) -> bool:
    """Tell whether a role may all that another may."""
    return role is not None and _RANK[role] >= _RANK[needed]


def may_suspend(role: StaffRole | None) -> bool:
    """Tell whether somebody may keep a person out and let them in again."""
    return at_least(role, StaffRole.SUPERVISOR)


def may_grant_staff(role: StaffRole | None) -> bool:
    """Tell whether somebody may say who works for the market."""
    return at_least(role, StaffRole.OPERATOR)
