"""Each deed of a case that moves money fails at each of its statements, and leaves nothing."""

from collections.abc import Awaitable, Callable
from typing import Any

import pytest

from fairground.kit.db import Database
from fairground.kit.ids import Id
from fairground.market.aftersale.actions.settling import settle_escalated
from fairground.market.aftersale.actions.silence import let_silence_speak
from fairground.market.aftersale.model import Answer, CaseKind, Ruling
from fairground.market.orders.actions.settle import take_back_from_shop
from fairground.market.orders.events import RefundedAfterReceipt
from tests.support.cases import assert_market_clean, claim, make_order, say
from tests.support.orders import WEB, everything
from tests.support.statements import StatementFailed, fail_at

Deed = Callable[[], Awaitable[Any]]


async def _all(db: Database) -> dict[str, Any]:
    """Read all rows that a deed on cases may touch."""
    cases = await db.read(lambda r: r.rows("select * from aftersale.cases order by 1, 2"))
    entries = await db.read(lambda r: r.rows("select * from aftersale.entries order by 1, 2, 3"))
    debts = await db.read(lambda r: r.rows("select * from orders.taken_back order by 1, 2"))
    rest: dict[str, Any] = await everything(db)
    own = {"cases": cases, "entries": entries, "debts": debts}
    return rest | {name: [tuple(row) for row in rows] for name, rows in own.items()}


async def _fails_everywhere(db: Database, deed: Deed) -> None:
    """Fail the deed at its first statement, its second, …; then let it happen."""
    before = await _all(db)
    for n in range(200):
        try:
            with fail_at(n):
                await deed()
        except StatementFailed:
            assert await _all(db) == before, f"statement {n} left something"
        else:
            assert n > 5, "the deed has statements"
            assert await _all(db) != before
            await assert_market_clean(db)
            return
    raise AssertionError("the deed never ends")


@pytest.mark.parametrize("stage", ["paid", "shipped", "received"])
async def test_an_agreement_that_fails_at_any_statement_pays_nothing(db: Database, stage: str) -> None:
    case = await claim(db, await make_order(db, stage))
    await _fails_everywhere(db, lambda: say(db, case, Answer.AGREE))


@pytest.mark.parametrize("stage", ["shipped", "received"])
async def test_a_claim_that_fails_at_any_statement_holds_nothing(db: Database, stage: str) -> None:
    order = await make_order(db, stage)
    await _fails_everywhere(db, lambda: claim(db, order, CaseKind.RETURN))


async def test_a_ruling_that_the_market_pays_fails_as_a_whole(db: Database) -> None:
    case = await claim(db, await make_order(db, "shipped"))
    for answer in (Answer.REFUSE, Answer.ESCALATE):
        case = await say(db, case, answer)
    ruling = Ruling(refund_amount=4_000, by_market=True)
    await _fails_everywhere(db, lambda: db.write(WEB, lambda tx: settle_escalated(tx, case.id, ruling)))


async def test_the_shops_half_fails_as_a_whole_and_counts_once(db: Database) -> None:
    order = await make_order(db, "received", prices=(200_000,))
    case = await claim(db, order)
    await say(db, case, Answer.AGREE)
    rows = await db.read(lambda r: r.rows("select body from kit.outbox where name = 'orders.RefundedAfterReceipt'"))
    (body,) = [row["body"] for row in rows]
    event = RefundedAfterReceipt(**{k: Id(v) if k.endswith("_id") else v for k, v in body.items()})

    async def twice(tx: Any) -> None:
        await take_back_from_shop(tx, event)
        await take_back_from_shop(tx, event)

    await _fails_everywhere(db, lambda: db.write(WEB, twice))


async def test_silence_in_many_cases_fails_as_a_whole(db: Database) -> None:
    cases = [await claim(db, await make_order(db, stage)) for stage in ("paid", "shipped", "received")]
    db.clock.move(cases[2].falls_due - db.clock.now())
    ids = [case.id for case in cases]
    before = await _all(db)
    for n in (3, 6, 9, 12, 15, 18, 21):
        with pytest.raises(StatementFailed), fail_at(n):
            await db.write(WEB, lambda tx: let_silence_speak(tx, ids))
        assert await _all(db) == before
    done = await db.write(WEB, lambda tx: let_silence_speak(tx, ids))
    assert [case.refunded for case in done] == [10_000] * 3
    await assert_market_clean(db)
