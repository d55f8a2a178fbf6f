"""Who takes their data along takes all of it: each room that can tell what it knows of a person is asked."""

import ast
from pathlib import Path

from fairground.app.bindings import leaving

SOURCE = Path(__file__).parents[2] / "src"


def test_every_room_that_can_export_is_asked() -> None:
    written = set()
    for path in sorted((SOURCE / "fairground" / "market").rglob("*.py")):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.parse(path.read_text("utf-8")).body:
            is_one = isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("export_")
            if is_one and [arg.arg for arg in node.args.args] == ["reader", "person_id"]:
                written.add((module, node.name))
    bound = {(e.__module__, e.__name__) for e in leaving().exporters}  # type: ignore[attr-defined]
    assert written
    assert written - bound == set()
