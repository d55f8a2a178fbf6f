"""Reading what people send: a form or a JSON body becomes a struct, or names the field that is wrong."""

import re
from typing import Any, Final, TypeVar, get_origin, get_type_hints

import msgspec
from litestar import Request
from litestar.datastructures import FormMultiDict, UploadFile
from litestar.exceptions import ClientException

from fairground.kit.errors import N_, FieldError, Invalid, invalid
from fairground.kit.ids import Id

T = TypeVar("T")
BIGGEST: Final = 2**63 - 1
_ODD: Final = re.compile("[\x00\ud800-\udfff]")
_PATH: Final = re.compile(r" - at `(?:key in )?\$(?P<path>.*)`$")
_MISSING: Final = re.compile(r"^Object missing required field `(?P<field>[^`]+)`")
_UNKNOWN: Final = re.compile(r"^Object contains unknown field `(?P<field>[^`]+)`")


class Malformed(Invalid):
    """The body is not what it says it is."""

    code = "malformed"
    message = N_("We could not read that request.")


async def read_form(request: Request[Any, Any, Any], kind: type[T]) -> T:
    """Read a form into a struct of text (lists for repeated fields); fields of others are left out.

    Blanks around a text are left out, but of passwords.

    Raises:
        Invalid: a field is missing or of the wrong kind; the pointer is its name.
    """
    form = await form_of(request)
    hints = get_type_hints(kind)
    data: dict[str, Any] = {}
    for name, hint in hints.items():
        values = [v for v in form.getall(name, []) if not isinstance(v, UploadFile)]
        if get_origin(hint) is list:
            data[name] = values
        elif values:
            text = str(values[-1])
            # A password is what was typed: the API does not strip it either.
            data[name] = text if name.endswith("password") else _blank(text.strip(), hint)
    return convert(data, kind, lenient=True)


def _blank(text: str, hint: Any) -> Any:
    # An empty field of a form is no answer where none is needed.
    return None if text == "" and type(None) in getattr(hint, "__args__", ()) else text


async def read_files(request: Request[Any, Any, Any], name: str, *, at_most: int) -> list[tuple[str, bytes]]:
    """Read the uploaded files of a field as (file name, bytes), empty ones left out.

    Raises:
        Invalid: there are too many.
    """
    form = await form_of(request)
    uploads = [v for v in form.getall(name, []) if isinstance(v, UploadFile) and v.filename]
    if len(uploads) > at_most:
        raise invalid(f"/{name}", "too_many", N_("At most %(most)d files, please."), most=at_most)
    for upload in uploads:
        check_text(upload.filename, f"/{name}")
    return [(upload.filename, await upload.read()) for upload in uploads]


async def form_of(request: Request[Any, Any, Any]) -> FormMultiDict:
    """Give the parsed form; it is read once for a request.

    Raises:
        Malformed: it cannot be parsed.
    """
    try:
        return await request.form()
    except ClientException:
        raise
    except Exception as trouble:
        raise Malformed from trouble


async def read_json(request: Request[Any, Any, Any], kind: type[T]) -> T:
    """Read a JSON body into a struct.

    Raises:
        Malformed: it is not JSON.
        Invalid: a field is missing or of the wrong kind; the pointer says where.
    """
    body = await request.body()
    try:
        data = msgspec.json.decode(body or b"{}")
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as trouble:
        raise Malformed from trouble
    return convert(data, kind)


def convert(data: Any, kind: type[T], *, lenient: bool = False) -> T:
    """Convert plain data to a struct; lenient reads text as numbers, which is all that forms can send.

    Raises:
        Invalid: naming the field.
    """
    try:
        check_plain(data)
        found = msgspec.convert(data, kind, dec_hook=from_text, strict=not lenient, str_keys=True)
        if lenient and isinstance(found, msgspec.Struct):
            check_plain(msgspec.structs.asdict(found))  # numbers that came as text
        return found
    except msgspec.ValidationError as trouble:
        raise field_invalid(str(trouble)) from None
    except RecursionError as trouble:
        raise Malformed from trouble


def check_plain(data: Any, pointer: str = "") -> None:
    """Refuse text and numbers that no column can hold: PostgreSQL takes no NUL, no half of a pair, 64 bits at most.

    Raises:
        Invalid: naming the field.
    """
    match data:
        case str():
            check_text(data, pointer)
        case dict():
            for key, value in data.items():
                inner = f"{pointer}/{key}"
                check_text(str(key), inner)
                check_plain(value, inner)
        case list():
            for number, value in enumerate(data):
                check_plain(value, f"{pointer}/{number}")
        case int() if not -BIGGEST <= data <= BIGGEST:
            raise invalid(pointer, "range", N_("This number is too large."))


def check_text(text: str, pointer: str) -> None:
    """Refuse text with characters that cannot be kept.

    Raises:
        Invalid: naming the field.
    """
    if _ODD.search(text):
        # The key itself may be the trouble; what is told must be clean.
        raise invalid(_ODD.sub("�", pointer), "characters", N_("This has characters that we cannot keep."))


def from_text(kind: type, value: Any) -> Any:
    """Decode an id as it comes from outside: text."""
    assert issubclass(kind, Id), f"nothing reads a {kind.__name__}"
    found = kind.parse(value) if isinstance(value, str) else None
    if found is None:
        raise ValueError("not an id")
    return found


def field_invalid(message: str) -> Invalid:
    """Turn msgspec's words (`Expected int, got str - at $.variants[0].price`) into the error of a field."""
    place = _PATH.search(message)
    pointer = pointer_of(place["path"] if place else "")
    text = _PATH.sub("", message)
    for pattern, code, words in (
        (_MISSING, "required", N_("This is needed.")),
        (_UNKNOWN, "unknown", N_("There is no such field.")),
    ):
        found = pattern.match(text)
        if found:
            return Invalid(FieldError(f"{pointer}/{found['field']}", code, words))
    return Invalid(FieldError(pointer, "type", N_("This has the wrong form (%(why)s)."), {"why": text}))


def pointer_of(path: str) -> str:
    """Turn `.variants[0].price` into `/variants/0/price`."""
    return re.sub(r"\.|\[", "/", path.replace("]", "").replace("[...]", "[0]"))


def by_field(trouble: Invalid) -> dict[str, FieldError]:
    """Give the errors of a form by the name of their field, for showing beside it."""
    return {error.pointer.lstrip("/"): error for error in trouble.errors}
