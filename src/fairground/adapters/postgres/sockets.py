"""The server's unix socket: whether a path is short enough for one, its address, and whether anybody answers."""

import os
import socket
import struct
import sys
import time
from pathlib import Path
from urllib.parse import quote, urlencode

SOCKET_PORT = 5432  # of the socket's name only; nothing listens on TCP unless asked
# sizeof(sockaddr_un.sun_path) less the closing zero.
LONGEST_SOCKET_PATH = 107 if sys.platform == "linux" else 103
_SSL_REQUEST = struct.pack("!ii", 8, 80877103)


def socket_path(folder: Path, port: int) -> Path:
    """Name the socket of a server in a folder."""
    return folder / f".s.PGSQL.{port}"


def socket_fits(folder: Path) -> bool:
    """Tell whether a folder can hold the socket: short enough for any port; no comma, which parts lists of hosts."""
    name = os.fsencode(socket_path(folder, 65535))
    return len(name) <= LONGEST_SOCKET_PATH and b"," not in name


def dsn_of(folder: Path, port: int, password: str) -> str:
    """Write the address of the market's database behind a socket, for asyncpg and libpq."""
    place = urlencode({"host": str(folder), "port": port}, quote_via=quote)
    return f"postgresql://fairground:{quote(password, safe='')}@/fairground?{place}"


def answers(folder: Path, port: int, seconds: float) -> bool:
    """Ask the server whether it would encrypt, which it answers to anybody and writes into no log.

    It needs no password and no free connection; a server that hangs accepts, but does not answer.
    """
    until = time.monotonic() + seconds
    while (left := until - time.monotonic()) > 0:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as line:
            line.settimeout(left)
            try:
                line.connect(str(socket_path(folder, port)))
                line.sendall(_SSL_REQUEST)
                return line.recv(1) in (b"N", b"S")
            except BlockingIOError:
                time.sleep(0.02)  # its queue of callers is full: alive, but busy
            except OSError:
                return False
    return False
