"""Answers in a case: one function for each, and evidence."""

from datetime import datetime

import msgspec

from fairground.kit.db import Tx
from fairground.kit.ids import Id
from fairground.market.aftersale.actions.cases import check_pictures
from fairground.market.aftersale.actions.party import CaseParty, lock_case, need_side, party_of
from fairground.market.aftersale.actions.settling import return_address_of
from fairground.market.aftersale.actions.step import Step, take_steps, write_entries
from fairground.market.aftersale.errors import (
    AnswerTooLate,
    CaseInWrongState,
    NoMoreRevisions,
    NoReturnAddress,
    TooMuchEvidence,
)
from fairground.market.aftersale.model import (
    GOODS_BACK,
    AftersaleRules,
    Answer,
    Case,
    CaseDeed,
    CaseId,
    CaseState,
    Outcome,
    Revision,
    may_answer,
    moves,
)
from fairground.market.aftersale.model.claims import check_amount, check_kind, check_words, most_of, stage_of
from fairground.market.aftersale.model.moves import Next
from fairground.market.aftersale.queries.cases import count_evidence
from fairground.market.orders.queries.orders import get_order, map_lines
from fairground.market.shipping.actions.parcels import add_parcel, check_draft
from fairground.market.shipping.model import ParcelDraft, ParcelLine
from fairground.market.shipping.queries import map_packed


class Said(msgspec.Struct, frozen=True):
    """What comes with an answer: words, pictures, and where goods are sent, carrier and number of the parcel."""

    words: str = ""
    pictures: tuple[Id, ...] = ()
    carrier: str | None = None
    tracking_number: str | None = None


NOTHING_SAID = Said()


async def answer_case(
    tx: Tx, case_id: CaseId, answer: Answer, said: Said = NOTHING_SAID, revision: Revision | None = None
) -> Case:
    """Give any answer; see the function of each for what it needs.

    Raises:
        NotSignedIn, CaseNotFound, NotYourAnswer, CaseInWrongState, AnswerTooLate
        Invalid: what came with it.
    """
    if answer is Answer.REVISE:
        changes = revision or Revision()
        return await revise_case(tx, case_id, msgspec.structs.replace(changes, words=changes.words or said.words))
    if answer is Answer.AGREE:
        return await agree_case(tx, case_id, said)
    if answer is Answer.RETURN_SHIPPED:
        return await ship_return(tx, case_id, said)
    if answer is Answer.REPLACEMENT_SENT:
        return await send_replacement(tx, case_id, said)
    plain = {
        Answer.REFUSE: refuse_case,
        Answer.WITHDRAW: withdraw_case,
        Answer.RETURN_RECEIVED: receive_return,
        Answer.RETURN_REFUSED: refuse_return,
        Answer.ESCALATE: escalate_case,
    }
    return await plain[answer](tx, case_id, said)


async def agree_case(tx: Tx, case_id: CaseId, said: Said = NOTHING_SAID) -> Case:
    """Say yes, as the shop: the money goes back, or the goods come back first to the shop's return address.

    Raises:
        NoReturnAddress: the shop has none yet.
    """
    case, party, words = await _begin(tx, case_id, Answer.AGREE, said)
    address = await return_address_of(tx, case)
    if address is None and case.kind in GOODS_BACK and not case.goods_back:
        raise NoReturnAddress
    return await _take(tx, party, Answer.AGREE, moves.agree(case, tx.now, _rules(tx), address), said, words)


async def refuse_case(tx: Tx, case_id: CaseId, said: Said) -> Case:
    """Say no, as the shop, and why."""
    case, party, words = await _begin(tx, case_id, Answer.REFUSE, said, needed=True)
    done = Next(moves.move(case, CaseState.REFUSED, tx.now, _rules(tx)))
    return await _take(tx, party, Answer.REFUSE, done, said, words)


async def revise_case(tx: Tx, case_id: CaseId, revision: Revision) -> Case:
    """Claim something else, as the buyer, after a refusal.

    Raises:
        NoMoreRevisions
        NothingToClaim, NothingSent, ClaimTooHigh: as for a new claim.
    """
    said, rules = Said(revision.words, revision.pictures), _rules(tx)
    case, party, words = await _begin(tx, case_id, Answer.REVISE, said)
    if case.revisions >= rules.revisions_most:
        raise NoMoreRevisions(most=rules.revisions_most)
    kind, reason = revision.kind or case.kind, revision.reason or case.reason
    order = await get_order(tx, case.order_id)
    stage = stage_of(order)
    lines = (await map_lines(tx, [order.id]))[order.id]
    check_kind(kind, case.positions, await map_packed(tx, order.id), is_back=case.goods_back)
    wished = case.amount if revision.amount is None else revision.amount
    most = most_of(order, lines, case.positions, reason)
    amount = check_amount(min(wished, most) if revision.amount is None else wished, most)
    anew = msgspec.structs.replace(case, stage=stage)
    done = moves.revise(anew, tx.now, rules, kind=kind, reason=reason, amount=amount)
    return await _take(tx, party, Answer.REVISE, done, said, words)


async def withdraw_case(tx: Tx, case_id: CaseId, said: Said = NOTHING_SAID) -> Case:
    """Claim nothing any more, as the buyer; the order goes on."""
    case, party, words = await _begin(tx, case_id, Answer.WITHDRAW, said)
    done = moves.close(case, tx.now, _rules(tx), Outcome.WITHDRAWN)
    return await _take(tx, party, Answer.WITHDRAW, done, said, words)


async def ship_return(tx: Tx, case_id: CaseId, said: Said) -> Case:
    """Send the goods back, as the buyer, with a carrier and a number that both sides can follow.

    Raises:
        Invalid: an unknown carrier, or a number that cannot be one (`/carrier`, `/tracking_number`).
    """
    case, party, words = await _begin(tx, case_id, Answer.RETURN_SHIPPED, said)
    lines = (await map_lines(tx, [case.order_id]))[case.order_id]
    packing = tuple(ParcelLine(Id(o.position), o.quantity, o.quantity) for o in lines if o.position in case.positions)
    # A parcel of the case, not of the order: it goes the other way.
    parcel = await add_parcel(
        tx, ParcelDraft(case.id, case.shop_id, packing, said.carrier or "", said.tracking_number or "")
    )
    done = moves.post_return(case, tx.now, _rules(tx), parcel.id)
    return await _take(tx, party, Answer.RETURN_SHIPPED, done, said, words)


async def receive_return(tx: Tx, case_id: CaseId, said: Said = NOTHING_SAID) -> Case:
    """Confirm, as the shop, that the goods are back and sound: the money goes back, or a replacement is owed."""
    case, party, words = await _begin(tx, case_id, Answer.RETURN_RECEIVED, said)
    done = moves.receive_return(case, tx.now, _rules(tx))
    return await _take(tx, party, Answer.RETURN_RECEIVED, done, said, words)


async def refuse_return(tx: Tx, case_id: CaseId, said: Said) -> Case:
    """Say, as the shop, that what came back is not as it should be, and why."""
    case, party, words = await _begin(tx, case_id, Answer.RETURN_REFUSED, said, needed=True)
    done = Next(moves.move(case, CaseState.RETURN_REFUSED, tx.now, _rules(tx)))
    return await _take(tx, party, Answer.RETURN_REFUSED, done, said, words)


async def send_replacement(tx: Tx, case_id: CaseId, said: Said) -> Case:
    """Send the replacement, as the shop; the exchange is done.

    Raises:
        Invalid: an unknown carrier, or a number that cannot be one.
    """
    case, party, words = await _begin(tx, case_id, Answer.REPLACEMENT_SENT, said)
    line = ParcelLine(Id(1), 1, 1)
    carrier, number = check_draft(
        ParcelDraft(case.id, case.shop_id, (line,), said.carrier or "", said.tracking_number or "")
    )
    sent = {"carrier": carrier or "", "tracking_number": number or ""}
    exchanged = moves.move(case, CaseState.EXCHANGED, tx.now, _rules(tx), outcome=Outcome.EXCHANGED, replacement=sent)
    return await _take(tx, party, Answer.REPLACEMENT_SENT, Next(exchanged), said, words)


async def escalate_case(tx: Tx, case_id: CaseId, said: Said = NOTHING_SAID) -> Case:
    """Ask the market to decide, as the buyer, after a refusal."""
    case, party, words = await _begin(tx, case_id, Answer.ESCALATE, said)
    done = Next(moves.move(case, CaseState.ESCALATED, tx.now, _rules(tx)))
    return await _take(tx, party, Answer.ESCALATE, done, said, words)


async def add_evidence(tx: Tx, case_id: CaseId, words: str = "", pictures: tuple[Id, ...] = ()) -> Case:
    """Add words and private pictures to an open case, as one of its sides.

    Raises:
        NotSignedIn, CaseNotFound, NotYourAnswer, CaseInWrongState
        Invalid: nothing at all, too long, too many, or not this person's pictures.
        TooMuchEvidence
    """
    case, rules = await lock_case(tx, case_id), _rules(tx)
    party = await party_of(tx, case)
    if not case.is_open:
        raise CaseInWrongState(state=str(case.state))
    said = Said(check_words(words, pictures, rules, needed=not pictures), pictures)
    assert party.person_id is not None, "somebody is signed in"
    await check_pictures(tx, party.person_id, pictures)
    if await count_evidence(tx, case_id, party.side) >= rules.evidence_most:
        raise TooMuchEvidence(most=rules.evidence_most)
    await write_entries(tx, party, [Step(Next(case), CaseDeed.EVIDENCE, said.words, pictures)])
    return case


async def _begin(
    tx: Tx, case_id: CaseId, answer: Answer, said: Said, *, needed: bool = False
) -> tuple[Case, CaseParty, str]:
    """Lock the case and see that this is the side, the state and the time for an answer."""
    case = await lock_case(tx, case_id)
    party = await party_of(tx, case)
    need_side(party, answer)
    if not may_answer(case, answer, party.side):
        raise CaseInWrongState(state=str(case.state))
    _need_time(case, tx.now)
    words = check_words(said.words, said.pictures, _rules(tx), needed=needed)
    assert party.person_id is not None, "somebody is signed in"
    await check_pictures(tx, party.person_id, said.pictures)
    return case, party, words


def _need_time(case: Case, now: datetime) -> None:
    """A second too late is too late, also where the sweep has not come round yet."""
    if now >= case.falls_due:
        raise AnswerTooLate


async def _take(tx: Tx, party: CaseParty, answer: Answer, done: Next, said: Said, words: str) -> Case:
    return (await take_steps(tx, party, [Step(done, answer, words, said.pictures)]))[0]


def _rules(tx: Tx) -> AftersaleRules:
    return tx.given(AftersaleRules)
