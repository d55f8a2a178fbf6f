"""What a shop promises, on its own page and on those of its goods."""

from tests.support.accounts import make_person
from tests.support.catalog import make_product
from tests.support.desk import enter_as, post_form
from tests.support.shops import make_shop, shop_now
from tests.support.web import Market


async def test_a_promised_price_stands_on_the_pages_of_the_goods(market: Market) -> None:
    owner = await make_person(market.db)
    shop = await make_shop(market.db, owner.id)
    pot = await make_product(market.db, shop)
    room = f"/seller/{shop.slug}/promises"
    async with market.visitor() as seller, market.visitor() as guest:
        await enter_as(market, seller, owner)
        assert "The price holds for" not in (await guest.get(f"/p/{pot.id}")).text
        for wrong in ("31", "-1", "x", "", "9" * 40):
            answered = await post_form(seller, room, room, {"price_days": wrong})
            assert answered.status_code == 422, wrong
            assert 'id="f-price_days-error"' in answered.text
        assert (await post_form(seller, room, room, {"price_days": "7"})).status_code == 303
        assert (await shop_now(market.db, shop.id)).price_days == 7
        for page in (f"/p/{pot.id}", f"/s/{shop.slug}"):
            assert "The price holds for 7 days" in (await guest.get(page)).text
        assert "Nobody has asked anything yet." in (await seller.get(room)).text


async def test_others_may_not_promise_for_a_shop(market: Market) -> None:
    shop = await make_shop(market.db)
    async with market.visitor() as browser:
        await enter_as(market, browser, await make_person(market.db))
        room = f"/seller/{shop.slug}/promises"
        assert (await browser.get(room)).status_code == 404
        assert (await post_form(browser, "/help/tickets/new", room, {"price_days": "7"})).status_code == 404
    assert (await shop_now(market.db, shop.id)).price_days == 0
