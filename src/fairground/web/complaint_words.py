"""A complaint as pages tell it: states and kinds in words, one timeline for everybody, what comes next and when."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request

from fairground.kit.db import Database
from fairground.kit.errors import N_, invalid
from fairground.kit.http.forms import read_files
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.kit.images import PictureTrouble
from fairground.kit.storage import Storage
from fairground.market.justice.model.complaints import (
    WITHDRAWABLE,
    Complaint,
    ComplaintKind,
    ComplaintRules,
    ComplaintSide,
    ComplaintState,
    may_appeal_now,
    may_counter,
)
from fairground.market.media.actions import store_picture
from fairground.market.media.model import MediaId, StoredPicture
from fairground.market.shops.model import ShopCard
from fairground.web.cards import Entry

KINDS: Final = {
    ComplaintKind.COUNTERFEIT: N_("A counterfeit"),
    ComplaintKind.TRADEMARK: N_("A trademark"),
    ComplaintKind.COPYRIGHT: N_("A copyright: words, pictures, drawings"),
    ComplaintKind.PATENT: N_("A patent or a registered design"),
}
STATES: Final = {
    ComplaintState.OPENED: ("mind", N_("The shop may answer")),
    ComplaintState.CHECKING: ("mind", N_("The desk decides")),
    ComplaintState.UPHELD: ("bad", N_("Upheld: off sale")),
    ComplaintState.REJECTED: ("ok", N_("Rejected: it may be sold")),
    ComplaintState.APPEALED: ("mind", N_("Appealed: somebody else decides")),
    ComplaintState.WITHDRAWN: ("", N_("Taken back")),
    ComplaintState.LAPSED: ("", N_("Lapsed")),
}
NEXT: Final = {
    ComplaintState.OPENED: N_("Without an answer of the shop by then, the listings are taken off sale."),
    ComplaintState.CHECKING: N_("The desk decides by then; if it does not, the complaint lapses and harms nobody."),
    ComplaintState.APPEALED: N_("Somebody who did not decide it before decides by then; else the decision stands."),
    ComplaintState.UPHELD: N_("The shop may appeal until then; somebody else would decide."),
    ComplaintState.REJECTED: N_("The complainant may appeal until then; somebody else would decide."),
}


class ComplaintView(msgspec.Struct, frozen=True):
    """A complaint as one side sees it."""

    complaint: Complaint
    shop: ShopCard
    kind: str
    state: tuple[str, str]  # kind of the badge, words
    listings: list[tuple[str, str]]  # address, title
    entries: list[Entry]
    next_at: datetime | None
    next: str
    theirs: list[MediaId]  # proofs of the complainant
    shops: list[MediaId]
    may_withdraw: bool
    may_counter: bool
    may_appeal: bool


def complaint_view(
    complaint: Complaint,
    shop: ShopCard,
    side: ComplaintSide | None,
    now: datetime,
    proofs: list[tuple[MediaId, ComplaintSide]] | None = None,
) -> ComplaintView:
    """Tell a complaint to one side, or to the desk with None."""
    kind, words = STATES[complaint.state]
    brought = proofs or []
    next_at = _next_at(complaint, now)
    return ComplaintView(
        complaint,
        shop,
        gettext(KINDS[complaint.kind]),
        (kind, gettext(words)),
        [(f"/p/{i}", title) for i, title in zip(complaint.product_ids, complaint.titles, strict=True)],
        _entries(complaint),
        next_at,
        "" if next_at is None else gettext(NEXT[complaint.state]),
        [media_id for media_id, who in brought if who is ComplaintSide.COMPLAINANT],
        [media_id for media_id, who in brought if who is ComplaintSide.SHOP],
        side is ComplaintSide.COMPLAINANT and complaint.state in WITHDRAWABLE,
        side is ComplaintSide.SHOP and may_counter(complaint, now),
        side is not None and may_appeal_now(complaint, side, now),
    )


def _next_at(complaint: Complaint, now: datetime) -> datetime | None:
    if complaint.state is ComplaintState.OPENED:
        return complaint.counter_by
    if complaint.decide_by is not None:
        return complaint.decide_by
    open_appeal = complaint.loser is not None and complaint.appealed_at is None
    return complaint.appeal_by if open_appeal and complaint.appeal_by and now < complaint.appeal_by else None


def _entries(complaint: Complaint) -> list[Entry]:
    made = gettext("Complained; off sale while it is checked") if complaint.is_fast else gettext("Complained")
    steps: list[tuple[str, datetime | None, str]] = [(made, complaint.made_at, complaint.words)]
    steps.append((gettext("The shop answers"), complaint.countered_at, complaint.counter_words))
    upheld = complaint.first_upheld if complaint.appealed_at else complaint.state is ComplaintState.UPHELD
    decided = gettext("Upheld") if upheld else gettext("Rejected")
    if complaint.appealed_at is None:
        steps.append((decided, complaint.decided_at, gettext(complaint.reason) if complaint.reason else ""))
    else:
        steps += _appeal(complaint, decided)
    if complaint.state in {ComplaintState.WITHDRAWN, ComplaintState.LAPSED}:
        steps.append((gettext(STATES[complaint.state][1]), complaint.closed_at, ""))
    told = [(text, at, note) for text, at, note in steps if at is not None]
    entries = [Entry(text=text, at=at, note=note, now=i == len(told)) for i, (text, at, note) in enumerate(told, 1)]
    return entries[::-1]  # the newest first


def _appeal(complaint: Complaint, first: str) -> list[tuple[str, datetime | None, str]]:
    last = gettext("Upheld in the end") if complaint.state is ComplaintState.UPHELD else gettext("Rejected in the end")
    reason = gettext(complaint.reason) if complaint.reason else ""
    return [
        (first, complaint.appealed_at, ""),
        (gettext("An appeal was made"), complaint.appealed_at, complaint.appeal_words),
        (last, complaint.closed_at, reason),
    ]


async def store_proofs(
    request: Request[Any, Any, Any], db: Database, storage: Storage, owner_id: Id
) -> list[StoredPicture]:
    """Put the pictures of a form into the storage, before the transaction; those that get no row are swept away.

    Raises:
        Invalid: too many, or one is no picture (`/pictures`).
    """
    most = db.given(ComplaintRules).proofs_most
    files = await read_files(request, "pictures", at_most=99)
    if len(files) > most:
        raise invalid("/pictures", "too_many", N_("At most %(most)d pictures."), most=most)
    stored = []
    for _, data in files:
        try:
            stored.append(await store_picture(storage, owner_id, data, db.clock.now()))
        except PictureTrouble as trouble:
            raise invalid("/pictures", trouble.code, trouble.message, **trouble.params) from trouble
    return stored
