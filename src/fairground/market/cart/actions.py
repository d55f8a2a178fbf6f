"""Put in, change, choose, take out; a guest's cart becomes a person's; keep a product, follow a shop."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Final

from fairground.kit.db import Row, Tx
from fairground.kit.errors import N_, invalid
from fairground.kit.events import publish
from fairground.kit.ids import any_bucket
from fairground.market.accounts.model import PersonId
from fairground.market.cart.errors import CartFull, KeptFull, NotOnSale
from fairground.market.cart.events import ProductKept, ShopFollowed
from fairground.market.cart.model import CartLine, CartOwner, CartRules, GuestId, Merged
from fairground.market.cart.queries import count_lines, line_from
from fairground.market.catalog.errors import ProductNotFound, VariantNotFound
from fairground.market.catalog.model import Offer, ProductId, ProductState, VariantId
from fairground.market.catalog.queries import map_product_cards
from fairground.market.catalog.queries.products import map_offers
from fairground.market.shops.errors import ShopNotFound
from fairground.market.shops.model import ShopId
from fairground.market.shops.queries import get_shop

_SEEN: Final = frozenset({ProductState.ON_SALE, ProductState.OFF_SALE})


def new_guest(tx: Tx) -> CartOwner:
    """Make the owner of a new guest's cart; its id goes into a signed cookie."""
    return CartOwner(tx.new_id(GuestId, any_bucket()))


async def set_line(tx: Tx, owner: CartOwner, variant_id: VariantId, quantity: int) -> int:
    """Put so many pieces of a variant into a cart, or change how many; 0 takes it out. Gives the number of lines.

    More than is in stock may be put in: the cart tells how many are left, the checkout decides.

    Raises:
        Invalid: at `/quantity`, below 0 or too many.
        VariantNotFound: there is no such variant.
        NotOnSale: it is not sold at the moment (taking it out is always possible).
        CartFull
    """
    most = tx.given(CartRules).quantity_most
    if not 0 <= quantity <= most:
        raise invalid("/quantity", "range", N_("Between 0 and %(most)d, please."), most=most)
    if quantity == 0:
        return await remove_lines(tx, owner, [variant_id])
    return await _put(tx, owner, await _offer(tx, variant_id), quantity, adding=False)


async def add_line(tx: Tx, owner: CartOwner, variant_id: VariantId, quantity: int = 1) -> int:
    """Put so many more pieces of a variant into a cart. Gives the number of lines.

    Raises:
        Invalid: at `/quantity`, below 1, or too many together with those in the cart.
        VariantNotFound, NotOnSale, CartFull
    """
    most = tx.given(CartRules).quantity_most
    if not 1 <= quantity <= most:
        raise invalid("/quantity", "range", N_("Between 1 and %(most)d, please."), most=most)
    return await _put(tx, owner, await _offer(tx, variant_id), quantity, adding=True)


async def _offer(tx: Tx, variant_id: VariantId) -> Offer:
    offer = (await map_offers(tx, [variant_id])).get(variant_id)
    if offer is None:
        raise VariantNotFound
    if not offer.on_sale:
        raise NotOnSale
    return offer


async def _put(tx: Tx, owner: CartOwner, offer: Offer, quantity: int, *, adding: bool) -> int:
    rules = tx.given(CartRules)
    # One statement: the line, and the count of lines beside it; `xmax = 0` tells a new line from a changed one.
    # What is put in again is chosen again, at today's price; a changed number of pieces changes nothing else.
    row = await tx.row(
        """
        with line as (
          insert into cart.lines as l (bucket, owner_id, variant_id, shop_id, title, quantity, selected, added_price,
                 currency, added_at)
          values ($1, $2, $3, $4, $5, $6, true, $7, $8, $9)
          on conflict (bucket, owner_id, variant_id) do update
             set quantity = excluded.quantity + case when $10 then l.quantity else 0 end,
                 selected = l.selected or $10, title = excluded.title,
                 added_price = case when $10 then excluded.added_price else l.added_price end,
                 currency = case when $10 then excluded.currency else l.currency end,
                 added_at = case when $10 then excluded.added_at else l.added_at end
           where not $10 or l.quantity + excluded.quantity <= $11
          returning (xmax = 0) as is_new),
        cart as (
          insert into cart.carts as c (bucket, owner_id, is_guest, line_count, touched_at)
          select $1, $2, $12, is_new::int, $9 from line
          on conflict (bucket, owner_id) do update
             set line_count = c.line_count + excluded.line_count, touched_at = excluded.touched_at
           where excluded.line_count = 0 or c.line_count < $13
          returning line_count)
        select exists (select 1 from line) as fits, (select line_count from cart) as line_count
        """,
        owner.id.bucket,
        owner.id,
        offer.variant_id,
        offer.shop_id,
        offer.title,
        quantity,
        offer.price.amount,
        offer.price.currency,
        tx.now,
        adding,
        rules.quantity_most,
        owner.is_guest,
        rules.lines_most,
    )
    assert row is not None, "a select of two values gives a row"
    if not row["fits"]:
        raise invalid(
            "/quantity",
            "cart.too_many_pieces",
            N_("At most %(most)d pieces of one thing; some are in your cart already."),
            most=rules.quantity_most,
        )
    if row["line_count"] is None:  # raised, so that the line written above goes with the transaction
        raise CartFull(most=rules.lines_most)
    return int(row["line_count"])


async def select_lines(tx: Tx, owner: CartOwner, selected: bool, variant_ids: Sequence[VariantId] | None = None) -> int:
    """Choose lines for the next checkout, or do not; all of the cart where none is named. Gives how many changed."""
    return await tx.execute(
        """
        update cart.lines set selected = $3
         where bucket = $1 and owner_id = $2 and selected <> $3 and ($4::bigint[] is null or variant_id = any($4))
        """,
        owner.id.bucket,
        owner.id,
        selected,
        None if variant_ids is None else list(variant_ids),
    )


async def remove_lines(tx: Tx, owner: CartOwner, variant_ids: Sequence[VariantId]) -> int:
    """Take lines out of a cart; what is not in it is passed over. Gives the number of lines left."""
    await _remove(tx, [(owner.id, variant_id) for variant_id in variant_ids])
    return await count_lines(tx, owner)


async def remove_bought(tx: Tx, bought: Iterable[tuple[PersonId, VariantId]]) -> int:
    """Take out what was ordered from the carts of any number of people. Gives how many lines went."""
    return await _remove(tx, list(bought))


async def _remove(tx: Tx, lines: Sequence[tuple[PersonId | GuestId, VariantId]]) -> int:
    if not lines:
        return 0
    lines = sorted(lines, key=lambda line: (line[0].bucket, line))
    return int(
        await tx.value(
            """
            with gone as (
              delete from cart.lines l using unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, o, v)
               where l.bucket = t.b and l.owner_id = t.o and l.variant_id = t.v
              returning l.bucket, l.owner_id),
            counted as (select bucket, owner_id, count(*)::int as lines from gone group by 1, 2),
            carts as (
              update cart.carts c set line_count = c.line_count - n.lines, touched_at = $4
                from counted n where c.bucket = n.bucket and c.owner_id = n.owner_id)
            select count(*) from gone
            """,
            [owner_id.bucket for owner_id, _ in lines],
            [owner_id for owner_id, _ in lines],
            [variant_id for _, variant_id in lines],
            tx.now,
        )
    )


async def merge_carts(tx: Tx, guest: CartOwner, person: CartOwner) -> Merged:
    """Move a guest's cart into a person's, as at sign-in. Safe to repeat: the guest's cart is empty afterwards.

    A thing that lies in both is kept once, with the larger number of pieces: nobody asked for the sum. Where there
    is no room for all, what the guest put in last goes first.
    """
    assert guest.is_guest, "a guest's cart moves into a person's"
    assert not person.is_guest, "a guest's cart moves into a person's"
    rows = await _empty(tx, guest)
    if not rows:
        return Merged(0)
    lines = sorted((line_from(row) for row in rows), key=lambda line: line.added_at, reverse=True)
    room, known = await _room(tx, person)
    again = [line for line in lines if line.variant_id in known]
    fresh = [line for line in lines if line.variant_id not in known]
    moving = again + fresh[:room]
    await _take_in(tx, person, moving)
    await tx.execute(
        "update cart.carts set line_count = line_count + $3, touched_at = $4 where bucket = $1 and owner_id = $2",
        person.id.bucket,
        person.id,
        len(fresh[:room]),
        tx.now,
    )
    return Merged(len(moving), tuple(line.variant_id for line in fresh[room:]))


async def _empty(tx: Tx, owner: CartOwner) -> list[Row]:
    rows = await tx.rows(
        """
        delete from cart.lines where bucket = $1 and owner_id = $2
        returning variant_id, shop_id, title, quantity, selected, added_price, currency, added_at
        """,
        owner.id.bucket,
        owner.id,
    )
    await tx.execute("delete from cart.carts where bucket = $1 and owner_id = $2", owner.id.bucket, owner.id)
    return rows


async def _room(tx: Tx, owner: CartOwner) -> tuple[int, set[VariantId]]:
    """Lock a cart, and tell how many lines it has room for and what lies in it."""
    count = await tx.value(
        """
        insert into cart.carts as c (bucket, owner_id, is_guest, line_count, touched_at) values ($1, $2, $3, 0, $4)
        on conflict (bucket, owner_id) do update set touched_at = excluded.touched_at returning line_count
        """,
        owner.id.bucket,
        owner.id,
        owner.is_guest,
        tx.now,
    )
    rows = await tx.rows(
        "select variant_id from cart.lines where bucket = $1 and owner_id = $2", owner.id.bucket, owner.id
    )
    return max(0, tx.given(CartRules).lines_most - count), {VariantId(row["variant_id"]) for row in rows}


async def _take_in(tx: Tx, owner: CartOwner, lines: Sequence[CartLine]) -> None:
    await tx.execute(
        """
        insert into cart.lines as l (bucket, owner_id, variant_id, shop_id, title, quantity, selected, added_price,
               currency, added_at)
        select $1, $2, v, s, t, q, c, p, m, a
          from unnest($3::bigint[], $4::bigint[], $5::text[], $6::int[], $7::boolean[], $8::bigint[], $9::text[],
                      $10::timestamptz[]) as t(v, s, t, q, c, p, m, a)
        on conflict (bucket, owner_id, variant_id) do update
           set quantity = greatest(l.quantity, excluded.quantity), selected = l.selected or excluded.selected
        """,
        owner.id.bucket,
        owner.id,
        [line.variant_id for line in lines],
        [line.shop_id for line in lines],
        [line.title for line in lines],
        [line.quantity for line in lines],
        [line.selected for line in lines],
        [line.added_price.amount for line in lines],
        [line.added_price.currency for line in lines],
        [line.added_at for line in lines],
    )


async def forget_cart(tx: Tx, owner: CartOwner, *, untouched_since: datetime | None = None) -> bool:
    """Forget a cart with all that lies in it; with a moment, only if nobody touched it since."""
    known = await tx.value(
        """
        select 1 from cart.carts where bucket = $1 and owner_id = $2 and ($3::timestamptz is null or touched_at < $3)
           for update
        """,
        owner.id.bucket,
        owner.id,
        untouched_since,
    )
    if known:
        await _empty(tx, owner)
    return bool(known)


async def keep_product(tx: Tx, person_id: PersonId, product_id: ProductId) -> bool:
    """Keep a product for later; False where it was kept already.

    Raises:
        ProductNotFound: there is none that people may see.
        KeptFull
    """
    card = (await map_product_cards(tx, [product_id])).get(product_id)
    if card is None or card.state not in _SEEN:
        raise ProductNotFound
    # Two hearts at the same moment may go one over the limit: it keeps lists short and promises nothing.
    row = await tx.row(
        """
        with kept as (
          insert into cart.kept (bucket, person_id, product_id, shop_id, title, price, currency, kept_at)
          select $1, $2, $3, $4, $5, $6, $7, $8
           where (select count(*) from cart.kept where bucket = $1 and person_id = $2) < $9
          on conflict do nothing returning 1)
        select exists (select 1 from kept) as is_new,
               exists (select 1 from cart.kept where bucket = $1 and person_id = $2 and product_id = $3) as was_there
        """,
        person_id.bucket,
        person_id,
        product_id,
        card.shop_id,
        card.title,
        card.price_low.amount,
        card.price_low.currency,
        tx.now,
        tx.given(CartRules).kept_most,
    )
    assert row is not None, "a select of two values gives a row"
    if row["is_new"]:
        await publish(tx, ProductKept(person_id=person_id, shop_id=card.shop_id, product_id=product_id))
    elif not row["was_there"]:
        raise KeptFull(most=tx.given(CartRules).kept_most)
    return bool(row["is_new"])


async def let_go_product(tx: Tx, person_id: PersonId, product_id: ProductId) -> bool:
    """Keep a product no longer; False where it was not kept."""
    return bool(
        await tx.execute(
            "delete from cart.kept where bucket = $1 and person_id = $2 and product_id = $3",
            person_id.bucket,
            person_id,
            product_id,
        )
    )


async def follow_shop(tx: Tx, person_id: PersonId, shop_id: ShopId) -> bool:
    """Follow a shop; False where the person does already.

    Raises:
        ShopNotFound: there is none that people may see.
        KeptFull
    """
    if not (await get_shop(tx, shop_id)).is_seen:
        raise ShopNotFound
    row = await tx.row(
        """
        with followed as (
          insert into cart.follows (bucket, person_id, shop_id, followed_at)
          select $1, $2, $3, $4
           where (select count(*) from cart.follows where bucket = $1 and person_id = $2) < $5
          on conflict do nothing returning 1)
        select exists (select 1 from followed) as is_new,
               exists (select 1 from cart.follows where bucket = $1 and person_id = $2 and shop_id = $3) as was_there
        """,
        person_id.bucket,
        person_id,
        shop_id,
        tx.now,
        tx.given(CartRules).kept_most,
    )
    assert row is not None, "a select of two values gives a row"
    if row["is_new"]:
        await publish(tx, ShopFollowed(person_id=person_id, shop_id=shop_id))
    elif not row["was_there"]:
        raise KeptFull(most=tx.given(CartRules).kept_most)
    return bool(row["is_new"])


async def unfollow_shop(tx: Tx, person_id: PersonId, shop_id: ShopId) -> bool:
    """Follow a shop no longer; False where the person did not."""
    return bool(
        await tx.execute(
            "delete from cart.follows where bucket = $1 and person_id = $2 and shop_id = $3",
            person_id.bucket,
            person_id,
            shop_id,
        )
    )


async def forget_kept(tx: Tx, person_id: PersonId) -> None:
    """Forget what a person kept and followed."""
    await tx.execute("delete from cart.kept where bucket = $1 and person_id = $2", person_id.bucket, person_id)
    await tx.execute("delete from cart.follows where bucket = $1 and person_id = $2", person_id.bucket, person_id)
