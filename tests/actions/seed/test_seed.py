"""The seed fills a market with bulk data whose books are clean, and may be run again."""

import pytest

from fairground.app.audit import audit
from fairground.app.seed.fill import Wanted, seed
from fairground.app.seed.people import PASSWORD, SEED, email_of
from fairground.app.seed.things import thing
from fairground.kit.text_index import Query
from fairground.market.accounts.actions.bulk import open_sessions, register_people
from fairground.market.accounts.actions.registration import Registration
from fairground.market.accounts.errors import EmailTaken
from fairground.market.accounts.queries import find_person_by_email, find_session, find_sessions
from fairground.market.shops.queries import find_shop_by_slug
from tests.support.web import Market


async def test_the_books_are_clean_and_orders_stand_in_every_state(market: Market) -> None:
    seeded = await seed(market.outfit, Wanted(shops=4, products=40, buyers=20, orders=120))
    assert await audit(market.db) == []
    rows = await market.db.read(lambda r: r.rows("select state, count(*) as n from orders.orders group by state"))
    assert {row["state"]: row["n"] for row in rows} == seeded.filled.states
    assert set(seeded.filled.states) == {"placed", "paid", "shipped", "received", "closed"}
    held = await market.db.read(lambda r: r.value("select sum(balance) from ledger.accounts where kind = 'held'"))
    assert held > 0


async def test_it_is_indexed_and_nobody_gets_a_letter(market: Market) -> None:
    await seed(market.outfit, Wanted(shops=2, products=24, buyers=5, orders=10))
    found = market.outfit.finder.index.search(Query("teapot", limit=50))
    assert found.total > 0
    assert market.outfit.finder.index.count() == 24
    for table in ("kit.outbox", "notifications.letters"):
        sql = f"select count(*) from {table}"
        exists = await market.db.read(lambda r, t=table: r.value("select to_regclass($1) is not null", t))  # type: ignore[misc]
        assert not exists or await market.db.read(lambda r, sql=sql: r.value(sql)) == 0  # type: ignore[misc]


async def test_a_second_seed_adds_to_the_first(market: Market) -> None:
    first = await seed(market.outfit, Wanted(shops=2, products=4, buyers=3, orders=0), reindexed=False)
    second = await seed(market.outfit, Wanted(shops=2, products=4, buyers=3, orders=0), reindexed=False)
    assert not {stall.slug for stall in first.stalls} & {stall.slug for stall in second.stalls}
    for stall in (*first.stalls, *second.stalls):
        shop = await market.db.read(lambda r, slug=stall.slug: find_shop_by_slug(r, slug))  # type: ignore[misc]
        assert shop is not None
        assert shop.id == stall.shop_id
    assert await market.db.read(lambda r: r.value("select count(*) from catalog.products")) == 8


async def test_the_seeded_sign_in_with_the_printed_password(market: Market) -> None:
    seeded = await seed(market.outfit, Wanted(shops=1, products=1, buyers=1, orders=0), reindexed=False)
    body = {"email": seeded.filled.sign_in["buyer"], "password": PASSWORD}
    async with market.visitor() as visitor:
        answer = await visitor.post("/api/v1/sessions", json=body)
    assert answer.status_code == 201


async def test_many_sessions_are_as_good_as_one(market: Market) -> None:
    seeded = await seed(market.outfit, Wanted(shops=1, products=1, buyers=5, orders=0), reindexed=False)
    people = [buyer.person_id for buyer in seeded.buyers]
    tokens = await market.db.write(SEED, lambda tx: open_sessions(tx, people))
    found = await market.db.read(lambda r: find_sessions(r, [*tokens, "nonsense", tokens[0][:-4] + "AAAA"]))
    assert [one.person_id if one else None for one in found] == [*people, None, None]
    single = await market.db.read(lambda r: find_session(r, tokens[2]))
    assert single is not None
    assert single.person_id == people[2]


async def test_a_taken_address_writes_nobody(market: Market) -> None:
    await seed(market.outfit, Wanted(shops=1, products=0, buyers=1, orders=0), reindexed=False)
    wishes = [
        Registration("new@seed.example", "x", "New", "en"),
        Registration(email_of("buyer", 0, 0), "x", "Twice", "en"),
    ]
    with pytest.raises(EmailTaken):
        await market.db.write(SEED, lambda tx: register_people(tx, wishes, "hash"))
    assert await market.db.read(lambda r: find_person_by_email(r, "new@seed.example")) is None


def test_the_same_number_is_always_the_same_thing() -> None:
    assert thing(17, "zh-CN", "CNY") == thing(17, "zh-CN", "CNY")
    titles = {thing(number, language, "CNY").title for number in range(2_000) for language in ("zh-CN", "en")}
    assert len(titles) == 4_000
