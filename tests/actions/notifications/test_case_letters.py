"""Both sides of an after-sale case hear of each step that they did not take, once, with the way to its page."""

from datetime import timedelta

from fairground.kit.db import Database
from fairground.market.aftersale.model import Answer, Case, CaseKind, Side
from tests.support.cases import claim, make_order, say, side_of
from tests.support.letters import kinds_told, told
from tests.support.world import pump


async def both(db: Database, case: Case) -> tuple[list[str], list[str]]:
    """List the kinds of letters about the case that its buyer and its seller have had."""
    await pump(db)
    found = []
    for side in (Side.BUYER, Side.SHOP):
        actor = await side_of(db, case, side)
        assert actor.person_id is not None
        found.append([kind for kind in await kinds_told(db, actor.person_id) if ".case_" in kind])  # type: ignore[arg-type]
    return found[0], found[1]


async def test_a_refund_by_silence_is_told_to_both(db: Database) -> None:
    case = await claim(db, await make_order(db))
    assert await both(db, case) == ([], ["shops.case_opened"])
    db.clock.move(timedelta(hours=24, seconds=1))
    buyer, shop = await both(db, case)
    assert buyer == ["buyers.case_refunded"]
    assert sorted(shop) == ["shops.case_opened", "shops.case_refunded"]
    letters = [one for one in await told(db, case.buyer_id) if one.kind == "buyers.case_refunded"]
    assert [(one.title, one.link) for one in letters] == [("¥100.00 comes back to you", f"/cases/{case.id}")]


async def test_a_return_that_is_refused_and_escalated_is_told_step_by_step(db: Database) -> None:
    case = await claim(db, await make_order(db, "received"), CaseKind.RETURN)
    for answer in (Answer.AGREE, Answer.RETURN_SHIPPED, Answer.RETURN_REFUSED, Answer.ESCALATE):
        await say(db, case, answer)
        await pump(db)
    buyer, shop = await both(db, case)
    assert sorted(buyer) == ["buyers.case_agreed", "buyers.case_escalated", "buyers.case_return_refused"]
    assert sorted(shop) == ["shops.case_escalated", "shops.case_opened", "shops.case_return_sent"]


async def test_who_takes_a_case_back_hears_nothing_and_the_shop_does(db: Database) -> None:
    case = await claim(db, await make_order(db, "shipped"))
    await say(db, case, Answer.WITHDRAW)
    assert await both(db, case) == ([], ["shops.case_opened", "shops.case_closed"])
