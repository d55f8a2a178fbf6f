"""Pictures as values, and where their files lie."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec

from fairground.kit.ids import Id
from fairground.kit.images import SIZES

ORIGINAL: Final = "original"
ROOT: Final = "pictures"


class MediaId(Id):
    """The id of a picture; lives in its owner's bucket."""


class FetchId(Id):
    """The id of a wish to fetch a picture; lives in its owner's bucket."""


class PictureState(StrEnum):
    """Where a picture stands: sizes still missing, all there, files lost or unreadable, deleted."""

    FRESH = "fresh"
    READY = "ready"
    BROKEN = "broken"
    GONE = "gone"


class MediaRules(msgspec.Struct, frozen=True):
    """The numbers of this room."""

    derive_again_minutes: int = 10  # sizes missing for so long are asked for once more
    gone_kept_hours: int = 24  # a deleted picture's files, so that pages still open keep theirs
    orphan_days: int = 2  # files without a row
    fetch_tries: int = 3
    fetch_wait_seconds: int = 60  # before the second try; five times as long before each further one
    fetches_kept_days: int = 400


class StoredPicture(msgspec.Struct, frozen=True):
    """A checked picture that lies in the storage and has no row yet. Sides in pixels, length in bytes."""

    folder: str
    width: int
    height: int
    length: int
    sha256: bytes


class PictureInfo(msgspec.Struct, frozen=True):
    """What is known of a picture; `width` and `height` in pixels of the largest that is kept."""

    id: MediaId
    owner_id: Id
    is_public: bool
    state: PictureState
    width: int
    height: int
    created_at: datetime


class PictureFile(msgspec.Struct, frozen=True):
    """The file that answers for a size. Not `is_final` while the size is missing and the original stands in."""

    path: str
    etag: str
    is_public: bool
    is_final: bool


class Fetch(msgspec.Struct, frozen=True):
    """A wish to fetch a picture from an address, for an owner; `asked_by` is told what came of it."""

    id: FetchId
    owner_id: Id
    asked_by: Id
    address: str
    is_public: bool
    tries: int


def folder_name(bucket: int, secret: str, at: datetime) -> str:
    """Name the folder of a new picture: by day, so that a sweep need look at few, and by bucket."""
    return f"{day_folder(at)}/{bucket:04d}-{secret}"


def day_folder(at: datetime) -> str:
    """Name the folder of a day."""
    return f"{ROOT}/{at:%Y/%m/%d}"


def bucket_of_folder(folder: str) -> int | None:
    """Tell the bucket that a picture's folder names; None where it is none of ours."""
    number = folder.rpartition("/")[2].partition("-")[0]
    return int(number) if len(number) == 4 and number.isascii() and number.isdigit() else None


def file_path(folder: str, size: int | None) -> str:
    """Name the file of a size, or of the original with None."""
    return f"{folder}/{ORIGINAL if size is None else size}.webp"


def sizes_below(width: int, height: int) -> list[int]:
    """List the sizes to make of a picture: those smaller than itself."""
    return [size for size in SIZES if size < max(width, height)]
