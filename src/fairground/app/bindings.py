"""What rooms ask of the rooms above them, bound here: who hinders leaving, who adds to an export, who may see what."""

from typing import Any

import msgspec

from fairground.kit.db import Reader
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import to_text
from fairground.market.accounts.actions.closing import Leaving
from fairground.market.accounts.model import PersonId
from fairground.market.aftersale.queries.cases import export_cases, may_see_evidence
from fairground.market.cart.queries import export_kept
from fairground.market.justice.queries.complaints import export_complaints, may_see_proof
from fairground.market.justice.queries.disputes import export_disputes, may_see_statement
from fairground.market.justice.queries.jury import export_juror
from fairground.market.justice.queries.reports import export_reports
from fairground.market.justice.queries.rulebook import export_voices
from fairground.market.media.queries import Sight
from fairground.market.notifications.queries import export_letters
from fairground.market.orders.queries.orders import count_open_of_buyer, list_orders_of_buyer
from fairground.market.orders.queries.shop_orders import count_open_of_shop
from fairground.market.promotions.queries.coupons import export_wallet
from fairground.market.reviews.queries import export_reviews
from fairground.market.service.queries.answers import export_questions
from fairground.market.service.queries.chat import export_chats, may_see_chat_picture
from fairground.market.service.queries.tickets import export_tickets
from fairground.market.shops.model import Role
from fairground.market.shops.queries import list_memberships

PAGE = 100


def leaving() -> Leaving:
    """Bind what the rooms have to say when somebody takes their data along or leaves."""
    exporters = (
        export_cases,
        export_chats,
        export_complaints,
        export_disputes,
        export_juror,
        export_kept,
        export_letters,
        export_orders,
        export_questions,
        export_reports,
        export_reviews,
        export_shops,
        export_tickets,
        export_voices,
        export_wallet,
    )
    return Leaving(exporters=exporters, hindrances=(open_orders, owned_shops))


def sight() -> Sight:
    """Bind whom the rooms let see private pictures."""
    return Sight(may_see=(may_see_statement, may_see_evidence, may_see_chat_picture, may_see_proof))


async def open_orders(reader: Reader, person_id: PersonId) -> list[str]:
    """An open order needs its buyer: to be paid, or to be received."""
    if any((await count_open_of_buyer(reader, person_id)).values()):
        return [gettext("You have open orders. Please receive or cancel them first.")]
    return []


async def owned_shops(reader: Reader, person_id: PersonId) -> list[str]:
    """A shop that still owes goods needs its people."""
    for membership in await list_memberships(reader, person_id):
        if membership.role is not Role.OWNER:
            continue
        if any((await count_open_of_shop(reader, membership.shop_id)).values()):
            return [gettext("Your shop has open orders. Please send them, or hand the shop over, first.")]
    return []


async def export_orders(reader: Reader, person_id: PersonId) -> dict[str, Any]:
    """Give all orders of a buyer."""
    orders, after = [], None
    while True:
        page = await list_orders_of_buyer(reader, person_id, after=after, limit=PAGE)
        orders += [msgspec.to_builtins(order, enc_hook=to_text) for order in page.items]
        after = page.next
        if after is None:
            return {"orders": orders}


async def export_shops(reader: Reader, person_id: PersonId) -> dict[str, Any]:
    """Give the shops somebody works in, with their role."""
    memberships = await list_memberships(reader, person_id)
    return {"shops": [msgspec.to_builtins(membership, enc_hook=to_text) for membership in memberships]}
