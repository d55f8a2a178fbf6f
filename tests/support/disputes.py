"""Makers of disputes, and what tests say in them."""

from typing import Any

import msgspec

from fairground.kit.actor import Actor, person
from fairground.kit.db import Database
from fairground.kit.ids import Id
from fairground.market.accounts.model import StaffRole
from fairground.market.justice.actions.disputes import add_statement, open_dispute
from fairground.market.justice.actions.ending import end_with_case
from fairground.market.justice.actions.precedents import draft_from_dispute, publish_precedent
from fairground.market.justice.model.disputes import (
    Dispute,
    DisputeId,
    Escalation,
    Outcome,
    Statement,
    StatementDraft,
)
from fairground.market.justice.model.precedents import Precedent, PrecedentTexts
from fairground.market.justice.queries.disputes import get_dispute, list_statements
from fairground.market.orders.model import Order
from tests.support.accounts import make_person
from tests.support.catalog import make_product
from tests.support.orders import make_buyer, pay, place_order, ship
from tests.support.shops import MARKET, make_shop


class Scene(msgspec.Struct):
    """An order on its way, a dispute about it, and the two sides."""

    order: Order
    dispute: Dispute
    buyer: Actor
    seller: Actor


async def shipped_order(db: Database, *, price: int = 19_900, pieces: int = 1) -> tuple[Order, Actor, Actor]:
    """Let a buyer order and pay, and the shop ship; gives both as actors too."""
    owner = await make_person(db, "Wei Seller")
    shop = await make_shop(db, owner.id)
    pot = await make_product(db, shop, price=price)
    order = await place_order(db, await make_buyer(db), (pot, pieces))
    await pay(db, order)
    order = await ship(db, order)
    return order, person(order.buyer_id), person(owner.id)


async def disputed(db: Database, *, claimed: int | None = None) -> Scene:
    """Open a dispute about an order on its way, as if its case were escalated just now."""
    order, buyer, seller = await shipped_order(db)
    case_id = db.ids.make(Id, order.id.bucket, db.clock.now())
    facts = Escalation(
        case_id, order.id, order.buyer_id, order.shop_id, "refund", claimed or order.total, order.currency
    )
    dispute = await db.write(MARKET, lambda tx: open_dispute(tx, facts))
    assert dispute is not None
    return Scene(order, dispute, buyer, seller)


async def say(db: Database, scene: Scene, who: Actor, words: str = "It came broken.", **more: Any) -> Dispute:
    """Let one side say something."""
    return await db.write(who, lambda tx: add_statement(tx, scene.dispute.id, StatementDraft(words, **more)))


async def dispute_now(db: Database, scene: Scene | DisputeId) -> Dispute:
    """Read a dispute again."""
    dispute_id = scene.dispute.id if isinstance(scene, Scene) else scene
    return await db.read(lambda r: get_dispute(r, dispute_id))


async def said(db: Database, scene: Scene) -> list[Statement]:
    """List what was said."""
    return await db.read(lambda r: list_statements(r, scene.dispute.id))


async def clerk(db: Database, role: StaffRole = StaffRole.CLERK) -> Actor:
    """Register somebody of the staff; gives the actor."""
    return person((await make_person(db, "Clerk", staff=role)).id, is_staff=True)


async def published_precedent(db: Database, rule_key: str = "") -> Precedent:
    """Settle a dispute, and publish what it teaches."""
    scene, who = await disputed(db), await clerk(db)
    await say(db, scene, scene.buyer)
    await db.write(MARKET, lambda tx: end_with_case(tx, scene.dispute.case_id, Outcome.SETTLED))
    draft = await db.write(MARKET, lambda tx: draft_from_dispute(tx, scene.dispute.id))
    texts = PrecedentTexts("A broken pot", "The buyer said it came broken.", "The two agreed.", rule_key)
    return await db.write(who, lambda tx: publish_precedent(tx, draft.id, texts))
