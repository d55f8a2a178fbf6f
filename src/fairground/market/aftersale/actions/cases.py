"""A buyer opens a case."""

from datetime import timedelta

import asyncpg
import msgspec

from fairground.kit.db import Tx
from fairground.kit.errors import N_, NotSignedIn, invalid
from fairground.kit.events import publish
from fairground.kit.i18n.formats import zone
from fairground.kit.ids import Id
from fairground.kit.place import Place
from fairground.market.accounts.model import PersonId
from fairground.market.aftersale.actions.party import CaseParty
from fairground.market.aftersale.actions.step import Step, set_clocks, write_entries
from fairground.market.aftersale.errors import CaseOpenAlready, TooManyCases
from fairground.market.aftersale.events import opened
from fairground.market.aftersale.model import (
    AftersaleRules,
    Case,
    CaseDeed,
    CaseDraft,
    CaseId,
    CaseState,
    Side,
    bearer_for,
)
from fairground.market.aftersale.model.cases import time_to_answer
from fairground.market.aftersale.model.claims import (
    check_amount,
    check_kind,
    check_positions,
    check_window,
    check_words,
    most_of,
    stage_of,
)
from fairground.market.aftersale.model.moves import Next
from fairground.market.media.model import MediaId
from fairground.market.media.queries import map_pictures
from fairground.market.orders.actions.case_hold import hold_order
from fairground.market.orders.model import Order, OrderId
from fairground.market.orders.queries.orders import get_order, map_lines
from fairground.market.shipping.queries import map_packed


async def open_case(tx: Tx, order_id: OrderId, draft: CaseDraft) -> Case:
    """Claim something of an order, as its buyer; the shop's clock begins to run, silent receipt waits.

    Raises:
        NotSignedIn, OrderNotFound
        NothingToClaim, NothingSent, WindowOver, NoReasonOver, NoReasonExcluded: the order does not allow it.
        Invalid, ClaimTooHigh: lines, amount, words or pictures.
        CaseOpenAlready, TooManyCases
    """
    person_id, rules = tx.actor.person_id, tx.given(AftersaleRules)
    if person_id is None:
        raise NotSignedIn
    order = await get_order(tx, order_id, buyer_id=person_id)
    words = check_words(draft.words, draft.pictures, rules)
    await check_pictures(tx, person_id, draft.pictures)
    await _need_room(tx, order, rules)
    case = await _draw(tx, order, draft, rules)
    await _insert(tx, case)
    party = CaseParty(Side.BUYER, person_id)
    await write_entries(tx, party, [Step(Next(case), CaseDeed.OPEN, words, draft.pictures)])
    await set_clocks(tx, [case])
    await publish(tx, opened(case))
    return case


async def _draw(tx: Tx, order: Order, draft: CaseDraft, rules: AftersaleRules) -> Case:
    """Make the case, and hold the order for it."""
    stage = stage_of(order)
    lines = (await map_lines(tx, [order.id]))[order.id]
    positions = check_positions(lines, draft.positions)
    named = [line for line in lines if line.position in positions]
    check_kind(draft.kind, positions, await map_packed(tx, order.id))
    check_window(order, named, draft.reason, rules, tx.now, zone(tx.given(Place).time_zone))
    amount = check_amount(draft.amount, most_of(order, lines, positions, draft.reason))
    left = await hold_order(tx, order)
    case = Case(
        id=tx.new_id(CaseId, order.id.bucket),
        order_id=order.id,
        number=order.number,
        buyer_id=PersonId(order.buyer_id),
        shop_id=order.shop_id,
        kind=draft.kind,
        reason=draft.reason,
        state=CaseState.OPENED,
        version=1,
        positions=positions,
        amount=amount,
        currency=order.currency,
        stage=stage,
        bearer=bearer_for(draft.reason),
        revisions=0,
        goods_back=False,
        ruled=False,
        clock_left=left,
        return_address=None,
        parcel_id=None,
        replacement=None,
        refunded=0,
        outcome=None,
        opened_at=tx.now,
        due_at=None,
        end_by=tx.now + timedelta(days=rules.ends_days),
        ended_at=None,
        changed_at=tx.now,
    )
    within = time_to_answer(case, rules)
    assert within is not None, "an opened case waits for the shop"
    return msgspec.structs.replace(case, due_at=min(tx.now + within, case.end_by))


async def check_pictures(tx: Tx, person_id: Id, pictures: tuple[Id, ...]) -> None:
    """Refuse pictures that are not this person's own.

    Raises:
        Invalid: `/pictures`
    """
    known = await map_pictures(tx, pictures)
    if any(MediaId(picture) not in known or known[MediaId(picture)].owner_id != person_id for picture in pictures):
        raise invalid("/pictures", "media.not_found", N_("We could not find one of these pictures."))


async def _need_room(tx: Tx, order: Order, rules: AftersaleRules) -> None:
    """Limit floods: open cases, cases of a day, cases of one order."""
    row = await tx.row(
        """
        select count(*) filter (where ended_at is null)::int as open,
               count(*) filter (where opened_at > $3)::int as lately,
               count(*) filter (where order_id = $4)::int as of_order,
               max(id) filter (where order_id = $4 and ended_at is null) as current
          from aftersale.cases where bucket = $1 and buyer_id = $2
        """,
        order.id.bucket,
        order.buyer_id,
        tx.now - timedelta(days=1),
        order.id,
    )
    assert row is not None, "a count gives its row"
    if row["current"] is not None:
        raise CaseOpenAlready(case_id=str(row["current"]))
    limits = (("open", rules.open_most), ("lately", rules.opened_per_day_most), ("of_order", rules.of_order_most))
    for name, most in limits:
        if row[name] >= most:
            raise TooManyCases(most=most)


async def _insert(tx: Tx, case: Case) -> None:
    """Write the row; of two who open a case of one order at once, the second is refused by the index itself."""
    try:
        async with tx.savepoint():
            await tx.execute(
                """
                insert into aftersale.cases (bucket, id, order_id, number, buyer_id, shop_id, kind, reason, state,
                       positions, amount, currency, stage, bearer, clock_left, opened_at, due_at, end_by, changed_at)
                values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $16)
                """,
                case.id.bucket,
                case.id,
                case.order_id,
                case.number,
                case.buyer_id,
                case.shop_id,
                case.kind,
                case.reason,
                case.state,
                list(case.positions),
                case.amount,
                case.currency,
                case.stage,
                case.bearer,
                case.clock_left,
                case.opened_at,
                case.due_at,
                case.end_by,
            )
    except asyncpg.UniqueViolationError as trouble:
        raise CaseOpenAlready from trouble
