"""What is personal in the head of a page, so that the page around it may be the same for everybody."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database, Reader
from fairground.kit.http.caller import Caller
from fairground.kit.http.guest import guest_of
from fairground.kit.ids import Id
from fairground.kit.seal import Keyring
from fairground.market.accounts.model import PersonId
from fairground.market.cart.model import CartOwner, GuestId
from fairground.market.cart.queries import count_lines, which_hearts
from fairground.market.notifications.queries import count_unread
from fairground.market.service.model.chat import InboxId
from fairground.market.service.policy import may_chat
from fairground.market.service.queries.chat import count_unread as count_unread_messages
from fairground.market.service.queries.inbox import count_unread_threads
from fairground.market.shops.model import Membership
from fairground.market.shops.queries import list_memberships
from fairground.web.render import Signed, part

HEARTS: Final = 150  # that one page may ask about


class Strip(msgspec.Struct, frozen=True):
    """Who is here, and what waits for them."""

    person: Signed | None
    csrf: str
    cart_count: int = 0
    unread: int = 0
    messages: int = 0  # of conversations, for the person
    shop_messages: int = 0  # conversations in which a buyer waits, in all shops of the person
    has_shop: bool = False
    hearts: str = ""  # of those that the page asked about, the ids that are on


@get("/strip", include_in_schema=False)
async def show_strip(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    keyring: NamedDependency[Keyring],
) -> Response[bytes]:
    """Answer the strip."""
    guest = guest_of(request, keyring, db.clock.now())
    asked = _asked(request)
    strip = await db.read(lambda reader: _look(reader, caller, None if guest is None else GuestId(guest), asked))
    return part(request, "_layout/_strip.html", strip=strip)


def _asked(request: Request[Any, Any, Any]) -> list[Id]:
    """Read which hearts stand on the page; what is no id is left out."""
    words = str(request.query_params.get("hearts", "")).split()[:HEARTS]
    return [found for word in words if (found := Id.parse(word)) is not None]


async def _look(reader: Reader, caller: Caller, guest: GuestId | None, asked: list[Id]) -> Strip:
    if caller.person_id is None:
        count = 0 if guest is None else await count_lines(reader, CartOwner(guest))
        return Strip(None, "", count)
    person_id = PersonId(caller.person_id)
    shops = await list_memberships(reader, person_id)
    return Strip(
        Signed(caller.name, caller.is_staff),
        caller.csrf,
        await count_lines(reader, CartOwner(person_id)),
        await count_unread(reader, person_id),
        await count_unread_messages(reader, person_id),
        await _count_waiting(reader, shops),
        bool(shops),
        " ".join(str(i) for i in await which_hearts(reader, person_id, asked)) if asked else "",
    )


async def _count_waiting(reader: Reader, shops: list[Membership]) -> int:
    inboxes = [InboxId(shop.shop_id) for shop in shops if shop.joined_at is not None and may_chat(shop.role)]
    return sum((await count_unread_threads(reader, inboxes)).values()) if inboxes else 0


HANDLERS: Final[list[ControllerRouterHandler]] = [show_strip]
