"""Pictures in merchants' files are addresses: fetched by a job, told to whoever asked."""

import asyncio
from contextlib import asynccontextmanager
from functools import partial
from ipaddress import ip_network

import pytest

from fairground.kit.actor import GUEST
from fairground.kit.fetch import FetchLimits, fetch
from fairground.kit.ids import Id
from fairground.market.media.actions import (
    DERIVE,
    FETCH,
    delete_picture,
    note_fetched,
    request_picture,
    request_pictures,
    store_picture,
)
from fairground.market.media.jobs import fetch_pictures, jobs
from fairground.market.media.model import Fetch
from fairground.market.media.queries import map_fetched, map_pictures
from tests.support.jobs import list_queued, work_off
from tests.support.media import draw, make_storage

SHOP = Id((5 << 22) | (17 << 12) | 1)
ROW = Id((7 << 22) | (17 << 12) | 1)
LOCAL = (ip_network("127.0.0.0/8"),)


class Merchant:
    """A merchant's web server on this machine: what it answers by path, and what it was asked."""

    def __init__(self):
        self.answers: dict[str, tuple[int, str, bytes]] = {}
        self.asked: list[str] = []
        self.port = 0

    def address(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    async def serve(self, reader, writer):
        head = await reader.readuntil(b"\r\n\r\n")
        path = head.split(b" ")[1].decode()
        self.asked.append(path)
        status, kind, body = self.answers.get(path, (404, "text/plain", b"no"))
        writer.write(
            f"HTTP/1.1 {status} x\r\ncontent-type: {kind}\r\ncontent-length: {len(body)}\r\n"
            "connection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()


@asynccontextmanager
async def merchant_server():
    merchant = Merchant()
    server = await asyncio.start_server(merchant.serve, "127.0.0.1", 0)
    merchant.port = server.sockets[0].getsockname()[1]
    try:
        yield merchant
    finally:
        server.close()
        await server.wait_closed()


@pytest.fixture
async def merchant():
    async with merchant_server() as running:
        yield running


@pytest.fixture
def storage(tmp_path):
    return make_storage(tmp_path / "media")


def work(db, storage, merchant, *, private=True):
    limits = FetchLimits(
        seconds=5, max_bytes=5_000_000, content_types=("image/*",), ports=frozenset({merchant.port, 80})
    )
    return jobs(db, storage, partial(fetch, limits=limits, allow_private=LOCAL if private else ()))


async def ask(db, *addresses, asked_by=ROW):
    return await db.write(GUEST, lambda tx: request_pictures(tx, SHOP, [(asked_by, address) for address in addresses]))


async def told(db):
    rows = await db.read(lambda r: r.rows("select name, subject, body from kit.outbox order by id"))
    return [(row["name"], row["subject"], row["body"]) for row in rows]


async def test_a_picture_is_fetched_and_the_asker_told(db, storage, merchant):
    merchant.answers["/a.jpg"] = (200, "image/jpeg", draw())
    address = merchant.address("/a.jpg")
    fetch_id = await db.write(GUEST, lambda tx: request_picture(tx, SHOP, ROW, address))
    await work_off(db, work(db, storage, merchant))
    [(name, subject, body)] = await told(db)
    assert (name, subject, body["address"], body["fetch_id"]) == ("media.PictureFetched", ROW, address, fetch_id)
    pictures = await db.read(lambda r: map_pictures(r, [Id(body["media_id"])]))
    picture = next(iter(pictures.values()))
    assert (picture.owner_id, picture.is_public, picture.width) == (SHOP, True, 900)


@pytest.mark.parametrize(
    ("path", "answer", "code"),
    [
        ("/html.png", (200, "image/png", b"<html>"), "pictures.not_a_picture"),
        ("/page", (200, "text/html", b"<html>"), "fetch.wrong_content"),
        ("/gone.jpg", (404, "text/plain", b"no"), "fetch.bad_answer"),
        ("/heavy.jpg", (200, "image/jpeg", b"x" * 5_000_001), "fetch.answer_too_large"),
    ],
)
async def test_what_cannot_be_taken_is_told_with_its_reason_at_once(db, storage, merchant, path, answer, code):
    merchant.answers[path] = answer
    await ask(db, merchant.address(path))
    await work_off(db, work(db, storage, merchant), also_delayed=True)
    [(name, subject, body)] = await told(db)
    assert (name, subject, body["code"]) == ("media.PictureFailed", ROW, code)
    assert merchant.asked == [path]
    assert await db.read(lambda r: r.value("select count(*) from media.pictures")) == 0


async def test_our_own_network_is_not_fetched(db, storage, merchant):
    merchant.answers["/a.jpg"] = (200, "image/jpeg", draw())
    await ask(db, merchant.address("/a.jpg"), "file:///etc/passwd", "http://169.254.169.254/latest/meta-data")
    await work_off(db, work(db, storage, merchant, private=False))
    assert {body["code"] for _, _, body in await told(db)} == {"fetch.address_not_allowed"}
    assert merchant.asked == []


async def test_a_server_in_trouble_is_tried_three_times_with_time_between(db, storage, merchant):
    merchant.answers["/a.jpg"] = (503, "text/plain", b"busy")
    await ask(db, merchant.address("/a.jpg"))
    await work_off(db, work(db, storage, merchant))
    assert (await told(db), len(await list_queued(db, FETCH))) == ([], 1)
    await work_off(db, work(db, storage, merchant), also_delayed=True)
    assert merchant.asked == ["/a.jpg"] * 3
    assert [body["code"] for _, _, body in await told(db)] == ["fetch.bad_answer"]


async def test_a_server_that_recovers_gives_its_picture(db, storage, merchant):
    merchant.answers["/a.jpg"] = (503, "text/plain", b"busy")
    await ask(db, merchant.address("/a.jpg"))
    await work_off(db, work(db, storage, merchant))
    merchant.answers["/a.jpg"] = (200, "image/jpeg", draw())
    await work_off(db, work(db, storage, merchant), also_delayed=True)
    assert [name for name, _, _ in await told(db)] == ["media.PictureFetched"]


async def test_one_bad_address_does_not_hold_up_its_neighbours(db, storage, merchant):
    addresses = [merchant.address(f"/{n}.jpg") for n in range(20)]
    for n in range(20):
        merchant.answers[f"/{n}.jpg"] = (200, "image/jpeg", draw(50, 50) if n % 2 else b"broken")
    await ask(db, *addresses)
    assert [len(job["ids"]) for job in await list_queued(db, FETCH)] == [8, 8, 4]
    await work_off(db, work(db, storage, merchant))
    heard = await told(db)
    assert {body["address"] for name, _, body in heard if name == "media.PictureFetched"} == set(addresses[1::2])
    assert {body["address"] for name, _, body in heard if name == "media.PictureFailed"} == set(addresses[::2])


async def test_a_job_run_twice_brings_one_picture(db, storage, merchant):
    merchant.answers["/a.jpg"] = (200, "image/jpeg", draw())
    ids = await ask(db, merchant.address("/a.jpg"))
    fetcher = partial(fetch, limits=FetchLimits(seconds=5, ports=frozenset({merchant.port})), allow_private=LOCAL)
    await asyncio.gather(*(fetch_pictures(db, storage, fetcher, SHOP.bucket, ids) for _ in range(3)))
    assert len(await told(db)) == 1
    assert len(await list_queued(db, DERIVE)) == 1
    assert await db.read(lambda r: r.value("select count(*) from media.pictures")) == 1


async def test_a_wish_that_was_answered_meanwhile_gives_no_second_picture(db, storage):
    [fetch_id] = await ask(db, "http://example.org/a.jpg")
    wish = Fetch(fetch_id, SHOP, ROW, "http://example.org/a.jpg", True, 0)
    stored = await store_picture(storage, SHOP, draw(), db.clock.now())
    assert await db.write(GUEST, lambda tx: note_fetched(tx, wish, stored)) is not None
    assert await db.write(GUEST, lambda tx: note_fetched(tx, wish, stored)) is None


async def test_what_was_fetched_before_is_found_by_its_address_while_it_is_there(db, storage, merchant):
    merchant.answers["/a.jpg"] = (200, "image/jpeg", draw())
    address = merchant.address("/a.jpg")
    await ask(db, address, merchant.address("/missing.jpg"))
    await work_off(db, work(db, storage, merchant))
    found = await db.read(lambda r: map_fetched(r, SHOP, [address, merchant.address("/missing.jpg"), "http://x/"]))
    assert list(found) == [address]
    assert await db.read(lambda r: map_fetched(r, ROW, [address])) == {}, "another owner's picture is not theirs"
    await db.write(GUEST, lambda tx: delete_picture(tx, SHOP, found[address]))
    assert await db.read(lambda r: map_fetched(r, SHOP, [address])) == {}
