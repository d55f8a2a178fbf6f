"""People, by API."""

import httpx
import pytest

from tests.support.accounts import PASSWORD, make_person, sign_in_as
from tests.support.given import QUICK
from tests.support.web import Market, open_test_market

HOME = {
    "name": "Anna Gärtner",
    "phone": "+49 30 901820",
    "country": "DE",
    "city": "Berlin",
    "lines": ["Unter den Linden 1"],
    "postal_code": "10117",
}


async def program_of(market: Market, person=None) -> httpx.AsyncClient:
    person = person or await make_person(market.db, "Ming")
    return market.program((await sign_in_as(market.db, person)).token)


async def test_from_registration_to_sign_out(market):
    async with market.program() as guest:
        wish = {"email": "ming@example.org", "password": PASSWORD, "name": "Ming", "language": "en"}
        made = await guest.post("/api/v1/accounts", json=wish)
        assert made.status_code == 201
        assert isinstance(made.json()["id"], str)
        assert made.json()["is_verified"] is False
        assert "password" not in made.text
        session = await guest.post("/api/v1/sessions", json={"email": "ming@example.org", "password": PASSWORD})
        assert session.status_code == 201
        assert set(session.json()) == {"token", "expires_at"}
    async with market.program(session.json()["token"]) as program:
        assert (await program.get("/api/v1/me")).json()["id"] == made.json()["id"]
        assert (await program.delete("/api/v1/sessions/current")).status_code == 204
        assert (await program.get("/api/v1/me")).status_code == 401


@pytest.mark.parametrize(
    ("body", "pointer"),
    [
        ({"email": "a@example.org", "password": PASSWORD}, "/name"),
        ({"email": 5, "password": PASSWORD, "name": "A"}, "/email"),
        ({"email": "a@example.org", "password": PASSWORD, "name": "A", "language": "tlh"}, "/language"),
        ({"email": "a@example.org", "password": "short", "name": "A"}, "/password"),
        ({"email": "a@example.org", "password": PASSWORD, "name": "A\u0000"}, "/name"),
    ],
)
async def test_wrong_fields_are_named(market, body, pointer):
    async with market.program() as guest:
        answer = await guest.post("/api/v1/accounts", json=body)
    assert answer.status_code == 422
    assert answer.headers["content-type"] == "application/problem+json"
    assert [error["pointer"] for error in answer.json()["errors"]] == [pointer]


async def test_a_taken_address_is_a_conflict(market):
    await make_person(market.db, email="ming@example.org")
    async with market.program() as guest:
        wish = {"email": "Ming@example.org", "password": PASSWORD, "name": "M"}
        answer = await guest.post("/api/v1/accounts", json=wish)
    assert (answer.status_code, answer.json()["code"]) == (409, "accounts.email_taken")


async def test_a_wrong_password_is_401_and_too_many_are_429(dsn, clock, tmp_path):
    async with open_test_market(dsn, tmp_path, clock, QUICK, rate_limit_scale=1.0) as market:
        await make_person(market.db, email="ming@example.org")
        async with market.program() as guest:
            wrong = {"email": "ming@example.org", "password": "wrong password"}
            answers = [await guest.post("/api/v1/sessions", json=wrong) for _ in range(11)]
    assert [answer.status_code for answer in answers] == [401] * 10 + [429]
    assert answers[0].json()["code"] == "accounts.sign_in_refused"
    assert answers[10].headers["retry-after"] == "900"


async def test_without_a_good_token_nobody_is_in(market):
    for token in (None, "x", "A" * 43, "Ünïcode"):
        headers = {"authorization": f"Bearer {token}".encode()} if token else {}
        async with market.program() as program:
            for path in ("/me", "/me/addresses", "/me/sessions", "/me/letters", "/me/data", "/me/mail-choices"):
                answer = await program.get(f"/api/v1{path}", headers=headers)
                assert (answer.status_code, answer.json()["code"]) == (401, "accounts.sign_in_needed"), path


async def test_the_address_book(market):
    async with await program_of(market) as program:
        made = await program.post("/api/v1/me/addresses", json=HOME)
        assert made.status_code == 201
        assert made.json()["is_default"] is True
        path = f"/api/v1/me/addresses/{made.json()['id']}"
        assert (await program.get(path)).json() == made.json()
        assert (await program.get("/api/v1/me/addresses")).json() == {"items": [made.json()], "next": None}
        changed = await program.put(path, json={**HOME, "name": "A. Gärtner"})
        assert changed.json()["name"] == "A. Gärtner"
        wrong = await program.put(path, json={**HOME, "postal_code": "x"})
        assert [error["pointer"] for error in wrong.json()["errors"]] == ["/postal_code"]
        assert (await program.put(path, json={**HOME, "lines": "one line"})).json()["errors"][0]["pointer"] == "/lines"
        async with await program_of(market) as stranger:
            for answer in (await stranger.get(path), await stranger.put(path, json=HOME), await stranger.delete(path)):
                assert answer.status_code == 404
        assert (await program.delete(path)).status_code == 204
        assert (await program.delete(path)).status_code == 404
        assert (await program.get("/api/v1/me/addresses/no-id")).status_code == 404


async def test_profile_password_and_devices(market):
    person = await make_person(market.db)
    async with await program_of(market, person) as program, await program_of(market, person) as other:
        changed = await program.patch("/api/v1/me", json={"name": "李明"})
        assert (changed.json()["name"], changed.json()["language"]) == ("李明", "en")
        sessions = (await program.get("/api/v1/me/sessions")).json()["items"]
        assert sorted(session["is_current"] for session in sessions) == [False, True]
        wish = {"old_password": PASSWORD, "new_password": "another bird up there"}
        assert (await program.put("/api/v1/me/password", json=wish)).status_code == 204
        assert (await other.get("/api/v1/me")).status_code == 401
        assert (await program.get("/api/v1/me")).status_code == 200


async def test_an_address_change_needs_the_password(market):
    async with await program_of(market) as program:
        wish = {"email": "new@example.org", "password": "wrong password"}
        wrong = await program.post("/api/v1/me/email", json=wish)
        assert wrong.json()["errors"][0]["code"] == "accounts.password_wrong"
        assert (await program.post("/api/v1/me/email", json={**wish, "password": PASSWORD})).status_code == 204
        for path in ("/email-changes", "/verifications"):
            answer = await program.post(f"/api/v1{path}", json={"token": "forged"})
            assert (answer.status_code, answer.json()["code"]) == (422, "accounts.link_not_good")


async def test_resets_tell_nothing(market):
    person = await make_person(market.db)
    async with market.program() as guest:
        known = await guest.post("/api/v1/password-resets", json={"email": person.email})
        unknown = await guest.post("/api/v1/password-resets", json={"email": "nobody@example.org"})
        assert (known.status_code, known.content) == (unknown.status_code, unknown.content) == (204, b"")
        answer = await guest.put("/api/v1/password-resets", json={"token": "forged", "password": PASSWORD})
        assert answer.json()["code"] == "accounts.link_not_good"


async def test_letters_data_and_leaving(market):
    async with await program_of(market) as program:
        assert (await program.get("/api/v1/me/letters")).json() == {"items": [], "next": None, "unread": 0}
        assert (await program.get("/api/v1/me/letters?limit=1000")).status_code == 422
        assert (await program.get("/api/v1/me/letters?after=forged")).status_code == 422
        assert (await program.post("/api/v1/me/letters/1234/reading")).status_code == 404
        assert (await program.post("/api/v1/me/letters/reading")).status_code == 204
        stop = await program.put("/api/v1/me/mail-choices/accounts.new_device", json={"by_mail": False})
        assert stop.json()["code"] == "notifications.kind_unknown"
        assert (await program.get("/api/v1/me/data")).json()["accounts"]["person"]["name"] == "Ming"
        assert (await program.post("/api/v1/me/closure", json={"password": "wrong"})).status_code == 422
        assert (await program.post("/api/v1/me/closure", json={"password": PASSWORD})).status_code == 204
        assert (await program.get("/api/v1/me")).status_code == 401


async def test_the_description_names_every_call(market):
    async with market.program() as guest:
        paths = (await guest.get("/openapi.json")).json()["paths"]
    assert {"/api/v1/accounts", "/api/v1/sessions", "/api/v1/me", "/api/v1/me/addresses"} <= set(paths)
