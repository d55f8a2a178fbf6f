"""What a decision teaches, without the persons: drafted by the machine, looked at by somebody, then public."""

from collections.abc import Sequence
from datetime import date
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from fairground.kit.db import Tx
from fairground.kit.errors import N_, NotSignedIn, invalid
from fairground.kit.i18n.words import DEFAULT, Language, gettext, known, speaking
from fairground.kit.ids import Id
from fairground.kit.place import Place
from fairground.kit.safe_text import clean_text
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.accounts.errors import StaffOnly
from fairground.market.accounts.model import PersonId
from fairground.market.accounts.policy import is_staff
from fairground.market.accounts.queries import get_person, map_people
from fairground.market.justice.errors import PrecedentDone, PrecedentNotFound
from fairground.market.justice.model.disputes import Dispute, DisputeId, Outcome, Ruling, Side, Statement
from fairground.market.justice.model.precedents import (
    TEXT_MOST,
    TITLE_MOST,
    Precedent,
    PrecedentId,
    PrecedentTexts,
    Source,
    check_texts,
)
from fairground.market.justice.model.redaction import Known, redact
from fairground.market.justice.queries.disputes import get_dispute, list_rulings, list_statements
from fairground.market.justice.queries.precedents import find_precedent, find_precedent_of, precedent_from
from fairground.market.orders.model import Order, OrderId
from fairground.market.orders.queries.orders import get_order
from fairground.market.shipping.queries import list_parcels
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import list_staff, map_shops

BECAUSE_MOST: Final = 500


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What a precedent is made of, before anything is taken out of its texts."""

    source: Source
    source_id: Id
    order_id: Id
    kind: str
    outcome: str
    decider: str
    claimed: int
    refund: int
    currency: str
    texts: PrecedentTexts


async def draft_from_dispute(tx: Tx, dispute_id: DisputeId) -> Precedent:
    """Draft the precedent of a dispute that ended; once, a second call gives the same one."""
    dispute = await get_dispute(tx, dispute_id)
    assert dispute.outcome is not None, "only what ended teaches something"
    order = await get_order(tx, OrderId(dispute.order_id))
    rulings = await list_rulings(tx, dispute_id)
    with speaking(_language_of(order)):
        texts = _texts_of(dispute, await list_statements(tx, dispute_id), rulings, dispute.outcome)
    return await write_draft(
        tx,
        Draft(
            source=Source.DISPUTE,
            source_id=dispute.id,
            order_id=dispute.order_id,
            kind=dispute.kind,
            outcome=dispute.outcome.value,
            decider=rulings[-1].decider.value if rulings else "parties",
            claimed=dispute.claimed,
            refund=dispute.refund,
            currency=dispute.currency,
            texts=texts,
        ),
    )


async def write_draft(tx: Tx, draft: Draft) -> Precedent:
    """Keep a draft with the persons taken out of its texts; one of the same source is left as it is."""
    found = await find_precedent_of(tx, draft.source_id)
    if found is not None:
        return found
    order = await get_order(tx, OrderId(draft.order_id))
    language = _language_of(order)
    known_ = await known_persons(tx, order)
    title, story, reasons = (
        redact(t, known_, language) for t in (draft.texts.title, draft.texts.story, draft.texts.reasons)
    )
    row = await tx.row(
        """
        insert into justice.precedents (bucket, id, source_id, source, kind, rule_key, outcome, decider, language,
               title, story, reasons, claimed, refund, currency, happened_on, made_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
        on conflict (bucket, source_id) do nothing returning *
        """,
        draft.source_id.bucket,
        tx.new_id(PrecedentId, draft.source_id.bucket),
        draft.source_id,
        draft.source.value,
        draft.kind,
        draft.texts.rule_key,
        draft.outcome,
        draft.decider,
        language,
        title[:TITLE_MOST],
        story[:TEXT_MOST],
        reasons[:TEXT_MOST],
        draft.claimed,
        draft.refund,
        draft.currency,
        _today(tx),
        tx.now,
    )
    if row is None:
        raise PrecedentDone
    return precedent_from(row)


async def known_persons(tx: Tx, order: Order) -> Known:
    """Gather what is known of the persons of an order: names, the address, all numbers they are known by."""
    shop_id = ShopId(order.shop_id)
    staff = [member.person_id for member in await list_staff(tx, shop_id)]
    people = await map_people(tx, [order.buyer_id, *staff])
    shop = (await map_shops(tx, [shop_id])).get(shop_id)
    parcels = await list_parcels(tx, order.id)
    address = order.address
    lines = [str(line) for line in address.get("lines") or ()]
    return Known(
        buyer=_named(people[order.buyer_id].name if order.buyer_id in people else "", address.get("name")),
        shop=_named(*((shop.name, shop.slug) if shop else ())),
        names=_named(*(people[i].name for i in staff if i in people)),
        address=_named(*lines, address.get("district"), address.get("postal_code"), address.get("city")),
        numbers=_named(
            order.shown_number, str(order.number), str(int(order.id)), address.get("phone"),
            *(parcel.tracking_number for parcel in parcels),
        ),
    )  # fmt: skip


async def publish_precedent(tx: Tx, precedent_id: PrecedentId, texts: PrecedentTexts) -> Precedent:
    """Publish a precedent with the texts as somebody of the staff has read and mended them.

    Raises:
        NotSignedIn, StaffOnly, PrecedentNotFound
        PrecedentDone: somebody has looked already.
        Invalid: a text is missing, or still looks like a person's.
    """
    found, person_id = await _as_reader(tx, precedent_id)
    texts = check_texts(texts, found.language)
    row = await tx.row(
        """
        update justice.precedents
           set state = 'published', title = $4, story = $5, reasons = $6, rule_key = $7, checked_by = $3,
               checked_at = $8, version = version + 1
         where bucket = $1 and id = $2 and state = 'draft' returning *
        """,
        precedent_id.bucket,
        precedent_id,
        person_id,
        texts.title,
        texts.story,
        texts.reasons,
        texts.rule_key,
        tx.now,
    )
    if row is None:
        raise PrecedentDone
    await log_deed(tx, "justice.published", precedent_id, texts.title)
    return precedent_from(row)


async def withhold_precedent(tx: Tx, precedent_id: PrecedentId, because: str) -> Precedent:
    """Keep a precedent back, or take a public one down: the persons would be known whatever is taken out.

    Raises:
        NotSignedIn, StaffOnly, PrecedentNotFound
        PrecedentDone: it is withheld already.
        Invalid: no reason (`/because`), or too long a one.
    """
    _, person_id = await _as_reader(tx, precedent_id)
    because = clean_text(because)
    if not because:
        raise invalid("/because", "required", N_("Please say why."))
    if len(because) > BECAUSE_MOST:
        raise invalid("/because", "too_long", N_("At most %(most)d characters."), most=BECAUSE_MOST)
    row = await tx.row(
        """
        update justice.precedents
           set state = 'withheld', withheld_because = $4, checked_by = $3, checked_at = $5, version = version + 1
         where bucket = $1 and id = $2 and state <> 'withheld' returning *
        """,
        precedent_id.bucket,
        precedent_id,
        person_id,
        because,
        tx.now,
    )
    if row is None:
        raise PrecedentDone
    await log_deed(tx, "justice.withheld", precedent_id, because)
    return precedent_from(row)


async def _as_reader(tx: Tx, precedent_id: PrecedentId) -> tuple[Precedent, Id]:
    person_id = tx.actor.person_id
    if person_id is None:
        raise NotSignedIn
    if not is_staff((await get_person(tx, PersonId(person_id))).staff_role):
        raise StaffOnly
    found = await find_precedent(tx, precedent_id)
    if found is None:
        raise PrecedentNotFound
    return found, person_id


def _texts_of(
    dispute: Dispute, statements: Sequence[Statement], rulings: Sequence[Ruling], outcome: Outcome
) -> PrecedentTexts:
    said = {Side.BUYER: gettext("The buyer said:"), Side.SHOP: gettext("The shop said:")}
    story = "\n\n".join(f"{said[s.side]} {s.words}" for s in statements)
    if dispute.appeal_words:
        story += "\n\n" + gettext("On appeal:") + " " + dispute.appeal_words
    reasons = "\n\n".join(gettext(r.reasons) if r.decider == "silence" else r.reasons for r in rulings)
    ended = {Outcome.SETTLED: gettext("The two agreed."), Outcome.WITHDRAWN: gettext("The buyer took it back.")}
    rule_key = rulings[-1].rule_key if rulings else ""
    return PrecedentTexts(title_of(dispute.kind), story.strip(), ended.get(outcome, reasons) or reasons, rule_key)


def title_of(kind: str) -> str:
    """Say what was claimed."""
    return {
        "refund": gettext("A refund was claimed"),
        "return": gettext("A return was claimed"),
        "exchange": gettext("An exchange was claimed"),
    }[kind]


def _named(*texts: str | None) -> tuple[str, ...]:
    return tuple(text for text in texts if text)


def _language_of(order: Order) -> Language:
    return known(order.language) or DEFAULT


def _today(tx: Tx) -> date:
    return tx.now.astimezone(ZoneInfo(tx.given(Place).time_zone)).date()
