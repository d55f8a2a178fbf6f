"""Texts in the reader's language. Source texts are English; `.po` files are read and merged at start.

A language has several files, one per room, so that people can work side by side; a msgid means the same in all.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import lru_cache
from pathlib import Path
from typing import Any, Final, Literal, TypeAlias, get_args

from babel.messages.pofile import read_po

Language: TypeAlias = Literal["en", "zh-CN"]
LANGUAGES: Final[tuple[Language, ...]] = get_args(Language)
DEFAULT: Final[Language] = "zh-CN"
OWN_NAMES: Final[dict[Language, str]] = {"en": "English", "zh-CN": "中文"}
LOCALES: Final[dict[Language, str]] = {"en": "en", "zh-CN": "zh_CN"}
FOLDER: Final = Path(__file__).parent / "locale"

_language: ContextVar[Language] = ContextVar("language", default="en")


def language() -> Language:
    """Tell the language of the current task."""
    return _language.get()


@contextmanager
def speaking(lang: Language) -> Iterator[None]:
    """Speak a language inside the block."""
    token = _language.set(lang)
    try:
        yield
    finally:
        _language.reset(token)


def set_language(lang: Language) -> None:
    """Speak a language for the rest of this task (a request runs in a task of its own)."""
    _language.set(lang)


def gettext(text: str) -> str:
    """Translate a text into the language of the current task."""
    return catalogue(_language.get()).get(text) or text


def ngettext(one: str, many: str, n: int) -> str:
    """Translate a text with a number; Chinese has one form."""
    lang = _language.get()
    if lang == "en":
        return one if n == 1 else many
    return catalogue(lang).get(one) or many


def say(text: str, params: dict[str, Any] | None = None) -> str:
    """Translate, then fill in the places."""
    translated = gettext(text)
    return translated % params if params else translated


@lru_cache
def catalogue(lang: Language) -> dict[str, str]:
    """Read the texts of a language: msgid → translation (its first form)."""
    texts: dict[str, str] = {}
    for path in sorted((FOLDER / LOCALES[lang]).glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale=LOCALES[lang]):
                if not message.id or not message.string:
                    continue
                key = message.id if isinstance(message.id, str) else message.id[0]
                texts[key] = message.string if isinstance(message.string, str) else message.string[0]
    return texts


@lru_cache(maxsize=512)
def choose(accept_language: str | None) -> Language | None:
    """Choose from an `Accept-Language` header; None where none of ours is asked for."""
    wishes = []
    for part in (accept_language or "")[:500].split(","):
        tag, _, weight = part.strip().partition(";q=")
        try:
            wishes.append((float(weight or 1), tag.lower()))
        except ValueError:
            continue
    for asked, tag in sorted(wishes, key=lambda wish: -wish[0]):
        if asked > 0 and tag.startswith("zh"):
            return "zh-CN"
        if asked > 0 and tag.startswith("en"):
            return "en"
    return None


def known(tag: str | None) -> Language | None:
    """Give the language of a tag of ours, or None."""
    return next((lang for lang in LANGUAGES if lang == tag), None)
