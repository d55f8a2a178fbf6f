"""Who the server is: the user of this process, or, for root, an unprivileged one.

Whatever happens inside the server's own folder is done by a child running as that user. Root itself writes nothing
there: a link planted by another program of the same user would lead root's pen elsewhere.
"""

import errno
import os
import pwd
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import IO

import msgspec

from fairground.adapters.postgres.errors import UserRefused, UserUnknown

SHELL = "/bin/sh"


class Account(msgspec.Struct, frozen=True):
    """A user a server runs as; `switched` if it is not the user of this process."""

    name: str
    uid: int
    gid: int
    switched: bool

    def run(
        self, argv: Sequence[str | Path], *, stdin: int = subprocess.DEVNULL, words: str | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a program to its end as this user, `words` being what it reads; gives its output and errors as one."""
        source = stdin if words is None else subprocess.PIPE
        with self.spawn(argv, stdin=source, output=subprocess.PIPE) as child:
            said, _ = child.communicate(None if words is None else words.encode())
        return subprocess.CompletedProcess(child.args, child.returncode, said.decode(errors="replace"))

    def spawn(self, argv: Sequence[str | Path], *, stdin: int, output: IO[bytes] | int) -> subprocess.Popen[bytes]:
        """Start a program as this user in a session of its own, where a Ctrl-C meant for the market does not reach."""
        try:
            return subprocess.Popen(
                [str(word) for word in argv],
                stdin=stdin,
                stdout=output,
                stderr=subprocess.STDOUT,
                cwd="/",
                env=plain_environment(),
                umask=0o077,
                start_new_session=True,
                user=self.uid if self.switched else None,
                group=self.gid if self.switched else None,
                extra_groups=[] if self.switched else None,
            )
        except OSError as error:
            raise self.refused(error) from error

    def refused(self, error: OSError) -> UserRefused | OSError:
        """Tell whether it was the change of user that failed; gives what to raise."""
        # A container that may not change users says EPERM or EINVAL; a program out of reach says EACCES.
        if self.switched and error.errno in (errno.EPERM, errno.EINVAL):
            return UserRefused(user=self.name, reason=error.strerror)
        return error

    def send(self, pid: int, what: signal.Signals) -> None:
        """Signal a process with this user's rights only: the number comes from a file that user can write."""
        self.run([SHELL, "-c", 'kill -s "$1" "$2"', "signal", what.name.removeprefix("SIG"), str(pid)])

    def can_enter(self, folder: Path) -> bool:
        """Try whether this user can go into a folder; the system's own answer, access lists and all."""
        return self.run([SHELL, "-c", 'cd "$1"', "enter", folder]).returncode == 0

    def can_read(self, files: Sequence[Path]) -> bool:
        """Try whether this user can read every one of these files."""
        script = 'for file; do [ -r "$file" ] || exit 1; done'
        return self.run([SHELL, "-c", script, "read", *files]).returncode == 0


def server_account(run_as: str) -> Account:
    """Say who the server runs as: ourselves, or the user named if we are root.

    Raises:
        UserUnknown: there is no such user, or it is root too.
    """
    uid = os.geteuid()
    if uid != 0:
        return Account(name_of(uid), uid, os.getegid(), switched=False)
    try:
        entry = pwd.getpwnam(run_as)
    except KeyError:
        raise UserUnknown(user=run_as) from None
    if entry.pw_uid == 0:
        raise UserUnknown(user=run_as)
    return Account(run_as, entry.pw_uid, entry.pw_gid, switched=True)


def name_of(uid: int) -> str:
    """Name a user; the number where it has no name."""
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:
        return str(uid)


def plain_environment() -> dict[str, str]:
    """Make the server's environment: none of ours, which may hold secrets, and no `PG…` that changes its mind."""
    kept = {name: os.environ[name] for name in ("PATH", "LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH") if name in os.environ}
    return {"PATH": os.defpath, **kept, "LC_ALL": "C", "HOME": "/"}
