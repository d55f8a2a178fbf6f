"""A shop's orders by page: found, packed, sent in parcels, papers, lists; each deed once, none by strangers."""

import csv
import io
import re
import shutil
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest

from fairground.kit.actor import person
from fairground.kit.clock import Clock
from fairground.market.orders.actions.cancel import cancel_order
from fairground.market.orders.model import CloseReason, Order, OrderState
from fairground.market.shipping.queries import list_parcels
from fairground.market.shops.actions.face import change_shop
from fairground.market.shops.model import Role, ShopChange
from fairground.web.seller.frame import ENTRY
from tests.support.accounts import make_person
from tests.support.catalog import make_product
from tests.support.desk import enter_as, post_form
from tests.support.orders import assert_all_clean, everything, in_full, make_buyer, order_now, place_order, settle, ship
from tests.support.seller import Booth, enter_booth, make_booth, paid_order, words_of
from tests.support.shops import make_shop
from tests.support.statements import statements
from tests.support.web import Market, token_of

A_SESSION = 1
READS_PDF = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="poppler's pdftotext is not here")


def of(booth: Booth, order: Order) -> str:
    return f"{booth.home}/orders/{order.id}"


async def test_orders_are_listed_by_state_and_found_by_number(market: Market) -> None:
    booth = await make_booth(market, title="Teapot <i>two</i>")
    order = await paid_order(booth)
    await place_order(market.db, await make_buyer(market.db), (booth.product, 2))
    await settle(market.db)
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        with statements() as seen:
            shown = (await seller.get(f"{booth.home}/orders")).text
        assert len(seen) <= A_SESSION + ENTRY + 1, seen
        assert "Teapot &lt;i&gt;two&lt;/i&gt;" in shown
        assert shown.count("Teapot &lt;i&gt;") == 2
        paid = (await seller.get(f"{booth.home}/orders", params={"state": "paid"})).text
        assert order.shown_number in paid
        assert paid.count("Teapot &lt;i&gt;") == 1
        for q in (order.shown_number, f"{order.number:012d}"):
            found = await seller.get(f"{booth.home}/orders", params={"q": q})
            assert found.headers["location"] == of(booth, order)
        missed = (await seller.get(f"{booth.home}/orders", params={"q": "1234"})).text
        assert "No order of this shop has the number 1234" in missed


async def test_the_list_goes_on_page_by_page(market: Market) -> None:
    booth = await make_booth(market, stock=None)
    buyer = await make_buyer(market.db)
    orders = [await place_order(market.db, buyer, (booth.product, 1)) for _ in range(26)]
    await settle(market.db)
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        first = (await seller.get(f"{booth.home}/orders", params={"state": "placed"})).text
        more = re.search(r'href="([^"]*after=[^"]*)"', first)
        assert more
        second = (await seller.get(more[1].replace("&amp;", "&"))).text
    shown = [o for o in orders if o.shown_number in first], [o for o in orders if o.shown_number in second]
    assert (len(shown[0]), len(shown[1])) == (24, 2)
    assert {o.id for part in shown for o in part} == {o.id for o in orders}


async def test_an_order_says_where_it_goes_what_the_shop_gets_and_when(market: Market) -> None:
    booth = await make_booth(market)
    order = await paid_order(booth, 2, notes={"lantern": "Ring <b>twice</b>"})
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        with statements() as seen:
            shown = (await seller.get(of(booth, order))).text
        assert len(seen) <= A_SESSION + ENTRY + 3, seen
        for words in (
            "Lin Ming",
            "+8613800138000",
            "文三路 1 号",
            "Ring &lt;b&gt;twice&lt;/b&gt;",
            "¥398.00",
            "-¥11.94",
        ):
            assert words in shown, words
        assert "386" in shown  # 398.00 less 3 %
        assert "You promised to send it by" in shown
        await ship(market.db, order)
        with statements() as seen:
            shown = (await seller.get(of(booth, order))).text
        assert len(seen) <= A_SESSION + ENTRY + 6, seen
        assert "Yours when the buyer confirms" in shown


async def test_roles_see_what_is_theirs(market: Market) -> None:
    booth = await make_booth(market)
    order = await paid_order(booth)
    async with market.visitor() as clerk, market.visitor() as books:
        await enter_booth(booth, clerk, Role.CLERK)
        await enter_booth(booth, books, Role.ACCOUNTANT)
        shown = (await clerk.get(of(booth, order))).text
        assert "文三路 1 号" in shown
        assert "What you get" not in shown
        assert "Give money back" not in shown
        before = await everything(market.db)
        data = {"whole": "1", "idempotency_key": "k1"}
        assert (await post_form(clerk, of(booth, order), f"{of(booth, order)}/refund", data)).status_code == 403
        shown = (await books.get(of(booth, order))).text
        assert "文三路 1 号" not in shown
        assert "+8613800138000" not in shown
        assert "What you get" in shown
        sent = {"carrier": "sf", "tracking_number": "SF1234567890123"}
        assert (await post_form(books, of(booth, order), f"{of(booth, order)}/parcels", sent)).status_code == 403
        assert (await books.get(f"{booth.home}/orders/papers?kind=labels&order={order.id}")).status_code == 403
        assert await everything(market.db) == before


async def test_strangers_find_nothing(market: Market) -> None:
    booth, other = await make_booth(market), await make_booth(market, "paper")
    order = await paid_order(booth)
    paths = ("", "/orders", f"/orders/{order.id}", "/orders/shipments", "/orders/shipments/list")
    async with market.visitor() as stranger, market.visitor() as guest:
        await enter_booth(other, stranger)
        before = await everything(market.db)
        for path in (*paths, f"/orders/papers?kind=labels&order={order.id}", "/orders/papers"):
            assert (await stranger.get(booth.home + path)).status_code == 404, path
            assert (await guest.get(booth.home + path)).status_code in {303, 401}, path
        # Through one's own door, too, another shop's order is not there.
        own = f"{other.home}/orders/{order.id}"
        assert (await stranger.get(own)).status_code == 404
        assert (await stranger.get(f"{other.home}/orders/papers?order={order.id}")).status_code == 404
        assert "No order of this shop" in (await stranger.get(f"{other.home}/orders?q={order.number}")).text
        for deed in ("parcels", "extension", "refund", "cancellation"):
            form = {"carrier": "sf", "tracking_number": "SF1234567890123", "days": "3", "answer": "agree"}
            form |= {"whole": "1", "idempotency_key": "k1"}
            for path in (f"{own}/{deed}", f"{of(booth, order)}/{deed}"):
                assert (await post_form(stranger, f"{other.home}/orders", path, form)).status_code == 404, path
        assert await everything(market.db) == before


async def test_an_order_goes_in_several_parcels(market: Market) -> None:
    booth = await make_booth(market)
    cup = await make_product(market.db, booth.shop, title="Cup", price=5_000)
    order = await paid_order(booth, 2, (cup, 1))
    page, path = of(booth, order), f"{of(booth, order)}/parcels"
    async with market.visitor() as clerk:
        await enter_booth(booth, clerk, Role.CLERK)
        part = {"carrier": "sf", "tracking_number": "SF1234567890123", "pieces-1": "1", "pieces-2": "0"}
        assert (await post_form(clerk, page, path, part)).status_code == 303
        assert (await order_now(market.db, order)).state is OrderState.PAID
        assert "still to ship" in (await clerk.get(page)).text
        too_many = await post_form(clerk, page, path, {**part, "pieces-1": "2"})
        assert too_many.status_code == 409
        assert "in a parcel already" in too_many.text
        rest = {"carrier": "none", "tracking_number": ""}
        assert (await post_form(clerk, page, path, rest)).status_code == 303
    assert (await order_now(market.db, order)).state is OrderState.SHIPPED
    first, second = await market.db.read(lambda r: list_parcels(r, order.id))
    assert (first.carrier, first.tracking_number, sum(first.lines.values())) == ("sf", "SF1234567890123", 1)
    assert (second.carrier, second.tracking_number, sum(second.lines.values())) == (None, None, 2)


@pytest.mark.parametrize(
    "wrong",
    [
        {"carrier": "pigeon", "tracking_number": "SF1234567890123"},
        {"carrier": "sf", "tracking_number": "x"},
        {"carrier": "sf", "tracking_number": "<script>"},
        {"carrier": "sf", "tracking_number": "SF1234567890123", "pieces-1": "-1"},
        {"carrier": "sf", "tracking_number": "SF1234567890123", "pieces-1": "1.5"},
        {"carrier": "sf", "tracking_number": "SF1234567890123", "pieces-1": "0"},
        {"carrier": "sf", "tracking_number": "SF1234567890123", "pieces-99": "1"},
    ],
)
async def test_a_wrong_parcel_names_its_field_and_changes_nothing(market: Market, wrong: dict[str, str]) -> None:
    booth = await make_booth(market)
    order = await paid_order(booth)
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        before = await everything(market.db)
        answer = await post_form(seller, of(booth, order), f"{of(booth, order)}/parcels", wrong)
        assert answer.status_code == 422
        assert "<script>" not in answer.text.replace("<script src", "")
        assert "to look at" in answer.text
        assert await everything(market.db) == before


async def test_a_number_is_put_right_until_it_has_arrived(market: Market) -> None:
    booth = await make_booth(market)
    order = await ship(market.db, await paid_order(booth))
    (parcel,) = await market.db.read(lambda r: list_parcels(r, order.id))
    path = f"{of(booth, order)}/parcels/{parcel.id}"
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        wrong = await post_form(seller, of(booth, order), path, {"carrier": "sf", "tracking_number": "?"})
        assert wrong.status_code == 422
        right = {"carrier": "yto", "tracking_number": "YT1234567890123"}
        assert (await post_form(seller, of(booth, order), path, right)).status_code == 303
        other = await paid_order(booth)
        foreign = f"{of(booth, other)}/parcels/{parcel.id}"
        assert (await post_form(seller, of(booth, order), foreign, right)).status_code == 404
    (now,) = await market.db.read(lambda r: list_parcels(r, order.id))
    assert (now.carrier, now.tracking_number) == ("yto", "YT1234567890123")


async def test_the_buyer_is_given_more_time(market: Market) -> None:
    booth = await make_booth(market)
    order = await ship(market.db, await paid_order(booth))
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        path = f"{of(booth, order)}/extension"
        for days in ("", "0", "31", "ten"):
            assert (await post_form(seller, of(booth, order), path, {"days": days})).status_code == 422, days
        assert (await post_form(seller, of(booth, order), path, {"days": "5"})).status_code == 303
    assert order.confirm_by
    assert (await order_now(market.db, order)).confirm_by == order.confirm_by + timedelta(days=5)


async def test_part_of_the_money_goes_back_once_however_often_it_is_sent(market: Market) -> None:
    booth = await make_booth(market)
    order = await paid_order(booth)
    path = f"{of(booth, order)}/refund"
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        page = (await seller.get(of(booth, order))).text
        found = re.search(r'name="idempotency_key" value="([^"]+)"', page)
        assert found
        form = {"csrf": token_of(page), "idempotency_key": found[1], "amount": "20.50", "reason": "A scratch"}
        for _ in range(3):
            assert (await seller.post(path, data=form)).status_code == 303
        assert (await order_now(market.db, order)).refunded == 2050
        for amount in ("", "0", "-3", "1.234", "abc", "1000", "NaN"):
            answer = await seller.post(path, data={**form, "idempotency_key": f"k{amount}", "amount": amount})
            assert answer.status_code == 422, amount
        assert (await seller.post(path, data={**form, "idempotency_key": ""})).status_code in {400, 422}
        assert (await order_now(market.db, order)).refunded == 2050
        whole = {**form, "idempotency_key": "another", "whole": "1", "amount": ""}
        assert (await seller.post(path, data=whole)).status_code == 303
    now = await order_now(market.db, order)
    assert (now.state, now.close_reason, now.refunded) == (OrderState.CLOSED, CloseReason.REFUNDED, order.total)
    await assert_all_clean(market.db)


async def test_a_wish_to_cancel_is_answered(dsn: str, clock: Clock, tmp_path: Path) -> None:
    from fairground.market.orders.model import OrderRules
    from tests.support.given import QUICK
    from tests.support.web import open_test_market

    rules = OrderRules(cancel_needs_yes=True)
    async with open_test_market(dsn, tmp_path, clock, (*QUICK, rules)) as market:
        booth = await make_booth(market)
        kept, gone = await paid_order(booth), await paid_order(booth)
        for order in (kept, gone):
            wish = partial(cancel_order, order_id=order.id, reason="I moved <b>")
            await market.db.write(person(order.buyer_id), wish)
        await settle(market.db)
        async with market.visitor() as seller:
            await enter_booth(booth, seller)
            assert "2 buyers want to cancel" in (await seller.get(booth.home)).text
            shown = (await seller.get(of(booth, kept))).text
            assert "I moved &lt;b&gt;" in shown
            assert "counts as a yes" in shown
            path = f"{of(booth, kept)}/cancellation"
            assert (await post_form(seller, of(booth, kept), path, {"answer": "perhaps"})).status_code == 404
            said = {"answer": "refuse", "reason": "It is packed"}
            assert (await post_form(seller, of(booth, kept), path, said)).status_code == 303
            path = f"{of(booth, gone)}/cancellation"
            assert (await post_form(seller, of(booth, gone), path, {"answer": "agree"})).status_code == 303
            again = await post_form(seller, of(booth, gone), path, {"answer": "agree"})
            assert again.status_code == 409
        assert (await order_now(market.db, kept)).state is OrderState.PAID
        assert (await in_full(market.db, kept)).moves[-1].reason == "It is packed"
        assert (await order_now(market.db, gone)).state is OrderState.CLOSED
        await assert_all_clean(market.db)


@READS_PDF
async def test_papers_carry_the_address_and_the_number(market: Market, tmp_path: Path) -> None:
    booth = await make_booth(market)
    first, second = await paid_order(booth, 3), await ship(market.db, await paid_order(booth))
    (parcel,) = await market.db.read(lambda r: list_parcels(r, second.id))
    chosen = f"order={first.id}&order={second.id}"
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        with statements() as seen:
            slips = await seller.get(f"{booth.home}/orders/papers?kind=slips&{chosen}")
        assert len(seen) <= A_SESSION + ENTRY + 4, seen
        assert slips.headers["content-type"] == "application/pdf"
        words = words_of(slips.content, tmp_path)
        for part in (first.shown_number, second.shown_number, "Lin Ming", "Teapot", "3×"):
            assert part in words, part
        assert "¥" not in words  # a parcel may be a present
        printed = await seller.get(f"{booth.home}/orders/papers?kind=labels&{chosen}")
        words = words_of(printed.content, tmp_path)
        for part in (first.shown_number, str(parcel.tracking_number), "Lin Ming", "+8613800138000"):
            assert part in words, part
        page_only = await seller.get(f"{booth.home}/orders/papers?kind=slips&page={first.id}")
        assert first.shown_number in words_of(page_only.content, tmp_path)


async def test_papers_of_nothing_or_of_too_much_are_refused(market: Market) -> None:
    booth = await make_booth(market)
    unpaid = await place_order(market.db, await make_buyer(market.db), (booth.product, 1))
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        papers = f"{booth.home}/orders/papers"
        assert (await seller.get(papers)).status_code == 303
        for query in (f"order={unpaid.id}", "order=17", "order=x", "kind=stamps&order=1"):
            assert (await seller.get(f"{papers}?{query}")).status_code == 404, query
        assert (await seller.get(papers, params={"order": [str(n) for n in range(1, 102)]})).status_code == 422


async def test_a_list_ships_what_it_can_and_names_the_rest_row_by_row(market: Market) -> None:
    booth, other = await make_booth(market), await make_booth(market, "paper")
    first, second, foreign = await paid_order(booth), await paid_order(booth), await paid_order(other)
    rows = [
        ("order_number", "carrier", "tracking_number"),
        (first.shown_number, "顺丰", "SF1234567890123"),
        (str(second.number), "sf", "?"),
        (str(foreign.number), "sf", "SF1234567890124"),
        ("nonsense", "sf", "SF1234567890125"),
        (str(first.number), "sf", "SF1234567890126"),
    ]
    data = "\n".join(",".join(row) for row in rows).encode()
    page = f"{booth.home}/orders/shipments"
    async with market.visitor() as clerk:
        await enter_booth(booth, clerk, Role.CLERK)
        token = token_of((await clerk.get(page)).text)
        answer = await clerk.post(page, data={"csrf": token}, files={"file": ("list.csv", data, "text/csv")})
        assert answer.status_code == 200
        assert "One order is on its way." in answer.text
        assert "4 rows were left out" in answer.text
        for words in ("A tracking number has 4 to 40", "could not find that order", "not an order number", "moved on"):
            assert words in answer.text, words
        for wrong in (b"\x89PNG\r\n\x1a\n\x00\x00", b"", b"a,b\n1,2\n"):
            files = {"file": ("list.csv", wrong, "text/csv")}
            assert (await clerk.post(page, data={"csrf": token}, files=files)).status_code == 422, wrong
        assert (await clerk.post(page, data={"csrf": token})).status_code == 422
    assert (await order_now(market.db, first)).state is OrderState.SHIPPED
    assert (await order_now(market.db, second)).state is OrderState.PAID
    assert (await order_now(market.db, foreign)).state is OrderState.PAID


async def test_the_list_to_fill_in_comes_back_and_no_cell_of_it_runs(market: Market) -> None:
    booth = await make_booth(market, title="=HYPERLINK(evil)")
    order = await paid_order(booth, notes={"lantern": "@SUM(A1)"})
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        given = await seller.get(f"{booth.home}/orders/shipments/list")
        assert "attachment" in given.headers["content-disposition"]
        head, row = list(csv.reader(io.StringIO(given.content.decode("utf-8-sig"))))
        assert row[0] == order.shown_number
        assert row[4].startswith("'=HYPERLINK")
        assert row[5] == "'@SUM(A1)"
        row[1], row[2] = "sf", "SF1234567890123"
        text = io.StringIO()
        csv.writer(text).writerows([head, row])
        page = f"{booth.home}/orders/shipments"
        token = token_of((await seller.get(page)).text)
        files = {"file": ("list.csv", text.getvalue().encode(), "text/csv")}
        assert (await seller.post(page, data={"csrf": token}, files=files)).status_code == 200
    assert (await order_now(market.db, order)).state is OrderState.SHIPPED


async def test_today_says_what_waits_and_what_comes(market: Market) -> None:
    booth = await make_booth(market, stock=3)
    order = await paid_order(booth)
    async with market.visitor() as seller, market.visitor() as clerk:
        await enter_booth(booth, seller)
        with statements() as seen:
            shown = (await seller.get(booth.home)).text
        assert len(seen) <= A_SESSION + ENTRY + 7, seen
        for words in ("Good evening, Lan.", "An order waits to be shipped", "“Teapot” is nearly sold out", "2 pieces"):
            assert words in shown, words
        assert "193" in shown  # 199.00 less 3 %
        assert order.shown_number in shown
        market.db.clock.move(timedelta(hours=49))
        assert "past its promise" in (await seller.get(booth.home)).text
        await enter_booth(booth, clerk, Role.CLERK)
        shown = (await clerk.get(booth.home)).text
        assert "An order waits to be shipped" in shown
        assert "Money to come" not in shown
        assert "Sold on each" not in shown


async def test_a_day_of_a_shop_begins_at_its_own_midnight(market: Market) -> None:
    from fairground.market.orders.queries.shop_figures import list_sold_days

    booth = await make_booth(market)
    market.db.clock.move(timedelta(hours=3, minutes=30))  # 15:30 UTC: 23:30 in Shanghai
    await paid_order(booth)
    market.db.clock.move(timedelta(hours=1))
    await paid_order(booth, 2)
    days = await market.db.read(lambda r: list_sold_days(r, booth.shop.id, "CNY", "Asia/Shanghai", 3))
    assert [(str(d.day), d.total.amount, d.orders) for d in days] == [
        ("2026-06-17", 0, 0),
        ("2026-06-18", 19_900, 1),
        ("2026-06-19", 39_800, 1),
    ]
    utc = await market.db.read(lambda r: list_sold_days(r, booth.shop.id, "CNY", "UTC", 1))
    assert [(str(d.day), d.orders) for d in utc] == [("2026-06-18", 2)]


async def test_an_unfinished_sign_in_is_no_door(market: Market) -> None:
    booth = await make_booth(market)
    async with market.visitor() as somebody:
        from tests.support.accounts import make_person

        await enter_as(market, somebody, await make_person(market.db, "New"))
        assert (await somebody.get(booth.home)).status_code == 404


async def test_a_shop_that_sold_nothing_yet_is_led_to_its_first_steps(market: Market) -> None:
    owner = await make_person(market.db, "Lan", verified=True)
    shop = await make_shop(market.db, owner.id, name="Lantern", slug="lantern")
    home = "/seller/lantern"
    async with market.visitor() as seller, market.visitor() as clerk:
        await enter_as(market, seller, owner)
        with statements() as seen:
            shown = (await seller.get(home)).text
        assert len(seen) <= A_SESSION + ENTRY + 5, seen
        for path in ("goods/new", "face", "delivery", "money/bank"):
            assert f'href="{home}/{path}"' in shown, path
        assert "Sold on each" not in shown  # seven empty days tell nothing
        booth = Booth(market, owner, shop, await make_product(market.db, shop))
        assert "Set out your first product" not in (await seller.get(home)).text
        await enter_booth(booth, clerk, Role.CLERK)
        assert "Say where your money goes" not in (await clerk.get(home)).text
        await paid_order(booth)
        await settle(market.db)
        shown = (await seller.get(home)).text
        assert "Say how you send" not in shown
        assert "Sold on each" in shown


async def test_a_shop_reads_its_days_and_hours_by_its_own_clock(market: Market) -> None:
    booth = await make_booth(market)
    order = await paid_order(booth)
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        page = of(booth, order)
        assert "20:00" in (await seller.get(page)).text  # 12:00 UTC, in Shanghai as everywhere in this market
        zone = ShopChange(time_zone="Asia/Tokyo")
        await market.db.write(person(booth.owner.id), lambda tx: change_shop(tx, booth.shop.id, zone))
        for path in (page, f"{booth.home}/orders"):
            shown = (await seller.get(path)).text
            assert "21:00" in shown, path
            assert "20:00" not in shown, path
