"""How the commands speak: results on stdout, trouble as one line on stderr."""

import asyncio
import json
import sys
from collections.abc import Callable, Coroutine
from typing import Any, NoReturn, TypeVar

import typer

T = TypeVar("T")


def fail(line: str, code: int = 1) -> NoReturn:
    """Print one clear line and leave."""
    sys.stderr.write(f"fairground: {line}\n")
    raise typer.Exit(code)


def tell(text: str) -> None:
    """Print a line of the result."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


def tell_json(result: Any) -> None:
    """Print a result for machines."""
    tell(json.dumps(result, ensure_ascii=False, indent=2, default=str))


def run_async(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    """Run a coroutine; expected trouble becomes one line."""
    from fairground.adapters.postgres.errors import PostgresTrouble
    from fairground.app.reach import NotReady
    from fairground.app.settings import BadSetting
    from fairground.kit.errors import Trouble
    from fairground.kit.i18n.words import say
    from fairground.kit.migrations import NewerDatabase

    try:
        with asyncio.Runner(loop_factory=quickest_loop()) as runner:
            return runner.run(work())
    except (NotReady, BadSetting, NewerDatabase, PostgresTrouble) as trouble:
        fail(str(trouble))
    except Trouble as trouble:
        fail(say(trouble.message, trouble.params))
    except KeyboardInterrupt:
        fail("stopped", 130)


def quickest_loop() -> Callable[[], asyncio.AbstractEventLoop] | None:
    """Give what makes uvloop's event loop, where there is one; None = Python's own."""
    try:
        import uvloop
    except ImportError:  # Windows
        return None
    return uvloop.new_event_loop


def settings_or_fail(**flags: Any) -> Any:
    """Load the settings and set the logs up, which belong on stderr; a bad setting is one line."""
    from fairground.app.logs import set_up_logs
    from fairground.app.settings import BadSetting, load

    try:
        settings = load({key: value for key, value in flags.items() if value is not None})
    except BadSetting as trouble:
        fail(str(trouble), 2)
    set_up_logs(settings.log_level)
    return settings
