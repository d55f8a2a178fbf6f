"""Products by API."""

from typing import Any

import httpx

from tests.support.accounts import make_person, sign_in_as
from tests.support.catalog import make_categories
from tests.support.media import draw
from tests.support.web import Market


def cny(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": "CNY"}


SHIRT = {
    "title": "Shirt",
    "description": "**Warm**, <b onclick=x>soft</b>",
    "options": [{"name": "Size", "values": ["S", "M"]}],
    "variants": [
        {"options": {"Size": "S"}, "price": cny(9900), "stock": 5, "sku": "S-1", "weight_grams": 200},
        {"options": {"Size": "M"}, "price": cny(10900), "stock": None},
    ],
}


async def _shop(market: Market, slug: str = "tea-house") -> str:
    person = await make_person(market.db)
    token = (await sign_in_as(market.db, person)).token
    async with market.program(token) as seller:
        assert (await seller.post("/api/v1/shops", json={"name": slug, "slug": slug})).status_code == 201
    return token


async def _made(seller: httpx.AsyncClient, body: dict[str, Any] | None = None) -> Any:
    answer = await seller.post("/api/v1/shops/tea-house/products", json=body or SHIRT)
    assert answer.status_code == 201, answer.text
    return answer.json()


async def test_a_product_is_made_and_on_sale(market: Market) -> None:
    token = await _shop(market)
    async with market.program(token) as seller, market.program() as guest:
        made = await _made(seller)
        assert made["state"] == "on_sale"
        assert [v["stock"] for v in made["variants"]] == [5, None]
        seen = (await guest.get(f"/api/v1/products/{made['id']}")).json()
        assert [v["id"] for v in seen["variants"]] == [v["id"] for v in made["variants"]]
        assert (seen["shop"]["slug"], seen["variants"][0]["price"]) == ("tea-house", cny(9900))
        assert "onclick" not in seen["description_html"].replace("&lt;b onclick=x&gt;", "")
        listed = (await guest.get("/api/v1/shops/tea-house/products")).json()["items"]
        assert [(p["id"], p["price_low"], p["price_high"]) for p in listed] == [(made["id"], cny(9900), cny(10900))]


async def test_every_wrong_field_is_named_in_the_readers_language(market: Market) -> None:
    token = await _shop(market)
    body = {
        "title": "",
        "category": "none-such",
        "variants": [{"price": cny(0), "stock": -1}, {"price": {"amount": 5, "currency": "USD"}, "stock": 1}],
    }
    async with market.program(token) as seller:
        answer = await seller.post("/api/v1/shops/tea-house/products", json=body, headers={"accept-language": "zh-CN"})
        assert answer.status_code == 422
        assert {e["pointer"] for e in answer.json()["errors"]} == {
            "/title",
            "/category",
            "/variants/0/price",
            "/variants/0/stock",
            "/variants/1/price",
            "/variants/1/options",
        }
        for wrong, pointer in (
            ({"price": {"amount": 9.5, "currency": "CNY"}, "stock": 1}, "/variants/0/price/amount"),
            ({"price": {"amount": "95", "currency": "CNY"}, "stock": 1}, "/variants/0/price/amount"),
            ({"price": cny(5)}, "/variants/0/stock"),
            ({"price": cny(5), "stock": "many"}, "/variants/0/stock"),
        ):
            refused = await seller.post("/api/v1/shops/tea-house/products", json={"title": "Tea", "variants": [wrong]})
            assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, pointer)
        assert (await seller.get("/api/v1/shops/tea-house/products")).json()["items"] == []


async def test_a_product_is_changed_taken_off_and_put_back(market: Market) -> None:
    token = await _shop(market)
    async with market.program(token) as seller, market.program() as guest:
        made = await _made(seller)
        path = f"/api/v1/products/{made['id']}"
        small = made["variants"][0]["id"]
        changed = (
            await seller.patch(
                path,
                json={"title": "Silk shirt", "variants": [{"id": small, "stock": 8}], "options": SHIRT["options"]},
            )
        ).json()
        assert (changed["title"], changed["version"]) == ("Silk shirt", 2)
        assert [(v["id"], v["stock"], v["sku"]) for v in changed["variants"]] == [(small, 8, "S-1")]
        late = await seller.patch(path, json={"title": "Late", "version": 1})
        assert (late.status_code, late.json()["code"]) == (409, "catalog.changed_meanwhile")
        assert (await seller.patch(path, json={"state": "off_sale"})).json()["state"] == "off_sale"
        assert (await guest.get(path)).status_code == 404
        assert (await seller.get(path)).json()["state"] == "off_sale"
        assert (await seller.patch(path, json={"state": "on_sale"})).json()["state"] == "on_sale"
        assert (await seller.patch(path, json={"state": "draft"})).status_code == 422
        versions = (await seller.get(f"{path}/versions")).json()["items"]
        assert [v["changed"] for v in versions] == [["state"], ["state"], ["title", "variants"]]


async def test_stock_and_price_are_set_by_variant(market: Market) -> None:
    token = await _shop(market)
    async with market.program(token) as seller:
        made = await _made(seller)
        path = f"/api/v1/variants/{made['variants'][0]['id']}"
        assert (await seller.put(f"{path}/stock", json={"stock": 2})).json()["stock"] == 2
        assert (await seller.put(f"{path}/stock", json={"stock": -2})).status_code == 422
        assert (await seller.put(f"{path}/stock", json={})).status_code == 422
        low = (await seller.get("/api/v1/shops/tea-house/low-stock")).json()["items"]
        assert low == [{"id": made["variants"][0]["id"], "stock": 2}]
        priced = (await seller.put(f"{path}/price", json={"price": cny(5000), "compare_at": cny(9900)})).json()
        assert (priced["variants"][0]["price"], priced["variants"][0]["compare_at"]) == (cny(5000), cny(9900))
        assert (await seller.put(f"{path}/stock", json={"stock": None})).json()["stock"] is None


async def test_a_stranger_finds_nothing_to_change(market: Market) -> None:
    token, other = await _shop(market), await _shop(market, "other")
    async with market.program(token) as seller, market.program(other) as stranger, market.program() as guest:
        made = await _made(seller)
        variant = made["variants"][0]["id"]
        calls: list[tuple[str, str, dict[str, Any] | None]] = [
            ("PATCH", f"products/{made['id']}", {"title": "Mine"}),
            ("GET", f"products/{made['id']}/versions", None),
            ("PUT", f"variants/{variant}/stock", {"stock": 0}),
            ("PUT", f"variants/{variant}/price", {"price": cny(1)}),
            ("POST", "shops/tea-house/products", SHIRT),
            ("PATCH", "products/1", {"title": "Mine"}),
            ("PATCH", "products/x", {"title": "Mine"}),
        ]
        for method, path, body in calls:
            assert (await stranger.request(method, f"/api/v1/{path}", json=body)).status_code == 404, path
            assert (await guest.request(method, f"/api/v1/{path}", json=body)).status_code == 401, path
        after = (await seller.get(f"/api/v1/products/{made['id']}")).json()
        assert (after["version"], after["variants"][0]["stock"]) == (1, 5)


async def test_a_draft_is_seen_by_its_shop_only(market: Market) -> None:
    token = await _shop(market)
    async with market.program(token) as seller, market.program() as guest:
        made = await _made(seller, SHIRT | {"state": "draft"})
        assert made["state"] == "draft"
        assert (await guest.get(f"/api/v1/products/{made['id']}")).status_code == 404
        assert (await guest.get("/api/v1/shops/tea-house/products")).json()["items"] == []
        drafts = await seller.get("/api/v1/shops/tea-house/products", params={"state": "draft"})
        assert len(drafts.json()["items"]) == 1


async def test_pictures_must_be_the_shops_own(market: Market) -> None:
    token, other = await _shop(market), await _shop(market, "other")
    async with market.program(token) as seller, market.program(other) as stranger:
        file = {"file": ("a.jpg", draw(80, 80))}
        own = (await seller.post("/api/v1/shops/tea-house/pictures", files=file)).json()["id"]
        foreign = (await stranger.post("/api/v1/shops/other/pictures", files=file)).json()["id"]
        made = await _made(seller, SHIRT | {"images": [{"id": own, "alt": "A shirt"}]})
        assert made["images"] == [{"id": own, "alt": "A shirt"}]
        refused = await seller.post(
            "/api/v1/shops/tea-house/products", json=SHIRT | {"images": [{"id": own}, {"id": foreign}]}
        )
        assert [e["pointer"] for e in refused.json()["errors"]] == ["/images/1"]


async def test_categories_are_told_with_their_attributes(market: Market) -> None:
    await make_categories(market.db)
    token = await _shop(market)
    async with market.program(token) as seller:
        tree = (await seller.get("/api/v1/categories")).json()["items"]
        tea = next(c for c in tree if c["slug"] == "tea")
        assert (tea["parent"], tea["names"]) == ("food-and-tea", {"en": "Tea", "zh-CN": "茶叶"})
        assert "content" in {a["key"] for a in tea["attributes"]}
        made = await _made(seller, SHIRT | {"category": "tea", "attributes": {"tea": "green", "content": 50}})
        assert made["attributes"] == {"tea": "green", "content": 50}
        wrong = await seller.post(
            "/api/v1/shops/tea-house/products", json=SHIRT | {"category": "tea", "attributes": {"tea": "coke"}}
        )
        assert [e["pointer"] for e in wrong.json()["errors"]] == ["/attributes/tea"]


async def test_the_api_describes_shops_and_products(market: Market) -> None:
    async with market.program() as program:
        document = (await program.get("/openapi.json")).json()
    assert {"get", "patch"} <= document["paths"]["/api/v1/products/{product_id}"].keys()
    assert "post" in document["paths"]["/api/v1/shops"]
