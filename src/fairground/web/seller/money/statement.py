"""The books of a shop as lines that people read: one for each order, payout or correction, with what it is made of."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Final

import msgspec

from fairground.kit.db import Reader
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.paging import write_cursor
from fairground.kit.safe_text import escape_cell
from fairground.market.ledger.model import AccountKind, Entry, owned_account
from fairground.market.ledger.queries import list_entries
from fairground.market.orders.model import OrderId, ShopOrder, show_number
from fairground.market.orders.queries.shop_figures import map_shop_orders
from fairground.market.shops.model import ShopId

ENTRIES: Final = 96  # read for one page; an order has two to four
BOM: Final = "\ufeff"
_SALE: Final = "payments.sale"
_PAYOUTS: Final = frozenset({"payments.payout_requested", "payments.payout_bounced"})


class StatementLine(msgspec.Struct, frozen=True):
    """What moved at one moment for one reason. gross + promotions + commission + other = net.

    `promotions` is what the market adds for its own; `balance` stood after it.
    """

    at: datetime
    what: str
    number: str  # of the order; "" for others
    href: str | None
    things: str
    gross: Money
    promotions: Money
    commission: Money
    other: Money
    net: Money
    balance: Money


class Statement(msgspec.Struct, frozen=True):
    """A page of lines, the newest first."""

    lines: list[StatementLine]
    next: str | None


async def read_statement(
    reader: Reader, shop_id: ShopId, currency: str, home: str, after: str | None = None
) -> Statement:
    """Read a page of a shop's statement. What belongs together is not torn apart at the end of a page."""
    page = await list_entries(reader, owned_account(AccountKind.SHOP, shop_id, currency), after, ENTRIES)
    entries, following = page.items, page.next
    if following is not None and entries[0].at != entries[-1].at:
        entries = [entry for entry in entries if entry.at != entries[-1].at]
        following = write_cursor(entries[-1].entry)
    return Statement(await lines_of(reader, shop_id, entries, home), following)


async def lines_of(reader: Reader, shop_id: ShopId, entries: Sequence[Entry], home: str) -> list[StatementLine]:
    """Make entries (the newest first) into lines; one statement more, for the numbers of orders."""
    subjects = {OrderId(entry.subject) for entry in entries if entry.reason not in _PAYOUTS}
    orders = await map_shop_orders(reader, shop_id, subjects) if subjects else {}
    return group(entries, orders, home)


def group(entries: Iterable[Entry], orders: Mapping[OrderId, ShopOrder], home: str) -> list[StatementLine]:
    """Put together what was written at one moment about one thing: a sale and its commission stand apart in the books.

    Orders that were settled together lie mixed up; the balance is told as if they had come one after the other.
    """
    lines: list[StatementLine] = []
    for _, run in groupby(entries, key=lambda entry: entry.at):
        together: dict[Id, list[Entry]] = {}
        for entry in run:
            together.setdefault(entry.subject, []).append(entry)
        balance = max((e for own in together.values() for e in own), key=lambda e: e.entry).balance
        for subject, own in together.items():
            line = _line(own, orders.get(OrderId(subject)), home, balance)
            lines.append(line)
            balance -= line.net.amount
    return lines


def _line(entries: Sequence[Entry], order: ShopOrder | None, home: str, balance: int) -> StatementLine:
    currency = entries[0].currency
    sums = {"gross": 0, "promotions": 0, "commission": 0, "other": 0}
    for entry in entries:
        sums[_column(entry)] += entry.amount
    first = min(entries, key=lambda entry: entry.entry)
    return StatementLine(
        at=first.at,
        what=_what(first.reason),
        number=show_number(order.number) if order else "",
        href=_href(first, order, home),
        things=", ".join(str(line["title"]) for line in order.lines) if order else "",
        net=Money(sum(sums.values()), currency),
        balance=Money(balance, currency),
        **{name: Money(amount, currency) for name, amount in sums.items()},
    )


def _column(entry: Entry) -> str:
    if entry.other is AccountKind.COMMISSION:
        return "commission"
    return {_SALE: "gross", "orders.subsidy": "promotions"}.get(entry.reason, "other")


def _what(reason: str) -> str:
    return {
        _SALE: gettext("Sale"),
        "orders.subsidy": gettext("Sale"),
        "payments.payout_requested": gettext("Payout"),
        "payments.payout_bounced": gettext("Payout came back"),
        "payments.commission_returned": gettext("Refund after receipt"),
        "payments.taken_back": gettext("Refund after receipt"),
    }.get(reason, gettext("Correction"))


def _href(entry: Entry, order: ShopOrder | None, home: str) -> str | None:
    if entry.reason in _PAYOUTS:
        return f"{home}/money/payouts/{int(entry.subject)}"
    return f"{home}/orders/{int(order.order_id)}" if order else None


def write_csv(lines: Iterable[StatementLine]) -> bytes:
    """Write lines as CSV for spreadsheets: amounts in units of the currency, texts that cannot run."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        ["at", "what", "order", "things", "gross", "promotions", "commission", "other", "net", "balance", "currency"]
    )
    for line in lines:
        amounts = (line.gross, line.promotions, line.commission, line.other, line.net, line.balance)
        told = [escape_cell(cell) for cell in (line.what, line.number, line.things)]
        writer.writerow([line.at.isoformat(), *told, *(str(m.major) for m in amounts), line.net.currency])
    return (BOM + text.getvalue()).encode()
