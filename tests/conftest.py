"""What every tier shares: a fresh database for each test, with a clock that stands still until it is moved."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fairground.kit.clock import Clock
from fairground.kit.db import Database, Given
from fairground.kit.ids import IdMaker
from tests.support.given import test_given
from tests.support.postgres import Server, drop_database, fresh_database, template_now

if TYPE_CHECKING:
    from tests.support.web import Market

_server = Server()


def pytest_sessionstart(session: pytest.Session) -> None:
    """Start before the workers are born."""
    if not hasattr(session.config, "workerinput") and not session.config.option.collectonly:
        _server.start()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop after the last worker is gone."""
    if not hasattr(config, "workerinput"):
        _server.stop()


@pytest.fixture(scope="session")
def template_database() -> str:
    """The migrated template of this run."""
    return template_now()


@pytest.fixture
async def dsn(template_database: str) -> AsyncIterator[str]:
    """A fresh, migrated, empty database."""
    address = await fresh_database(template_database)
    yield address
    await drop_database(address)


@pytest.fixture
def clock() -> Clock:
    """A clock that stands still; `clock.move(timedelta(hours=25))`."""
    clock = Clock()
    clock.freeze(datetime(2026, 6, 18, 12, 0, tzinfo=UTC))
    return clock


@pytest.fixture
def given() -> Given:
    """The rules with their defaults, but quick passwords."""
    return test_given()


@pytest.fixture
async def db(dsn: str, clock: Clock, given: Given) -> AsyncIterator[Database]:
    """The database of one test."""
    database = Database(dsn, clock=clock, ids=IdMaker(0), given=given, connections=6)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def wide_db(dsn: str, clock: Clock, given: Given) -> AsyncIterator[Database]:
    """The same with many connections, for races."""
    database = Database(dsn, clock=clock, ids=IdMaker(1), given=given, connections=24)
    await database.open()
    yield database
    await database.close()


@pytest.fixture
async def market(dsn: str, clock: Clock, tmp_path: Path) -> AsyncIterator["Market"]:
    """A market in this process: `market.visitor()`, `market.program(token)`, `market.db`."""
    from tests.support.given import QUICK
    from tests.support.web import open_test_market

    async with open_test_market(dsn, tmp_path, clock, QUICK) as opened:
        yield opened
