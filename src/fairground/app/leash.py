"""A child ends with its parent, however that ends: what is left alone would keep the port, and serve on unseen."""

import multiprocessing
import os
import signal
import sys
import threading
import time
from typing import Final

LOOK_EVERY: Final = 0.2
FINISH_WITHIN: Final = 5.0


def end_with_parent() -> None:
    """Ask this process to stop when the pipe on its standard input closes: `up`, who holds the other end, is gone."""
    threading.Thread(target=_watch_input, name="leash", daemon=True).start()


def end_with_server() -> None:
    """Ask this web process to stop when the server that started it is gone; what does not listen is ended.

    A killed server cannot stop its web processes, and the next one cannot have their port while they live. They have
    no pipe to it: what one of them inherits, all of them hold open. Its number was noted before they were born, for it
    may be gone by the time they look.
    """
    server = multiprocessing.parent_process()
    if server is not None:
        threading.Thread(target=_watch_server, args=(server.pid,), name="leash", daemon=True).start()


def _watch_input() -> None:
    while os.read(sys.stdin.fileno(), 64):
        pass
    os.kill(os.getpid(), signal.SIGTERM)


def _watch_server(server: int | None) -> None:
    while os.getppid() == server:
        time.sleep(LOOK_EVERY)
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(FINISH_WITHIN)
    os.kill(os.getpid(), signal.SIGKILL)
