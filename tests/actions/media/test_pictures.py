"""Upload, sizes, who may see, deletion, sweeping."""

import asyncio
import io
from datetime import timedelta

import pytest
from PIL import Image

from fairground.kit.actor import GUEST
from fairground.kit.actor import person as acting
from fairground.kit.ids import Id
from fairground.kit.images import NotAPicture, PictureBroken, PictureTooHeavy
from fairground.kit.storage import FileMissing
from fairground.market.media.actions import (
    DERIVE,
    add_picture,
    delete_picture,
    delete_public_pictures_of,
    store_picture,
)
from fairground.market.media.errors import PictureNotFound
from fairground.market.media.jobs import ask_again, jobs, remove_deleted, remove_orphans
from fairground.market.media.model import MediaId, PictureState
from fairground.market.media.queries import get_picture, get_picture_file, map_pictures
from tests.support.jobs import list_queued, work_off
from tests.support.media import draw, make_picture, make_storage
from tests.support.statements import StatementFailed, fail_at

OWNER, STRANGER = Id((5 << 22) | (17 << 12) | 1), Id((6 << 22) | (17 << 12) | 1)


@pytest.fixture
def storage(tmp_path):
    return make_storage(tmp_path / "media")


@pytest.fixture
def files(tmp_path):
    return lambda: sorted(p.relative_to(tmp_path / "media").as_posix() for p in (tmp_path / "media").rglob("*.webp"))


async def no_fetch(_address):
    raise AssertionError("nothing is fetched here")


async def derive_all(db, storage):
    return await work_off(db, jobs(db, storage, no_fetch))


async def file_of(db, media_id, size, viewer=GUEST, may_see=()):
    return await db.read(lambda reader: get_picture_file(reader, media_id, size, viewer, may_see))


def opened(data: bytes) -> Image.Image:
    return Image.open(io.BytesIO(data))


async def test_a_picture_is_kept_as_webp_in_its_owners_bucket(db, storage):
    media_id = await make_picture(db, storage, OWNER)
    assert media_id.bucket == OWNER.bucket
    found = await db.read(lambda r: get_picture(r, media_id))
    assert (found.owner_id, found.width, found.height, found.state) == (OWNER, 900, 600, PictureState.FRESH)
    assert await list_queued(db, DERIVE) == [{"id": media_id}]


async def test_the_original_stands_in_until_the_sizes_are_made(db, storage):
    media_id = await make_picture(db, storage, OWNER)
    fresh = await file_of(db, media_id, 240)
    assert not fresh.is_final
    assert opened(await storage.get(fresh.path)).size == (900, 600)
    await derive_all(db, storage)
    ready = await file_of(db, media_id, 240)
    assert ready.is_final
    assert ready.etag != fresh.etag
    assert opened(await storage.get(ready.path)).size == (240, 160)
    assert (await db.read(lambda r: get_picture(r, media_id))).state is PictureState.READY


@pytest.mark.parametrize(("size", "sides"), [(96, (96, 64)), (480, (480, 320)), (800, (800, 533)), (1600, (900, 600))])
async def test_every_size_answers_and_none_is_enlarged(db, storage, size, sides):
    media_id = await make_picture(db, storage, OWNER)
    await derive_all(db, storage)
    file = await file_of(db, media_id, size)
    assert file.is_final
    picture = opened(await storage.get(file.path))
    assert (picture.format, picture.size) == ("WEBP", sides)


async def test_other_sizes_are_not_there(db, storage):
    media_id = await make_picture(db, storage, OWNER)
    for size in (0, 1, 241, 100_000):
        with pytest.raises(PictureNotFound):
            await file_of(db, media_id, size)


async def test_where_it_was_taken_is_not_kept_and_it_stands_upright(db, storage):
    exif = Image.Exif()
    exif[0x0112] = 6  # the camera was turned
    exif.get_ifd(0x8825)[2] = (52.0, 31.0, 12.0)
    media_id = await make_picture(db, storage, OWNER, data=draw(900, 600, exif=exif.tobytes()))
    picture = opened(await storage.get((await file_of(db, media_id, 1600)).path))
    assert picture.size == (600, 900)
    assert not picture.getexif()
    assert "exif" not in picture.info


@pytest.mark.parametrize(
    ("data", "trouble"),
    [
        (b"<html><script>alert(1)</script></html>", NotAPicture),
        (b"\x89PNG\r\n\x1a\n<html><script>alert(1)</script>", NotAPicture),
        (b"", NotAPicture),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", NotAPicture),
        (draw()[:2000], PictureBroken),
        (b"\xff" * (20 * 1024 * 1024 + 1), PictureTooHeavy),
    ],
)
async def test_what_is_no_picture_is_refused_and_nothing_stored(db, storage, files, data, trouble):
    with pytest.raises(trouble):
        await make_picture(db, storage, OWNER, data=data)
    assert files() == []
    assert await db.read(lambda r: r.value("select count(*) from media.pictures")) == 0


async def test_a_private_picture_is_seen_by_its_owner_and_whom_a_room_lets(db, storage):
    media_id = await make_picture(db, storage, OWNER, is_public=False)
    asked = []

    async def never(_reader, asked_id, viewer):
        asked.append((asked_id, viewer.person_id))
        return False

    async def the_stranger(_reader, _asked_id, viewer):
        return viewer.person_id == STRANGER

    assert not (await file_of(db, media_id, 96, acting(OWNER))).is_public
    for viewer, may_see in ((GUEST, [the_stranger]), (acting(STRANGER), []), (acting(STRANGER), [never])):
        with pytest.raises(PictureNotFound):
            await file_of(db, media_id, 96, viewer, may_see)
    assert asked == [(media_id, STRANGER)]
    assert await file_of(db, media_id, 96, acting(STRANGER), [never, the_stranger])


async def test_an_id_that_never_was_is_not_found(db):
    with pytest.raises(PictureNotFound):
        await file_of(db, MediaId(12345), 96)
    assert await db.read(lambda r: map_pictures(r, [])) == {}


async def test_deleted_it_is_gone_at_once_and_its_files_a_day_later(db, storage, files):
    media_id, kept = [await make_picture(db, storage, OWNER) for _ in range(2)]
    await derive_all(db, storage)
    assert len(files()) == 10
    await db.write(acting(OWNER), lambda tx: delete_picture(tx, OWNER, media_id))
    with pytest.raises(PictureNotFound):
        await file_of(db, media_id, 96)
    assert list(await db.read(lambda r: map_pictures(r, [media_id, kept]))) == [kept]
    assert await remove_deleted(db, storage) == 0
    db.clock.move(timedelta(hours=25))
    assert await remove_deleted(db, storage) == 1
    assert len(files()) == 5
    assert await db.read(lambda r: r.value("select count(*) from media.pictures")) == 1


async def test_a_strangers_picture_is_not_deleted(db, storage):
    media_id = await make_picture(db, storage, OWNER)
    with pytest.raises(PictureNotFound):
        await db.write(acting(STRANGER), lambda tx: delete_picture(tx, STRANGER, media_id))
    assert await file_of(db, media_id, 96)


async def test_all_of_an_owner_can_go(db, storage):
    for owner in (OWNER, OWNER, STRANGER):
        await make_picture(db, storage, owner)
    assert await db.write(acting(OWNER), lambda tx: delete_public_pictures_of(tx, OWNER)) == 2
    assert await db.write(acting(OWNER), lambda tx: delete_public_pictures_of(tx, OWNER)) == 0


async def test_files_without_a_row_are_swept_and_others_stay(db, storage, files):
    kept = await make_picture(db, storage, OWNER)
    await derive_all(db, storage)
    stored = await store_picture(storage, OWNER, draw(), db.clock.now())
    with pytest.raises(StatementFailed), fail_at(0):
        await db.write(acting(OWNER), lambda tx: add_picture(tx, OWNER, stored, is_public=True))
    await storage.put(f"{stored.folder.rpartition('/')[0]}/notes/of-the-operator.webp", b"not ours", "image/webp")
    assert len(files()) == 7
    assert await remove_orphans(db, storage) == 0, "an upload that is a moment old may still get its row"
    db.clock.move(timedelta(days=2))
    assert await remove_orphans(db, storage) == 1
    assert len(files()) == 6
    assert await storage.get((await file_of(db, kept, 240)).path)
    with pytest.raises(FileMissing):
        await storage.get(f"{stored.folder}/original.webp")


async def test_a_lost_file_makes_the_picture_broken(db, storage):
    media_id = await make_picture(db, storage, OWNER)
    await storage.delete((await file_of(db, media_id, 240)).path)
    await derive_all(db, storage)
    assert (await db.read(lambda r: get_picture(r, media_id))).state is PictureState.BROKEN
    with pytest.raises(PictureNotFound):
        await file_of(db, media_id, 240)


async def test_sizes_whose_job_was_lost_are_asked_for_again_once(db, storage):
    media_id = await make_picture(db, storage, OWNER)
    await db.write(GUEST, lambda tx: tx.execute("delete from pgqueuer"))
    assert await ask_again(db) == 0
    db.clock.move(timedelta(minutes=11))
    for _ in range(2):
        await ask_again(db)
    assert await list_queued(db, DERIVE) == [{"id": media_id}]
    await derive_all(db, storage)
    assert await ask_again(db) == 0


async def test_sizes_made_twice_at_once_harm_nobody(db, storage, files):
    media_id = await make_picture(db, storage, OWNER)
    derive = jobs(db, storage, no_fetch)[0]
    await asyncio.gather(*(derive.work({"id": media_id}) for _ in range(3)))
    assert len(files()) == 5
    assert (await file_of(db, media_id, 96)).is_final
