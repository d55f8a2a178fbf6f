"""Who may do what in a shop."""

from collections.abc import Callable
from typing import TypeAlias

from fairground.market.shops.model import Role

May: TypeAlias = Callable[[Role], bool]


def may_enter(role: Role) -> bool:
    """Everybody who works there sees the shop's rooms."""
    return role in Role


def may_manage_goods(role: Role) -> bool:
    """Products, prices, stock, promotions."""
    return role in {Role.OWNER, Role.MANAGER}


def may_count_stock(role: Role) -> bool:
    """Who packs also counts."""
    return role in {Role.OWNER, Role.MANAGER, Role.CLERK}


def may_ship(role: Role) -> bool:
    """See orders, pack them and send them off."""
    return role in {Role.OWNER, Role.MANAGER, Role.CLERK}


def may_see_money(role: Role) -> bool:
    """Balance, statements, refunds."""
    return role in {Role.OWNER, Role.ACCOUNTANT}


def may_move_money(role: Role) -> bool:
    """Payouts and where they go."""
    return role is Role.OWNER


def may_manage_staff(role: Role) -> bool:
    """Invite, change roles, let go."""
    return role is Role.OWNER


def may_change_shop(role: Role) -> bool:
    """The shop's face, return address and holidays."""
    return role in {Role.OWNER, Role.MANAGER}


def may_close_shop(role: Role) -> bool:
    """Close it for good, apply for the mall badge."""
    return role is Role.OWNER
