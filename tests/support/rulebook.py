"""Makers for the rule book: drafts, consultations, people who may vote."""

from datetime import timedelta
from typing import Any

from fairground.kit.actor import Actor, person
from fairground.kit.db import Database
from fairground.market.accounts.actions.addresses import AddressWish, add_address
from fairground.market.accounts.model import Person
from fairground.market.catalog.model import Product
from fairground.market.justice import rulebook_jobs
from fairground.market.justice.actions.rulebook import draft_rule, open_consultation
from fairground.market.justice.actions.voices import vote_on_draft
from fairground.market.justice.model.rulebook import RuleBookRules, RuleDraft, RuleVersion, RuleVersionId, Vote, Wording
from fairground.market.justice.queries.rulebook import get_version
from tests.support.accounts import make_person
from tests.support.catalog import make_product
from tests.support.reviews import received_order
from tests.support.shops import desk_clerk, make_shop
from tests.support.world import pump

FEW = RuleBookRules(vote_quorum=3)
HANGZHOU = AddressWish("Lin Ming", "+86 138 0013 8000", "CN", "浙江省", "杭州市", "西湖区", ["文三路 1 号"], "310000")


def a_draft(key: str = "orders.wrapping", text: str = "Shops wrap with care.", **more: Any) -> RuleDraft:
    """Give a draft that is good."""
    return RuleDraft(
        key,
        Wording("Wrapping", text, "Cups arrived broken."),
        Wording("包装", "店铺须妥善包装。", "杯子碎了。"),
        **more,
    )


async def drafted(db: Database, clerk: Actor | None = None, **changes: Any) -> RuleVersion:
    """Draft a rule at the desk."""
    who = clerk or await desk_clerk(db)
    return await db.write(who, lambda tx: draft_rule(tx, a_draft(**changes)))


async def put_before_people(db: Database, days: int = 14, **changes: Any) -> RuleVersion:
    """Draft a rule and open its consultation."""
    clerk = await desk_clerk(db)
    version = await drafted(db, clerk, **changes)
    await db.write(clerk, lambda tx: open_consultation(tx, version.id, days))
    return await version_now(db, version.id)


async def version_now(db: Database, version_id: RuleVersionId) -> RuleVersion:
    """Read a version again."""
    return await db.read(lambda r: get_version(r, version_id))


async def make_verified(db: Database, product: Product | None = None, name: str = "Ming") -> Person:
    """Register somebody who has confirmed their e-mail address and received an order."""
    goods = product or await make_product(db, await make_shop(db), stock=None)
    someone = await make_person(db, name)
    address = await db.write(person(someone.id), lambda tx: add_address(tx, someone.id, HANGZHOU))
    await received_order(db, goods, buyer=(someone.id, address))
    return someone


async def vote(db: Database, who: Person, version: RuleVersion, what: Vote = Vote.YES) -> None:
    """Vote as somebody."""
    await db.write(person(who.id), lambda tx: vote_on_draft(tx, who.id, version.id, what))


async def let_days_pass(db: Database, days: float) -> None:
    """Move the clock, and carry out what fell due in the rule book."""
    db.clock.move(timedelta(days=days))
    await pump(db, rulebook_jobs.subscribers(), rulebook_jobs.deadline_handlers())
