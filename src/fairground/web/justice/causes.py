"""What went wrong most often, and what the market decided about it: for everybody."""

from typing import Any, Final

import msgspec
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database
from fairground.kit.errors import N_
from fairground.kit.i18n.words import gettext, language
from fairground.market.justice.model.causes import Cause, CauseDecision
from fairground.market.justice.queries.causes import list_top_causes
from fairground.web.render import page

DECISIONS: Final = {
    CauseDecision.RULE: ("ok", N_("A rule")),
    CauseDecision.CHANGE: ("ok", N_("A change of the market")),
    CauseDecision.NONE: ("", N_("None, because")),
}


class CauseView(msgspec.Struct, frozen=True):
    """One cause in the reader's language."""

    title: str
    count: int
    decision: tuple[str, str] | None
    words: str
    link: str
    cause: Cause


def cause_view(cause: Cause) -> CauseView:
    """Tell a cause in the reader's language."""
    decision = None
    if cause.decision is not None:
        kind, words = DECISIONS[cause.decision]
        decision = (kind, gettext(words))
    return CauseView(cause.title_in(language()), cause.count, decision, cause.words_in(language()), cause.link, cause)


@get("/justice/causes", include_in_schema=False)
async def show_causes(request: Request[Any, Any, Any], db: NamedDependency[Database]) -> Response[bytes]:
    """Show the top causes with their decisions."""
    view = [cause_view(cause) for cause in await db.read(list_top_causes)]
    title = gettext("What went wrong, and what we changed")
    return page(request, "justice/causes.html", title=title, public=True, address="/justice/causes", view=view)


HANDLERS: Final[list[ControllerRouterHandler]] = [show_causes]
