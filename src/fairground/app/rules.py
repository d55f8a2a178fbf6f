"""The rooms that have rules: each number of the market is a setting with its default."""

from typing import Final

import msgspec

from fairground.market.accounts.model import AccountRules
from fairground.market.aftersale.model.rules import AftersaleRules
from fairground.market.cart.model import CartRules
from fairground.market.catalog.exchange.model import ExchangeRules
from fairground.market.catalog.model.products import CatalogRules
from fairground.market.inventory.model import InventoryRules
from fairground.market.justice.model.causes import CauseRules
from fairground.market.justice.model.complaints import ComplaintRules
from fairground.market.justice.model.disputes import DisputeRules
from fairground.market.justice.model.jury import JuryRules
from fairground.market.justice.model.reports import ReportRules
from fairground.market.justice.model.rulebook import RuleBookRules
from fairground.market.media.model import MediaRules
from fairground.market.notifications.model import NotificationRules
from fairground.market.orders.model.rules import OrderRules
from fairground.market.payments.model.payment import PaymentRules
from fairground.market.promotions.model.coupons import PromotionRules
from fairground.market.promotions.model.drops import DropRules
from fairground.market.reviews.model import ReviewRules
from fairground.market.search.model import SearchRules
from fairground.market.service.model.answers import AttendantRules
from fairground.market.service.model.chat import ChatRules
from fairground.market.service.model.clock import ClockRules
from fairground.market.service.model.promises import PromiseRules
from fairground.market.service.model.tickets import TicketRules
from fairground.market.shipping.model.templates import ShippingRules
from fairground.market.shops.model import ShopRules

RULES: Final[dict[str, type[msgspec.Struct]]] = {
    "accounts": AccountRules,
    "media": MediaRules,
    "inventory": InventoryRules,
    "payments": PaymentRules,
    "shops": ShopRules,
    "catalog": CatalogRules,
    "exchange": ExchangeRules,
    "promotions": PromotionRules,
    "drops": DropRules,
    "shipping": ShippingRules,
    "cart": CartRules,
    "orders": OrderRules,
    "aftersale": AftersaleRules,
    "reviews": ReviewRules,
    "chat": ChatRules,
    "rulebook": RuleBookRules,
    "jury": JuryRules,
    "disputes": DisputeRules,
    "tickets": TicketRules,
    "attendant": AttendantRules,
    "clock": ClockRules,
    "promises": PromiseRules,
    "complaints": ComplaintRules,
    "reports": ReportRules,
    "causes": CauseRules,
    "search": SearchRules,
    "notifications": NotificationRules,
}
