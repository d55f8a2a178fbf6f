"""What justice decided about an escalated case is done here: money back, goods back first, or nothing."""

from typing import Any

import msgspec

from fairground.kit.db import Tx
from fairground.market.aftersale.actions.party import MARKET, lock_case
from fairground.market.aftersale.actions.step import Step, take_steps
from fairground.market.aftersale.errors import CaseInWrongState
from fairground.market.aftersale.model import (
    GOODS_BACK,
    AftersaleRules,
    Case,
    CaseDeed,
    CaseId,
    CaseState,
    Outcome,
    Ruling,
    moves,
)
from fairground.market.shops.queries import get_shop


async def settle_escalated(tx: Tx, case_id: CaseId, ruling: Ruling) -> Case:
    """Do what justice decided about an escalated case; it pays at most what is left of the lines.

    Raises:
        CaseNotFound
        CaseInWrongState: it is not escalated (any more).
    """
    case = await _escalated(tx, case_id)
    address = await return_address_of(tx, case)
    done = moves.settle(case, tx.now, tx.given(AftersaleRules), ruling, address)
    return (await take_steps(tx, MARKET, [Step(done, CaseDeed.RULE, ruling.reason)]))[0]


async def close_escalated(tx: Tx, case_id: CaseId, words: str = "") -> Case:
    """Close an escalated case without money: justice found for the shop, or the two agreed.

    Raises:
        CaseNotFound, CaseInWrongState
    """
    done = moves.close(await _escalated(tx, case_id), tx.now, tx.given(AftersaleRules), Outcome.RULED)
    return (await take_steps(tx, MARKET, [Step(done, CaseDeed.RULE, words)]))[0]


async def _escalated(tx: Tx, case_id: CaseId) -> Case:
    case = await lock_case(tx, case_id)
    if case.state is not CaseState.ESCALATED:
        raise CaseInWrongState(state=str(case.state))
    return case


async def return_address_of(tx: Tx, case: Case) -> dict[str, Any] | None:
    """Tell where a shop takes goods back, where that may matter; None where it has not told."""
    if case.kind not in GOODS_BACK and case.state is not CaseState.ESCALATED:
        return None
    address = (await get_shop(tx, case.shop_id)).return_address
    return None if address is None else msgspec.to_builtins(address)
