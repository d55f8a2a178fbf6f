"""Start, stop, log, socket: the days on which nothing happens, and the first one."""

import asyncio
import os
import resource
import shutil
import socket
import tempfile
import time
from pathlib import Path

import asyncpg
import pytest

from fairground.adapters.postgres.account import server_account
from fairground.adapters.postgres.binaries import find_binaries
from fairground.adapters.postgres.embedded import EmbeddedPostgres
from fairground.adapters.postgres.errors import DidNotStart, FolderRefused, NotPrepared
from fairground.adapters.postgres.folder import DataFolder
from fairground.adapters.postgres.postmaster import read_pid_file
from fairground.adapters.postgres.running import running_dsn
from tests.support.embedded_postgres import IS_ROOT, ask, keeps, mode, note

SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "full_page_writes": "on",
    "data_checksums": "on",
    "jit": "off",
    "TimeZone": "UTC",
    "listen_addresses": "",
    "max_connections": "100",
    "random_page_cost": "1.1",
    "server_encoding": "UTF8",
}


class TestStart:
    def test_the_first_makes_a_durable_private_database(self, place: Path) -> None:
        data = place / "market/data"
        place.chmod(0o711)
        with EmbeddedPostgres(data) as server:
            assert server.is_alive()
            assert ask(server.dsn, "select current_database()") == "fairground"
            assert ask(server.dsn, "select rolsuper from pg_roles where rolname = current_user") is False
            for name, value in SETTINGS.items():
                assert ask(server.dsn, f"show {name}") == value
            assert ask(server.dsn, "select datcollate from pg_database where datname = 'fairground'") == "C"
            assert mode(data) == (0o711 if IS_ROOT else 0o700)
            assert mode(data / "postgres") == 0o700
            assert mode(data / "postgres.password") == 0o600
            assert mode(data / "postgres.log") == 0o600
        assert not server.is_alive()

    def test_a_later_one_finds_everything_again_at_once(self, data: Path) -> None:
        with EmbeddedPostgres(data, fsync=False) as first:
            kept = note(first.dsn)
            address = first.dsn
        begin = time.monotonic()
        with EmbeddedPostgres(data, fsync=False) as second:
            assert time.monotonic() - begin < 10
            assert second.dsn == address
            assert keeps(second.dsn, kept)

    def test_a_second_call_changes_nothing(self, server: EmbeddedPostgres) -> None:
        before = server.pid
        server.start()
        assert server.pid == before

    def test_it_can_be_stopped_twice_and_started_again(self, server: EmbeddedPostgres) -> None:
        server.stop()
        server.stop()
        server.start()
        assert server.is_alive()

    def test_a_wrong_password_is_refused(self, server: EmbeddedPostgres, data: Path) -> None:
        password = (data / "postgres.password").read_text().strip()
        with pytest.raises(asyncpg.InvalidPasswordError):
            ask(server.dsn.replace(password, "guessed"), "select 1")

    def test_a_first_one_cut_off_is_begun_again(self, place: Path) -> None:
        account = server_account("nobody")
        (place / "postgres/cluster.new/base").mkdir(parents=True)
        (place / "postgres/cluster.new/PG_VERSION").write_text("18\n")
        for path in [place / "postgres", *(place / "postgres").rglob("*")]:
            os.chown(path, account.uid, account.gid)
        with EmbeddedPostgres(place, fsync=False) as server:
            assert ask(server.dsn, "select 1") == 1
        assert not (place / "postgres/cluster.new").exists()

    def test_a_first_one_that_fails_says_why_and_leaves_no_database(
        self, place: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        crippled = place / "bin"
        install = find_binaries().bin_dir
        crippled.mkdir(mode=0o755)
        (crippled / "postgres").symlink_to(install / "postgres")
        (crippled / "initdb").write_text('#!/bin/sh\n[ "$1" = --version ] || { echo no room left; exit 1; }\n')
        (crippled / "initdb").chmod(0o755)
        place.chmod(0o711)
        with pytest.raises(NotPrepared, match="no room left"):
            EmbeddedPostgres(place / "data", bin_dir=crippled, fsync=False).start()
        assert not (place / "data/postgres/cluster").exists()
        with EmbeddedPostgres(place / "data", fsync=False) as server:
            assert ask(server.dsn, "select 1") == 1

    def test_a_lost_password_is_set_anew(self, data: Path) -> None:
        (data / "postgres.password").unlink()
        with EmbeddedPostgres(data, fsync=False) as server:
            assert keeps(server.dsn)
            assert mode(data / "postgres.password") == 0o600

    def test_the_owners_settings_win(self, data: Path) -> None:
        local = data / "postgres-local.conf"
        local.write_text("work_mem = 7MB\n")
        local.chmod(0o644)
        with EmbeddedPostgres(data, fsync=False) as server:
            assert ask(server.dsn, "show work_mem") == "7MB"
        local.unlink()

    def test_one_that_fails_gives_the_servers_last_words_and_lets_go_of_the_folder(self, data: Path) -> None:
        local = data / "postgres-local.conf"
        local.write_text("no_such_setting = 1\n")
        local.chmod(0o644)
        server = EmbeddedPostgres(data, fsync=False)
        with pytest.raises(DidNotStart, match="no_such_setting"):
            server.start()
        assert server.pid is None
        local.unlink()
        with EmbeddedPostgres(data, fsync=False) as another:
            assert another.is_alive()

    def test_tcp_is_open_on_this_machine_when_asked_and_needs_the_password(self, data: Path) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            port = free.getsockname()[1]
        password = (data / "postgres.password").read_text().strip()
        with EmbeddedPostgres(data, tcp_port=port, fsync=False) as server:
            assert server.is_alive()
            assert ask(server.dsn, "show listen_addresses") == "127.0.0.1"
            address = f"postgresql://fairground:{password}@127.0.0.1:{port}/fairground"
            assert ask(address, "select inet_server_port()") == port
            with pytest.raises(asyncpg.InvalidPasswordError):
                ask(address.replace(password, "guessed"), "select 1")

    def test_a_ctrl_c_for_the_market_does_not_reach_the_server(self, server: EmbeddedPostgres) -> None:
        assert server.pid is not None
        assert os.getpgid(server.pid) != os.getpgrp()
        assert os.getsid(server.pid) != os.getsid(0)


class TestLog:
    def test_it_is_kept_within_bounds_while_the_server_writes(self, server: EmbeddedPostgres, data: Path) -> None:
        log = data / "postgres.log"
        with log.open("ab") as file:
            file.write(b"x" * 9_000_000)
        assert server.is_alive()
        assert log.stat().st_size < 1_000
        assert (data / "postgres.log.1").stat().st_size > 9_000_000
        with pytest.raises(asyncpg.DivisionByZeroError):
            ask(server.dsn, "select 1 / 0")
        assert b"division by zero" in log.read_bytes()
        assert b"\0" not in log.read_bytes()

    def test_it_names_nobody(self, server: EmbeddedPostgres, data: Path) -> None:
        ask(server.dsn, "create table if not exists people (mail text primary key)")

        async def twice() -> None:
            connection = await asyncpg.connect(server.dsn)
            try:
                for _ in range(2):
                    await connection.execute("insert into people values ($1)", "someone@example.org")
            finally:
                await connection.close()

        with pytest.raises(asyncpg.UniqueViolationError):
            asyncio.run(twice())
        assert "people_pkey" in (data / "postgres.log").read_text()
        assert "someone@example.org" not in (data / "postgres.log").read_text()


class TestSocket:
    def test_a_long_folder_gets_a_short_private_one_and_remembers_it(self, copy: Path) -> None:
        long = copy.parent / ("x" * 100)
        copy.rename(long)
        with EmbeddedPostgres(long, fsync=False) as server:
            elsewhere = Path((long / "postgres.socket").read_text().strip())
            assert elsewhere.parent == Path(tempfile.gettempdir())
            assert mode(elsewhere) == 0o700
            assert keeps(server.dsn)
            address = server.dsn
            assert running_dsn(long) == address
        with EmbeddedPostgres(long, fsync=False) as server:
            assert server.dsn == address
        shutil.rmtree(elsewhere)

    def test_a_remembered_folder_that_others_can_open_is_not_trusted(self, copy: Path) -> None:
        long = copy.parent / ("x" * 100)
        copy.rename(long)
        opened = copy.parent / "open"
        opened.mkdir()
        opened.chmod(0o777)
        (long / "postgres.socket").write_text(f"{opened}\n")
        with EmbeddedPostgres(long, fsync=False) as server:
            assert str(opened) not in server.dsn
            assert keeps(server.dsn)
        shutil.rmtree(Path((long / "postgres.socket").read_text().strip()))


@pytest.mark.parametrize("room", [0, 100])
def test_no_room_left_is_told_in_one_line_and_the_folder_let_go(data: Path, room: int) -> None:
    server = EmbeddedPostgres(data, fsync=False)
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, before[1]))
    try:
        with pytest.raises(FolderRefused, match="File too large"):
            server.start()
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)
    with server:
        assert keeps(server.dsn)


def test_a_servers_own_file_says_who_and_where_it_is_until_it_ends(server: EmbeddedPostgres, data: Path) -> None:
    told = read_pid_file(DataFolder(data))
    assert told is not None
    assert (told.pid, told.ready) == (server.pid, True)
    assert told.socket_folder == data / "postgres"
    server.stop()
    assert read_pid_file(DataFolder(data)) is None
