"""The two gatherers of a web process: checkouts that come in, and payments that come in."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, TypeAlias

from fairground.kit.actor import system
from fairground.kit.db import Database, Reader
from fairground.kit.errors import Trouble
from fairground.kit.gather import Gatherer, GatherLimits
from fairground.kit.together import Together
from fairground.market.orders.actions.pay import confirm_payments
from fairground.market.orders.errors import IntakeFull, OutOfStock
from fairground.market.orders.intake.commit import commit
from fairground.market.orders.intake.gate import Gate
from fairground.market.orders.intake.keys import find_answers
from fairground.market.orders.intake.prepare import prepare
from fairground.market.orders.intake.prepared import Arrival, Outcome, Placed, Prepared, PreparedCheckout
from fairground.market.orders.intake.sold_out import SoldOut
from fairground.market.orders.model import OrderRules
from fairground.market.payments.model import GatewayNotice
from fairground.market.payments.model import Outcome as PaymentOutcome

Intake: TypeAlias = Gatherer[Arrival, PreparedCheckout | Placed, Placed]
Till: TypeAlias = Gatherer[GatewayNotice, GatewayNotice, PaymentOutcome]
AfterPlacing: TypeAlias = Callable[[Sequence[Placed]], Awaitable[None]]


def make_intake(db: Database, *, after: AfterPlacing | None = None, limits: GatherLimits | None = None) -> Intake:
    """Make the intake: `await intake.ask(arrival)` places a checkout.

    `after` works on what was placed before it is answered: it makes payments known to their gateways. What has sold
    out is refused without the queue, from what was seen a moment ago.
    """
    sold_out = SoldOut(db.given(OrderRules))
    kept: Together[Arrival, Outcome | None] = Together(lambda some: db.read(lambda reader: find_answers(reader, some)))

    async def look(arrivals: Sequence[Arrival]) -> list[Prepared | Placed]:
        began = sold_out.now()
        looked = await db.read(lambda reader: _prepare_or_recall(reader, arrivals))
        sold_out.note(looked, began)
        return looked

    async def write(ready: Sequence[PreparedCheckout | Placed]) -> list[Outcome]:
        new = [one for one in ready if isinstance(one, PreparedCheckout)]
        outcomes = iter(await db.write(system("intake"), lambda tx: commit(tx, new)) if new else [])
        return [one if isinstance(one, Placed) else next(outcomes) for one in ready]

    async def recall_or_refuse(arrival: Arrival, trouble: OutOfStock) -> Placed:
        # Whoever got the last piece and asks once more, with the same key, is told so again.
        before = await kept.ask(arrival) or trouble
        if isinstance(before, Trouble):
            raise before
        return before

    def shortcut(arrival: Arrival) -> Awaitable[Placed] | None:
        trouble = sold_out.refusal(arrival.request)
        return None if trouble is None else recall_or_refuse(arrival, trouble)

    return _GatedIntake(Gate(db), look, write, after=after, shortcut=shortcut, limits=limits, full=IntakeFull)


class _GatedIntake(Gatherer[Arrival, PreparedCheckout | Placed, Placed]):
    """An intake that refuses from memory what it can before anything is gathered."""

    def __init__(self, gate: Gate, *how: Any, **more: Any) -> None:
        super().__init__(*how, **more)
        self._gate = gate

    async def ask(self, asked: Arrival) -> Placed:
        """Place a checkout, unless the gate refuses it."""
        self._gate.pass_or_refuse(asked)
        return await super().ask(asked)


async def _prepare_or_recall(reader: Reader, arrivals: Sequence[Arrival]) -> list[Prepared | Placed]:
    """Prepare; what cannot be ordered now may have been ordered before, under the same key: that answer stands.

    The first time itself emptied the cart, or took the last piece.
    """
    prepared = await prepare(reader, arrivals)
    refused = [i for i, one in enumerate(prepared) if isinstance(one, Trouble)]
    before = dict(zip(refused, await find_answers(reader, [arrivals[i] for i in refused]), strict=True))
    return [before.get(i) or one for i, one in enumerate(prepared)]


def make_till(db: Database, *, limits: GatherLimits | None = None) -> Till:
    """Make the till: `await till.ask(notice)` takes a notice of a gateway; returns when it is durable."""

    async def look(notices: Sequence[GatewayNotice]) -> Sequence[GatewayNotice]:
        return notices

    async def write(notices: Sequence[GatewayNotice]) -> list[PaymentOutcome]:
        return await db.write(system("till"), lambda tx: confirm_payments(tx, notices))

    return Gatherer(look, write, limits=limits)
