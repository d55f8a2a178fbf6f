"""What travels through the intake: an arrival, the same priced, and what became of it."""

from typing import Any, TypeAlias

import msgspec

from fairground.kit.errors import Trouble
from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.orders.model.quote import CheckoutRequest, Quote
from fairground.market.promotions.model import DropId


class Arrival(msgspec.Struct, frozen=True):
    """Somebody wants to check out: who, what, and the idempotency key with the fingerprint of the body."""

    person_id: PersonId
    language: str
    request: CheckoutRequest
    key: str
    print: bytes
    address: str = ""  # of the network, for the damping of bots


class PreparedCheckout(msgspec.Struct, frozen=True):
    """An arrival with its price, ready to be written; `from_cart`: its lines leave the cart."""

    arrival: Arrival
    quote: Quote
    versions: dict[Id, int]  # of the products, as they were priced
    from_cart: bool
    gateway: str
    pay_hours: int  # how long its payment stays open
    drops: dict[Id, DropId] = {}  # the variants that a drop sells
    pay_minutes: int | None = None  # with drop goods: how long its payment stays open

    @property
    def buyer_id(self) -> PersonId:
        """Who buys."""
        return self.arrival.person_id


class Placed(msgspec.Struct, frozen=True):
    """The checkout is written: the answer that is kept with its key. `replayed`: it was written before."""

    answer: dict[str, Any]
    replayed: bool = False


Outcome: TypeAlias = Placed | Trouble  # a trouble: the checkout was not written, and left nothing
Prepared: TypeAlias = PreparedCheckout | Trouble
