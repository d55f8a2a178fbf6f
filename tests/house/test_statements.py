"""Every SQL of ours prepares against the migrated schema, and gives the columns that the code around it reads."""

import ast
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import msgspec
import pytest

SOURCE = Path(__file__).parents[2] / "src" / "fairground"
CALLS = {"rows", "row", "value", "execute", "many"}
# The play bank keeps its own books, in its own schema, through its own connection: the same calls, the same check.
SEEDING = {"copy_records_to_table"}


class Statement(msgspec.Struct, frozen=True):
    """One statement in our source, and the columns its result is asked for by name."""

    place: str
    sql: str
    columns: frozenset[str]


def statements() -> Iterator[Statement]:
    """Find all statements: text literals handed to a reader or a transaction."""
    for path in sorted(SOURCE.rglob("*.py")):
        tree = ast.parse(path.read_text("utf-8"))
        builders = {node.name: _subscripts(node) for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)}
        parents = {child: node for node in ast.walk(tree) for child in ast.iter_child_nodes(node)}
        for node in ast.walk(tree):
            sql = _sql_of(node)
            if sql is not None:
                assert isinstance(node, ast.Call)
                columns = _columns_read(node, parents, builders)
                yield Statement(f"{path.relative_to(SOURCE)}:{node.lineno}", sql, columns)


def _sql_of(node: ast.AST) -> str | None:
    if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS):
        return None
    if not node.args or not isinstance(node.args[0], ast.Constant) or not isinstance(node.args[0].value, str):
        return None
    text = node.args[0].value
    first = text.split(None, 1)[0].lower() if text.strip() else ""
    return text if first in {"select", "insert", "update", "delete", "with", "values"} else None


def _columns_read(
    call: ast.Call, parents: dict[ast.AST, ast.AST], builders: dict[str, frozenset[str]]
) -> frozenset[str]:
    """Follow `[order_from(row) for row in await tx.rows(…)]` and `row = await tx.row(…)` with `order_from(row)`."""
    node: ast.AST = call
    while node in parents and not isinstance(node, ast.ListComp | ast.DictComp | ast.SetComp | ast.stmt):
        node = parents[node]
    if isinstance(node, ast.ListComp | ast.DictComp | ast.SetComp):
        first = node.generators[0]
        if isinstance(first.target, ast.Name) and call in set(ast.walk(first.iter)):
            return _read_of(node, first.target.id, builders)
    return frozenset()


def _read_of(node: ast.AST, name: str, builders: dict[str, frozenset[str]]) -> frozenset[str]:
    found: set[str] = set()
    for inner in ast.walk(node):
        if (
            isinstance(inner, ast.Subscript)
            and isinstance(inner.value, ast.Name)
            and inner.value.id == name
            and isinstance(inner.slice, ast.Constant)
            and isinstance(inner.slice.value, str)
        ):
            found.add(inner.slice.value)
        if not (isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name) and inner.func.id in builders):
            continue
        if any(isinstance(arg, ast.Name) and arg.id == name for arg in inner.args):
            found |= builders[inner.func.id]
    return frozenset(found)


def _subscripts(function: ast.FunctionDef) -> frozenset[str]:
    """List what a `…_from(row)` reads of its row."""
    if not function.args.args:
        return frozenset()
    name = function.args.args[0].arg
    return frozenset(
        node.slice.value
        for node in ast.walk(function)
        if isinstance(node, ast.Subscript)
        and isinstance(node.value, ast.Name)
        and node.value.id == name
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
    )


def test_the_finder_finds() -> None:
    found = list(statements())
    assert len(found) > 200
    assert any(s.columns for s in found)


async def test_every_statement_prepares_and_gives_what_is_read(dsn: str) -> None:
    conn = await asyncpg.connect(dsn)
    wrong = []
    try:
        for statement in statements():
            try:
                prepared = await conn.prepare(statement.sql)
            except asyncpg.PostgresError as trouble:
                wrong.append(f"{statement.place}: {trouble}")
                continue
            names = {attribute.name for attribute in prepared.get_attributes()}
            missing = statement.columns - names
            if missing and names:
                wrong.append(f"{statement.place}: does not give {sorted(missing)}")
    finally:
        await conn.close()
    assert not wrong, "\n".join(wrong)


def test_no_statement_is_put_together_from_pieces() -> None:
    """A statement that is not a literal cannot be checked here, and invites what comes from outside into its text."""
    wrong = []
    for path in sorted(SOURCE.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not (isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in CALLS):
                continue
            if node.args and isinstance(node.args[0], ast.JoinedStr | ast.BinOp):
                wrong.append(f"{path.relative_to(SOURCE)}:{node.lineno}")
    assert not wrong, wrong


@pytest.mark.parametrize("word", ["now()", "current_timestamp", "clock_timestamp", "random()", "nextval", "pg_notify"])
def test_statements_leave_time_and_chance_to_the_program(word: str) -> None:
    """A transaction has one moment, `tx.now`; volatile functions also break set-based updates on a cluster."""
    wrong = [s.place for s in statements() if word in s.sql.lower() and not s.place.startswith("kit/jobs.py")]
    assert not wrong, wrong  # the job queue's library reads the database's clock, so its rows are written by it
