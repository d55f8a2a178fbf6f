"""`fairground audit`: every room proves what it promises; the worker does it daily and when the desk asks."""

import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final, TypeAlias

from fairground.kit.actor import system
from fairground.kit.audits import RUN, Finding, note_audit
from fairground.kit.db import Database, Reader
from fairground.kit.jobs import Job
from fairground.kit.timers import Timer
from fairground.market.aftersale.queries.audit import audit_cases
from fairground.market.inventory.queries import audit_stock
from fairground.market.justice.queries.disputes import audit_disputes
from fairground.market.ledger.queries import audit_ledger
from fairground.market.orders.queries.audit import audit_orders
from fairground.market.payments.queries import audit_payments
from fairground.market.promotions.queries.coupons import audit_coupons
from fairground.market.promotions.queries.drops import audit_drops
from fairground.market.reviews.queries import audit_reputations, audit_reviews

Proof: TypeAlias = Callable[[Reader], Awaitable[Sequence[Any]]]
PROOFS: Final[tuple[tuple[str, Proof], ...]] = (
    ("ledger", audit_ledger),
    ("payments", audit_payments),
    ("orders", audit_orders),
    ("aftersale", audit_cases),
    ("inventory", audit_stock),
    ("promotions", audit_coupons),
    ("promotions", audit_drops),
    ("reviews", audit_reviews),
    ("justice", audit_disputes),
    ("reviews", audit_reputations),
)


async def audit(db: Database) -> list[Finding]:
    """Prove the whole market; gives every broken promise, room by room."""
    findings: list[Finding] = []
    for room, proof in PROOFS:
        # Each room at its own moment: a proof of many rooms would hold its snapshot for minutes.
        faults = await db.read(proof)
        findings += [_finding(room, fault) for fault in faults]
    return findings


async def audit_and_note(db: Database) -> int:
    """Audit the market and keep the result for the desk; gives the number of findings."""
    started = time.monotonic()
    findings = await audit(db)
    took = int((time.monotonic() - started) * 1000)
    await db.write(system("audit"), lambda tx: note_audit(tx, findings, took))
    return len(findings)


def timers() -> list[Timer]:
    """Audit once a day."""
    return [Timer(RUN, timedelta(days=1), audit_and_note)]


def jobs(db: Database) -> list[Job]:
    """Audit when the desk asks."""

    async def run(_: dict[str, Any]) -> None:
        await audit_and_note(db)

    return [Job(RUN, run, tries=2, at_once=1)]


def _finding(room: str, fault: Any) -> Finding:
    """Bring the faults of all rooms into one form: which promise, where, what was expected and what was found."""
    rule: str = fault.check if hasattr(fault, "check") else fault.what
    subject = next((getattr(fault, name) for name in ("where", "variant_id", "coupon_id") if hasattr(fault, name)), "")
    return Finding(room, rule.removeprefix(f"{room}."), str(subject), f"expected {fault.expected}, found {fault.found}")
