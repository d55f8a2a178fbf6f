"""Many people at once, for bulk data: the same rows as one by one, by one statement for each table, and no letters."""

import secrets
from collections.abc import Sequence
from datetime import timedelta

from fairground.kit.db import Tx
from fairground.kit.ids import BUCKETS
from fairground.market.accounts.actions.addresses import AddressWish, check_wish
from fairground.market.accounts.actions.registration import Registration
from fairground.market.accounts.errors import EmailTaken
from fairground.market.accounts.model import (
    TOKEN_BYTES,
    AccountRules,
    AddressId,
    PersonId,
    SessionId,
    bucket_of,
    email_key,
    hash_token,
    write_token,
)


async def register_people(
    tx: Tx, wishes: Sequence[Registration], password_hash: str, *, first_bucket: int = 0
) -> list[PersonId]:
    """Write checked registrations, their addresses of e-mail confirmed; buckets go round from the first.

    Raises:
        EmailTaken: one of the e-mail addresses belongs to somebody; nobody was written.
    """
    ids = [tx.new_id(PersonId, (first_bucket + number) % BUCKETS) for number in range(len(wishes))]
    await _claim_emails(tx, ids, [email_key(wish.email) for wish in wishes])
    await tx.execute(
        """
        insert into accounts.people
               (bucket, id, email, name, language, password_hash, password_changed_at, verified_at, created_at)
        select b, i, e, n, l, $6, $7, $7, $7
          from unnest($1::smallint[], $2::bigint[], $3::text[], $4::text[], $5::text[]) as t(b, i, e, n, l)
        """,
        [person_id.bucket for person_id in ids],
        ids,
        [wish.email for wish in wishes],
        [wish.name for wish in wishes],
        [wish.language or "en" for wish in wishes],
        password_hash,
        tx.now,
    )
    return ids


async def _claim_emails(tx: Tx, ids: Sequence[PersonId], keys: Sequence[str]) -> None:
    claimed = await tx.execute(
        """
        insert into accounts.emails (bucket, email, person_id)
        select b, e, p from unnest($1::smallint[], $2::text[], $3::bigint[]) as t(b, e, p)
        on conflict (bucket, email) do nothing
        """,
        [bucket_of(key) for key in keys],
        list(keys),
        list(ids),
    )
    if claimed != len(ids):
        raise EmailTaken


async def add_first_addresses(tx: Tx, people: Sequence[PersonId], wishes: Sequence[AddressWish]) -> list[AddressId]:
    """Give people without an address their first one each; wishes go round where there are fewer than people.

    Raises:
        Invalid: names each wrong field.
    """
    good = [check_wish(wish) for wish in wishes]
    postal = [good[number % len(good)] for number in range(len(people))]
    ids = [tx.new_id(AddressId, person_id.bucket) for person_id in people]
    await tx.execute(
        """
        insert into accounts.addresses
               (bucket, id, person_id, name, phone, country, region, city, district, lines, postal_code, is_default,
                created_at, changed_at)
        select b, i, p, n, ph, c, r, ci, d, array[l], pc, true, $12, $12
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[], $6::text[], $7::text[],
                      $8::text[], $9::text[], $10::text[], $11::text[]) as t(b, i, p, n, ph, c, r, ci, d, l, pc)
        """,
        [address_id.bucket for address_id in ids],
        ids,
        list(people),
        [one.name for one in postal],
        [one.phone for one in postal],
        [one.country for one in postal],
        [one.region for one in postal],
        [one.city for one in postal],
        [one.district for one in postal],
        [one.lines[0] for one in postal],
        [one.postal_code for one in postal],
        tx.now,
    )
    return ids


async def open_sessions(tx: Tx, people: Sequence[PersonId], device: str = "") -> list[str]:
    """Open one session for each person; gives the tokens, which are told here and never again."""
    rules = tx.given(AccountRules)
    ids = [tx.new_id(SessionId, person_id.bucket) for person_id in people]
    tokens = [write_token(session_id, secrets.token_bytes(TOKEN_BYTES - 8)) for session_id in ids]
    await tx.execute(
        """
        insert into accounts.sessions (bucket, id, person_id, token_hash, device, created_at, seen_at, expires_at)
        select b, i, p, h, $5, $6, $6, $7
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bytea[]) as t(b, i, p, h)
        """,
        [session_id.bucket for session_id in ids],
        ids,
        list(people),
        [hash_token(token) for token in tokens],
        device,
        tx.now,
        tx.now + timedelta(days=rules.session_days),
    )
    return tokens
