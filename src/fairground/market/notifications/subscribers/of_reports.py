"""What came of reports is told to those who reported, and to whom it concerns; nobody learns who reported."""

from typing import Final

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.accounts.model import PersonId
from fairground.market.justice.events import ReportsDecided
from fairground.market.justice.model.reports import ReportOutcome, SubjectKind
from fairground.market.justice.queries.reports import get_pile, list_reports
from fairground.market.notifications.actions import Note, notify, notify_many
from fairground.market.notifications.model import Param
from fairground.market.notifications.subscribers.seen import Word, tell_shops
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_manage_goods

_MADE: Final = {
    ReportOutcome.WARN: "reports.warned",
    ReportOutcome.HIDE: "reports.hidden",
    ReportOutcome.REMOVE: "reports.removed",
}
MOST: Final = 1000


async def tell_reports(tx: Tx, event: ReportsDecided) -> None:
    """Tell both; a suspended shop has its own letter."""
    pile = await get_pile(tx, event.pile_id)
    assert pile.outcome is not None, "it was decided"
    params: dict[str, Param] = {"title": pile.title, "reason": pile.reason}
    kind = "reports.dismissed" if pile.outcome is ReportOutcome.DISMISS else "reports.acted"
    reporters = await list_reports(tx, pile.id, MOST)
    await notify_many(tx, [Note(PersonId(one.person_id), kind, params, "/account/reports") for one in reporters])
    made = _MADE.get(pile.outcome)
    suspended = pile.subject.kind is SubjectKind.SHOP and pile.outcome is ReportOutcome.REMOVE
    if made is None or suspended:
        return
    if pile.person_id is not None:
        await notify(tx, PersonId(pile.person_id), made, params)
    elif pile.shop_id is not None:
        path = f"/goods/{pile.subject.id}" if pile.subject.kind is SubjectKind.PRODUCT else ""
        await tell_shops(tx, [Word(ShopId(pile.shop_id), may_manage_goods, made, params, path)])


OF_REPORTS: Final = (Subscriber("notifications.tell_reports", (ReportsDecided,), tell_reports),)
