"""The command `bench`."""

import importlib
from typing import Annotated, Any, Final

import msgspec
import typer

from fairground.app.logs import set_up_logs
from fairground.cli.console import fail, tell

# Name → module below `cli.bench` with a function `measure`.
MEASURES: Final = {
    "chat": "chat",
    "checkout": "checkout",
    "flash": "flash",
    "growth": "growth",
    "import": "importing",
    "orders": "orders",
    "pages": "pages",
    "search": "search",
    "start": "starting",
}
SIZED: Final = ("growth", "orders", "search")


def bench(
    name: Annotated[str, typer.Argument(help=f"One of: {', '.join(MEASURES)}.")],
    json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
    sizes: Annotated[
        str | None, typer.Option(help=f"Of {', '.join(SIZED)}: how many products or orders, comma-separated.")
    ] = None,
) -> None:
    """Measure this market on this machine, against a yardstick of the same run."""
    if name not in MEASURES:
        fail(f"there is no measure {name!r}; known: {', '.join(MEASURES)}", 2)
    set_up_logs("warning")  # to stderr: stdout is for the result alone
    measure = importlib.import_module(f"fairground.cli.bench.{MEASURES[name]}").measure
    taken = measure(**_options(name, sizes))
    document = msgspec.json.format(msgspec.json.encode(taken), indent=2).decode()
    if json:
        tell(document)
    else:
        for title, values in (("", taken.figures), ("yardstick ", taken.yardstick), ("check ", taken.checks)):
            for key, value in values.items():
                tell(f"{title}{key}: {value}")
        if taken.ratio is not None:
            tell(f"ratio: {taken.ratio}")
        tell(f"machine: {taken.machine}")
    failed = [check for check, good in taken.checks.items() if not good]
    if failed:
        fail(f"failed: {', '.join(failed)}")


def _options(name: str, sizes: str | None) -> dict[str, Any]:
    if sizes is None:
        return {}
    numbers = [int(word) for word in sizes.split(",") if word.strip().isdigit()]
    if name not in SIZED or not numbers or numbers != sorted(set(numbers)):
        fail(f"--sizes {sizes}: rising numbers, for {', '.join(SIZED)} only", 2)
    return {"sizes": numbers}
