"""Audits: proofs that the market keeps its promises, and what the last ones found.

Each room proves its own; the app collects them, and the results are kept here, where the desk can read them.
"""

from datetime import datetime, timedelta
from typing import Final

import msgspec

from fairground.kit.db import Reader, Row, Tx
from fairground.kit.ids import Id
from fairground.kit.jobs import enqueue

RUN: Final = "app.audit"  # the job that makes a new one
KEPT: Final = timedelta(days=400)
FINDINGS_KEPT: Final = 500


class AuditId(Id):
    """The id of an audit."""


class Finding(msgspec.Struct, frozen=True):
    """One broken promise: whose, which, where, and what was expected and found in words."""

    room: str
    rule: str
    subject: str
    words: str


class Audit(msgspec.Struct, frozen=True):
    """One audit of the whole market; at most the first 500 findings are kept."""

    at: datetime
    milliseconds: int
    clean: bool
    findings: list[Finding]


async def ask_for_audit(tx: Tx) -> None:
    """Ask the worker for an audit now."""
    await enqueue(tx, RUN, {}, once_as=RUN)


async def note_audit(tx: Tx, findings: list[Finding], milliseconds: int) -> None:
    """Keep the result of an audit, and forget those that are very old."""
    await tx.execute(
        "insert into kit.audits (id, at, milliseconds, clean, findings) values ($1, $2, $3, $4, $5)",
        tx.new_id(AuditId, 0),
        tx.now,
        milliseconds,
        not findings,
        msgspec.to_builtins(findings[:FINDINGS_KEPT]),
    )
    await tx.execute("delete from kit.audits where at < $1", tx.now - KEPT)


async def list_audits(reader: Reader, limit: int = 30) -> list[Audit]:
    """List the latest audits, the newest first."""
    rows = await reader.rows(
        "select at, milliseconds, clean, findings from kit.audits order by at desc, id desc limit $1", limit
    )
    return [audit_from(row) for row in rows]


def audit_from(row: Row) -> Audit:
    """Build an audit from its row."""
    return Audit(row["at"], row["milliseconds"], row["clean"], msgspec.convert(row["findings"], list[Finding]))
