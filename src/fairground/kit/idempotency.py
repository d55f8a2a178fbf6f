"""Idempotency: the same key and body give the same answer, also at the same moment and after a crash.

Only success is stored, with its answer, in the transaction of the deed: a refusal leaves nothing and may be tried
again.
"""

import hashlib
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any, Final

import msgspec

from fairground.kit.db import Tx
from fairground.kit.errors import N_, Conflict, Invalid
from fairground.kit.ids import Id, to_text

KEPT: Final = timedelta(days=7)
MAX_KEY: Final = 200


class KeyMissing(Invalid):
    """The request needs an `Idempotency-Key`."""

    code = "idempotency.key_missing"
    message = N_("This request needs an Idempotency-Key header.")


class KeyMalformed(Invalid):
    """The key is empty, too long, or has characters that no key has."""

    code = "idempotency.key_malformed"
    message = N_("The Idempotency-Key must be 1 to 200 visible ASCII characters.")


class KeyReused(Conflict):
    """The key was used before with another body."""

    code = "idempotency.key_reused"
    message = N_("This Idempotency-Key was used before for something else.")


class Answer(msgspec.Struct, frozen=True):
    """What was answered: a status and plain data. `replayed` tells that it was answered before."""

    status: int
    body: Any
    replayed: bool = False


def fingerprint(*parts: Any) -> bytes:
    """Make the fingerprint of a request from its route and body."""
    return hashlib.sha256(msgspec.json.encode(parts, enc_hook=to_text, order="deterministic")).digest()


def check_key(key: str | None) -> str:
    """Give the key back if it can be one.

    Raises:
        KeyMissing, KeyMalformed
    """
    if key is None:
        raise KeyMissing
    if not 0 < len(key) <= MAX_KEY or not key.isascii() or not key.isprintable():
        raise KeyMalformed
    return key


async def once(tx: Tx, owner: Id, key: str, print_: bytes, deed: Callable[[], Awaitable[tuple[int, Any]]]) -> Answer:
    """Do a deed once for an owner's key; later calls get the stored answer.

    Of two at the same moment the second waits on the key's row until the first has committed or given up.

    Raises:
        KeyReused: the key belongs to another body.
    """
    taken = await tx.execute(
        """
        insert into kit.idempotency (bucket, owner, key, print, at) values ($1, $2, $3, $4, $5)
        on conflict (bucket, owner, key) do nothing
        """,
        owner.bucket,
        owner,
        key,
        print_,
        tx.now,
    )
    if not taken:
        return await _stored(tx, owner, key, print_)
    status, body = await deed()
    await tx.execute(
        "update kit.idempotency set status = $4, answer = $5 where bucket = $1 and owner = $2 and key = $3",
        owner.bucket,
        owner,
        key,
        status,
        msgspec.to_builtins(body, enc_hook=to_text),
    )
    return Answer(status, msgspec.to_builtins(body, enc_hook=to_text))


async def _stored(tx: Tx, owner: Id, key: str, print_: bytes) -> Answer:
    row = await tx.row(
        "select print, status, answer from kit.idempotency where bucket = $1 and owner = $2 and key = $3",
        owner.bucket,
        owner,
        key,
    )
    assert row is not None, "a key that conflicts is there"
    if row["print"] != print_:
        raise KeyReused
    return Answer(row["status"], row["answer"], replayed=True)


async def forget_old_keys(tx: Tx, buckets: tuple[int, int], limit: int = 5000) -> int:
    """Forget keys older than 7 days."""
    return await tx.execute(
        """
        delete from kit.idempotency where (bucket, owner, key) in (
          select bucket, owner, key from kit.idempotency where bucket between $1 and $2 and at < $3 limit $4)
        """,
        *buckets,
        tx.now - KEPT,
        limit,
    )
