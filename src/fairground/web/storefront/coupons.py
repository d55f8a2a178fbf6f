"""Taking a coupon from a page."""

from typing import Any, Final

from litestar import Request, Response, post
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database
from fairground.kit.errors import Conflict
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.i18n.words import gettext, say
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.actions.taking import take_coupon
from fairground.market.promotions.model import CouponId
from fairground.web.render import go
from fairground.web.whence import came_from


@post("/coupons/{coupon_id:str}/taking", include_in_schema=False)
async def take(
    coupon_id: FromPath[str],
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
) -> Response[bytes]:
    """Put a coupon into the reader's wallet, and go on where they were."""
    person_id, wanted = PersonId(caller.need_person()), an_id(CouponId, coupon_id)
    back = came_from(request)
    try:
        held = await db.write(caller.actor, lambda tx: take_coupon(tx, person_id, wanted))
    except Conflict as trouble:
        return go(request, back, say=say(trouble.message, trouble.params), kind="mind")
    name = held.coupon.title or gettext("Coupon")
    return go(request, back, say=say("Yours now: %(coupon)s. The checkout uses it by itself.", {"coupon": name}))


HANDLERS: Final[list[ControllerRouterHandler]] = [take]
