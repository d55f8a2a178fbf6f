"""A child of `up` ends with it, however it ends: the pipe on its standard input closes when the parent is gone."""

import os
import signal
import sys
import threading


def end_with_parent() -> None:
    """Ask this process to stop when its standard input ends."""
    threading.Thread(target=_watch, name="leash", daemon=True).start()


def _watch() -> None:
    while os.read(sys.stdin.fileno(), 64):
        pass
    os.kill(os.getpid(), signal.SIGTERM)
