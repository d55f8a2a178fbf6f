"""Every text has its Chinese; nothing is said that no page says any more."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment

from fairground.kit.i18n.words import FOLDER, catalogue

SOURCE = Path(__file__).parents[2] / "src" / "fairground"
MARKS = {"N_", "_", "gettext", "say", "ngettext", "_t"}
PLACE = re.compile(r"%\((\w+)\)[sd]")


def texts_in_code() -> Iterator[tuple[str, str]]:
    """Find the texts marked in Python: (place, msgid)."""
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in MARKS and node.args:
                first = node.args[0]
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    yield f"{path.relative_to(SOURCE)}:{node.lineno}", first.value


def texts_in_templates() -> Iterator[tuple[str, str]]:
    """Find the texts marked in templates."""
    environment = Environment(extensions=["jinja2.ext.i18n"], autoescape=True)
    for path in sorted(SOURCE.rglob("*.html")):
        for line, _function, message in environment.extract_translations(path.read_text("utf-8")):
            first = message[0] if isinstance(message, tuple) else message
            if first:
                yield f"{path.relative_to(SOURCE)}:{line}", first


def all_texts() -> list[tuple[str, str]]:
    """Find all texts."""
    return [*texts_in_code(), *texts_in_templates()]


def test_every_text_has_its_chinese() -> None:
    chinese = catalogue("zh-CN")
    missing = sorted({f"{text!r}  ({place})" for place, text in all_texts() if text.strip() and text not in chinese})
    assert not missing, f"{len(missing)} texts:\n" + "\n".join(missing)


def test_translations_keep_their_places() -> None:
    wrong = [
        f"{english!r} → {chinese!r}"
        for english, chinese in catalogue("zh-CN").items()
        if not set(PLACE.findall(chinese)) <= set(PLACE.findall(english)) | {"n", "count", "num"}
    ]
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize("path", sorted((FOLDER / "zh_CN").glob("*.po")), ids=lambda p: p.stem)
def test_a_text_is_translated_once_in_a_file(path: Path) -> None:
    with path.open("rb") as file:
        ids = [m.id if isinstance(m.id, str) else m.id[0] for m in read_po(file, locale="zh_CN") if m.id]
    assert len(ids) == len(set(ids))
    assert not [i for i in ids if not i.strip()]


def test_a_text_means_the_same_in_all_files() -> None:
    seen: dict[str, tuple[str, str]] = {}
    wrong = []
    for path in sorted((FOLDER / "zh_CN").glob("*.po")):
        with path.open("rb") as file:
            for message in read_po(file, locale="zh_CN"):
                key = message.id if isinstance(message.id, str) else message.id[0]
                text = message.string if isinstance(message.string, str) else message.string[0]
                if key and text and key in seen and seen[key][1] != text:
                    wrong.append(f"{key!r}: {seen[key]} and {(path.stem, text)}")
                if key:
                    seen.setdefault(key, (path.stem, text))
    assert not wrong, "\n".join(wrong)


def test_chinese_readers_are_addressed_politely() -> None:
    familiar = {
        english: chinese for english, chinese in catalogue("zh-CN").items() if "你" in chinese or "妳" in chinese
    }
    assert not familiar, "您, never 你"


def test_no_text_is_left_over() -> None:
    used = {text for _, text in all_texts()}
    # Texts that stand in data, not at a call: names of enums and the like are marked where they are defined.
    left = sorted(set(catalogue("zh-CN")) - used)
    assert len(left) <= 0, f"{len(left)} texts are translated and never said:\n" + "\n".join(left[:50])
