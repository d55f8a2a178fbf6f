"""After-sale in a browser: a refund that the seller lets time out, and a return that goes to the market."""

import secrets
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from tests.support.browser import Fair, assert_accessible, assert_no_overflow, press, sign_in
from tests.support.program import environment, opened
from tests.support.road import HANGZHOU, ask, join, list_product, open_shop, pay_at_the_play_bank, with_key

MANY = {"FAIRGROUND_RATE_LIMIT_SCALE": "1000"}
BACK = {**HANGZHOU, "name": "Returns", "district": "余杭区", "lines": ["仓前街 1 号"]}
PARCEL = {"carrier": "sandbox", "tracking_number": "SB0000000001"}


@pytest.fixture
def folder() -> Iterator[Path]:
    """A data folder for a market that is closed and opened again."""
    # Below /var/tmp and passable: the embedded database may run as another user than this one.
    made = Path(tempfile.mkdtemp(prefix="fairground-cases-", dir="/var/tmp"))
    made.chmod(0o711)
    yield made
    shutil.rmtree(made, ignore_errors=True)


class Deal:
    """Who bought what of whom, by API."""

    def __init__(self, mark: str, buyer: str, seller: str, order: str, slug: str) -> None:
        self.mark, self.buyer, self.seller, self.order, self.slug = mark, buyer, seller, order, slug


async def a_deal(fair: Fair, *, shipped: bool) -> Deal:
    """Let somebody buy in a new shop."""
    mark = secrets.token_hex(3)
    buyer_email, seller_email = f"buyer-{mark}@example.org", f"seller-{mark}@example.org"
    async with fair.program() as guest:
        tokens = [await join(guest, name, mail) for name, mail in (("Ming", buyer_email), ("Wei", seller_email))]
    async with fair.program(tokens[0]) as buyer, fair.program(tokens[1]) as seller:
        slug = await open_shop(seller, f"Moon {mark}", f"moon-{mark}")
        order = await _buy(buyer, await list_product(seller, slug, f"Moon jar {mark}", 12_800))
        await ask(seller, "PATCH", f"/shops/{slug}", {"return_address": BACK})
        if shipped:
            await ask(seller, "POST", f"/orders/{order}/shipment", PARCEL, 201)
    return Deal(mark, buyer_email, seller_email, order, slug)


async def _buy(buyer: httpx.AsyncClient, product: Any) -> str:
    address = await ask(buyer, "POST", "/me/addresses", HANGZHOU, 201)
    wish = {"address_id": address["id"], "lines": [{"variant_id": product["variants"][0]["id"], "quantity": 1}]}
    placed = await ask(buyer, "POST", "/checkouts", wish, 201, headers=with_key())
    await pay_at_the_play_bank(buyer, placed["payment"]["id"])
    return str(placed["orders"][0]["id"])


async def open_a_case(page: Any, deal: Deal, kind: str, reason: str) -> str:
    """Go from the order to its case, as a buyer; give the case's address."""
    await page.goto(f"/orders/{deal.order}")
    await press(page, f"main a[href='/orders/{deal.order}/cases/new']")
    await assert_no_overflow(page)
    await page.locator(f".tick:has([value={kind}]) label").click()
    await page.select_option("[name=reason]", reason)
    await page.fill("[name=words]", "It is not what I hoped for.")
    await press(page, "main form button.main")
    assert "/cases/" in page.url
    return str(page.url.partition("/cases/")[2])


async def until(page: Any, selector: str) -> None:
    """Look again until something is on the page: news take a moment."""
    for _ in range(60):
        if await page.locator(selector).count():
            return
        await page.wait_for_timeout(300)
        await page.reload()
    raise AssertionError(f"{selector} never came to {page.url}")


async def test_a_refund_that_the_seller_lets_time_out(walker: Fair, folder: Path) -> None:
    """The buyer asks, nobody answers; a day later the money is back, and the books are right."""
    data = folder / "data"
    with opened(data, **MANY) as market:
        fair = _at(walker, market.url, data)
        deal = await a_deal(fair, shipped=False)
        async with fair.person("zh-CN", 1440) as buyer:
            await sign_in(buyer, deal.buyer)
            case = await open_a_case(buyer, deal, "refund", "unwanted")
            await assert_accessible(buyer)
    with opened(data, **MANY, FAIRGROUND_CLOCK_OFFSET="25h") as market:
        fair = _at(walker, market.url, data)
        async with fair.person("en", 390) as buyer:
            await sign_in(buyer, deal.buyer)
            await buyer.goto(f"/cases/{case}")
            await until(buyer, "main .badge.ok")
            await assert_no_overflow(buyer)
            await buyer.goto(f"/orders/{deal.order}")
            assert not await buyer.locator(f"form[action='/orders/{deal.order}/receipt']").count()
        async with fair.person("en", 1440) as seller:
            await sign_in(seller, deal.seller)
            await seller.goto(f"/seller/{deal.slug}/cases?state=refunded")
            await until(seller, f"main a[href='/seller/{deal.slug}/cases/{case}']")
        books = fair.run("audit")
        assert books.returncode == 0, books.stdout + books.stderr


def _at(walker: Fair, url: str, data: Path) -> Fair:
    fair = Fair(url, data, environment(data, **MANY))
    fair.browser, fair.complaints = walker.browser, walker.complaints
    return fair


@pytest.mark.parametrize(("language", "width"), [("zh-CN", 1440), ("en", 390)])
async def test_a_return_that_the_shop_does_not_accept_goes_to_the_market(
    walker: Fair, language: str, width: int
) -> None:
    """Sent back by agreement, refused after a look, brought before the market: each side by its own pages."""
    deal = await a_deal(walker, shipped=True)
    async with walker.person(language, width) as buyer, walker.person(language, width) as seller:
        await sign_in(buyer, deal.buyer)
        await sign_in(seller, deal.seller)
        case = await open_a_case(buyer, deal, "return", "not_as_described")
        mine, theirs = f"/cases/{case}", f"/seller/{deal.slug}/cases/{case}"
        await seller.goto(f"/seller/{deal.slug}/cases")
        await until(seller, f"main a[href='{theirs}']")
        await press(seller, f"main a[href='{theirs}']")
        await press(seller, "#deeds button.main")
        await assert_accessible(seller)

        await buyer.goto(mine)
        assert "仓前街 1 号" in await buyer.inner_text("main aside")
        await buyer.select_option("#deeds [name=carrier]", PARCEL["carrier"])
        await buyer.fill("#deeds [name=tracking_number]", PARCEL["tracking_number"])
        await press(buyer, "#deeds button.main")

        await seller.goto(theirs)
        await seller.locator("#deeds details summary").first.click()
        await seller.fill("#f-words-return_refused", "Another jar came back.")
        await press(seller, "#deeds details[open] form button")
        await assert_no_overflow(seller)

        await buyer.goto(mine)
        assert "Another jar came back." in await buyer.inner_text("#happened")
        await press(buyer, "#deeds button.main")
        assert await buyer.locator(f"main a[href='/justice/disputes?case={case}']").count()
        await assert_accessible(buyer)
        await assert_no_overflow(buyer)
    books = walker.run("audit")
    assert books.returncode == 0, books.stdout + books.stderr
