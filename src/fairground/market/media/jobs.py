"""Slow work on pictures: their sizes, fetching them, sweeping what belongs to nobody."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from typing import Any, Final, TypeAlias

import structlog

from fairground.kit.actor import system
from fairground.kit.db import Database, Reader, Row, Tx
from fairground.kit.fetch import (
    BadAnswer,
    Fetched,
    FetchRefused,
    HostNotFound,
    TookTooLong,
)
from fairground.kit.images import PictureTrouble, derive
from fairground.kit.jobs import Job, enqueue
from fairground.kit.storage import FileMissing, Storage
from fairground.kit.timers import Timer
from fairground.market.media.actions import (
    DERIVE,
    FETCH,
    WEBP,
    mark_broken,
    mark_ready,
    note_failed,
    note_fetched,
    note_try,
    store_picture,
)
from fairground.market.media.model import (
    Fetch,
    FetchId,
    MediaId,
    MediaRules,
    bucket_of_folder,
    day_folder,
    file_path,
    sizes_below,
)
from fairground.market.media.queries import list_asked_fetches

Fetcher: TypeAlias = Callable[[str], Awaitable[Fetched]]
"""Fetches an address within the operator's limits (`kit.fetch.fetch` with what is allowed bound to it)."""

ACTOR: Final = system("media")
SWEPT: Final = 500  # a run
AT_ONCE: Final = 4
log = structlog.get_logger(__name__)


def jobs(db: Database, storage: Storage, fetcher: Fetcher) -> list[Job]:
    """List the jobs of this room."""

    async def derive_them(payload: dict[str, Any]) -> None:
        await derive_sizes(db, storage, MediaId(payload["id"]))

    async def fetch_them(payload: dict[str, Any]) -> None:
        await fetch_pictures(db, storage, fetcher, payload["bucket"], [FetchId(i) for i in payload["ids"]])

    return [Job(DERIVE, derive_them), Job(FETCH, fetch_them)]


def timers(storage: Storage) -> list[Timer]:
    """List what comes round in this room."""
    return [
        Timer("media.ask_again", timedelta(minutes=10), ask_again),
        Timer("media.remove_deleted", timedelta(hours=1), lambda db: remove_deleted(db, storage)),
        Timer("media.remove_orphans", timedelta(hours=24), lambda db: remove_orphans(db, storage)),
        Timer("media.forget_old_fetches", timedelta(hours=24), forget_old_fetches),
    ]


async def derive_sizes(db: Database, storage: Storage, media_id: MediaId) -> None:
    """Make the sizes of a picture; those there already are made anew, which harms nobody."""
    row = await db.read(lambda reader: _folder(reader, media_id))
    if row is None:
        return
    sizes = sizes_below(row["width"], row["height"])
    try:
        original = await storage.get(file_path(row["folder"], None))
        for size in sizes:
            await storage.put(file_path(row["folder"], size), await asyncio.to_thread(derive, original, size), WEBP)
    except (FileMissing, OSError, ValueError) as trouble:
        log.warning("picture broken", media_id=str(media_id), error=repr(trouble))
        await db.write(ACTOR, lambda tx: mark_broken(tx, media_id))
        return
    await db.write(ACTOR, lambda tx: mark_ready(tx, media_id, sizes))


async def _folder(reader: Reader, media_id: MediaId) -> Row | None:
    return await reader.row(
        "select folder, width, height from media.pictures where bucket = $1 and id = $2 and state <> 'gone'",
        media_id.bucket,
        media_id,
    )


async def fetch_pictures(db: Database, storage: Storage, fetcher: Fetcher, bucket: int, ids: Sequence[FetchId]) -> None:
    """Fetch some pictures side by side; each tells its asker, or is tried again later by itself."""
    wishes = await db.read(lambda reader: list_asked_fetches(reader, bucket, ids))
    turn = asyncio.Semaphore(AT_ONCE)

    async def one(wish: Fetch) -> None:
        async with turn:
            await _fetch(db, storage, fetcher, wish)

    await asyncio.gather(*(one(wish) for wish in wishes))


async def _fetch(db: Database, storage: Storage, fetcher: Fetcher, wish: Fetch) -> None:
    try:
        fetched = await fetcher(wish.address)
        stored = await store_picture(storage, wish.owner_id, fetched.body, db.clock.now())
    except (FetchRefused, PictureTrouble) as trouble:
        rules = db.given(MediaRules)
        if _may_go_better(trouble) and wish.tries + 1 < rules.fetch_tries:
            await db.write(ACTOR, lambda tx: _try_later(tx, wish, rules))
        else:
            code = trouble.code
            await db.write(ACTOR, lambda tx: note_failed(tx, wish, code))
        return
    await db.write(ACTOR, lambda tx: note_fetched(tx, wish, stored))


def _may_go_better(trouble: FetchRefused | PictureTrouble) -> bool:
    if isinstance(trouble, BadAnswer):
        return trouble.params.get("status", 0) in {0, 429} or trouble.params["status"] >= 500
    return isinstance(trouble, HostNotFound | TookTooLong)


async def _try_later(tx: Tx, wish: Fetch, rules: MediaRules) -> None:
    await note_try(tx, wish)
    wait = timedelta(seconds=rules.fetch_wait_seconds * 5**wish.tries)
    await enqueue(tx, FETCH, {"bucket": wish.id.bucket, "ids": [wish.id]}, delay=wait)


async def ask_again(db: Database) -> int:
    """Ask once more for sizes and pictures that are long overdue (a queue lost its job)."""

    async def ask(tx: Tx) -> int:
        late = tx.now - timedelta(minutes=tx.given(MediaRules).derive_again_minutes)
        pictures = await tx.rows(
            "select id from media.pictures where state = 'fresh' and created_at < $1 order by created_at limit $2",
            late,
            SWEPT,
        )
        for row in pictures:
            await enqueue(tx, DERIVE, {"id": row["id"]}, once_as=f"{DERIVE}:{row['id']}")
        fetches = await tx.rows(
            "select bucket, id from media.fetches where state = 'asked' and asked_at < $1 order by asked_at limit $2",
            tx.now - timedelta(hours=6),
            SWEPT,
        )
        for row in fetches:
            await enqueue(tx, FETCH, {"bucket": row["bucket"], "ids": [row["id"]]}, once_as=f"{FETCH}:{row['id']}")
        return len(pictures) + len(fetches)

    return await db.write(ACTOR, ask)


async def remove_deleted(db: Database, storage: Storage) -> int:
    """Remove the files of pictures deleted a while ago, then their rows."""
    rows = await db.read(_deleted)
    for row in rows:
        for size in [None, *sizes_below(row["width"], row["height"])]:
            await storage.delete(file_path(row["folder"], size))
        at = (row["bucket"], row["id"])
        await db.write(
            ACTOR,
            lambda tx, at=at: tx.execute(  # type: ignore[misc]
                "delete from media.pictures where bucket = $1 and id = $2 and state = 'gone'", *at
            ),
        )
    return len(rows)


async def _deleted(reader: Reader) -> list[Row]:
    return await reader.rows(
        """
        select bucket, id, folder, width, height from media.pictures
         where state = 'gone' and gone_at < $1 order by gone_at limit $2
        """,
        reader.now - timedelta(hours=reader.given(MediaRules).gone_kept_hours),
        SWEPT,
    )


async def remove_orphans(db: Database, storage: Storage) -> int:
    """Remove files that never got their row: those of three days, the last of them `orphan_days` ago."""
    last = db.clock.now() - timedelta(days=db.given(MediaRules).orphan_days)
    removed = 0
    for back in range(3):
        paths = [path async for path in storage.list_below(day_folder(last - timedelta(days=back)))]
        folders = sorted({path.rpartition("/")[0] for path in paths})
        for start in range(0, len(folders), SWEPT):
            some = folders[start : start + SWEPT]
            known = await db.read(lambda reader, some=some: _with_row(reader, some))  # type: ignore[misc]
            lost = set(some) - known
            for path in paths:
                if path.rpartition("/")[0] in lost:
                    await storage.delete(path)
                    removed += 1
    return removed


async def _with_row(reader: Reader, folders: Sequence[str]) -> set[str]:
    named = [(bucket, folder) for folder in folders if (bucket := bucket_of_folder(folder)) is not None]
    rows = await reader.rows(
        """
        select p.folder from media.pictures p
          join unnest($1::smallint[], $2::text[]) as t(b, f) on p.bucket = t.b and p.folder = t.f
        """,
        [bucket for bucket, _ in named],
        [folder for _, folder in named],
    )
    # What is not named in our way was not put there by us, and is not ours to remove.
    return {row["folder"] for row in rows} | (set(folders) - {folder for _, folder in named})


async def forget_old_fetches(db: Database) -> int:
    """Forget what came of wishes of more than a year ago."""
    return await db.write(
        ACTOR,
        lambda tx: tx.execute(
            """
            delete from media.fetches where (bucket, id) in (
              select bucket, id from media.fetches where state <> 'asked' and done_at < $1 limit 5000)
            """,
            tx.now - timedelta(days=tx.given(MediaRules).fetches_kept_days),
        ),
    )
