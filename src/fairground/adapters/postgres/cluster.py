"""Make the database: all of it or nothing, so that a first start that was cut off is simply begun again."""

import os
import subprocess
from collections.abc import Sequence
from pathlib import Path

import msgspec

from fairground.adapters.postgres.account import SHELL, Account
from fairground.adapters.postgres.binaries import Binaries
from fairground.adapters.postgres.errors import NotPrepared
from fairground.adapters.postgres.folder import DataFolder, new_password, read_password, write_file
from fairground.adapters.postgres.settings import INCLUDE_LINE

_CREATED = """\
create role fairground login createdb password '{password}'
grant pg_monitor, pg_checkpoint to fairground
create database fairground owner fairground
"""
_ALTERED = """\
alter role postgres password '{password}'
alter role fairground password '{password}'
"""


class Making(msgspec.Struct, frozen=True):
    """What it takes to make a database in a folder."""

    folder: DataFolder
    account: Account
    binaries: Binaries
    fsync: bool


def make_cluster(making: Making) -> str:
    """Make the database unless it is there; gives its password.

    Raises:
        NotPrepared: PostgreSQL's own words say why.
    """
    password = read_password(making.folder)
    if making.folder.cluster.exists():
        return password or _set_password(making)
    if password is None:
        password = new_password()
        write_file(making.folder.password, f"{password}\n")
    fresh = making.folder.home / "cluster.new"
    _say(making, ["rm", "-rf", fresh])
    _initdb(making, fresh, password)
    _single_user(making, fresh, _CREATED.format(password=password))
    _put_in_place(making, fresh)
    return password


def _set_password(making: Making) -> str:
    """Set a new password where the file with the old one was lost."""
    password = new_password()
    _single_user(making, making.folder.cluster, _ALTERED.format(password=password))
    write_file(making.folder.password, f"{password}\n")
    return password


def _initdb(making: Making, place: Path, password: str) -> None:
    read, write = os.pipe()
    try:
        os.write(write, f"{password}\n".encode())
        os.close(write)
        if making.account.switched:
            os.fchown(read, making.account.uid, making.account.gid)  # else it may not open what it inherits
        argv: list[str | Path] = [making.binaries.program("initdb"), "--pgdata", place, "--username", "postgres"]
        argv += ["--pwfile", "/dev/stdin", "--auth", "scram-sha-256", "--no-locale", "--encoding", "UTF8"]
        argv += ["--data-checksums", "--no-instructions", *([] if making.fsync else ["--no-sync"])]
        _say(making, argv, stdin=read)
    finally:
        os.close(read)


def _single_user(making: Making, place: Path, statements: str) -> None:
    """Run statements, one a line, without a server: nobody can connect, and no password is on a command line."""
    durable = "on" if making.fsync else "off"
    argv: list[str | Path] = [making.binaries.program("postgres"), "--single", "-D", place]
    argv += ["-c", "exit_on_error=on"]
    argv += ["-c", f"fsync={durable}", "-c", "log_min_messages=error", "-c", "log_min_error_statement=panic"]
    _say(making, [*argv, "postgres"], words=statements)


def _say(
    making: Making, argv: Sequence[str | Path], *, stdin: int = subprocess.DEVNULL, words: str | None = None
) -> None:
    done = making.account.run(argv, stdin=stdin, words=words)
    if done.returncode != 0:
        raise NotPrepared(folder=making.folder.path, words=last_words(done.stdout))


def _put_in_place(making: Making, fresh: Path) -> None:
    """Have it read our settings, and give it its name: from now on there is a database."""
    script = 'printf %s "$1" >> "$2/postgresql.conf" && mv "$2" "$3"'
    _say(making, [SHELL, "-c", script, "put", INCLUDE_LINE, fresh, making.folder.cluster])
    if making.fsync:
        for written in (making.folder.cluster / "postgresql.conf", making.folder.cluster, making.folder.home):
            _make_durable(written)


def _make_durable(path: Path) -> None:
    place = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    try:
        os.fsync(place)
    finally:
        os.close(place)


def last_words(said: str, lines: int = 6) -> str:
    """Put the last lines of a program's words into one."""
    told = [line.strip() for line in said.splitlines() if line.strip()]
    return " | ".join(told[-lines:]) or "–"
