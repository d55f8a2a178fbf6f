"""Take pictures in, delete them, ask for those that lie elsewhere.

Order of things: the file is checked and stored first (`store_picture`, outside of every transaction), the row comes
after (`add_picture`, in the deed that needs the picture). What never gets its row is swept away.
"""

import asyncio
import hashlib
import secrets
from collections.abc import Sequence
from datetime import datetime
from typing import Final

from fairground.kit.db import Tx
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.kit.images import Picture, read_picture
from fairground.kit.jobs import enqueue
from fairground.kit.storage import Storage
from fairground.market.media.errors import PictureNotFound
from fairground.market.media.events import PictureFailed, PictureFetched
from fairground.market.media.model import (
    Fetch,
    FetchId,
    MediaId,
    StoredPicture,
    file_path,
    folder_name,
)
from fairground.market.media.queries import hash_address

DERIVE: Final = "media.derive_sizes"
FETCH: Final = "media.fetch_pictures"
FETCHES_PER_JOB: Final = 8
WEBP: Final = "image/webp"


async def store_picture(storage: Storage, owner_id: Id, data: bytes, now: datetime) -> StoredPicture:
    """Check an uploaded picture, write it anew, and put it into the storage.

    Raises:
        PictureTrouble: it is no picture, damaged, or too large; nothing was stored.
    """
    picture = await asyncio.to_thread(read_picture, data)
    return await keep_picture(storage, owner_id, picture, now)


async def keep_picture(storage: Storage, owner_id: Id, picture: Picture, now: datetime) -> StoredPicture:
    """Put a picture checked before into the storage, in its owner's bucket."""
    folder = folder_name(owner_id.bucket, secrets.token_hex(16), now)
    await storage.put(file_path(folder, None), picture.webp, WEBP)
    print_ = hashlib.sha256(picture.webp).digest()
    return StoredPicture(folder, picture.width, picture.height, len(picture.webp), print_)


async def add_picture(tx: Tx, owner_id: Id, picture: StoredPicture, *, is_public: bool) -> MediaId:
    """Write the row of a stored picture and ask for its sizes."""
    media_id = tx.new_id(MediaId, owner_id.bucket)
    await _write_picture(tx, media_id, owner_id, picture, is_public)
    return media_id


async def _write_picture(tx: Tx, media_id: MediaId, owner_id: Id, picture: StoredPicture, is_public: bool) -> None:
    await tx.execute(
        """
        insert into media.pictures
               (bucket, id, owner, is_public, state, folder, width, height, bytes, sha256, created_at)
        values ($1, $2, $3, $4, 'fresh', $5, $6, $7, $8, $9, $10)
        """,
        media_id.bucket,
        media_id,
        owner_id,
        is_public,
        picture.folder,
        picture.width,
        picture.height,
        picture.length,
        picture.sha256,
        tx.now,
    )
    await enqueue(tx, DERIVE, {"id": media_id}, once_as=f"{DERIVE}:{media_id}")


async def delete_picture(tx: Tx, owner_id: Id, media_id: MediaId) -> None:
    """Delete a picture of an owner; its files go a day later, so that pages still open keep theirs.

    Raises:
        PictureNotFound: there is none, or it is somebody else's.
    """
    if not await delete_pictures(tx, owner_id, [media_id]):
        raise PictureNotFound


async def delete_pictures(tx: Tx, owner_id: Id, ids: Sequence[MediaId]) -> int:
    """Delete those pictures of an owner that are among these; give how many."""
    return await tx.execute(
        """
        update media.pictures set state = 'gone', gone_at = $4
         where bucket = $1 and owner = $2 and id = any($3::bigint[]) and state <> 'gone'
        """,
        owner_id.bucket,
        owner_id,
        list(ids),
        tx.now,
    )


async def delete_public_pictures_of(tx: Tx, owner_id: Id) -> int:
    """Delete what an owner (a person who left) showed to everybody; private ones are their rooms' to delete."""
    return await tx.execute(
        """
        update media.pictures set state = 'gone', gone_at = $3
         where bucket = $1 and owner = $2 and is_public and state <> 'gone'
        """,
        owner_id.bucket,
        owner_id,
        tx.now,
    )


async def mark_ready(tx: Tx, media_id: MediaId, sizes: Sequence[int]) -> bool:
    """Note that the sizes are there; False where the picture was deleted meanwhile."""
    return bool(
        await tx.execute(
            """
            update media.pictures set state = 'ready', sizes = $3::smallint[]
             where bucket = $1 and id = $2 and state in ('fresh', 'ready', 'broken')
            """,
            media_id.bucket,
            media_id,
            list(sizes),
        )
    )


async def mark_broken(tx: Tx, media_id: MediaId) -> None:
    """Note that the picture's file is lost or unreadable."""
    await tx.execute(
        "update media.pictures set state = 'broken' where bucket = $1 and id = $2 and state = 'fresh'",
        media_id.bucket,
        media_id,
    )


async def request_picture(tx: Tx, owner_id: Id, asked_by: Id, address: str, *, is_public: bool = True) -> FetchId:
    """Ask that a picture be fetched for an owner; the asker hears `PictureFetched` or `PictureFailed`."""
    return (await request_pictures(tx, owner_id, [(asked_by, address)], is_public=is_public))[0]


async def request_pictures(
    tx: Tx, owner_id: Id, wishes: Sequence[tuple[Id, str]], *, is_public: bool = True
) -> list[FetchId]:
    """Ask for many at once, as (asked by, address); a few go into each job."""
    ids = [tx.new_id(FetchId, owner_id.bucket) for _ in wishes]
    await tx.execute(
        """
        insert into media.fetches (bucket, id, owner, asked_by, is_public, address, address_hash, state, asked_at)
        select $1, i, $2, a, $3, u, h, 'asked', $4
          from unnest($5::bigint[], $6::bigint[], $7::text[], $8::bytea[]) as t(i, a, u, h)
        """,
        owner_id.bucket,
        owner_id,
        is_public,
        tx.now,
        ids,
        [asked_by for asked_by, _ in wishes],
        [address for _, address in wishes],
        [hash_address(address) for _, address in wishes],
    )
    for start in range(0, len(ids), FETCHES_PER_JOB):
        await enqueue(tx, FETCH, {"bucket": owner_id.bucket, "ids": ids[start : start + FETCHES_PER_JOB]})
    return ids


async def note_fetched(tx: Tx, fetch: Fetch, picture: StoredPicture) -> MediaId | None:
    """Give a fetched picture to its owner and tell the asker; None where another worker was quicker."""
    media_id = tx.new_id(MediaId, fetch.owner_id.bucket)
    noted = await tx.execute(
        """
        update media.fetches set state = 'done', media_id = $3, done_at = $4, tries = tries + 1
         where bucket = $1 and id = $2 and state = 'asked'
        """,
        fetch.id.bucket,
        fetch.id,
        media_id,
        tx.now,
    )
    if not noted:
        return None
    await _write_picture(tx, media_id, fetch.owner_id, picture, fetch.is_public)
    await publish(
        tx, PictureFetched(asked_by=fetch.asked_by, fetch_id=fetch.id, media_id=media_id, address=fetch.address)
    )
    return media_id


async def note_failed(tx: Tx, fetch: Fetch, code: str) -> None:
    """Give a picture up and tell the asker why."""
    noted = await tx.execute(
        """
        update media.fetches set state = 'failed', trouble = $3, done_at = $4, tries = tries + 1
         where bucket = $1 and id = $2 and state = 'asked'
        """,
        fetch.id.bucket,
        fetch.id,
        code,
        tx.now,
    )
    if noted:
        await publish(tx, PictureFailed(asked_by=fetch.asked_by, fetch_id=fetch.id, address=fetch.address, code=code))


async def note_try(tx: Tx, fetch: Fetch) -> None:
    """Note a try that may go better the next time."""
    await tx.execute(
        "update media.fetches set tries = tries + 1 where bucket = $1 and id = $2 and state = 'asked'",
        fetch.id.bucket,
        fetch.id,
    )
