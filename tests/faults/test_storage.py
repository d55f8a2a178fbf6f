"""A folder, and the S3 protocol as spoken by a small server that keeps what it is sent and checks signatures' form."""

import asyncio
import hashlib
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from email.utils import formatdate
from pathlib import Path
from urllib.parse import quote, unquote, urlsplit

import pytest

from fairground.kit.storage import FileMissing, ObjectStorage, StorageUnavailable, open_storage

SECRETS = {"access_key_id": "AKIDEXAMPLE", "secret_access_key": "very secret"}
SIGNED = re.compile(
    r"AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/\d{8}/eu-test-1/s3/aws4_request, SignedHeaders=\S+, Signature=\w{64}"
)
Reply = tuple[str, dict[str, str], bytes]


class S3Server:
    """The part of S3 that object storage needs: PUT, GET, HEAD, DELETE and bulk delete of path-style keys."""

    def __init__(self) -> None:
        self.files: dict[str, tuple[bytes, str]] = {}
        self.seen: list[str] = []
        self.fail_next: list[str] = []
        self.place = ""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := (await reader.readuntil(b"\r\n\r\n")).decode():
                lines = head.split("\r\n")
                method, target, _ = lines[0].split()
                headers = {
                    name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)
                }
                body = await reader.readexactly(int(headers.get("content-length", "0")))
                status, more, answer = self.answer(method, target, headers, body)
                more = {"Content-Length": str(len(answer)), **more}
                sent = (
                    f"HTTP/1.1 {status}\r\n" + "".join(f"{name}: {value}\r\n" for name, value in more.items()) + "\r\n"
                )
                writer.write(sent.encode() + (b"" if method == "HEAD" else answer))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def answer(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        self.seen.append(f"{method} {target}")
        if self.fail_next:
            return self.fail_next.pop(0), {}, b""
        digest = headers.get("x-amz-content-sha256", "")
        honest = digest in {"UNSIGNED-PAYLOAD", hashlib.sha256(body).hexdigest()}
        if not SIGNED.fullmatch(headers.get("authorization", "")) or not honest:
            return "403 Forbidden", {}, b"<Error><Code>SignatureDoesNotMatch</Code></Error>"
        parts = urlsplit(target)
        key = unquote(parts.path)
        if method == "POST" and parts.query == "delete":
            names = re.findall(r"<Key>(.*?)</Key>", body.decode())
            for name in names:
                self.files.pop(f"{key.rstrip('/')}/{name}", None)
            gone = "".join(f"<Deleted><Key>{name}</Key></Deleted>" for name in names)
            return "200 OK", {"Content-Type": "application/xml"}, f"<DeleteResult>{gone}</DeleteResult>".encode()
        return self.one_file(method, key, headers.get("content-type", ""), body)

    def one_file(self, method: str, key: str, content_type: str, body: bytes) -> Reply:
        if method == "PUT":
            self.files[key] = (body, content_type)
            return "200 OK", {"ETag": '"1"'}, b""
        if method == "DELETE":
            self.files.pop(key, None)
            return "204 No Content", {}, b""
        if key not in self.files:
            return "404 Not Found", {}, b"<Error><Code>NoSuchKey</Code></Error>"
        data, kind = self.files[key]
        more = {"Content-Type": kind, "ETag": '"1"', "Last-Modified": formatdate(0, usegmt=True)}
        return "200 OK", more | {"Content-Length": str(len(data))}, data


@asynccontextmanager
async def s3_server() -> AsyncIterator[S3Server]:
    server = S3Server()
    listener = await asyncio.start_server(server.talk, "127.0.0.1", 0)
    endpoint = f"http://127.0.0.1:{listener.sockets[0].getsockname()[1]}"
    server.place = f"s3://pictures/market?endpoint={quote(endpoint, safe='')}&region=eu-test-1"
    try:
        yield server
    finally:
        listener.close()


async def keeps_files(storage: ObjectStorage) -> None:
    assert not await storage.exists("a/b.webp")
    with pytest.raises(FileMissing):
        await storage.get("a/b.webp")
    await storage.put("a/b.webp", b"one", "image/webp")
    await storage.put("a/b.webp", b"two\0\xff", "image/webp")
    await storage.put("empty.txt", b"", "text/plain")
    large = bytes(range(256)) * 40_000
    await storage.put("large.bin", large, "application/octet-stream")
    assert await storage.exists("a/b.webp")
    assert await storage.get("a/b.webp") == b"two\0\xff"
    assert await storage.get("empty.txt") == b""
    assert await storage.get("large.bin") == large
    await storage.delete("a/b.webp")
    await storage.delete("a/b.webp")
    assert not await storage.exists("a/b.webp")
    assert await storage.exists("large.bin")


async def test_folder_keeps_files(tmp_path: Path) -> None:
    await keeps_files(open_storage(str(tmp_path / "new" / "media")))
    assert (tmp_path / "new" / "media" / "large.bin").stat().st_size == 10_240_000


async def test_s3_keeps_files_signed_and_with_their_type() -> None:
    async with s3_server() as server:
        storage = open_storage(server.place, SECRETS)
        await keeps_files(storage)
        assert server.files["/pictures/market/empty.txt"] == (b"", "text/plain")
        assert set(server.files) == {"/pictures/market/empty.txt", "/pictures/market/large.bin"}


async def test_wrong_secrets_are_trouble_and_write_nothing() -> None:
    async with s3_server() as server:
        storage = open_storage(server.place, SECRETS | {"access_key_id": "SOMEBODYELSE"})
        with pytest.raises(StorageUnavailable):
            await storage.put("a.txt", b"x", "text/plain")
        with pytest.raises(StorageUnavailable):
            await storage.get("a.txt")
        assert server.files == {}


async def test_server_that_stumbles_is_asked_again() -> None:
    async with s3_server() as server:
        storage = open_storage(server.place, SECRETS)
        server.fail_next = ["503 Slow Down", "500 Oh"]
        await storage.put("a.txt", b"x", "text/plain")
        assert await storage.get("a.txt") == b"x"
        assert len(server.seen) == 4


async def test_folder_that_cannot_be_written_is_trouble(tmp_path: Path) -> None:
    storage = open_storage(str(tmp_path / "media"))
    (tmp_path / "media" / "blocked").write_bytes(b"a file where a folder should be")
    with pytest.raises(StorageUnavailable):
        await storage.put("blocked/a.txt", b"x", "text/plain")


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "../x",
        "a/../b",
        "a//b",
        "a/",
        ".hidden",
        "a/.b",
        "a b",
        "a\\b",
        "é",
        "a\0",
        "a\n",
        "x" * 129,
        "/".join("abcdefghijk"),
    ],
)
async def test_keys_that_could_leave_the_folder_are_refused(tmp_path: Path, key: str) -> None:
    storage = open_storage(str(tmp_path / "media"))
    for deed in (storage.get(key), storage.delete(key), storage.exists(key), storage.put(key, b"", "text/plain")):
        with pytest.raises(ValueError, match="not a storage key"):
            await deed


@pytest.mark.parametrize("place", ["ftp://x/y", "s3://", "s3://bucket?colour=red", "gs://bucket"])
def test_unknown_places_are_refused_with_what_was_expected(place: str) -> None:
    with pytest.raises(ValueError, match="expected a folder or s3://"):
        open_storage(place)
