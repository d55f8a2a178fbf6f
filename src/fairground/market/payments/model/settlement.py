"""A gateway's daily settlement file, and how it is compared with our books."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date, datetime
from enum import StrEnum
from typing import Final

import msgspec

from fairground.kit.ids import Id
from fairground.kit.money import Money, digits, parse_major

COLUMNS: Final = ("kind", "reference", "merchant_reference", "amount", "currency", "at")


class LineKind(StrEnum):
    """What a line is about."""

    CHARGE = "charge"
    REFUND = "refund"
    PAYOUT = "payout"


class SettlementLine(msgspec.Struct, frozen=True):
    """One line: the gateway's number, our id as the gateway has it, the amount and the gateway's moment."""

    kind: LineKind
    reference: str
    subject: Id | None
    money: Money
    at: datetime


class Problem(StrEnum):
    """How the two differ."""

    UNKNOWN_TO_US = "unknown_to_us"
    UNKNOWN_TO_GATEWAY = "unknown_to_gateway"
    AMOUNT_DIFFERS = "amount_differs"


class FindingState(StrEnum):
    """`gone`: not found any more when the day was compared again."""

    OPEN = "open"
    GONE = "gone"
    EXPLAINED = "explained"


class Finding(msgspec.Struct, frozen=True):
    """One difference; an amount is None on the side that does not know the line."""

    gateway: str
    day: date
    kind: LineKind
    reference: str
    problem: Problem
    ours: int | None
    theirs: int | None
    currency: str
    state: FindingState = FindingState.OPEN
    words: str = ""


def read_settlement(text: str) -> list[SettlementLine]:
    """Read a settlement file (CSV with a header; amounts in units of the currency).

    Raises:
        ValueError: a line is not as agreed; nothing of a file that cannot be read is believed.
    """
    reader = csv.DictReader(io.StringIO(text), strict=True)
    if tuple(reader.fieldnames or ()) != COLUMNS:
        raise ValueError(f"a settlement file has the columns {', '.join(COLUMNS)}")
    lines = []
    for number, row in enumerate(reader, start=2):
        money = parse_major(row["amount"] or "", row["currency"] or "")
        at = datetime.fromisoformat(row["at"])
        if money is None or at.tzinfo is None or not row["reference"]:
            raise ValueError(f"line {number} of the settlement file cannot be read")
        subject = Id.parse(row["merchant_reference"] or "")
        lines.append(SettlementLine(LineKind(row["kind"]), row["reference"], subject, money, at))
    return lines


def write_settlement(lines: Iterable[SettlementLine]) -> str:
    """Write a settlement file as `read_settlement` reads it."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for line in lines:
        amount = f"{line.money.major:.{digits(line.money.currency)}f}"
        subject = "" if line.subject is None else str(int(line.subject))
        writer.writerow([line.kind, line.reference, subject, amount, line.money.currency, line.at.isoformat()])
    return out.getvalue()


def compare(gateway: str, day: date, theirs: Sequence[SettlementLine], ours: Sequence[SettlementLine]) -> list[Finding]:
    """Compare a day's file with our books, by the gateway's numbers."""
    at_gateway = {(line.kind, line.reference): line.money for line in theirs}
    with_us = {(line.kind, line.reference): line.money for line in ours}
    findings = []
    for kind, reference in sorted(at_gateway.keys() | with_us.keys()):
        their, our = at_gateway.get((kind, reference)), with_us.get((kind, reference))
        if their == our:
            continue
        if our is None:
            problem = Problem.UNKNOWN_TO_US
        else:
            problem = Problem.UNKNOWN_TO_GATEWAY if their is None else Problem.AMOUNT_DIFFERS
        known = their or our
        assert known is not None, "one of the two has the line"
        ours_, theirs_ = (None if money is None else money.amount for money in (our, their))
        findings.append(Finding(gateway, day, kind, reference, problem, ours_, theirs_, known.currency))
    return findings
