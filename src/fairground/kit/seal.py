"""Secrets at rest and tokens on the road: AES-256-GCM, HMAC-SHA-256, keys that can be changed.

A keyring is a list of keys, each `ID:BASE64`, the first of which seals and signs; the others still open and verify, so
that a new key is put in front and the old one removed when nothing needs it any more. What is derived from one key for
one use says nothing about its other uses (HKDF, RFC 5869).
"""

import base64
import binascii
import hmac
import os
import re
import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Final, Self

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from fairground.kit.errors import N_, Trouble
from fairground.kit.ids import Id

KEY_BYTES: Final = 32
_NONCE_BYTES: Final = 12
_KEY_ID: Final = re.compile(r"[a-z0-9]{1,16}")
_LONGEST_TOKEN: Final = 8192


class SealBroken(Trouble):
    """What should be opened was altered, belongs elsewhere, or its key is gone."""

    code = "seal.broken"
    message = N_("This could not be opened: it was altered, or its key is missing.")


class TokenInvalid(Trouble):
    """A link or cookie was not signed by us for this purpose."""

    code = "seal.token_invalid"
    message = N_("This link is not valid.")


class TokenExpired(Trouble):
    """A link or cookie was good once."""

    code = "seal.token_expired"
    message = N_("This link has expired.")


class Resealed(msgspec.Struct, frozen=True):
    """One step of sealing a table anew: how many rows were sealed, which could not be opened, and the last looked at.

    `last` is None where nothing is left.
    """

    sealed: int
    broken: tuple[Id, ...]
    last: Id | None


class _Key:
    """One secret and what is derived from it."""

    def __init__(self, key_id: str, secret: bytes) -> None:
        self.id = key_id
        self.cipher = AESGCM(_derived(secret, b"fairground seal 1"))
        self.fingerprints = _derived(secret, b"fairground fingerprint 1")
        self.signatures = _derived(secret, b"fairground sign 1")


class Keyring:
    """Seals, fingerprints and signs with its first key; opens and verifies with all of them.

    Raises:
        ValueError: no key, a malformed or short key, or the same id twice; never quotes a secret.
    """

    def __init__(self, secrets_by_id: Mapping[str, bytes]) -> None:
        if not secrets_by_id:
            raise ValueError("a keyring needs at least one key")
        for key_id, secret in secrets_by_id.items():
            if not _KEY_ID.fullmatch(key_id) or len(secret) != KEY_BYTES:
                raise ValueError("a key is ID:BASE64, the id 1–16 small letters and digits, the key 32 bytes")
        self._keys = {key_id: _Key(key_id, secret) for key_id, secret in secrets_by_id.items()}
        self._first = next(iter(self._keys.values()))

    @classmethod
    def from_setting(cls, text: str) -> Self:
        """Read `ID:BASE64[,ID:BASE64…]` (also one a line), the key in use first."""
        found: dict[str, bytes] = {}
        for part in text.replace("\n", ",").split(","):
            if not part.strip():
                continue
            key_id, _, encoded = part.strip().partition(":")
            if key_id in found:
                raise ValueError("the same key id stands twice in the keyring")
            try:
                found[key_id] = base64.b64decode(encoded, validate=True)
            except binascii.Error as error:
                raise ValueError("a key in the keyring is not base64") from error
        return cls(found)

    def seal(self, text: str, aad: bytes) -> str:
        """Encrypt a text so that it opens only where `aad` says it belongs, as `b"shops.payout_details:123"`."""
        nonce = os.urandom(_NONCE_BYTES)
        return f"1.{self._first.id}.{_encoded(nonce + self._first.cipher.encrypt(nonce, text.encode(), aad))}"

    def unseal(self, token: str, aad: bytes) -> str:
        """Decrypt what `seal` made.

        Raises:
            SealBroken
        """
        version, key_id, body = _three(token) or ("", "", "")
        key = self._keys.get(key_id)
        raw = _decoded(body)
        if version != "1" or key is None or raw is None:
            raise SealBroken
        try:
            return key.cipher.decrypt(raw[:_NONCE_BYTES], raw[_NONCE_BYTES:], aad).decode()
        except (InvalidTag, ValueError) as error:
            raise SealBroken from error

    @property
    def mark(self) -> str:
        """How every sealed text and fingerprint of the first key begins; what does not is to be sealed anew."""
        return f"1.{self._first.id}."

    def needs_rotation(self, token: str) -> bool:
        """Tell whether a sealed text or a fingerprint was made with another key than the first."""
        return not token.startswith(self.mark)

    def try_unseal(self, token: str, aad: bytes) -> str | None:
        """Decrypt what `seal` made; None where it cannot be opened."""
        try:
            return self.unseal(token, aad)
        except SealBroken:
            return None

    def fingerprint(self, text: str, purpose: str) -> str:
        """Give a keyed digest by which equal texts are found without being known; store this one."""
        return self._fingerprint(self._first, text, purpose)

    def fingerprints(self, text: str, purpose: str) -> list[str]:
        """Give the digests under every key: look for any of them (`= any($1)`)."""
        return [self._fingerprint(key, text, purpose) for key in self._keys.values()]

    def sign(self, purpose: str, payload: str, expires: datetime) -> str:
        """Sign a short text for a link or a cookie: readable by anyone, made only by us, good until a moment."""
        head = f"{self._first.id}.{int(expires.timestamp()):x}.{_encoded(payload.encode())}"
        return f"{head}.{_encoded(_mac(self._first.signatures, purpose, head))}"

    def verify(self, purpose: str, token: str, now: datetime) -> str:
        """Give the payload of a token signed for this purpose.

        Raises:
            TokenInvalid, TokenExpired
        """
        head, _, signature = token.rpartition(".")
        key_id, expires, payload = _three(head) or ("", "", "")
        key, given, raw = self._keys.get(key_id), _decoded(signature), _decoded(payload)
        if key is None or given is None or raw is None or len(token) > _LONGEST_TOKEN:
            raise TokenInvalid
        if not hmac.compare_digest(_mac(key.signatures, purpose, head), given):
            raise TokenInvalid
        if now.timestamp() >= int(expires, 16):
            raise TokenExpired
        return raw.decode()

    @staticmethod
    def _fingerprint(key: _Key, text: str, purpose: str) -> str:
        return f"1.{key.id}.{_encoded(_mac(key.fingerprints, purpose, text))}"


def new_key(at: datetime) -> str:
    """Make a key as it stands in a keyring, named by the day."""
    return f"k{at:%Y%m%d}:{base64.b64encode(secrets.token_bytes(KEY_BYTES)).decode()}"


def load_or_create_keyring(path: Path, now: datetime) -> Keyring:
    """Read the keyring file, or make it with one new key, readable by its owner only.

    Raises:
        ValueError: the file is no keyring, or others may read it.
    """
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(handle, "w") as file:
                file.write(new_key(now) + "\n")
                file.flush()
                os.fsync(file.fileno())
            # A link, not a rename: of two processes that start together the second keeps the first one's key.
            os.link(fresh, path)
        except FileExistsError:
            pass
        finally:
            fresh.unlink(missing_ok=True)
    if path.stat().st_mode & 0o077:
        raise ValueError(f"{path} may be read by others; its mode must be 600")
    return Keyring.from_setting(path.read_text("ascii"))


def _derived(secret: bytes, use: bytes) -> bytes:
    return HKDF(algorithm=hashes.SHA256(), length=KEY_BYTES, salt=None, info=use).derive(secret)


def _mac(key: bytes, purpose: str, text: str) -> bytes:
    # The length keeps (purpose, text) apart from any other pair that reads the same when joined.
    name = purpose.encode()
    return hmac.digest(key, len(name).to_bytes(4, "big") + name + text.encode(), "sha256")


def _three(text: str) -> Sequence[str] | None:
    parts = text.split(".")
    return parts if len(parts) == 3 else None


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decoded(text: str) -> bytes | None:
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
    except (binascii.Error, ValueError):
        return None
    return raw if _encoded(raw) == text else None  # one spelling only, so that a token can be a key
