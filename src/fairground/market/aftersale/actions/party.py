"""Whose deed it is: the buyer of a case, or somebody of its shop."""

import msgspec

from fairground.kit.db import Tx
from fairground.kit.errors import NotSignedIn
from fairground.kit.ids import Id
from fairground.market.aftersale.errors import CaseNotFound, NotYourAnswer
from fairground.market.aftersale.model import ANSWERS, Answer, Case, CaseId, Side
from fairground.market.aftersale.policy import may_answer_cases
from fairground.market.aftersale.queries.cases import case_from
from fairground.market.shops.queries import role_in


class CaseParty(msgspec.Struct, frozen=True):
    """One side of a case, and who acts for it (None: the market by itself)."""

    side: Side
    person_id: Id | None = None


MARKET = CaseParty(Side.MARKET)


async def lock_case(tx: Tx, case_id: CaseId) -> Case:
    """Lock a case: of two who answer at once the second waits here, and then sees what the first has said.

    Raises:
        CaseNotFound
    """
    row = await tx.row(
        "select * from aftersale.cases where bucket = $1 and id = $2 for no key update", case_id.bucket, case_id
    )
    if row is None:
        raise CaseNotFound
    return case_from(row)


async def party_of(tx: Tx, case: Case) -> CaseParty:
    """Tell which side somebody is on.

    Raises:
        NotSignedIn: nobody is.
        CaseNotFound: neither the buyer nor one of the shop's.
        NotYourAnswer: the person's role in the shop does not allow to answer.
    """
    person_id = tx.actor.person_id
    if person_id is None:
        raise NotSignedIn
    if person_id == case.buyer_id:
        return CaseParty(Side.BUYER, person_id)
    role = await role_in(tx, case.shop_id, person_id)
    if role is None:
        raise CaseNotFound
    if not may_answer_cases(role):
        raise NotYourAnswer
    return CaseParty(Side.SHOP, person_id)


def need_side(party: CaseParty, answer: Answer) -> None:
    """Refuse an answer that is the other side's.

    Raises:
        NotYourAnswer
    """
    if ANSWERS[answer][0] is not party.side:
        raise NotYourAnswer
