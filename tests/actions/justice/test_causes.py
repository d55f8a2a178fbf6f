"""Causes: what belongs to which, what is decided, what everybody reads; and what is refused."""

from datetime import timedelta

import pytest

from fairground.kit.actor import Actor, person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid, NotFound
from fairground.kit.ids import Id
from fairground.market.justice.actions.causes import decide_cause, link_cause, name_cause
from fairground.market.justice.errors import StillOpen
from fairground.market.justice.model.causes import Cause, CauseDecision, CauseRules, Closed, ClosedKind
from fairground.market.justice.queries.causes import get_cause, list_top_causes, list_unlinked
from fairground.market.shops.errors import StaffOnly
from tests.support.accounts import make_person
from tests.support.catalog import make_product
from tests.support.complaints import complain, decide
from tests.support.shops import desk_clerk, make_owner, make_shop
from tests.support.tickets import ask


async def named(db: Database, clerk: Actor, title: str) -> Cause:
    """Name a cause."""
    return await db.write(clerk, lambda tx: name_cause(tx, title))


async def closed_complaint(db: Database, clerk: Actor) -> Closed:
    """Let the desk reject a complaint."""
    complaint = await complain(db, await make_product(db, await make_shop(db)))
    await decide(db, complaint, clerk, upheld=False)
    return Closed(ClosedKind.COMPLAINT, Id(complaint.id))


async def test_what_is_closed_belongs_to_one_cause_and_counts_for_a_year(db: Database) -> None:
    clerk = await desk_clerk(db)
    one, other = await named(db, clerk, "Blurred pictures"), await named(db, clerk, "Late parcels")
    things = [await closed_complaint(db, clerk) for _ in range(3)]
    assert {u.closed for u in await db.read(list_unlinked)} == set(things)
    for thing in things:
        await db.write(clerk, lambda tx, t=thing: link_cause(tx, t, one.id))
    await db.write(clerk, lambda tx: link_cause(tx, things[0], other.id))
    assert await db.read(list_unlinked) == []
    assert [(c.title, c.count) for c in await db.read(list_top_causes)] == [
        ("Blurred pictures", 2),
        ("Late parcels", 1),
    ]
    db.clock.move(timedelta(days=CauseRules().days, seconds=1))
    assert await db.read(list_top_causes) == []


async def test_what_is_open_or_not_there_belongs_to_nothing(db: Database) -> None:
    clerk = await desk_clerk(db)
    cause = await named(db, clerk, "Blurred pictures")
    complaint = await complain(db, await make_product(db, await make_shop(db)))
    ticket = await ask(db, await make_person(db, "Ming"))
    for kind, number in ((ClosedKind.COMPLAINT, complaint.id), (ClosedKind.TICKET, ticket.id)):
        with pytest.raises(StillOpen):
            await db.write(clerk, lambda tx, k=kind, n=number: link_cause(tx, Closed(k, Id(n)), cause.id))
    for kind in ClosedKind:
        with pytest.raises(NotFound):
            await db.write(clerk, lambda tx, k=kind: link_cause(tx, Closed(k, Id(4_242_424_242)), cause.id))
    assert (await db.read(lambda r: get_cause(r, cause.id))).count == 0


async def test_a_cause_is_decided_in_words_that_everybody_reads(db: Database) -> None:
    clerk = await desk_clerk(db)
    cause = await named(db, clerk, "Blurred pictures")
    for words, link, field in (
        ("", "", "/words"),
        ("Done.", "javascript:alert(1)", "/link"),
        ("Done.", "//x", "/link"),
    ):
        with pytest.raises(Invalid) as trouble:
            await db.write(
                clerk, lambda tx, w=words, a=link: decide_cause(tx, cause.id, CauseDecision.CHANGE, w, link=a)
            )
        assert [e.pointer for e in trouble.value.errors] == [field]
    decided = await db.write(
        clerk, lambda tx: decide_cause(tx, cause.id, CauseDecision.NONE, "It was one shop.", words_zh="只有一家店。")
    )
    assert (decided.decision, decided.words_in("zh-CN"), decided.words_in("en")) == (
        CauseDecision.NONE, "只有一家店。", "It was one shop.",
    )  # fmt: skip


async def test_only_the_desk_names_links_and_decides(db: Database) -> None:
    clerk, stranger = await desk_clerk(db), person(await make_owner(db))
    cause, thing = await named(db, clerk, "Blurred pictures"), await closed_complaint(db, clerk)
    with pytest.raises(StaffOnly):
        await named(db, stranger, "Mine")
    with pytest.raises(StaffOnly):
        await db.write(stranger, lambda tx: link_cause(tx, thing, cause.id))
    with pytest.raises(StaffOnly):
        await db.write(stranger, lambda tx: decide_cause(tx, cause.id, CauseDecision.NONE, "x"))
    assert await db.read(lambda r: get_cause(r, cause.id)) == cause
