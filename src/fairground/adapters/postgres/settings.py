"""The settings file of ours, as text."""

import os
from pathlib import Path
from typing import Final

from fairground.adapters.postgres.sockets import SOCKET_PORT

LEAST_BUFFERS_MIB: Final = 48
# Ends the cluster's postgresql.conf, which lies two folders below ours.
INCLUDE_LINE = "\ninclude '../../postgres.conf'\n"
LOCAL_LINE = "include 'postgres-local.conf'\n"

_COMMON = """\
max_connections = 100
effective_cache_size = 512MB
random_page_cost = 1.1
jit = off

wal_level = replica
max_logical_replication_workers = 0
max_wal_size = 1GB
checkpoint_timeout = 10min
# A young market's tables multiply within minutes; without fresh statistics a small index is read whole.
autovacuum_naptime = 15s
autovacuum_analyze_scale_factor = 0.05

timezone = 'UTC'
log_timezone = 'UTC'
log_line_prefix = '%m [%p] '
log_checkpoints = off
log_lock_waits = on
# Details of an error quote values: somebody's address has no place in a log.
log_error_verbosity = terse
log_parameter_max_length_on_error = 0
"""

# Since 18 reads ahead are made by three more processes; this server is small and mostly in memory.
_SINCE_18 = "io_method = sync\n"


def buffers_mib(cluster: Path) -> int:
    """Give the shared buffers for a cluster, in MiB: a quarter of its data, at most an eighth of the machine's memory.

    A small market stays small in memory; one that has grown keeps what every order touches (1,024 places in each index)
    in its buffers, from its next start on.
    """
    data = sum(file.stat().st_size for file in (cluster / "base").rglob("*") if file.is_file())
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return int(max(LEAST_BUFFERS_MIB, min(data // 4, memory // 8) // 2**20))


def settings_text(
    *,
    major: int,
    socket_folder: Path,
    tcp_port: int | None,
    fsync: bool,
    local: bool,
    buffers: int = LEAST_BUFFERS_MIB,
) -> str:
    """Write our settings: small, durable, reachable by the socket and, only when asked, by TCP from this machine.

    `buffers` in MiB. With `local`, the owner's own settings follow and win.
    """
    durable = "on" if fsync else "off"
    listen = "127.0.0.1" if tcp_port else ""
    return (
        "# Written by Fairground at each start. Your own settings belong into postgres-local.conf beside this file.\n"
        f"listen_addresses = '{listen}'\n"
        f"port = {tcp_port or SOCKET_PORT}\n"
        f"unix_socket_directories = {_list_of_one(socket_folder)}\n"
        "unix_socket_permissions = 0700\n"
        # Also where a power failure may ruin the data (tests): what was committed survives the kill of the server.
        "synchronous_commit = on\n"
        f"fsync = {durable}\nfull_page_writes = {durable}\n"
        f"shared_buffers = {buffers}MB\n"
        f"{_COMMON}{_SINCE_18 if major >= 18 else ''}"
        f"{LOCAL_LINE if local else ''}"
    )


def _list_of_one(path: Path) -> str:
    """Quote a folder twice: as an item of a list, then as a string."""
    item = '"' + str(path).replace('"', '""') + '"'
    return "'" + item.replace("\\", "\\\\").replace("'", "''") + "'"
