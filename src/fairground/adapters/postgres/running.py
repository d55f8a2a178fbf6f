"""Find the database of a market that is running, for commands beside it."""

from pathlib import Path

from fairground.adapters.postgres.errors import FolderRefused
from fairground.adapters.postgres.folder import DataFolder, read_password
from fairground.adapters.postgres.postmaster import is_server_of, read_pid_file
from fairground.adapters.postgres.sockets import answers, dsn_of


def running_dsn(data_dir: Path, *, seconds: float = 5.0) -> str | None:
    """Give the address of the folder's database if its server is alive; None if not. Waits `seconds` at most.

    Raises:
        FolderRefused: the folder is there, but closed to this user.
    """
    folder = DataFolder(data_dir.absolute().resolve())
    password = read_password(folder)
    try:
        told = read_pid_file(folder)
    except OSError as error:
        raise FolderRefused(folder=folder.path, reason=error.strerror) from error
    if password is None or told is None or not told.ready or not is_server_of(told.pid, folder):
        return None
    if not answers(told.socket_folder, told.port, seconds):
        return None
    return dsn_of(told.socket_folder, told.port, password)
