"""Reads of the ladder: where a shop stands, and its strikes."""

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.market.justice.model.complaints import ComplaintId
from fairground.market.justice.model.ladder import Standing, Step, Strike
from fairground.market.shops.model import ShopId


async def get_standing(reader: Reader, shop_id: Id) -> Standing:
    """Tell where a shop stands; one nobody complained of stands at the foot."""
    row = await reader.row(
        "select * from justice.standings where bucket = $1 and shop_id = $2", shop_id.bucket, shop_id
    )
    return Standing(ShopId(shop_id), Step.NONE, 0, None) if row is None else standing_from(row)


async def list_strikes(reader: Reader, shop_id: Id) -> list[Strike]:
    """List a shop's strikes that have not faded, also lifted ones, those that fade first in front."""
    rows = await reader.rows(
        """
        select complaint_id, points, given_at, until, lifted_at from justice.strikes
         where bucket = $1 and shop_id = $2 and until > $3 order by until, complaint_id
        """,
        shop_id.bucket,
        shop_id,
        reader.now,
    )
    return [
        Strike(ComplaintId(row["complaint_id"]), row["points"], row["given_at"], row["until"], row["lifted_at"])
        for row in rows
    ]


def standing_from(row: Row) -> Standing:
    """Build a standing from its row."""
    return Standing(
        ShopId(row["shop_id"]),
        Step(row["step"]),
        row["points"],
        row["since"],
        row["suspended_until"],
        row["served_points"],
        row["version"],
    )
