"""What all pages of the desk share: who may enter, the rooms at the side, the log of look-ups."""

from typing import Any, Final

import msgspec
from litestar import Request, Response

from fairground.kit.db import Database, Reader
from fairground.kit.http.caller import Caller
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.catalog.queries.lists import measure_in_review
from fairground.market.shops.queries import measure_applications
from fairground.web.render import Section, page

AnyRequest = Request[Any, Any, Any]
SENIOR: Final = ("supervisor", "operator")
OPERATOR: Final = ("operator",)


class Queues(msgspec.Struct, frozen=True):
    """How much waits in the rooms of the desk; 0 also where a page did not ask."""

    shops: int = 0
    products: int = 0
    money: int = 0
    health: int = 0


async def count_queues(reader: Reader) -> Queues:
    """Count what every page shows at its side; two queries."""
    shops, _ = await measure_applications(reader)
    products, _ = await measure_in_review(reader)
    return Queues(shops, products)


def desk_sections(queues: Queues) -> list[Section]:
    """List the rooms of the desk."""
    return [
        ("/desk", "house", gettext("Today"), 0),
        ("/desk/shops", "store", gettext("Shops"), queues.shops),
        ("/desk/products", "tag", gettext("Products"), queues.products),
        ("/desk/reviews", "star", gettext("Odd reviews"), 0),
        ("/desk/orders", "package", gettext("Orders"), 0),
        ("/desk/tickets", "life-buoy", gettext("Tickets"), 0),
        ("/desk/cases", "undo-2", gettext("After-sale"), 0),
        ("/desk/money", "wallet", gettext("Money"), queues.money),
        ("/desk/people", "users", gettext("People"), 0),
        ("/desk/complaints", "shield", gettext("Complaints"), 0),
        ("/desk/reports", "flag", gettext("Reports"), 0),
        ("/desk/causes", "git-branch", gettext("Causes"), 0),
        ("/desk/disputes", "gavel", gettext("Disputes"), 0),
        ("/desk/precedents", "scale", gettext("Precedents"), 0),
        ("/desk/rules", "book-open", gettext("Rules"), 0),
        ("/desk/timers", "clock", gettext("Clockwork"), queues.health),
        ("/desk/audit", "scale", gettext("Audit"), 0),
        ("/desk/log", "history", gettext("Log"), 0),
        ("/desk/patterns", "layout-grid", gettext("Patterns"), 0),
    ]


def desk_page(
    request: AnyRequest, template: str, *, title: str, queues: Queues | None = None, status: int = 200, **views: Any
) -> Response[bytes]:
    """Answer with a page of the desk."""
    sections = desk_sections(queues or Queues())
    return page(request, f"desk/{template}.html", title=title, sections=sections, status=status, **views)


async def note_look(db: Database, caller: Caller, deed: str, about: Id | None, words: str = "") -> None:
    """Log that somebody of the staff looks at a person's data; before it is shown."""
    await db.write(caller.actor, lambda tx: log_deed(tx, deed, about, words))
