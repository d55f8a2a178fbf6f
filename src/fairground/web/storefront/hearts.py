"""The hearts: keep a product, follow a shop, let go again. One form of the page carries them all."""

from typing import Any, Final
from urllib.parse import quote

import msgspec
from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database, Tx
from fairground.kit.errors import Conflict, NotFound
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_form
from fairground.kit.i18n.words import gettext, say
from fairground.market.accounts.model import PersonId
from fairground.market.cart.actions import follow_shop, keep_product, let_go_product, unfollow_shop
from fairground.market.catalog.model import ProductId
from fairground.market.shops.model import ShopId
from fairground.web.render import go, wants_part
from fairground.web.whence import came_from


class HeartForm(msgspec.Struct):
    """The heart that was pressed: the id of a product or of a shop, under the name of the deed."""

    keep: str = ""
    drop: str = ""
    follow: str = ""
    unfollow: str = ""


@post("/saved", include_in_schema=False)
async def press(
    request: Request[Any, Any, Any], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Do what the pressed heart says, and go on where the reader was."""
    back, form = came_from(request), await read_form(request, HeartForm)
    if caller.person_id is None:
        words = gettext("Please sign in first: hearts are kept with your account.")
        return go(request, f"/sign-in?next={quote(back)}", say=words, kind="mind")
    person_id = PersonId(caller.person_id)
    try:
        words = await db.write(caller.actor, lambda tx: _deed(tx, person_id, form))
    except Conflict as trouble:
        if wants_part(request):
            raise
        return go(request, back, say=say(trouble.message, trouble.params), kind="mind")
    if wants_part(request):
        return Response(b"", status_code=204, headers={"cache-control": "no-store"})
    return go(request, back, say=words)


async def _deed(tx: Tx, person_id: PersonId, form: HeartForm) -> str:
    if form.keep:
        await keep_product(tx, person_id, an_id(ProductId, form.keep))
        return gettext("Kept. You find it in your account, under “Kept”.")
    if form.drop:
        await let_go_product(tx, person_id, an_id(ProductId, form.drop))
        return gettext("Let go.")
    if form.follow:
        await follow_shop(tx, person_id, an_id(ShopId, form.follow))
        return gettext("You follow this shop. You find it in your account, under “Kept”.")
    if form.unfollow:
        await unfollow_shop(tx, person_id, an_id(ShopId, form.unfollow))
        return gettext("You do not follow this shop any more.")
    raise NotFound


HANDLERS: Final[list[ControllerRouterHandler]] = [press]
