"""Whose cart a request means: the person's, or that of the guest whom the cookie names."""

from typing import Any

import msgspec
from litestar import Request, Response

from fairground.kit.db import Database, Tx
from fairground.kit.http.caller import Caller
from fairground.kit.http.guest import guest_cookie, guest_of, no_guest
from fairground.kit.seal import Keyring
from fairground.market.accounts.model import PersonId
from fairground.market.cart.actions import merge_carts, new_guest
from fairground.market.cart.model import CartOwner, CartRules, CartView, GuestId
from fairground.market.cart.view import look_at_cart
from fairground.web.render import pages_of

NOBODY = CartOwner(GuestId(0))  # a guest who never put anything in: an empty cart without a row


class Visit(msgspec.Struct, frozen=True):
    """One request to a cart. `owner` None: a guest without a cookie."""

    request: Request[Any, Any, Any]
    caller: Caller
    db: Database
    keyring: Keyring
    owner: CartOwner | None
    came_home: bool  # a guest's cookie of somebody who has signed in is to go

    def owner_for(self, tx: Tx) -> CartOwner:
        """Give the owner for a deed; a new guest is made."""
        return self.owner or new_guest(tx)

    async def look(self, owner: CartOwner | None = None) -> CartView:
        """See the cart as it stands."""
        return await self.db.read(lambda reader: look_at_cart(reader, owner or self.owner or NOBODY))

    def sign(self, answer: Response[bytes], owner: CartOwner | None = None) -> Response[bytes]:
        """Give the answer the guest's cookie: a fresh one after a deed, none for people."""
        secure = pages_of(self.request).secure_cookies
        if self.came_home:
            answer.set_cookie(no_guest(secure=secure))
        elif owner is not None and owner.is_guest:
            days = self.db.given(CartRules).guest_days
            answer.set_cookie(guest_cookie(owner.id, self.keyring, self.db.clock.now(), days=days, secure=secure))
        return answer


async def visit_cart(request: Request[Any, Any, Any], caller: Caller, db: Database, keyring: Keyring) -> Visit:
    """Find whose cart is meant; what a guest put in moves into the cart of the person the guest became."""
    guest = guest_of(request, keyring, db.clock.now())
    if caller.person_id is None:
        owner = None if guest is None else CartOwner(GuestId(guest))
        return Visit(request, caller, db, keyring, owner, came_home=False)
    person = CartOwner(PersonId(caller.person_id))
    if guest is not None:
        await db.write(caller.actor, lambda tx: merge_carts(tx, CartOwner(GuestId(guest)), person))
    return Visit(request, caller, db, keyring, person, came_home=guest is not None)
