"""Clients that hang up, resend, or send half a body, over real HTTP: they lose nothing, and get nothing twice."""

import asyncio
import secrets
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from fairground.app.audit import audit
from fairground.app.outfit import Outfit, open_outfit
from fairground.app.seed.fill import Wanted
from fairground.cli.bench.cast import CHECKOUT, Cast, engage
from fairground.kit.db import Reader
from tests.support.served import served, settings_of
from tests.support.wire import Heard, line_to, post

pytestmark = pytest.mark.long
PEOPLE: Final = 20


class Wire(msgspec.Struct, frozen=True):
    """Two servers of one market, and buyers with their tokens."""

    outfit: Outfit
    ports: tuple[int, int]
    cast: Cast

    def checkout(self, number: int, key: str, pieces: int = 1, server: int = 0) -> bytes:
        """Write the checkout of a buyer as it goes over the wire."""
        buyer, token = self.cast.seeded.buyers[number], self.cast.tokens[number]
        variant_id = self.cast.seeded.stalls[0].variant_ids[0]
        lines = [{"variant_id": str(int(variant_id)), "quantity": pieces}]
        body = {"address_id": str(int(buyer.address_id)), "lines": lines}
        return post(self.ports[server], CHECKOUT, body, token=token, key=key)

    async def ask(self, server: int, raw: bytes) -> Heard:
        """Send a request on a line of its own, and hear the answer."""
        async with asyncio.timeout(30), line_to(self.ports[server]) as line:
            await line.say(raw)
            return await line.hear()

    async def is_idle(self) -> None:
        """Wait until neither server has anything more to write: one more order each has gone all the way."""
        for server in (0, 1):
            heard = await self.ask(server, self.checkout(0, secrets.token_hex(8), server=server))
            assert heard.status == 201

    async def orders_of_keys(self) -> Counter[str]:
        """Count the checkouts that stand under each key."""

        async def look(reader: Reader) -> Counter[str]:
            rows = await reader.rows(
                """
                select i.key, count(c.id) as count from kit.idempotency i
                  left join orders.checkouts c on c.bucket = i.bucket and c.id = (i.answer ->> 'id')::bigint group by 1
                """
            )
            return Counter({row["key"]: row["count"] for row in rows})

        return await self.outfit.db.read(look)

    async def assert_nothing_twice(self) -> None:
        """Each checkout has a key of its own, and the books are clean."""
        found = await self.orders_of_keys()
        assert set(found.values()) <= {1}
        assert await self.outfit.db.read(lambda r: r.value("select count(*) from orders.checkouts")) == len(found)
        assert await audit(self.outfit.db) == []


@pytest.fixture
def wire(dsn: str, tmp_path: Path) -> Any:
    """Open the market, and close it."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Wire]:
        with served(dsn, tmp_path) as (one, two):
            async with open_outfit(settings_of(dsn, tmp_path, one), "test") as outfit:
                cast = await engage(outfit, Wanted(shops=1, products=1, buyers=PEOPLE, orders=0))
                yield Wire(outfit, (one, two), cast)

    return opened


async def test_whoever_hangs_up_after_asking_finds_the_order_once(wire: Any) -> None:
    async with wire() as market:
        keys = [f"gone {n}" for n in range(PEOPLE)]
        for n, key in enumerate(keys):
            async with line_to(market.ports[n % 2]) as line:
                await line.say(market.checkout(n, key, server=n % 2))
        answers = [await market.ask((n + 1) % 2, market.checkout(n, key, server=1)) for n, key in enumerate(keys)]
        assert {answer.status for answer in answers} == {201}
        await market.is_idle()
        found = await market.orders_of_keys()
        assert {key: found[key] for key in keys} == dict.fromkeys(keys, 1)
        assert len({answer.json["id"] for answer in answers}) == PEOPLE
        await market.assert_nothing_twice()


async def test_half_a_body_orders_nothing_and_its_key_stays_free(wire: Any) -> None:
    async with wire() as market:
        for n in range(PEOPLE):
            whole = market.checkout(n, f"half {n}")
            cut = (len(whole) + whole.index(b"\r\n\r\n")) // 2 if n % 2 else len(whole) - 1
            async with line_to(market.ports[0]) as line:
                await line.say(whole[:cut])
        await market.is_idle()
        assert not [key for key in await market.orders_of_keys() if key.startswith("half")]
        answers = [await market.ask(0, market.checkout(n, f"half {n}")) for n in range(PEOPLE)]
        assert {answer.status for answer in answers} == {201}
        await market.assert_nothing_twice()


async def test_a_body_that_comes_in_drops_is_one_order(wire: Any) -> None:
    async with wire() as market, line_to(market.ports[0]) as line:
        whole = market.checkout(1, "slow")
        for at in range(0, len(whole), 20):
            await line.say(whole[at : at + 20])
            await asyncio.sleep(0)
        assert (await line.hear()).status == 201
        # Two more on the same line, the second sent before the first is answered.
        await line.say(market.checkout(1, "next") + market.checkout(1, "next but one"))
        assert [(await line.hear()).status for _ in range(2)] == [201, 201]
        await market.assert_nothing_twice()


async def test_the_same_request_sent_again_and_again_at_the_same_moment_is_answered_alike(wire: Any) -> None:
    async with wire() as market:
        sent = [(n, server) for n in range(PEOPLE) for server in (0, 1, 0, 1)]
        answers = await asyncio.gather(
            *(market.ask(server, market.checkout(n, f"again {n}", server=server)) for n, server in sent)
        )
        assert {answer.status for answer in answers} == {201}
        by_buyer: dict[int, set[str]] = {}
        for (n, _), answer in zip(sent, answers, strict=True):
            by_buyer.setdefault(n, set()).add(answer.json["id"])
        assert [len(ids) for ids in by_buyer.values()] == [1] * PEOPLE
        other = await market.ask(1, market.checkout(0, "again 0", pieces=2))
        assert (other.status, other.json["code"]) == (422, "idempotency.key_reused")
        await market.assert_nothing_twice()


async def test_two_tabs_that_pay_at_the_same_moment_at_two_servers_pay_once(wire: Any) -> None:
    async with wire() as market:
        placed = [await market.ask(0, market.checkout(n, f"pay {n}")) for n in range(PEOPLE)]
        payments = [answer.json["payment"]["id"] for answer in placed]
        told = await asyncio.gather(
            *(
                market.ask(server, post(market.ports[server], f"/sandbox/payments/{payment}", {"outcome": "paid"}))
                for payment in payments
                for server in (0, 1)
            )
        )
        assert {answer.status for answer in told} == {200}
        async with asyncio.timeout(60):
            while await _unpaid(market, payments):
                await asyncio.sleep(0.1)
        row = await market.outfit.db.read(
            lambda r: r.row("select (select count(*) from payments.charges), (select count(*) from payments.strays)")
        )
        assert tuple(row) == (PEOPLE, 0)
        await market.assert_nothing_twice()


async def _unpaid(market: Wire, payments: list[str]) -> int:
    return int(
        await market.outfit.db.read(
            lambda r: r.value(
                "select count(*) from payments.payments where id = any($1) and state <> 'paid'",
                [int(payment) for payment in payments],
            )
        )
    )
