"""Reads of tickets: of a person, of the desk; what was said in one; how people felt in the end."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

import msgspec

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id, to_text
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.kit.seal import Keyring, TokenExpired, TokenInvalid
from fairground.market.accounts.model import PersonId
from fairground.market.service.errors import SmileLinkNotGood, TicketNotFound
from fairground.market.service.model.tickets import (
    LIVE,
    SMILES,
    About,
    AboutKind,
    DeskCounts,
    EntryId,
    EntryKind,
    Queue,
    SmileCounts,
    Ticket,
    TicketEntry,
    TicketId,
    TicketRules,
    TicketSide,
    TicketState,
)

SMILE = "service.smile"
ENTRIES_MOST = 500
EXPORTED_MOST = 1000


async def get_ticket(reader: Reader, ticket_id: TicketId, *, person_id: Id | None = None) -> Ticket:
    """Get a ticket as the person who asked, or (with nobody) as the desk.

    Raises:
        TicketNotFound: there is none, or it is somebody else's.
    """
    row = await reader.row(
        """
        select * from service.tickets
         where bucket = $1 and id = $2 and ($3::bigint is null or person_id = $3)
        """,
        ticket_id.bucket,
        ticket_id,
        person_id,
    )
    if row is None:
        raise TicketNotFound
    return ticket_from(row)


async def list_entries(reader: Reader, ticket_id: TicketId, *, inside: bool = False) -> list[TicketEntry]:
    """List what was said in a ticket, the oldest first; with what only the desk sees where wished."""
    rows = await reader.rows(
        """
        select id, kind, by, words, at from service.ticket_entries
         where bucket = $1 and ticket_id = $2 order by id limit $3
        """,
        ticket_id.bucket,
        ticket_id,
        ENTRIES_MOST,
    )
    entries = [entry_from(row) for row in rows]
    return [entry for entry in entries if inside or not entry.is_inside]


async def list_tickets_of(
    reader: Reader, person_id: Id, *, after: str | None = None, limit: int | None = None
) -> Page[Ticket]:
    """List somebody's tickets, those that moved last first."""
    size = page_size(limit)
    at, ticket_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select * from service.tickets
         where bucket = $1 and person_id = $2
           and ($3::timestamptz is null or (changed_at, id) < ($3, $4::bigint))
         order by changed_at desc, id desc limit $5
        """,
        person_id.bucket,
        person_id,
        at,
        ticket_id,
        size + 1,
    )
    found, more = cut([ticket_from(row) for row in rows], size)
    return Page(found, write_cursor(found[-1].changed_at, int(found[-1].id)) if more else None)


async def list_desk_tickets(
    reader: Reader, *, queues: Collection[Queue] = (), after: str | None = None, limit: int | None = None
) -> Page[Ticket]:
    """List the tickets that wait for us, of some queues or of all, those whose clock runs out first in front."""
    size = page_size(limit)
    at, ticket_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select * from service.tickets
         where state = 'open' and (cardinality($1::text[]) = 0 or queue = any($1))
           and ($2::timestamptz is null or (due_at, id) > ($2, $3::bigint))
         order by due_at, id limit $4
        """,
        list(queues),
        at,
        ticket_id,
        size + 1,
    )
    return _by_clock(rows, size)


async def list_late_tickets(reader: Reader, *, after: str | None = None, limit: int | None = None) -> Page[Ticket]:
    """List the tickets whose clock ran out while they wait for us: the supervisors' list."""
    size = page_size(limit)
    at, ticket_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select * from service.tickets
         where state = 'open' and is_late and ($1::timestamptz is null or (due_at, id) > ($1, $2::bigint))
         order by due_at, id limit $3
        """,
        at,
        ticket_id,
        size + 1,
    )
    return _by_clock(rows, size)


async def list_held_tickets(
    reader: Reader, holder_id: Id, *, after: str | None = None, limit: int | None = None
) -> Page[Ticket]:
    """List what one of the staff sees to, also what waits for its person."""
    size = page_size(limit)
    at, ticket_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select * from service.tickets
         where holder_id = $1 and state in ('open', 'waiting')
           and ($2::timestamptz is null or (due_at, id) > ($2, $3::bigint))
         order by due_at, id limit $4
        """,
        holder_id,
        at,
        ticket_id,
        size + 1,
    )
    return _by_clock(rows, size)


async def list_live_of(reader: Reader, ticket: Ticket) -> list[Ticket]:
    """List the other live tickets of a ticket's person: what it may be merged into."""
    rows = await reader.rows(
        """
        select * from service.tickets
         where bucket = $1 and person_id = $2 and id <> $3 and state = any($4) order by changed_at desc limit 50
        """,
        ticket.id.bucket,
        ticket.person_id,
        ticket.id,
        list(LIVE),
    )
    return [ticket_from(row) for row in rows]


async def count_desk_tickets(reader: Reader) -> DeskCounts:
    """Count what waits for us."""
    rows = await reader.rows(
        """
        select queue, count(*) as n, count(*) filter (where is_late) as late,
               count(*) filter (where holder_id is null) as free
          from service.tickets where state = 'open' group by queue
        """
    )
    return DeskCounts(
        {Queue(row["queue"]): row["n"] for row in rows},
        sum(row["late"] for row in rows),
        sum(row["free"] for row in rows),
    )


async def count_smiles(reader: Reader, days: int = 30) -> SmileCounts:
    """Count the faces of the last days."""
    rows = await reader.rows(
        "select smile, count(*) as n from service.tickets where smile is not null and smiled_at > $1 group by smile",
        reader.now - timedelta(days=days),
    )
    found = {row["smile"]: row["n"] for row in rows}
    one, two, three, four, five = (found.get(smile, 0) for smile in SMILES)
    return SmileCounts((one, two, three, four, five))


def write_smile_token(reader: Reader, ticket: Ticket) -> str:
    """Sign the token by which the face can be given from the letter, without signing in."""
    assert ticket.ended_at is not None, "a face comes after the end"
    until = ticket.ended_at + timedelta(days=reader.given(TicketRules).smile_days)
    return reader.given(Keyring).sign(SMILE, str(ticket.id), until)


def read_smile_token(reader: Reader, token: str) -> TicketId:
    """Tell which ticket a signed link is for.

    Raises:
        SmileLinkNotGood: it is not ours, or its time is over.
    """
    try:
        found = TicketId.parse(reader.given(Keyring).verify(SMILE, token, reader.now))
    except (TokenInvalid, TokenExpired):
        raise SmileLinkNotGood from None
    if found is None:
        raise SmileLinkNotGood
    return found


async def export_tickets(reader: Reader, person_id: PersonId) -> dict[str, Any]:
    """Give what somebody asked the market and what was answered, for the export of personal data."""
    rows = await reader.rows(
        "select * from service.tickets where bucket = $1 and person_id = $2 order by id desc limit $3",
        person_id.bucket,
        person_id,
        EXPORTED_MOST,
    )
    tickets = [ticket_from(row) for row in rows]
    said = await _map_entries(reader, person_id.bucket, [ticket.id for ticket in tickets])
    return {
        "tickets": [
            {**msgspec.to_builtins(t, enc_hook=to_text), "entries": msgspec.to_builtins(said[t.id], enc_hook=to_text)}
            for t in tickets
        ]
    }


async def _map_entries(reader: Reader, bucket: int, ids: list[TicketId]) -> dict[TicketId, list[TicketEntry]]:
    rows = await reader.rows(
        """
        select ticket_id, id, kind, by, words, at from service.ticket_entries
         where bucket = $1 and ticket_id = any($2) order by id
        """,
        bucket,
        ids,
    )
    found: dict[TicketId, list[TicketEntry]] = {ticket_id: [] for ticket_id in ids}
    for row in rows:
        entry = entry_from(row)
        if not entry.is_inside:
            found[TicketId(row["ticket_id"])].append(entry)
    return found


def _by_clock(rows: list[Row], size: int) -> Page[Ticket]:
    found, more = cut([ticket_from(row) for row in rows], size)
    return Page(found, write_cursor(found[-1].due_at, int(found[-1].id)) if more else None)


def ticket_from(row: Row) -> Ticket:
    """Build a ticket from its row."""
    return Ticket(
        TicketId(row["id"]),
        Id(row["person_id"]),
        TicketSide(row["side"]),
        About(AboutKind(row["about_kind"]), None if row["about_id"] is None else Id(row["about_id"])),
        Queue(row["queue"]),
        row["language"],
        row["subject"],
        TicketState(row["state"]),
        None if row["holder_id"] is None else Id(row["holder_id"]),
        row["opened_at"],
        row["changed_at"],
        row["answer_by"],
        row["answered_at"],
        row["solve_by"],
        row["solve_left"],
        row["is_late"],
        row["ended_at"],
        row["smile"],
        row["smile_words"],
        None if row["merged_into"] is None else TicketId(row["merged_into"]),
        row["version"],
    )


def entry_from(row: Row) -> TicketEntry:
    """Build an entry from its row."""
    return TicketEntry(
        EntryId(row["id"]),
        EntryKind(row["kind"]),
        None if row["by"] is None else Id(row["by"]),
        row["words"],
        row["at"],
    )
