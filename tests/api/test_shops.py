"""Shops by API."""

from datetime import timedelta

from tests.support.accounts import make_person, sign_in_as
from tests.support.media import draw
from tests.support.web import Market


async def _seller(market: Market, name: str = "Ming") -> tuple[str, str]:
    person = await make_person(market.db, name)
    return (await sign_in_as(market.db, person)).token, person.email


async def test_a_person_opens_a_shop_that_strangers_can_visit(market: Market) -> None:
    token, _ = await _seller(market)
    async with market.program(token) as seller, market.program() as guest:
        answer = await seller.post(
            "/api/v1/shops",
            json={"name": "Lantern & Clay", "slug": "lantern-clay", "about": "<script>x</script> **Pots**"},
        )
        assert answer.status_code == 201
        made = answer.json()
        assert (made["slug"], made["state"], made["tier"], made["role"]) == ("lantern-clay", "open", "stall", "owner")
        assert isinstance(made["id"], str)
        seen = (await guest.get("/api/v1/shops/lantern-clay")).json()
        assert (seen["id"], seen["role"]) == (made["id"], None)
        assert "<script>" not in seen["about_html"]
        assert "<strong>Pots</strong>" in seen["about_html"]
        assert [s["slug"] for s in (await guest.get("/api/v1/shops")).json()["items"]] == ["lantern-clay"]
        assert (await guest.get("/api/v1/shops/none")).status_code == 404
        assert [s["shop"] for s in (await seller.get("/api/v1/me/shops")).json()["items"]] == ["lantern-clay"]


async def test_wrong_fields_are_named_and_a_guest_is_asked_to_sign_in(market: Market) -> None:
    token, _ = await _seller(market)
    async with market.program(token) as seller, market.program() as guest:
        answer = await seller.post("/api/v1/shops", json={"name": "", "slug": "Admin", "country": "Utopia"})
        assert answer.status_code == 422
        assert {e["pointer"] for e in answer.json()["errors"]} == {"/name", "/slug", "/country"}
        assert (await seller.post("/api/v1/shops", json={"name": 7})).status_code == 422
        assert (await guest.post("/api/v1/shops", json={"name": "Tea"})).status_code == 401
        await seller.post("/api/v1/shops", json={"name": "Tea", "slug": "tea-house"})
        again = await seller.post("/api/v1/shops", json={"name": "Tea", "slug": "tea-house"})
        assert (again.status_code, again.json()["code"]) == (409, "shops.slug_taken")
        assert "tea-house-2" in again.json()["detail"]


async def test_a_shop_shows_its_face_rests_and_closes(market: Market) -> None:
    token, _ = await _seller(market)
    async with market.program(token) as seller, market.program() as guest:
        await seller.post("/api/v1/shops", json={"name": "Tea", "slug": "tea-house"})
        picture = await seller.post("/api/v1/shops/tea-house/pictures", files={"file": ("a.png", draw(64, 64))})
        assert picture.status_code == 201
        change = {"avatar_id": picture.json()["id"], "cloth": 3, "about": "Tea."}
        patched = await seller.patch("/api/v1/shops/tea-house", json=change)
        assert patched.status_code == 200
        assert (patched.json()["avatar_id"], patched.json()["cloth"]) == (picture.json()["id"], 3)
        foreign = await seller.patch("/api/v1/shops/tea-house", json={"banner_id": "12345"})
        assert [e["pointer"] for e in foreign.json()["errors"]] == ["/banner_id"]
        broken = await seller.post("/api/v1/shops/tea-house/pictures", files={"file": ("a.png", b"<html>")})
        assert (broken.status_code, broken.json()["errors"][0]["pointer"]) == (422, "/file")
        until = (market.db.clock.now() + timedelta(days=3)).isoformat()
        rest = await seller.put("/api/v1/shops/tea-house/holiday", json={"note": "Back soon", "until": until})
        assert (rest.status_code, rest.json()["state"]) == (200, "holiday")
        assert (await guest.get("/api/v1/shops/tea-house")).json()["holiday_note"] == "Back soon"
        assert (await seller.delete("/api/v1/shops/tea-house/holiday")).json()["state"] == "open"
        assert (await seller.post("/api/v1/shops/tea-house/closure")).json()["state"] == "closed"
        assert (await guest.get("/api/v1/shops/tea-house")).status_code == 404


async def test_strangers_find_no_inside_of_a_shop(market: Market) -> None:
    token, _ = await _seller(market)
    other, _ = await _seller(market, "Hua")
    async with market.program(token) as seller, market.program(other) as stranger:
        await seller.post("/api/v1/shops", json={"name": "Tea", "slug": "tea-house"})
        calls = [
            ("PATCH", "", {"name": "Mine"}),
            ("PUT", "/holiday", {}),
            ("DELETE", "/holiday", None),
            ("POST", "/closure", None),
            ("GET", "/staff", None),
            ("POST", "/staff", {"email": "a@example.org", "role": "owner"}),
            ("PUT", "/staff/1", {"role": "owner"}),
            ("DELETE", "/staff/1", None),
            ("GET", "/applications", None),
            ("POST", "/applications", {"company": "a", "country": "CN", "number": "1"}),
            ("DELETE", "/applications/1", None),
            ("POST", "/membership", None),
            ("DELETE", "/membership", None),
            ("GET", "/low-stock", None),
            ("POST", "/products", {"title": "x", "variants": []}),
        ]
        for method, path, body in calls:
            answer = await stranger.request(method, f"/api/v1/shops/tea-house{path}", json=body)
            assert answer.status_code == 404, (method, path, answer.text)
        after = (await seller.get("/api/v1/shops/tea-house")).json()
        assert (after["name"], after["state"]) == ("Tea", "open")


async def test_somebody_is_invited_joins_and_leaves(market: Market) -> None:
    token, _ = await _seller(market)
    friends, email = await _seller(market, "Hua")
    async with market.program(token) as seller, market.program(friends) as friend:
        await seller.post("/api/v1/shops", json={"name": "Tea", "slug": "tea-house"})
        unknown = await seller.post("/api/v1/shops/tea-house/staff", json={"email": "no@example.org", "role": "clerk"})
        assert unknown.json()["errors"][0]["pointer"] == "/email"
        invited = await seller.post("/api/v1/shops/tea-house/staff", json={"email": email, "role": "clerk"})
        assert [(s["name"], s["role"]) for s in invited.json()["items"]] == [("Ming", "owner"), ("Hua", "clerk")]
        assert (await friend.get("/api/v1/me/shops")).json()["items"][0]["joined_at"] is None
        joined = await friend.post("/api/v1/shops/tea-house/membership")
        assert joined.json()["items"][0]["joined_at"] is not None
        assert (await friend.patch("/api/v1/shops/tea-house", json={"name": "Mine"})).status_code == 403
        member = invited.json()["items"][1]["person_id"]
        raised = await seller.put(f"/api/v1/shops/tea-house/staff/{member}", json={"role": "manager"})
        assert {s["role"] for s in raised.json()["items"]} == {"owner", "manager"}
        assert (await friend.delete("/api/v1/shops/tea-house/membership")).status_code == 204
        assert (await seller.delete("/api/v1/shops/tea-house/membership")).status_code == 409
        assert len((await seller.get("/api/v1/shops/tea-house/staff")).json()["items"]) == 1


async def test_a_shop_applies_for_the_badge_and_the_number_stays_hidden(market: Market) -> None:
    token, _ = await _seller(market)
    async with market.program(token) as seller:
        await seller.post("/api/v1/shops", json={"name": "Tea", "slug": "tea-house"})
        body = {"company": "Tea Ltd", "country": "CN", "number": "91110000600037341L"}
        made = await seller.post("/api/v1/shops/tea-house/applications", json=body)
        assert (made.status_code, made.json()["number_tail"]) == (201, "341L")
        assert "91110000600037341L" not in made.text
        wrong = await seller.post("/api/v1/shops/tea-house/applications", json=body | {"number": "1"})
        assert wrong.json()["errors"][0]["pointer"] == "/number"
        path = f"/api/v1/shops/tea-house/applications/{made.json()['id']}"
        assert (await seller.delete(path)).status_code == 204
        assert (await seller.get("/api/v1/shops/tea-house/applications")).json()["items"][0]["state"] == "withdrawn"
