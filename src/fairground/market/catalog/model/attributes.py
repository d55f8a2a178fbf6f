"""Typed attributes of categories: text, a number with its unit, a choice, yes or no."""

import math
from enum import StrEnum
from typing import Any

import msgspec

from fairground.kit.errors import N_, Findings
from fairground.kit.safe_text import clean_line

TEXT_MOST = 200
NO_RETURN = "no-return"  # the key of the attribute that names a legal exception from the return without a reason
NO_RETURN_KINDS = frozenset({"custom_made", "perishable", "opened_digital", "newspaper"})


class AttributeKind(StrEnum):
    """What values an attribute takes."""

    TEXT = "text"
    NUMBER = "number"
    CHOICE = "choice"
    YES_NO = "yes_no"


class Choice(msgspec.Struct, frozen=True):
    """One value to choose."""

    key: str
    en: str
    zh: str


class Attribute(msgspec.Struct, frozen=True, omit_defaults=True):
    """An attribute of a category. `unit` belongs to numbers, `choices` to choices; `several` allows more than one."""

    key: str
    en: str
    zh: str
    kind: AttributeKind
    unit: str = ""
    choices: list[Choice] = []
    several: bool = False
    required: bool = False
    filterable: bool = False

    def name_in(self, language: str) -> str:
        """Name it in a language."""
        return self.zh if language.startswith("zh") and self.zh else self.en

    def value_in(self, value: Any, language: str) -> str:
        """Write a value in a language, with its unit; yes and no are left to the page."""
        if self.kind is AttributeKind.CHOICE:
            names = {c.key: c.zh if language.startswith("zh") and c.zh else c.en for c in self.choices}
            values = value if isinstance(value, list) else [value]
            return ("、" if language.startswith("zh") else ", ").join(names.get(str(v), str(v)) for v in values)
        return f"{value} {self.unit}".strip()


def check_attributes(
    findings: Findings, attributes: list[Attribute], values: dict[str, Any], pointer: str, *, complete: bool
) -> dict[str, Any]:
    """Note values that do not fit their attributes; gives them in good form. `complete` asks for the required ones."""
    known = {attribute.key: attribute for attribute in attributes}
    good: dict[str, Any] = {}
    for key, value in values.items():
        where = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        attribute = known.get(key)
        if attribute is None:
            findings.add(where, "catalog.attribute_unknown", N_("This category has no such attribute."))
        elif value is not None and value not in ("", []):
            good[key] = _READ[attribute.kind](findings, attribute, value, where)
    for attribute in attributes:
        if complete and attribute.required and attribute.key not in good:
            findings.add(f"{pointer}/{attribute.key}", "required", N_("Please fill this in."))
    return good


def _text(findings: Findings, attribute: Attribute, value: Any, where: str) -> Any:
    if not findings.check(isinstance(value, str), where, "catalog.attribute_text", N_("A text, please.")):
        return None
    text = clean_line(value)
    findings.check(0 < len(text) <= TEXT_MOST, where, "too_long", N_("At most %(most)d characters."), most=TEXT_MOST)
    return text


def _number(findings: Findings, attribute: Attribute, value: Any, where: str) -> Any:
    good = isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    findings.check(
        good and 0 <= value <= 1e12,
        where,
        "catalog.attribute_number",
        N_("A number, please, without its unit (%(unit)s)."),
        unit=attribute.unit or "1",
    )
    return value


def _choice(findings: Findings, attribute: Attribute, value: Any, where: str) -> Any:
    keys = {choice.key for choice in attribute.choices}
    chosen = value if isinstance(value, list) else [value]
    good = all(isinstance(v, str) and v in keys for v in chosen) and (attribute.several or len(chosen) == 1)
    findings.check(
        good,
        where,
        "catalog.attribute_choice",
        N_("One of these, please: %(choices)s."),
        choices=", ".join(sorted(keys)),
    )
    return (sorted(set(chosen)) if attribute.several else chosen[0]) if good else None


def _yes_no(findings: Findings, attribute: Attribute, value: Any, where: str) -> Any:
    findings.check(isinstance(value, bool), where, "catalog.attribute_yes_no", N_("Yes or no, please."))
    return value


_READ = {
    AttributeKind.TEXT: _text,
    AttributeKind.NUMBER: _number,
    AttributeKind.CHOICE: _choice,
    AttributeKind.YES_NO: _yes_no,
}
