"""Reading juries: jurors and their answers, case files, seats, how a jury was drawn."""

from collections.abc import Sequence
from typing import Any

import msgspec

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id, from_plain
from fairground.market.accounts.model import PersonId
from fairground.market.justice.errors import CaseNotFound
from fairground.market.justice.model.disputes import DisputeId
from fairground.market.justice.model.jury import (
    CaseFile,
    Draw,
    Juror,
    Jury,
    JuryState,
    Seat,
    Verdict,
)


class Summons(msgspec.Struct, frozen=True):
    """A case that a juror was drawn for, and how they voted."""

    jury: Jury
    verdict: Verdict | None


async def find_juror(reader: Reader, person_id: Id) -> Juror | None:
    """Find somebody among the jurors."""
    row = await reader.row(
        "select * from justice.jurors where bucket = $1 and person_id = $2", person_id.bucket, person_id
    )
    return None if row is None else juror_from(row)


async def list_answers(reader: Reader, person_id: Id, attempt: int) -> dict[str, tuple[Verdict, bool]]:
    """List how somebody judged known cases in an attempt, the newest first: case → (verdict, whether it was right)."""
    rows = await reader.rows(
        """
        select case_key, verdict, was_right from justice.known_answers
         where bucket = $1 and person_id = $2 and attempt = $3 order by answered_at desc, case_key desc
        """,
        person_id.bucket,
        person_id,
        attempt,
    )
    return {row["case_key"]: (Verdict(row["verdict"]), row["was_right"]) for row in rows}


async def list_ready_jurors(reader: Reader, most: int = 200_000) -> list[Id]:
    """List who may be drawn."""
    rows = await reader.rows("select person_id from justice.jurors where is_ready order by person_id limit $1", most)
    return [Id(row["person_id"]) for row in rows]


async def count_ready_jurors(reader: Reader) -> int:
    """Count who may be drawn."""
    found: int = await reader.value("select count(*) from justice.jurors where is_ready")
    return found


async def find_jury(reader: Reader, dispute_id: DisputeId) -> Jury | None:
    """Find the jury of a dispute."""
    row = await reader.row(
        "select * from justice.juries where bucket = $1 and dispute_id = $2", dispute_id.bucket, dispute_id
    )
    return None if row is None else jury_from(row)


async def get_draw(reader: Reader, dispute_id: DisputeId) -> Draw:
    """Get how the seats of a jury were drawn; for the desk and for checking.

    Raises:
        CaseNotFound
    """
    row = await reader.row(
        "select seed, pool, drawn, passed_over from justice.juries where bucket = $1 and dispute_id = $2",
        dispute_id.bucket,
        dispute_id,
    )
    if row is None:
        raise CaseNotFound
    passed = tuple((int(person), str(why)) for person, why in row["passed_over"])
    return Draw(row["seed"], tuple(row["pool"]), tuple(row["drawn"]), passed)


async def list_seats(reader: Reader, dispute_id: DisputeId) -> list[Seat]:
    """List the seats of a jury; never for the parties."""
    rows = await reader.rows(
        """
        select juror_id, verdict, reason, voted_at from justice.seats
         where bucket = $1 and dispute_id = $2 order by voted_at nulls last, juror_id
        """,
        dispute_id.bucket,
        dispute_id,
    )
    return [seat_from(row) for row in rows]


async def get_summons(reader: Reader, dispute_id: DisputeId, juror_id: Id) -> Summons:
    """Get a case as one of its jurors.

    Raises:
        CaseNotFound: there is none, or it is somebody else's.
    """
    row = await reader.row(
        """
        select j.*, s.verdict from justice.seats s
          join justice.juries j on j.bucket = s.bucket and j.dispute_id = s.dispute_id
         where s.bucket = $1 and s.dispute_id = $2 and s.juror_id = $3
        """,
        dispute_id.bucket,
        dispute_id,
        juror_id,
    )
    if row is None:
        raise CaseNotFound
    return _summons_from(row)


async def list_summons(reader: Reader, juror_id: Id, most: int = 50) -> list[Summons]:
    """List the cases that a juror was drawn for, the newest first."""
    rows = await reader.rows(
        """
        select dispute_id from justice.summons where bucket = $1 and person_id = $2 order by closes_at desc limit $3
        """,
        juror_id.bucket,
        juror_id,
        most,
    )
    return await _map_summons(reader, juror_id, [DisputeId(row["dispute_id"]) for row in rows])


async def _map_summons(reader: Reader, juror_id: Id, ids: Sequence[DisputeId]) -> list[Summons]:
    if not ids:
        return []
    rows = await reader.rows(
        """
        select j.*, s.verdict from justice.seats s
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on s.bucket = t.b and s.dispute_id = t.i
          join justice.juries j on j.bucket = s.bucket and j.dispute_id = s.dispute_id
         where s.juror_id = $3 order by j.closes_at desc
        """,
        [i.bucket for i in ids],
        list(ids),
        juror_id,
    )
    return [_summons_from(row) for row in rows]


async def export_juror(reader: Reader, person_id: PersonId) -> dict[str, Any]:
    """Give what juries know of a person, for the export of personal data."""
    juror = await find_juror(reader, person_id)
    if juror is None:
        return {}
    votes = [
        {"case": str(int(s.jury.dispute_id)), "verdict": s.verdict} for s in await list_summons(reader, person_id, 1000)
    ]
    known = {"joined_at": juror.joined_at, "is_ready": juror.is_ready, "votes": votes}
    return {"juror": msgspec.to_builtins(known)}


def juror_from(row: Row) -> Juror:
    """Build a juror from their row."""
    return Juror(
        Id(row["person_id"]), row["attempt"], row["is_ready"], row["rests_until"], row["joined_at"], row["left_at"]
    )


def jury_from(row: Row) -> Jury:
    """Build a jury from its row."""
    return Jury(
        DisputeId(row["dispute_id"]),
        msgspec.convert(row["file"], CaseFile, dec_hook=from_plain),
        row["seats"],
        JuryState(row["state"]),
        row["for_buyer"],
        row["for_shop"],
        row["opened_at"],
        row["closes_at"],
        row["ended_at"],
    )


def seat_from(row: Row) -> Seat:
    """Build a seat from its row."""
    verdict = None if row["verdict"] is None else Verdict(row["verdict"])
    return Seat(Id(row["juror_id"]), verdict, row["reason"], row["voted_at"])


def _summons_from(row: Row) -> Summons:
    return Summons(jury_from(row), None if row["verdict"] is None else Verdict(row["verdict"]))
