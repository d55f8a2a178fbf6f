"""The trade of the seed: checkouts through the market's own intake, a batch at a time, then on to every state."""

import asyncio
import random
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

from msgspec.structs import replace

from fairground.app.seed.goods import Stall
from fairground.app.seed.people import SEED, Buyer
from fairground.app.wiring import subscribers
from fairground.kit.actor import person
from fairground.kit.db import Database, Tx
from fairground.kit.events import Subscriber, deliver
from fairground.kit.idempotency import fingerprint
from fairground.kit.ids import BUCKETS
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import VariantId
from fairground.market.orders.actions.close import close_unpaid
from fairground.market.orders.actions.move import MARKET
from fairground.market.orders.actions.pay import confirm_payments
from fairground.market.orders.actions.receipt import receive_orders
from fairground.market.orders.actions.ship import Shipment, ship_order
from fairground.market.orders.intake.commit import commit
from fairground.market.orders.intake.prepare import prepare
from fairground.market.orders.intake.prepared import Arrival, Placed, PreparedCheckout
from fairground.market.orders.model import CloseReason, OrderId
from fairground.market.orders.model.quote import AskedLine, CheckoutRequest
from fairground.market.orders.queries.orders import map_orders
from fairground.market.payments.model import GatewayNotice, NoticeKind, PaymentId

AT_ONCE: Final = 250  # checkouts in one batch
SENDERS: Final = 6  # sellers at work at the same time
GATEWAY: Final = "seed"  # no real one: nobody reconciles with it
# Of a hundred orders, how many are still here; what is left over has been received.
PLACED, UNPAID, PAID, SHIPPED = 8, 6, 14, 12
# Who has to hear, so that the books are whole; nobody is written to, and the index is made anew afterwards.
HEARD: Final = ("catalog.", "orders.")


class Trade:
    """Buyers who order, pay and receive, by dice that always fall the same."""

    def __init__(self, db: Database, stalls: Sequence[Stall], buyers: Sequence[Buyer], run: int = 0) -> None:
        self._db = db
        self._stalls = [stall for stall in stalls if stall.variant_ids]
        self._owners: dict[int, PersonId] = {int(stall.shop_id): stall.owner_id for stall in stalls}
        self._buyers = buyers
        self._dice = random.Random(20261122 + run)  # noqa: S311 - bulk data, no secret
        self._hearers: list[Subscriber] = [s for s in subscribers() if s.consumer.startswith(HEARD)]
        self._number = 0
        self._run = run

    async def carry_on(self, orders: int) -> dict[str, int]:
        """Let so many orders come about (a few more where a last checkout has two), in all states; counts by state."""
        if not (self._stalls and self._buyers):
            return {}
        states: Counter[str] = Counter()
        while states.total() < orders:
            wanted = min(AT_ONCE, max(1, int((orders - states.total()) / 1.34)))
            placed = await self.place([self.request() for _ in range(wanted)])
            states += await self._live(placed)
        return dict(sorted(states.items()))

    def request(self) -> tuple[Buyer, CheckoutRequest]:
        """Fill a basket: one to three lines, from one or two shops."""
        dice = self._dice
        buyer = dice.choice(self._buyers)
        shops = dice.sample(self._stalls, k=min(len(self._stalls), dice.choice((1, 1, 2))))
        chosen: dict[VariantId, int] = {dice.choice(stall.variant_ids): dice.choice((1, 1, 2)) for stall in shops}
        if dice.random() < 0.4:
            chosen[dice.choice(shops[0].variant_ids)] = 1
        lines = tuple(AskedLine(variant_id, quantity) for variant_id, quantity in chosen.items())
        return buyer, CheckoutRequest(address_id=buyer.address_id, lines=lines)

    async def place(self, requests: Sequence[tuple[Buyer, CheckoutRequest]]) -> list[Placed]:
        """Place checkouts, together."""
        arrivals = [self._arrival(buyer, request) for buyer, request in requests]
        ready = await self._db.read(lambda reader: prepare(reader, arrivals))
        good = [replace(one, gateway=GATEWAY) for one in ready if isinstance(one, PreparedCheckout)]
        return [o for o in await self._db.write(SEED, lambda tx: commit(tx, good)) if isinstance(o, Placed)]

    def _arrival(self, buyer: Buyer, request: CheckoutRequest) -> Arrival:
        self._number += 1
        key = f"seed-{self._run}-{self._number}"
        return Arrival(buyer.person_id, "zh-CN", request, key, fingerprint("seed", request))

    async def _live(self, placed: Sequence[Placed]) -> Counter[str]:
        """Take each checkout as far as its lot says."""
        lots: dict[str, list[Placed]] = {"placed": [], "closed": [], "paid": [], "shipped": [], "received": []}
        for one in placed:
            lots[self._lot()].append(one)
        await self._db.write(SEED, lambda tx: _give_up(tx, lots["closed"]))
        paid = [*lots["paid"], *lots["shipped"], *lots["received"]]
        await self._db.write(SEED, lambda tx: confirm_payments(tx, [_notice(one, tx) for one in paid]))
        await self._hear()
        await self._send([*lots["shipped"], *lots["received"]])
        received = [order_id for one in lots["received"] for order_id in _orders_of(one)]
        await self._db.write(SEED, lambda tx: receive_orders(tx, received, MARKET))
        await self._hear()
        return Counter({state: sum(len(_orders_of(one)) for one in lot) for state, lot in lots.items()})

    def _lot(self) -> str:
        drawn = self._dice.randrange(100)
        for state, share in (("placed", PLACED), ("closed", UNPAID), ("paid", PAID), ("shipped", SHIPPED)):
            if drawn < share:
                return state
            drawn -= share
        return "received"

    async def _send(self, placed: Sequence[Placed]) -> None:
        """Let the sellers send their orders, some sellers at the same time."""
        waiting = [order_id for one in placed for order_id in _orders_of(one)]
        owners = await self._db.read(lambda reader: map_orders(reader, waiting))

        async def work(mine: Sequence[OrderId]) -> None:
            for order_id in mine:
                seller = person(self._owners[int(owners[order_id].shop_id)])
                shipment = Shipment("other", f"SEED{int(order_id)}")
                await self._db.write(seller, _shipping(order_id, shipment))

        await asyncio.gather(*(work(waiting[n::SENDERS]) for n in range(SENDERS)))

    async def _hear(self) -> None:
        while (await deliver(self._db, self._hearers, (0, BUCKETS - 1), limit=2_000)).delivered:
            pass


def _shipping(order_id: OrderId, shipment: Shipment) -> Callable[[Tx], Awaitable[object]]:
    return lambda tx: ship_order(tx, order_id, shipment)


async def _give_up(tx: Tx, placed: Sequence[Placed]) -> None:
    payments = [PaymentId(int(one.answer["payment"]["id"])) for one in placed]
    await close_unpaid(tx, payments, MARKET, CloseReason.UNPAID)


def _orders_of(placed: Placed) -> list[OrderId]:
    return [OrderId(int(order["id"])) for order in placed.answer["orders"]]


def _notice(placed: Placed, tx: Tx) -> GatewayNotice:
    payment = placed.answer["payment"]
    amount = payment["amount"]
    return GatewayNotice(
        gateway=GATEWAY,
        event_id=f"seed-{payment['id']}",
        kind=NoticeKind.PAID,
        subject=PaymentId(int(payment["id"])),
        reference=f"seed-{payment['id']}",
        amount=amount["amount"],
        currency=amount["currency"],
        at=tx.now,
    )
