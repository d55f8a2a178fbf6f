"""Fetch an address that a stranger gave us, without becoming their way into our own network.

The host is resolved once, by us; every address it has must lie on the public internet, and the connection goes to the
very address that was checked, so a name server that answers differently the second time gains nothing. Redirects are
followed by hand and checked again. Time, bytes (after unpacking) and content types are limited.
"""

import asyncio
import functools
import ipaddress
import re
import socket
import ssl
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from typing import Final
from urllib.parse import urljoin

import httpx
import msgspec

from fairground.kit.errors import N_, Trouble

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network
Resolver = Callable[[str, int], Awaitable[Sequence[str]]]

_REDIRECTS: Final = frozenset({301, 302, 303, 307, 308})
_STEP: Final = 64 * 1024
_HOST: Final = re.compile(rb"[a-z0-9_.-]+|[0-9a-f:.]+", re.IGNORECASE)  # a name in ASCII, or an address of either kind
# Beside what `ipaddress` calls not global: addresses that carry another address inside (a gateway would unwrap them),
# and blocks that some Python versions still take for global.
_NEVER: Final = tuple(
    ipaddress.ip_network(block)
    for block in (
        "0.0.0.0/8", "100.64.0.0/10", "192.0.0.0/24", "192.88.99.0/24", "198.18.0.0/15", "240.0.0.0/4",
        "::/96", "::ffff:0:0/96", "64:ff9b::/96", "64:ff9b:1::/48", "100::/64", "2001::/23", "2001:db8::/32",
        "2002::/16", "3fff::/20", "5f00::/16", "fc00::/7", "fe80::/10", "fec0::/10",
    )
)  # fmt: skip


class FetchRefused(Trouble):
    """An outside address we do not fetch, or an answer we do not take."""

    code = "fetch.refused"
    message = N_("We could not fetch this address.")


class AddressNotAllowed(FetchRefused):
    """The address is not plain http(s), uses another port, carries a password, or leads into a private network."""

    code = "fetch.address_not_allowed"
    message = N_("This address cannot be fetched: only public http and https addresses can.")


class HostNotFound(FetchRefused):
    """The host has no address, or none that answers."""

    code = "fetch.host_not_found"
    message = N_("The host of this address was not found or does not answer.")


class TooManyRedirects(FetchRefused):
    """The address leads on and on."""

    code = "fetch.too_many_redirects"
    message = N_("This address leads on to others too many times.")


class TookTooLong(FetchRefused):
    """The whole answer did not arrive in time; `limit` in seconds."""

    code = "fetch.took_too_long"
    message = N_("The answer did not arrive within %(limit)d seconds.")


class AnswerTooLarge(FetchRefused):
    """The answer, unpacked, has too many bytes; `limit` in bytes."""

    code = "fetch.answer_too_large"
    message = N_("The answer is larger than %(limit)d bytes.")


class WrongContent(FetchRefused):
    """The answer is of another content type than asked for; `content_type` as the server named it."""

    code = "fetch.wrong_content"
    message = N_("The answer is of a kind we do not take here: %(content_type)s.")


class BadAnswer(FetchRefused):
    """The server answered with an error or not in HTTP; `status` is 0 for the latter."""

    code = "fetch.bad_answer"
    message = N_("The server answered with an error (%(status)d).")


class FetchLimits(msgspec.Struct, frozen=True):
    """What a fetch may cost, in seconds and bytes; `content_types` empty takes all, `image/*` takes a family."""

    seconds: float = 20.0
    max_bytes: int = 20 * 1024 * 1024
    redirects: int = 5
    content_types: tuple[str, ...] = ()
    ports: frozenset[int] = frozenset({80, 443})


DEFAULT_LIMITS: Final = FetchLimits()


class Fetched(msgspec.Struct, frozen=True):
    """What came: the last address after redirects, the bare content type in small letters, the unpacked bytes."""

    url: str
    content_type: str
    body: bytes


async def resolve(host: str, port: int) -> Sequence[str]:
    """Ask the system's resolver for all addresses of a host."""
    found = await asyncio.get_running_loop().getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str, allow_private: Sequence[Network] = ()) -> bool:
    """Tell whether an address lies on the public internet, or in a network the operator has allowed."""
    try:
        parsed: Address = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if any(parsed in network for network in allow_private):
        return True
    return parsed.is_global and not parsed.is_multicast and not any(parsed in network for network in _NEVER)


async def fetch(
    url: str,
    *,
    limits: FetchLimits = DEFAULT_LIMITS,
    resolver: Resolver = resolve,
    allow_private: Sequence[Network] = (),
    trust: ssl.SSLContext | None = None,
) -> Fetched:
    """Fetch an outside address.

    `allow_private` names networks an operator trusts in spite of being private; `trust` replaces the public
    certificate authorities by the operator's own.

    Raises:
        AddressNotAllowed, HostNotFound, TooManyRedirects, TookTooLong, AnswerTooLarge, WrongContent, BadAnswer
    """
    try:
        async with asyncio.timeout(limits.seconds), _client(limits, trust or _public_trust()) as client:
            for _ in range(limits.redirects + 1):
                fetched, url = await _hop(client, url, limits, resolver, allow_private)
                if fetched is not None:
                    return fetched
    except (TimeoutError, httpx.TimeoutException) as error:
        raise TookTooLong(limit=limits.seconds) from error
    except (httpx.HTTPError, httpx.InvalidURL) as error:
        raise BadAnswer(status=0) from error
    raise TooManyRedirects


@functools.cache
def _public_trust() -> ssl.SSLContext:
    return httpx.create_ssl_context(trust_env=False)  # reads all authorities, some 20 ms: once


def _client(limits: FetchLimits, trust: ssl.SSLContext) -> httpx.AsyncClient:
    # trust_env: a proxy from the environment would resolve the name again, past our check.
    return httpx.AsyncClient(verify=trust, trust_env=False, follow_redirects=False, timeout=limits.seconds)


async def _hop(
    client: httpx.AsyncClient, url: str, limits: FetchLimits, resolver: Resolver, allow_private: Sequence[Network]
) -> tuple[Fetched | None, str]:
    """Ask one address; gives what it holds, or None and the address it leads to."""
    place = _checked_url(url, limits)
    response = await _send(client, place, await _checked_addresses(place, resolver, allow_private))
    try:
        if response.status_code in _REDIRECTS and "location" in response.headers:
            return None, urljoin(str(place), response.headers["location"])
        if response.status_code != httpx.codes.OK:
            raise BadAnswer(status=response.status_code)
        content_type = _checked_type(response, limits)
        body = await _read(response, limits.max_bytes)
        return Fetched(str(place), content_type, body), str(place)
    finally:
        await response.aclose()


def _checked_url(url: str, limits: FetchLimits) -> httpx.URL:
    try:
        place = httpx.URL(url)
    except (httpx.InvalidURL, ValueError, TypeError) as error:
        raise AddressNotAllowed from error
    port = place.port or (443 if place.scheme == "https" else 80)
    plain = place.scheme in {"http", "https"} and not place.userinfo and _HOST.fullmatch(place.raw_host)
    if not plain or port not in limits.ports:
        raise AddressNotAllowed
    return place


async def _checked_addresses(place: httpx.URL, resolver: Resolver, allow_private: Sequence[Network]) -> Sequence[str]:
    host = place.raw_host.decode("ascii")
    try:
        addresses = await resolver(host, place.port or 0)
    except (OSError, UnicodeError) as error:
        raise HostNotFound from error
    if not addresses:
        raise HostNotFound
    # One private address among public ones is refused as well: it is an attempt, or a name meant for inside.
    if not all(is_public(address, allow_private) for address in addresses):
        raise AddressNotAllowed
    return addresses


async def _send(client: httpx.AsyncClient, place: httpx.URL, addresses: Sequence[str]) -> httpx.Response:
    """Connect to a checked address, while name, virtual host and certificate stay those of the host."""
    for address in addresses[:4]:
        request = client.build_request(
            "GET",
            place.copy_with(host=address),
            headers={
                "Host": place.netloc.decode("ascii"),
                "Accept-Encoding": "gzip, deflate",
                "User-Agent": "Fairground/1 (+import of product data)",
            },
            extensions={"sni_hostname": place.raw_host.decode("ascii")},
        )
        try:
            return await client.send(request, stream=True)
        except httpx.ConnectError:
            continue
    raise HostNotFound


def _checked_type(response: httpx.Response, limits: FetchLimits) -> str:
    named = str(response.headers.get("content-type", "")).partition(";")[0].strip().lower()
    family = named.partition("/")[0] + "/*"
    if limits.content_types and named not in limits.content_types and family not in limits.content_types:
        raise WrongContent(content_type=named[:100] or "–")
    return named


async def _read(response: httpx.Response, max_bytes: int) -> bytes:
    """Read the body, unpacking it in small steps: a bomb is noticed when it passes the limit, not when it has burst."""
    body = bytearray()
    async for piece in _unpacked(response):
        body += piece
        if len(body) > max_bytes:
            raise AnswerTooLarge(limit=max_bytes)
    return bytes(body)


async def _unpacked(response: httpx.Response) -> AsyncIterator[bytes]:
    encoding = response.headers.get("content-encoding", "identity").strip().lower()
    if encoding in {"", "identity"}:
        async for chunk in response.aiter_raw(_STEP):
            yield chunk
        return
    if encoding not in {"gzip", "x-gzip", "deflate"}:
        raise BadAnswer(status=0)
    unpacker = zlib.decompressobj(zlib.MAX_WBITS | 32)
    try:
        async for chunk in response.aiter_raw(_STEP):
            rest = chunk
            while rest and not unpacker.eof:
                yield unpacker.decompress(rest, _STEP)
                rest = unpacker.unconsumed_tail
        yield unpacker.flush()
    except zlib.error as error:
        raise BadAnswer(status=0) from error
    if not unpacker.eof:
        raise BadAnswer(status=0)
