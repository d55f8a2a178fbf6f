"""Passwords: Argon2id, a few at a time, and a rule that refuses the worst ones without a list of millions."""

import asyncio
import unicodedata
from typing import Final

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

SHORTEST: Final = 8
LONGEST: Final = 256
# OWASP's Argon2id choice for small machines: 19 MiB, two passes, one lane; some 25 ms.
_MEMORY_KIB: Final = 19 * 1024
_PASSES: Final = 2
_COMMONEST: Final = frozenset(
    """
    12345678 123456789 1234567890 12345679 123123123 1q2w3e4r 1qaz2wsx a1234567 a12345678 a123456789
    aa123456 aa12345678 asdfghjk asdfghjkl baseball charlie1 computer corvette dragon12 football iloveyou iloveyou1
    internet jennifer letmein1 liverpool michelle michael1 monkey12 mustang1 nihao123 p@ssw0rd passw0rd password
    password1 princess princess1 q1w2e3r4 qazwsxedc qq123456 qwer1234 qwerty12 qwerty123
    qwertyui qwertyuiop samantha starwars sunshine superman taobao123 trustno1 whatever wang1234
    woaini123 woaini1314 woaini520 x1234567 zhang123 zxcvbnm1 zxcvbnm123 5201314520 11223344 87654321 987654321
    0987654321 147258369 789456123 88888888 66666666 fairground admin123 administrator changeme changeme1
    """.split()  # noqa: SIM905 - read as prose
)


class Passwords:
    """Hashes and checks passwords in threads, no more than `at_once` together: each takes 19 MiB and a whole core."""

    def __init__(self, *, at_once: int = 2, memory_kib: int = _MEMORY_KIB, passes: int = _PASSES) -> None:
        self._hasher = PasswordHasher(time_cost=passes, memory_cost=memory_kib, parallelism=1)
        self._turn = asyncio.Semaphore(at_once)
        self._nobodys: str | None = None

    async def hash(self, password: str) -> str:
        """Hash a password for keeping."""
        assert len(password) <= LONGEST, "a password must pass `weakness` before it is kept"
        async with self._turn:
            return await asyncio.to_thread(self._hasher.hash, _composed(password))

    async def verify(self, kept: str | None, password: str) -> bool:
        """Tell whether a password is the kept one. With None (no such person) it takes as long and is never right."""
        if kept is None and self._nobodys is None:
            self._nobodys = await self.hash("nobody's password")
        if len(password) > LONGEST:
            return False
        async with self._turn:
            right = await asyncio.to_thread(self._is_right, kept or self._nobodys or "", password)
        return right and kept is not None

    def needs_rehash(self, kept: str) -> bool:
        """Tell whether a hash was made with other costs than today's: hash again at the next sign-in."""
        try:
            return self._hasher.check_needs_rehash(kept)
        except InvalidHashError:
            return True

    def _is_right(self, kept: str, password: str) -> bool:
        try:
            return self._hasher.verify(kept, _composed(password))
        except (VerificationError, InvalidHashError):
            return False


def _composed(password: str) -> str:
    """Give the one spelling of what keyboards write in two ways (é as one sign or as e and its accent)."""
    return unicodedata.normalize("NFC", password)


def weakness(password: str, email: str = "") -> str | None:
    """Name what is wrong with a new password, None if nothing.

    One of `too_short`, `too_long`, `too_simple`, `too_common`, `is_email`.
    """
    plain, mail = password.casefold(), email.casefold()
    if len(password) < SHORTEST:
        return "too_short"
    if len(password) > LONGEST:
        return "too_long"
    if mail and plain in {mail, mail.partition("@")[0]}:
        return "is_email"
    if len(set(plain)) < 3:
        return "too_simple"
    return "too_common" if plain in _COMMONEST else None
