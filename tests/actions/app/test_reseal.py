"""A new key in front: everything sealed at rest is sealed anew, and the old key may go."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from fairground.app.keys import SEALED, reseal
from fairground.kit.db import Database, Given
from fairground.kit.seal import Keyring
from fairground.market.payments.actions import change_destination
from fairground.market.payments.model import BankAccount
from fairground.market.payments.model.payout import read_account
from fairground.market.payments.queries import find_destination
from fairground.market.shops.actions.applications import apply_for_mall
from fairground.market.shops.model import ApplicationId, Shop
from fairground.market.shops.queries import list_same_number, unseal_number
from tests.support.given import test_given
from tests.support.shops import MARKET, make_shop

NUMBER = "91110000600037341L"
OLD, NEW = b"o" * 32, b"n" * 32


@pytest.fixture
def given() -> Given:
    return test_given(Keyring({"old": OLD}))


@asynccontextmanager
async def _with(db: Database, **keys: bytes) -> AsyncIterator[Database]:
    """Hold the same database open with other keys, as after a restart."""
    again = Database(db.dsn, clock=db.clock, ids=db.ids, given=test_given(Keyring(keys)), connections=2)
    await again.open()
    try:
        yield again
    finally:
        await again.close()


async def _seal_things(db: Database, shops: int) -> list[tuple[Shop, ApplicationId]]:
    made = []
    for at in range(shops):
        shop = await make_shop(db, name=f"Shop {at}")
        application = await db.write(
            MARKET,
            lambda tx, shop=shop: apply_for_mall(tx, shop.id, company="东山茶业", country="CN", number=NUMBER),
        )
        account = BankAccount("Somebody", f"62220202001122{at:02}", "Demo Bank")
        await db.write(MARKET, lambda tx, shop=shop, account=account: change_destination(tx, shop.id, account))
        made.append((shop, application.id))
    return made


async def _number_of(db: Database, shop: Shop) -> str:
    found = await db.read(lambda r: find_destination(r, shop.id))
    assert found is not None
    return read_account(db.given(Keyring).unseal(found.sealed, found.aad)).number


async def test_afterwards_the_new_key_alone_opens_everything(db: Database) -> None:
    made = await _seal_things(db, 5)
    async with _with(db, new=NEW, old=OLD) as both:
        done = await reseal(both, chunk=2)  # several transactions, the last of them not full
    assert [(one.table, one.sealed, one.broken) for one in done] == [
        ("shops.applications", 5, []),
        ("payments.destinations", 5, []),
    ]
    async with _with(db, new=NEW) as alone:
        for at, (shop, application_id) in enumerate(made):
            assert await alone.read(lambda r, i=application_id: unseal_number(r, i)) == NUMBER
            assert await _number_of(alone, shop) == f"62220202001122{at:02}"
        # The fingerprints are of the new key too: the same number is still found in other shops.
        others = await alone.read(lambda r: list_same_number(r, made[0][1]))
        assert set(others) == {shop.id for shop, _ in made[1:]}
        print_ = await alone.read(lambda r: r.value("select min(number_print) from shops.applications"))
        assert alone.given(Keyring).fingerprint(NUMBER, "shops.business_number") == print_


async def test_the_second_time_nothing_is_left_to_do(db: Database) -> None:
    await _seal_things(db, 2)
    async with _with(db, new=NEW, old=OLD) as both:
        await reseal(both)
        before = await both.read(lambda r: r.rows("select number_sealed from shops.applications order by id"))
        assert [one.sealed for one in await reseal(both)] == [0, 0]
        assert await both.read(lambda r: r.rows("select number_sealed from shops.applications order by id")) == before


async def test_what_no_key_opens_is_named_and_the_rest_goes_on(db: Database) -> None:
    made = await _seal_things(db, 3)
    lost = made[1][1]
    await db.write(
        MARKET, lambda tx: tx.execute("update shops.applications set number_sealed = '1.gone.x' where id = $1", lost)
    )
    async with _with(db, new=NEW, old=OLD) as both:
        numbers, accounts = await reseal(both, chunk=1)
        assert (numbers.sealed, numbers.broken) == (2, [lost])
        assert (accounts.sealed, accounts.broken) == (3, [])
    assert await db.read(lambda r: r.value("select number_sealed from shops.applications where id = $1", lost)) == (
        "1.gone.x"
    )


async def test_every_sealed_column_is_among_them(db: Database) -> None:
    rows = await db.read(
        lambda r: r.rows(
            """
            select distinct n.nspname || '.' || c.relname as name
              from pg_description d join pg_class c on c.oid = d.objoid join pg_namespace n on n.oid = c.relnamespace
             where d.objsubid > 0 and d.description ~ '^personal: .*(sealed|keyed)'
            """
        )
    )
    assert {row["name"] for row in rows} == {table for table, _ in SEALED}
