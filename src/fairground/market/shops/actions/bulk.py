"""Many shops at once, for bulk data: the same rows as one by one, by one statement for each table, told to nobody."""

from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.kit.ids import BUCKETS
from fairground.kit.place import Place
from fairground.market.accounts.model import PersonId
from fairground.market.shops.actions.doors import enter_desk
from fairground.market.shops.actions.opening import CLOTHS
from fairground.market.shops.errors import SlugTaken
from fairground.market.shops.model import ShopDraft, ShopId, ShopState


async def open_shops(
    tx: Tx, owners: Sequence[PersonId], drafts: Sequence[ShopDraft], *, first_bucket: int = 0
) -> list[ShopId]:
    """Open a shop for each owner from drafts in good form; the shops' buckets go round from the first.

    Raises:
        StaffOnly
        SlugTaken: one of the addresses belongs to another shop; no shop was opened.
    """
    enter_desk(tx)
    ids = [tx.new_id(ShopId, (first_bucket + number) % BUCKETS) for number in range(len(drafts))]
    await _list(tx, ids, drafts)
    place = tx.given(Place)
    await tx.execute(
        """
        insert into shops.shops
          (bucket, id, slug, name, about, country, language, time_zone, cloth, state, opened_at, changed_at)
        select b, i, s, n, a, c, l, $7, b % $8::smallint, $9, $10, $10
          from unnest($1::bigint[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $11::smallint[])
               as t(i, s, n, a, c, l, b)
        """,
        ids,
        [draft.slug for draft in drafts],
        [draft.name for draft in drafts],
        [draft.about for draft in drafts],
        [draft.country or place.country for draft in drafts],
        [draft.language or place.language for draft in drafts],
        place.time_zone,
        CLOTHS,
        ShopState.OPEN,
        tx.now,
        [shop_id.bucket for shop_id in ids],
    )
    await _seat_owners(tx, ids, owners, drafts)
    return ids


async def _list(tx: Tx, ids: Sequence[ShopId], drafts: Sequence[ShopDraft]) -> None:
    claimed = await tx.execute(
        """
        insert into shops.directory (slug, shop_id, name, state, tier, opened_at)
        select s, i, n, $4, 'stall', $5 from unnest($1::text[], $2::bigint[], $3::text[]) as t(s, i, n)
        on conflict (slug) do nothing
        """,
        [draft.slug for draft in drafts],
        list(ids),
        [draft.name for draft in drafts],
        ShopState.OPEN,
        tx.now,
    )
    if claimed != len(ids):
        raise SlugTaken(suggestion="")


async def _seat_owners(tx: Tx, ids: Sequence[ShopId], owners: Sequence[PersonId], drafts: Sequence[ShopDraft]) -> None:
    await tx.execute(
        """
        insert into shops.staff (bucket, shop_id, person_id, role, invited_at, joined_at)
        select b, s, p, 'owner', $4, $4 from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, s, p)
        """,
        [shop_id.bucket for shop_id in ids],
        list(ids),
        list(owners),
        tx.now,
    )
    await tx.execute(
        """
        insert into shops.memberships (bucket, person_id, shop_id, role, joined_at, slug, name, changed_at)
        select b, p, s, 'owner', $6, sl, n, $6
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::text[], $5::text[]) as t(b, p, s, sl, n)
        """,
        [owner.bucket for owner in owners],
        list(owners),
        list(ids),
        [draft.slug for draft in drafts],
        [draft.name for draft in drafts],
        tx.now,
    )
