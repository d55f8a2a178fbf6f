"""Every page has its budget of queries, in a market where each list has several entries: one query too many, or one for
each row, fails here; so does a new page that nobody gave a budget (peers' complaint 13).
"""

import pytest

from fairground.app.asgi import make_app
from fairground.kit.actor import person as acting
from fairground.market.accounts.model import StaffRole
from fairground.market.accounts.queries import list_addresses
from fairground.market.catalog.model import VariantId
from fairground.market.promotions.actions.selling import create_coupon
from fairground.market.promotions.board import Board
from fairground.market.reviews.model import ReviewDraft
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import get_shop
from tests.support.accounts import make_person, sign_in_as
from tests.support.catalog import make_product
from tests.support.orders import place_order
from tests.support.promotions import draft
from tests.support.reviews import received_order, write
from tests.support.routes import all_doors
from tests.support.search import feed_index
from tests.support.statements import statements
from tests.support.town import SLUG, Town, build_town
from tests.support.web import Market
from tests.support.world import pump
from tests.web.test_strangers import WORDS

SEVERAL = 4
# What everybody sees, asked by somebody who is not signed in: six at most, as docs/pages.md promises.
PUBLIC = {
    "/": 6,
    "/attendant": 0,  # nothing where it is about nothing
    "/c/{slug}": 6,
    "/cart": 6,
    "/drops": 0,  # in a crowd these are asked for most: from memory
    "/drops/{drop_id}": 0,
    "/drops/{drop_id}/left": 0,
    "/drops/{drop_id}/line/place": 0,
    "/forgot": 0,
    "/health/live": 0,
    "/health/ready": 1,
    "/help": 0,
    "/help/smile": 0,  # a ticket where the link is good
    "/justice/drafts/{version_id}": 3,
    "/justice": 0,
    "/justice/precedents": 3,
    "/justice/precedents/{precedent_id}": 2,
    "/justice/rules": 2,
    "/justice/rules/{key}": 1,
    "/media/{media_id}/{file_name}": 1,
    "/justice/causes": 1,
    "/metrics": 3,
    "/openapi": 0,
    "/openapi.json": 0,
    "/p/{product_id}": 6,
    "/p/{product_id}/questions": 3,
    "/p/{product_id}/reviews": 4,
    "/register": 0,
    "/reset": 0,
    "/robots.txt": 0,
    "/s/{slug}": 6,
    "/search": 4,
    "/sign-in": 0,
    "/sitemap.xml": 5,
    "/strip": 1,
}
# One query of each finds out who calls.
BUYER = {
    "/account": 4,
    "/account/addresses": 3,
    "/account/addresses/fields": 2,
    "/account/addresses/new": 2,
    "/account/addresses/{address_id}": 3,
    "/account/close": 2,
    "/account/coupons": 4,
    "/account/data": 34,  # all that is known of a person, from every room
    "/account/email": 2,
    "/account/letters": 5,
    "/account/letters/stop": 2,
    "/account/questions": 7,
    "/account/reputation": 5,
    "/account/saved": 5,
    "/account/security": 4,
    "/account/verify": 2,
    "/drops/{drop_id}/line": 1,
    "/messages": 4,
    "/messages/live": 1,
    "/messages/new": 3,
    "/messages/{thread_id}": 6,
    "/messages/{thread_id}/export": 4,
    "/messages/{thread_id}/live": 4,
    "/help/tickets": 2,
    "/help/tickets/new": 1,
    "/help/tickets/{ticket_id}": 3,
    "/checkout": 12,  # as the quote, plus the ways to pay
    "/cases": 4,
    "/cases/{case_id}": 9,
    "/account/reports": 3,
    "/report": 1,
    "/justice/complaints": 4,
    "/justice/complaints/new": 3,
    "/justice/complaints/{complaint_id}": 5,
    "/justice/disputes": 3,
    "/justice/disputes/{dispute_id}": 7,
    "/justice/jury": 4,
    "/justice/jury/{dispute_id}": 2,
    "/orders": 6,
    "/orders/{order_id}": 7,
    "/orders/{order_id}/cases/new": 5,
    "/orders/{order_id}/review": 4,
    "/pay/{payment_id}": 6,
    "/pay/{payment_id}/done": 8,
}
SELLER = {
    "/seller": 4,
    "/seller/open": 2,
    "/seller/{slug}": 12,
    "/seller/{slug}/cases": 6,
    "/seller/{slug}/cases/{case_id}": 11,
    "/seller/{slug}/complaints": 9,
    "/seller/{slug}/complaints/{complaint_id}": 7,
    "/seller/{slug}/answers": 7,
    "/seller/{slug}/asked": 7,
    "/seller/{slug}/coupons": 6,
    "/seller/{slug}/coupons/new": 5,
    "/seller/{slug}/delivery": 6,
    "/seller/{slug}/drops": 6,
    "/seller/{slug}/drops/new": 8,
    "/seller/{slug}/drops/{drop_id}": 7,
    "/seller/{slug}/drops/{drop_id}/edit": 10,
    "/seller/{slug}/face": 5,
    "/seller/{slug}/goods": 8,
    "/seller/{slug}/goods/export/{kind}": 8,
    "/seller/{slug}/goods/import": 6,
    "/seller/{slug}/goods/import/{import_id}": 6,
    "/seller/{slug}/goods/import/{import_id}/refused.csv": 6,
    "/seller/{slug}/goods/new": 6,
    "/seller/{slug}/goods/stock": 8,
    "/seller/{slug}/goods/{product_id}": 8,
    "/seller/{slug}/goods/{product_id}/history": 8,
    "/seller/{slug}/messages": 7,
    "/seller/{slug}/messages/live": 5,
    "/seller/{slug}/messages/replies": 6,
    "/seller/{slug}/messages/{thread_id}": 14,
    "/seller/{slug}/messages/{thread_id}/export": 9,
    "/seller/{slug}/messages/{thread_id}/live": 10,
    "/seller/{slug}/money": 10,
    "/seller/{slug}/money/bank": 6,
    "/seller/{slug}/money/payouts": 7,
    "/seller/{slug}/money/payouts/{payout_id}": 9,
    "/seller/{slug}/money/payouts/{payout_id}/csv": 9,
    "/seller/{slug}/money/statement": 7,
    "/seller/{slug}/money/statement/csv": 7,
    "/seller/{slug}/orders": 7,
    "/seller/{slug}/orders/papers": 8,
    "/seller/{slug}/orders/shipments": 5,
    "/seller/{slug}/orders/shipments/list": 6,
    "/seller/{slug}/orders/{order_id}": 8,
    "/seller/{slug}/promises": 5,
    "/seller/{slug}/reviews": 7,
    "/seller/{slug}/reviews/buyers": 8,
    "/seller/{slug}/rooms": 5,
    "/seller/{slug}/staff": 7,
}
DESK = {
    "/desk": 8,
    "/desk/audit": 5,
    "/desk/cases": 6,
    "/desk/cases/{case_id}": 11,
    "/desk/reports": 5,
    "/desk/reports/{report_id}": 6,
    "/desk/causes": 5,
    "/desk/complaints": 6,
    "/desk/complaints/{complaint_id}": 9,
    "/desk/log": 5,
    "/desk/macros": 2,
    "/desk/macros/{macro_id}": 3,
    "/desk/money": 8,
    "/desk/money/incoming": 6,
    "/desk/orders": 6,
    "/desk/orders/{order_id}": 8,
    "/desk/orders/{order_id}/money": 9,
    "/desk/patterns": 4,
    "/desk/people": 6,
    "/desk/people/{person_id}": 8,
    "/desk/disputes": 6,
    "/desk/disputes/{dispute_id}": 18,  # the dispute, its case, its order, and the log of the look
    "/desk/precedents": 4,
    "/desk/precedents/{precedent_id}": 5,
    "/desk/products": 5,
    "/desk/products/{product_id}": 6,
    "/desk/rules": 5,
    "/desk/rules/new": 3,
    "/desk/rules/{version_id}": 6,
    "/desk/reviews": 6,
    "/desk/reviews/{flag_id}": 6,
    "/desk/shops": 6,
    "/desk/shops/applications/{application_id}": 7,
    "/desk/shops/{shop_id}": 6,
    "/desk/tickets": 6,
    "/desk/tickets/{ticket_id}": 9,
    "/desk/timers": 8,
}
BUDGETS = {"public": PUBLIC, "buyer": BUYER, "seller": SELLER, "desk": DESK}


def test_every_page_has_a_budget() -> None:
    pages = {d.path for d in all_doors(make_app(64)) if d.method == "GET" and not d.path.startswith("/api/")}
    given = {path for budget in BUDGETS.values() for path in budget}
    assert pages - given == set(), "give these pages a budget"
    assert given - pages == set(), "these pages are gone"
    assert max(PUBLIC.values()) <= 6


@pytest.mark.parametrize("audience", BUDGETS)
async def test_no_page_asks_more_than_its_budget(market: Market, audience: str) -> None:
    town = await full_town(market)
    over = []
    async with market.visitor() as browser:
        if audience != "public":
            browser.cookies.set("fg_session", await token_of_audience(market, town, audience))
        else:
            await browser.post(f"/cart/lines/{town.ids['variant_id']}", data={"quantity": "2"})
        for path, budget in BUDGETS[audience].items():
            with statements() as seen:
                answer = await browser.get(filled(path, town))
            assert answer.status_code < 500, path
            if len(seen) > budget:
                over.append(
                    f"{path}: {len(seen)} instead of {budget}:\n" + "\n".join(" ".join(s.split()) for s in seen)
                )
    assert not over, "\n\n".join(over)


def filled(path: str, town: Town) -> str:
    """Put the ids of the town into an address."""
    for name, value in {**WORDS, **town.ids, "slug": "tableware" if path.startswith("/c/") else SLUG}.items():
        path = path.replace("{" + name + "}", value)
    return path


async def token_of_audience(market: Market, town: Town, audience: str) -> str:
    """Sign in whose pages these are."""
    if audience == "desk":
        operator = await make_person(market.db, "Olga Operator", staff=StaffRole.OPERATOR)
        return (await sign_in_as(market.db, operator)).token
    return town.buyer_token if audience == "buyer" else town.seller_token


async def full_town(market: Market) -> Town:
    """Build a town where every list has several entries."""
    db, town = market.db, await build_town(market)
    shop = await db.read(lambda reader: get_shop(reader, ShopId(int(town.ids["shop_id"]))))
    (address,) = await db.read(lambda reader: list_addresses(reader, town.buyer.id))
    for number in range(SEVERAL):
        pot = await make_product(db, shop, title=f"Pot {number}", stock=50, category="tableware")
        await db.write(acting(town.seller.id), lambda tx: create_coupon(tx, shop.id, draft(db)))
        await place_order(db, (town.buyer.id, address), (pot, 2), (VariantId(int(town.ids["variant_id"])), 1))
        await write(db, await received_order(db, pot), ReviewDraft(5, f"Good {number}"))
    async with market.program(town.buyer_token) as program:
        await program.put(f"/api/v1/cart/lines/{town.ids['variant_id']}", json={"quantity": 2})
    await pump(db)
    await feed_index(db, market.outfit.index_folder)
    await market.outfit.finder.refresh(db)
    await db.given(Board).refresh(db)  # as each second
    return town
