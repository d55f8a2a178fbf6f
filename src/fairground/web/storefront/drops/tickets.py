"""People's tickets for waiting rooms, in their browsers: a cookie for each drop, signed, good for its person only."""

from datetime import datetime, timedelta
from typing import Any, Final

from litestar import Request, Response
from litestar.datastructures import Cookie

from fairground.kit.ids import Id
from fairground.kit.seal import Keyring
from fairground.market.promotions.errors import TicketInvalid
from fairground.market.promotions.model import Drop, DropId, Ticket
from fairground.market.promotions.turns import KEPT, read_ticket
from fairground.web.render import pages_of

COOKIE: Final = "fg_drop_"
MOST: Final = 20


def ticket_for(
    request: Request[Any, Any, Any], keyring: Keyring, drop_id: DropId, person_id: Id, now: datetime
) -> Ticket | None:
    """Find somebody's ticket for a drop; one that is somebody else's or no good counts as none."""
    text = request.cookies.get(f"{COOKIE}{int(drop_id)}")
    if not text:
        return None
    try:
        ticket = read_ticket(keyring, text, drop_id, now)
    except TicketInvalid:
        return None
    return ticket if ticket.person_id == person_id else None


def tickets_of(request: Request[Any, Any, Any], keyring: Keyring, person_id: Id, now: datetime) -> dict[str, str]:
    """Map the drops that somebody has a ticket for to the tickets, for a checkout."""
    names = [name for name in request.cookies if name.startswith(COOKIE)][:MOST]
    found = {}
    for name in names:
        drop_id = DropId.parse(name.removeprefix(COOKIE))
        if drop_id is not None and ticket_for(request, keyring, drop_id, person_id, now) is not None:
            found[str(int(drop_id))] = request.cookies[name]
    return found


def keep_ticket(request: Request[Any, Any, Any], answer: Response[bytes], drop: Drop, text: str, now: datetime) -> None:
    """Let the browser keep a ticket until nobody asks for it any more."""
    left: timedelta = drop.ends_at + KEPT - now
    answer.set_cookie(
        Cookie(
            key=f"{COOKIE}{int(drop.id)}",
            value=text,
            max_age=max(0, int(left.total_seconds())),
            path="/",
            httponly=True,
            samesite="lax",
            secure=pages_of(request).secure_cookies,
        )
    )
