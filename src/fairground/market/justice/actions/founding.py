"""The first rules come into the book: in force as an emergency with an end, and put before the people at once."""

from datetime import timedelta
from typing import Final

import msgspec

from fairground.kit.db import Tx
from fairground.kit.errors import N_
from fairground.market.justice.actions.rulebook import add_version, open_consultation, put_in_force_at_once
from fairground.market.justice.model.founding import FOUNDING, ROOMS, FoundingRule, draft_of, numbers_of
from fairground.market.justice.model.rulebook import RuleBookRules

FOUNDED: Final = N_("The market's first rules: in force until people have been asked.")


async def found_rules(tx: Tx) -> int:
    """Put those first rules into the book that are not in it; gives how many. Safe to run twice, or by two at once."""
    known = {row["key"] for row in await tx.rows("select key from justice.rules")}
    missing = [rule for rule in FOUNDING if rule.key not in known]
    return sum([await _found(tx, rule) for rule in missing])


async def _found(tx: Tx, rule: FoundingRule) -> int:
    place = FOUNDING.index(rule)
    draft, rules = draft_of(rule, _rules(tx, rule)), tx.given(RuleBookRules)
    new = await tx.execute(
        "insert into justice.rules (key, part, position, created_at) values ($1, $2, $3, $4) on conflict do nothing",
        rule.key,
        draft.part,
        place,
        tx.now,
    )
    if not new:  # another process was quicker
        return 0
    version = await add_version(tx, draft, numbers_of(rule, _rules(tx, rule)))
    await put_in_force_at_once(tx, version.id, tx.now + timedelta(days=rules.founding_days), FOUNDED)
    await open_consultation(tx, version.id, rules.consultation_days)
    return 1


def _rules(tx: Tx, rule: FoundingRule) -> msgspec.Struct:
    return tx.given(ROOMS[rule.room])
