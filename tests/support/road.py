"""Going the road of the market through its JSON API, from outside: any client that knows the market's address."""

import asyncio
import secrets
from collections.abc import Mapping
from typing import Any

import httpx

PASSWORD = "five red lanterns"
HANGZHOU = {
    "name": "林小明",
    "phone": "+86 138 0013 8000",
    "country": "CN",
    "region": "浙江省",
    "city": "杭州市",
    "district": "西湖区",
    "lines": ["文三路 1 号"],
    "postal_code": "310000",
}
ACCOUNT = {"holder": "Lin Lanting", "number": "6222021001123456789", "bank": "ICBC"}


async def ask(
    client: httpx.AsyncClient, method: str, path: str, body: Any = None, status: int = 200, **more: Any
) -> Any:
    """Ask the API, expect a status, and give the answer's JSON."""
    answer = await client.request(method, f"/api/v1{path}", json=body, **more)
    assert answer.status_code == status, f"{method} {path}: {answer.status_code} {answer.text}"
    return answer.json() if answer.content else None


def with_key(key: str | None = None) -> Mapping[str, str]:
    """Give the headers of a deed that moves money."""
    return {"idempotency-key": key or secrets.token_hex(8)}


async def join(guest: httpx.AsyncClient, name: str, email: str | None = None) -> str:
    """Register somebody and sign in; give the token."""
    email = email or f"{secrets.token_hex(5)}@example.org"
    await ask(guest, "POST", "/accounts", {"email": email, "password": PASSWORD, "name": name}, 201)
    return str((await ask(guest, "POST", "/sessions", {"email": email, "password": PASSWORD}, 201))["token"])


async def open_shop(seller: httpx.AsyncClient, name: str, slug: str) -> str:
    """Open a shop; give its slug."""
    made = await ask(seller, "POST", "/shops", {"name": name, "slug": slug, "about": f"All of {name}."}, 201)
    assert made["state"] == "open"
    return str(made["slug"])


async def list_product(seller: httpx.AsyncClient, slug: str, title: str, price: int, stock: int = 5) -> Any:
    """Put a product with two variants on sale; give it."""
    body = {
        "title": title,
        "description": f"**{title}**, made by hand.",
        "options": [{"name": "Colour", "values": ["Red", "Blue"]}],
        "variants": [
            {"options": {"Colour": colour}, "price": {"amount": price, "currency": "CNY"}, "stock": stock}
            for colour in ("Red", "Blue")
        ],
    }
    made = await ask(seller, "POST", f"/shops/{slug}/products", body, 201)
    assert made["state"] == "on_sale"
    return made


async def pay_at_the_play_bank(buyer: httpx.AsyncClient, payment_id: str) -> None:
    """Pay, and wait until the bank's webhook has reached the market."""
    paid = await buyer.post(f"/sandbox/payments/{payment_id}", json={"outcome": "paid"})
    assert paid.json()["state"] == "paid", paid.text
    async with asyncio.timeout(20):
        while (await ask(buyer, "GET", f"/payments/{payment_id}"))["state"] != "paid":
            await asyncio.sleep(0.05)
