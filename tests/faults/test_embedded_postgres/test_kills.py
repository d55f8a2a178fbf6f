"""Either side is killed, and a second market wants the same folder."""

import asyncio
import contextlib
import os
import signal
import subprocess
import uuid
from pathlib import Path

import asyncpg
import pytest

from fairground.adapters.postgres import embedded
from fairground.adapters.postgres.account import server_account
from fairground.adapters.postgres.embedded import EmbeddedPostgres
from fairground.adapters.postgres.errors import FolderLocked, FolderRefused
from fairground.adapters.postgres.folder import DataFolder
from fairground.adapters.postgres.postmaster import is_server_of
from fairground.adapters.postgres.running import running_dsn
from tests.support.embedded_postgres import IS_ROOT, eventually, guards_of, keeps, market, note, ordinary_user, runs


class TestOneMarketPerFolder:
    def test_a_second_is_refused_and_told_who_is_there(self, server: EmbeddedPostgres, data: Path) -> None:
        before = server.pid
        with pytest.raises(FolderLocked, match=str(os.getpid())):
            EmbeddedPostgres(data, fsync=False).start()
        assert server.is_alive()
        assert server.pid == before

    def test_one_in_another_process_is_refused_too(self, data: Path) -> None:
        with market(data) as (process, pid):
            with pytest.raises(FolderLocked, match=str(process.pid)):
                EmbeddedPostgres(data, fsync=False).start()
            assert is_server_of(pid, DataFolder(data))
        assert eventually(lambda: not is_server_of(pid, DataFolder(data)))

    def test_its_database_is_found_from_beside(self, server: EmbeddedPostgres, data: Path) -> None:
        assert running_dsn(data) == server.dsn
        server.stop()
        assert running_dsn(data) is None

    def test_a_folder_without_a_market_has_no_database(self, place: Path) -> None:
        assert running_dsn(place) is None
        assert running_dsn(place / "nowhere") is None

    def test_a_folder_closed_to_us_says_so(self, server: EmbeddedPostgres, data: Path) -> None:
        if IS_ROOT:
            with ordinary_user(), pytest.raises(FolderRefused):
                running_dsn(data)
        else:
            (data / "postgres.password").chmod(0)
            with pytest.raises(FolderRefused):
                running_dsn(data)
            (data / "postgres.password").chmod(0o600)


class TestKilled:
    def test_a_killed_server_is_replaced_and_keeps_what_was_committed(self, server: EmbeddedPostgres) -> None:
        before = server.pid
        assert before is not None
        kept, never = note(server.dsn), uuid.uuid4().hex

        async def kill_in_the_middle() -> None:
            connection = await asyncpg.connect(server.dsn)
            await connection.execute("begin")
            await connection.execute("insert into notes values ($1)", never)
            os.kill(before, signal.SIGKILL)
            connection.terminate()

        asyncio.run(kill_in_the_middle())
        assert eventually(lambda: not server.is_alive())
        server.start()
        assert server.pid != before
        assert server.is_alive()
        assert keeps(server.dsn, kept)
        assert not keeps(server.dsn, never)

    def test_a_busy_child_of_a_killed_server_does_not_stand_in_the_way(self, server: EmbeddedPostgres) -> None:
        before = server.pid
        assert before is not None
        kept = note(server.dsn)

        async def kill_while_it_counts() -> int:
            connection = await asyncpg.connect(server.dsn)
            child = await connection.fetchval("select pg_backend_pid()")
            counting = asyncio.ensure_future(
                connection.fetchval("select count(*) from generate_series(1, 10000000000)")
            )
            other = await asyncpg.connect(server.dsn)
            while not await other.fetchval("select 1 from pg_stat_activity where pid = $1 and state = 'active'", child):
                await asyncio.sleep(0.01)
            os.kill(before, signal.SIGKILL)
            other.terminate()
            counting.cancel()
            with contextlib.suppress(asyncio.CancelledError, OSError, asyncpg.PostgresError):
                await counting
            connection.terminate()
            return child

        child = asyncio.run(kill_while_it_counts())
        assert runs(child)
        server.start()
        assert keeps(server.dsn, kept)
        assert eventually(lambda: not runs(child))

    def test_it_comes_back_again_and_again(self, server: EmbeddedPostgres) -> None:
        kept = []
        for _ in range(3):
            kept.append(note(server.dsn))
            assert server.pid is not None
            os.kill(server.pid, signal.SIGKILL)
            assert eventually(lambda: not server.is_alive())
            server.start()
        assert keeps(server.dsn, *kept)

    def test_a_hung_server_is_replaced(self, server: EmbeddedPostgres, monkeypatch: pytest.MonkeyPatch) -> None:
        kept = note(server.dsn)
        monkeypatch.setattr(embedded, "HUNG_SECONDS", 0.5)
        monkeypatch.setattr(embedded, "AT_ONCE", ((signal.SIGQUIT, 0.2), (signal.SIGKILL, 10.0)))
        before = server.pid
        assert before is not None
        os.kill(before, signal.SIGSTOP)
        server.start()
        assert server.pid != before
        assert not runs(before)
        assert keeps(server.dsn, kept)

    def test_no_server_outlives_a_killed_market(self, data: Path) -> None:
        with market(data) as (process, pid):
            dsn = running_dsn(data)
            assert dsn is not None
            kept = note(dsn)
            process.kill()
            process.wait()
            assert eventually(lambda: not is_server_of(pid, DataFolder(data)))
        with EmbeddedPostgres(data, fsync=False) as server:
            assert keeps(server.dsn, kept)

    def test_no_server_outlives_a_market_that_forgot_it(self, data: Path) -> None:
        with market(data) as (process, pid):
            assert process.stdin is not None
            process.stdin.close()
            assert process.wait() == 0
            assert eventually(lambda: not is_server_of(pid, DataFolder(data)))

    def test_an_orphan_is_taken_over_if_even_the_guard_was_killed(self, data: Path) -> None:
        with market(data) as (process, pid):
            dsn = running_dsn(data)
            assert dsn is not None
            kept = note(dsn)
            guards = guards_of(pid)
            assert len(guards) == 1
            os.kill(guards[0], signal.SIGKILL)
            process.kill()
            process.wait()
        assert is_server_of(pid, DataFolder(data))
        with EmbeddedPostgres(data, fsync=False) as server:
            assert server.pid != pid
            assert not is_server_of(pid, DataFolder(data))
            assert keeps(server.dsn, kept)

    def test_the_guard_goes_with_the_server(self, server: EmbeddedPostgres) -> None:
        assert server.pid is not None
        pid = server.pid
        assert len(guards_of(pid)) == 1
        server.stop()
        assert guards_of(pid) == []

    def test_a_number_used_again_by_another_process_is_left_alone(self, data: Path) -> None:
        with EmbeddedPostgres(data, fsync=False) as server:
            kept = note(server.dsn)
            assert server.pid is not None
            stale = server.pid
            os.kill(stale, signal.SIGKILL)
            assert eventually(lambda: not server.is_alive())
            pid_file = data / "postgres/cluster/postmaster.pid"
            with subprocess.Popen(["cat"], stdin=subprocess.PIPE) as stranger:
                account = server_account("nobody")
                pid_file.write_text(pid_file.read_text().replace(str(stale), str(stranger.pid), 1))
                os.chown(pid_file, account.uid, account.gid)
                assert running_dsn(data) is None
                server.start()
                assert keeps(server.dsn, kept)
                assert stranger.poll() is None
