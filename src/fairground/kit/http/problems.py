"""RFC 9457 problems: the one form in which the API tells what went wrong."""

from typing import Any, Final

import msgspec

from fairground.kit.errors import (
    Conflict,
    FieldError,
    Invalid,
    NotAllowed,
    NotFound,
    NotSignedIn,
    TooMany,
    Trouble,
    Unavailable,
)
from fairground.kit.i18n.words import say

_KINDS: Final[dict[type, int]] = {
    NotFound: 404,
    NotSignedIn: 401,
    NotAllowed: 403,
    TooMany: 429,
    Unavailable: 503,
    Conflict: 409,
    Invalid: 422,
}
# A missing key is a request that cannot be understood; a key used again for something else is understood and wrong.
_BY_CODE: Final = {
    "idempotency.key_missing": 400,
    "idempotency.key_malformed": 400,
    "idempotency.key_reused": 422,
    "malformed": 400,
    "too_large": 413,
    "payments.webhook_refused": 400,
}


class FieldProblem(msgspec.Struct, frozen=True):
    """One wrong field, as the API tells it."""

    pointer: str
    code: str
    message: str


class Problem(msgspec.Struct, frozen=True, omit_defaults=True):
    """A problem document, `application/problem+json`."""

    status: int
    code: str
    title: str
    detail: str
    type: str = "about:blank"
    errors: list[FieldProblem] = []
    extra: dict[str, Any] = {}


def status_of(trouble: Trouble) -> int:
    """Tell the HTTP status of a trouble."""
    known = _BY_CODE.get(trouble.code)
    # What is of no kind of its own (a picture that is none, a link that is over) is about what was sent.
    return known or next((_KINDS[kind] for kind in type(trouble).__mro__ if kind in _KINDS), 422)


def field_problems(trouble: Trouble) -> list[FieldProblem]:
    """List the wrong fields in the reader's language."""
    errors: tuple[FieldError, ...] = trouble.errors if isinstance(trouble, Invalid) else ()
    return [FieldProblem(e.pointer, e.code, say(e.message, e.params)) for e in errors]


def problem_of(trouble: Trouble) -> dict[str, Any]:
    """Build the problem document of a trouble, in the reader's language.

    What the trouble knows beside its words (the variants that ran out, say) stands beside them in the document.
    """
    message = say(trouble.message, trouble.params)
    document: dict[str, Any] = {
        "type": "about:blank",
        "status": status_of(trouble),
        "code": trouble.code,
        "title": message,
        "detail": message,
        **{key: value for key, value in trouble.params.items() if key not in {"status", "code", "title", "detail"}},
    }
    errors = field_problems(trouble)
    if errors:
        document["errors"] = [msgspec.to_builtins(error) for error in errors]
    return document
