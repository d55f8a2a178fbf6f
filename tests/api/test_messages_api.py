"""Messages by API: begun, answered, read, found; keys, hints, strangers."""

import asyncio

import pytest

from fairground.market.accounts.model import Person
from tests.support.accounts import make_person, sign_in_as
from tests.support.catalog import make_product
from tests.support.chat import let_news_travel
from tests.support.orders import make_buyer, place_order
from tests.support.shops import make_shop
from tests.support.web import Market

PATH = "/api/v1/messages"


async def somebody(market: Market, name: str) -> tuple[Person, str]:
    """Register somebody with a token."""
    person = await make_person(market.db, name)
    return person, (await sign_in_as(market.db, person)).token


async def test_a_conversation_from_both_sides(market: Market) -> None:
    (seller, seller_token), (_, buyer_token) = await somebody(market, "Wei"), await somebody(market, "Ming")
    shop = await make_shop(market.db, seller.id, slug="clay")
    pot = await make_product(market.db, shop, stock=5)
    async with market.program(buyer_token) as buyer, market.program(seller_token) as shopkeeper:
        begun = await buyer.post(PATH, json={"shop": "clay", "words": "Is it round?", "product_id": str(pot.id)})
        assert begun.status_code == 201, begun.text
        thread = begun.json()["thread_id"]
        assert begun.json()["message"]["card"]["title"] == pot.title
        answered = await shopkeeper.post(f"{PATH}/{thread}", json={"words": "It is."})
        assert (answered.status_code, answered.json()["message"]["side"]) == (201, "house")
        seen = (await buyer.get(f"{PATH}/{thread}")).json()
        assert [m["words"] for m in seen["items"]] == ["Is it round?", "It is."]
        assert (seen["unread"], seen["read_by_house"], seen["shop_id"]) == (1, 2, str(shop.id))
        assert (await buyer.put(f"{PATH}/{thread}/read", json={"number": 2})).status_code == 204
        assert (await shopkeeper.get(f"{PATH}/{thread}")).json()["read_by_person"] == 2
        await let_news_travel(market.db)
        assert [t["id"] for t in (await buyer.get(PATH)).json()["items"]] == [thread]
        assert [t["last_words"] for t in (await shopkeeper.get(PATH, params={"shop": "clay"})).json()["items"]] == [
            "It is."
        ]
        assert (await shopkeeper.get(PATH)).json()["items"] == []
        for program, params in ((buyer, {"q": "ROUND"}), (shopkeeper, {"q": "round", "shop": "clay"})):
            found = (await program.get(f"{PATH}/search", params=params)).json()["items"]
            assert [(one["thread_id"], one["number"]) for one in found] == [(thread, 1)]
        earlier = (await buyer.get(f"{PATH}/{thread}", params={"limit": 1})).json()
        assert (await buyer.get(f"{PATH}/{thread}", params={"after": earlier["next"]})).json()["items"][0][
            "number"
        ] == 1


async def test_the_same_key_says_it_once_also_at_once(market: Market) -> None:
    (seller, _), (_, token) = await somebody(market, "Wei"), await somebody(market, "Ming")
    await make_shop(market.db, seller.id, slug="clay")
    async with market.program(token) as buyer:
        headers = {"idempotency-key": "a-key"}
        body = {"shop": "clay", "words": "Once"}
        answers = await asyncio.gather(*(buyer.post(PATH, json=body, headers=headers) for _ in range(5)))
        assert {answer.json()["message"]["id"] for answer in answers} == {answers[0].json()["message"]["id"]}
        bad = await buyer.post(PATH, json=body, headers={"idempotency-key": "x" * 201})
        assert (bad.status_code, bad.json()["code"]) == (400, "idempotency.key_malformed")


async def test_refusals_name_what_is_wrong(market: Market) -> None:
    (seller, seller_token), (_, token) = await somebody(market, "Wei"), await somebody(market, "Ming")
    await make_shop(market.db, seller.id, slug="clay")
    async with market.program(token) as buyer, market.program(seller_token) as shopkeeper:
        told = await buyer.post(PATH, json={"shop": "clay", "words": "Ring 13800138000"})
        assert (told.status_code, told.json()["code"]) == (409, "service.contact_hint")
        sent = await buyer.post(PATH, json={"shop": "clay", "words": "Ring 13800138000", "hint_seen": True})
        assert sent.json()["message"]["hints"] == ["phone"]
        empty = await buyer.post(PATH, json={"shop": "clay", "words": " "})
        assert [(e["pointer"], e["code"]) for e in empty.json()["errors"]] == [("/words", "required")]
        assert (await buyer.post(PATH, json={"shop": "nowhere", "words": "x"})).status_code == 404
        own = await shopkeeper.post(PATH, json={"shop": "clay", "words": "x"})
        assert (own.status_code, own.json()["code"]) == (403, "service.own_shop")
        assert (await buyer.post(PATH, json={"shop": "clay", "words": "x", "as_seller": True})).status_code == 422


@pytest.mark.parametrize("method", ["get", "post", "put"])
async def test_strangers_find_nothing(market: Market, method: str) -> None:
    (seller, _), (_, token), (_, stranger) = [await somebody(market, name) for name in ("Wei", "Ming", "Hua")]
    await make_shop(market.db, seller.id, slug="clay")
    async with market.program(token) as buyer, market.program(stranger) as nosy, market.program() as guest:
        thread = (await buyer.post(PATH, json={"shop": "clay", "words": "Hello"})).json()["thread_id"]
        path = f"{PATH}/{thread}" + ("/read" if method == "put" else "")
        body = {} if method == "get" else {"json": {"number": 1} if method == "put" else {"words": "x"}}
        assert (await nosy.request(method, path, **body)).status_code == 404  # type: ignore[arg-type]
        assert (await guest.request(method, path, **body)).status_code == 401  # type: ignore[arg-type]
        assert (await nosy.get(PATH, params={"shop": "clay"})).status_code == 404


async def test_a_shop_begins_about_an_order_of_its_own(market: Market) -> None:
    (seller, token), (_, nosy_token) = await somebody(market, "Wei"), await somebody(market, "Hua")
    shop = await make_shop(market.db, seller.id, slug="clay")
    order = await place_order(market.db, await make_buyer(market.db), (await make_product(market.db, shop, stock=5), 1))
    body = {"shop": "clay", "as_seller": True, "order_id": str(order.id), "words": "Your glaze is dry."}
    async with market.program(token) as shopkeeper, market.program(nosy_token) as nosy:
        sent = await shopkeeper.post(PATH, json=body)
        assert (sent.status_code, sent.json()["message"]["side"]) == (201, "house")
        assert (await nosy.post(PATH, json=body)).status_code == 404
        nowhere = await shopkeeper.post(PATH, json={"words": "My payout?"})
        assert [(e["pointer"], e["code"]) for e in nowhere.json()["errors"]] == [("/shop", "required")]
