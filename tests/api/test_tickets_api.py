"""Tickets by API."""

from fairground.market.accounts.model import StaffRole
from tests.support.accounts import make_person, sign_in_as
from tests.support.web import Market


async def test_a_ticket_by_api(market: Market) -> None:
    person, clerk = await make_person(market.db), await make_person(market.db, staff=StaffRole.CLERK)
    mine = market.program((await sign_in_as(market.db, person)).token)
    desk = market.program((await sign_in_as(market.db, clerk)).token)
    async with mine, desk:
        made = await mine.post(
            "/api/v1/tickets", json={"subject": "Where?", "words": "Nothing came.", "queue": "money"}
        )
        assert made.status_code == 201
        ticket = made.json()
        assert (ticket["state"], ticket["queue"], ticket["about"]) == ("open", "money", "")
        path = f"/api/v1/tickets/{ticket['id']}"
        listed = (await desk.get("/api/v1/desk/tickets?queue=money")).json()
        assert [t["id"] for t in listed["items"]] == [ticket["id"]]
        early = await mine.post(f"{path}/smile", json={"smile": 3})
        assert (early.status_code, early.json()["code"]) == (409, "service.smile_over")
        answered = await desk.post(f"{path}/answers", json={"words": "Here.", "solved": True})
        assert answered.json()["state"] == "solved"
        full = (await mine.get(path)).json()
        assert [(e["kind"], e["by"]) for e in full["entries"]] == [
            ("said", "person"), ("answered", "market"), ("solved", "market"),
        ]  # fmt: skip
        assert (await mine.post(f"{path}/words", json={"words": "No!"})).json()["state"] == "open"
        assert (await mine.post(f"{path}/closing")).json()["state"] == "closed"
        smiled = await mine.post(f"{path}/smile", json={"smile": 2, "words": "Slow"})
        assert smiled.json()["smile"] == 2
        assert [t["id"] for t in (await mine.get("/api/v1/tickets")).json()["items"]] == [ticket["id"]]


async def test_bad_input_names_its_field_and_strangers_find_nothing(market: Market) -> None:
    person, other = await make_person(market.db), await make_person(market.db)
    mine = market.program((await sign_in_as(market.db, person)).token)
    stranger = market.program((await sign_in_as(market.db, other)).token)
    async with mine, stranger, market.program() as guest:
        wrong = await mine.post("/api/v1/tickets", json={"subject": "", "words": ""})
        assert wrong.status_code == 422
        assert [e["pointer"] for e in wrong.json()["errors"]] == ["/subject", "/words"]
        odd = await mine.post("/api/v1/tickets", json={"subject": "a", "words": "b", "queue": "moon"})
        assert odd.status_code == 422
        assert (await guest.post("/api/v1/tickets", json={"subject": "a", "words": "b"})).status_code == 401
        ticket = (await mine.post("/api/v1/tickets", json={"subject": "a", "words": "b"})).json()
        path = f"/api/v1/tickets/{ticket['id']}"
        assert (await stranger.get(path)).status_code == 404
        assert (await stranger.post(f"{path}/words", json={"words": "x"})).status_code == 404
        assert (await stranger.post(f"{path}/answers", json={"words": "x"})).status_code == 404
        assert (await mine.post(f"{path}/answers", json={"words": "x"})).status_code == 404
        assert (await stranger.get("/api/v1/desk/tickets")).status_code == 404
        foreign = await mine.post("/api/v1/tickets", json={"subject": "a", "words": "b", "about": "order:77"})
        assert foreign.status_code == 404
