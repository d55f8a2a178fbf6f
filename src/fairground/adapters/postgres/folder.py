"""What lies where in the data folder, who may go there, and who is there now.

DATA/postgres.lock       held while a market runs on the folder
DATA/postgres.password   of the roles `fairground` (the market) and `postgres` (the administrator)
DATA/postgres.conf       our settings, written anew at each start; DATA/postgres-local.conf is the owner's
DATA/postgres.log        and one older, .1
DATA/postgres.socket     names the socket's folder where DATA is too long for a socket
DATA/postgres/           the server's own: cluster/ and the socket
DATA/postgres-bin-18.4/  programs, where the installed ones are closed to the server's user
"""

import errno
import fcntl
import os
import secrets
import stat
import tempfile
from collections.abc import Callable
from pathlib import Path

import msgspec

from fairground.adapters.postgres.account import Account, name_of
from fairground.adapters.postgres.errors import (
    FolderLocked,
    FolderOfAnother,
    FolderOutOfReach,
    FolderRefused,
    NoRoomForSocket,
)
from fairground.adapters.postgres.sockets import socket_fits

_OUR_NAMES = ("postgres", "fairground")


class DataFolder(msgspec.Struct, frozen=True):
    """The paths inside a data folder that belong to PostgreSQL."""

    path: Path

    @property
    def home(self) -> Path:
        """Give the server's own folder; all that its user owns."""
        return self.path / "postgres"

    @property
    def cluster(self) -> Path:
        """Give PostgreSQL's data directory."""
        return self.home / "cluster"

    @property
    def pid_file(self) -> Path:
        """Give the file in which a running server describes itself."""
        return self.cluster / "postmaster.pid"

    @property
    def lock(self) -> Path:
        """Give the file locked while a market runs on the folder."""
        return self.path / "postgres.lock"

    @property
    def password(self) -> Path:
        """Give the file with the password."""
        return self.path / "postgres.password"

    @property
    def settings(self) -> Path:
        """Give our settings file."""
        return self.path / "postgres.conf"

    @property
    def local_settings(self) -> Path:
        """Give the owner's settings file, which need not be there."""
        return self.path / "postgres-local.conf"

    @property
    def log(self) -> Path:
        """Give the server's log."""
        return self.path / "postgres.log"

    @property
    def socket_note(self) -> Path:
        """Give the file that remembers a socket folder elsewhere."""
        return self.path / "postgres.socket"


def default_data_dir() -> Path:
    """Say where a market keeps its data if nobody says otherwise: for root below /var/lib, for a user at home."""
    if os.geteuid() == 0:
        return Path("/var/lib/fairground")
    told = os.environ.get("XDG_DATA_HOME", "")
    # The XDG specification has relative paths ignored.
    base = Path(told) if os.path.isabs(told) else Path.home() / ".local/share"
    return base / "fairground"


def open_data_folder(folder: DataFolder, account: Account) -> None:
    """Create the data folder if need be, closed to everybody else; only the server's user may pass through it.

    Raises:
        FolderRefused: we have no rights there, or it is no folder.
    """
    try:
        folder.path.parent.mkdir(parents=True, exist_ok=True)
        folder.path.mkdir(mode=0o700, exist_ok=True)
        about = folder.path.stat()
        # A folder with other things in it is somebody's and keeps its rights, even if it was named as ours by mistake.
        mode = about.st_mode & 0o700 | (0o011 if account.switched else 0)
        if about.st_uid == os.geteuid() and stat.S_IMODE(about.st_mode) != mode and _is_ours(folder.path):
            folder.path.chmod(mode)
    except OSError as error:
        raise FolderRefused(folder=folder.path, reason=error.strerror) from error


def _is_ours(path: Path) -> bool:
    names = os.listdir(path)
    return not names or any(name.startswith(_OUR_NAMES) for name in names)


def open_home(folder: DataFolder, account: Account) -> None:
    """Create the server's own folder, and hand it to the server's user if it is root's: new, or out of an archive.

    Raises:
        FolderRefused: we have no rights there.
        FolderOfAnother: it belongs to somebody who is neither root nor the server's user.
        UserRefused: the system does not let root hand it over.
        FolderOutOfReach: a folder above it is closed to the server's user.
    """
    try:
        folder.home.mkdir(mode=0o700, exist_ok=True)
        about = folder.home.lstat()
        if not stat.S_ISDIR(about.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, f"{folder.home.name} in it is no folder")  # a link least of all
        owner = about.st_uid
        if owner not in (account.uid, os.geteuid()):
            raise FolderOfAnother(folder=folder.home, owner=name_of(owner))
        if owner != account.uid:
            _hand_over(folder.home, account)
    except OSError as error:
        raise FolderRefused(folder=folder.path, reason=error.strerror) from error
    if account.switched and not account.can_enter(folder.home):
        closed = closed_folder(folder.home, account.uid, account.gid) or folder.path
        raise FolderOutOfReach(folder=folder.path, user=account.name, closed=closed)


def _hand_over(home: Path, account: Account) -> None:
    # By descriptors and without following links; the folder itself last, for until then nobody else can write in it.
    try:
        for _, folders, files, place in os.fwalk(home, follow_symlinks=False):
            for name in (*folders, *files):
                os.chown(name, account.uid, account.gid, dir_fd=place, follow_symlinks=False)
        os.chown(home, account.uid, account.gid, follow_symlinks=False)
    except OSError as error:
        raise account.refused(error) from error


def closed_folder(
    path: Path, uid: int, gid: int, look: Callable[[Path], os.stat_result] = lambda path: path.stat()
) -> Path | None:
    """Name the first folder on the way to `path` whose mode stops a user; None if the modes stop nobody."""
    for folder in (*reversed(path.parents), path):
        about = look(folder)
        shift = 6 if about.st_uid == uid else 3 if about.st_gid == gid else 0
        if not about.st_mode >> shift & 1:
            return folder
    return None


def lock_folder(folder: DataFolder) -> int:
    """Lock the data folder for this process; gives the descriptor that holds the lock.

    Raises:
        FolderLocked: another market runs on it.
        FolderRefused: we have no rights there.
    """
    try:
        lock = os.open(folder.lock, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise FolderRefused(folder=folder.path, reason=error.strerror) from error
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        os.ftruncate(lock, 0)
        os.pwrite(lock, f"{os.getpid()}\n".encode(), 0)
    except OSError as error:
        pid = os.pread(lock, 20, 0).decode(errors="replace").strip() or "?"
        os.close(lock)
        if isinstance(error, BlockingIOError):
            raise FolderLocked(folder=folder.path, pid=pid) from None
        raise FolderRefused(folder=folder.path, reason=error.strerror) from error
    return lock


def written_major(folder: DataFolder) -> int | None:
    """Read which major version wrote the data; None if there is none yet."""
    try:
        return int((folder.cluster / "PG_VERSION").read_text())
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise FolderRefused(folder=folder.path, reason=error) from error


def read_password(folder: DataFolder) -> str | None:
    """Read the password; None if there is none yet."""
    try:
        return folder.password.read_text().strip() or None
    except FileNotFoundError:
        return None
    except OSError as error:
        raise FolderRefused(folder=folder.path, reason=error.strerror) from error


def new_password() -> str:
    """Make a password of letters, digits, `-` and `_`, which need no quoting anywhere."""
    return secrets.token_urlsafe(24)


def write_file(path: Path, text: str, mode: int = 0o600) -> None:
    """Write a file whole or not at all, even if the power fails."""
    fresh = path.with_name(f".{path.name}.new")
    fresh.unlink(missing_ok=True)
    with open(fresh, "x", opener=lambda name, flags: os.open(name, flags, 0o600)) as file:
        file.write(text)
        file.flush()
        os.fchmod(file.fileno(), mode)
        os.fsync(file.fileno())
    fresh.replace(path)


def socket_folder(folder: DataFolder, account: Account) -> Path:
    """Find the folder for the socket: the server's own, or, if that is too long, a private one that is remembered.

    Raises:
        NoRoomForSocket: the temporary folders are too long as well, or closed to the server's user.
    """
    if socket_fits(folder.home):
        return folder.home
    if folder.socket_note.exists():
        noted = Path(folder.socket_note.read_text().strip())
        if _is_private(noted, account):
            return noted
    places = [Path(tempfile.gettempdir()), Path("/tmp")]  # noqa: S108 - a fresh private folder is made in it
    for place in places:
        if socket_fits(place / "fairground-12345678") and account.can_enter(place):
            fresh = Path(tempfile.mkdtemp(prefix="fairground-", dir=place))
            os.chown(fresh, account.uid, account.gid)
            write_file(folder.socket_note, f"{fresh}\n")
            return fresh
    raise NoRoomForSocket(places=", ".join(map(str, places)))


def _is_private(path: Path, account: Account) -> bool:
    try:
        about = path.lstat()
    except OSError:
        return False
    return stat.S_ISDIR(about.st_mode) and about.st_uid == account.uid and not about.st_mode & 0o077
