"""The service clock from real conversations: measured daily, shown with n on the shop's page, emptied by silence."""

from datetime import timedelta

from fairground.kit.db import Database
from fairground.market.service.jobs import measure_all
from fairground.market.service.model.chat import Side
from fairground.market.shops.model import ServiceClock
from tests.support.accounts import make_person
from tests.support.chat import let_news_travel, say, talk
from tests.support.shops import make_shop, shop_now
from tests.support.web import Market


async def test_the_clock_of_a_shop_is_measured_from_what_was_said(db: Database) -> None:
    owner = await make_person(db)
    shop, idle = await make_shop(db, owner.id), await make_shop(db)
    for wait in (60, 300):
        buyer = await make_person(db)
        thread = await talk(db, buyer.id, shop.id)
        await say(db, thread, buyer.id, Side.PERSON, "Is it red?")
        await say(db, thread, buyer.id, Side.PERSON, "Or blue?")
        db.clock.move(timedelta(seconds=wait))
        await say(db, thread, owner.id, Side.HOUSE, "Red.")
        await let_news_travel(db)
    assert await measure_all(db) == 1
    assert (await shop_now(db, shop.id)).clock == ServiceClock(2, 1, 180)
    assert (await shop_now(db, idle.id)).clock is None
    assert await measure_all(db) == 1, "once more gives the same"
    assert (await shop_now(db, shop.id)).clock == ServiceClock(2, 1, 180)
    db.clock.move(timedelta(days=31))
    await measure_all(db)
    assert (await shop_now(db, shop.id)).clock is None


async def test_the_shops_page_shows_the_clock_with_n(market: Market) -> None:
    owner, buyer = await make_person(market.db), await make_person(market.db)
    shop = await make_shop(market.db, owner.id)
    thread = await talk(market.db, buyer.id, shop.id)
    await say(market.db, thread, buyer.id, Side.PERSON, "Is it red?")
    market.db.clock.move(timedelta(seconds=90))
    await say(market.db, thread, owner.id, Side.HOUSE, "Red.")
    await let_news_travel(market.db)
    await measure_all(market.db)
    async with market.visitor() as guest, market.visitor("zh-CN") as reader:
        assert "Answers 100% of questions within 3 minutes" in (await guest.get(f"/s/{shop.slug}")).text
        assert "近 30 天 1 次提问" in (await reader.get(f"/s/{shop.slug}")).text
