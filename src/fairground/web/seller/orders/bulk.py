"""Many shipments from one list: a file with order number, carrier and tracking number; each refused row says why."""

import csv
import io
from collections.abc import Sequence
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, Invalid, Trouble, invalid
from fairground.kit.http.caller import Caller
from fairground.kit.http.forms import read_files
from fairground.kit.http.problems import field_problems
from fairground.kit.i18n.words import gettext, say
from fairground.kit.safe_text import escape_cell
from fairground.market.orders.actions.ship import BulkRow, ship_rows
from fairground.market.orders.model import ShopOrder, WaysToPay, show_number
from fairground.market.orders.queries.shop_figures import list_to_ship
from fairground.market.shipping.bulk import CARRIER, NUMBER, ORDER, RefusedRow, ShipmentRow, read_shipments
from fairground.market.shipping.model import ShippingRules
from fairground.market.shops.policy import may_ship
from fairground.market.shops.queries import get_shop_for
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.seller.orders.view import carrier_choices
from fairground.web.told import Told, tell_fields

AT_ONCE: Final = 100  # rows in one transaction
LISTED_MOST: Final = 1000  # orders in the list to fill in
BOM: Final = "\ufeff"  # without it, a spreadsheet takes Chinese for something else


class Refused(msgspec.Struct, frozen=True):
    """One row that was not shipped."""

    line: int
    field: str
    reason: str


class Report(msgspec.Struct, frozen=True):
    """What became of a list."""

    shipped: list[tuple[int, str, str, bool]]  # line, order, number, whether the number looks odd
    refused: list[Refused]


class BulkView(msgspec.Struct, frozen=True):
    """The page: what to fill in, and what became of the last list."""

    carriers: list[tuple[str, str]]
    rows_most: int
    report: Report | None = None
    errors: Told = Told()


@get("/seller/{slug:str}/orders/shipments", include_in_schema=False)
async def show_form(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show how to ship many orders at once."""
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_ship))
    return _page(request, db, room)


def _page(
    request: AnyRequest,
    db: Database,
    room: Room,
    status: int = 200,
    report: Report | None = None,
    errors: Told | None = None,
) -> Response[bytes]:
    choices = carrier_choices(sandbox="sandbox" in db.given(WaysToPay))
    view = BulkView(choices, db.given(ShippingRules).csv_rows_most, report, errors or Told())
    return seller_page(request, "orders/shipments", room, title=gettext("Ship many at once"), status=status, view=view)


@get("/seller/{slug:str}/orders/shipments/list", include_in_schema=False)
async def give_list(
    slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Give the orders to ship as a CSV file, with the columns to fill in."""
    orders = await db.read(lambda reader: _to_ship(reader, caller, slug))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([ORDER, CARRIER, NUMBER, "recipient", "things", "note"])
    for order in orders:
        things = "; ".join(f"{line['title']} × {line['quantity']}" for line in order.lines)
        told = (escape_cell(cell) for cell in (order.recipient, things, order.note))
        writer.writerow([show_number(order.number), "", "", *told])
    headers = {"content-disposition": 'attachment; filename="shipments.csv"', "cache-control": "private, no-store"}
    return Response((BOM + text.getvalue()).encode(), media_type="text/csv; charset=utf-8", headers=headers)


async def _to_ship(reader: Reader, caller: Caller, slug: str) -> list[ShopOrder]:
    room = await enter_room(reader, caller, slug, may_ship)
    found: list[ShopOrder] = []
    after: str | None = None
    while len(found) < LISTED_MOST:
        page = await list_to_ship(reader, room.shop.id, after=after, limit=100)
        found += [order for order in page.items if order.cancel_asked_at is None]
        if page.next is None:
            break
        after = page.next
    return found


@post("/seller/{slug:str}/orders/shipments", include_in_schema=False)
async def ship_list(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Ship the orders of a list; what cannot be shipped is told row by row, the rest goes."""
    room = await db.read(lambda reader: enter_room(reader, caller, slug, may_ship))
    try:
        files = await read_files(request, "file", at_most=1)
        if not files:
            raise invalid("/file", "required", N_("Please choose a file."))
        wanted = read_shipments(files[0][1], db.given(ShippingRules))
    except Invalid as trouble:
        return _page(request, db, room, 422, errors=tell_fields(trouble, "file"))
    done = await _ship(db, caller, slug, wanted.rows)
    report = Report(
        [_shipped(row) for row in done if row.trouble is None],
        sorted(
            [_unread(row) for row in wanted.refused] + [_unshipped(row) for row in done if row.trouble is not None],
            key=lambda row: row.line,
        ),
    )
    fresh = await db.read(lambda reader: enter_room(reader, caller, slug, may_ship))
    return _page(request, db, fresh, report=report)


async def _ship(db: Database, caller: Caller, slug: str, rows: Sequence[ShipmentRow]) -> list[BulkRow]:
    done: list[BulkRow] = []
    for start in range(0, len(rows), AT_ONCE):
        chunk = rows[start : start + AT_ONCE]

        async def deed(tx: Tx, chunk: Sequence[ShipmentRow] = chunk) -> list[BulkRow]:
            await get_shop_for(tx, slug, caller.need_person(), may_ship)
            return await ship_rows(tx, chunk)

        done += await db.write(caller.actor, deed)
    return done


def _shipped(done: BulkRow) -> tuple[int, str, str, bool]:
    named = int(done.row.order_id)
    number = show_number(named) if named < 10**12 else str(named)  # a list may name our own ids too
    return done.row.line, number, done.row.tracking_number, done.row.doubtful


def _unread(row: RefusedRow) -> Refused:
    return Refused(row.line, row.field, gettext(row.reason))


def _unshipped(done: BulkRow) -> Refused:
    trouble: Trouble | None = done.trouble
    assert trouble is not None, "asked for those with trouble"
    words = [problem.message for problem in field_problems(trouble)] or [say(trouble.message, trouble.params)]
    return Refused(done.row.line, ORDER, " ".join(words))


HANDLERS: Final[list[Any]] = [show_form, give_list, ship_list]
