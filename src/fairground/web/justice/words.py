"""How disputes and what came of them are said."""

from collections.abc import Mapping

from fairground.kit.db import Reader
from fairground.kit.i18n.words import gettext, language
from fairground.market.justice.queries.rulebook import map_in_force


def kind_label(kind: str) -> str:
    """Say what was claimed."""
    return {"refund": gettext("Refund"), "return": gettext("Return and refund"), "exchange": gettext("Exchange")}[kind]


def state_label(state: str) -> str:
    """Say where a dispute stands."""
    return {
        "evidence": gettext("Both sides speak"),
        "deciding": gettext("Being decided"),
        "jury": gettext("Before the jury"),
        "decided": gettext("Decided, may be appealed"),
        "appealed": gettext("Appealed, being decided"),
        "final": gettext("Over"),
    }[state]


def outcome_label(outcome: str) -> str:
    """Say how it ended."""
    return {
        "full": gettext("The buyer gets it all"),
        "part": gettext("The buyer gets a part"),
        "none": gettext("The shop was right"),
        "market_paid": gettext("The market pays for being late"),
        "settled": gettext("The two agreed"),
        "withdrawn": gettext("The buyer took it back"),
    }[outcome]


def outcome_kind(outcome: str) -> str:
    """Give the colour of an outcome."""
    return {"full": "ok", "part": "mind", "market_paid": "mind", "settled": "ok"}.get(outcome, "")


def decider_label(decider: str) -> str:
    """Say who decided."""
    return {
        "staff": gettext("The market's people"),
        "jury": gettext("A jury"),
        "silence": gettext("Nobody in time"),
        "parties": gettext("The two themselves"),
    }[decider]


async def rule_titles(reader: Reader, keys: set[str]) -> Mapping[str, str]:
    """Give the titles of rules in the reader's language; one that is not in force is called by its key."""
    found = await map_in_force(reader, keys - {""}) if keys - {""} else {}
    return {key: found[key].wording(language()).title if key in found else key for key in keys}
