"""Bank accounts sealed anew, after the operator has put another key in front."""

from fairground.kit.db import Tx
from fairground.kit.ids import Id
from fairground.kit.seal import Keyring, Resealed
from fairground.market.payments.actions.payouts import NUMBER_PRINT
from fairground.market.payments.model import DestinationId
from fairground.market.payments.model.payout import destination_aad, read_account


async def reseal_destinations(tx: Tx, after: Id, limit: int) -> Resealed:
    """Seal some shops' bank accounts with the first key, those after an id; safe to repeat."""
    keys = tx.given(Keyring)
    rows = await tx.rows(
        """
        select id, shop_id, sealed from payments.destinations
         where (bucket, id) > ($1, $2) and not (starts_with(sealed, $3) and starts_with(fingerprint, $3))
         order by bucket, id limit $4 for update
        """,
        after.bucket,
        after,
        keys.mark,
        limit,
    )
    places = [destination_aad(DestinationId(row["id"]), Id(row["shop_id"])) for row in rows]
    accounts = [keys.try_unseal(row["sealed"], at) for row, at in zip(rows, places, strict=True)]
    good = [
        (Id(row["id"]), keys.seal(text, at), keys.fingerprint(read_account(text).number, NUMBER_PRINT))
        for row, at, text in zip(rows, places, accounts, strict=True)
        if text is not None
    ]
    await tx.execute(
        """
        update payments.destinations d set sealed = t.s, fingerprint = t.p
          from unnest($1::smallint[], $2::bigint[], $3::text[], $4::text[]) as t(b, i, s, p)
         where d.bucket = t.b and d.id = t.i
        """,
        [one[0].bucket for one in good],
        [one[0] for one in good],
        [one[1] for one in good],
        [one[2] for one in good],
    )
    broken = [DestinationId(row["id"]) for row, text in zip(rows, accounts, strict=True) if text is None]
    return Resealed(len(good), tuple(broken), Id(rows[-1]["id"]) if rows else None)
