"""Kinds of expected trouble. Each error of a domain is a subclass of one kind; no HTTP here.

`message` is an English msgid with `%(name)s` places, translated at the entrance; `code` is stable and public.
A broken promise of our own is an assertion, not one of these.
"""

from typing import Any, ClassVar

import msgspec


def N_(text: str) -> str:  # noqa: N802
    """Mark a text for translation where it stands; it is translated where it is shown."""
    return text


class FieldError(msgspec.Struct, frozen=True):
    """What is wrong with one field: a JSON pointer (`/variants/0/price`), a stable code, a message for people."""

    pointer: str
    code: str
    message: str
    params: dict[str, Any] = {}


class Trouble(Exception):
    """Expected trouble, told to the person in their language."""

    code: ClassVar[str] = "trouble"
    message: ClassVar[str] = N_("Something did not work.")

    def __init__(self, **params: Any) -> None:
        super().__init__(self.code)
        self.params = params

    def __str__(self) -> str:
        return f"{self.code}: {self.message % self.params if self.params else self.message}"


class NotFound(Trouble):
    """There is no such thing, or it is somebody else's."""

    code = "not_found"
    message = N_("We could not find that.")


class NotSignedIn(Trouble):
    """The deed needs a person, and nobody is signed in."""

    code = "accounts.sign_in_needed"
    message = N_("Please sign in first.")


class NotAllowed(Trouble):
    """The person is known and may see the thing, but may not do this."""

    code = "not_allowed"
    message = N_("You may not do that.")


class Invalid(Trouble):
    """The input is wrong; names each field and its rule."""

    code = "invalid"
    message = N_("Please look at the marked fields again.")

    def __init__(self, *errors: FieldError, **params: Any) -> None:
        super().__init__(**params)
        self.errors = errors

    def __str__(self) -> str:
        return f"{self.code}: {[(e.pointer, e.code) for e in self.errors]}"


class Conflict(Trouble):
    """The world has moved on: the state does not allow it."""

    code = "conflict"
    message = N_("That has changed in the meantime. Please look again.")


class TooMany(Trouble):
    """Too many tries; `retry_after` in seconds."""

    code = "too_many"
    message = N_("That was a little too often. Please try again in %(retry_after)d seconds.")

    def __init__(self, *, retry_after: int, **params: Any) -> None:
        super().__init__(retry_after=retry_after, **params)
        self.retry_after = retry_after


class Unavailable(Trouble):
    """A part is down for a moment; nothing was changed. `retry_after` in seconds."""

    code = "unavailable"
    message = N_("We cannot do this right now. Nothing was changed; please try again in %(retry_after)d seconds.")

    def __init__(self, *, retry_after: int = 5, **params: Any) -> None:
        super().__init__(retry_after=retry_after, **params)
        self.retry_after = retry_after


def invalid(pointer: str, code: str, message: str, **params: Any) -> Invalid:
    """Make the error for one wrong field."""
    return Invalid(FieldError(pointer, code, message, params))


class Findings:
    """Collects what is wrong with an input, so that a person hears all of it at once."""

    def __init__(self) -> None:
        self._errors: list[FieldError] = []

    def add(self, pointer: str, code: str, message: str, **params: Any) -> None:
        """Note one wrong field."""
        self._errors.append(FieldError(pointer, code, message, params))

    def check(self, good: bool, pointer: str, code: str, message: str, **params: Any) -> bool:
        """Note a wrong field unless it is good; gives `good` back."""
        if not good:
            self.add(pointer, code, message, **params)
        return good

    def __bool__(self) -> bool:
        return bool(self._errors)

    def raise_any(self) -> None:
        """Raise `Invalid` if anything was noted."""
        if self._errors:
            raise Invalid(*self._errors)
