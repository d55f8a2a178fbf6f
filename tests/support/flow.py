"""A market full of trade, for sweeps: many checkouts by the market's own intake, in lots, and a sweep to be watched."""

from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from typing import Any, TypeVar

from fairground.app.seed.goods import Stall, add_goods, open_stalls
from fairground.app.seed.people import PASSWORD, Buyer, move_in
from fairground.app.seed.trade import AT_ONCE, Trade
from fairground.kit.actor import Actor, person, system
from fairground.kit.db import Database, Tx
from fairground.kit.passwords import Passwords
from fairground.market.orders.actions.pay import confirm_payments
from fairground.market.orders.actions.ship import Shipment, ship_order
from fairground.market.orders.intake.prepared import Placed
from fairground.market.orders.model import OrderId
from fairground.market.orders.queries.orders import map_orders
from fairground.market.payments.model import GatewayNotice, NoticeKind, PaymentId

T = TypeVar("T")
MARKET = system("tests")
SWEPT, BOUGHT = "swept", "bought"


class Town:
    """Stalls, their goods, buyers, and the trade between them."""

    def __init__(self, db: Database, stalls: Sequence[Stall], buyers: Sequence[Buyer]) -> None:
        self._db = db
        self.stalls = stalls
        self.buyers = buyers
        self.trade = Trade(db, stalls, buyers)

    async def order(self, checkouts: int) -> list[Placed]:
        """Let so many checkouts come in, unpaid."""
        placed: list[Placed] = []
        while len(placed) < checkouts:
            wanted = min(AT_ONCE, checkouts - len(placed))
            placed += await self.trade.place([self.trade.request() for _ in range(wanted)])
        return placed

    async def ship(self, placed: Sequence[Placed]) -> int:
        """Let checkouts be paid, and their sellers send all of it; gives how many orders."""
        await self._db.write(MARKET, lambda tx: confirm_payments(tx, [paid_notice_of(one, tx) for one in placed]))
        ids = [OrderId(int(order["id"])) for one in placed for order in one.answer["orders"]]
        orders = await self._db.read(lambda reader: map_orders(reader, ids))
        owners = {stall.shop_id: person(stall.owner_id) for stall in self.stalls}
        for order in orders.values():
            parcel = Shipment("other", f"T{int(order.id)}")
            await self._db.write(owners[order.shop_id], lambda tx, o=order, p=parcel: ship_order(tx, o.id, p))  # type: ignore[misc]
        return len(orders)


def paid_notice_of(placed: Placed, tx: Tx) -> GatewayNotice:
    """Tell that a checkout was paid."""
    payment = placed.answer["payment"]
    number, amount = payment["id"], payment["amount"]["amount"]
    payment_id = PaymentId(int(number))
    return GatewayNotice("seed", f"e{number}", NoticeKind.PAID, payment_id, f"c{number}", amount, "CNY", tx.now)


async def build_town(db: Database, *, shops: int = 4, products: int = 80, buyers: int = 400) -> Town:
    """Build a town."""
    hashed = await db.given(Passwords).hash(PASSWORD)
    stalls = await open_stalls(db, 0, hashed, shops)
    await add_goods(db, stalls, products)
    return Town(db, stalls, await move_in(db, 0, hashed, range(buyers)))


class WatchedDatabase(Database):
    """A database that notes each of its transactions in a trail it shares with others."""

    def __init__(self, trail: list[str], dsn: str, **how: Any) -> None:
        super().__init__(dsn, **how)
        self._trail = trail

    async def write(self, actor: Actor, deed: Callable[[Tx], Awaitable[T]]) -> T:
        """Do a deed, and note it when it is done."""
        result = await super().write(actor, deed)
        self._trail.append(SWEPT)
        return result


def longest_wait(trail: Sequence[str]) -> int:
    """Count the transactions of the sweep that at most went by between two purchases."""
    return max((len(list(run)) for kind, run in groupby(trail) if kind == SWEPT), default=0)
