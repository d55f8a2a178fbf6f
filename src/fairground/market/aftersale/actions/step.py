"""What all steps of cases share, any number at once: rows, history, money, the clocks, the news."""

from collections.abc import Sequence

import msgspec

from fairground.kit.db import Tx
from fairground.kit.deadlines import Deadline, clear_deadlines, set_deadlines
from fairground.kit.errors import N_
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.market.aftersale.actions.party import CaseParty
from fairground.market.aftersale.events import moved
from fairground.market.aftersale.model import SILENCE, AftersaleRules, Answer, Case, CaseDeed, CaseId, CaseState
from fairground.market.aftersale.model.moves import Next
from fairground.market.orders.actions.case_hold import LetGo, change_holds, let_go
from fairground.market.orders.actions.refund_case import refund_for_cases
from fairground.market.orders.model import CaseHold, CaseRefund

REASONS = {
    CaseState.OPENED: N_("The shop has not answered."),
    CaseState.AGREED: N_("The buyer has not sent the goods back."),
    CaseState.RETURN_SHIPPED: N_("The shop has not confirmed the return."),
    CaseState.RETURN_RECEIVED: N_("The shop has not sent the replacement."),
    CaseState.REFUSED: N_("The buyer has not answered the refusal."),
    CaseState.RETURN_REFUSED: N_("The buyer has not answered the refusal."),
    CaseState.ESCALATED: N_("The case has to end by then."),
}
REFUNDED = N_("Refunded after an after-sale case.")


class Step(msgspec.Struct, frozen=True):
    """One step of one case. `words` and `pictures` are what was said with it."""

    next: Next
    deed: Answer | CaseDeed
    words: str = ""
    pictures: tuple[Id, ...] = ()


async def take_steps(tx: Tx, party: CaseParty, steps: Sequence[Step]) -> list[Case]:
    """Write steps of locked cases with all that follows from them; gives the cases as they stand."""
    if not steps:
        return []
    steps = await _pay(tx, steps)
    cases = [step.next.case for step in steps]
    await _save(tx, cases)
    await write_entries(tx, party, steps)
    await _hold_orders(tx, cases)
    await set_clocks(tx, cases)
    answers = [step.deed if isinstance(step.deed, Answer) else None for step in steps]
    await publish(tx, *[moved(case, party.side, answer) for case, answer in zip(cases, answers, strict=True)])
    return cases


async def _pay(tx: Tx, steps: Sequence[Step]) -> list[Step]:
    """Refund what the steps pay; what was left of the order in the meantime may be less than what was claimed."""
    paying = [step.next for step in steps if step.next.pays]
    paid = await refund_for_cases(tx, [_wish(one) for one in paying])
    result = []
    for step in steps:
        case = step.next.case
        if step.next.pays:
            case = msgspec.structs.replace(case, refunded=paid.get(case.order_id, 0))
        result.append(msgspec.structs.replace(step, next=msgspec.structs.replace(step.next, case=case)))
    return result


def _wish(one: Next) -> CaseRefund:
    case = one.case
    return CaseRefund(
        case.order_id, case.positions, one.pays, f"case/{int(case.id)}", REFUNDED, one.is_back, one.by_market
    )


async def _save(tx: Tx, cases: Sequence[Case]) -> None:
    """Write what steps may change. The version is the guard: what was decided holds for the case as it was locked."""
    touched = await tx.execute(
        """
        update aftersale.cases c
           set kind = t.kind, reason = t.reason, state = t.state, version = t.version, amount = t.amount,
               stage = t.stage, bearer = t.bearer, revisions = t.revisions, goods_back = t.goods_back,
               ruled = t.ruled, return_address = t.address::jsonb, parcel_id = t.parcel,
               replacement = t.replacement::jsonb, refunded = t.refunded, outcome = t.outcome,
               due_at = t.due_at, ended_at = t.ended_at, changed_at = t.changed_at
          from unnest($1::smallint[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::int[], $7::bigint[],
                      $8::text[], $9::text[], $10::smallint[], $11::boolean[], $12::boolean[], $13::text[],
                      $14::bigint[], $15::text[], $16::bigint[], $17::text[], $18::timestamptz[], $19::timestamptz[],
                      $20::timestamptz[])
               as t(b, i, kind, reason, state, version, amount, stage, bearer, revisions, goods_back, ruled, address,
                    parcel, replacement, refunded, outcome, due_at, ended_at, changed_at)
         where c.bucket = t.b and c.id = t.i and c.version = t.version - 1
        """,
        [case.id.bucket for case in cases],
        [case.id for case in cases],
        [case.kind for case in cases],
        [case.reason for case in cases],
        [case.state for case in cases],
        [case.version for case in cases],
        [case.amount for case in cases],
        [case.stage for case in cases],
        [case.bearer for case in cases],
        [case.revisions for case in cases],
        [case.goods_back for case in cases],
        [case.ruled for case in cases],
        [None if case.return_address is None else _json(case.return_address) for case in cases],
        [case.parcel_id for case in cases],
        [None if case.replacement is None else _json(case.replacement) for case in cases],
        [case.refunded for case in cases],
        [case.outcome for case in cases],
        [case.due_at for case in cases],
        [case.ended_at for case in cases],
        [case.changed_at for case in cases],
    )
    assert touched == len(cases), "a locked case was changed by somebody else"


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


async def write_entries(tx: Tx, party: CaseParty, steps: Sequence[Step]) -> None:
    """Write what was done and said into the histories, and let both sides see the pictures."""
    await tx.execute(
        """
        insert into aftersale.entries (bucket, case_id, id, deed, side, person_id, state, words, pictures, amount, at)
        select b, c, i, d, $9, $10, s, w, p::jsonb, a, $11
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                      $8::bigint[]) as t(b, c, i, d, s, w, p, a)
        """,
        [step.next.case.id.bucket for step in steps],
        [step.next.case.id for step in steps],
        [tx.new_id(Id, step.next.case.id.bucket) for step in steps],
        [step.deed for step in steps],
        [step.next.case.state for step in steps],
        [step.words for step in steps],
        [_json([int(picture) for picture in step.pictures]) for step in steps],
        [_amount(step) for step in steps],
        party.side,
        party.person_id,
        tx.now,
    )
    shown = [(picture, step.next.case.id) for step in steps for picture in step.pictures]
    if shown:
        await _show_pictures(tx, shown)


def _amount(step: Step) -> int | None:
    case = step.next.case
    if case.state is CaseState.REFUNDED:
        return case.refunded
    return case.amount if step.deed in {CaseDeed.OPEN, CaseDeed.RULE, Answer.REVISE} else None


async def _show_pictures(tx: Tx, shown: Sequence[tuple[Id, CaseId]]) -> None:
    await tx.execute(
        """
        insert into aftersale.pictures (bucket, media_id, case_id)
        select b, m, c from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, m, c)
        on conflict (bucket, media_id, case_id) do nothing
        """,
        [picture.bucket for picture, _ in shown],
        [picture for picture, _ in shown],
        [case_id for _, case_id in shown],
    )


async def _hold_orders(tx: Tx, cases: Sequence[Case]) -> None:
    """An open case keeps holding its order; one that has ended lets it go."""
    least = tx.given(AftersaleRules).resume_least
    await let_go(tx, [LetGo(case.order_id, case.clock_left, least) for case in cases if not case.is_open])
    await change_holds(tx, [(case.order_id, hold_for(case)) for case in cases if case.is_open])


def hold_for(case: Case) -> CaseHold:
    """Tell what an open case keeps its order from: nothing is shipped while the shop owes the first answer."""
    return CaseHold.WAITING if case.state is CaseState.OPENED else CaseHold.OPEN


async def set_clocks(tx: Tx, cases: Sequence[Case]) -> None:
    """Set when each case goes on by itself; one that has ended has no clock."""
    await clear_deadlines(tx, [case.id for case in cases if not case.is_open], SILENCE)
    open_ones = [case for case in cases if case.is_open]
    await set_deadlines(tx, [Deadline(SILENCE, case.id, case.falls_due, REASONS[case.state]) for case in open_ones])
