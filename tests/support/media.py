"""Pictures for tests, drawn here."""

import io
from pathlib import Path

from PIL import Image

from fairground.kit.actor import person as acting
from fairground.kit.db import Database
from fairground.kit.ids import Id
from fairground.kit.storage import ObjectStorage, open_storage
from fairground.market.media.actions import add_picture, store_picture
from fairground.market.media.model import MediaId


def make_storage(folder: Path) -> ObjectStorage:
    """Open a storage in a folder."""
    return open_storage(str(folder))


def draw(width: int = 900, height: int = 600, *, form: str = "JPEG", exif: bytes = b"") -> bytes:
    """Draw a picture: a gradient, so that sizes differ in bytes."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    out = io.BytesIO()
    image.save(out, form, **({"exif": exif} if exif else {}))
    return out.getvalue()


async def make_picture(
    db: Database, storage: ObjectStorage, owner_id: Id, *, is_public: bool = True, data: bytes | None = None
) -> MediaId:
    """Upload a picture for an owner."""
    stored = await store_picture(storage, owner_id, draw() if data is None else data, db.clock.now())
    return await db.write(acting(owner_id), lambda tx: add_picture(tx, owner_id, stored, is_public=is_public))
