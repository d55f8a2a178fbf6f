"""What was wrong with a form, by field, in the reader's language: for showing beside the fields."""

from collections.abc import Mapping

import msgspec

from fairground.kit.errors import Invalid, Trouble
from fairground.kit.http.problems import field_problems
from fairground.kit.i18n.words import say


class Told(msgspec.Struct, frozen=True):
    """Errors of a form: `errors.at("email")` beside a field, `errors.all` for the summary at the top."""

    by_field: Mapping[str, str] = {}

    def at(self, field: str) -> str | None:
        """Tell what is wrong with a field, if anything."""
        return self.by_field.get(field)

    @property
    def all(self) -> list[tuple[str, str]]:
        """List what is wrong, as (field, words)."""
        return list(self.by_field.items())


def tell_fields(trouble: Trouble, field: str = "") -> Told:
    """Tell a trouble by field; one that names no field is about `field`, or about the whole form."""
    if isinstance(trouble, Invalid) and trouble.errors:
        return Told(
            {problem.pointer.lstrip("/").replace("/", "-"): problem.message for problem in field_problems(trouble)}
        )
    return Told({field: say(trouble.message, trouble.params)})


def _field(pointer: str) -> str:
    return pointer.lstrip("/").replace("/", "-")
