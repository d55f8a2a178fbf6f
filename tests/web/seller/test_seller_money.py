"""A shop's money by page: seen by those who may, paid out once, the bank account guarded, files that run nowhere."""

import csv
import io
import re
from datetime import timedelta

from fairground.kit.actor import person, system
from fairground.market.payments.actions import bounce_payout, change_destination, settle_payout
from fairground.market.payments.model import Payout
from fairground.market.payments.queries import list_destinations, list_payouts, payout_figures
from fairground.market.shops.model import Role
from fairground.web.seller.frame import ENTRY
from tests.support.accounts import PASSWORD
from tests.support.catalog import make_product
from tests.support.desk import post_form
from tests.support.orders import assert_all_clean, everything
from tests.support.payments import ACCOUNT
from tests.support.seller import Booth, enter_booth, make_booth, paid_order, sold_order
from tests.support.statements import statements
from tests.support.web import Market, token_of

A_SESSION = 1
BANK = {"holder": "Lan", "number": "6222 0210 0112 3456 789", "bank": "ICBC", "password": PASSWORD}


async def add_bank(booth: Booth) -> None:
    await booth.market.db.write(person(booth.owner.id), lambda tx: change_destination(tx, booth.shop.id, ACCOUNT))


async def payouts(booth: Booth) -> list[Payout]:
    return (await booth.market.db.read(lambda r: list_payouts(r, booth.shop.id))).items


async def test_the_seller_sees_what_was_earned_and_when_it_comes(market: Market) -> None:
    booth = await make_booth(market)
    await sold_order(booth)
    await paid_order(booth, 2)
    await add_bank(booth)
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        with statements() as seen:
            shown = (await seller.get(f"{booth.home}/money")).text
        assert len(seen) <= A_SESSION + ENTRY + 6, seen
        flat = re.sub(r"<[^>]+>", "", shown)
        assert "¥398.00" in flat  # held
        assert "¥193.03" in flat  # available: 199.00 less 3 %
        assert "¥386.06" in flat  # comes, once shipped
        assert "•••• 6789" in shown
        assert ACCOUNT.number not in shown
        with statements() as seen:
            shown = (await seller.get(f"{booth.home}/money/statement")).text
        assert len(seen) <= A_SESSION + ENTRY + 2, seen
        for words in ("¥199.00", "-¥5.97", "+¥193.03"):
            assert words in shown, words


async def test_money_is_for_owner_and_accountant(market: Market) -> None:
    booth, other = await make_booth(market), await make_booth(market, "paper")
    await sold_order(booth)
    await add_bank(booth)
    pages = [f"{booth.home}/money{path}" for path in ("", "/statement", "/statement/csv", "/payouts", "/bank")]
    async with market.visitor() as browser:
        for role in (Role.CLERK, Role.MANAGER):
            await enter_booth(booth, browser, role)
            for page in pages:
                assert (await browser.get(page)).status_code == 403, page
        await enter_booth(other, browser)
        for page in pages:
            assert (await browser.get(page)).status_code == 404, page
        wish = {"amount": "1", "idempotency_key": "k"}
        before = await everything(market.db)
        home = f"{other.home}/money"
        assert (await post_form(browser, home, f"{booth.home}/money/payouts", wish)).status_code == 404
        assert (await post_form(browser, home, f"{booth.home}/money/bank", BANK)).status_code == 404
        assert (await post_form(browser, home, f"{booth.home}/money/bank/keep")).status_code == 404
        assert await everything(market.db) == before
        await enter_booth(booth, browser, Role.ACCOUNTANT)
        for page in pages:
            assert (await browser.get(page)).status_code == 200, page
        assert "Only the owner" in (await browser.get(pages[0])).text
        assert (await post_form(browser, pages[0], f"{booth.home}/money/payouts", wish)).status_code == 403
        assert (await post_form(browser, pages[0], f"{booth.home}/money/bank", BANK)).status_code == 403
    assert await payouts(booth) == []


async def test_a_payout_is_made_once_however_often_the_form_is_sent(market: Market) -> None:
    booth = await make_booth(market)
    await sold_order(booth)
    await add_bank(booth)
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        page = (await seller.get(f"{booth.home}/money")).text
        key = re.search(r'name="idempotency_key" value="([^"]+)"', page)
        assert key
        form = {"csrf": token_of(page), "idempotency_key": key[1], "amount": "100.03"}
        for _ in range(3):
            assert (await seller.post(f"{booth.home}/money/payouts", data=form)).status_code == 303
        (payout,) = await payouts(booth)
        assert payout.money.amount == 10_003
        for amount in ("", "0", "-1", "0.5", "1.234", "93.01", "1e9", "Infinity", "=1"):
            wrong = {**form, "amount": amount, "idempotency_key": f"k{amount}"}
            answer = await seller.post(f"{booth.home}/money/payouts", data=wrong)
            assert answer.status_code in {409, 422}, amount
            assert 'id="f-amount-error"' in answer.text, amount
        assert len(await payouts(booth)) == 1
        with statements() as seen:
            shown = (await seller.get(f"{booth.home}/money/payouts/{payout.id}")).text
        assert len(seen) <= A_SESSION + ENTRY + 4, seen
        assert "-¥100.03" in shown
        other = await make_booth(market, "paper")
        await enter_booth(other, seller)
        assert (await seller.get(f"{other.home}/money/payouts/{payout.id}")).status_code == 404
        assert (await seller.get(f"{other.home}/money/payouts/{payout.id}/csv")).status_code == 404
    await assert_all_clean(market.db)


async def test_a_payout_waits_for_a_bank_account_and_a_confirmed_address(market: Market) -> None:
    booth = await make_booth(market, verified=False)
    await sold_order(booth)
    wish = {"amount": "10", "idempotency_key": "k"}
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        assert "Add a bank account" in (await seller.get(f"{booth.home}/money")).text
        assert "Confirm your e-mail address" in (await seller.get(booth.home)).text
        await add_bank(booth)
        assert "confirm your e-mail" in (await seller.get(f"{booth.home}/money")).text
        answer = await post_form(seller, f"{booth.home}/money", f"{booth.home}/money/payouts", wish)
        assert answer.status_code == 403
        assert "confirm your e-mail" in answer.text
    assert await payouts(booth) == []


async def test_a_payout_that_came_back_says_why_and_the_money_is_there_again(market: Market) -> None:
    booth = await make_booth(market)
    await sold_order(booth)
    await add_bank(booth)
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        wish = {"amount": "193.03", "idempotency_key": "k"}
        await post_form(seller, f"{booth.home}/money", f"{booth.home}/money/payouts", wish)
        (payout,) = await payouts(booth)
        now = market.db.clock.now()
        await market.db.write(system("bank"), lambda tx: settle_payout(tx, payout.id, "R1", now))
        assert "Arrived" in (await seller.get(f"{booth.home}/money/payouts")).text
        words = "Name <b>does not match</b>"
        await market.db.write(system("bank"), lambda tx: bounce_payout(tx, payout.id, words, now))
        for path in (f"/money/payouts/{payout.id}", "/money/payouts", "/money"):
            shown = (await seller.get(booth.home + path)).text
            assert "Came back" in shown, path
            assert "Name &lt;b&gt;does not match" in shown, path
        assert "your balance again" in (await seller.get(f"{booth.home}/money/payouts/{payout.id}")).text
    figures = await market.db.read(lambda r: payout_figures(r, booth.shop.id, "CNY"))
    assert (figures.available.amount, figures.under_way.amount, figures.paid_out.amount) == (19_303, 0, 0)
    await assert_all_clean(market.db)


async def test_the_bank_account_asks_for_the_password_and_a_change_waits(market: Market) -> None:
    booth = await make_booth(market)
    page = f"{booth.home}/money/bank"
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        for wrong in ({"password": "guess"}, {"number": "12"}, {"holder": " "}, {"number": "<script>alert(1)"}):
            answer = await post_form(seller, page, page, {**BANK, **wrong})
            assert answer.status_code == 422, wrong
            assert "0112 3456" not in answer.text, "a number typed is not given back"
        assert await market.db.read(lambda r: list_destinations(r, booth.shop.id)) == []
        assert (await post_form(seller, page, page, BANK)).status_code == 303
        assert "•••• 6789" in (await seller.get(page)).text
        again = await post_form(seller, page, page, {**BANK, "number": "DE89370400440532013000"})
        assert again.status_code == 303
        shown = (await seller.get(page)).text
        assert "•••• 6789" in shown
        assert "•••• 3000" in shown
        assert "Take the change back" in shown
        assert "is used from" in (await seller.get(f"{booth.home}/money")).text
        assert (await post_form(seller, page, f"{page}/keep")).status_code == 303
        assert "•••• 3000" not in (await seller.get(page)).text
        await post_form(seller, page, page, {**BANK, "number": "DE89370400440532013000"})
        market.db.clock.move(timedelta(hours=73))
        shown = (await seller.get(page)).text
        assert "•••• 3000" in shown
        assert "•••• 6789" not in shown


async def test_the_statement_as_csv_adds_up_and_no_cell_runs(market: Market) -> None:
    booth = await make_booth(market, title="=cmd|' /C calc'!A0")
    more = await make_product(market.db, booth.shop, title="@SUM(1)", price=1_000)
    for product in (booth.product, more):
        await sold_order(Booth(market, booth.owner, booth.shop, product))
    await add_bank(booth)
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        wish = {"amount": "50", "idempotency_key": "k"}
        await post_form(seller, f"{booth.home}/money", f"{booth.home}/money/payouts", wish)
        (payout,) = await payouts(booth)
        for path in ("/money/statement/csv", f"/money/payouts/{payout.id}/csv"):
            given = await seller.get(booth.home + path)
            assert given.headers["content-type"].startswith("text/csv")
            rows = list(csv.DictReader(io.StringIO(given.content.decode("utf-8-sig"))))
            assert [row["what"] for row in rows] == ["Payout", "Sale", "Sale"]
            assert [row["net"] for row in rows] == ["-50.00", "9.70", "193.03"]
            assert [row["balance"] for row in rows] == ["152.73", "202.73", "193.03"]
            assert rows[2]["things"].startswith("'=cmd")
            assert rows[1]["things"].startswith("'@SUM")
            for row in rows:
                parts = [float(row[name]) for name in ("gross", "promotions", "commission", "other")]
                assert round(sum(parts), 2) == float(row["net"])


async def test_a_long_statement_goes_on_without_tearing_a_sale_apart(market: Market) -> None:
    booth = await make_booth(market, stock=None)
    for _ in range(50):
        await sold_order(booth)
        market.db.clock.move(timedelta(seconds=1))
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        path, lines = f"{booth.home}/money/statement", 0
        while path:
            shown = (await seller.get(path)).text
            assert shown.count("+¥193.03") == shown.count("-¥5.97")
            lines += shown.count("+¥193.03")
            more = re.search(r'href="([^"]*after=[^"]*)"', shown)
            path = more[1].replace("&amp;", "&") if more else ""
    assert lines == 50
