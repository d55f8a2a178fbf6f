"""The web server: Granian, one or more processes of the application."""

import asyncio
import errno
import os
import socket
from typing import Any

from fairground.app.reach import check_database
from fairground.app.settings import Settings

# Settings reach the server's processes through the environment, as those of `fairground.toml` do anyway.
PASSED_ON = ("data", "host", "port", "database_url", "sandbox", "web_processes", "url", "database_wait")


class PortTaken(Exception):
    """Somebody else listens there already, or we may not."""


def environment_of(settings: Settings) -> dict[str, str]:
    """Give the environment that hands these settings to a child process."""
    passed = {}
    for key in PASSED_ON:
        value = getattr(settings, key)
        if value is not None:
            name = "DATABASE_URL" if key == "database_url" else f"FAIRGROUND_{key.upper()}"
            passed[name] = str(value)
    return {**os.environ, **passed}


def check_port(host: str, port: int) -> None:
    """Try the port before anything heavy starts.

    Raises:
        PortTaken: one line why, and the way out.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as trouble:
            if trouble.errno == errno.EADDRINUSE:
                raise PortTaken(f"port {port} is taken: choose another with --port") from None
            raise PortTaken(f"cannot listen on {host}:{port}: {trouble.strerror}") from None


def serve_web(settings: Settings, *, is_checked: bool = False) -> None:
    """Serve until told to stop; `is_checked`: whoever started us made sure of the database.

    Raises:
        PortTaken: the port is not free.
        NotReady, NewerDatabase: there is no database that fits. A web process would only find it out again and again.
    """
    from granian.server import Server

    check_port(settings.host, settings.port)
    if not is_checked:
        asyncio.run(check_database(settings))
    os.environ.update(environment_of(settings))
    options = server_options(settings.host, settings.port, settings.web_processes)
    Server("fairground.app.server:make_web_process", **options).serve()


def make_web_process() -> Any:
    """Make the application in a process of the server's (Granian's factory); it ends with the server."""
    from fairground.app.asgi import create
    from fairground.app.leash import end_with_server

    end_with_server()
    return create()


def server_options(host: str, port: int, processes: int) -> dict[str, Any]:
    """Give Granian's options; measures serve their yardsticks with the same."""
    from granian.constants import HTTPModes, Interfaces, Loops, RuntimeModes
    from granian.http import HTTP1Settings
    from granian.log import LogLevels

    return {
        "address": host,
        "port": port,
        "interface": Interfaces.ASGI,
        "workers": processes,
        "factory": True,
        "loop": Loops.uvloop,
        # One thread of the server's own beside Python's: several only pass requests to and fro (docs/performance.md).
        "runtime_mode": RuntimeModes.st,
        "http": HTTPModes.http1,
        "http1_settings": HTTP1Settings(header_read_timeout=15_000),
        "websockets": False,
        "backlog": 2048,
        # A live page holds its connection: so many may be open in one process, pages that are asked for beside them.
        "backpressure": 8192,
        "respawn_failed_workers": True,
        "respawn_interval": 0.5,
        "workers_kill_timeout": 15,
        "log_level": LogLevels.warning,
    }
