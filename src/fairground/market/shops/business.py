"""Business numbers, checked by their countries' own rules (python-stdnum; check digits, no look-up in registers)."""

import re
from typing import Any, Final

from stdnum import get_cc_module
from stdnum.exceptions import ValidationError

from fairground.kit.errors import N_, Findings

# The number a business is known by, where it is not the one for value added tax.
_KINDS: Final = {"US": "ein", "CN": "uscc"}
_ANY: Final = re.compile(r"[A-Z0-9][A-Z0-9 ./-]{2,30}[A-Z0-9]")


def number_kind(country: str) -> str:
    """Name the kind of number asked for in a country: `cn.uscc`, `de.vat`, or `register` where no rule is known."""
    module = _module(country)
    return str(module.__name__).removeprefix("stdnum.").replace("in_.", "in.") if module else "register"


def check_number(findings: Findings, country: str, number: str, pointer: str = "/number") -> str:
    """Note a number that its country's rule refuses; gives it in its short form."""
    number, module = number.strip().upper(), _module(country)
    if module is None:
        findings.check(
            _ANY.fullmatch(number) is not None,
            pointer,
            "number",
            N_("Please give the number under which your business is registered."),
        )
        return number
    try:
        checked: str = module.validate(number)
    except ValidationError:
        findings.add(
            pointer, "number", N_("This is no valid business number of that country. Please check each sign of it.")
        )
        return number
    return checked


def _module(country: str) -> Any:
    return get_cc_module(country.lower(), _KINDS.get(country, "vat"))
