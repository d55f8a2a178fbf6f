"""Take an uploaded file in: looked at before anything is kept, then kept where only imports find it."""

import asyncio
import io
import secrets
from typing import Final

from fairground.kit.errors import Invalid, invalid
from fairground.kit.storage import Storage
from fairground.market.catalog.exchange.actions import Upload
from fairground.market.catalog.exchange.errors import EmptyFile, FileTooLarge
from fairground.market.catalog.exchange.model import ExchangeRules, FileFormat, Terms
from fairground.market.catalog.exchange.reading import read_goods
from fairground.market.catalog.exchange.words import in_words
from fairground.market.shops.model import ShopId

FOLDER: Final = "imports"
MIB: Final = 1024 * 1024


async def keep_upload(
    storage: Storage,
    shop_id: ShopId,
    data: bytes,
    upload: Upload,
    *,
    terms: Terms,
    rules: ExchangeRules,
) -> Upload:
    """Keep a file for an import; one that cannot be read at all is refused at once. Gives it with its key.

    Raises:
        Invalid: `/file`, with the reason.
    """
    try:
        if len(data) > rules.file_bytes_most:
            raise FileTooLarge(most=rules.file_bytes_most // MIB)
        await asyncio.to_thread(probe, data, upload.format, terms)
    except Invalid as trouble:
        raise invalid("/file", trouble.code, trouble.message, **in_words(trouble.params)) from trouble
    key = f"{FOLDER}/{shop_id.bucket:04d}/{secrets.token_hex(16)}"
    await storage.put(key, data, "application/octet-stream")
    return Upload(upload.format, upload.file_name, key, upload.is_dry_run)


def probe(data: bytes, format: FileFormat, terms: Terms) -> None:  # noqa: A002
    """See that a file begins as its format does.

    Raises:
        FileUnreadable
    """
    if next(read_goods(io.BytesIO(data), format, terms), None) is None:
        raise EmptyFile
