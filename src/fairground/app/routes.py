"""All addresses of the market."""

from collections.abc import Sequence
from typing import Final

from litestar.types import ControllerRouterHandler

from fairground.api import accounts as api_accounts
from fairground.api import cart as cart_api
from fairground.api import cases as api_cases
from fairground.api import complaints as api_complaints
from fairground.api import coupons as api_coupons
from fairground.api import disputes as api_disputes
from fairground.api import drops as api_drops
from fairground.api import imports as api_imports
from fairground.api import juries as api_juries
from fairground.api import kept as api_kept
from fairground.api import letters as api_letters
from fairground.api import messages as api_messages
from fairground.api import money as api_money
from fairground.api import orders as api_orders
from fairground.api import people as api_people
from fairground.api import precedents as api_precedents
from fairground.api import products as api_products
from fairground.api import questions as api_questions
from fairground.api import reports as api_reports
from fairground.api import reviews as api_reviews
from fairground.api import rules as api_rules
from fairground.api import search as api_search
from fairground.api import shop_staff as api_shop_staff
from fairground.api import shops as api_shops
from fairground.api import standing as api_standing
from fairground.api import tickets as api_tickets
from fairground.api import webhooks as api_webhooks
from fairground.web.desk import cases as desk_cases
from fairground.web.desk import causes as desk_causes
from fairground.web.desk import clockwork as desk_clockwork
from fairground.web.desk import complaints as desk_complaints
from fairground.web.desk import disputes as desk_disputes
from fairground.web.desk import incoming as desk_incoming
from fairground.web.desk import macros as desk_macros
from fairground.web.desk import money as desk_money
from fairground.web.desk import orders as desk_orders
from fairground.web.desk import people as desk_people
from fairground.web.desk import precedents as desk_precedents
from fairground.web.desk import products as desk_products
from fairground.web.desk import reports as desk_reports
from fairground.web.desk import reviews as desk_reviews
from fairground.web.desk import rules as desk_rules
from fairground.web.desk import shops as desk_shops
from fairground.web.desk import tickets as desk_tickets
from fairground.web.desk import today as desk_today
from fairground.web.justice import causes as justice_causes
from fairground.web.justice import complaints as justice_complaints
from fairground.web.justice import disputes as justice_disputes
from fairground.web.justice import home as justice_home
from fairground.web.justice import jury as justice_jury
from fairground.web.justice import precedents as justice_precedents
from fairground.web.justice import reports as justice_reports
from fairground.web.justice import rules as justice_rules
from fairground.web.media import show_picture
from fairground.web.public import guide, robots, strip
from fairground.web.public.health import show_live, show_ready
from fairground.web.public.language import choose
from fairground.web.public.metrics import show_metrics
from fairground.web.public.statics import show_openapi, show_static
from fairground.web.seller import answers as seller_answers
from fairground.web.seller import asked as seller_asked
from fairground.web.seller import buyers as seller_buyers
from fairground.web.seller import cases as seller_cases
from fairground.web.seller import complaints as seller_complaints
from fairground.web.seller import coupons as seller_coupons
from fairground.web.seller import delivery as seller_delivery
from fairground.web.seller import entry as seller_entry
from fairground.web.seller import face as seller_face
from fairground.web.seller import messages as seller_messages
from fairground.web.seller import promises as seller_promises
from fairground.web.seller import reviews as seller_reviews
from fairground.web.seller import staff as seller_staff
from fairground.web.seller import today as seller_today
from fairground.web.seller.drops import form as seller_drop_form
from fairground.web.seller.drops import pages as seller_drops
from fairground.web.seller.goods import editing as seller_editing
from fairground.web.seller.goods import history as seller_history
from fairground.web.seller.goods import imports as seller_imports
from fairground.web.seller.goods import listing as seller_listing
from fairground.web.seller.money import bank as seller_bank
from fairground.web.seller.money import pages as seller_money
from fairground.web.seller.orders import bulk as seller_bulk
from fairground.web.seller.orders import deeds as seller_deeds
from fairground.web.seller.orders import pages as seller_orders
from fairground.web.seller.orders import papers as seller_papers
from fairground.web.storefront import attendant as storefront_attendant
from fairground.web.storefront import category, coupons, hearts, home, questions, review_order, reviews, search, shop
from fairground.web.storefront import messages as messages_pages
from fairground.web.storefront import tickets as storefront_tickets
from fairground.web.storefront.account import addresses, enter, kept, leaving, letters, overview, security
from fairground.web.storefront.account import coupons as account_coupons
from fairground.web.storefront.account import standing as account_standing
from fairground.web.storefront.cart import pages as cart_pages
from fairground.web.storefront.cases import opening as case_opening
from fairground.web.storefront.cases import pages as case_pages
from fairground.web.storefront.checkout import pages as checkout_pages
from fairground.web.storefront.checkout import paying
from fairground.web.storefront.drops import line as drop_line
from fairground.web.storefront.drops import pages as drop_pages
from fairground.web.storefront.orders import pages as orders_pages
from fairground.web.storefront.product import pages as product_pages

PUBLIC: Final[Sequence[ControllerRouterHandler]] = (
    show_live,
    show_ready,
    show_metrics,
    show_static,
    show_openapi,
    choose,
    show_picture,
)
STOREFRONT: Final[Sequence[ControllerRouterHandler]] = (
    *cart_pages.HANDLERS,
    *checkout_pages.HANDLERS,
    *paying.HANDLERS,
    *orders_pages.HANDLERS,
    *case_opening.HANDLERS,
    *case_pages.HANDLERS,
    *home.HANDLERS,
    *search.HANDLERS,
    *category.HANDLERS,
    *product_pages.HANDLERS,
    *shop.HANDLERS,
    *coupons.HANDLERS,
    *drop_pages.HANDLERS,
    *drop_line.HANDLERS,
    *hearts.HANDLERS,
    *strip.HANDLERS,
    *guide.HANDLERS,
    *robots.HANDLERS,
    *reviews.HANDLERS,
    *review_order.HANDLERS,
    *questions.HANDLERS,
    *messages_pages.HANDLERS,
    *storefront_tickets.HANDLERS,
    *storefront_attendant.HANDLERS,
    *justice_causes.HANDLERS,
    *justice_complaints.HANDLERS,
    *justice_reports.HANDLERS,
    *justice_home.HANDLERS,
    *justice_disputes.HANDLERS,
    *justice_precedents.HANDLERS,
    *justice_rules.HANDLERS,
    *justice_jury.HANDLERS,
)
ACCOUNT: Final[Sequence[ControllerRouterHandler]] = (
    *enter.HANDLERS,
    *overview.HANDLERS,
    *addresses.HANDLERS,
    *security.HANDLERS,
    *letters.HANDLERS,
    *account_coupons.HANDLERS,
    *kept.HANDLERS,
    *account_standing.HANDLERS,
    *leaving.HANDLERS,
)
SELLER: Final[Sequence[ControllerRouterHandler]] = (
    *seller_reviews.HANDLERS,
    *seller_answers.HANDLERS,
    *seller_promises.HANDLERS,
    *seller_buyers.HANDLERS,
    *seller_asked.HANDLERS,
    *seller_messages.HANDLERS,
    *seller_today.HANDLERS,
    *seller_orders.HANDLERS,
    *seller_cases.HANDLERS,
    *seller_deeds.HANDLERS,
    *seller_papers.HANDLERS,
    *seller_bulk.HANDLERS,
    *seller_money.HANDLERS,
    *seller_bank.HANDLERS,
    *seller_complaints.HANDLERS,
    *seller_coupons.HANDLERS,
    *seller_drops.HANDLERS,
    *seller_drop_form.HANDLERS,
    *seller_entry.HANDLERS,
    *seller_listing.HANDLERS,
    *seller_editing.HANDLERS,
    *seller_history.HANDLERS,
    *seller_imports.HANDLERS,
    *seller_face.HANDLERS,
    *seller_delivery.HANDLERS,
    *seller_staff.HANDLERS,
)
DESK: Final[Sequence[ControllerRouterHandler]] = (
    *desk_today.HANDLERS,
    *desk_shops.HANDLERS,
    *desk_products.HANDLERS,
    *desk_reviews.HANDLERS,
    *desk_orders.HANDLERS,
    *desk_cases.HANDLERS,
    *desk_money.HANDLERS,
    *desk_incoming.HANDLERS,
    *desk_people.HANDLERS,
    *desk_causes.HANDLERS,
    *desk_complaints.HANDLERS,
    *desk_reports.HANDLERS,
    *desk_clockwork.HANDLERS,
    *desk_tickets.HANDLERS,
    *desk_macros.HANDLERS,
    *desk_disputes.HANDLERS,
    *desk_precedents.HANDLERS,
    *desk_rules.HANDLERS,
)
API: Final[Sequence[ControllerRouterHandler]] = (
    *cart_api.HANDLERS,
    *api_kept.HANDLERS,
    *api_webhooks.HANDLERS,
    *api_accounts.HANDLERS,
    *api_letters.HANDLERS,
    *api_people.HANDLERS,
    *api_shops.HANDLERS,
    *api_shop_staff.HANDLERS,
    *api_products.HANDLERS,
    *api_orders.HANDLERS,
    *api_cases.HANDLERS,
    *api_money.HANDLERS,
    *api_complaints.HANDLERS,
    *api_reports.HANDLERS,
    *api_coupons.HANDLERS,
    *api_drops.HANDLERS,
    *api_imports.HANDLERS,
    *api_search.HANDLERS,
    *api_messages.HANDLERS,
    *api_reviews.HANDLERS,
    *api_standing.HANDLERS,
    *api_questions.HANDLERS,
    *api_tickets.HANDLERS,
    *api_disputes.HANDLERS,
    *api_precedents.HANDLERS,
    *api_rules.HANDLERS,
    *api_juries.HANDLERS,
)


# All of them: pages by audience, API, webhooks, health, static things.
HANDLERS: Sequence[ControllerRouterHandler] = (*PUBLIC, *STOREFRONT, *ACCOUNT, *SELLER, *DESK, *API)
