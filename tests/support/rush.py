"""A rush of buyers over real HTTP, who keep buying whatever breaks, and remember every word they were given."""

import asyncio
import random
import secrets
import time
from collections import Counter
from typing import Any

import msgspec

from fairground.app.audit import audit
from fairground.app.outfit import Outfit
from fairground.app.seed.people import Buyer
from fairground.cli.bench.cast import CHECKOUT, Cast
from fairground.kit.db import Database, Reader
from tests.support.wire import Line, line_to, post

PATIENCE = 15.0  # seconds a buyer waits for an answer
CREATED = 201


class Wish(msgspec.Struct):
    """One checkout that somebody wants, and what they were told; `answer` is None while nobody said yes."""

    buyer: Buyer
    token: str
    key: str
    body: dict[str, Any]
    is_stubborn: bool  # asks again with the same key until there is an answer
    answer: dict[str, Any] | None = None
    answered: Counter[int] = msgspec.field(default_factory=Counter)

    @property
    def is_answered(self) -> bool:
        """Whether somebody said yes or no; a 5xx is neither."""
        return any(status < 500 for status in self.answered)


class Rush:
    """Buyers side by side; `start`, `stop`. Each third pays at once what was acknowledged."""

    def __init__(self, cast: Cast, port: int, *, buyers: int, seed: int) -> None:
        self._cast = cast
        self._port = port
        self._crowd = buyers
        self._dice = random.Random(seed)
        self._tasks: list[asyncio.Task[None]] = []
        self._stopping = False
        self.wishes: list[Wish] = []
        self.paid: list[str] = []  # payments that the bank said were paid
        self._sold_at = 0.0  # when the request that sold last was sent

    def start(self) -> None:
        """Let them in."""
        self._tasks = [asyncio.create_task(self._buy_on(), name=f"buyer {n}") for n in range(self._crowd)]

    async def stop(self) -> None:
        """Let each finish what it is at."""
        self._stopping = True
        await asyncio.gather(*self._tasks)

    @property
    def acknowledged(self) -> list[Wish]:
        """Those who were told yes."""
        return [wish for wish in self.wishes if wish.answer is not None]

    async def sells_after(self, moment: float, within: float) -> float:
        """Wait until something is sold that was asked for after a moment; gives the seconds, infinity if too many."""
        while time.monotonic() - moment < within:
            if self._sold_at > moment:
                return time.monotonic() - moment
            await asyncio.sleep(0.01)
        return float("inf")

    async def _buy_on(self) -> None:
        mine: list[Wish] = []
        while not self._stopping:
            await self._shop(mine)
            for wish in [w for w in mine if w.is_stubborn and not w.is_answered]:
                await self._insist(wish)

    async def _shop(self, mine: list[Wish]) -> None:
        """Buy one thing after the other until the line breaks."""
        try:
            async with line_to(self._port) as line:
                while not self._stopping:
                    wish = self._new_wish()
                    mine.append(wish)
                    await self._buy(line, wish)
        except OSError:
            await asyncio.sleep(0.05)

    async def _insist(self, wish: Wish) -> None:
        """Ask again with the same key, on a line of its own."""
        try:
            async with line_to(self._port) as line:
                await self._buy(line, wish)
        except OSError:
            await asyncio.sleep(0.05)

    def _new_wish(self) -> Wish:
        dice = self._dice
        number = dice.randrange(len(self._cast.tokens))
        stalls = dice.sample(self._cast.seeded.stalls, k=dice.choice((1, 1, 2)))
        variants = {dice.choice(stall.variant_ids): dice.choice((1, 1, 2)) for stall in stalls}
        buyer = self._cast.seeded.buyers[number]
        lines = [{"variant_id": str(int(v)), "quantity": q} for v, q in variants.items()]
        body = {"address_id": str(int(buyer.address_id)), "lines": lines}
        wish = Wish(buyer, self._cast.tokens[number], secrets.token_hex(12), body, dice.random() < 0.5)
        self.wishes.append(wish)
        return wish

    async def _buy(self, line: Line, wish: Wish) -> None:
        asked_at = time.monotonic()
        async with asyncio.timeout(PATIENCE):
            await line.say(post(self._port, CHECKOUT, wish.body, token=wish.token, key=wish.key))
            heard = await line.hear()
        wish.answered[heard.status] += 1
        if heard.status == CREATED:
            assert wish.answer in (None, heard.json), "the same key was answered in two ways"
            wish.answer = heard.json
            self._sold_at = max(self._sold_at, asked_at)
            if len(self.wishes) % 3 == 0:
                await self._pay(line, heard.json["payment"]["id"])
        elif heard.status >= 500:
            await asyncio.sleep(0.2)  # they were asked for more patience than that

    async def _pay(self, line: Line, payment_id: str) -> None:
        await line.say(post(self._port, f"/sandbox/payments/{payment_id}", {"outcome": "paid"}))
        heard = await line.hear()
        if heard.status == 200 and heard.json["state"] == "paid":
            self.paid.append(payment_id)


class _Written(msgspec.Struct, frozen=True):
    """What stands in the database of one checkout."""

    answer: dict[str, Any] | None  # kept with its key
    orders: list[int]  # that it names
    written: int  # of them
    total: int
    lines: int  # orders with lines that add up
    payment: int | None  # what is to be paid
    parts: int


async def assert_all_there(outfit: Outfit, rush: Rush) -> None:
    """Prove that every acknowledged order is there, none half there or twice, and that the books are clean."""
    found = await outfit.db.read(_written)
    for wish in rush.acknowledged:
        assert wish.answer is not None
        written = found.get(wish.key)
        assert written is not None, f"an acknowledged checkout is gone: {wish.answer}"
        assert written.answer == wish.answer
    assert len(found) == await _count(outfit.db), "a checkout has no key, or a key no checkout"
    for key, written in found.items():
        whole = len(written.orders)
        assert written.answer is not None, key
        assert [int(order["id"]) for order in written.answer["orders"]] == written.orders
        assert (written.written, written.lines, written.parts) == (whole, whole, whole), (key, written)
        assert written.payment == written.total == written.answer["payment"]["amount"]["amount"]
    assert await audit(outfit.db) == []


async def _written(reader: Reader) -> dict[str, _Written]:
    rows = await reader.rows(
        """
        select i.key, i.answer, c.order_ids, o.written, o.total, o.whole, p.amount,
               (select count(*) from payments.parts t
                 where t.bucket = c.bucket and t.payment_id = c.payment_id) as parts
          from kit.idempotency i
          join orders.checkouts c on c.bucket = i.bucket and c.id = (i.answer ->> 'id')::bigint
          left join payments.payments p on p.bucket = c.bucket and p.id = c.payment_id
          left join lateral (
               select count(*) as written, sum(o.total) as total, count(*) filter (where o.goods = (
                      select sum(l.unit_price * l.quantity) from orders.lines l
                       where l.bucket = o.bucket and l.order_id = o.id)) as whole
                 from orders.orders o where o.bucket = c.bucket and o.checkout_id = c.id) o on true
        """
    )
    return {
        r["key"]: _Written(
            r["answer"], r["order_ids"], r["written"], int(r["total"] or 0), r["whole"], r["amount"], r["parts"]
        )
        for r in rows
    }


async def _count(db: Database) -> int:
    row = await db.read(
        lambda r: r.row("select (select count(*) from orders.checkouts), (select count(*) from kit.idempotency)")
    )
    assert row is not None
    assert row[0] == row[1], tuple(row)
    return int(row[0])
