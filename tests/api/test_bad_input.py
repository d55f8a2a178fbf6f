"""Bad input by API: every refusal names the field and the rule, nothing is half written, nothing breaks."""

import copy
from collections import Counter
from collections.abc import Iterator
from typing import Any

import httpx
import msgspec

from fairground.app.asgi import make_app
from fairground.market.justice.model.practice import PRACTICE
from tests.support.routes import all_doors, complete
from tests.support.town import Town, build_town
from tests.support.web import Market

MIB = 1024 * 1024
ODD: tuple[Any, ...] = (
    None,
    True,
    -1,
    2**31,
    2**63 - 1,
    2**63,
    1.5,
    "1",
    "a\x00b",
    "\u202e<script>alert(1)</script>",
    "x" * 70_000,
    [],
    {},
    ["a\x00b"],
    {"a\x00b": "c"},
)
# Deeds that take the account, the shop or the session away, and what the next odd body would need.
SPARED = {"POST /api/v1/me/closure", "POST /api/v1/shops/{slug}/closure", "POST /api/v1/sessions"}
CYCLE = ("cancellation", "receipt")


def good_body(name: str, kind: Any, town: Town) -> dict[str, Any]:
    """Make a full body that fits, with ids that are."""
    body: dict[str, Any] = complete(kind)
    price = {"amount": 1_000, "currency": "CNY"}
    known: dict[str, Any] = {
        "address_id": town.ids["address_id"],
        "lines": [{"variant_id": town.ids["variant_id"], "quantity": 1}],
        "price": price,
        "compare_at": {"amount": 2_000, "currency": "CNY"},
        "country": "CN",
        "language": "en",
        "coupons": [],
        "deliveries": {},
        "notes": {"lantern-and-clay": "Red, please"},
        "pictures": [],
        "images": [],
        "gateway": None,
        "expected_total": None,
    }
    for field in body:
        if field in known and not (field == "lines" and "address" in name):
            body[field] = copy.deepcopy(known[field])
    if name.endswith(("/products", "/products/{product_id}")):
        body |= {
            "options": [{"name": "Colour", "values": ["red"]}],
            "variants": [{"options": {"Colour": "red"}, "price": price, "stock": 3, "sku": "A", "weight_grams": 5}],
        }
    return body


def places(data: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """List every place in a body, the whole body first."""
    yield path
    inner = data.items() if isinstance(data, dict) else enumerate(data) if isinstance(data, list) else ()
    for key, value in inner:
        yield from places(value, (*path, key))


def put(data: Any, path: tuple[Any, ...], value: Any) -> Any:
    """Give the body with something else in one place."""
    if not path:
        return value
    changed = copy.deepcopy(data)
    at = changed
    for key in path[:-1]:
        at = at[key]
    at[path[-1]] = value
    return changed


async def test_no_field_of_any_body_breaks_anything(market: Market) -> None:
    """Every place of every JSON body × wrong types, huge and negative numbers, NUL, markup, endless text."""
    town = await build_town(market)
    wrong: list[Any] = []
    codes: Counter[int] = Counter()
    for door in all_doors(make_app(64)):
        if door.body is None or door.name in SPARED or not door.path.startswith("/api/"):
            continue
        token = town.seller_token if "/shops" in door.path or "/variants" in door.path else town.buyer_token
        if door.name == "PATCH /api/v1/products/{product_id}":
            token = town.seller_token
        body = good_body(door.name, door.body, town)
        path = door.fill({**town.ids, "kind": "buyers.paid", "key": PRACTICE[0].key})
        async with market.program(token) as program:
            for number, place in enumerate(places(body)):
                for turn, odd in enumerate(ODD):
                    raw = msgspec.json.encode(put(body, place, odd))
                    headers = {"idempotency-key": f"{number}-{turn}", "content-type": "application/json"}
                    answer = await program.request(door.method, path, content=raw, headers=headers)
                    codes[answer.status_code] += 1
                    if (trouble := judge(answer, odd)) is not None:
                        wrong.append((door.name, place, str(odd)[:20], trouble))
    assert not wrong, "\n" + "\n".join(map(str, wrong[:60]))
    assert codes[422] > 300, codes
    assert codes[429] == 0, codes


def judge(answer: httpx.Response, odd: Any) -> str | None:
    """Tell what is wrong with an answer to an odd body; None where nothing is."""
    if answer.status_code < 300:
        return "took a NUL" if "\x00" in str(odd) else None
    if answer.status_code >= 500:
        return f"{answer.status_code}"
    problem = answer.json()
    if not {"type", "status", "code", "title", "detail"} <= problem.keys() or problem["status"] != answer.status_code:
        return f"no problem: {answer.text[:100]}"
    if answer.status_code == 422 and problem["code"] == "invalid":
        for error in problem.get("errors", []):
            if not error.keys() >= {"pointer", "code", "message"} or not (
                error["pointer"] == "" or error["pointer"].startswith("/")
            ):
                return f"no field: {error}"
        if not problem.get("errors"):
            return f"names no field: {answer.text[:200]}"
    return None
