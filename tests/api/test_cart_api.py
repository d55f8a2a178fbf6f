"""The cart, by API."""

from typing import Any

import httpx

from fairground.market.shops.actions.state import suspend_shop
from tests.support.accounts import make_person, sign_in_as
from tests.support.cart import variant_of
from tests.support.catalog import make_product, make_shirt
from tests.support.shops import MARKET, make_shop
from tests.support.web import Market


async def put(client: httpx.AsyncClient, variant_id: int | str, **body: Any) -> httpx.Response:
    return await client.put(f"/api/v1/cart/lines/{variant_id}", json=body)


async def buyer(market: Market) -> httpx.AsyncClient:
    person = await make_person(market.db)
    return market.program((await sign_in_as(market.db, person)).token)


async def test_a_line_is_put_in_changed_and_taken_out(market: Market) -> None:
    pot = await make_product(market.db, await make_shop(market.db, name="Pots"), price=19_900, stock=3)
    variant = str(int(variant_of(pot)))
    async with await buyer(market) as client:
        assert (await client.get("/api/v1/cart")).json()["lines"] == []
        answer = await put(client, variant, quantity=2)
        assert answer.status_code == 200
        cart = answer.json()
        (line,) = cart["lines"]
        assert (line["variant_id"], line["quantity"], line["selected"], line["left"]) == (variant, 2, True, 3)
        assert line["price"] == {"amount": 19_900, "currency": "CNY"}
        assert cart["total"] == line["total"] == {"amount": 39_800, "currency": "CNY"}
        assert (line["product_id"], line["problem"]) == (str(int(pot.id)), None)
        assert cart["shops"][0] | {"id": None} == {
            "id": None, "slug": line["shop"], "name": "Pots", "state": "open", "total": cart["total"],
        }  # fmt: skip
        assert (await client.get("/api/v1/cart")).json() == cart
        cart = (await put(client, variant, quantity=1, selected=False)).json()
        assert (cart["total"]["amount"], cart["lines"][0]["quantity"]) == (0, 1)
        assert (await put(client, variant, quantity=0)).json()["lines"] == []


async def test_a_guest_is_known_again_by_a_cookie_and_moves_in_at_sign_in(market: Market) -> None:
    shirt = await make_shirt(market.db, await make_shop(market.db))
    person = await make_person(market.db)
    session = await sign_in_as(market.db, person)
    async with market.program() as guest, market.program() as other:
        assert (await put(guest, variant_of(shirt), quantity=2)).status_code == 200
        assert "fg_guest" in guest.cookies
        assert len((await guest.get("/api/v1/cart")).json()["lines"]) == 1
        assert (await other.get("/api/v1/cart")).json()["lines"] == []
        forged = {"cookie": "fg_guest=" + guest.cookies["fg_guest"][:-2] + "xx"}
        assert (await other.get("/api/v1/cart", headers=forged)).json()["lines"] == []
        signed_in = {"authorization": f"Bearer {session.token}"}
        assert len((await guest.get("/api/v1/cart", headers=signed_in)).json()["lines"]) == 1
        assert "fg_guest" not in guest.cookies
        assert (await guest.get("/api/v1/cart")).json()["lines"] == []


async def test_bad_input_names_its_field_and_changes_nothing(market: Market) -> None:
    pot = await make_product(market.db, await make_shop(market.db))
    async with await buyer(market) as client:
        await put(client, variant_of(pot), quantity=1)
        for body in ({"quantity": -1}, {"quantity": 10**9}, {"quantity": "2"}, {"quantity": 1.5}, {}):
            answer = await put(client, variant_of(pot), **body)
            assert answer.status_code == 422, answer.text
            assert answer.json()["errors"][0]["pointer"] == "/quantity"
        for unknown in ("12345", "abc", "9" * 30, "-1"):
            assert (await put(client, unknown, quantity=1)).status_code == 404
        assert [line["quantity"] for line in (await client.get("/api/v1/cart")).json()["lines"]] == [1]


async def test_a_line_that_cannot_be_bought_says_why_in_the_readers_language(market: Market) -> None:
    shop = await make_shop(market.db)
    pot = await make_product(market.db, shop)
    async with await buyer(market) as client:
        await put(client, variant_of(pot), quantity=1)
        await market.db.write(MARKET, lambda tx: suspend_shop(tx, shop.id, "counterfeits"))
        cart = (await client.get("/api/v1/cart")).json()
        assert cart["lines"][0]["problem"] == {
            "code": "shop_suspended",
            "message": "This shop cannot sell at the moment. You can remove this, or wait.",
        }
        assert (cart["total"]["amount"], cart["counted_lines"]) == (0, 0)
        assert (await put(client, variant_of(pot), quantity=0)).json()["lines"] == []


async def test_a_token_that_is_good_no_more_fills_no_cart(market: Market) -> None:
    pot = await make_product(market.db, await make_shop(market.db))
    async with market.program("nonsense") as client:
        assert (await put(client, variant_of(pot), quantity=1)).status_code == 401
