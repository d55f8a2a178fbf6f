"""Where files lie: a folder, or any S3-compatible store by address.

Keys are paths of small plain parts (`pictures/ab/abcd.webp`); what a file is, its name says.
"""

import re
from collections.abc import AsyncIterator, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable
from urllib.parse import parse_qsl, urlsplit

import obstore
from obstore.exceptions import BaseError
from obstore.store import LocalStore, S3Store

from fairground.kit.errors import N_, NotFound, Unavailable

_PART: Final = r"[A-Za-z0-9_][A-Za-z0-9_.=-]{0,127}"
_KEY: Final = re.compile(rf"{_PART}(?:/{_PART}){{0,9}}")
_OPTIONS: Final = frozenset({"endpoint", "region", "path_style"})


class FileMissing(NotFound):
    """No file lies under this key."""

    code = "storage.file_missing"
    message = N_("This file is not there.")


class StorageUnavailable(Unavailable):
    """The store does not answer, or refuses us."""

    code = "storage.unavailable"
    message = N_("Files cannot be reached right now. Please try again in %(retry_after)d seconds.")


@runtime_checkable  # handlers are given one, and Litestar looks whether it is
class Storage(Protocol):
    """Keeps files by key.

    Every method raises `StorageUnavailable` when the store is away, and `ValueError` for a malformed key.
    """

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """Keep a file; one under the same key is replaced in one step."""

    async def get(self, key: str) -> bytes:
        """Give a file's bytes, or raise `FileMissing`."""

    async def delete(self, key: str) -> None:
        """Remove a file; one that is not there is no trouble."""

    async def exists(self, key: str) -> bool:
        """Tell whether a file lies under a key."""

    def list_below(self, folder: str) -> AsyncIterator[str]:
        """Give the keys of all files below a folder, a few hundred at a time."""


class ObjectStorage:
    """Keeps files in a folder or an S3 bucket; the differences are the store's."""

    def __init__(self, store: LocalStore | S3Store) -> None:
        self._store = store
        self._keeps_types = isinstance(store, S3Store)

    async def put(self, key: str, data: bytes, content_type: str) -> None:
        """Keep a file; one under the same key is replaced in one step."""
        attributes = {"Content-Type": content_type} if self._keeps_types else None
        try:
            # In one request: parts of a multipart upload that breaks off would stay and be paid for.
            await obstore.put_async(self._store, _checked(key), data, attributes=attributes, use_multipart=False)
        except (BaseError, OSError) as error:
            raise StorageUnavailable from error

    async def get(self, key: str) -> bytes:
        """Give a file's bytes, or raise `FileMissing`."""
        try:
            found = await obstore.get_async(self._store, _checked(key))
            return bytes(await found.bytes_async())
        except FileNotFoundError as error:
            raise FileMissing from error
        except (BaseError, OSError) as error:
            raise StorageUnavailable from error

    async def delete(self, key: str) -> None:
        """Remove a file; one that is not there is no trouble."""
        try:
            await obstore.delete_async(self._store, _checked(key))
        except FileNotFoundError:
            return
        except (BaseError, OSError) as error:
            raise StorageUnavailable from error

    async def exists(self, key: str) -> bool:
        """Tell whether a file lies under a key."""
        try:
            await obstore.head_async(self._store, _checked(key))
        except FileNotFoundError:
            return False
        except (BaseError, OSError) as error:
            raise StorageUnavailable from error
        return True

    async def list_below(self, folder: str | None = None) -> AsyncIterator[str]:
        """Give the keys of all files, or of those below a folder, a few hundred at a time."""
        try:
            async for batch in obstore.list(self._store, prefix=_checked(folder) if folder else None, chunk_size=500):
                for found in batch:
                    yield str(found["path"])
        except (BaseError, OSError) as error:
            raise StorageUnavailable from error


def open_storage(place: str, secrets: Mapping[str, str] | None = None) -> ObjectStorage:
    """Open the storage named by a setting.

    `place` is a folder, or `s3://BUCKET[/PREFIX][?endpoint=URL&region=NAME&path_style=true]`; `secrets` holds
    `access_key_id` and `secret_access_key`, else the environment's `AWS_…` are used.

    Raises:
        ValueError: the setting cannot be read, with what was expected.
    """
    if "://" not in place:
        return ObjectStorage(LocalStore(Path(place).absolute(), mkdir=True))
    parts = urlsplit(place)
    options = dict(parse_qsl(parts.query))
    if parts.scheme != "s3" or not parts.hostname or not options.keys() <= _OPTIONS:
        raise ValueError("expected a folder or s3://BUCKET[/PREFIX][?endpoint=URL&region=NAME&path_style=true]")
    endpoint = options.get("endpoint", "")
    config: Any = {
        "region": options.get("region", "us-east-1"),
        "virtual_hosted_style_request": options.get("path_style", "true" if endpoint else "false") != "true",
        **({"endpoint": endpoint} if endpoint else {}),
        **dict(secrets or {}),
    }
    store = S3Store(
        parts.netloc,
        prefix=parts.path.strip("/") or None,
        config=config,
        client_options={"allow_http": endpoint.startswith("http://"), "timeout": "30s", "connect_timeout": "5s"},
        retry_config={"max_retries": 3, "retry_timeout": timedelta(seconds=20)},
    )
    return ObjectStorage(store)


def _checked(key: str) -> str:
    if not _KEY.fullmatch(key):
        raise ValueError(f"not a storage key: {key!r}")
    return key
