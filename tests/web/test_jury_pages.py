"""Juries as pages and by API: join, practise, read a case without persons, vote; without JavaScript."""

from datetime import timedelta

from httpx import AsyncClient

from fairground.kit.db import Given
from fairground.market.accounts.model import Person, PersonId
from fairground.market.accounts.queries import get_person
from fairground.market.justice.model.jury import JurorStanding, JuryRules, JuryState, Verdict
from fairground.market.justice.model.practice import PRACTICE
from fairground.market.justice.queries.jury import find_juror
from tests.support.accounts import make_person, sign_in_as
from tests.support.catalog import make_product
from tests.support.desk import enter_as, post_form
from tests.support.disputed_cases import to_jury
from tests.support.disputes import Scene
from tests.support.jury import REASON, jury_now, make_juror, seats_of
from tests.support.rulebook import make_verified
from tests.support.shops import make_shop
from tests.support.web import Market
from tests.support.world import pump

HERE = "/justice/jury"


def few_seats(market: Market) -> None:
    """Let three be enough."""
    market.db.given = Given(*market.db.given._things.values(), JuryRules(seats=3, seats_above=3))


async def a_case(market: Market) -> Scene:
    """Let a jury of three sit."""
    few_seats(market)
    product = await make_product(market.db, await make_shop(market.db), stock=None)
    for number in range(3):
        await make_juror(market.db, product, f"Juror {number}")
    market.db.clock.move(timedelta(days=100))
    scene = await to_jury(market.db)
    await pump(market.db)
    return scene


async def jurors_of(market: Market, scene: Scene) -> list[Person]:
    """Give the people on the seats."""
    seats = await seats_of(market.db, scene)
    return [await market.db.read(lambda r, s=seat: get_person(r, PersonId(s.juror_id))) for seat in seats]


async def judge(browser: AsyncClient, key: str, verdict: str) -> str:
    """Judge a practice case, and give the page that follows."""
    answer = await post_form(browser, HERE, f"{HERE}/practice/{key}", {"verdict": verdict})
    assert answer.status_code == 303
    return (await browser.get(HERE)).text


async def test_a_verified_person_practises_and_becomes_a_juror(market: Market) -> None:
    who = await make_verified(market.db)
    async with market.visitor() as browser:
        assert (await browser.get(HERE)).headers["location"].startswith("/sign-in")
        await enter_as(market, browser, who)
        assert "Begin to practise" in (await browser.get(HERE)).text
        await post_form(browser, HERE, f"{HERE}/joining")
        first = PRACTICE[0]
        shown = (await browser.get(HERE)).text
        assert first.title in shown
        assert first.why not in shown  # told only afterwards
        wrong = await post_form(browser, HERE, f"{HERE}/practice/{first.key}", {})
        assert wrong.status_code == 422
        assert "Please choose one" in wrong.text
        shown = await judge(browser, first.key, Verdict.SHOP)  # one may be wrong
        assert first.why in shown
        assert "decided otherwise" in shown
        for case in PRACTICE[1:5]:
            shown = await judge(browser, case.key, case.verdict)
        assert "You may be drawn at any time" in shown
        again = await post_form(browser, HERE, f"{HERE}/practice/{first.key}", {"verdict": "buyer"})
        assert again.status_code == 303
    juror = await market.db.read(lambda r: find_juror(r, who.id))
    assert juror is not None
    assert juror.standing(market.db.clock.now()) is JurorStanding.READY


async def test_two_wrong_answers_mean_a_rest_and_then_other_cases(market: Market) -> None:
    who = await make_verified(market.db)
    async with market.visitor() as browser:
        await enter_as(market, browser, who)
        await post_form(browser, HERE, f"{HERE}/joining")
        for place, case in enumerate(PRACTICE[:5]):
            good = case.verdict if place > 1 else Verdict.SHOP if case.verdict is Verdict.BUYER else Verdict.BUYER
            shown = await judge(browser, case.key, good)
        assert "You rest until" in shown
        answer = await post_form(browser, HERE, f"{HERE}/practice/{PRACTICE[5].key}", {"verdict": "buyer"})
        assert answer.status_code == 303
        market.db.clock.move(timedelta(days=30))
        await enter_as(market, browser, who)
        assert PRACTICE[5].title in (await browser.get(HERE)).text
    juror = await market.db.read(lambda r: find_juror(r, who.id))
    assert juror is not None
    assert juror.attempt == 2


async def test_who_is_not_verified_does_not_join(market: Market) -> None:
    who = await make_person(market.db)
    async with market.visitor() as browser:
        await enter_as(market, browser, who)
        await post_form(browser, HERE, f"{HERE}/joining")
        assert "received an order" in (await browser.get(HERE)).text
    assert await market.db.read(lambda r: find_juror(r, who.id)) is None


async def test_a_drawn_juror_is_told_reads_the_case_and_votes(market: Market) -> None:
    scene = await a_case(market)
    first, second, third = await jurors_of(market, scene)
    case = f"{HERE}/{scene.dispute.id}"
    async with market.visitor() as browser:
        await enter_as(market, browser, first)
        assert "You were drawn for a jury" in (await browser.get("/account/letters")).text
        assert case in (await browser.get(HERE)).text
        shown = (await browser.get(case)).text
        for name in ("Lin Ming", scene.order.shown_number, "文三路"):
            assert name not in shown
        wrong = await post_form(browser, case, f"{case}/vote", {"reason": "short"})
        assert wrong.status_code == 422
        assert "short" in wrong.text
        await post_form(browser, case, f"{case}/vote", {"verdict": "buyer", "reason": REASON})
        assert "You have voted" in (await browser.get(case)).text
        again = await post_form(browser, HERE, f"{case}/vote", {"verdict": "shop", "reason": REASON})
        assert again.status_code == 303
    assert (await jury_now(market.db, scene)).for_buyer == 1
    async with market.program((await sign_in_as(market.db, second)).token) as program:
        listed = (await program.get("/api/v1/juries/cases")).json()["items"]
        assert [item["id"] for item in listed] == [str(scene.dispute.id)]
        here = f"/api/v1/juries/cases/{scene.dispute.id}"
        assert "for_buyer" not in (await program.get(here)).json()
        refused = await program.post(f"{here}/vote", json={"verdict": "buyer", "reason": "short"})
        assert refused.json()["errors"][0]["pointer"] == "/reason"
        voted = await program.post(f"{here}/vote", json={"verdict": "buyer", "reason": REASON})
        assert (voted.status_code, voted.json()["state"], voted.json()["verdict"]) == (201, "decided", "buyer")
    async with market.program((await sign_in_as(market.db, third)).token) as program:
        late = await program.post(f"{here}/vote", json={"verdict": "buyer", "reason": REASON})
        assert (late.status_code, late.json()["code"]) == (409, "justice.jury_over")
    assert (await jury_now(market.db, scene)).state is JuryState.DECIDED


async def test_a_case_is_nobodys_but_its_jurors(market: Market) -> None:
    scene = await a_case(market)
    stranger = await make_verified(market.db)
    case, here = f"{HERE}/{scene.dispute.id}", f"/api/v1/juries/cases/{scene.dispute.id}"
    async with market.visitor() as browser:
        await enter_as(market, browser, stranger)
        assert (await browser.get(case)).status_code == 404
        answer = await post_form(browser, HERE, f"{case}/vote", {"verdict": "buyer", "reason": REASON})
        assert answer.status_code == 404
    async with market.program((await sign_in_as(market.db, stranger)).token) as program:
        assert (await program.get(here)).status_code == 404
        assert (await program.post(f"{here}/vote", json={"verdict": "buyer", "reason": REASON})).status_code == 404
        assert (await program.get("/api/v1/juries/cases")).json()["items"] == []
    assert (await jury_now(market.db, scene)).for_buyer == 0


async def test_joining_practising_and_leaving_by_api(market: Market) -> None:
    who = await make_verified(market.db)
    async with market.program((await sign_in_as(market.db, who)).token) as program:
        me = "/api/v1/juries/me"
        assert (await program.get(me)).json()["state"] is None
        joined = (await program.post(me)).json()
        assert joined["state"] == "practising"
        assert all(case["why"] is None for case in joined["practice"])
        for case in PRACTICE[:5]:
            answer = await program.post(f"{me}/practice/{case.key}", json={"verdict": case.verdict})
        assert answer.json()["state"] == "ready"
        assert (await program.post(f"{me}/practice/practice.cup", json={"verdict": "buyer"})).status_code == 409
        assert (await program.delete(me)).status_code == 204
        assert (await program.get(me)).json()["state"] == "left"
