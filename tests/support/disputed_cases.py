"""Cases that go before the market: refused, escalated, said all there is to say about."""

from datetime import timedelta

from fairground.app.audit import audit
from fairground.kit.db import Database
from fairground.market.aftersale.model import Answer, Case, CaseId, CaseKind
from fairground.market.justice.actions.disputes import choose_jury, finish_speaking
from fairground.market.justice.actions.founding import found_rules
from fairground.market.justice.model.disputes import Dispute, DisputeState
from fairground.market.justice.queries.disputes import find_dispute_of_case
from fairground.market.orders.model import Order
from tests.support import cases
from tests.support.cases import claim, make_order, make_selling_shop, owner_of
from tests.support.disputes import Scene, dispute_now, say
from tests.support.orders import buyer_of
from tests.support.shops import MARKET
from tests.support.world import pump

RULE = "disputes.proof"


async def escalated(
    db: Database,
    *,
    stage: str = "shipped",
    kind: CaseKind = CaseKind.REFUND,
    has_address: bool = True,
    amount: int | None = None,
) -> Scene:
    """Let a shop refuse a claim, and the buyer ask the market."""
    await db.write(MARKET, found_rules)
    shop = await make_selling_shop(db) if has_address else await make_selling_shop(db, address=None)
    order = await make_order(db, stage, shop=shop)
    dispute = await escalate(db, order, kind, amount)
    return Scene(order, dispute, buyer_of(order), await owner_of(db, shop))


async def escalate(db: Database, order: Order, kind: CaseKind = CaseKind.REFUND, amount: int | None = None) -> Dispute:
    """Let the buyer of an order claim, the shop refuse, and the buyer ask the market."""
    case = await claim(db, order, kind, amount=amount)
    await cases.say(db, case, Answer.REFUSE)
    await cases.say(db, case, Answer.ESCALATE)
    await settle_all(db)
    dispute = await db.read(lambda r: find_dispute_of_case(r, case.id))
    assert dispute is not None
    return dispute


async def to_decide(db: Database, **more: object) -> Scene:
    """Let both sides say all they have to say."""
    scene = await escalated(db, **more)  # type: ignore[arg-type]
    await say(db, scene, scene.buyer, is_done=True)
    await say(db, scene, scene.seller, "It was whole.", is_done=True)
    assert (await dispute_now(db, scene)).state is DisputeState.DECIDING
    return scene


async def to_jury(db: Database) -> Scene:
    """Let both sides choose the jury, and say all they have to say."""
    scene = await escalated(db)
    for who in (scene.buyer, scene.seller):
        await db.write(who, lambda tx: choose_jury(tx, scene.dispute.id))
    for who in (scene.buyer, scene.seller):
        await db.write(who, lambda tx: finish_speaking(tx, scene.dispute.id))
    assert (await dispute_now(db, scene)).state is DisputeState.JURY
    return scene


async def case_now(db: Database, scene: Scene) -> Case:
    """Read the case of a dispute again."""
    return await cases.case_now(db, CaseId(scene.dispute.case_id))


async def answer(db: Database, scene: Scene, what: Answer) -> Case:
    """Let the side whose answer it is answer in the case."""
    return await cases.say(db, await case_now(db, scene), what)


async def let_time_pass(db: Database, span: timedelta) -> None:
    """Let all news travel, time pass, and what falls due be carried out."""
    await settle_all(db)
    db.clock.move(span)
    await settle_all(db)


async def settle_all(db: Database) -> None:
    """Let all news of the whole market travel, and what is due be carried out."""
    await pump(db)


async def assert_market_clean(db: Database) -> None:
    """Prove the whole market."""
    await settle_all(db)
    assert await audit(db) == []
