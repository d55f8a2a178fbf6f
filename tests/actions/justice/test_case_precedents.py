"""Cases that the two sides ended themselves are kept too, once each, without names."""

from datetime import timedelta

import pytest

from fairground.kit.db import Database
from fairground.market.aftersale.actions.answers import Said
from fairground.market.aftersale.model import Answer
from fairground.market.justice.model.precedents import Source
from fairground.market.justice.queries.precedents import find_precedent_of, list_unchecked_precedents
from tests.support import cases
from tests.support.cases import claim, make_order
from tests.support.disputed_cases import answer, escalated, let_time_pass, settle_all


@pytest.mark.parametrize(
    ("what", "outcome", "reasons"),
    [
        (Answer.AGREE, "full", "The shop agreed."),
        (Answer.WITHDRAW, "withdrawn", "The buyer took it back."),
        (None, "full", "The shop said nothing in time, and silence is a yes."),
    ],
)
async def test_a_closed_case_is_kept_without_names(
    db: Database, what: Answer | None, outcome: str, reasons: str
) -> None:
    order = await make_order(db, "shipped")
    case = await claim(db, order, amount=3_000, words="Ming here, call 13800138000: it is cracked.")
    if what is None:
        await let_time_pass(db, timedelta(hours=36))
    else:
        await cases.say(db, case, what, Said("Lantern & Clay is sorry."))
    await settle_all(db)
    found = await db.read(lambda r: find_precedent_of(r, case.id))
    assert found is not None
    assert (found.source, found.outcome, found.texts.reasons) == (Source.CASE, outcome, reasons)
    for gone in ("Ming", "13800138000", "Lantern"):
        assert gone not in found.texts.story
    assert "cracked" in found.texts.story


async def test_a_disputed_case_is_told_once_by_its_dispute(db: Database) -> None:
    scene = await escalated(db)
    await answer(db, scene, Answer.WITHDRAW)
    await settle_all(db)
    found = await db.read(list_unchecked_precedents)
    assert [p.source_id for p in found.items] == [scene.dispute.id]
