"""The embedded PostgreSQL's pure parts: what is read, what is written, what is refused."""

import os
from pathlib import Path
from types import SimpleNamespace
from urllib.parse import parse_qs, urlsplit

import pytest

from fairground.adapters.postgres import errors
from fairground.adapters.postgres.binaries import Binaries, version_in
from fairground.adapters.postgres.cluster import last_words
from fairground.adapters.postgres.folder import closed_folder, default_data_dir, new_password
from fairground.adapters.postgres.postmaster import PidFile, parse_pid_file
from fairground.adapters.postgres.settings import LEAST_BUFFERS_MIB, buffers_mib, settings_text
from fairground.adapters.postgres.sockets import LONGEST_SOCKET_PATH, dsn_of, socket_fits, socket_path

PID_FILE = "4711\n/data/postgres/cluster\n1795358208\n5432\n/data/postgres\n\n  1234 5678\nready   \n"

NAMES = ("closed", "folder", "found", "have", "log", "name", "owner", "pid", "place", "places", "reason", "user")


def settings(
    major: int = 18,
    socket_folder: Path = Path("/d"),
    tcp_port: int | None = None,
    fsync: bool = True,
    local: bool = False,
) -> str:
    return settings_text(major=major, socket_folder=socket_folder, tcp_port=tcp_port, fsync=fsync, local=local)


@pytest.mark.parametrize(
    ("said", "version", "major"),
    [
        ("postgres (PostgreSQL) 18.4\n", "18.4", 18),
        ("postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)\n", "15.20", 15),
        ("postgres (PostgreSQL) 19beta1\n", "19beta1", 19),
    ],
)
def test_the_version_is_read_out_of_what_the_server_says(said: str, version: str, major: int) -> None:
    assert version_in(said) == version
    assert Binaries(Path("/bin"), version, from_wheel=False).major == major


def test_another_program_has_no_version() -> None:
    assert version_in("postgres: command not found") is None


def test_a_ready_server_tells_where_it_listens() -> None:
    assert parse_pid_file(PID_FILE) == PidFile(4711, 5432, Path("/data/postgres"), ready=True)


@pytest.mark.parametrize("status", ["starting", "stopping", "standby "])
def test_a_server_in_any_other_state_is_not_ready(status: str) -> None:
    told = parse_pid_file(PID_FILE.replace("ready   ", status))
    assert told is not None
    assert not told.ready


@pytest.mark.parametrize("length", range(len(PID_FILE) - 9))
def test_a_pid_file_half_written_is_never_ready(length: int) -> None:
    told = parse_pid_file(PID_FILE[:length])
    assert told is None or not told.ready


def test_durability_is_on_and_tcp_off_unless_asked_otherwise() -> None:
    lines = settings().splitlines()
    assert {"fsync = on", "synchronous_commit = on", "full_page_writes = on", "listen_addresses = ''"} <= set(lines)
    lines = settings(tcp_port=6000, fsync=False).splitlines()
    assert {"fsync = off", "listen_addresses = '127.0.0.1'", "port = 6000"} <= set(lines)


def test_buffers_grow_with_the_data_and_stay_small_beside_the_machine(tmp_path: Path) -> None:
    assert buffers_mib(tmp_path) == LEAST_BUFFERS_MIB, "nothing is there yet"
    (tmp_path / "base" / "5").mkdir(parents=True)
    for number in range(2):
        with (tmp_path / "base" / "5" / str(number)).open("wb") as file:
            file.truncate(200 * 2**20)  # a file of holes
    assert buffers_mib(tmp_path) == 100
    with (tmp_path / "base" / "5" / "large").open("wb") as file:
        file.truncate(2**42)
    assert buffers_mib(tmp_path) == os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // 8 // 2**20


def test_the_owners_settings_come_last_if_there_are_any() -> None:
    assert settings(local=True).endswith("include 'postgres-local.conf'\n")
    assert "include" not in settings(local=False)


def test_a_setting_of_18_is_not_given_to_15() -> None:
    assert "io_method" in settings()
    assert "io_method" not in settings(major=15)


def test_a_folder_with_quotes_stays_one_folder() -> None:
    text = settings(major=18, socket_folder=Path('/it\'s "odd"\\'), tcp_port=None, fsync=True)
    assert 'unix_socket_directories = \'"/it\'\'s ""odd""\\\\"\'' in text.splitlines()


def test_a_socket_path_may_be_just_as_long_as_the_system_takes() -> None:
    room = LONGEST_SOCKET_PATH - len(os.fsencode(socket_path(Path("/"), 65535)))
    assert socket_fits(Path("/" + "x" * (room - 1)))
    assert not socket_fits(Path("/" + "x" * room))
    assert not socket_fits(Path("/" + "市" * (room // 3 + 1)))  # bytes count, not letters


def test_a_comma_would_part_the_folder_in_two() -> None:
    assert not socket_fits(Path("/one,two"))


def test_the_address_carries_any_folder() -> None:
    parts = urlsplit(dsn_of(Path("/a b/ü&=?"), 5433, "s-e_c"))
    assert (parts.username, parts.password, parts.path) == ("fairground", "s-e_c", "/fairground")
    assert parse_qs(parts.query) == {"host": ["/a b/ü&=?"], "port": ["5433"]}


def test_a_password_needs_no_quoting_and_is_never_the_same() -> None:
    made = {new_password() for _ in range(100)}
    assert len(made) == 100
    assert all(len(word) >= 32 and word.replace("-", "").replace("_", "").isalnum() for word in made)


@pytest.mark.parametrize(
    ("modes", "closed"),
    [
        ({"/": 0o755, "/closed": 0o700, "/closed/data": 0o755}, "/closed"),
        ({"/": 0o755, "/closed": 0o711, "/closed/data": 0o700}, "/closed/data"),
        ({"/": 0o755, "/closed": 0o711, "/closed/data": 0o711}, None),
    ],
)
def test_the_first_folder_that_stops_a_stranger_is_named(modes: dict[str, int], closed: str | None) -> None:
    def look(path: Path) -> os.stat_result:
        return SimpleNamespace(st_mode=modes[str(path)], st_uid=0, st_gid=0)  # type: ignore[return-value]

    found = closed_folder(Path("/closed/data"), 65534, 65534, look)
    assert found == (Path(closed) if closed else None)


def test_an_owner_is_stopped_by_the_owners_rights_alone() -> None:
    def look(path: Path) -> os.stat_result:
        return SimpleNamespace(st_mode=0o077, st_uid=7, st_gid=7)  # type: ignore[return-value]

    assert closed_folder(Path("/"), 7, 7, look) == Path("/")
    assert closed_folder(Path("/"), 8, 7, look) is None


def test_the_data_of_a_user_lies_at_home(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    monkeypatch.setenv("HOME", "/people/someone")
    monkeypatch.delenv("XDG_DATA_HOME", raising=False)
    assert default_data_dir() == Path("/people/someone/.local/share/fairground")
    monkeypatch.setenv("XDG_DATA_HOME", "/elsewhere")
    assert default_data_dir() == Path("/elsewhere/fairground")
    monkeypatch.setenv("XDG_DATA_HOME", "not/absolute")
    assert default_data_dir() == Path("/people/someone/.local/share/fairground")
    monkeypatch.setattr(os, "geteuid", lambda: 0)
    assert default_data_dir() == Path("/var/lib/fairground")


def test_the_last_words_become_one_line() -> None:
    assert last_words("one\n\n two \nthree\n", lines=2) == "two | three"
    assert last_words("") == "–"


@pytest.mark.parametrize("kind", errors.PostgresTrouble.__subclasses__() + errors.DidNotStart.__subclasses__())
def test_every_trouble_is_one_line_that_names_what_it_knows(kind: type[errors.PostgresTrouble]) -> None:
    given = {name: f"<{name}>" for name in NAMES}
    line = str(kind(**given, version="14.1", words="<words>", oldest=15, seconds=120))
    assert "\n" not in line
    assert "%" not in line
    assert line.endswith((".", "<words>"))
