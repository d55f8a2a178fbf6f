"""Pictures by address: public ones may be kept for ever, private ones are checked at each look."""

from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.actor import GUEST, Actor, person
from fairground.kit.db import Database, Reader
from fairground.kit.errors import NotFound
from fairground.kit.http.caller import an_id
from fairground.kit.http.cookies import SESSION
from fairground.kit.storage import FileMissing, Storage
from fairground.market.accounts.queries import find_session
from fairground.market.media.errors import PictureNotFound
from fairground.market.media.model import MediaId, PictureFile
from fairground.market.media.queries import Sight, get_picture_file

FOR_EVER: Final = "public, max-age=31536000, immutable"
A_MOMENT: Final = "public, max-age=20"  # the size is being made
ASK_EACH_TIME: Final = "private, no-cache"


@get("/media/{media_id:str}/{file_name:str}", include_in_schema=False)
async def show_picture(
    request: Request[Any, Any, Any],
    media_id: FromPath[str],
    file_name: FromPath[str],
    db: NamedDependency[Database],
    storage: NamedDependency[Storage],
) -> Response[bytes]:
    """Answer a size of a picture, `/media/{id}/{size}.webp`."""
    wanted, size = an_id(MediaId, media_id), _size(file_name)
    token = request.cookies.get(SESSION)
    file = await db.read(lambda reader: _find(reader, wanted, size, token, db.given(Sight)))
    headers = {"etag": file.etag, "cache-control": _caching(file), "x-content-type-options": "nosniff"}
    if request.headers.get("if-none-match") == file.etag:
        return Response(b"", status_code=304, headers=headers)
    try:
        body = await storage.get(file.path)
    except FileMissing:
        raise PictureNotFound from None
    return Response(body, media_type="image/webp", headers=headers)


async def _find(reader: Reader, media_id: MediaId, size: int, token: str | None, sight: Sight) -> PictureFile:
    """Find the file; who asks is looked up only where the picture is not for everybody."""
    try:
        return await get_picture_file(reader, media_id, size, GUEST)
    except PictureNotFound:
        viewer = await _viewer(reader, token)
        if viewer is None:
            raise
    return await get_picture_file(reader, media_id, size, viewer, sight.may_see)


async def _viewer(reader: Reader, token: str | None) -> Actor | None:
    found = await find_session(reader, token) if token else None
    return None if found is None else person(found.person_id, is_staff=found.staff_role is not None)


def _size(file_name: str) -> int:
    number, dot, ending = file_name.partition(".")
    if not dot or ending != "webp" or not number.isascii() or not number.isdigit() or len(number) > 5:
        raise NotFound
    return int(number)


def _caching(file: PictureFile) -> str:
    if not file.is_public:
        return ASK_EACH_TIME
    return FOR_EVER if file.is_final else A_MOMENT
