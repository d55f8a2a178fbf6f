"""Folders for a server. They do not lie in pytest's own: for root that one is closed to the server's user."""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fairground.adapters.postgres.embedded import EmbeddedPostgres
from tests.support.embedded_postgres import ask


@pytest.fixture
def place() -> Iterator[Path]:
    path = Path(tempfile.mkdtemp(prefix="fg-"))
    yield path
    shutil.rmtree(path)


@pytest.fixture(scope="session")
def data() -> Iterator[Path]:
    """A folder with a database in it, stopped; each test leaves it so, for making or copying one takes a second."""
    path = Path(tempfile.mkdtemp(prefix="fg-"))
    with EmbeddedPostgres(path, fsync=False) as server:
        ask(server.dsn, "create table notes (words text)")
    yield path
    shutil.rmtree(path)


@pytest.fixture
def copy(data: Path, place: Path) -> Path:
    """A copy of it, for tests that leave nothing whole."""
    path = place / "data"
    subprocess.run(["cp", "-a", data, path], check=True)
    place.chmod(0o711)
    return path


@pytest.fixture
def server(data: Path) -> Iterator[EmbeddedPostgres]:
    with EmbeddedPostgres(data, fsync=False) as running:
        yield running
