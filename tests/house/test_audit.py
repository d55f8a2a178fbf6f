"""`fairground audit` proves every room that has a proof."""

import ast
from pathlib import Path

from fairground.app.audit import PROOFS

SOURCE = Path(__file__).parents[2] / "src"


def _proofs_written() -> set[tuple[str, str]]:
    """Find every `audit_…(reader)` that stands at the top of a module of the market."""
    found = set()
    for path in sorted((SOURCE / "fairground" / "market").rglob("*.py")):
        module = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix(".__init__")
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.AsyncFunctionDef) and node.name.startswith("audit_"):
                assert node.args.args[0].arg == "reader", f"{module}.{node.name}: a proof only looks"
                found.add((module, node.name))
    return found


def test_every_proof_of_a_room_is_part_of_the_audit() -> None:
    collected = {(proof.__module__, proof.__name__) for _, proof in PROOFS}  # type: ignore[attr-defined]
    written = _proofs_written()
    assert len(written) >= 6
    assert written - collected == set()


def test_every_proof_is_told_under_its_rooms_name() -> None:
    for room, proof in PROOFS:
        assert proof.__module__.startswith(f"fairground.market.{room}"), (room, proof)
