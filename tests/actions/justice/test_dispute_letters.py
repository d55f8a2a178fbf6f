"""Both sides hear of a dispute by the same letters."""

from datetime import timedelta

from fairground.kit.db import Database
from fairground.market.justice.actions.rulings import rule
from fairground.market.justice.model.disputes import Decision
from tests.support.disputed_cases import RULE, let_time_pass, to_decide
from tests.support.disputes import clerk

REASONS = "The pictures show the crack, and nobody has said otherwise."


async def test_both_sides_hear_of_each_step(db: Database) -> None:
    scene, who = await to_decide(db), await clerk(db)
    await db.write(who, lambda tx: rule(tx, scene.dispute.id, Decision(5_000, RULE, REASONS)))
    await let_time_pass(db, timedelta(hours=72))
    link = f"/justice/disputes/{scene.dispute.id}"
    for side in (scene.buyer, scene.seller):
        rows = await db.read(
            lambda r, i=side.person_id: r.rows(  # type: ignore[misc]
                "select kind from notifications.letters where person_id = $1 and link = $2 order by id", i, link
            )
        )
        assert [row["kind"] for row in rows] == ["disputes.opened", "disputes.decided", "disputes.ended"]
