"""Today at the desk: what waits, since when."""

from datetime import datetime

import msgspec
from litestar import Response, get
from litestar.di import NamedDependency

from fairground.kit.audits import Audit, list_audits
from fairground.kit.db import Database, Reader
from fairground.kit.errors import N_
from fairground.kit.health import Health, get_health
from fairground.kit.http.caller import Caller
from fairground.kit.i18n.formats import relative
from fairground.kit.i18n.words import gettext, ngettext
from fairground.market.catalog.queries.lists import measure_in_review
from fairground.market.justice.queries.complaints import measure_complaints
from fairground.market.justice.queries.reports import measure_reports
from fairground.market.payments.queries.desk import MoneyQueues, measure_money
from fairground.market.shops.queries import measure_applications
from fairground.web.cards import Todo
from fairground.web.desk.frame import AnyRequest, Queues, desk_page


class TodayView(msgspec.Struct, frozen=True):
    """What waits, and whether the house is well."""

    todos: list[Todo]
    health: Health
    audit: Audit | None


@get("/desk", include_in_schema=False)
async def show_today(
    request: AnyRequest, caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show the queues with their clocks."""
    caller.need_staff()
    view, queues = await db.read(_look)
    return desk_page(request, "today", title=_greeting(caller.name, len(view.todos)), queues=queues, view=view)


def _greeting(name: str, n: int) -> str:
    if not n:
        return gettext("%(name)s, nothing waits.") % {"name": name}
    words = ngettext("%(name)s, one thing waits.", "%(name)s, %(count)s things wait.", n)
    return words % {"name": name, "count": n}


async def _look(reader: Reader) -> tuple[TodayView, Queues]:
    shops, products = await measure_applications(reader), await measure_in_review(reader)
    money, health = await measure_money(reader), await get_health(reader)
    complaints, reports = await measure_complaints(reader), await measure_reports(reader)
    latest = await list_audits(reader, 1)
    audit = latest[0] if latest else None
    waiting = [
        *_todo("store", shops, "/desk/shops", (N_("One application to decide"), "%(count)s applications to decide")),
        *_todo("tag", products, "/desk/products", (N_("One product to look at"), "%(count)s products to look at")),
        *_todo(
            "shield",
            complaints,
            "/desk/complaints",
            (N_("One complaint to decide"), "%(count)s complaints to decide"),
        ),
        *_todo("flag", reports, "/desk/reports", (N_("One thing was reported"), "%(count)s things were reported")),
        *_money(money),
        *_house(health, audit),
    ]
    todos = [msgspec.structs.replace(todo, main=not i) for i, todo in enumerate(_with_clock(waiting, reader.now))]
    return TodayView(todos, health, audit), Queues(shops[0], products[0], money.total, health.troubles)


Waiting = tuple[Todo, datetime | None]


def _todo(
    icon: str, waiting: tuple[int, datetime | None], href: str, words: tuple[str, str], *, mind: bool = False
) -> list[Waiting]:
    n, since = waiting
    if not n:
        return []
    title = ngettext(*words, n) % {"count": n}
    return [(Todo(icon=icon, title=title, href=href, action=gettext("Look"), mind=mind), since)]


def _money(money: MoneyQueues) -> list[Waiting]:
    return [
        *_todo("banknote", (money.strays, money.strays_since), "/desk/money/incoming",
               (N_("One amount fits no order"), "%(count)s amounts fit no order"), mind=True),
        *_todo("undo-2", (money.refunds, money.refunds_since), "/desk/money",
               (N_("One refund waits for a hand"), "%(count)s refunds wait for a hand"), mind=True),
        *_todo("landmark", (money.payouts, money.payouts_since), "/desk/money",
               (N_("One payout waits for a hand"), "%(count)s payouts wait for a hand"), mind=True),
        *_todo("scale", (money.findings, money.findings_since), "/desk/money/incoming",
               (N_("One difference to a gateway's file"), "%(count)s differences to gateways' files"), mind=True),
    ]  # fmt: skip


def _house(health: Health, audit: Audit | None) -> list[Waiting]:
    found = 0 if audit is None else len(audit.findings)
    since = None if audit is None else audit.at
    return [
        *_todo("clock", (health.troubles, None), "/desk/timers",
               (N_("One wheel of the clockwork sticks"), "%(count)s wheels of the clockwork stick"), mind=True),
        *_todo("scale", (found, since), "/desk/audit",
               (N_("The audit found one thing"), "The audit found %(count)s things"), mind=True),
    ]  # fmt: skip


def _with_clock(waiting: list[Waiting], now: datetime) -> list[Todo]:
    return [
        todo if since is None else msgspec.structs.replace(todo, text=_since(since, now)) for todo, since in waiting
    ]


def _since(since: datetime, now: datetime) -> str:
    return gettext("The oldest came %(when)s") % {"when": relative(since, now)}


HANDLERS = (show_today,)
