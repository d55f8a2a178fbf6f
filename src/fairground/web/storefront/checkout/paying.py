"""The market's cashier: leads to the gateway, and says what became of a payment."""

from typing import Any, Final

import msgspec
import structlog
from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath
from litestar.types import ControllerRouterHandler

from fairground.kit.db import Database
from fairground.kit.errors import Trouble
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.i18n.words import gettext
from fairground.kit.money import Money
from fairground.kit.place import Place
from fairground.market.orders.intake.gather import Till
from fairground.market.payments.jobs import Gateways
from fairground.market.payments.model import Payment, PaymentId, PaymentState
from fairground.market.payments.ports import Started, StartOrder, TransferInstructions
from fairground.market.payments.queries import came_late, get_payment
from fairground.web.render import go, market_name, page, part, wants_part

log = structlog.get_logger(__name__)
OPEN: Final = (PaymentState.PENDING, PaymentState.FAILED)


class PayView(msgspec.Struct, frozen=True):
    """A payment at the cashier."""

    id: str
    state: str
    total: Money
    gateway: str
    market: str
    expires_at: Any
    orders: int
    pay_url: str | None = None
    instructions: TransferInstructions | None = None
    down: bool = False
    came_late: bool = False


@get("/pay/{payment_id:str}", include_in_schema=False)
async def show_cashier(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    gateways: NamedDependency[Gateways],
    payment_id: FromPath[str],
) -> Response[bytes]:
    """Show what is to be paid, and the way to the gateway; two tabs pay one payment once."""
    payment = await _mine(caller, db, payment_id)
    if not _may_be_paid(payment, db):
        return go(request, f"/pay/{int(payment.id)}/done")
    started, down = Started(), False
    try:
        url = f"{db.given(Place).url}/pay/{int(payment.id)}/done"
        order = StartOrder(payment.id, payment.total, url)
        started = (await gateways[payment.gateway].start([order])).get(payment.id, started)
    except (Trouble, KeyError) as trouble:
        log.warning("gateway not reached", gateway=payment.gateway, error=repr(trouble))
        down = True
    return page(
        request,
        "storefront/pay/page.html",
        title=gettext("Pay"),
        view=_view(payment, db, gateways, started, down=down),
    )


@get("/pay/{payment_id:str}/done", include_in_schema=False)
async def show_outcome(
    request: Request[Any, Any, Any],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    gateways: NamedDependency[Gateways],
    till: NamedDependency[Till],
    payment_id: FromPath[str],
) -> Response[bytes]:
    """Say what became of a payment; a notice that is late or lost is asked for."""
    payment = await _mine(caller, db, payment_id)
    if payment.state in OPEN:
        payment = await _ask(payment, caller, db, gateways, till)
    late = await db.read(lambda reader: came_late(reader, payment))
    view = msgspec.structs.replace(_view(payment, db, gateways, Started(), down=False), came_late=late)
    if wants_part(request):
        return part(request, "storefront/pay/_outcome.html", view=view)
    return page(request, "storefront/pay/done.html", title=gettext("Payment"), view=view)


def _may_be_paid(payment: Payment, db: Database) -> bool:
    """Past its time it only waits to be closed: nobody is sent to the gateway with it any more."""
    return payment.state in OPEN and payment.expires_at > db.clock.now()


async def _mine(caller: Caller, db: Database, text: str) -> Payment:
    payment_id, person_id = an_id(PaymentId, text), caller.need_person()
    return await db.read(lambda reader: get_payment(reader, payment_id, person_id))


async def _ask(payment: Payment, caller: Caller, db: Database, gateways: Gateways, till: Till) -> Payment:
    try:
        notice = await gateways[payment.gateway].ask(payment)
        if notice is not None:
            await till.ask(notice)
    except (Trouble, KeyError) as trouble:
        log.info("gateway not asked", gateway=payment.gateway, error=repr(trouble))
    return await db.read(lambda reader: get_payment(reader, payment.id, caller.person_id))


def _view(payment: Payment, db: Database, gateways: Gateways, started: Started, *, down: bool) -> PayView:
    gateway = gateways.get(payment.gateway)
    return PayView(
        id=str(int(payment.id)),
        state=(payment.state if payment.state not in OPEN or _may_be_paid(payment, db) else PaymentState.EXPIRED).value,
        total=payment.total,
        gateway=gettext(gateway.title) if gateway else payment.gateway,
        market=market_name(db.given(Place)),
        expires_at=payment.expires_at,
        orders=len(payment.parts),
        pay_url=started.pay_url,
        instructions=started.instructions,
        down=down,
    )


HANDLERS: Final[list[ControllerRouterHandler]] = [show_cashier, show_outcome]
