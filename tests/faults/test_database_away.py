"""The database goes away under a running market, and comes back: 503 in kind words meanwhile, then all is well."""

from pathlib import Path

import asyncpg
import httpx
import pytest

from fairground.kit.actor import GUEST
from fairground.kit.clock import Clock
from fairground.kit.db import Database, Tx
from fairground.kit.errors import Unavailable
from tests.support.cable import cable_to
from tests.support.given import QUICK
from tests.support.town import build_town
from tests.support.web import open_test_market

PAGES = ("/", "/search?q=pot", "/cart", "/account", "/orders", "/seller", "/help", "/p/PRODUCT", "/s/SLUG")
CALLS = ("/api/v1/me", "/api/v1/products", "/api/v1/cart", "/api/v1/orders")


async def test_pages_and_api_say_503_and_work_again_by_themselves(dsn: str, clock: Clock, tmp_path: Path) -> None:
    async with cable_to(dsn) as cable, open_test_market(cable.dsn, tmp_path, clock, QUICK) as market:
        town = await build_town(market)
        pages = [path.replace("PRODUCT", town.ids["product_id"]).replace("SLUG", town.ids["slug"]) for path in PAGES]
        async with market.visitor() as browser, market.program(town.buyer_token) as program:
            browser.cookies.set("fg_session", town.buyer_token)
            before = await all_answers(browser, pages) + await all_answers(program, CALLS)
            await cable.pull()
            for answer in await all_answers(browser, pages):
                check_kind_page(answer)
            for answer in await all_answers(program, CALLS):
                assert answer.status_code == 503, answer.url
                assert int(answer.headers["retry-after"]) >= 1
                assert answer.headers["content-type"] == "application/problem+json"
                assert answer.json()["code"] == "unavailable"
            assert [(await program.get(f"/health/{what}")).status_code for what in ("live", "ready")] == [200, 503]
            await cable.plug_in()
            assert (await program.get("/health/ready")).status_code == 200
            after = await all_answers(browser, pages) + await all_answers(program, CALLS)
    assert [answer.status_code for answer in after] == [answer.status_code for answer in before]
    assert {answer.status_code for answer in after} <= {200, 303}


async def all_answers(client: httpx.AsyncClient, paths: list[str] | tuple[str, ...]) -> list[httpx.Response]:
    """Ask for each once."""
    return [await client.get(path) for path in paths]


def check_kind_page(answer: httpx.Response) -> None:
    """A page is there from memory, or sends whom nobody can recognise to the sign-in, or says that it waits."""
    assert answer.status_code in {200, 303, 503}, answer.url
    if answer.status_code == 503:
        assert "Back in a moment" in answer.text
        assert "Nothing was changed" in answer.text
        assert int(answer.headers["retry-after"]) >= 1


async def test_a_deed_without_its_database_changes_nothing_and_says_so(dsn: str, clock: Clock, tmp_path: Path) -> None:
    async with cable_to(dsn) as cable, open_test_market(cable.dsn, tmp_path, clock, QUICK) as market:
        wish = {"email": "ming@example.org", "password": "a bird on the awning", "name": "Ming"}
        async with market.program() as program:
            await cable.pull()
            refused = await program.post("/api/v1/accounts", json=wish)
            await cable.plug_in()
            taken = await program.post("/api/v1/accounts", json=wish)
    assert (refused.status_code, taken.status_code) == (503, 201)


@pytest.mark.parametrize(
    ("statement", "cause"),
    [
        ("do $$ begin raise 'could not extend file' using errcode = 'disk_full'; end $$", asyncpg.DiskFullError),
        ("do $$ begin raise 'no memory' using errcode = 'out_of_memory'; end $$", asyncpg.OutOfMemoryError),
    ],
)
async def test_a_server_without_room_is_told_as_a_pause_not_as_a_break(
    db: Database, statement: str, cause: type[Exception]
) -> None:
    async def deed(tx: Tx) -> None:
        await tx.execute("insert into kit.timers (name) values ('x')")
        await tx.execute(statement)

    with pytest.raises(Unavailable) as told:
        await db.write(GUEST, deed)
    assert isinstance(told.value.__cause__, cause)
    assert await db.read(lambda r: r.value("select count(*) from kit.timers")) == 0


async def test_a_row_that_somebody_holds_for_too_long_is_told_as_a_pause(db: Database) -> None:
    async def hold(tx: Tx) -> None:
        await tx.execute("lock table kit.timers in exclusive mode")

        async def meet(other: Tx) -> None:
            await other.execute("set local lock_timeout = '50ms'")
            await other.execute("insert into kit.timers (name) values ('x')")

        with pytest.raises(Unavailable):
            await db.write(GUEST, meet)

    await db.write(GUEST, hold)
