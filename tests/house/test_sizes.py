"""The house stays small: files, functions, the same rooms in every domain."""

import ast
from pathlib import Path

import pytest

SOURCE = Path(__file__).parents[2] / "src" / "fairground"
FILES = sorted(SOURCE.rglob("*.py"))
ROOMS = {
    "__init__", "errors", "model", "policy", "events", "queries", "actions", "subscribers", "jobs", "ports",
}  # fmt: skip
FORBIDDEN_NAMES = {"utils", "util", "helpers", "helper", "services", "managers", "manager", "base", "common", "misc"}


@pytest.mark.parametrize("limit", [400])
def test_no_file_grows_into_a_hall(limit: int) -> None:
    long = [f"{p.relative_to(SOURCE)} ({n})" for p in FILES if (n := p.read_text("utf-8").count("\n")) > limit]
    assert not long, long


def test_no_function_is_longer_than_sixty_lines() -> None:
    long = []
    for path in FILES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                size = (node.end_lineno or 0) - node.lineno + 1
                if size > 60:
                    long.append(f"{path.relative_to(SOURCE)}:{node.lineno} {node.name} ({size})")
    assert not long, long


def test_templates_and_styles_stay_small() -> None:
    limits = {".html": 150, ".css": 250, ".js": 150}
    long = [
        f"{p.relative_to(SOURCE)} ({n})"
        for p in sorted(SOURCE.rglob("*"))
        if p.suffix in limits and "vendor" not in p.parts and (n := p.read_text("utf-8").count("\n")) > limits[p.suffix]
    ]
    assert not long, long


def test_no_room_is_named_after_nothing() -> None:
    assert not [str(p.relative_to(SOURCE)) for p in FILES if p.stem in FORBIDDEN_NAMES]


def test_every_domain_has_its_door_plate() -> None:
    for folder in sorted((SOURCE / "market").iterdir()):
        if not folder.is_dir() or folder.name.startswith("__"):
            continue
        plate = (folder / "__init__.py").read_text("utf-8")
        for word in ("Owns:", "Promises:", "Begin at:"):
            assert word in plate, f"{folder.name}: the door plate lacks {word!r}"
        assert len(ast.parse(plate).body) <= 1, f"{folder.name}: the door plate is no place for code"


def test_only_actions_write() -> None:
    """Queries read; what writes lives in actions (and in jobs and intakes that are actions by another name)."""
    wrong = []
    for path in sorted((SOURCE / "market").rglob("*.py")):
        if path.stem not in {"queries", "model", "policy", "errors", "events"} and "queries" not in path.parts:
            continue
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Constant) and isinstance(node.value, str):
                first = node.value.split(None, 1)[0].lower() if node.value.strip() else ""
                if first in {"insert", "update", "delete"} and "\n" in node.value:
                    wrong.append(f"{path.relative_to(SOURCE)}:{node.lineno}")
    assert not wrong, wrong


def test_a_domain_touches_only_its_own_tables() -> None:
    import re

    rooms = [p.name for p in (SOURCE / "market").iterdir() if p.is_dir() and not p.name.startswith("__")]
    pattern = re.compile(r"\b(?:from|join|into|update|using)\s+(" + "|".join(rooms) + r")\.(\w+)", re.IGNORECASE)
    wrong = []
    for room in rooms:
        for path in sorted((SOURCE / "market" / room).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text("utf-8"))):
                if isinstance(node, ast.Constant) and isinstance(node.value, str) and "\n" in node.value:
                    if node.value.lstrip()[:6].lower() not in {
                        "select",
                        "insert",
                        "update",
                        "delete",
                        "with c",
                        "with g",
                    }:
                        continue
                    strangers = {m[1] for m in pattern.finditer(node.value)} - {room}
                    if strangers:
                        wrong.append(f"{path.relative_to(SOURCE)}:{node.lineno} touches {sorted(strangers)}")
    assert not wrong, wrong
