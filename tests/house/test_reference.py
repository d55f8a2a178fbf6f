"""Every setting, error, event and command is documented, from the code itself."""

import importlib.util
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
NAMES = ["settings.md", "errors.md", "events.md", "commands.md"]


@pytest.fixture(scope="module")
def pages() -> dict[str, str]:
    spec = importlib.util.spec_from_file_location("reference", ROOT / "tools" / "reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    result: dict[str, str] = module.pages()
    return result


@pytest.mark.parametrize("name", NAMES)
def test_the_reference_says_what_the_code_does(pages: dict[str, str], name: str) -> None:
    written = ROOT / "docs" / "reference" / name
    assert written.exists(), "run `python tools/reference.py`"
    assert written.read_text("utf-8") == pages[name], "run `python tools/reference.py`"


def test_every_command_has_words(pages: dict[str, str]) -> None:
    parts = pages["commands.md"].split("\n## ")[1:]
    assert len(parts) >= 10
    assert all(len(part.split("\n", 2)[2].strip()) > 10 for part in parts)
