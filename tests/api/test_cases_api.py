"""After-sale by API: opened, answered, added to; once for a key; strangers find nothing."""

from httpx import AsyncClient

from fairground.kit.actor import person as acting
from fairground.market.accounts.actions.addresses import AddressWish, add_address
from fairground.market.aftersale.queries.cases import list_cases_of_order
from fairground.market.orders.model import Order
from fairground.market.shops.actions.face import change_shop
from fairground.market.shops.model import ShopChange
from tests.support.accounts import make_person, sign_in_as
from tests.support.cases import BACK, assert_market_clean, settle_all
from tests.support.catalog import make_product
from tests.support.media import draw
from tests.support.orders import order_now, pay, place_order, receive, ship
from tests.support.shops import make_shop
from tests.support.web import Market

KEY = {"idempotency-key": "a-key"}


async def a_deal(market: Market) -> tuple[Order, AsyncClient, AsyncClient, AsyncClient]:
    """Let somebody receive an order of two lines; gives it with the programs of buyer, seller and a stranger."""
    db = market.db
    people = [await make_person(db, name) for name in ("Ming", "Wei", "Hua")]
    buyer, seller, _ = people
    wish = AddressWish("Lin Ming", "+86 138 0013 8000", "CN", "浙江省", "杭州市", "西湖区", ["文三路 1 号"], "310000")
    address = await db.write(acting(buyer.id), lambda tx: add_address(tx, buyer.id, wish))
    shop = await make_shop(db, seller.id)
    await db.write(acting(seller.id), lambda tx: change_shop(tx, shop.id, ShopChange(return_address=BACK)))
    goods = [(await make_product(db, shop, price=price), 1) for price in (8000, 2000)]
    order = await receive(db, await ship(db, await pay(db, await place_order(db, (buyer.id, address), *goods))))
    await settle_all(db)
    programs = [market.program((await sign_in_as(db, one)).token) for one in people]
    return order, programs[0], programs[1], programs[2]


async def test_a_return_is_asked_for_and_goes_its_way(market: Market) -> None:
    order, buyer, seller, _ = await a_deal(market)
    async with buyer, seller:
        body = {"kind": "return", "line_id": "1", "amount": 8000, "reason": "not_as_described", "words": "It is blue"}
        made = await buyer.post(f"/api/v1/orders/{order.id}/cases", json=body)
        assert made.status_code == 201, made.text
        case = made.json()
        assert (case["state"], case["kind"], case["line_ids"]) == ("opened", "return", ["1"])
        assert case["amount"] == {"amount": 8000, "currency": "CNY"}
        assert case["answers"] == ["withdraw"]
        assert [entry["is_ahead"] for entry in case["timeline"]] == [False, True]
        path = f"/api/v1/cases/{case['id']}"
        assert (await seller.get(path)).json()["answers"] == ["agree", "refuse"]
        agreed = await seller.post(f"{path}/answers", json={"answer": "agree"})
        assert (agreed.status_code, agreed.json()["state"]) == (201, "agreed")
        bad = await buyer.post(f"{path}/answers", json={"answer": "return_shipped", "carrier": "sandbox"})
        assert bad.status_code == 422
        assert {error["pointer"] for error in bad.json()["errors"]} == {"/tracking_number"}
        parcel = {"answer": "return_shipped", "carrier": "sandbox", "tracking_number": "SB0000000001"}
        sent = (await buyer.post(f"{path}/answers", json=parcel)).json()
        assert (sent["state"], sent["return_address"]["city"]) == ("return_shipped", "杭州市")
        done = (await seller.post(f"{path}/answers", json={"answer": "return_received"})).json()
        assert (done["state"], done["outcome"], done["refunded"]["amount"]) == ("refunded", "agreed", 8000)
        again = await seller.post(f"{path}/answers", json={"answer": "return_received"})
        assert (again.status_code, again.json()["code"]) == (409, "aftersale.wrong_state")
        (listed,) = (await buyer.get("/api/v1/cases")).json()["items"]
        assert listed["id"] == case["id"]
        await settle_all(market.db)
        (sold,) = (await seller.get("/api/v1/cases?role=seller&state=refunded")).json()["items"]
        assert sold["id"] == case["id"]
        assert (await seller.get("/api/v1/cases?role=seller&state=opened")).json()["items"] == []
    await assert_market_clean(market.db)


async def test_a_key_makes_one_case_and_one_refund(market: Market) -> None:
    order, buyer, seller, _ = await a_deal(market)
    async with buyer, seller:
        path, body = f"/api/v1/orders/{order.id}/cases", {"kind": "refund", "line_id": "2", "reason": "damaged"}
        first, second = [await buyer.post(path, json=body, headers=KEY) for _ in range(2)]
        assert (first.status_code, second.status_code, first.json()) == (201, 201, second.json())
        other = await buyer.post(path, json={**body, "reason": "late"}, headers=KEY)
        assert (other.status_code, other.json()["code"]) == (422, "idempotency.key_reused")
        open_already = await buyer.post(path, json=body)
        assert (open_already.status_code, open_already.json()["code"]) == (409, "aftersale.open_already")
        answers = f"/api/v1/cases/{first.json()['id']}/answers"
        agreed = [await seller.post(answers, json={"answer": "agree"}, headers=KEY) for _ in range(2)]
        assert [one.status_code for one in agreed] == [201, 201]
        assert agreed[0].json() == agreed[1].json()
    assert (await order_now(market.db, order)).refunded == 2000
    await assert_market_clean(market.db)


async def test_words_of_ones_own_are_another_reason(market: Market) -> None:
    order, buyer, _, _ = await a_deal(market)
    async with buyer:
        body = {"kind": "refund", "reason": "The dog ate it", "amount": {"amount": 500, "currency": "CNY"}}
        case = (await buyer.post(f"/api/v1/orders/{order.id}/cases", json=body)).json()
    assert (case["reason"], case["amount"]["amount"]) == ("other", 500)
    assert case["timeline"][0]["words"] == "The dog ate it"


async def test_wrong_fields_are_named_and_nothing_is_opened(market: Market) -> None:
    order, buyer, _, _ = await a_deal(market)
    async with buyer:
        good = {"kind": "refund", "reason": "damaged"}
        for change, pointer in (
            ({"kind": "magic"}, "/kind"),
            ({"line_id": "77"}, "/line_id"),
            ({"line_id": "x"}, "/line_id"),
            ({"amount": 0}, "/amount"),
            ({"amount": 10_000_000}, "/amount"),
            ({"words": "x" * 2001}, "/words"),
            ({"pictures": ["9007199254740993"]}, "/pictures"),
        ):
            answer = await buyer.post(f"/api/v1/orders/{order.id}/cases", json={**good, **change})
            assert answer.status_code == 422, change
            assert pointer in {error["pointer"] for error in answer.json()["errors"]}, change
    assert await market.db.read(lambda r: list_cases_of_order(r, order.id)) == []


async def test_evidence_is_added_by_both_sides_with_pictures_of_their_own(market: Market) -> None:
    order, buyer, seller, stranger = await a_deal(market)
    async with buyer, seller, stranger:
        case = (
            await buyer.post(f"/api/v1/orders/{order.id}/cases", json={"kind": "refund", "reason": "damaged"})
        ).json()
        path = f"/api/v1/cases/{case['id']}/evidence"
        picture = await buyer.post("/api/v1/me/evidence", files={"file": ("a.jpg", draw(), "image/jpeg")})
        assert picture.status_code == 201
        pictures = [picture.json()["id"]]
        assert (await seller.post(path, json={"words": "Mine", "pictures": pictures})).status_code == 422
        added = await buyer.post(path, json={"words": "See", "pictures": pictures}, headers=KEY)
        assert added.status_code == 201
        assert (await buyer.post(path, json={"words": "See", "pictures": pictures}, headers=KEY)).json() == added.json()
        assert (await seller.post(path, json={"words": "It was whole"})).status_code == 201
        assert (await buyer.post(path, json={})).status_code == 422
        told = (await seller.get(f"/api/v1/cases/{case['id']}")).json()["timeline"]
        assert [entry["words"] for entry in told if entry["deed"] == "evidence"] == ["See", "It was whole"]
        broken = await buyer.post("/api/v1/me/evidence", files={"file": ("a.png", b"<html>", "image/png")})
        assert broken.status_code == 422


async def test_strangers_find_nothing_and_the_wrong_side_is_refused(market: Market) -> None:
    order, buyer, seller, stranger = await a_deal(market)
    async with buyer, seller, stranger, market.program() as guest:
        opening = {"kind": "refund", "reason": "damaged"}
        assert (await stranger.post(f"/api/v1/orders/{order.id}/cases", json=opening)).status_code == 404
        assert (await seller.post(f"/api/v1/orders/{order.id}/cases", json=opening)).status_code == 404
        assert (await guest.post(f"/api/v1/orders/{order.id}/cases", json=opening)).status_code == 401
        case = (await buyer.post(f"/api/v1/orders/{order.id}/cases", json=opening)).json()
        path = f"/api/v1/cases/{case['id']}"
        assert (await stranger.get(path)).status_code == 404
        assert (await guest.get(path)).status_code == 401
        assert (await stranger.post(f"{path}/answers", json={"answer": "agree"})).status_code == 404
        assert (await stranger.post(f"{path}/evidence", json={"words": "x"})).status_code == 404
        wrong = await buyer.post(f"{path}/answers", json={"answer": "agree"})
        assert (wrong.status_code, wrong.json()["code"]) == (403, "aftersale.not_your_answer")
        assert (await stranger.get("/api/v1/cases?role=seller&shop=lantern-clay")).status_code == 404
        assert (await buyer.get(path)).json()["state"] == "opened"
