"""Real servers on loopback; only 127.0.0.1/32 is allowed, so that every other private address must still be refused."""

import asyncio
import datetime
import gzip
import ipaddress
import ssl
import tracemalloc
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from fairground.kit.fetch import (
    AddressNotAllowed,
    AnswerTooLarge,
    BadAnswer,
    Fetched,
    FetchLimits,
    HostNotFound,
    TookTooLong,
    TooManyRedirects,
    WrongContent,
    fetch,
    is_public,
)

LOOPBACK = (ipaddress.ip_network("127.0.0.1/32"),)
Answer = Callable[[str, dict[str, str], asyncio.StreamWriter], Awaitable[None]]


class Server:
    """A tiny HTTP server that keeps the paths and headers it was asked for."""

    def __init__(self, answer: Answer) -> None:
        self.answer = answer
        self.asked: list[tuple[str, dict[str, str]]] = []
        self.port = 0

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
            headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:] if line)}
            path = lines[0].split()[1]
            self.asked.append((path, headers))
            await self.answer(path, headers, writer)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()


@asynccontextmanager
async def serving(answer: Answer, host: str = "127.0.0.1", tls: ssl.SSLContext | None = None) -> AsyncIterator[Server]:
    server = Server(answer)
    listener = await asyncio.start_server(server.talk, host, 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()


def says(body: bytes, *headers: str, status: str = "200 OK") -> Answer:
    async def answer(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        head = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", "Connection: close", *headers]
        writer.write("\r\n".join(head).encode() + b"\r\n\r\n" + body)

    return answer


def names(*addresses: str) -> Callable[[str, int], Awaitable[list[str]]]:
    async def answer(_host: str, _port: int) -> list[str]:
        return list(addresses)

    return answer


def limits(server: Server, **more: object) -> FetchLimits:
    return FetchLimits(ports=frozenset({server.port}), **{"seconds": 5.0, **more})  # type: ignore[arg-type]


async def get(server: Server, path: str = "/", host: str = "shop.example", **more: object) -> Fetched:
    return await fetch(
        f"http://{host}:{server.port}{path}",
        limits=limits(server, **more),
        resolver=names("127.0.0.1"),
        allow_private=LOOPBACK,
    )


async def test_a_page_is_fetched_under_its_own_name() -> None:
    async with serving(says(b"hello", "Content-Type: Text/Plain; charset=utf-8")) as server:
        fetched = await get(server, "/a?b=c")
    assert fetched == Fetched(f"http://shop.example:{server.port}/a?b=c", "text/plain", b"hello")
    path, headers = server.asked[0]
    assert path == "/a?b=c"
    assert headers["host"] == f"shop.example:{server.port}"
    assert "cookie" not in headers


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "0.0.0.0",
        "224.0.0.1", "255.255.255.255", "240.0.0.1", "192.0.0.8", "198.18.0.1", "192.88.99.1", "::1", "::",
        "::ffff:8.8.8.8", "::ffff:127.0.0.1", "64:ff9b::7f00:1", "64:ff9b:1::1", "2002:7f00:1::", "2001::1", "fe80::1",
        "fe80::1%eth0", "fc00::1", "fec0::1", "ff02::1", "::7f00:1", "2001:db8::1", "not an address",
    ],
)  # fmt: skip
async def test_no_address_inside_or_in_disguise_is_public(address: str) -> None:
    assert not is_public(address)
    async with serving(says(b"secret")) as server:
        with pytest.raises(AddressNotAllowed):
            await fetch(f"http://shop.example:{server.port}/", limits=limits(server), resolver=names(address))
    assert server.asked == []


def test_addresses_of_the_internet_are_public() -> None:
    assert all(is_public(address) for address in ("8.8.8.8", "1.1.1.1", "2606:4700::1111", "223.5.5.5"))


@pytest.mark.parametrize(
    "host", ["localhost", "127.0.0.1", "2130706433", "0x7f.1", "0177.0.0.1", "[::1]", "[::ffff:127.0.0.1]"]
)
async def test_ways_to_write_loopback_are_refused_by_the_systems_resolver_and_ours(host: str) -> None:
    async with serving(says(b"secret")) as server:
        with pytest.raises((AddressNotAllowed, HostNotFound)):
            await fetch(f"http://{host}:{server.port}/", limits=limits(server))
    assert server.asked == []


@pytest.mark.parametrize(
    "url",
    [
        "ftp://shop.example/", "file:///etc/passwd", "gopher://shop.example/", "//shop.example/", "shop.example", "",
        "http://", "http://user:secret@shop.example/", "http://shop.example:22/", "https://shop.example:8443/",
        "http://shop.example:99999/", "http://[half", "http://a b/", "http://a%00b/", "http://a%2fb/",
        "javascript:alert(1)",
    ],
)  # fmt: skip
async def test_addresses_that_are_not_plain_web_are_refused(url: str) -> None:
    asked: list[str] = []

    async def resolver(host: str, _port: int) -> list[str]:
        asked.append(host)
        return []

    with pytest.raises(AddressNotAllowed):
        await fetch(url, resolver=resolver)
    assert asked == []


async def test_one_private_address_among_public_ones_is_refused() -> None:
    with pytest.raises(AddressNotAllowed):
        await fetch("http://shop.example/", resolver=names("8.8.8.8", "10.0.0.1"))


async def test_redirect_into_the_private_network_is_refused() -> None:
    async with serving(says(b"secret")) as inner:

        async def lead(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
            writer.write(f"HTTP/1.1 302 Found\r\nLocation: http://inner.example:{inner.port}/\r\n\r\n".encode())

        async def resolver(host: str, _port: int) -> list[str]:
            return {"shop.example": ["127.0.0.1"], "inner.example": ["127.0.0.2"]}[host]

        async with serving(lead) as server:
            both = FetchLimits(ports=frozenset({server.port, inner.port}))
            with pytest.raises(AddressNotAllowed):
                await fetch(
                    f"http://shop.example:{server.port}/", limits=both, resolver=resolver, allow_private=LOOPBACK
                )
    assert len(server.asked) == 1
    assert inner.asked == []


async def test_redirect_to_a_file_is_refused() -> None:
    async with serving(says(b"", "Location: file:///etc/passwd", status="302 Found")) as server:
        with pytest.raises(AddressNotAllowed):
            await get(server)


async def test_redirects_are_followed_up_to_the_limit() -> None:
    async def count_down(path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        left = int(path.strip("/"))
        reply = f"HTTP/1.1 302 Found\r\nLocation: ./{left - 1}\r\n\r\n" if left else "HTTP/1.1 200 OK\r\n\r\nend"
        writer.write(reply.encode())

    async with serving(count_down) as server:
        fetched = await get(server, "/5")
        assert (fetched.url, fetched.body) == (f"http://shop.example:{server.port}/0", b"end")
        with pytest.raises(TooManyRedirects):
            await get(server, "/6")


async def test_name_server_that_changes_its_mind_is_asked_only_once() -> None:
    answers = [["127.0.0.1"], ["127.0.0.2"], ["127.0.0.2"]]
    questions: list[str] = []

    async def rebinding(host: str, _port: int) -> list[str]:
        questions.append(host)
        return answers[len(questions) - 1]

    async with serving(says(b"the checked one")) as server:
        fetched = await fetch(
            f"http://shop.example:{server.port}/", limits=limits(server), resolver=rebinding, allow_private=LOOPBACK
        )
        assert fetched.body == b"the checked one"
        assert questions == ["shop.example"]
        with pytest.raises(AddressNotAllowed):
            await fetch(
                f"http://shop.example:{server.port}/", limits=limits(server), resolver=rebinding, allow_private=LOOPBACK
            )
    assert len(server.asked) == 1


async def test_slow_drip_is_cut_off() -> None:
    async def drip(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        for _ in range(1000):
            writer.write(b".")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with serving(drip) as server:
        started = asyncio.get_running_loop().time()
        with pytest.raises(TookTooLong):
            await get(server, seconds=0.4)
        assert asyncio.get_running_loop().time() - started < 3


async def test_large_answer_is_cut_off_with_and_without_a_length() -> None:
    async def endless(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            writer.write(b"x" * 65536)
            await writer.drain()

    for answer in (endless, says(b"x" * 5000)):
        async with serving(answer) as server:
            with pytest.raises(AnswerTooLarge):
                await get(server, max_bytes=4999)
    async with serving(says(b"x" * 5000)) as server:
        assert len((await get(server, max_bytes=5000)).body) == 5000


async def test_packed_answers_are_unpacked() -> None:
    packed = {"gzip": gzip.compress(b"words " * 9000), "deflate": zlib.compress(b"words " * 9000)}
    for encoding, body in packed.items():
        async with serving(says(body, f"Content-Encoding: {encoding}")) as server:
            assert (await get(server)).body == b"words " * 9000


async def test_gzip_bomb_never_takes_the_memory_it_asks_for() -> None:
    bomb = gzip.compress(b"\0" * 200_000_000, compresslevel=9)
    assert len(bomb) < 300_000
    async with serving(says(bomb, "Content-Encoding: gzip")) as server:
        tracemalloc.start()
        try:
            with pytest.raises(AnswerTooLarge):
                await get(server, max_bytes=1_000_000)
            assert tracemalloc.get_traced_memory()[1] < 12_000_000
        finally:
            tracemalloc.stop()


async def test_broken_or_unknown_packing_is_a_bad_answer() -> None:
    for body, encoding in ((b"not gzip", "gzip"), (gzip.compress(b"x" * 999)[:15], "gzip"), (b"x", "br")):
        async with serving(says(body, f"Content-Encoding: {encoding}")) as server:
            with pytest.raises(BadAnswer):
                await get(server)


async def test_content_type_must_be_one_we_take() -> None:
    async with serving(says(b"<html>", "Content-Type: text/html")) as server:
        with pytest.raises(WrongContent):
            await get(server, content_types=("image/*", "text/csv"))
    async with serving(says(b"...", "Content-Type: image/png")) as server:
        assert (await get(server, content_types=("image/*",))).content_type == "image/png"
    async with serving(says(b"...")) as server:
        with pytest.raises(WrongContent):
            await get(server, content_types=("image/*",))


async def test_errors_and_noise_are_bad_answers() -> None:
    async def noise(_path: str, _headers: dict[str, str], writer: asyncio.StreamWriter) -> None:
        writer.write(b"SSH-2.0-OpenSSH_9.9\r\n")

    for answer, status in ((says(b"", status="404 Not Found"), 404), (says(b"", status="500 Oh"), 500), (noise, 0)):
        async with serving(answer) as server:
            with pytest.raises(BadAnswer) as refusal:
                await get(server)
            assert refusal.value.params == {"status": status}


async def test_dead_address_is_passed_over_for_the_next() -> None:
    async with serving(says(b"second")) as server:
        fetched = await fetch(
            f"http://shop.example:{server.port}/",
            limits=limits(server),
            resolver=names("127.0.0.3", "127.0.0.1"),
            allow_private=(ipaddress.ip_network("127.0.0.0/8"),),
        )
    assert fetched.body == b"second"


async def test_unknown_host_and_closed_port_are_not_found() -> None:
    async def unknown(_host: str, _port: int) -> list[str]:
        raise OSError("no such name")

    with pytest.raises(HostNotFound):
        await fetch("http://shop.example/", resolver=unknown)
    async with serving(says(b"")) as server:
        pass
    with pytest.raises(HostNotFound):
        await get(server)


def certificate(folder: Path, name: str) -> tuple[Path, ssl.SSLContext]:
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    today = datetime.datetime.now(datetime.UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(today - datetime.timedelta(days=1))
        .not_valid_after(today + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(name)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = folder / f"{name}.pem"
    private = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    pem.write_bytes(private + made.public_bytes(serialization.Encoding.PEM))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(pem)
    return pem, context


async def test_certificate_is_checked_for_the_name_and_not_for_the_address(tmp_path: Path) -> None:
    pem, tls = certificate(tmp_path, "shop.example")
    trusting = ssl.create_default_context(cafile=str(pem))
    async with serving(says(b"sealed"), tls=tls) as server:

        async def ask(host: str, trust: ssl.SSLContext | None) -> Fetched:
            return await fetch(
                f"https://{host}:{server.port}/",
                limits=limits(server),
                resolver=names("127.0.0.1"),
                allow_private=LOOPBACK,
                trust=trust,
            )

        assert (await ask("shop.example", trusting)).body == b"sealed"
        for host, trust in (("other.example", trusting), ("shop.example", None)):
            with pytest.raises((BadAnswer, HostNotFound)):
                await ask(host, trust)
    assert len(server.asked) == 1
