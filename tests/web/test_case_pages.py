"""After-sale as pages: a buyer asks, a shop answers, a clerk looks on; without JavaScript."""

import re
from datetime import timedelta

import msgspec
import pytest
from httpx import AsyncClient, Response

from fairground.kit.actor import person as acting
from fairground.market.accounts.actions.addresses import AddressWish, add_address
from fairground.market.accounts.model import Person
from fairground.market.aftersale.model import Case, CaseKind, CaseReason, CaseState
from fairground.market.aftersale.queries.cases import list_cases_of_order
from fairground.market.orders.model import Order, OrderState
from fairground.market.shops.actions.face import change_shop
from fairground.market.shops.model import Shop, ShopChange
from tests.support.accounts import make_person
from tests.support.cases import BACK, assert_market_clean, case_now, settle_all
from tests.support.catalog import make_product
from tests.support.desk import deeds, enter_as, enter_desk, post_form
from tests.support.media import draw
from tests.support.orders import order_now, pay, place_order, receive, ship
from tests.support.shops import make_shop
from tests.support.web import Market, token_of

NAUGHTY = "<script>alert(1)</script> cracked"


class Deal(msgspec.Struct, frozen=True):
    """Who bought what of whom."""

    buyer: Person
    seller: Person
    shop: Shop
    order: Order

    @property
    def new(self) -> str:
        """The page where a case is opened."""
        return f"/orders/{self.order.id}/cases/new"


async def a_deal(market: Market, stage: str = "received", language: str = "en") -> Deal:
    """Let somebody buy two things of a shop with a return address."""
    db = market.db
    buyer, seller = [await make_person(db, name, language=language) for name in ("Ming", "Wei")]
    wish = AddressWish("Lin Ming", "+86 138 0013 8000", "CN", "浙江省", "杭州市", "西湖区", ["文三路 1 号"], "310000")
    address = await db.write(acting(buyer.id), lambda tx: add_address(tx, buyer.id, wish))
    shop = await make_shop(db, seller.id)
    await db.write(acting(seller.id), lambda tx: change_shop(tx, shop.id, ShopChange(return_address=BACK)))
    goods = [
        (await make_product(db, shop, title=title, price=price), 1) for title, price in (("Pot", 8000), ("Cup", 2000))
    ]
    order = await pay(db, await place_order(db, (buyer.id, address), *goods))
    for step, deed in (("shipped", ship), ("received", receive)):
        if stage in {step, "received"}:
            order = await deed(db, order)
    await settle_all(db)
    return Deal(buyer, seller, shop, order)


async def send(browser: AsyncClient, page: str, path: str, **fields: str) -> Response:
    """Post a form with the keys that its page carries."""
    shown = (await browser.get(page)).text
    key = re.search(r'name="idempotency_key" value="([^"]+)"', shown)
    assert key, shown[:2000]
    return await browser.post(path, data={"csrf": token_of(shown), "idempotency_key": key[1], **fields})


async def the_case(market: Market, deal: Deal) -> Case:
    """Give the latest case of the order."""
    return (await market.db.read(lambda r: list_cases_of_order(r, deal.order.id)))[0]


async def opened(market: Market, browser: AsyncClient, deal: Deal, kind: str = "refund") -> Case:
    """Open a case about the first thing, on its page."""
    await enter_as(market, browser, deal.buyer)
    sent = await send(browser, deal.new, deal.new, kind=kind, reason="damaged", lines="1", words=NAUGHTY)
    assert sent.status_code == 303, sent.text[:3000]
    await settle_all(market.db)
    return await the_case(market, deal)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_refund_is_asked_for_agreed_and_told_on_one_timeline(market: Market, language: str) -> None:
    spoken = "zh-CN" if language == "zh" else "en"
    deal = await a_deal(market, language=spoken)
    async with market.visitor(language) as browser, market.visitor(language) as shop, market.visitor(language) as clerk:
        await enter_as(market, browser, deal.buyer)
        order_page = (await browser.get(f"/orders/{deal.order.id}")).text
        assert f'href="{deal.new}"' in order_page
        form = (await browser.get(deal.new)).text
        assert "Pot" in form
        case = await opened(market, browser, deal)
        assert (case.kind, case.reason, case.positions, case.amount) == (
            CaseKind.REFUND, CaseReason.DAMAGED, (1,), 8000,
        )  # fmt: skip
        assert f'href="/cases/{case.id}"' in (await browser.get(f"/orders/{deal.order.id}")).text
        assert f'href="/cases/{case.id}"' in (await browser.get("/cases")).text
        await enter_as(market, shop, deal.seller)
        home = f"/seller/{deal.shop.slug}/cases"
        assert f'href="{home}/{case.id}"' in (await shop.get(home)).text
        assert "&lt;script&gt;alert(1)" in (await shop.get(f"{home}/{case.id}")).text
        answer = await send(shop, f"{home}/{case.id}", f"{home}/{case.id}/answers", answer="agree")
        assert answer.status_code == 303, answer.text[:3000]
        assert (await case_now(market.db, case)).state is CaseState.REFUNDED
        await enter_desk(market, clerk, language=spoken)
        for page, who in (
            (f"/cases/{case.id}", browser),
            (f"{home}/{case.id}", shop),
            (f"/desk/cases/{case.id}", clerk),
        ):
            shown = (await who.get(page)).text
            assert ("The shop agreed" if language == "en" else "店铺同意") in shown
            assert "alert(1)</script>" not in shown
            assert f'action="{page}/answers"' not in shown, "nothing is left to answer"
    await assert_market_clean(market.db)


async def test_a_return_goes_to_the_shop_and_is_looked_at(market: Market) -> None:
    deal = await a_deal(market)
    async with market.visitor() as browser, market.visitor() as shop:
        case = await opened(market, browser, deal, "return")
        await enter_as(market, shop, deal.seller)
        mine, theirs = f"/cases/{case.id}", f"/seller/{deal.shop.slug}/cases/{case.id}"
        await send(shop, theirs, f"{theirs}/answers", answer="agree")
        assert "仓前街 1 号" in (await browser.get(mine)).text
        wrong = await send(browser, mine, f"{mine}/answers", answer="return_shipped", carrier="sandbox")
        assert wrong.status_code == 422
        assert 'id="f-tracking_number-error"' in wrong.text
        parcel = {"carrier": "sandbox", "tracking_number": "SB0000000001"}
        assert (await send(browser, mine, f"{mine}/answers", answer="return_shipped", **parcel)).status_code == 303
        silent = await send(shop, theirs, f"{theirs}/answers", answer="return_refused", words=" ")
        assert silent.status_code == 422
        assert 'id="f-words-return_refused-error"' in silent.text
        await send(shop, theirs, f"{theirs}/answers", answer="return_refused", words="Another pot came back")
        assert "Another pot came back" in (await browser.get(mine)).text
        assert (await send(browser, mine, f"{mine}/answers", answer="escalate")).status_code == 303
        assert (await case_now(market.db, case)).state is CaseState.ESCALATED
    await assert_market_clean(market.db)


async def test_a_refused_buyer_asks_for_less(market: Market) -> None:
    deal = await a_deal(market)
    async with market.visitor() as browser, market.visitor() as shop:
        case = await opened(market, browser, deal)
        await enter_as(market, shop, deal.seller)
        mine, theirs = f"/cases/{case.id}", f"/seller/{deal.shop.slug}/cases/{case.id}"
        await send(shop, theirs, f"{theirs}/answers", answer="refuse", words="It was whole")
        much = await send(browser, mine, f"{mine}/answers", answer="revise", kind="refund", amount="99999")
        assert much.status_code == 422
        assert 'id="f-amount-error"' in much.text
        assert 'value="99999"' in much.text
        again = await send(browser, mine, f"{mine}/answers", answer="revise", kind="refund", amount="20.50")
        assert again.status_code == 303
        now = await case_now(market.db, case)
        assert (now.state, now.amount) == (CaseState.OPENED, 2050)


async def test_what_is_wrong_stands_beside_its_field_and_nothing_is_opened(market: Market) -> None:
    deal = await a_deal(market)
    async with market.visitor() as browser:
        await enter_as(market, browser, deal.buyer)
        for fields, name in (
            ({"reason": "damaged"}, "kind"),
            ({"kind": "refund"}, "reason"),
            ({"kind": "refund", "reason": "damaged", "amount": "-1"}, "amount"),
            ({"kind": "refund", "reason": "damaged", "amount": "100000"}, "amount"),
            ({"kind": "refund", "reason": "damaged", "words": "x" * 2001}, "words"),
        ):
            answer = await send(browser, deal.new, deal.new, **fields)
            assert answer.status_code == 422, name
            assert f'id="f-{name}-error"' in answer.text, name
        odd = await send(browser, deal.new, deal.new, kind="refund", reason="damaged", lines="77", words="Kept words")
        assert odd.status_code == 422
        assert "Kept words" in odd.text
        shown = (await browser.get(deal.new)).text
        key = re.search(r'name="idempotency_key" value="([^"]+)"', shown)
        assert key
        form = {"csrf": token_of(shown), "idempotency_key": key[1], "kind": "refund", "reason": "damaged"}
        bad = await browser.post(deal.new, data=form, files={"pictures": ("a.png", b"<html>", "image/png")})
        assert bad.status_code == 422
        assert 'id="f-pictures-error"' in bad.text
    assert await market.db.read(lambda r: list_cases_of_order(r, deal.order.id)) == []


async def test_a_form_sent_twice_is_one_case_and_one_refund(market: Market) -> None:
    deal = await a_deal(market)
    async with market.visitor() as browser, market.visitor() as shop:
        await enter_as(market, browser, deal.buyer)
        form = {"kind": "refund", "reason": "damaged", "lines": "2", "idempotency_key": "k1"}
        places = [(await post_form(browser, "/account", deal.new, form)).headers["location"] for _ in range(2)]
        assert places[0] == places[1]
        case = await the_case(market, deal)
        assert (await browser.get(deal.new)).headers["location"] == f"/cases/{case.id}"
        await enter_as(market, shop, deal.seller)
        path = f"/seller/{deal.shop.slug}/cases/{case.id}/answers"
        for _ in range(2):
            answer = await post_form(shop, "/account", path, {"answer": "agree", "idempotency_key": "k2"})
            assert answer.status_code == 303
        late = await post_form(shop, "/account", path, {"answer": "agree", "idempotency_key": "k3"})
        assert late.status_code == 409
    assert (await order_now(market.db, deal.order)).refunded == 2000
    await assert_market_clean(market.db)


async def test_both_sides_add_pictures_that_only_they_and_the_market_see(market: Market) -> None:
    deal = await a_deal(market)
    async with (
        market.visitor() as browser, market.visitor() as shop, market.visitor() as clerk, market.visitor() as stranger,
    ):  # fmt: skip
        case = await opened(market, browser, deal)
        mine = f"/cases/{case.id}"
        token = token_of((await browser.get(mine)).text)
        form, files = {"csrf": token, "evidence-words": "See here"}, {"pictures": ("a.jpg", draw(), "image/jpeg")}
        assert (await browser.post(f"{mine}/evidence", data=form, files=files)).status_code == 303
        shown = (await browser.get(mine)).text
        assert "See here" in shown
        found = re.search(r"/media/(\d+)/1600\.webp", shown)
        assert found
        picture = f"/media/{found[1]}/240.webp"
        await enter_as(market, shop, deal.seller)
        await enter_desk(market, clerk)
        await enter_as(market, stranger, await make_person(market.db))
        seen = [(await who.get(picture)).status_code for who in (browser, shop, clerk, stranger)]
        assert seen == [200, 200, 200, 404]
        empty = await browser.post(f"{mine}/evidence", data={"csrf": token, "evidence-words": " "})
        assert empty.status_code == 422
        assert 'id="f-evidence-words-error"' in empty.text


async def test_silence_gives_the_money_back_and_the_order_says_so(market: Market) -> None:
    deal = await a_deal(market, "shipped")
    async with market.visitor() as browser:
        await enter_as(market, browser, deal.buyer)
        await send(browser, deal.new, deal.new, kind="refund", reason="not_received")
        await settle_all(market.db)
        case = await the_case(market, deal)
        market.db.clock.move(timedelta(hours=36, seconds=1))
        await settle_all(market.db)
        assert (await case_now(market.db, case)).state is CaseState.REFUNDED
        assert "Nobody answered: the money goes back" in (await browser.get(f"/cases/{case.id}")).text
    assert (await order_now(market.db, deal.order)).state is OrderState.CLOSED
    await assert_market_clean(market.db)


async def test_neighbours_and_strangers_find_nothing_and_move_nothing(market: Market) -> None:
    deal, other = await a_deal(market), await a_deal(market)
    async with market.visitor() as browser, market.visitor() as neighbour, market.visitor() as guest:
        case = await opened(market, browser, deal)
        await enter_as(market, neighbour, other.seller)
        home = f"/seller/{other.shop.slug}"
        for page in (f"/cases/{case.id}", f"/seller/{deal.shop.slug}/cases", f"{home}/cases/{case.id}", "/desk/cases",
                     f"/desk/cases/{case.id}", deal.new):  # fmt: skip
            assert (await neighbour.get(page)).status_code == 404, page
        form = {"answer": "agree", "idempotency_key": "k"}
        for path in (f"/cases/{case.id}", f"/seller/{deal.shop.slug}/cases/{case.id}", f"{home}/cases/{case.id}"):
            assert (await post_form(neighbour, "/account", f"{path}/answers", form)).status_code == 404, path
            words = {"evidence-words": "Let me in"}
            assert (await post_form(neighbour, "/account", f"{path}/evidence", words)).status_code == 404, path
        wrong_side = await post_form(browser, "/account", f"/cases/{case.id}/answers", form)
        assert wrong_side.status_code == 403
        assert (await guest.get(f"/cases/{case.id}")).headers["location"].startswith("/sign-in")
    assert (await case_now(market.db, case)).version == case.version


async def test_the_desk_counts_and_filters_and_its_look_is_logged(market: Market) -> None:
    deal = await a_deal(market)
    async with market.visitor() as browser, market.visitor() as clerk:
        case = await opened(market, browser, deal)
        await enter_desk(market, clerk)
        assert f'href="/desk/cases/{case.id}"' in (await clerk.get("/desk/cases?state=opened")).text
        assert f'href="/desk/cases/{case.id}"' not in (await clerk.get("/desk/cases?state=refunded")).text
        await send(browser, f"/cases/{case.id}", f"/cases/{case.id}/answers", answer="withdraw")
        listed = (await clerk.get("/desk/cases")).text
        assert "Taken back by the buyer" in listed
        await clerk.get(f"/desk/cases/{case.id}")
    assert ("desk.look_at_case", "") in await deeds(market)
