"""Sign-ins: opened, seen, ended."""

import secrets
from datetime import datetime, timedelta

from fairground.kit.db import Tx
from fairground.kit.events import publish
from fairground.market.accounts.errors import SessionNotFound
from fairground.market.accounts.events import SignedInFromNewDevice
from fairground.market.accounts.model import (
    TOKEN_BYTES,
    AccountRules,
    NewSession,
    PersonId,
    SessionId,
    SignedIn,
    describe_device,
    hash_token,
    write_token,
)


async def open_session(tx: Tx, person_id: PersonId, user_agent: str | None) -> NewSession:
    """Open a session; the token is told here and never again. The one longest unseen goes where there are too many."""
    rules = tx.given(AccountRules)
    device = describe_device(user_agent)
    is_new = await _is_new_device(tx, person_id, device)
    session_id = tx.new_id(SessionId, person_id.bucket)
    token = write_token(session_id, secrets.token_bytes(TOKEN_BYTES - 8))
    expires_at = tx.now + timedelta(days=rules.session_days)
    await tx.execute(
        """
        insert into accounts.sessions (bucket, id, person_id, token_hash, device, created_at, seen_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $6, $7)
        """,
        session_id.bucket,
        session_id,
        person_id,
        hash_token(token),
        device,
        tx.now,
        expires_at,
    )
    await _end_surplus(tx, person_id, rules.sessions_most)
    if is_new:
        await publish(tx, SignedInFromNewDevice(person_id=person_id, session_id=session_id))
    return NewSession(person_id, session_id, token, expires_at)


async def _is_new_device(tx: Tx, person_id: PersonId, device: str) -> bool:
    """Tell whether the person was here before, and never with such a device."""
    row = await tx.row(
        """
        select count(*) as sessions, count(*) filter (where device = $3) as same from accounts.sessions
         where bucket = $1 and person_id = $2
        """,
        person_id.bucket,
        person_id,
        device,
    )
    assert row is not None
    return bool(row["sessions"] > 0 and row["same"] == 0)


async def _end_surplus(tx: Tx, person_id: PersonId, most: int) -> None:
    await tx.execute(
        """
        update accounts.sessions set ended_at = $3
         where bucket = $1 and id in (
               select id from accounts.sessions
                where bucket = $1 and person_id = $2 and ended_at is null and expires_at > $3
                order by seen_at desc, id desc offset $4)
        """,
        person_id.bucket,
        person_id,
        tx.now,
        most,
    )


def is_visit_due(signed_in: SignedIn, rules: AccountRules, now: datetime) -> bool:
    """Tell whether a visit is to be written: at most one in `session_seen_minutes`."""
    return signed_in.seen_at + timedelta(minutes=rules.session_seen_minutes) <= now


async def note_visit(tx: Tx, signed_in: SignedIn) -> None:
    """Write that the person is here and move the session's end; does nothing if that was done a moment ago."""
    rules = tx.given(AccountRules)
    await tx.execute(
        """
        update accounts.sessions
           set seen_at = $3, expires_at = least($3::timestamptz + $4::interval, created_at + $5::interval)
         where bucket = $1 and id = $2 and ended_at is null and expires_at > $3 and seen_at <= $3 - $6::interval
        """,
        signed_in.session_id.bucket,
        signed_in.session_id,
        tx.now,
        timedelta(days=rules.session_days),
        timedelta(days=rules.session_most_days),
        timedelta(minutes=rules.session_seen_minutes),
    )


async def end_session(tx: Tx, person_id: PersonId, session_id: SessionId) -> None:
    """End one session of a person (signing out, or another device's).

    Raises:
        SessionNotFound: there is no such open one, or it is somebody else's.
    """
    ended = await tx.execute(
        """
        update accounts.sessions set ended_at = $4
         where bucket = $1 and id = $2 and person_id = $3 and ended_at is null and expires_at > $4
        """,
        session_id.bucket,
        session_id,
        person_id,
        tx.now,
    )
    if not ended:
        raise SessionNotFound


async def end_sessions(tx: Tx, person_id: PersonId, *, but: SessionId | None = None) -> int:
    """End all open sessions of a person, or all but one; give how many."""
    return await tx.execute(
        """
        update accounts.sessions set ended_at = $3
         where bucket = $1 and person_id = $2 and ended_at is null and expires_at > $3
           and ($4::bigint is null or id <> $4)
        """,
        person_id.bucket,
        person_id,
        tx.now,
        but,
    )


async def forget_old_sessions(tx: Tx, limit: int = 5000) -> int:
    """Forget sessions some weeks after their end."""
    return await tx.execute(
        """
        delete from accounts.sessions where (bucket, id) in (
          select bucket, id from accounts.sessions where expires_at < $1 limit $2)
        """,
        tx.now - timedelta(days=tx.given(AccountRules).sessions_kept_days),
        limit,
    )
