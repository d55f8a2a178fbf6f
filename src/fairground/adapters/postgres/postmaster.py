"""A running server seen from outside: what its pid file says, whether it is the one meant, how it is made to end."""

import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path

import msgspec

from fairground.adapters.postgres.account import SHELL, Account
from fairground.adapters.postgres.errors import DidNotStop
from fairground.adapters.postgres.folder import DataFolder

LOOK_EVERY = 0.02
# Clients are sent away and all is written; then without writing (the next start recovers); then with no word at all.
GENTLY = ((signal.SIGINT, 60.0), (signal.SIGQUIT, 10.0), (signal.SIGKILL, 10.0))
AT_ONCE = ((signal.SIGQUIT, 5.0), (signal.SIGKILL, 10.0))

# Outlives its market by a moment: the pipe it reads from closes when the market ends, however it ends. A signal on
# the parent's death (PR_SET_PDEATHSIG) is no use: it comes when the *thread* ends that started the server.
# It looks more than once, because a server just begun has not written its number yet.
_GUARD = """
read -r _ && exit
for _ in 1 2 3 4 5; do
    read -r pid < "$2" && [ "$pid" = "$1" ] && { kill -s INT "$1"; exit; }
    sleep 1
done
"""


class PidFile(msgspec.Struct, frozen=True):
    """What a server writes about itself; `ready` when it takes connections."""

    pid: int
    port: int
    socket_folder: Path
    ready: bool


def parse_pid_file(text: str) -> PidFile | None:
    """Read a `postmaster.pid`; None if it makes no sense. A server that starts has written half of it."""
    lines = [*text.splitlines(), *[""] * 8]
    if not lines[0].strip().isdigit():
        return None
    port = lines[3].strip()
    return PidFile(int(lines[0]), int(port) if port.isdigit() else 0, Path(lines[4]), lines[7].strip() == "ready")


def read_pid_file(folder: DataFolder) -> PidFile | None:
    """Read the folder's `postmaster.pid`, if there is one."""
    try:
        return parse_pid_file(folder.pid_file.read_text(errors="replace"))
    except (FileNotFoundError, NotADirectoryError):
        return None


def is_server_of(pid: int, folder: DataFolder) -> bool:
    """Tell whether a process is the server of this folder: numbers are used again, after a restart above all."""
    try:
        argv = Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except FileNotFoundError:
        if Path("/proc/self/cmdline").exists():
            return False
        argv_of = ["/bin/ps", "-o", "args=", "-p", str(pid)]
        said = subprocess.run(argv_of, capture_output=True, check=False).stdout
        return said.strip().endswith(b" -D " + os.fsencode(folder.cluster))
    except OSError:
        return False  # gone while we looked
    return argv[1:3] == [b"-D", os.fsencode(folder.cluster)]


def clear_away(folder: DataFolder, account: Account) -> None:
    """Make the folder free for a new server: end one left over, and forget a pid that is somebody else's by now.

    Raises:
        DidNotStop: the server left over survives everything.
    """
    told = read_pid_file(folder)
    if told is None:
        return
    pid = told.pid
    if is_server_of(pid, folder):
        end(pid, lambda: is_server_of(pid, folder), lambda what: account.send(pid, what))
    elif process_exists(pid):
        # PostgreSQL would take that process for a server and refuse; a number nobody has it clears away itself.
        account.run(["rm", "-f", folder.pid_file])


def end_kin(folder: DataFolder, account: Account) -> None:
    """End the children of a killed server, which hold its memory: an idle one leaves by itself, a busy one stays."""
    for place in Path("/proc").glob("[0-9]*/cwd"):  # elsewhere than on Linux, one can only wait
        try:
            at_home = place.readlink() == folder.cluster
        except OSError:
            continue  # gone, or not ours to look at
        if at_home:
            account.send(int(place.parent.name), signal.SIGQUIT)


def process_exists(pid: int) -> bool:
    """Tell whether any process has this number."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True


def end(
    pid: int,
    lives: Callable[[], bool],
    send: Callable[[signal.Signals], None],
    steps: tuple[tuple[signal.Signals, float], ...] = GENTLY,
) -> None:
    """End a server, with ever less courtesy.

    Raises:
        DidNotStop: it survives everything.
    """
    for what, seconds in steps:
        if not lives():
            return
        send(what)
        until = time.monotonic() + seconds
        while lives() and time.monotonic() < until:
            time.sleep(LOOK_EVERY)
    if lives():
        raise DidNotStop(pid=pid)


def post_guard(pid: int, folder: DataFolder, account: Account) -> subprocess.Popen[bytes]:
    """Post a guard that ends the server when this process ends in whatever way; close its pipe to let it go."""
    argv: list[str | Path] = [SHELL, "-c", _GUARD, "fairground-postgres-guard", str(pid), folder.pid_file]
    return account.spawn(argv, stdin=subprocess.PIPE, output=subprocess.DEVNULL)


def dismiss_guard(guard: subprocess.Popen[bytes]) -> None:
    """Let the guard go; the server has ended."""
    assert guard.stdin is not None
    try:
        guard.stdin.write(b"done\n")
        guard.stdin.close()
    except BrokenPipeError:
        pass  # somebody ended it before us
    guard.wait()
