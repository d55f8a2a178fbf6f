"""A shop's coupons by page, and the wallet of who takes them."""

from datetime import timedelta

import pytest

from fairground.market.promotions.model import AmountOff, Coupon, CouponState, PercentOff
from fairground.market.promotions.queries.coupons import list_coupons_of_shop
from fairground.market.shops.model import Role
from fairground.web.seller.frame import ENTRY
from tests.support.accounts import make_person
from tests.support.desk import enter_as, post_form
from tests.support.seller import Booth, enter_booth, make_booth
from tests.support.statements import statements
from tests.support.web import Market

A_SESSION = 1
GOOD = {
    "title": "Ten <b>off</b>",
    "kind": "amount",
    "amount": "10.50",
    "threshold": "100",
    "starts_at": "2026-06-18T20:00",
    "ends_at": "2026-07-01T00:00",
    "per_person_limit": "1",
}


async def coupons(booth: Booth) -> list[Coupon]:
    return (await booth.market.db.read(lambda r: list_coupons_of_shop(r, booth.shop.id))).items


async def test_a_coupon_is_put_up_shown_and_stopped(market: Market) -> None:
    booth = await make_booth(market)
    path = f"{booth.home}/coupons"
    async with market.visitor() as seller:
        await enter_booth(booth, seller, Role.MANAGER)
        assert "No coupon yet" in (await seller.get(path)).text
        assert (await post_form(seller, f"{path}/new", path, GOOD)).status_code == 303
        percent = {**GOOD, "title": "Part", "kind": "percent", "percent": "12.5", "cap": "20", "code": "spring"}
        assert (await post_form(seller, f"{path}/new", path, percent)).status_code == 303
        with statements() as seen:
            shown = (await seller.get(path)).text
        assert len(seen) <= A_SESSION + ENTRY + 1, seen
        for words in (
            "Ten &lt;b&gt;off&lt;/b&gt;",
            "¥10.50 off",
            "12.5% off, at most ¥20.00",
            "SPRING",
            "Can be taken",
        ):
            assert words in shown, words
        part, ten = await coupons(booth)
        assert (ten.effect, ten.threshold) == (AmountOff(1050), 10_000)
        assert part.effect == PercentOff(1250, 2000)
        # The form's moments are the market's: 20:00 in Shanghai is noon in UTC.
        assert ten.starts_at == market.db.clock.now()
        assert (await post_form(seller, path, f"{path}/{ten.id}/stop")).status_code == 303
        assert (await coupons(booth))[1].state is CouponState.STOPPED
        taken_code = await post_form(seller, f"{path}/new", path, percent)
        assert taken_code.status_code == 409
        assert "has this code" in taken_code.text


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"amount": "0"},
        {"amount": "ten"},
        {"amount": "200"},
        {"threshold": "-1"},
        {"kind": "percent", "percent": "95"},
        {"kind": "percent", "percent": "NaN"},
        {"kind": "percent", "percent": ""},
        {"ends_at": "2026-06-01T00:00"},
        {"ends_at": "soon"},
        {"total_limit": "1.5"},
        {"per_person_limit": ""},
        {"code": "12345"},
    ],
)
async def test_a_wrong_coupon_names_its_field(market: Market, wrong: dict[str, str]) -> None:
    booth = await make_booth(market)
    path = f"{booth.home}/coupons"
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        answer = await post_form(seller, f"{path}/new", path, {**GOOD, **wrong})
        assert answer.status_code == 422
        assert f'id="f-{list(wrong)[-1]}-error"' in answer.text
    assert await coupons(booth) == []


async def test_coupons_are_for_those_who_manage_goods(market: Market) -> None:
    booth, other = await make_booth(market), await make_booth(market, "paper")
    path = f"{booth.home}/coupons"
    async with market.visitor() as seller, market.visitor() as browser:
        await enter_booth(booth, seller)
        await post_form(seller, f"{path}/new", path, GOOD)
        (coupon,) = await coupons(booth)
        await enter_booth(booth, browser, Role.CLERK)
        assert (await browser.get(path)).status_code == 403
        await enter_booth(other, browser)
        for page in (path, f"{path}/new"):
            assert (await browser.get(page)).status_code == 404
        for deed in (path, f"{path}/{coupon.id}/stop", f"{other.home}/coupons/{coupon.id}/stop"):
            assert (await post_form(browser, f"{other.home}/coupons/new", deed, GOOD)).status_code == 404, deed
    (now,) = await coupons(booth)
    assert now == coupon


async def test_the_wallet_shows_what_is_held_and_what_is_past(market: Market) -> None:
    booth = await make_booth(market)
    path = f"{booth.home}/coupons"
    async with market.visitor() as seller, market.visitor() as buyer:
        await enter_booth(booth, seller)
        await post_form(seller, f"{path}/new", path, {**GOOD, "code": "FAIR"})
        await enter_as(market, buyer, await make_person(market.db, "Ming"))
        wallet = "/account/coupons"
        assert "No coupons at the moment" in (await buyer.get(wallet)).text
        for wrong in ({"shop": "lantern", "code": "NOPE"}, {"shop": "nowhere", "code": "FAIR"}):
            await post_form(buyer, wallet, wallet, wrong)
        assert "No coupons at the moment" in (await buyer.get(wallet)).text
        typed = {"shop": "http://market.test/s/lantern/", "code": " fair "}
        assert (await post_form(buyer, wallet, wallet, typed)).status_code == 303
        with statements() as seen:
            shown = (await buyer.get(wallet)).text
        assert len(seen) <= A_SESSION + 2, seen
        assert "Ten &lt;b&gt;off&lt;/b&gt;" in shown
        assert "/s/lantern" in shown
        market.db.clock.move(timedelta(days=20))
        assert "No coupons at the moment" in (await buyer.get(wallet)).text
        assert "Ten &lt;b&gt;off&lt;/b&gt;" in (await buyer.get(f"{wallet}?past=1")).text
    async with market.visitor() as guest:
        assert (await guest.get("/account/coupons")).status_code in {303, 401}
