"""Write `docs/reference/`: every setting, error, event and command, from the code itself.

Run `python tools/reference.py` after changing one; `tests/house/test_reference.py` fails until you do.
"""

import ast
import importlib
import inspect
import pkgutil
import re
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

import fairground
from fairground.app.rules import RULES
from fairground.app.settings import Settings
from fairground.cli.main import app
from fairground.kit.errors import Trouble
from fairground.kit.events import Event
from fairground.kit.http.problems import status_of

DOCS = Path(__file__).parents[1] / "docs" / "reference"


def import_everything() -> None:
    """Import all modules, so that every error and event class exists."""
    for module in pkgutil.walk_packages(fairground.__path__, "fairground."):
        if not module.name.endswith("__main__"):
            importlib.import_module(module.name)


def fields(kind: type) -> Iterator[tuple[str, str, str]]:
    """Give (name, default, comment) of a struct's fields; the comment is what stands behind or above the line."""
    source = textwrap.dedent(inspect.getsource(kind))
    lines = source.splitlines()
    node = ast.parse(source).body[0]
    assert isinstance(node, ast.ClassDef)
    for item in node.body:
        if not (isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)):
            continue
        default = ast.unparse(item.value) if item.value else ""
        comment = lines[(item.end_lineno or item.lineno) - 1].partition("  # ")[2]
        above = lines[item.lineno - 2].strip()
        if not comment and above.startswith("# "):
            comment = above[2:]
        yield item.target.id, default, re.sub(r"\s*noqa.*", "", comment).strip()


def settings() -> str:
    """Describe the settings and the rooms' rules."""
    out = ["# Settings", "", "Flags beat the environment, the environment beats `fairground.toml` (or the file that",
           "`FAIRGROUND_CONFIG` names). `fairground doctor` prints the ones in force.", "",
           "## The installation", "", "| variable | default | |", "|---|---|---|"]  # fmt: skip
    for name, default, comment in fields(Settings):
        if name != "rules":
            variable = "DATABASE_URL" if name == "database_url" else f"FAIRGROUND_{name.upper()}"
            out.append(f"| `{variable}` | `{default}` | {comment} |")
    out += ["", "## The market's numbers", "",
            "In `fairground.toml` a table for each room, `[orders]`, with these names."]  # fmt: skip
    for room, kind in RULES.items():
        out += [
            "",
            f"### {room}",
            "",
            (kind.__doc__ or "").strip().split("\n")[0],
            "",
            "| variable | default | |",
            "|---|---|---|",
        ]
        for name, default, comment in fields(kind):
            out.append(f"| `FAIRGROUND_{room.upper()}_{name.upper()}` | `{default}` | {comment} |")
    return "\n".join(out) + "\n"


def _all(kind: type) -> Iterator[type]:
    for child in kind.__subclasses__():
        yield child
        yield from _all(child)


def errors() -> str:
    """Describe the errors of the API."""
    words = "What `code` may be in a problem document (RFC 9457), with its status and its words in English."
    out = ["# Errors", "", words, "", "| code | status | words |", "|---|---|---|"]
    rows = set()
    for kind in _all(Trouble):
        if not kind.__module__.startswith("fairground.") or "code" not in vars(kind):
            continue
        bare: Any = kind.__new__(kind)
        rows.add((kind.code, status_of(bare), kind.message))  # type: ignore[attr-defined]
    out += [f"| `{code}` | {status} | {message} |" for code, status, message in sorted(rows)]
    return "\n".join(out) + "\n"


def events() -> str:
    """Describe the events."""
    out = ["# Events", "", "What the rooms announce. Ids and amounts, never names or addresses.", "",
           "| event | when | fields |", "|---|---|---|"]  # fmt: skip
    for kind in sorted(_all(Event), key=lambda k: (k.__module__, k.__name__)):
        if kind.__module__.startswith("fairground."):
            names = ", ".join(f"`{n}`" for n in kind.__struct_fields__ if n != "version")  # type: ignore[attr-defined]
            words = " ".join((kind.__doc__ or "").split())
            out.append(f"| `{kind.name()}` | {words} | {names} |")  # type: ignore[attr-defined]
    return "\n".join(out) + "\n"


def commands() -> str:
    """Describe the program."""
    out = ["# The program `fairground`", ""]
    root: Any = typer.main.get_command(app)

    def describe(command: Any, path: str) -> None:
        children = getattr(command, "commands", None)
        if children:
            for name in sorted(children):
                describe(children[name], f"{path} {name}")
            return
        arguments = [p for p in command.params if p.param_type_name == "argument"]
        options = [p for p in command.params if p.param_type_name == "option" and p.name != "help" and not p.hidden]
        usage = " ".join([path, *(str(p.metavar or p.name.upper()) for p in arguments)])
        out.extend([f"## `{usage}`", "", " ".join((command.help or "").split()), ""])
        out.extend(f"- `{' / '.join(o.opts)}` {' '.join((o.help or '').split())}".rstrip() for o in options)
        if options:
            out.append("")

    describe(root, "fairground")
    return "\n".join(out).rstrip() + "\n"


def pages() -> dict[str, str]:
    """Give all pages of the reference by file name."""
    import_everything()
    return {"settings.md": settings(), "errors.md": errors(), "events.md": events(), "commands.md": commands()}


if __name__ == "__main__":
    DOCS.mkdir(parents=True, exist_ok=True)
    for name, text in pages().items():
        (DOCS / name).write_text(text, "utf-8")
