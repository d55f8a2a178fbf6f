"""The cookie that says who is signed in: for our own pages only, out of reach of scripts."""

from datetime import datetime
from typing import Final

from litestar.datastructures import Cookie

SESSION: Final = "fg_session"


def session_cookie(token: str, expires_at: datetime, now: datetime, *, secure: bool) -> Cookie:
    """Make the cookie of a session; it goes when the session would at the latest."""
    seconds = max(0, int((expires_at - now).total_seconds()))
    return _cookie(token, seconds, secure=secure)


def no_session(*, secure: bool) -> Cookie:
    """Make the cookie that takes the session's away."""
    return _cookie("", 0, secure=secure)


def _cookie(value: str, max_age: int, *, secure: bool) -> Cookie:
    return Cookie(key=SESSION, value=value, max_age=max_age, path="/", httponly=True, samesite="lax", secure=secure)
