"""Stock, its moves, and claims upon it."""

from datetime import datetime
from enum import StrEnum
from typing import TypeAlias

import msgspec

from fairground.kit.ids import Id

# One claim's pieces of one variant: the key of a reservation. The variant's id names the bucket.
Hold: TypeAlias = tuple[Id, Id]


class InventoryRules(msgspec.Struct, frozen=True):
    """Numbers of the market about stock."""

    low_stock: int = 5  # pieces; at or below, the seller is told
    most_on_hand: int = 10_000_000  # pieces of one variant


class MoveReason(StrEnum):
    """Why stock moved."""

    OPENED = "opened"
    COUNTED = "counted"
    UNCOUNTED = "uncounted"
    TAKEN = "taken"
    RETURNED = "returned"


class ReservationState(StrEnum):
    """What became of the pieces taken for a claim."""

    HELD = "held"
    SOLD = "sold"
    RETURNED = "returned"


class Claim(msgspec.Struct, frozen=True):
    """Somebody wants pieces: all of the lines `(variant_id, quantity)`, or none."""

    claim_id: Id
    lines: tuple[tuple[Id, int], ...]


class Missing(msgspec.Struct, frozen=True):
    """A variant that did not suffice: how many were wanted, and how many were left for this claim."""

    variant_id: Id
    wanted: int
    left: int


class Taken(msgspec.Struct, frozen=True):
    """The claim got all its pieces."""

    claim_id: Id


class Refused(msgspec.Struct, frozen=True):
    """The claim got nothing; `missing` names every variant that ran out."""

    claim_id: Id
    missing: tuple[Missing, ...]


Allotted: TypeAlias = Taken | Refused


class Stock(msgspec.Struct, frozen=True):
    """What is free to be sold of a variant; `on_hand` is None where the shop does not count."""

    variant_id: Id
    owner_id: Id
    on_hand: int | None
    version: int
    changed_at: datetime


class Move(msgspec.Struct, frozen=True):
    """One change of stock and the balance after it; `claim_id` where a claim took or gave back."""

    variant_id: Id
    number: int
    quantity: int
    balance: int
    reason: MoveReason
    claim_id: Id | None
    actor: str
    actor_id: Id | None
    at: datetime


class Reservation(msgspec.Struct, frozen=True):
    """Pieces taken out of stock for a claim."""

    claim_id: Id
    variant_id: Id
    quantity: int
    state: ReservationState
    taken_at: datetime


class StockFault(msgspec.Struct, frozen=True):
    """A broken promise found by the audit."""

    variant_id: Id
    what: str
    expected: int
    found: int
