"""A bank statement as the bank gives it (CSV), read line by line; what cannot be read is named, not guessed."""

import csv
import hashlib
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time
from typing import Final

import msgspec

from fairground.kit.errors import N_, FieldError, invalid
from fairground.kit.money import Money, parse_major
from fairground.kit.spreadsheets import text_of
from fairground.market.payments.model.notice import GatewayNotice, NoticeKind
from fairground.market.payments.model.reference import find_references

MOST_LINES: Final = 20_000
MOST_BYTES: Final = 8_000_000
BANK_TRANSFER: Final = "bank_transfer"

# What banks call the columns; the first that is found is taken.
_HEADERS: Final = {
    "date": ("date", "booking date", "value date", "transaction date", "交易日期", "记账日期", "交易时间", "日期"),
    "amount": ("amount", "credit", "credit amount", "收入金额", "贷方发生额", "贷方金额", "交易金额", "金额"),
    "currency": ("currency", "币种"),
    "words": ("text", "description", "remittance", "purpose", "memo", "附言", "摘要", "用途", "备注"),
    "payer": ("counterparty", "payer", "name", "对方户名", "对方名称", "付款人", "付款人名称"),
    "number": ("reference", "transaction id", "bank reference", "交易流水号", "流水号", "凭证号", "交易序号"),
}
_CURRENCIES: Final = {"人民币": "CNY", "RMB": "CNY", "¥": "CNY", "￥": "CNY"}


class BankLine(msgspec.Struct, frozen=True):
    """Money that came in. `number` is the bank's own, or else a print of the line."""

    line: int
    day: date
    money: Money
    words: str
    payer: str
    number: str


class BankStatement(msgspec.Struct, frozen=True):
    """What was read: money coming in, how many lines go out, which are twice in the file, which cannot be read."""

    lines: tuple[BankLine, ...]
    outgoing: int
    doubled: tuple[int, ...]
    refused: tuple[FieldError, ...]


def read_bank_statement(data: bytes, currency: str) -> BankStatement:
    """Read a bank's CSV (UTF-8 or GB 18030; comma, semicolon or tab), in the market's currency.

    Raises:
        Invalid: it is no such file, or lacks date, amount or text.
    """
    rows = _rows(_decoded(data))
    columns = _columns(next(rows, []))
    lines, seen = [], set()
    outgoing, doubled, refused = 0, [], []
    same: Counter[str] = Counter()
    for number, row in enumerate(rows, start=2):
        if number > MOST_LINES:
            raise invalid("/file", "length", N_("At most %(most)d lines at once, please."), most=MOST_LINES)
        if not any(cell.strip() for cell in row):
            continue
        line = _line(number, {name: row[at].strip() if at < len(row) else "" for name, at in columns.items()}, currency)
        if isinstance(line, FieldError):
            refused.append(line)
        elif line.money.amount <= 0:
            outgoing += 1
        else:
            own = bool(line.number)
            line = line if own else msgspec.structs.replace(line, number=_print(line, same))
            if line.number in seen:
                doubled.append(number)
            else:
                seen.add(line.number)
                lines.append(line)
    return BankStatement(tuple(lines), outgoing, tuple(doubled), tuple(refused))


def notices_from(lines: Sequence[BankLine]) -> list[GatewayNotice]:
    """Turn the lines that a clerk confirmed into notices; several or no references in a text name no payment."""
    notices = []
    for line in lines:
        found = find_references(line.words)
        notices.append(
            GatewayNotice(
                gateway=BANK_TRANSFER,
                event_id=f"statement/{line.number}",
                kind=NoticeKind.PAID,
                subject=found[0] if len(found) == 1 else None,
                reference=line.number,
                amount=line.money.amount,
                currency=line.money.currency,
                at=datetime.combine(line.day, time(12), UTC),  # a bank's day has no hour; noon is that day everywhere
                words=f"{line.payer} {line.words}".strip()[:500],
            )
        )
    return notices


def _decoded(data: bytes) -> str:
    if len(data) > MOST_BYTES:
        raise invalid("/file", "size", N_("This file is too large."))
    text = text_of(data)
    if text is None:
        raise invalid("/file", "format", N_("This is not a CSV file."))
    return text


def _rows(text: str) -> Iterator[list[str]]:
    head = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=head.count)
    try:
        yield from csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    except csv.Error:
        raise invalid("/file", "format", N_("This is not a CSV file.")) from None


def _columns(header: Sequence[str]) -> dict[str, int]:
    names = [name.strip().strip("\ufeff").casefold() for name in header]
    columns = {}
    for field, known in _HEADERS.items():
        at = next((names.index(name) for name in known if name in names), None)
        if at is not None:
            columns[field] = at
    missing = [field for field in ("date", "amount", "words") if field not in columns]
    if missing:
        raise invalid(
            "/file",
            "columns",
            N_("The first line must name the columns date, amount and text; missing: %(missing)s."),
            missing=", ".join("text" if name == "words" else name for name in missing),
        )
    return columns


def _line(number: int, cells: dict[str, str], currency: str) -> BankLine | FieldError:
    day = _day(cells["date"])
    if day is None:
        return FieldError(f"/lines/{number}/date", "date", N_("This is not a date."))
    named = cells.get("currency", "").upper()
    if named and _CURRENCIES.get(named, named) != currency:
        return FieldError(
            f"/lines/{number}/currency",
            "currency",
            N_("This market's currency is %(currency)s."),
            {"currency": currency},
        )
    # An empty cell in a column of credits is a line of money going out.
    money = parse_major(re.sub(r"[,\s¥￥]", "", cells["amount"]) or "0", currency)
    if money is None:
        return FieldError(f"/lines/{number}/amount", "amount", N_("This is not an amount."))
    return BankLine(number, day, money, cells["words"], cells.get("payer", ""), cells.get("number", "")[:100])


def _day(text: str) -> date | None:
    digits = re.match(r"(\d{4})[-/.年]?(\d{1,2})[-/.月]?(\d{1,2})", text)
    try:
        return date(*(int(part) for part in digits.groups())) if digits else None
    except ValueError:
        return None


def _print(line: BankLine, same: Counter[str]) -> str:
    # Without a number from the bank, two equal lines of one day are two transfers, and the same day's statement
    # imported again gives the same prints.
    content = f"{line.day}|{line.money.amount}|{line.money.currency}|{line.payer}|{line.words}"
    same[content] += 1
    return hashlib.sha256(f"{content}|{same[content]}".encode()).hexdigest()[:32]
