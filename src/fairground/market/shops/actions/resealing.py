"""Business numbers sealed anew, after the operator has put another key in front."""

from fairground.kit.db import Tx
from fairground.kit.ids import Id
from fairground.kit.seal import Keyring, Resealed
from fairground.market.shops.actions.applications import NUMBER_PRINT
from fairground.market.shops.model import ApplicationId, ShopId
from fairground.market.shops.queries import number_place


async def reseal_numbers(tx: Tx, after: Id, limit: int) -> Resealed:
    """Seal the business numbers of some applications with the first key, those after an id; safe to repeat."""
    keys = tx.given(Keyring)
    rows = await tx.rows(
        """
        select id, shop_id, number_sealed from shops.applications
         where id > $1 and not (starts_with(number_sealed, $2) and starts_with(number_print, $2))
         order by id limit $3 for update
        """,
        after,
        keys.mark,
        limit,
    )
    places = [number_place(ShopId(row["shop_id"])) for row in rows]
    numbers = [keys.try_unseal(row["number_sealed"], at) for row, at in zip(rows, places, strict=True)]
    good = [
        (row["id"], keys.seal(number, at), keys.fingerprint(number, NUMBER_PRINT))
        for row, at, number in zip(rows, places, numbers, strict=True)
        if number is not None
    ]
    await tx.execute(
        """
        update shops.applications a set number_sealed = t.s, number_print = t.p
          from unnest($1::bigint[], $2::text[], $3::text[]) as t(i, s, p) where a.id = t.i
        """,
        [one[0] for one in good],
        [one[1] for one in good],
        [one[2] for one in good],
    )
    broken = [ApplicationId(row["id"]) for row, number in zip(rows, numbers, strict=True) if number is None]
    return Resealed(len(good), tuple(broken), Id(rows[-1]["id"]) if rows else None)
