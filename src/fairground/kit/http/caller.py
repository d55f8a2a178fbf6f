"""Who calls: made once for each request by the app, before any handler runs."""

from typing import Any

import msgspec
from litestar.connection import ASGIConnection

from fairground.kit.actor import GUEST, Actor, person
from fairground.kit.errors import NotAllowed, NotFound, NotSignedIn
from fairground.kit.i18n.words import Language
from fairground.kit.ids import AnyId, Id


class Caller(msgspec.Struct, frozen=True):
    """The one who asks: a signed-in person or a guest, with language and network address."""

    language: Language = "en"
    address: str = ""  # of the network, as far as trusted proxies tell it
    person_id: Id | None = None
    session_id: Id | None = None
    name: str = ""
    staff_role: str | None = None
    is_verified: bool = False
    by_token: bool = False  # signed in by `Authorization: Bearer`, so no cookie can be abused
    csrf: str = ""  # the token that forms of this session carry; empty for guests
    agent: str = ""  # the browser's own words, cut

    @property
    def is_staff(self) -> bool:
        """Tell whether this is service staff or the operator."""
        return self.staff_role is not None

    @property
    def actor(self) -> Actor:
        """The actor for this caller's transactions."""
        return GUEST if self.person_id is None else person(self.person_id, is_staff=self.is_staff)

    def need_person(self) -> Id:
        """Give the person's id.

        Raises:
            NotSignedIn: a guest calls.
        """
        if self.person_id is None:
            raise NotSignedIn
        return self.person_id

    def need_staff(self, *roles: str) -> Id:
        """Give the id of a member of staff, of one of the roles where some are named.

        Raises:
            NotSignedIn: a guest calls.
            NotFound: not staff: the desk does not exist for them.
            NotAllowed: staff, but without such a role.
        """
        person_id = self.need_person()
        if self.staff_role is None:
            raise NotFound
        if roles and self.staff_role not in roles:
            raise NotAllowed
        return person_id


def caller_of(connection: ASGIConnection[Any, Any, Any, Any]) -> Caller:
    """Give the caller of a request (also the provider of the dependency `caller`)."""
    caller: Caller = connection.scope["state"].get("caller") or Caller()
    return caller


def an_id(kind: type[AnyId], text: str) -> AnyId:
    """Read an id from an address.

    Raises:
        NotFound: it cannot be one.
    """
    found = kind.parse(text)
    if found is None:
        raise NotFound
    return found
