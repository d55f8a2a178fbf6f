"""Keeping somebody out and letting them in again, at the desk and by the API."""

from fairground.market.accounts.model import StaffRole
from fairground.market.accounts.queries import get_person
from tests.support.accounts import PASSWORD, make_person, sign_in_as
from tests.support.desk import deeds, enter_desk, post_form
from tests.support.web import Market


async def test_a_supervisor_keeps_somebody_out_and_lets_them_in_again(market: Market) -> None:
    person = await make_person(market.db, "Ming")
    page = f"/desk/people/{person.id}"
    async with market.visitor() as desk, market.visitor() as guest:
        await enter_desk(market, desk, StaffRole.SUPERVISOR)
        bad = await post_form(desk, page, f"{page}/suspension", {"reason": "", "until": "soon"})
        assert bad.status_code == 422
        assert "A day, please" in bad.text
        done = await post_form(desk, page, f"{page}/suspension", {"reason": "Empty parcels.", "until": "2026-06-30"})
        assert done.status_code == 303
        assert "Empty parcels." in (await desk.get(page)).text
        answer = await guest.post("/sign-in", data={"email": person.email, "password": PASSWORD})
        assert answer.status_code == 403
        assert "Empty parcels." in answer.text
        assert "until 1 Jul 2026" in answer.text or "until Jul 1, 2026" in answer.text
        assert "set-cookie" not in answer.headers or "fg_session" not in answer.headers["set-cookie"]
        assert (await post_form(desk, page, f"{page}/lifting", {"reason": "a mix-up"})).status_code == 303
        again = await guest.post("/sign-in", data={"email": person.email, "password": PASSWORD})
        assert again.status_code == 303
    assert ("accounts.lift_suspension", "a mix-up") in await deeds(market)


async def test_a_clerk_sees_no_button_and_may_not(market: Market) -> None:
    person = await make_person(market.db, "Ming")
    page = f"/desk/people/{person.id}"
    async with market.visitor() as desk:
        await enter_desk(market, desk, StaffRole.CLERK)
        assert "Suspend this person" not in (await desk.get(page)).text
        assert (await post_form(desk, "/desk", f"{page}/suspension", {"reason": "x"})).status_code == 403
    assert (await market.db.read(lambda r: get_person(r, person.id))).suspension is None


async def test_the_same_by_api(market: Market) -> None:
    person = await make_person(market.db, "Ming")
    senior = await make_person(market.db, "Desk", staff=StaffRole.SUPERVISOR)
    path = f"/api/v1/people/{person.id}/suspension"
    token = (await sign_in_as(market.db, senior)).token
    own = (await sign_in_as(market.db, person)).token
    async with market.program(token) as desk, market.program(own) as theirs:
        assert (await theirs.post(path, json={"reason": "x"})).status_code == 404
        wrong = await desk.post(path, json={"reason": " ", "until": "2020-01-01T00:00:00Z"})
        assert {e["pointer"] for e in wrong.json()["errors"]} == {"/reason", "/until"}
        made = await desk.post(path, json={"reason": "Empty parcels."})
        assert made.status_code == 201
        assert (made.json()["reason"], made.json()["until"]) == ("Empty parcels.", None)
        assert (await theirs.get("/api/v1/me")).status_code == 401
        refused = await theirs.post("/api/v1/sessions", json={"email": person.email, "password": PASSWORD})
        assert (refused.status_code, refused.json()["code"]) == (403, "accounts.suspended")
        assert "Empty parcels." in refused.json()["detail"]
        assert (await desk.post(path, json={"reason": "again"})).json()["code"] == "accounts.suspended_already"
        assert (await desk.delete(path)).status_code == 204
        assert (await desk.delete(path)).json()["code"] == "accounts.not_suspended"
        assert (await theirs.post("/api/v1/sessions", json={"email": person.email, "password": PASSWORD})).is_success
