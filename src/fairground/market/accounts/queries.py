"""Looking at people, their sessions, links, addresses, and at the deeds of the staff."""

from collections.abc import Iterable, Sequence

from fairground.kit.db import Reader, Row
from fairground.kit.errors import N_
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.kit.paging import Page, cut, read_cursor, write_cursor
from fairground.kit.seal import Keyring, TokenExpired, TokenInvalid
from fairground.market.accounts.errors import AddressNotFound, PersonNotFound, SessionNotFound
from fairground.market.accounts.model import (
    Address,
    AddressId,
    DeedId,
    Link,
    LinkId,
    LinkPurpose,
    Person,
    PersonCard,
    PersonId,
    Session,
    SessionId,
    SignedIn,
    StaffDeed,
    StaffRole,
    Suspension,
    bucket_of,
    email_key,
    hash_token,
    read_email,
    read_session_token,
)

CLOSED_NAME = N_("Closed account")


def person_from(row: Row) -> Person:
    """Build a person from their row."""
    return Person(
        PersonId(row["id"]),
        row["email"] or "",
        row["name"] or gettext(CLOSED_NAME),
        row["language"],
        row["verified_at"] is not None,
        StaffRole(row["staff_role"]) if row["staff_role"] else None,
        row["created_at"],
        row["closed_at"] is not None,
        None
        if row["suspended_at"] is None
        else Suspension(row["suspended_reason"], row["suspended_at"], row["suspended_until"]),
    )


async def get_person(reader: Reader, person_id: PersonId) -> Person:
    """Get a person, also a closed one.

    Raises:
        PersonNotFound
    """
    row = await reader.row(
        """
        select id, email, name, language, verified_at, staff_role, created_at, closed_at, suspended_at,
               suspended_until, suspended_reason
          from accounts.people where bucket = $1 and id = $2
        """,
        person_id.bucket,
        person_id,
    )
    if row is None:
        raise PersonNotFound
    return person_from(row)


async def find_person_by_email(reader: Reader, email: str) -> Person | None:
    """Find the person an e-mail address belongs to; for staff and the sign-in, never for strangers."""
    person_id = await find_owner_of_email(reader, email)
    return None if person_id is None else await get_person(reader, person_id)


async def find_owner_of_email(reader: Reader, email: str) -> PersonId | None:
    """Find whose an e-mail address is."""
    good = read_email(email)
    if good is None:
        return None
    key = email_key(good)
    found = await reader.value(
        "select person_id from accounts.emails where bucket = $1 and email = $2", bucket_of(key), key
    )
    return None if found is None else PersonId(found)


async def find_password_hash(reader: Reader, person_id: PersonId) -> str | None:
    """Find the hash of a person's password; None for a closed account."""
    found: str | None = await reader.value(
        "select password_hash from accounts.people where bucket = $1 and id = $2", person_id.bucket, person_id
    )
    return found


async def map_people(reader: Reader, ids: Iterable[Id]) -> dict[PersonId, PersonCard]:
    """Get what others see of many people."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = await reader.rows(
        """
        select p.id, p.name from accounts.people p
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on p.bucket = t.b and p.id = t.i
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    closed = gettext(CLOSED_NAME)
    return {PersonId(row["id"]): PersonCard(PersonId(row["id"]), row["name"] or closed) for row in rows}


async def map_accounts(reader: Reader, ids: Iterable[Id]) -> dict[PersonId, Person]:
    """Get many people with what only they and the market know, also closed ones; strangers' ids are left out."""
    wanted = sorted(set(ids))
    rows = await reader.rows(
        """
        select p.id, p.email, p.name, p.language, p.verified_at, p.staff_role, p.created_at, p.closed_at,
               p.suspended_at, p.suspended_until, p.suspended_reason
          from accounts.people p join unnest($1::smallint[], $2::bigint[]) as t(b, i) on p.bucket = t.b and p.id = t.i
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    return {PersonId(row["id"]): person_from(row) for row in rows}


async def still_here(reader: Reader, ids: Iterable[Id]) -> set[PersonId]:
    """Tell which of these people have not closed their account."""
    wanted = sorted(set(ids))
    rows = await reader.rows(
        """
        select p.id from accounts.people p
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on p.bucket = t.b and p.id = t.i
         where p.closed_at is null
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    return {PersonId(row["id"]) for row in rows}


async def find_session(reader: Reader, token: str) -> SignedIn | None:
    """Find who is behind a session's token; None where it is forged, ended or expired."""
    return (await find_sessions(reader, [token]))[0]


async def find_sessions(reader: Reader, tokens: Sequence[str]) -> list[SignedIn | None]:
    """Find who is behind each of many tokens, in their order."""
    session_ids = [read_session_token(token) for token in tokens]
    known = [(i, hash_token(token)) for i, token in zip(session_ids, tokens, strict=True) if i is not None]
    rows = await reader.rows(
        """
        select s.id, s.token_hash, s.person_id, s.seen_at, s.expires_at, p.name, p.language,
               p.verified_at is not null as is_verified, p.staff_role
          from unnest($1::smallint[], $2::bigint[], $3::bytea[]) as t(b, i, h)
          join accounts.sessions s on s.bucket = t.b and s.id = t.i and s.token_hash = t.h
          join accounts.people p on p.bucket = s.bucket and p.id = s.person_id
         where s.expires_at > $4 and s.ended_at is null and p.closed_at is null and p.suspended_at is null
        """,
        [session_id.bucket for session_id, _ in known],
        [session_id for session_id, _ in known],
        [token_hash for _, token_hash in known],
        reader.now,
    )
    found = {(row["id"], row["token_hash"]): _signed_in(row) for row in rows}
    return [
        None if session_id is None else found.get((session_id, hash_token(token)))
        for session_id, token in zip(session_ids, tokens, strict=True)
    ]


def _signed_in(row: Row) -> SignedIn:
    return SignedIn(
        PersonId(row["person_id"]),
        SessionId(row["id"]),
        row["name"],
        row["language"],
        row["is_verified"],
        StaffRole(row["staff_role"]) if row["staff_role"] else None,
        row["seen_at"],
        row["expires_at"],
    )


async def list_sessions(reader: Reader, person_id: PersonId) -> list[Session]:
    """List a person's open sessions, the last seen first; there are at most `sessions_most`."""
    rows = await reader.rows(
        """
        select id, device, created_at, seen_at, expires_at from accounts.sessions
         where bucket = $1 and person_id = $2 and expires_at > $3 and ended_at is null order by seen_at desc, id desc
        """,
        person_id.bucket,
        person_id,
        reader.now,
    )
    return [_session_from(row) for row in rows]


async def get_session(reader: Reader, person_id: PersonId, session_id: SessionId) -> Session:
    """Get one session of a person, open or ended.

    Raises:
        SessionNotFound
    """
    row = await reader.row(
        """
        select id, device, created_at, seen_at, expires_at from accounts.sessions
         where bucket = $1 and id = $2 and person_id = $3
        """,
        session_id.bucket,
        session_id,
        person_id,
    )
    if row is None:
        raise SessionNotFound
    return _session_from(row)


def _session_from(row: Row) -> Session:
    return Session(SessionId(row["id"]), row["device"], row["created_at"], row["seen_at"], row["expires_at"])


async def find_link(reader: Reader, link_id: LinkId) -> Link | None:
    """Find a link sent by mail, used or not."""
    row = await reader.row(
        """
        select id, person_id, purpose, email, old_email, expires_at, used_at from accounts.links
         where bucket = $1 and id = $2
        """,
        link_id.bucket,
        link_id,
    )
    return None if row is None else link_from(row)


def link_from(row: Row) -> Link:
    """Build a link from its row."""
    return Link(
        LinkId(row["id"]),
        PersonId(row["person_id"]),
        LinkPurpose(row["purpose"]),
        row["email"],
        row["old_email"],
        row["expires_at"],
        row["used_at"],
    )


def write_link_token(reader: Reader, link: Link) -> str:
    """Sign the token that a letter carries; it is never kept."""
    return reader.given(Keyring).sign(f"accounts.{link.purpose}", str(link.id), link.expires_at)


def read_link_token(reader: Reader, token: str, purpose: LinkPurpose) -> LinkId | None:
    """Tell which link a token is for; None where it is forged, too old, or for another purpose."""
    try:
        return LinkId.parse(reader.given(Keyring).verify(f"accounts.{purpose}", token, reader.now))
    except (TokenInvalid, TokenExpired):
        return None


async def find_good_link(reader: Reader, token: str, purpose: LinkPurpose) -> Link | None:
    """Find the link of a token, if it would still be good."""
    link_id = read_link_token(reader, token, purpose)
    link = None if link_id is None else await find_link(reader, link_id)
    good = link is not None and link.purpose == purpose and link.used_at is None and link.expires_at > reader.now
    return link if good else None


async def list_addresses(reader: Reader, person_id: PersonId) -> list[Address]:
    """List a person's addresses, the default one first, then the newest; there are at most `addresses_most`."""
    rows = await reader.rows(
        """
        select id, person_id, name, phone, country, region, city, district, lines, postal_code, is_default
          from accounts.addresses where bucket = $1 and person_id = $2 order by is_default desc, id desc
        """,
        person_id.bucket,
        person_id,
    )
    return [address_from(row) for row in rows]


async def map_addresses(
    reader: Reader, wanted: Iterable[tuple[PersonId, AddressId]]
) -> dict[tuple[PersonId, AddressId], Address]:
    """Map pairs of a person and one of their addresses; somebody else's are left out."""
    pairs = sorted(set(wanted))
    if not pairs:
        return {}
    rows = await reader.rows(
        """
        select a.id, a.person_id, a.name, a.phone, a.country, a.region, a.city, a.district, a.lines, a.postal_code,
               a.is_default
          from accounts.addresses a join unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, i, p)
            on a.bucket = t.b and a.id = t.i and a.person_id = t.p
        """,
        [address_id.bucket for _, address_id in pairs],
        [address_id for _, address_id in pairs],
        [person_id for person_id, _ in pairs],
    )
    found = map(address_from, rows)
    return {(address.person_id, address.id): address for address in found}


async def get_address(reader: Reader, person_id: PersonId, address_id: AddressId) -> Address:
    """Get one address of a person.

    Raises:
        AddressNotFound: there is none, or it is somebody else's.
    """
    row = await reader.row(
        """
        select id, person_id, name, phone, country, region, city, district, lines, postal_code, is_default
          from accounts.addresses where bucket = $1 and id = $2 and person_id = $3
        """,
        address_id.bucket,
        address_id,
        person_id,
    )
    if row is None:
        raise AddressNotFound
    return address_from(row)


def address_from(row: Row) -> Address:
    """Build an address from its row."""
    return Address(
        AddressId(row["id"]),
        PersonId(row["person_id"]),
        row["name"],
        row["phone"],
        row["country"],
        row["region"],
        row["city"],
        row["district"],
        list(row["lines"]),
        row["postal_code"],
        row["is_default"],
    )


async def list_staff(reader: Reader) -> list[tuple[PersonCard, StaffRole]]:
    """List who works for the market, with the role, the longest there first."""
    rows = await reader.rows("select person_id, role from accounts.staff order by since, person_id limit 1000")
    people = await map_people(reader, [PersonId(row["person_id"]) for row in rows])
    cards = [(people.get(PersonId(row["person_id"])), StaffRole(row["role"])) for row in rows]
    return [(card, role) for card, role in cards if card is not None]


async def list_deeds(
    reader: Reader, *, by: PersonId | None = None, about: Id | None = None, after: str | None = None, limit: int = 50
) -> Page[StaffDeed]:
    """List what the staff did, the newest first; by one of them or about one thing where named."""
    cursor = read_cursor(after, int)
    rows = await reader.rows(
        """
        select id, person_id, actor, deed, about, words, at from accounts.staff_deeds
         where ($1::bigint is null or person_id = $1) and ($2::bigint is null or about = $2)
           and ($3::bigint is null or id < $3)
         order by id desc limit $4
        """,
        by,
        about,
        cursor[0] if cursor else None,
        limit + 1,
    )
    kept, more = cut(rows, limit)
    deeds = [_deed_from(row) for row in kept]
    return Page(deeds, write_cursor(int(deeds[-1].id)) if more else None)


def _deed_from(row: Row) -> StaffDeed:
    return StaffDeed(
        DeedId(row["id"]),
        None if row["person_id"] is None else PersonId(row["person_id"]),
        row["actor"],
        row["deed"],
        None if row["about"] is None else Id(row["about"]),
        row["words"],
        row["at"],
    )
