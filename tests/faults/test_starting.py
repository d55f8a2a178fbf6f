"""What stops a start: one clear line on stderr, an exit that is not 0, and nothing half done."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import asyncpg
import pytest

from fairground.adapters.postgres.folder import DataFolder, lock_folder
from tests.support.embedded_postgres import IS_ROOT
from tests.support.program import Said, free_port, run

NOWHERE = "postgresql://nobody@127.0.0.1:1/nothing"


@pytest.fixture
def place() -> Iterator[Path]:
    """A folder that the embedded server's user can reach; pytest's own is closed to it."""
    path = Path(tempfile.mkdtemp(prefix="fg-"))
    path.chmod(0o711)
    yield path
    shutil.rmtree(path)


def refused(said: Said, words: str, code: int = 1) -> None:
    """Assert one line that says it."""
    assert len(said.trouble) == 1, said
    assert said.trouble[0].startswith("fairground: "), said
    assert words in said.trouble[0]
    assert said.code == code, said
    assert said.out == ""


@pytest.mark.parametrize("command", ["up", "serve"])
def test_a_port_in_use(place: Path, command: str) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = run(place / "data", command, "--port", port, DATABASE_URL=NOWHERE)
    refused(said, f"port {port} is taken: choose another with --port")
    assert not (place / "data").exists()


def test_a_data_folder_without_rights(place: Path) -> None:
    closed = place / "closed"
    closed.mkdir(mode=0o700 if IS_ROOT else 0o500)  # root may write there, its server's user may not come in
    said = run(closed / "data", "up", "--port", str(free_port()))
    refused(said, f"The data folder {closed}/data cannot be")
    assert "--data" in said.trouble[0]
    assert not (closed / "data/postgres/cluster").exists()


def test_a_data_folder_that_is_a_file(place: Path) -> None:
    (place / "data").write_text("mine")
    refused(run(place / "data", "up", "--port", str(free_port())), "cannot be used")
    assert (place / "data").read_text() == "mine"


def test_a_data_folder_that_another_market_holds(place: Path) -> None:
    held = lock_folder(DataFolder(place))
    try:
        said = run(place, "up", "--port", str(free_port()))
    finally:
        os.close(held)
    refused(said, f"is in use by another running market (process {os.getpid()})")
    assert not (place / "postgres").exists()


@pytest.mark.parametrize("command", ["up", "serve", "work", "migrate", "audit", "demo"])
def test_a_database_that_does_not_answer(place: Path, command: str) -> None:
    flags = ["--port", str(free_port())] if command in ("up", "serve") else []
    said = run(place / "data", command, *flags, DATABASE_URL=NOWHERE, FAIRGROUND_DATABASE_WAIT="0.1")
    refused(said, "the database does not answer: ")


@pytest.mark.parametrize("command", ["serve", "work", "audit"])
def test_no_database_at_all(place: Path, command: str) -> None:
    flags = ["--port", str(free_port())] if command == "serve" else []
    refused(run(place / "data", command, *flags), "start `fairground up`, or set DATABASE_URL")


@pytest.mark.parametrize("command", ["up", "serve", "work", "migrate"])
async def test_a_database_of_a_newer_release(place: Path, dsn: str, command: str) -> None:
    conn = await asyncpg.connect(dsn)
    await conn.execute(
        """
        insert into public._pogo_migration (migration_hash, migration_id, applied, schema_name)
        values ('9999', '9999_from_tomorrow', now(), 'public')
        """
    )
    await conn.close()
    flags = ["--port", str(free_port())] if command in ("up", "serve") else []
    said = run(place / "data", command, *flags, DATABASE_URL=dsn)
    refused(said, "was migrated by a newer release (it knows 9999_from_tomorrow, this one does not)")


@pytest.mark.parametrize("command", ["serve", "work"])
async def test_a_database_that_was_never_migrated(place: Path, dsn: str, command: str) -> None:
    conn = await asyncpg.connect(dsn)
    await conn.execute("delete from public._pogo_migration where migration_id like '0%'")
    await conn.close()
    flags = ["--port", str(free_port())] if command == "serve" else []
    said = run(place / "data", command, *flags, DATABASE_URL=dsn)
    refused(said, "migrations wait): run `fairground migrate`")


@pytest.mark.parametrize(
    ("name", "value", "words"),
    [
        ("FAIRGROUND_PORT", "eight", "FAIRGROUND_PORT: expected int"),
        ("FAIRGROUND_PROT", "8000", "FAIRGROUND_PROT: there is no such setting"),
        ("FAIRGROUND_SMTP_URL", "mail.example", "smtp_url: expected smtp://"),
        ("FAIRGROUND_ORDERS_UNPAID_CLOSE_HOURS", "soon", "FAIRGROUND_ORDERS_UNPAID_CLOSE_HOURS: expected"),
    ],
)
def test_a_malformed_setting(place: Path, name: str, value: str, words: str) -> None:
    refused(run(place / "data", "up", **{name: value}), words, code=2)
    assert not (place / "data").exists()


async def test_a_setting_found_wrong_by_the_web_process_ends_the_server(place: Path, dsn: str) -> None:
    """What only the whole outfit can tell: the server ends too, instead of starting its process again for ever."""
    more = {"DATABASE_URL": dsn, "FAIRGROUND_GATEWAYS": "bank_transfer"}
    said = run(place / "data", "serve", "--port", str(free_port()), **more)
    assert said.code == 1
    assert set(said.trouble) == {"fairground: gateways: bank_transfer needs bank_holder and bank_number"}
