"""Write down what changed for the indexes, what was shown, and what people asked for."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta
from typing import Final

from fairground.kit.db import Tx
from fairground.kit.ids import any_bucket
from fairground.market.catalog.model import ProductId
from fairground.market.search.model import AskedQuery, QueryId, SearchRules
from fairground.market.shops.model import ShopId

POPULAR_MOST: Final = 5_000
FORGET_AT_ONCE: Final = 10_000


async def touch_products(tx: Tx, products: Iterable[tuple[ProductId, ShopId]]) -> None:
    """Have every machine's index look at these products again."""
    touched = sorted(set(products))
    await tx.execute(
        """
        insert into search.listings as l (bucket, product_id, shop_id, touched_at)
        select b, p, s, $4 from unnest($1::smallint[], $2::bigint[], $3::bigint[]) as t(b, p, s)
        on conflict (bucket, product_id) do update set touched_at = greatest(l.touched_at, excluded.touched_at),
                                                         touches = l.touches + 1
        """,
        [product_id.bucket for product_id, _ in touched],
        [product_id for product_id, _ in touched],
        [shop_id for _, shop_id in touched],
        tx.now,
    )


async def touch_listed(tx: Tx, products: Iterable[ProductId]) -> None:
    """The same for products that were listed before, whosever they are."""
    touched = sorted(set(products))
    await tx.execute(
        """
        update search.listings l set touched_at = greatest(l.touched_at, $3), touches = l.touches + 1
          from unnest($1::smallint[], $2::bigint[]) as t(b, p) where l.bucket = t.b and l.product_id = t.p
        """,
        [product_id.bucket for product_id in touched],
        touched,
        tx.now,
    )


async def touch_shops(tx: Tx, shop_ids: Iterable[ShopId]) -> None:
    """Have every machine's index look at all products of these shops again: another name, open or not."""
    shops = sorted(set(shop_ids))
    await tx.execute(
        """
        update search.listings l set touched_at = greatest(l.touched_at, $3), touches = l.touches + 1
          from unnest($1::smallint[], $2::bigint[]) as t(b, s)
         where l.bucket = t.b and l.shop_id = t.s
        """,
        [shop_id.bucket for shop_id in shops],
        shops,
        tx.now,
    )


async def count_shown(tx: Tx, shown: Mapping[ProductId, int]) -> None:
    """Count how often things were shown; the indexes hear of it in steps, while the promise of shows is not kept."""
    products = sorted(shown)
    await tx.execute(
        """
        with news as (
          select l.bucket, l.product_id, t.n,
                 l.shown < $5 and (l.shown + t.n) * 10 / $5 > l.shown * 10 / $5 as is_step
            from search.listings l join unnest($1::smallint[], $2::bigint[], $3::int[]) as t(b, p, n)
              on l.bucket = t.b and l.product_id = t.p order by l.bucket, l.product_id for update of l)
        update search.listings l
           set shown = l.shown + news.n,
               touches = l.touches + case when news.is_step then 1 else 0 end,
               touched_at = case when news.is_step then greatest(l.touched_at, $4) else l.touched_at end
          from news where l.bucket = news.bucket and l.product_id = news.product_id
        """,
        [product_id.bucket for product_id in products],
        products,
        [shown[product_id] for product_id in products],
        tx.now,
        max(1, tx.given(SearchRules).shown_at_least),
    )


async def note_queries(tx: Tx, queries: Sequence[AskedQuery]) -> None:
    """Write queries down, without who asked them."""
    ids = [tx.new_id(QueryId, any_bucket()) for _ in queries]
    await tx.many(
        """
        insert into search.queries (bucket, id, at, words, language, filters, found)
        values ($1, $2, $3, $4, $5, $6, $7)
        """,
        [
            (query_id.bucket, query_id, q.at, q.words, q.language, list(q.filters), q.found)
            for query_id, q in zip(ids, queries, strict=True)
        ],
    )


async def count_queries(tx: Tx) -> int:
    """Count anew what many have asked for and found, for suggestions; gives how many they are."""
    rules = tx.given(SearchRules)
    await tx.execute("delete from search.popular")
    return await tx.execute(
        """
        insert into search.popular (language, words, times)
        select language, words, count(*) from search.queries
         where at > $1 and found > 0 and length(words) between 2 and 60
         group by language, words having count(*) >= $2
         order by count(*) desc, words limit $3
        """,
        tx.now - timedelta(days=rules.suggest_days),
        rules.suggest_after,
        POPULAR_MOST,
    )


async def forget_queries(tx: Tx) -> int:
    """Forget old queries, so many at once; gives how many."""
    return await tx.execute(
        """
        delete from search.queries q using (select bucket, id from search.queries where at < $1 order by at limit $2) o
         where q.bucket = o.bucket and q.id = o.id
        """,
        tx.now - timedelta(days=tx.given(SearchRules).keep_queries_days),
        FORGET_AT_ONCE,
    )
