"""The justice hall: how the market decides between people, and where to read on."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database
from fairground.kit.i18n.words import gettext
from fairground.market.justice.model.disputes import DisputeRules
from fairground.market.justice.model.jury import JuryRules
from fairground.web.render import page


class Room(msgspec.Struct, frozen=True):
    """A door of the hall."""

    href: str
    icon: str
    title: str
    text: str


class HallView(msgspec.Struct, frozen=True):
    """The hall: its doors, and the numbers that bind everybody."""

    rooms: list[Room]
    disputes: DisputeRules
    jury: JuryRules


def rooms() -> list[Room]:
    """List the doors of the hall."""
    return [
        Room(
            "/justice/rules",
            "book-open",
            gettext("The rules of the fair"),
            gettext("And the drafts that people vote on."),
        ),
        Room("/justice/jury", "users", gettext("The jury"), gettext("Practise, and decide where both sides want it.")),
        Room(
            "/justice/precedents", "scale", gettext("How it was decided before"), gettext("Every case, without names.")
        ),
        Room("/justice/disputes", "gavel", gettext("My disputes"), gettext("Say your part, read the ruling, appeal.")),
    ]


@get("/justice", include_in_schema=False)
async def show_hall(request: Request[Any, Any, Any], db: NamedDependency[Database]) -> Response[bytes]:
    """Show how the market decides between people."""
    view = HallView(rooms(), db.given(DisputeRules), db.given(JuryRules))
    return page(request, "justice/hall.html", title=gettext("Justice hall"), public=True, address="/justice", view=view)


HANDLERS: Final[list[ControllerRouterHandler]] = [show_hall]
