"""What the form of a conversation sends."""

import secrets
from collections.abc import Sequence
from typing import Any

import msgspec
from litestar import Request

from fairground.kit.db import Database, Tx
from fairground.kit.errors import Invalid, Trouble
from fairground.kit.http.forms import read_files, read_form
from fairground.kit.i18n.words import say
from fairground.kit.idempotency import MAX_KEY
from fairground.kit.ids import Id
from fairground.kit.images import PictureTrouble
from fairground.kit.storage import Storage
from fairground.market.media.actions import add_picture, store_picture
from fairground.market.media.model import StoredPicture
from fairground.market.service.actions.chat import Sent, send_message
from fairground.market.service.model.chat import ChatRules, Draft, Side, ThreadId
from fairground.web.told import tell_fields


class SayForm(msgspec.Struct):
    """The fields of the form."""

    words: str = ""
    idempotency_key: str = ""
    product_id: str | None = None
    order_id: str | None = None
    reply_id: str | None = None
    hint_seen: str | None = None
    shop: str = ""


class ReadForm(msgspec.Struct):
    """Up to which message somebody has read."""

    number: int


class Said(msgspec.Struct, frozen=True):
    """A form as it was sent, with its pictures still in memory."""

    form: SayForm
    files: Sequence[tuple[str, bytes]]

    @property
    def key(self) -> str:
        """The key of the message; a form without one gets a new one."""
        key = self.form.idempotency_key
        return key if 0 < len(key) <= MAX_KEY and key.isascii() and key.isprintable() else secrets.token_hex(12)

    def fields(self) -> list[tuple[str, str]]:
        """Give the hidden fields that go along once more."""
        form = self.form
        told = (("product_id", form.product_id), ("order_id", form.order_id), ("shop", form.shop))
        return [(name, value) for name, value in told if value]


async def read_said(request: Request[Any, Any, Any], db: Database) -> Said:
    """Read the form of a conversation.

    Raises:
        Invalid: a field of the wrong kind, or too many pictures.
    """
    most = db.given(ChatRules).pictures_most
    return Said(await read_form(request, SayForm), await read_files(request, "pictures", at_most=most))


async def send_said(
    db: Database, storage: Storage, actor: Any, thread_id: ThreadId, side: Side, said: Said, words: str | None = None
) -> Sent:
    """Store the pictures of a form, then send the message with them.

    Raises:
        Trouble: as `send_message`; PictureTrouble names the picture that is none.
    """
    stored = [await _store(db, storage, thread_id, name, data) for name, data in said.files]

    async def deed(tx: Tx) -> Sent:
        pictures = [await add_picture(tx, thread_id, picture, is_public=False) for picture in stored]
        return await send_message(
            tx,
            thread_id,
            side,
            Draft(
                key=said.key,
                words=said.form.words if words is None else words,
                product_id=_an_id(said.form.product_id),
                order_id=_an_id(said.form.order_id),
                pictures=tuple(pictures),
                hint_seen=said.form.hint_seen is not None,
            ),
        )

    return await db.write(actor, deed)


async def _store(db: Database, storage: Storage, thread_id: ThreadId, name: str, data: bytes) -> StoredPicture:
    try:
        return await store_picture(storage, thread_id, data, db.clock.now())
    except PictureTrouble as trouble:
        trouble.params.setdefault("name", name)
        raise


def _an_id(text: str | None) -> Id | None:
    return Id.parse(text) if text else None


def told(trouble: Trouble) -> str:
    """Say a trouble in the reader's language."""
    return say(trouble.message, trouble.params)


def problems(trouble: Trouble) -> dict[str, str]:
    """Tell what is wrong with a message, by the field of the form beside which it stands."""
    if isinstance(trouble, PictureTrouble):
        return {"pictures": told(trouble)}
    if not isinstance(trouble, Invalid):
        return {"words": told(trouble)}
    found = dict(tell_fields(trouble, "words").all)
    elsewhere = [words for field, words in found.items() if field not in {"words", "pictures"}]
    return {**({"words": elsewhere[0]} if elsewhere else {}), **found}
