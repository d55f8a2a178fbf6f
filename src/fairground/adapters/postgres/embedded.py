"""The supervisor: starts the server of a data folder, watches it, ends it."""

import os
import subprocess
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

from fairground.adapters.postgres.account import Account, server_account
from fairground.adapters.postgres.binaries import bring_into_reach, find_binaries, tool_path
from fairground.adapters.postgres.cluster import Making, make_cluster
from fairground.adapters.postgres.errors import DidNotStart, DidNotStartInTime, FolderRefused
from fairground.adapters.postgres.folder import (
    DataFolder,
    lock_folder,
    open_data_folder,
    open_home,
    socket_folder,
    write_file,
    written_major,
)
from fairground.adapters.postgres.log import open_log, trim_log, words_since
from fairground.adapters.postgres.postmaster import (
    AT_ONCE,
    LOOK_EVERY,
    clear_away,
    dismiss_guard,
    end,
    end_kin,
    post_guard,
    read_pid_file,
)
from fairground.adapters.postgres.settings import buffers_mib, settings_text
from fairground.adapters.postgres.sockets import SOCKET_PORT, answers, dsn_of

START_SECONDS = 120.0  # recovery after a kill reads up to max_wal_size
ALIVE_SECONDS = 5.0
HUNG_SECONDS = 15.0  # a busy machine is slow to answer; only silence as long as this is death
_KIN_STILL_THERE = "pre-existing shared memory block"


class EmbeddedPostgres:
    """The PostgreSQL of one data folder; a context. Calls block: from asyncio, use `to_thread`."""

    def __init__(
        self,
        data_dir: Path,
        *,
        bin_dir: Path | None = None,
        run_as: str = "nobody",
        tcp_port: int | None = None,
        fsync: bool = True,
    ) -> None:
        """Describe the server; nothing is touched before `start`.

        Args:
            data_dir: the market's data folder; created if need be.
            bin_dir: a folder of PostgreSQL programs, 15 or newer; those of the wheel if not given.
            run_as: the unprivileged user of the server if we are root; otherwise it is ourselves.
            tcp_port: listen on 127.0.0.1 too.
            fsync: False only for tests: faster, and a power failure may ruin the data.
        """
        self._folder = DataFolder(data_dir.absolute().resolve())
        self._bin_dir = bin_dir
        self._run_as = run_as
        self._tcp_port = tcp_port
        self._fsync = fsync
        self._mutex = threading.RLock()
        self._lock: int | None = None
        self._server: subprocess.Popen[bytes] | None = None
        self._guard: subprocess.Popen[bytes] | None = None
        self._socket_folder: Path | None = None
        self._password = ""

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def dsn(self) -> str:
        """Give the address of the database `fairground`, password and all; known once started."""
        assert self._socket_folder is not None, "the server was never started"
        return dsn_of(self._socket_folder, self._port, self._password)

    @property
    def pid(self) -> int | None:
        """Give the number of the server's process, while it is ours."""
        return self._server.pid if self._server else None

    def start(self) -> None:
        """Start the server, or do nothing if it is well; a dead or hung one is replaced, and recovers what it had.

        Raises:
            PostgresTrouble: its line says why there is no server.
        """
        with self._mutex:
            if self._is_well(HUNG_SECONDS):
                return
            try:
                self._start()
            except BaseException as error:
                self._end_server()
                self._unlock()
                if isinstance(error, OSError):  # a full disk, above all
                    raise FolderRefused(folder=self._folder.path, reason=error.strerror or error) from error
                raise

    def stop(self) -> None:
        """End the server: its clients are sent away, all is written. Does nothing if there is none.

        Raises:
            DidNotStop: it survives everything.
        """
        with self._mutex:
            self._end_server()
            self._unlock()

    def is_alive(self) -> bool:
        """Tell whether the server answers; on the way, keep its log within bounds."""
        if not self._is_well(ALIVE_SECONDS):
            return False
        trim_log(self._folder.log)
        return True

    def tool_path(self, name: str) -> Path:
        """Find a client program (`pg_dump`, `pg_restore`, `psql`) of the same PostgreSQL.

        Raises:
            BinariesMissing: it came without that program.
        """
        if self._bin_dir:
            return tool_path(name, self._bin_dir)
        return find_binaries(major=written_major(self._folder), folder=self._folder.path).program(name)

    @property
    def _port(self) -> int:
        return self._tcp_port or SOCKET_PORT

    def _is_well(self, seconds: float) -> bool:
        server, place = self._server, self._socket_folder
        if server is None or place is None or server.poll() is not None:
            return False
        return answers(place, self._port, seconds)

    def _start(self) -> None:
        account = server_account(self._run_as)
        open_data_folder(self._folder, account)
        if self._lock is None:
            self._lock = lock_folder(self._folder)
        open_home(self._folder, account)
        self._end_server(hung=True)
        clear_away(self._folder, account)
        found = find_binaries(self._bin_dir, major=written_major(self._folder), folder=self._folder.path)
        binaries = bring_into_reach(found, account, self._folder.path)
        self._write_settings(binaries.major, account)
        self._password = make_cluster(Making(self._folder, account, binaries, self._fsync))
        until = time.monotonic() + START_SECONDS
        while not self._launch(account, binaries.program("postgres"), until):
            time.sleep(LOOK_EVERY)

    def _write_settings(self, major: int, account: Account) -> None:
        place = self._socket_folder = socket_folder(self._folder, account)
        local = self._folder.local_settings.exists()
        text = settings_text(
            major=major,
            socket_folder=place,
            tcp_port=self._tcp_port,
            fsync=self._fsync,
            local=local,
            buffers=buffers_mib(self._folder.cluster),
        )
        write_file(self._folder.settings, text, mode=0o644 if account.switched else 0o600)

    def _launch(self, account: Account, program: Path, until: float) -> bool:
        trim_log(self._folder.log)
        argv: list[str | Path] = [program, "-D", self._folder.cluster]
        with open_log(self._folder.log) as log:
            begin = os.fstat(log.fileno()).st_size
            self._server = account.spawn(argv, stdin=subprocess.DEVNULL, output=log)
        self._guard = post_guard(self._server.pid, self._folder, account)
        return self._wait_until_ready(self._server, account, begin, until)

    def _wait_until_ready(self, server: subprocess.Popen[bytes], account: Account, begin: int, until: float) -> bool:
        """Wait for the server; False if it is worth another try: children of a killed one were in the way."""
        while time.monotonic() < until:
            told = read_pid_file(self._folder)
            if server.poll() is not None:
                words = words_since(self._folder.log, begin)
                self._end_server()
                if _KIN_STILL_THERE not in words:
                    raise DidNotStart(log=self._folder.log, words=words)
                end_kin(self._folder, account)
                return False
            if told and told.pid == server.pid and told.ready and self._is_well(ALIVE_SECONDS):
                return True
            time.sleep(LOOK_EVERY)
        words = words_since(self._folder.log, begin)
        raise DidNotStartInTime(seconds=START_SECONDS, log=self._folder.log, words=words)

    def _end_server(self, *, hung: bool = False) -> None:
        server, guard = self._server, self._guard
        if server is not None:
            if hung:
                end(server.pid, lambda: server.poll() is None, server.send_signal, AT_ONCE)
            else:
                end(server.pid, lambda: server.poll() is None, server.send_signal)
        if guard is not None:
            dismiss_guard(guard)
        self._server = self._guard = None

    def _unlock(self) -> None:
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None
