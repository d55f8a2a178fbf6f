"""Bad input in forms and files of pages: refused with its reason; nothing breaks, nothing half written."""

import importlib
import pkgutil
import struct
import zlib
from collections import Counter
from typing import Any

import httpx
import msgspec
import pytest

import fairground.web
from fairground.app.asgi import make_app
from fairground.app.audit import audit
from tests.api.test_imports import PATH, sellers_token
from tests.support.media import draw
from tests.support.routes import Door, all_doors
from tests.support.town import Town, all_rows, build_town
from tests.support.web import Market
from tests.web.test_strangers import WORDS, shortly, signed_in

ODD = (
    "-1",
    "0",
    "99999999999999999999",
    "1.5",
    "1e309",
    "NaN",
    "１２",
    "\u202e<script>",
    "x" * 70_000,
    "a\x00b",
    "",
)
# They would take the session away that the next odd form needs.
SPARED = ("/sign-out", "/account/sessions/", "/sign-in", "/register", "/reset", "/language")


def field_names() -> set[str]:
    """Name every field of every form of the pages."""
    names: set[str] = set()
    for module in pkgutil.walk_packages(fairground.web.__path__, "fairground.web."):
        for thing in vars(importlib.import_module(module.name)).values():
            if isinstance(thing, type) and issubclass(thing, msgspec.Struct) and thing.__name__.endswith("Form"):
                names |= set(thing.__struct_fields__)
    return names


async def test_no_form_of_any_page_breaks_anything(market: Market) -> None:
    """Every form × every field filled with the same odd thing, by the owner of all of it; then the books are clean."""
    town, names = await build_town(market), field_names()
    assert {"quantity", "password", "price", "reason"} & names
    doors = [
        d for d in all_doors(make_app(64)) if d.method == "POST" and not d.path.startswith(("/api/", "/webhooks/"))
    ]
    wrong: list[Any] = []
    codes: Counter[int] = Counter()
    buyer, seller = await signed_in(market, town.buyer_token), await signed_in(market, town.seller_token)
    async with buyer, seller:
        for door in doors:
            if door.path.startswith(SPARED):
                continue
            browser = seller if door.path.startswith("/seller") else buyer
            for odd in ODD:
                answer = await fill_in(browser, door, town, dict.fromkeys(names, odd))
                codes[answer.status_code] += 1
                if answer.status_code >= 500 or "<script>" in answer.text.partition("</head>")[2]:
                    wrong.append((door.name, odd[:20], answer.status_code, shortly(answer)))
    assert not wrong, "\n" + "\n".join(map(str, wrong))
    assert codes[422] > 200, codes
    assert await audit(market.db) == []


async def fill_in(browser: httpx.AsyncClient, door: Door, town: Town, fields: dict[str, str]) -> httpx.Response:
    """Send a form, as a page without a file and as one with files would."""
    nobodys = "61062355356590099"
    path = door.fill({**dict.fromkeys(door.parameters, nobodys), **WORDS, **town.ids})
    files = {"file": ("x.png", b"")} if len(fields["words" if "words" in fields else min(fields)]) < 3 else None
    return await browser.post(path, data=fields, files=files)


@pytest.mark.parametrize("quantity", ["-1", "1000000000000", "99999999999999999999", "1.5", "two", ""])
async def test_a_quantity_that_is_none_changes_no_cart(market: Market, quantity: str) -> None:
    town = await build_town(market)
    before = await all_rows(market.db)
    async with market.visitor() as browser, market.program(town.buyer_token) as program:
        form = {"variant_id": town.ids["variant_id"], "quantity": quantity}
        assert (await browser.post("/cart/lines", data=form)).status_code == 422
        assert (await browser.post(f"/cart/lines/{form['variant_id']}", data=form)).status_code == 422
        line = f"/api/v1/cart/lines/{form['variant_id']}"
        for number in (quantity, -1, 1.5, True, None, 10**12, 2**63):
            answer = await program.put(line, json={"quantity": number})
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/quantity"), number
    assert await all_rows(market.db) == before


def chunk(kind: bytes, data: bytes) -> bytes:
    """Write one chunk of a PNG."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def bomb(side: int = 20_000) -> bytes:
    """Draw a PNG of some kilobytes that would be a gigabyte of pixels."""
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9)
    data = b"".join(packer.compress(bytes(1 + 3 * side)) for _ in range(200)) + packer.flush()
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


PICTURES = {
    "html": b"<!doctype html><html><script>alert(1)</script></html>",
    "svg": b'<svg xmlns="http://www.w3.org/2000/svg"><script>alert(1)</script></svg>',
    "table": b"Handle,Title\nmug,Mug\n",
    "nothing": b"",
    "cut": draw(form="PNG")[:60],
    "head only": b"\x89PNG\r\n\x1a\n",
    "bomb": bomb(),
}


@pytest.mark.parametrize("kind", PICTURES)
async def test_what_is_no_picture_is_refused_wherever_pictures_are_taken(market: Market, kind: str) -> None:
    town = await build_town(market)
    before = await all_rows(market.db)
    async with market.program(town.seller_token) as seller, market.program(town.buyer_token) as buyer:
        for program, path in ((seller, f"/api/v1/shops/{town.ids['slug']}/pictures"), (buyer, "/api/v1/me/pictures")):
            answer = await program.post(path, files={"file": ("a.png", PICTURES[kind], "image/png")})
            assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/file"), answer.text
    async with await signed_in(market, town.seller_token) as browser:
        face = await browser.post(f"/seller/{town.ids['slug']}/face", files={"banner": ("a.png", PICTURES[kind])})
        assert face.status_code == 422
    assert await all_rows(market.db) == before
    assert len(PICTURES["bomb"]) < 100_000


TABLES = {
    "png": draw(form="PNG"),
    "zip": b"PK\x03\x04" + bytes(200),
    "nothing": b"",
    "nul": b"Handle,Title\x00\nmug,Mug\x00\n",
    "one endless line": b"Handle," + b"x" * 3_000_000,
    "json": b'[{"Handle": "mug"}]',
}


@pytest.mark.parametrize("kind", TABLES)
async def test_what_is_no_table_of_goods_brings_no_goods(market: Market, kind: str) -> None:
    async with market.program(await sellers_token(market)) as seller:
        answer = await seller.post(PATH, files={"file": ("goods.csv", TABLES[kind])}, data={"format": "shopify"})
        assert (answer.status_code, answer.json()["errors"][0]["pointer"]) == (422, "/file"), answer.text
        assert (await seller.get(PATH)).json()["items"] == []
        assert (await seller.get("/api/v1/shops/tea-house/products")).json()["items"] == []
