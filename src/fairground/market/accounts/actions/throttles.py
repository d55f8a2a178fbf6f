"""Counted tries, as rows: they hold over all processes and over a restart."""

import hashlib
from datetime import timedelta
from math import ceil
from typing import Final

from fairground.kit.db import Tx
from fairground.kit.rate_limit import RateScale, address_key
from fairground.market.accounts.errors import TooManyTries
from fairground.market.accounts.model import AccountRules, bucket_of, email_key

SIGN_IN: Final = "sign_in"
RESET: Final = "reset"


async def count_sign_in(tx: Tx, email: str, network: str) -> None:
    """Count one try to sign in, before the password is looked at: many at the same moment all count.

    Raises:
        TooManyTries: for this e-mail or from this network address; this try is not counted.
    """
    rules = tx.given(AccountRules)
    window = timedelta(minutes=rules.sign_in_minutes)
    await _count(tx, SIGN_IN, _email(email), rules.sign_in_tries_per_email, window)
    await _count(tx, SIGN_IN, _network(network), rules.sign_in_tries_per_network, window)


async def count_reset(tx: Tx, email: str, network: str) -> None:
    """Count one wish for a letter that resets a password.

    Raises:
        TooManyTries: for this e-mail or from this network address; this try is not counted.
    """
    rules = tx.given(AccountRules)
    window = timedelta(minutes=rules.reset_minutes_window)
    await _count(tx, RESET, _email(email), rules.reset_tries_per_email, window)
    await _count(tx, RESET, _network(network), rules.reset_tries_per_network, window)


async def forgive_tries(tx: Tx, email: str, network: str | None = None) -> None:
    """Forget the tries for an e-mail after a good one, and give the network address this one try back."""
    key = _email(email)
    await tx.execute(
        "delete from accounts.tries where bucket = $1 and kind = $2 and key = $3", bucket_of(key), SIGN_IN, _hash(key)
    )
    if network is not None:
        key = _network(network)
        await tx.execute(
            "update accounts.tries set tries = tries - 1 where bucket = $1 and kind = $2 and key = $3 and tries > 0",
            bucket_of(key),
            SIGN_IN,
            _hash(key),
        )


async def forget_old_tries(tx: Tx, limit: int = 5000) -> int:
    """Forget windows that are over."""
    return await tx.execute(
        """
        delete from accounts.tries where (bucket, kind, key) in (
          select bucket, kind, key from accounts.tries where until <= $1 limit $2)
        """,
        tx.now,
        limit,
    )


async def _count(tx: Tx, kind: str, key: str, most: int, window: timedelta) -> None:
    row = await tx.row(
        """
        insert into accounts.tries as t (bucket, kind, key, tries, until)
        values ($1, $2, $3, 1, $4::timestamptz + $5::interval)
        on conflict (bucket, kind, key) do update
           set tries = case when t.until <= $4 then 1 else t.tries + 1 end,
               until = case when t.until <= $4 then excluded.until else t.until end
        returning tries, until
        """,
        bucket_of(key),
        kind,
        _hash(key),
        tx.now,
        window,
    )
    assert row is not None
    if row["tries"] > max(1, int(most * tx.given(RateScale).scale)):
        raise TooManyTries(retry_after=max(1, ceil((row["until"] - tx.now).total_seconds())))


def _email(email: str) -> str:
    return f"email:{email_key(email)}"


def _network(address: str) -> str:
    return f"network:{address_key(address)}"


def _hash(key: str) -> bytes:
    return hashlib.sha256(key.encode()).digest()
