"""Complaints by API: made, read, answered, decided, appealed; strangers find nothing."""

import asyncio

from httpx import AsyncClient

from fairground.market.accounts.model import Person, StaffRole
from fairground.market.catalog.model import Product
from fairground.market.shops.model import Shop
from tests.support.accounts import make_person, sign_in_as
from tests.support.catalog import make_product
from tests.support.complaints import rows_of_complaints
from tests.support.media import draw
from tests.support.shops import make_shop
from tests.support.web import Market


async def program_of(market: Market, name: str, staff: StaffRole | None = None) -> tuple[Person, AsyncClient]:
    """Register somebody with a program."""
    person = await make_person(market.db, name, staff=staff)
    return person, market.program((await sign_in_as(market.db, person)).token)


async def a_listing(market: Market) -> tuple[Product, Shop, AsyncClient]:
    """Put something on sale; gives it with its shop and the seller's program."""
    seller, program = await program_of(market, "Seller")
    shop = await make_shop(market.db, seller.id)
    return await make_product(market.db, shop), shop, program


async def send_notice(program: AsyncClient, product: Product, **more: object) -> dict[str, object]:
    """Upload a proof and complain."""
    proof = await program.post("/api/v1/complaints/proofs", files={"file": ("p.jpg", draw(), "image/jpeg")})
    assert proof.status_code == 201, proof.text
    body = {
        "kind": "counterfeit", "listings": [str(product.id)], "owner": "Kilns & Co", "words": "Not ours.",
        "pictures": [proof.json()["id"]], **more,
    }  # fmt: skip
    made = await program.post("/api/v1/complaints", json=body)
    assert made.status_code == 201, made.text
    return dict(made.json())


async def test_a_complaint_goes_its_way(market: Market) -> None:
    product, shop, seller = await a_listing(market)
    _, owner = await program_of(market, "Rights")
    _, clerk = await program_of(market, "Clerk", StaffRole.CLERK)
    _, other = await program_of(market, "Other", StaffRole.CLERK)
    made = await send_notice(owner, product)
    assert made["state"] == "opened"
    path = f"/api/v1/complaints/{made['id']}"
    assert (await owner.get("/api/v1/complaints")).json()["items"][0]["id"] == made["id"]
    assert (await seller.get(f"/api/v1/shops/{shop.slug}/complaints")).json()["items"][0]["id"] == made["id"]
    answered = await seller.post(f"{path}/counter-notices", json={"words": "We are the kiln."})
    assert answered.json()["state"] == "checking"
    assert (await clerk.get("/api/v1/complaints?role=desk")).json()["items"][0]["id"] == made["id"]
    decided = await clerk.post(f"{path}/decisions", json={"decision": "uphold", "reason": "No licence."})
    assert decided.json()["state"] == "upheld"
    assert (await owner.post(f"{path}/appeals", json={"words": "More!"})).status_code == 409
    assert (await seller.post(f"{path}/appeals", json={"words": "The licence!"})).json()["state"] == "appealed"
    again = await clerk.post(f"{path}/decisions", json={"decision": "uphold", "reason": "Still."})
    assert (again.status_code, again.json()["code"]) == (403, "justice.own_interest")
    last = await other.post(f"{path}/decisions", json={"decision": "reject", "reason": "There it is."})
    assert last.json()["state"] == "rejected"
    for reader in (owner, seller, clerk):
        body = (await reader.get(path)).json()
        assert body["reason"] == "There it is."
        assert "decided_by" not in body


async def test_strangers_and_other_roles_find_nothing(market: Market) -> None:
    product, shop, _ = await a_listing(market)
    _, owner = await program_of(market, "Rights")
    _, stranger = await program_of(market, "Stranger")
    made = await send_notice(owner, product)
    path, before = f"/api/v1/complaints/{made['id']}", await rows_of_complaints(market.db)
    assert (await stranger.get(path)).status_code == 404
    assert (await stranger.get(f"/api/v1/shops/{shop.slug}/complaints")).status_code == 404
    assert (await stranger.get("/api/v1/complaints?role=desk")).status_code == 404
    assert (await stranger.get("/api/v1/complaints")).json() == {"items": [], "next": None}
    for deed, body in (
        ("counter-notices", {"words": "x"}), ("appeals", {"words": "x"}), ("withdrawal", None),
        ("decisions", {"decision": "reject", "reason": "x"}),
    ):  # fmt: skip
        assert (await stranger.post(f"{path}/{deed}", json=body)).status_code == 404, deed
    async with market.program() as guest:
        assert (await guest.get(path)).status_code == 401
    assert await rows_of_complaints(market.db) == before


async def test_two_answers_of_a_shop_at_once_are_one(market: Market) -> None:
    product, _, seller = await a_listing(market)
    _, owner = await program_of(market, "Rights")
    path = f"/api/v1/complaints/{(await send_notice(owner, product))['id']}/counter-notices"
    answers = await asyncio.gather(*(seller.post(path, json={"words": f"Number {i}"}) for i in range(3)))
    assert sorted(answer.status_code for answer in answers) == [201, 409, 409]


async def test_wrong_fields_are_named(market: Market) -> None:
    _, owner = await program_of(market, "Rights")
    body = {"kind": "counterfeit", "listings": ["123"], "owner": "", "words": "", "pictures": ["456"]}
    answer = await owner.post("/api/v1/complaints", json=body)
    assert answer.status_code == 422
    assert {e["pointer"] for e in answer.json()["errors"]} == {"/owner", "/words", "/pictures", "/listings"}
    assert (await owner.post("/api/v1/complaints", json={**body, "kind": "odd"})).status_code == 422
