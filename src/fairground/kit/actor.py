"""Who does a deed: a person, or a part of the market itself."""

from typing import Final

import msgspec

from fairground.kit.ids import Id


class Actor(msgspec.Struct, frozen=True):
    """One actor of one transaction. `person_id` is None for guests and for the market itself."""

    person_id: Id | None
    name: str  # "person", "guest", or "system:<part>"; never a person's name
    is_staff: bool = False


GUEST: Final = Actor(None, "guest")


def system(part: str) -> Actor:
    """Give the actor for a part of the market that acts by itself (`system("deadlines")`)."""
    return Actor(None, f"system:{part}")


def person(person_id: Id, *, is_staff: bool = False) -> Actor:
    """Give the actor for a signed-in person."""
    return Actor(person_id, "person", is_staff)
