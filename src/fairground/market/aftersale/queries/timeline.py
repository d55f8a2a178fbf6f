"""One timeline of a case for buyer, shop and clerk: what happened, and what happens next and when."""

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.market.aftersale.model import AftersaleRules, Case, CaseDeed, CaseId, CaseState, Side, TimelineEntry
from fairground.market.aftersale.model.moves import fall_silent
from fairground.market.aftersale.queries.cases import get_case
from fairground.market.shipping.model import ParcelId
from fairground.market.shipping.queries import map_events
from fairground.market.shops.queries import get_shop


async def list_timeline(reader: Reader, case_id: CaseId) -> list[TimelineEntry]:
    """List what happened in a case, the earliest first, with what carriers told; at the end what is ahead.

    Who may see the case is for the caller to ask (`look_at_case`).

    Raises:
        CaseNotFound
    """
    case = await get_case(reader, case_id)
    rows = await reader.rows(
        "select * from aftersale.entries where bucket = $1 and case_id = $2 order by id limit 500",
        case_id.bucket,
        case_id,
    )
    told = [entry_from(row) for row in rows]
    told += await _tracked(reader, case)
    return sorted(told, key=lambda entry: entry.at) + await _ahead(reader, case)


async def _tracked(reader: Reader, case: Case) -> list[TimelineEntry]:
    if case.parcel_id is None:
        return []
    parcel_id = ParcelId(case.parcel_id)
    events = (await map_events(reader, [parcel_id]))[parcel_id]
    return [
        TimelineEntry(
            at=event.at,
            deed=f"parcel_{event.kind}",
            side=Side.MARKET,
            state=CaseState.RETURN_SHIPPED,
            words=event.words,
        )
        for event in events
    ]


async def _ahead(reader: Reader, case: Case) -> list[TimelineEntry]:
    """Tell what silence will mean, by doing it in thought."""
    if not case.is_open:
        return []
    has_address = (await get_shop(reader, case.shop_id)).return_address is not None
    due = max(case.falls_due, reader.now)
    then = fall_silent(case, due, reader.given(AftersaleRules), {} if has_address else None)
    return [
        TimelineEntry(
            at=case.falls_due,
            deed=CaseDeed.SILENCE,
            side=Side.MARKET,
            state=then.case.state,
            amount=then.pays or None,
            is_ahead=True,
        )
    ]


def entry_from(row: Row) -> TimelineEntry:
    """Build an entry from its row."""
    return TimelineEntry(
        at=row["at"],
        deed=row["deed"],
        side=Side(row["side"]),
        state=CaseState(row["state"]),
        words=row["words"],
        pictures=tuple(Id(picture) for picture in row["pictures"]),
        amount=row["amount"],
    )
