"""What a decision teaches becomes public without its persons, and only after somebody has looked."""

import pytest

from fairground.kit.actor import GUEST
from fairground.kit.db import Database
from fairground.kit.errors import Invalid, NotSignedIn
from fairground.market.accounts.errors import StaffOnly
from fairground.market.accounts.queries import list_deeds
from fairground.market.justice.actions.ending import end_with_case
from fairground.market.justice.actions.precedents import draft_from_dispute, publish_precedent, withhold_precedent
from fairground.market.justice.errors import PrecedentDone, PrecedentNotFound
from fairground.market.justice.model.disputes import DisputeState, Outcome
from fairground.market.justice.model.precedents import Precedent, PrecedentId, PrecedentState, PrecedentTexts
from fairground.market.justice.queries.precedents import (
    count_unchecked_precedents,
    get_precedent,
    list_cited_rules,
    list_precedents,
    list_unchecked_precedents,
)
from tests.support.disputes import clerk, dispute_now, disputed, say
from tests.support.shops import MARKET

GOOD = PrecedentTexts("A cracked pot", "The buyer said it came cracked.", "The pictures show it.", "orders.shipping")


async def drafted(db: Database, words: str = "It came broken.") -> Precedent:
    """Settle a dispute in which the buyer said something, and draft what it teaches."""
    scene = await disputed(db)
    await say(db, scene, scene.buyer, words)
    await db.write(MARKET, lambda tx: end_with_case(tx, scene.dispute.case_id, Outcome.SETTLED))
    return await db.write(MARKET, lambda tx: draft_from_dispute(tx, scene.dispute.id))


async def test_a_draft_has_no_persons_in_it(db: Database) -> None:
    words = (
        "I am Lin Ming, 文三路 1 号, call +86 138 0013 8000 or ming@example.org. "
        "Wei Seller of Lantern & Clay wrote on wechat: clay_pots88. The pot has a crack of 3 cm."
    )
    found = await drafted(db, words)
    for gone in ("Lin", "Ming", "文三路", "138", "8000", "example.org", "Wei", "Lantern", "clay_pots88"):
        assert gone not in found.texts.story, found.texts.story
    assert "The pot has a crack of 3 cm." in found.texts.story
    assert (found.state, found.outcome, found.decider) == (PrecedentState.DRAFT, "settled", "parties")


async def test_a_dispute_teaches_once(db: Database) -> None:
    scene = await disputed(db)
    await db.write(MARKET, lambda tx: end_with_case(tx, scene.dispute.case_id, Outcome.WITHDRAWN))
    await db.write(MARKET, lambda tx: end_with_case(tx, scene.dispute.case_id, Outcome.SETTLED))
    assert (await dispute_now(db, scene)).state is DisputeState.FINAL
    assert (await dispute_now(db, scene)).outcome is Outcome.WITHDRAWN
    first, second = [await db.write(MARKET, lambda tx: draft_from_dispute(tx, scene.dispute.id)) for _ in range(2)]
    assert first == second
    assert await db.read(count_unchecked_precedents) == 1


async def test_nobody_reads_what_nobody_looked_at(db: Database) -> None:
    found = await drafted(db)
    assert [p.id for p in (await db.read(list_unchecked_precedents)).items] == [found.id]
    assert (await db.read(list_precedents)).items == []
    with pytest.raises(PrecedentNotFound):
        await db.read(lambda r: get_precedent(r, found.id))


async def test_what_was_looked_at_is_public_and_found_by_its_rule(db: Database) -> None:
    found, who = await drafted(db), await clerk(db)
    await db.write(who, lambda tx: publish_precedent(tx, found.id, GOOD))
    shown = await db.read(lambda r: get_precedent(r, found.id))
    assert (shown.texts, shown.state) == (GOOD, PrecedentState.PUBLISHED)
    of_rule = await db.read(lambda r: list_precedents(r, rule_key="orders.shipping"))
    assert [p.id for p in of_rule.items] == [found.id]
    assert (await db.read(lambda r: list_precedents(r, rule_key="orders.receipt"))).items == []
    assert (await db.read(lambda r: list_precedents(r, outcome="none"))).items == []
    assert await db.read(list_cited_rules) == [("orders.shipping", 1)]
    assert (await db.read(list_unchecked_precedents)).items == []
    with pytest.raises(PrecedentDone):
        await db.write(who, lambda tx: publish_precedent(tx, found.id, GOOD))
    assert next(d.deed for d in (await db.read(list_deeds)).items) == "justice.published"


async def test_pages_of_precedents_follow_each_other(db: Database) -> None:
    who, ids = await clerk(db), []
    for _ in range(3):
        found = await drafted(db)
        await db.write(who, lambda tx, i=found.id: publish_precedent(tx, i, GOOD))  # type: ignore[misc]
        ids.append(found.id)
    first = await db.read(lambda r: list_precedents(r, limit=2))
    second = await db.read(lambda r: list_precedents(r, limit=2, after=first.next))
    assert {p.id for p in (*first.items, *second.items)} == set(ids)
    assert (len(first.items), second.next) == (2, None)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("story", "Call 13800138000."),
        ("reasons", "Write to ming@example.org."),
        ("title", "Mr. Lin Ming's pot"),
        ("reasons", ""),
        ("title", "x" * 121),
    ],
)
async def test_what_still_looks_like_a_persons_is_not_published(db: Database, name: str, text: str) -> None:
    found, who = await drafted(db), await clerk(db)
    values = {"title": GOOD.title, "story": GOOD.story, "reasons": GOOD.reasons, "rule_key": "", name: text}
    with pytest.raises(Invalid) as trouble:
        await db.write(who, lambda tx: publish_precedent(tx, found.id, PrecedentTexts(**values)))
    assert {e.pointer for e in trouble.value.errors} == {f"/{name}"}
    assert (await db.read(list_precedents)).items == []


async def test_a_precedent_may_be_withheld_and_taken_down_with_a_reason(db: Database) -> None:
    kept_back, shown, who = await drafted(db), await drafted(db), await clerk(db)
    with pytest.raises(Invalid):
        await db.write(who, lambda tx: withhold_precedent(tx, kept_back.id, " "))
    await db.write(who, lambda tx: withhold_precedent(tx, kept_back.id, "Everybody would know the shop."))
    with pytest.raises(PrecedentDone):
        await db.write(who, lambda tx: publish_precedent(tx, kept_back.id, GOOD))
    await db.write(who, lambda tx: publish_precedent(tx, shown.id, GOOD))
    await db.write(who, lambda tx: withhold_precedent(tx, shown.id, "A number was left in."))
    assert (await db.read(list_precedents)).items == []


async def test_only_the_staff_looks(db: Database) -> None:
    found = await drafted(db)
    scene = await disputed(db)
    for who, trouble in ((scene.buyer, StaffOnly), (GUEST, NotSignedIn)):
        with pytest.raises(trouble):
            await db.write(who, lambda tx: publish_precedent(tx, found.id, GOOD))
        with pytest.raises(trouble):
            await db.write(who, lambda tx: withhold_precedent(tx, found.id, "No."))
    nowhere = db.ids.make(PrecedentId, 3, db.clock.now())
    with pytest.raises(PrecedentNotFound):
        await db.write(await clerk(db), lambda tx: publish_precedent(tx, nowhere, GOOD))
    assert await db.read(count_unchecked_precedents) == 1
