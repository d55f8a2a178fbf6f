"""Pages of disputes: both sides speak, the desk rules, either side appeals; strangers and parties see no more."""

from datetime import timedelta

import pytest
from httpx import AsyncClient

from fairground.market.accounts.actions.sessions import open_session
from fairground.market.accounts.actions.staff import grant_staff_role
from fairground.market.accounts.model import PersonId, StaffRole
from fairground.market.aftersale.model import CaseId
from fairground.market.justice.model.disputes import DisputeState
from tests.support.accounts import FIREFOX
from tests.support.desk import SESSION, deeds, enter_desk, post_form
from tests.support.disputed_cases import RULE, escalated, let_time_pass, to_decide
from tests.support.disputes import Scene, dispute_now
from tests.support.shops import MARKET, make_owner
from tests.support.web import Market

REASONS = "The pictures show the crack, and the shop has not said otherwise."


async def enter(market: Market, browser: AsyncClient, person_id: object) -> None:
    """Sign in somebody whose password was never chosen."""
    wanted = PersonId(person_id)  # type: ignore[call-overload]
    session = await market.db.write(MARKET, lambda tx: open_session(tx, wanted, FIREFOX))
    browser.cookies.set(SESSION, session.token)


async def enter_side(market: Market, browser: AsyncClient, scene: Scene, side: str) -> str:
    """Sign in as one side; gives the address of the dispute."""
    actor = scene.buyer if side == "buyer" else scene.seller
    await enter(market, browser, actor.person_id)
    return f"/justice/disputes/{scene.dispute.id}"


@pytest.mark.parametrize("side", ["buyer", "shop"])
async def test_a_side_speaks_and_reads_what_was_said(market: Market, side: str) -> None:
    scene = await escalated(market.db)
    async with market.visitor() as browser:
        here = await enter_side(market, browser, scene, side)
        answer = await post_form(browser, here, f"{here}/statements", {"words": "It <b>came</b> broken."})
        assert (answer.status_code, answer.headers["location"]) == (303, here)
        text = (await browser.get(here)).text
        assert "It &lt;b&gt;came&lt;/b&gt; broken." in text
        wrong = await post_form(browser, here, f"{here}/statements", {"words": " "})
        assert wrong.status_code == 422
        assert 'aria-invalid="true"' in wrong.text
        assert (await browser.get(f"/justice/disputes?case={scene.dispute.case_id}")).headers["location"] == here
        shop = (await browser.get("/justice/disputes")).text.partition("/justice/disputes?shop=")[2].partition('"')[0]
        mine = "/justice/disputes" if side == "buyer" else f"/justice/disputes?shop={shop}"
        assert here in (await browser.get(mine)).text


async def test_both_sides_may_end_the_round_and_choose_the_jury(market: Market) -> None:
    scene = await escalated(market.db)
    for side in ("buyer", "shop"):
        async with market.visitor() as browser:
            here = await enter_side(market, browser, scene, side)
            assert (await post_form(browser, here, f"{here}/jury")).status_code == 303
            assert (await post_form(browser, here, f"{here}/silence")).status_code == 303
            assert f'{here}/silence"' not in (await browser.get(here)).text
    assert (await dispute_now(market.db, scene)).state is DisputeState.JURY


async def test_the_desk_rules_and_a_side_appeals(market: Market) -> None:
    scene = await to_decide(market.db)
    desk = f"/desk/disputes/{scene.dispute.id}"
    async with market.visitor() as browser:
        await enter_desk(market, browser)
        assert desk in (await browser.get("/desk/disputes")).text
        assert "The glaze is cracked." in (await browser.get(desk)).text
        wrong = await post_form(browser, desk, f"{desk}/ruling", {"refund": "1000000", "rule": RULE, "reasons": "No."})
        assert wrong.status_code == 422
        good = {"refund": "50.00", "rule": RULE, "reasons": REASONS}
        assert (await post_form(browser, desk, f"{desk}/ruling", good)).headers["location"] == "/desk/disputes"
        assert ("justice.ruled", REASONS) in await deeds(market)
        assert f"{desk}/ruling" not in (await browser.get(desk)).text
    async with market.visitor() as browser:
        here = await enter_side(market, browser, scene, "shop")
        text = (await browser.get(here)).text
        assert REASONS in text
        assert "¥50.00" in text
        assert (await post_form(browser, here, f"{here}/appeal", {"words": ""})).status_code == 422
        assert (await post_form(browser, here, f"{here}/appeal", {"words": "It was whole."})).status_code == 303
    assert (await dispute_now(market.db, scene)).state is DisputeState.APPEALED


async def test_strangers_find_nothing_and_parties_are_not_let_in_at_the_desk(market: Market) -> None:
    scene = await to_decide(market.db)
    paths = (f"/justice/disputes/{scene.dispute.id}", f"/justice/disputes?case={scene.dispute.case_id}")
    async with market.visitor() as browser:
        await enter(market, browser, await make_owner(market.db))
        for path in (*paths, "/desk/disputes", f"/desk/disputes/{scene.dispute.id}"):
            assert (await browser.get(path)).status_code == 404, path
    async with market.visitor() as browser:
        assert (await browser.get(paths[0])).status_code in {303, 401}
        buyer = PersonId(scene.order.buyer_id)
        await market.db.write(MARKET, lambda tx: grant_staff_role(tx, buyer, StaffRole.OPERATOR))
        await enter(market, browser, buyer)
        assert str(scene.dispute.id) not in (await browser.get("/desk/disputes")).text
        assert (await browser.get(f"/desk/disputes/{scene.dispute.id}")).status_code == 403


async def test_what_was_decided_is_read_at_the_desk_and_then_public(market: Market) -> None:
    scene = await to_decide(market.db)
    async with market.visitor() as browser:
        await enter_desk(market, browser)
        desk = f"/desk/disputes/{scene.dispute.id}"
        await post_form(browser, desk, f"{desk}/ruling", {"refund": "0", "rule": RULE, "reasons": REASONS})
        await let_time_pass(market.db, timedelta(hours=72))
        listed = (await browser.get("/desk/precedents")).text
        here = "/desk/precedents/" + listed.split('href="/desk/precedents/')[1].split('"')[0]
        texts = {"title": "A pot with a crack", "story": "Call 13800138000.", "reasons": REASONS, "rule": RULE}
        wrong = await post_form(browser, here, f"{here}/publication", texts)
        assert wrong.status_code == 422
        assert "A pot with a crack" in wrong.text
        texts["story"] = "The buyer said it came broken."
        assert (await post_form(browser, here, f"{here}/publication", texts)).status_code == 303
    async with market.visitor() as browser:
        public = await browser.get(f"/justice/precedents?rule={RULE}&outcome=none")
        assert "A pot with a crack" in public.text
        assert "A pot with a crack" not in (await browser.get("/justice/precedents?outcome=full")).text
        one = "/justice/precedents/" + public.text.split('href="/justice/precedents/')[1].split('"')[0]
        text = (await browser.get(one)).text
        assert REASONS in text
        assert "/justice/precedents" in (await browser.get("/justice")).text
        assert str(CaseId(scene.dispute.case_id)) not in text
        assert str(scene.dispute.id) not in text
