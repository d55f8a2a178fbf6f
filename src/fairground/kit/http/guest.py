"""The cookie by which a guest is known again: a signed id and nothing else."""

from datetime import datetime, timedelta
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from fairground.kit.ids import Id
from fairground.kit.seal import Keyring, TokenExpired, TokenInvalid

GUEST: Final = "fg_guest"
PURPOSE: Final = "guest"


def guest_of(connection: ASGIConnection[Any, Any, Any, Any], keyring: Keyring, now: datetime) -> Id | None:
    """Give the id of a guest we know; None for a new one, and for a cookie that is not ours."""
    token = connection.cookies.get(GUEST)
    if not token:
        return None
    try:
        return Id.parse(keyring.verify(PURPOSE, token, now))
    except (TokenInvalid, TokenExpired):
        return None


def guest_cookie(guest_id: Id, keyring: Keyring, now: datetime, *, days: int, secure: bool) -> Cookie:
    """Make the cookie of a guest, good for so many days."""
    length = timedelta(days=days)
    token = keyring.sign(PURPOSE, str(int(guest_id)), now + length)
    return _cookie(token, int(length.total_seconds()), secure=secure)


def no_guest(*, secure: bool) -> Cookie:
    """Make the cookie that takes the guest's away: somebody signed in."""
    return _cookie("", 0, secure=secure)


def _cookie(value: str, max_age: int, *, secure: bool) -> Cookie:
    return Cookie(key=GUEST, value=value, max_age=max_age, path="/", httponly=True, samesite="lax", secure=secure)
