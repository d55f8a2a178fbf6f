"""Waiting rooms: people join and get their numbers, many at once; at the opening the shuffle is drawn."""

import secrets
from collections.abc import Iterable, Sequence

from fairground.kit.db import Tx
from fairground.kit.errors import Trouble
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.errors import DropNotFound, NoWaitingRoom
from fairground.market.promotions.model import Drop, DropId, DropRoom, Joining, Ticket
from fairground.market.promotions.rows import drop_from, room_from

SEED_BYTES = 16


async def join_rooms(tx: Tx, joinings: Sequence[Joining]) -> list[Ticket | Trouble]:
    """Give tickets to any number of people; answers stand in the order of the joinings.

    Numbers rise in order of arrival. Who has a ticket gets the same one again: one for each account and drop.
    """
    rooms = await _lock(tx, {j.drop_id for j in joinings})
    await open_rooms(tx, [i for i, (drop, room) in rooms.items() if drop.starts_at <= tx.now and not room.opened_at])
    wanted = [j for j in joinings if j.drop_id in rooms and rooms[j.drop_id][0].can_be_joined_at(tx.now)]
    tickets = await _tickets(tx, wanted)
    fresh = []
    next_numbers = {drop_id: room.next_number for drop_id, (_, room) in rooms.items()}
    for joining in wanted:
        if joining not in tickets:
            drop, room = rooms[joining.drop_id]
            early = room.opened_at is None and drop.starts_at > tx.now
            tickets[joining] = Ticket(joining.drop_id, joining.person_id, next_numbers[joining.drop_id], early)
            next_numbers[joining.drop_id] += 1
            fresh.append(tickets[joining])
    if fresh:
        await _write(tx, fresh, {i: n for i, n in next_numbers.items() if n > rooms[i][1].next_number})
    return [tickets.get(j) or (NoWaitingRoom() if j.drop_id in rooms else DropNotFound()) for j in joinings]


async def open_rooms(tx: Tx, drop_ids: Iterable[DropId]) -> int:
    """Open waiting rooms: fix who was early, and draw the seed of their shuffle; safe to repeat, the first one counts.

    Before this moment nobody, the market included, can know who will stand where.
    """
    ids = sorted(drop_ids, key=lambda i: (i.bucket, i))
    if not ids:
        return 0
    return await tx.execute(
        """
        update promotions.drop_rooms r set early = r.next_number - 1, seed = t.s, opened_at = $4
          from unnest($1::smallint[], $2::bigint[], $3::bytea[]) as t(b, i, s)
         where r.bucket = t.b and r.drop_id = t.i and r.opened_at is null
        """,
        [i.bucket for i in ids],
        ids,
        [secrets.token_bytes(SEED_BYTES) for _ in ids],
        tx.now,
    )


async def _lock(tx: Tx, drop_ids: set[DropId]) -> dict[DropId, tuple[Drop, DropRoom]]:
    """Lock the rows that give out numbers: behind them it is decided who has a ticket already."""
    ids = sorted(drop_ids, key=lambda i: (i.bucket, i))
    rows = await tx.rows(
        """
        select d.*, r.next_number, r.early, r.seed, r.opened_at
          from unnest($1::smallint[], $2::bigint[]) as t(b, i)
          join promotions.drops d on d.bucket = t.b and d.id = t.i
          join promotions.drop_rooms r on r.bucket = d.bucket and r.drop_id = d.id
         order by r.bucket, r.drop_id for no key update of r
        """,
        [i.bucket for i in ids],
        ids,
    )
    found = {}
    for row in rows:
        room = room_from(row)
        assert room is not None, "it was joined"
        found[DropId(row["id"])] = (drop_from(row), room)
    return found


async def _tickets(tx: Tx, wanted: Sequence[Joining]) -> dict[Joining, Ticket]:
    rows = await tx.rows(
        """
        select k.drop_id, k.person_id, k.number, k.early
          from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, d, p)
          join promotions.drop_tickets k on k.bucket = t.b and k.drop_id = t.d and k.person_id = t.p
        """,
        [j.drop_id.bucket for j in wanted],
        [j.drop_id for j in wanted],
        [j.person_id for j in wanted],
    )
    tickets = [Ticket(DropId(r["drop_id"]), PersonId(r["person_id"]), r["number"], r["early"]) for r in rows]
    return {Joining(ticket.drop_id, ticket.person_id): ticket for ticket in tickets}


async def _write(tx: Tx, fresh: Sequence[Ticket], next_numbers: dict[DropId, int]) -> None:
    await tx.execute(
        """
        update promotions.drop_rooms r set next_number = t.n
          from unnest($1::smallint[], $2::bigint[], $3::int[]) as t(b, i, n)
         where r.bucket = t.b and r.drop_id = t.i
        """,
        [i.bucket for i in next_numbers],
        list(next_numbers),
        list(next_numbers.values()),
    )
    await tx.execute(
        """
        insert into promotions.drop_tickets (bucket, drop_id, person_id, number, early, joined_at)
        select b, d, p, n, e, $6
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::int[], $5::boolean[]) as t(b, d, p, n, e)
        """,
        [ticket.drop_id.bucket for ticket in fresh],
        [ticket.drop_id for ticket in fresh],
        [ticket.person_id for ticket in fresh],
        [ticket.number for ticket in fresh],
        [ticket.early for ticket in fresh],
        tx.now,
    )
