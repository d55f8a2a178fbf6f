"""A market with one of everything, all of it somebody's; for tests that walk all routes."""

from datetime import timedelta
from typing import Any

import msgspec

from fairground.kit.actor import person as acting
from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.market.accounts.actions.addresses import AddressWish, add_address
from fairground.market.accounts.model import Address, Person, PersonId
from fairground.market.justice.actions.causes import name_cause
from fairground.market.justice.actions.reports import report
from fairground.market.justice.model.reports import ReportWhy, Subject, SubjectKind
from fairground.market.notifications.actions import notify
from fairground.market.payments.actions import change_destination, request_payout
from fairground.market.promotions.actions.selling import create_coupon
from fairground.market.reviews.model import ReviewDraft
from fairground.market.service.actions.answers import leave_question, put_answer
from fairground.market.service.model.chat import Side, ThreadId
from fairground.market.shops.actions.applications import apply_for_mall
from fairground.market.shops.model import ShopId
from tests.support.accounts import make_person, sign_in_as
from tests.support.cases import claim
from tests.support.catalog import make_categories, make_product
from tests.support.chat import say, talk
from tests.support.complaints import complain
from tests.support.disputed_cases import escalate
from tests.support.disputes import published_precedent
from tests.support.drops import drop_draft, open_drop
from tests.support.media import make_picture
from tests.support.orders import place_order
from tests.support.payments import ACCOUNT, cny
from tests.support.promotions import draft
from tests.support.reviews import received_order, write
from tests.support.rulebook import put_before_people
from tests.support.shops import make_shop
from tests.support.tickets import ask
from tests.support.web import Market
from tests.support.world import pump

SLUG = "lantern-and-clay"


class Town(msgspec.Struct):
    """Who is there, and the ids of what is theirs, by the names that routes give them."""

    seller: Person
    buyer: Person
    stranger: Person
    seller_token: str
    buyer_token: str
    stranger_token: str
    ids: dict[str, str]


async def build_town(market: Market) -> Town:
    """Let a seller open a shop with everything, and a buyer buy there; and let a stranger come."""
    db = market.db
    await make_categories(db)
    seller, buyer, stranger = [await make_person(db, name) for name in ("Wei Seller", "Ming Buyer", "Hua Stranger")]
    tokens = [(await sign_in_as(db, who)) for who in (seller, buyer, stranger)]
    shop = await make_shop(db, seller.id, slug=SLUG)
    pot = await make_product(db, shop, stock=50)
    address = await _address(db, buyer.id)
    order = await place_order(db, (buyer.id, address), (pot, 2))
    received = await received_order(db, pot, buyer=(buyer.id, address))
    (review_id,) = await write(db, received, ReviewDraft(4, "Round and red."))
    coupon = await db.write(acting(seller.id), lambda tx: create_coupon(tx, shop.id, draft(db)))
    drop = await open_drop(
        db, shop.id, drop_draft(db, await make_product(db, shop), room=True, starts_in=timedelta(hours=1))
    )
    application = await db.write(
        acting(seller.id),
        lambda tx: apply_for_mall(tx, shop.id, company="Lan", country="CN", number="91110000600037341L"),
    )
    picture = await make_picture(db, market.outfit.storage, buyer.id, is_public=False)  # type: ignore[arg-type]
    await db.write(acting(buyer.id), lambda tx: notify(tx, buyer.id, "buyers.answered", {"shop": "Clay"}, "/orders"))
    ticket = await ask(db, buyer)
    said = await db.write(acting(seller.id), lambda tx: put_answer(tx, shop.id, "Is it red?", "It is."))
    await db.write(acting(buyer.id), lambda tx: leave_question(tx, shop.id, "Is it round?", "en"))
    complaint = await complain(db, pot, who=buyer)
    cause = await db.write(system("town"), lambda tx: name_cause(tx, "Pictures that promise too much"))
    reported = Subject(SubjectKind.PRODUCT, pot.id)
    pile = await db.write(acting(buyer.id), lambda tx: report(tx, reported, ReportWhy.SPAM))
    talked = await a_conversation(db, buyer.id, shop.id)
    await pump(db)
    destination = await db.write(acting(seller.id), lambda tx: change_destination(tx, shop.id, ACCOUNT))
    db.clock.move(timedelta(seconds=1))
    payout = await db.write(
        acting(seller.id), lambda tx: request_payout(tx, shop.id, cny(1_000), gateway="sandbox", is_verified=True)
    )
    rule = await put_before_people(db)
    precedent = await published_precedent(db)
    dispute = await escalate(db, await received_order(db, pot, buyer=(buyer.id, address)))
    case = await claim(db, received)
    ids: dict[str, Any] = {
        "slug": shop.slug,
        "shop_id": shop.id,
        "product_id": pot.id,
        "variant_id": pot.variants[0].id,
        "person_id": seller.id,
        "address_id": address.id,
        "order_id": order.id,
        "checkout_id": order.checkout_id,
        "payment_id": order.payment_id,
        "review_id": review_id,
        "coupon_id": coupon.id,
        "drop_id": drop.id,
        "application_id": application.id,
        "complaint_id": complaint.id,
        "cause_id": cause.id,
        "report_id": pile.id,
        "media_id": picture,
        "session_id": tokens[1].session_id,
        "thread_id": talked,
        "letter_id": await db.read(lambda r: r.value("select min(id) from notifications.letters")),
        "destination_id": destination.id,
        "payout_id": payout.id,
        "ticket_id": ticket.id,
        "answer_id": said.id,
        "question_id": await db.read(lambda r: r.value("select min(id) from service.shop_questions")),
        "version_id": rule.id,
        "precedent_id": precedent.id,
        "dispute_id": dispute.id,
        "case_id": case.id,
    }
    return Town(seller, buyer, stranger, *(t.token for t in tokens), ids={k: str(v) for k, v in ids.items()})


async def a_conversation(db: Database, buyer: PersonId, shop_id: ShopId) -> ThreadId:
    """Let the buyer ask the shop something."""
    thread = await talk(db, buyer, shop_id)
    await say(db, thread, buyer, Side.PERSON, "Is it round?")
    return thread.id


async def _address(db: Database, who: PersonId) -> Address:
    wish = AddressWish("Lin Ming", "+86 138 0013 8000", "CN", "浙江省", "杭州市", "西湖区", ["文三路 1 号"], "310000")
    return await db.write(acting(who), lambda tx: add_address(tx, who, wish))


async def all_rows(db: Database) -> dict[str, int]:
    """Give a checksum of each table, but of those that a mere look may touch."""
    async with db.reader() as reader:
        names = await reader.rows(
            """
            select format('%I.%I', schemaname, tablename) as name from pg_tables
             where schemaname not in ('pg_catalog', 'information_schema') order by 1
            """
        )
        sums = {}
        for row in names:
            if row["name"] in {"accounts.sessions", "search.queries", "accounts.throttles"}:
                continue
            sums[row["name"]] = await reader.value(
                f"select coalesce(sum(hashtextextended(t::text, 0)), 0) from {row['name']} t"
            )
        return sums
