"""Complain of a listing that breaks a right; the shop's counter-notice; taking a complaint back."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from fairground.kit.db import Row, Tx
from fairground.kit.deadlines import clear_deadlines, set_deadline
from fairground.kit.errors import N_, Findings
from fairground.kit.events import publish
from fairground.kit.place import Place
from fairground.kit.rate_limit import RateScale
from fairground.kit.safe_text import clean_line, clean_text
from fairground.market.accounts.model import PersonId
from fairground.market.accounts.queries import get_person
from fairground.market.catalog.actions.holding import hold_product, release_product
from fairground.market.catalog.model import ProductCard, ProductId
from fairground.market.catalog.queries import map_product_cards
from fairground.market.justice.errors import (
    ComplaintInWrongState,
    ComplaintNotFound,
    EmailUnconfirmed,
    TooManyComplaints,
)
from fairground.market.justice.events import ComplaintCountered, ComplaintMade, ComplaintWithdrawn
from fairground.market.justice.model.complaints import (
    WITHDRAWABLE,
    Complaint,
    ComplaintDraft,
    ComplaintId,
    ComplaintRules,
    ComplaintSide,
    after_working_days,
    may_counter,
)
from fairground.market.justice.queries.complaints import (
    complaint_from,
    count_complaints_of,
    get_complaint,
    has_fast_lane,
)
from fairground.market.media.model import MediaId
from fairground.market.media.queries import map_pictures
from fairground.market.shops.actions.doors import enter
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_manage_goods
from fairground.market.shops.queries import role_in

A_WHILE = 3600  # seconds
COUNTER_DUE = "justice.counter_due"
LAPSES = "justice.complaint_lapses"
SILENCE_REMOVES = N_("Without a counter-notice by then the listings are removed.")
DESK_IS_LATE = N_("If the desk has not decided by then, the complaint lapses, or what was decided first stands.")
HELD = N_("A complaint about somebody's right is being checked.")


async def give_notice(
    tx: Tx, complainant_id: PersonId, draft: ComplaintDraft, proofs: Sequence[MediaId] = ()
) -> Complaint:
    """Complain that listings of one shop break a right; in the fast lane they are off sale while it is checked.

    `proofs` are private pictures of the complainant.

    Raises:
        EmailUnconfirmed, TooManyComplaints
        Invalid: names every wrong field.
    """
    if not (await get_person(tx, complainant_id)).is_verified:
        raise EmailUnconfirmed
    await _check_flood(tx, complainant_id)
    rules = tx.given(ComplaintRules)
    draft, cards = await _checked(tx, complainant_id, draft, proofs, rules)
    shop_id = cards[0].shop_id
    fast = await has_fast_lane(tx, complainant_id)
    complaint = await _insert(tx, complainant_id, draft, cards, fast=fast)
    await add_proofs(tx, complaint, complainant_id, ComplaintSide.COMPLAINANT, proofs)
    await _keep_record(tx, complaint)
    if fast:
        await hold_listings(tx, complaint)
    await set_deadline(tx, COUNTER_DUE, complaint.id, complaint.counter_by, SILENCE_REMOVES)
    await publish(
        tx,
        ComplaintMade(
            complaint_id=complaint.id,
            shop_id=shop_id,
            complainant_id=complainant_id,
            counter_by=complaint.counter_by,
            is_fast=fast,
            version=complaint.version,
        ),
    )
    return complaint


async def _check_flood(tx: Tx, complainant_id: PersonId) -> None:
    rules, scale = tx.given(ComplaintRules), tx.given(RateScale).scale
    still_open, today = await count_complaints_of(tx, complainant_id, tx.now - timedelta(days=1))
    if still_open >= rules.open_most * scale or today >= rules.a_day * scale:
        raise TooManyComplaints(retry_after=A_WHILE, open=rules.open_most, day=rules.a_day)


async def _checked(
    tx: Tx, complainant_id: PersonId, draft: ComplaintDraft, proofs: Sequence[MediaId], rules: ComplaintRules
) -> tuple[ComplaintDraft, list[ProductCard]]:
    findings = Findings()
    owner, number, words = clean_line(draft.owner), clean_line(draft.registration), clean_text(draft.words)
    findings.check(bool(owner), "/owner", "required", N_("Whose right is it? Please write the name."))
    findings.check(len(owner) <= 200, "/owner", "too_long", N_("At most %(most)d characters."), most=200)
    findings.check(len(number) <= 200, "/registration", "too_long", N_("At most %(most)d characters."), most=200)
    findings.check(bool(words), "/words", "required", N_("Please say what is wrong with the listing."))
    _check_length(findings, words, rules)
    await check_proofs(tx, findings, complainant_id, proofs)
    findings.check(bool(proofs), "/pictures", "required", N_("Please show at least one picture that proves the right."))
    cards = await _listings(tx, findings, complainant_id, draft.product_ids, rules)
    findings.raise_any()
    ids = tuple(card.id for card in cards)
    return ComplaintDraft(draft.kind, ids, owner, number, words), cards


def _check_length(findings: Findings, words: str, rules: ComplaintRules) -> None:
    findings.check(
        len(words) <= rules.words_most, "/words", "too_long", N_("At most %(most)d characters."), most=rules.words_most
    )


async def _listings(
    tx: Tx, findings: Findings, complainant_id: PersonId, wanted: Sequence[ProductId], rules: ComplaintRules
) -> list[ProductCard]:
    """Find what is complained of: on sale, of one shop, and not of the complainant's own."""
    ids = list(dict.fromkeys(wanted))
    many = len(ids) > rules.listings_most
    findings.check(
        not many, "/listings", "too_many", N_("At most %(most)d listings at once."), most=rules.listings_most
    )
    found = {} if many else await map_product_cards(tx, ids)
    cards = [found[i] for i in ids if i in found and found[i].on_sale]
    if not findings.check(
        bool(ids) and len(cards) == len(ids), "/listings", "unknown", N_("We do not find one of these on sale.")
    ):
        return cards
    shops = {card.shop_id for card in cards}
    if findings.check(
        len(shops) == 1, "/listings", "shops", N_("Please write one complaint for each shop.")
    ) and await role_in(tx, cards[0].shop_id, complainant_id):
        findings.add("/listings", "own", N_("This is your own shop's listing."))
    return cards


async def check_proofs(tx: Tx, findings: Findings, owner_id: PersonId, proofs: Sequence[MediaId]) -> None:
    """Note proofs that are not somebody's own private pictures: shown to all, somebody else's, deleted, made up."""
    most = tx.given(ComplaintRules).proofs_most
    findings.check(len(proofs) <= most, "/pictures", "too_many", N_("At most %(most)d pictures."), most=most)
    known = await map_pictures(tx, proofs[:most])
    good = all(i in known and known[i].owner_id == owner_id and not known[i].is_public for i in proofs[:most])
    used = await tx.value(
        """
        select count(*) from justice.proofs p
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on p.bucket = t.b and p.media_id = t.i
        """,
        [i.bucket for i in proofs],
        list(proofs),
    )
    findings.check(
        good and not used and len(set(proofs)) == len(proofs),
        "/pictures",
        "unknown",
        N_("We do not know one of these pictures."),
    )


async def add_proofs(
    tx: Tx, complaint: Complaint, owner_id: PersonId, side: ComplaintSide, proofs: Sequence[MediaId]
) -> None:
    """Put checked pictures into the file."""
    if proofs:
        await tx.execute(
            """
            insert into justice.proofs (bucket, media_id, complaint_id, shop_id, complainant_id, side)
            select $1, i, $2, $3, $4, $5 from unnest($6::bigint[]) as t(i)
            """,
            owner_id.bucket,
            complaint.id,
            complaint.shop_id,
            complaint.complainant_id,
            side,
            list(proofs),
        )


async def _insert(
    tx: Tx, complainant_id: PersonId, draft: ComplaintDraft, cards: Sequence[ProductCard], *, fast: bool
) -> Complaint:
    rules, shop_id = tx.given(ComplaintRules), cards[0].shop_id
    complaint_id = tx.new_id(ComplaintId, shop_id.bucket)
    row = await tx.row(
        """
        insert into justice.complaints (bucket, id, shop_id, complainant_id, kind, owner, registration, words,
               product_ids, titles, state, is_fast, made_at, counter_by)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 'opened', $11, $12, $13) returning *
        """,
        complaint_id.bucket,
        complaint_id,
        shop_id,
        complainant_id,
        draft.kind,
        draft.owner,
        draft.registration,
        draft.words,
        list(draft.product_ids),
        [card.title for card in cards],
        fast,
        tx.now,
        after_working_days(tx.now, rules.counter_working_days, ZoneInfo(tx.given(Place).time_zone)),
    )
    assert row is not None
    return complaint_from(row)


async def _keep_record(tx: Tx, complaint: Complaint) -> None:
    await tx.execute(
        """
        insert into justice.complaint_records (bucket, person_id, complaint_id, made_at) values ($1, $2, $3, $4)
        """,
        complaint.complainant_id.bucket,
        complaint.complainant_id,
        complaint.id,
        tx.now,
    )


async def hold_listings(tx: Tx, complaint: Complaint) -> None:
    """Keep the listings off sale for the complaint's sake; in the order of their ids, so that two do not lock."""
    for product_id in sorted(complaint.product_ids):
        await hold_product(tx, product_id, complaint.id, HELD)


async def release_listings(tx: Tx, complaint: Complaint) -> None:
    """Let the listings go again."""
    for product_id in sorted(complaint.product_ids):
        await release_product(tx, product_id, complaint.id)


async def counter_notice(tx: Tx, complaint_id: ComplaintId, words: str, proofs: Sequence[MediaId] = ()) -> Complaint:
    """Answer a complaint as the shop, once, before the deadline; the desk decides then.

    Raises:
        ComplaintNotFound: also for those who do not work there.
        RoleTooSmall, ShopClosed
        ComplaintInWrongState: it was answered, decided, taken back, or the time is over.
        Invalid: there are no words, or a picture is not the writer's own.
    """
    complaint = await get_complaint(tx, complaint_id)
    await enter_as_shop(tx, complaint)
    words, findings, rules = clean_text(words), Findings(), tx.given(ComplaintRules)
    findings.check(bool(words), "/words", "required", N_("Please say why the listing is right."))
    _check_length(findings, words, rules)
    assert tx.actor.person_id is not None, "a person of the shop answers"
    who = PersonId(tx.actor.person_id)
    await check_proofs(tx, findings, who, proofs)
    findings.raise_any()
    if not may_counter(complaint, tx.now):
        raise ComplaintInWrongState
    row = await tx.row(
        """
        update justice.complaints
           set state = 'checking', counter_words = $3, countered_by = $4, countered_at = $5, decide_by = $6,
               version = version + 1
         where bucket = $1 and id = $2 and state = 'opened' and counter_by > $5 returning *
        """,
        complaint_id.bucket,
        complaint_id,
        words,
        who,
        tx.now,
        tx.now + timedelta(days=rules.decide_days),
    )
    complaint = _moved(row)
    await add_proofs(tx, complaint, who, ComplaintSide.SHOP, proofs)
    await clear_deadlines(tx, [complaint_id], COUNTER_DUE)
    assert complaint.decide_by is not None
    await set_deadline(tx, LAPSES, complaint_id, complaint.decide_by, DESK_IS_LATE)
    await publish(tx, ComplaintCountered(**facts_of(complaint)))
    return complaint


async def withdraw_complaint(tx: Tx, complainant_id: PersonId, complaint_id: ComplaintId) -> Complaint:
    """Take a complaint back before it is decided; what was off sale for it comes back.

    Raises:
        ComplaintNotFound: it is somebody else's.
        ComplaintInWrongState: it was decided.
    """
    await get_complaint(tx, complaint_id, complainant_id=complainant_id)
    row = await tx.row(
        """
        update justice.complaints set state = 'withdrawn', closed_at = $3, decide_by = null, version = version + 1
         where bucket = $1 and id = $2 and state = any($4) returning *
        """,
        complaint_id.bucket,
        complaint_id,
        tx.now,
        list(WITHDRAWABLE),
    )
    complaint = _moved(row)
    await release_listings(tx, complaint)
    await clear_deadlines(tx, [complaint_id], COUNTER_DUE, LAPSES)
    await publish(tx, ComplaintWithdrawn(**facts_of(complaint)))
    return complaint


async def enter_as_shop(tx: Tx, complaint: Complaint) -> None:
    """Let only those go on who manage goods in the shop complained of.

    Raises:
        ComplaintNotFound, RoleTooSmall, ShopClosed
    """
    who = tx.actor.person_id
    if who is None or await role_in(tx, complaint.shop_id, who) is None:
        raise ComplaintNotFound
    await enter(tx, ShopId(complaint.shop_id), may_manage_goods)


def facts_of(complaint: Complaint) -> dict[str, Any]:
    """Give what every event of a complaint tells."""
    return {
        "complaint_id": complaint.id,
        "shop_id": complaint.shop_id,
        "complainant_id": complaint.complainant_id,
        "version": complaint.version,
    }


def _moved(row: Row | None) -> Complaint:
    if row is None:
        raise ComplaintInWrongState
    return complaint_from(row)
