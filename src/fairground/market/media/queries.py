"""Looking at pictures: what they are, which file answers for a size, who may see it."""

import hashlib
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import TypeAlias

import msgspec

from fairground.kit.actor import Actor
from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.kit.images import SIZES
from fairground.market.media.errors import PictureNotFound
from fairground.market.media.model import (
    Fetch,
    FetchId,
    MediaId,
    PictureFile,
    PictureInfo,
    PictureState,
    file_path,
)

MaySee: TypeAlias = Callable[[Reader, MediaId, Actor], Awaitable[bool]]
"""Tells whether somebody may see a private picture for the reason one room knows (a case, a chat, a shop's papers)."""


class Sight(msgspec.Struct, frozen=True):
    """Whom the other rooms let see private pictures; given where all is wired."""

    may_see: Sequence[MaySee] = ()


async def map_pictures(reader: Reader, ids: Iterable[Id]) -> dict[MediaId, PictureInfo]:
    """Get many pictures; deleted ones are left out."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = await reader.rows(
        """
        select p.id, p.owner, p.is_public, p.state, p.width, p.height, p.created_at from media.pictures p
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on p.bucket = t.b and p.id = t.i
         where p.state <> 'gone'
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    return {MediaId(row["id"]): _info_from(row) for row in rows}


async def get_picture(reader: Reader, media_id: MediaId) -> PictureInfo:
    """Get one picture.

    Raises:
        PictureNotFound: there is none, or it was deleted.
    """
    found = (await map_pictures(reader, [media_id])).get(media_id)
    if found is None:
        raise PictureNotFound
    return found


def _info_from(row: Row) -> PictureInfo:
    return PictureInfo(
        MediaId(row["id"]),
        Id(row["owner"]),
        row["is_public"],
        PictureState(row["state"]),
        row["width"],
        row["height"],
        row["created_at"],
    )


async def get_picture_file(
    reader: Reader, media_id: MediaId, size: int, viewer: Actor, may_see: Sequence[MaySee] = ()
) -> PictureFile:
    """Tell which file answers for a size of a picture; a private one only to its owner and to whom a room lets see it.

    Raises:
        PictureNotFound: no such picture or size, files lost, or not for this viewer.
    """
    row = await reader.row(
        """
        select owner, is_public, state, folder, width, height, sha256, sizes from media.pictures
         where bucket = $1 and id = $2 and state in ('fresh', 'ready')
        """,
        media_id.bucket,
        media_id,
    )
    if row is None or size not in SIZES:
        raise PictureNotFound
    if not row["is_public"] and not await _is_for(reader, media_id, row["owner"], viewer, may_see):
        raise PictureNotFound
    made = size in row["sizes"]
    # A smaller picture is its own largest size; a fresh one stands in for its sizes until they are made.
    is_final = made or max(row["width"], row["height"]) <= size
    print_ = row["sha256"].hex()[:32]
    return PictureFile(
        file_path(row["folder"], size if made else None),
        f'"{print_}-{size if made else 0}"',
        row["is_public"],
        is_final,
    )


async def _is_for(reader: Reader, media_id: MediaId, owner: int, viewer: Actor, may_see: Sequence[MaySee]) -> bool:
    if viewer.person_id is None:
        return False
    if viewer.person_id == owner:
        return True
    for check in may_see:
        if await check(reader, media_id, viewer):
            return True
    return False


async def map_fetched(reader: Reader, owner_id: Id, addresses: Iterable[str]) -> dict[str, MediaId]:
    """Find which addresses were fetched for an owner before, with the picture still there."""
    by_hash = {hash_address(address): address for address in addresses}
    if not by_hash:
        return {}
    rows = await reader.rows(
        """
        select f.address_hash, max(f.media_id) as media_id from media.fetches f
          join media.pictures p on p.bucket = f.bucket and p.id = f.media_id
         where f.bucket = $1 and f.owner = $2 and f.address_hash = any($3::bytea[]) and f.state = 'done'
           and p.state in ('fresh', 'ready')
         group by f.address_hash
        """,
        owner_id.bucket,
        owner_id,
        list(by_hash),
    )
    return {by_hash[row["address_hash"]]: MediaId(row["media_id"]) for row in rows}


async def map_same(reader: Reader, owner_id: Id, prints: Iterable[bytes]) -> dict[bytes, MediaId]:
    """Find which pictures (by the SHA-256 of what is kept) an owner has already."""
    rows = await reader.rows(
        """
        select sha256, max(id) as id from media.pictures
         where bucket = $1 and owner = $2 and sha256 = any($3::bytea[]) and state in ('fresh', 'ready')
         group by sha256
        """,
        owner_id.bucket,
        owner_id,
        list(prints),
    )
    return {row["sha256"]: MediaId(row["id"]) for row in rows}


async def list_asked_fetches(reader: Reader, bucket: int, ids: Sequence[FetchId]) -> list[Fetch]:
    """List those of some wishes, all of one bucket, that nothing has come of yet."""
    rows = await reader.rows(
        """
        select id, owner, asked_by, address, is_public, tries from media.fetches
         where bucket = $1 and id = any($2::bigint[]) and state = 'asked' order by id
        """,
        bucket,
        list(ids),
    )
    return [
        Fetch(FetchId(r["id"]), Id(r["owner"]), Id(r["asked_by"]), r["address"], r["is_public"], r["tries"])
        for r in rows
    ]


def hash_address(address: str) -> bytes:
    """Give the SHA-256 of an address, short enough for an index."""
    return hashlib.sha256(address.encode("utf-8", "surrogatepass")).digest()
