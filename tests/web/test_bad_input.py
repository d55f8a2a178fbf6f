"""Bad input at the door and in forms: refused with a reason, nothing half written, nothing of it run by a browser."""

import re
from pathlib import Path

import msgspec
import pytest

from fairground.app.asgi import make_app
from fairground.kit.clock import Clock
from fairground.kit.paging import write_cursor
from fairground.market.accounts.model import SessionId
from fairground.market.reviews.model import ReviewDraft
from tests.support.accounts import make_person, sign_in_as
from tests.support.catalog import make_product
from tests.support.given import QUICK
from tests.support.orders import make_buyer, place_order
from tests.support.reviews import received_order, write
from tests.support.routes import all_doors
from tests.support.shops import make_owner, make_shop
from tests.support.town import all_rows, build_town
from tests.support.web import HOST, Market, open_test_market, token_of
from tests.support.world import pump
from tests.web.test_strangers import FORM, WORDS

MIB = 1024 * 1024
EVIL = "<script>alert(1)</script><img src=x onerror=alert(2)>\"'"
JSON = {"content-type": "application/json"}
FORM_TYPE = {"content-type": "application/x-www-form-urlencoded"}


async def test_a_body_past_its_limit_is_not_even_read(market: Market) -> None:
    """1 MiB of JSON or form, whether its length is announced or not; uploads up to their setting."""
    big = b'{"email": "' + b"x" * 10 * MIB + b'"}'

    async def pieces():  # type: ignore[no-untyped-def]
        for _ in range(10):
            yield b"[" * MIB

    async with market.program() as program, market.visitor() as visitor:
        for body in (big, pieces()):
            answer = await program.post("/api/v1/sessions", content=body, headers=JSON)
            assert (answer.status_code, answer.json()["code"]) == (413, "too_large")
            assert answer.headers["content-type"].startswith("application/problem+json")
        assert (await visitor.post("/sign-in", data={"email": "x" * 2 * MIB})).status_code == 413
        odd = await program.post("/api/v1/sessions", content=b"{}", headers={**JSON, "content-length": "9" * 30})
        assert odd.status_code == 413


NO_GOOD = [
    (b"", 422),
    (b"null", 422),
    (b"[]", 422),
    (b'"x"', 422),
    (b"{", 400),
    (b"\xff\xfe\x00", 400),
    (b'{"email": "\xff"}', 400),
    (b'{"email": "\\ud800"}', 400),
    (b'{"email": 1e309}', 400),
    (b'{"email": "a@example.org", "password": 12345678}', 422),
    (b"[" * 100_000, 400),
    (b'{"a":' * 100_000, 400),
    (b'{"email": "a\\u0000@example.org", "password": "x"}', 422),
]


async def test_what_is_no_good_json_is_told_as_a_problem(market: Market) -> None:
    async with market.program() as program:
        for body, status in NO_GOOD:
            answer = await program.post("/api/v1/sessions", content=body, headers=JSON)
            problem = answer.json()
            assert answer.headers["content-type"].startswith("application/problem+json")
            told = (answer.status_code, problem["status"], problem["type"])
            assert told == (status, status, "about:blank"), (body[:40], answer.text)
            assert problem["title"]
            assert problem["detail"]
            if status == 422:
                assert problem["errors"], body[:40]
                assert all(error.keys() == {"pointer", "code", "message"} for error in problem["errors"])


async def test_json_that_says_it_is_something_else_is_refused(market: Market) -> None:
    body = b'{"email": "a@example.org", "password": "x"}'
    async with market.program() as program:
        for kind in ("text/plain", "application/xml", "application/x-www-form-urlencoded", "nonsense", ""):
            answer = await program.post("/api/v1/sessions", content=body, headers={"content-type": kind})
            assert answer.status_code in {400, 415}, kind


async def test_addresses_with_odd_letters_are_refused_not_broken(market: Market) -> None:
    odd = ["%00", "a%00b", "%ff", "%ed%a0%80", "9" * 5_000, "%F0%9F%8E%AA", "<script>", "%0d%0aX: y", "..%2f..%2fetc"]
    async with market.visitor() as visitor, market.program() as program:
        for text in odd:
            for path in (
                f"/search?q={text}",
                f"/?{text}=1",
                f"/p/{text}",
                f"/s/{text}",
                f"/c/{text}",
                f"/static/{text}",
            ):
                answer = await visitor.get(path)
                assert answer.status_code in {200, 404, 422, 400}, (path, answer.status_code)
                assert "<script>" not in answer.text
            for name in ("q", "category", "shop", "min_price", "max_price", "sort", "limit", "after"):
                answer = await program.get(f"/api/v1/products?{name}={text}")
                assert answer.status_code in {200, 404, 422, 400}, (name, text, answer.status_code)
        refused = await program.get("/api/v1/products?q=a%00b")
        assert (refused.status_code, refused.json()["errors"][0]["pointer"]) == (422, "/q")


async def test_forged_cursors_and_limits_are_refused_by_name(market: Market) -> None:
    person = await make_person(market.db)
    token = (await sign_in_as(market.db, person)).token
    forged = ["x", "W10", "bnVsbA", "WzFd", "WyJ4IiwgInkiXQ", "WzllOTk5XQ", "A" * 3000]
    keys = ((2**63,), (2**63, 2**63), ("2026-01-01T00:00:00Z", 2**63), ("a\x00", 1), ("a\x00",), (-(2**64),))
    forged += [write_cursor(*key) for key in keys]
    async with market.program(token) as program:
        for path in ("/api/v1/products", "/api/v1/orders", "/api/v1/shops", "/api/v1/me/letters"):
            for after in forged:
                answer = await program.get(path, params={"after": after})
                assert answer.status_code in {200, 422}, (path, after, answer.status_code, answer.text[:200])
            for limit in ("0", "-1", "101", "9" * 30, "1.5", "x"):
                answer = await program.get(path, params={"limit": limit})
                assert answer.status_code == 422, (path, limit, answer.status_code)
                assert answer.json()["errors"][0]["pointer"] == "/limit"


async def test_headers_of_nonsense_are_passed_over(market: Market) -> None:
    nonsense = [
        {"cookie": "fg_session=\x01; =; fg_flash=%%%; fg_guest=a.b.c; fg_language=xx; a b=c"},
        {"cookie": 'fg_session="\\000\\001"; fg_flash=bnVsbA'},
        {"cookie": "fg_flash=" + "A" * 4000},
        {"accept-language": "zz;q=nan,en;q=-1,*;q=inf," + "en," * 500},
        {"accept-language": "\xff\xfe"},
        {"x-http-method-override": "DELETE", "x-method-override": "DELETE"},
        {"x-forwarded-for": "not an address, 1.2.3.4"},
        {"if-none-match": "W/" + "x" * 5000},
        {"authorization": "Bearer"},
        {"authorization": "Bearer " + "x" * 5000},
        {"authorization": "Basic eDp5"},
    ]
    async with market.visitor() as visitor:
        for headers in nonsense:
            raw = [(k.encode(), v.encode("latin-1")) for k, v in headers.items()]
            answer = await visitor.get("/help", headers=raw)
            assert answer.status_code == 200, (headers, answer.status_code)


async def test_sessions_that_ran_out_or_were_forged_are_nobodys(market: Market) -> None:
    person = await make_person(market.db)
    session = await sign_in_as(market.db, person)
    forged = [session.token[:-2] + "AA", session.token + "x", str(session.session_id), "' or 1=1 --", "é"]
    for token in forged:
        async with market.program() as program:
            headers = [(b"authorization", f"Bearer {token}".encode())]
            assert (await program.get("/api/v1/me", headers=headers)).status_code == 401, token
    async with market.program(session.token) as program:
        assert (await program.get("/api/v1/me")).status_code == 200
        market.db.clock.move(session.expires_at - market.db.clock.now())
        answer = await program.get("/api/v1/me")
    assert (answer.status_code, answer.json()["code"]) == (401, "accounts.sign_in_needed")
    assert isinstance(session.session_id, SessionId)


async def test_markup_in_every_text_is_shown_as_text(market: Market) -> None:
    """Names, titles, descriptions, options, reviews, notes, addresses, what is searched for."""
    db = market.db
    seller = await make_owner(db, EVIL[:40])
    shop = await make_shop(db, seller, name="<script>alert(3)</script>", slug="evil-shop")
    pot = await make_product(db, shop, title="<script>alert(4)</script> pot", description=EVIL)
    buyer = await make_buyer(db, "<b>Eve</b>")
    await place_order(db, buyer, (pot, 1), notes={"evil-shop": EVIL})
    received = await received_order(db, pot, buyer=buyer)
    await write(db, received, ReviewDraft(1, EVIL))
    await pump(db)
    paths = ["/", "/search?q=" + EVIL, f"/p/{pot.id}", f"/p/{pot.id}/reviews", "/s/evil-shop", "/cart", "/account"]
    async with market.visitor() as visitor:
        for path in paths:
            page = (await visitor.get(path)).text
            assert not re.search(r"<script>alert|<img src=x|<b>Eve", page), path


async def test_every_answer_carries_what_keeps_a_browser_careful(market: Market) -> None:
    paths = [
        "/",
        "/nowhere",
        "/help",
        "/api/v1/products",
        "/api/v1/nothing",
        "/health/live",
        "/openapi.json",
        "/robots.txt",
    ]
    paths += [
        "/media/1/96.webp",
        "/static/nothing.css",
        "/metrics",
        "/sandbox/pay/1",
        "/sign-in",
        "/search?q=%00",
        "/openapi.json",
    ]
    async with market.visitor() as visitor:
        for path in paths:
            headers = (await visitor.get(path)).headers
            assert "default-src 'none'" in headers.get("content-security-policy", ""), path
            assert "unsafe" not in headers["content-security-policy"], path
            assert headers.get("x-content-type-options") == "nosniff", path
            assert headers.get("referrer-policy"), path
        big = await visitor.post("/sign-in", content=b"x" * 2 * MIB)
        assert big.headers["x-content-type-options"] == "nosniff"


@pytest.mark.parametrize("url", [HOST, "https://market.test"])
async def test_cookies_are_out_of_reach(dsn: str, clock: Clock, tmp_path: Path, url: str) -> None:
    async with open_test_market(dsn, tmp_path, clock, QUICK, url=url) as market:
        person = await make_person(market.db)
        async with market.visitor() as visitor:
            form = {"email": person.email, "password": "a bird on the awning"}
            answers = [
                await visitor.post("/sign-in", data=form),
                await visitor.post("/language", data={"language": "en"}),
            ]
            if url.startswith("https"):
                assert "max-age=" in answers[0].headers["strict-transport-security"]
    cookies = [c for answer in answers for c in answer.headers.get_list("set-cookie")]
    assert any(c.startswith("fg_session=") for c in cookies)
    for cookie in cookies:
        flags = {part.strip().lower() for part in cookie.split(";")}
        assert "samesite=lax" in flags, cookie
        assert ("secure" in flags) is url.startswith("https"), cookie
        assert "httponly" in flags, cookie


async def test_only_our_own_hosts_are_answered(dsn: str, clock: Clock, tmp_path: Path) -> None:
    opening = open_test_market(dsn, tmp_path, clock, QUICK, allowed_hosts="market.test")
    async with opening as market, market.visitor() as visitor:
        assert (await visitor.get("/help")).status_code == 200
        for host in ("evil.test", "market.test.evil.test", "", "market.test@evil.test"):
            assert (await visitor.get("/help", headers={"host": host})).status_code == 400, host


async def test_only_trusted_proxies_are_believed(dsn: str, clock: Clock, tmp_path: Path) -> None:
    """A flood under made-up addresses is one address; behind a proxy we trust each has its own measure."""
    for proxies, refused in (("", True), ("127.0.0.1", False)):
        settings = {"trusted_proxies": proxies, "rate_limit_scale": 0.02}
        opening = open_test_market(dsn, tmp_path / (proxies or "none"), clock, QUICK, **settings)
        async with opening as market, market.program() as program:
            codes = [
                await program.get("/api/v1/products", headers={"x-forwarded-for": f"203.0.113.{n}"}) for n in range(40)
            ]
        turned_away = [answer for answer in codes if answer.status_code == 429]
        assert bool(turned_away) is refused
        assert all(int(answer.headers["retry-after"]) >= 1 for answer in turned_away)


async def test_no_page_does_a_deed_without_the_token_of_its_session(market: Market) -> None:
    """Every POST of every page, by somebody signed in, from our own site, with no token, and with another's."""
    town = await build_town(market)
    before = await all_rows(market.db)
    wrong = []
    async with market.visitor() as other:
        other.cookies.set("fg_session", town.stranger_token)
        foreign = token_of((await other.get("/help")).text)
    for door in all_doors(make_app(64)):
        if door.method == "GET" or door.path.startswith(("/api/", "/webhooks/")):
            continue
        path = door.fill({**WORDS, **town.ids})
        for token in ("", foreign):
            async with market.visitor() as browser:
                browser.cookies.set("fg_session", town.seller_token)
                answer = await browser.post(path, data={**FORM, "csrf": token})
                if answer.status_code != 403:
                    wrong.append((door.name, answer.status_code))
    assert not wrong, wrong
    assert {k for k, v in (await all_rows(market.db)).items() if v != before[k]} == set()


async def test_the_description_of_the_api_is_whole(market: Market) -> None:
    async with market.program() as program:
        document = (await program.get("/openapi.json")).json()
    assert document["openapi"].startswith("3.1")
    told = {(path, method.upper()) for path, item in document["paths"].items() for method in item}
    doors = [door for door in all_doors(make_app(64)) if door.path.startswith("/api/v1")]
    missing = [door.name for door in doors if (door.path, door.method) not in told]
    assert not missing
    assert not [path for path, _ in told if not path.startswith("/api/v1")], "pages are not part of it"
    for path, item in document["paths"].items():
        for method, deed in item.items():
            assert deed.get("summary"), (method, path)
            names = {p["name"] for p in deed.get("parameters", []) if p["in"] == "path"}
            assert names == set(re.findall(r"{(\w+)}", path)), path
    text = msgspec.json.encode(document).decode()
    for reference in set(re.findall(r'"#/components/schemas/([^"]+)"', text)):
        assert reference in document["components"]["schemas"], reference
    assert isinstance(document["info"]["title"], str)


async def test_a_form_with_letters_that_cannot_be_kept_is_refused_at_its_field(market: Market) -> None:
    before = await all_rows(market.db)
    good = {"email": "a@example.org", "password": "a bird on the awning", "name": "Ming", "language": "en"}
    async with market.visitor() as visitor:
        for field in ("email", "name", "password"):
            answer = await visitor.post("/register", data={**good, field: "a\x00b"})
            assert answer.status_code == 422, field
            assert "characters that we cannot keep" in answer.text, field
        twice = await visitor.post("/register", content=b"email=a&email=b&name=x&name=y", headers={**FORM_TYPE})
        assert twice.status_code == 422
        broken = await visitor.post("/register", content=b"%ff%fe=%00&&&=", headers={**FORM_TYPE})
        assert broken.status_code == 422
        parts = {"content-type": "multipart/form-data; boundary=x"}
        cut = await visitor.post("/register", content=b'--x\r\nContent-Disposition: form-data; name="a', headers=parts)
        assert cut.status_code in {400, 422}
    assert await all_rows(market.db) == before
