"""Makers of complaints: somebody whose right it is, a listing, a notice with a picture."""

import secrets
from typing import Any

from fairground.kit.actor import Actor, person
from fairground.kit.db import Database
from fairground.market.accounts.model import Person, PersonId
from fairground.market.catalog.model import Product
from fairground.market.justice.actions.complaint_rulings import appeal_complaint, decide_complaint
from fairground.market.justice.actions.complaints import counter_notice, give_notice
from fairground.market.justice.model.complaints import (
    Complaint,
    ComplaintDraft,
    ComplaintId,
    ComplaintKind,
    ComplaintSide,
)
from fairground.market.justice.queries.complaints import get_complaint
from fairground.market.media.actions import add_picture
from fairground.market.media.model import MediaId, StoredPicture
from tests.support.accounts import make_person


async def a_proof(db: Database, owner: PersonId, *, is_public: bool = False) -> MediaId:
    """Write the row of a private picture; nobody looks at the file here."""
    stored = StoredPicture(f"pictures/2026/06/18/0001-{secrets.token_hex(8)}", 10, 10, 10, secrets.token_bytes(32))
    return await db.write(person(owner), lambda tx: add_picture(tx, owner, stored, is_public=is_public))


def notice(*products: Product, kind: ComplaintKind = ComplaintKind.COUNTERFEIT, **more: Any) -> ComplaintDraft:
    """Say that listings break a right."""
    wish = {"owner": "Jingdezhen Kilns", "registration": "CN 1234567", "words": "Our mark is on it.", **more}
    return ComplaintDraft(kind, tuple(product.id for product in products), **wish)


async def complain(
    db: Database, *products: Product, who: Person | None = None, kind: ComplaintKind = ComplaintKind.COUNTERFEIT
) -> Complaint:
    """Let somebody complain."""
    complainant = (who or await make_person(db, "Owner of the right")).id
    proof = await a_proof(db, complainant)
    draft = notice(*products, kind=kind)
    return await db.write(person(complainant), lambda tx: give_notice(tx, complainant, draft, [proof]))


async def counter(db: Database, complaint: Complaint, who: PersonId, words: str = "We make it.") -> Complaint:
    """Let the shop answer."""
    return await db.write(person(who), lambda tx: counter_notice(tx, complaint.id, words))


async def decide(
    db: Database, complaint: Complaint, clerk: Actor, *, upheld: bool, reason: str = "The mark is theirs."
) -> Complaint:
    """Let the desk decide."""
    return await db.write(clerk, lambda tx: decide_complaint(tx, complaint.id, upheld=upheld, reason=reason))


async def appeal(db: Database, complaint: Complaint, who: PersonId, side: ComplaintSide) -> Complaint:
    """Let who lost appeal."""
    return await db.write(person(who), lambda tx: appeal_complaint(tx, complaint.id, side, "Look at the seal."))


async def complaint_now(db: Database, complaint_id: ComplaintId) -> Complaint:
    """Read a complaint again."""
    return await db.read(lambda reader: get_complaint(reader, complaint_id))


async def rows_of_complaints(db: Database) -> list[tuple[Any, ...]]:
    """Read all that a complaint leaves behind, to show that nothing changed."""
    found: list[tuple[Any, ...]] = []
    async with db.reader() as reader:
        found += [tuple(r) for r in await reader.rows("select * from justice.complaints order by 1, 2")]
        found += [tuple(r) for r in await reader.rows("select * from justice.proofs order by 1, 2")]
        found += [tuple(r) for r in await reader.rows("select * from justice.strikes order by 1, 2, 3")]
        found += [tuple(r) for r in await reader.rows("select * from justice.complaint_records order by 1, 2, 3")]
        found += [tuple(r) for r in await reader.rows("select * from catalog.holds order by 1, 2, 3")]
    return found
