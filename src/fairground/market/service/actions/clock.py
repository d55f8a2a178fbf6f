"""Measure how quickly shops answer, and copy it to the shop."""

from collections import defaultdict
from datetime import timedelta

from fairground.kit.db import Reader, Tx
from fairground.kit.i18n.formats import zone
from fairground.market.service.model.chat import Side
from fairground.market.service.model.clock import ClockFigures, ClockRules, Round, Said, measure, rounds_in
from fairground.market.shops.actions.clock import note_clock
from fairground.market.shops.model import ServiceClock, ShopId
from fairground.market.shops.queries import get_shop

THREADS_MOST = 20_000


async def measure_shop(tx: Tx, shop_id: ShopId) -> ClockFigures:
    """Measure one shop from its conversations of the last days, and write it down."""
    shop, rules = await get_shop(tx, shop_id), tx.given(ClockRules)
    figures = measure(await _rounds(tx, shop_id, rules), zone(shop.time_zone), rules, tx.now)
    clock = ServiceClock(figures.rounds, figures.quick, figures.seconds)
    await note_clock(tx, shop_id, clock)
    return figures


async def _rounds(reader: Reader, shop_id: ShopId, rules: ClockRules) -> list[Round]:
    # The first round may have begun before the first day: a day more is read, and what is older is not counted.
    since = reader.now - timedelta(days=rules.days + 1)
    threads = await reader.rows(
        """
        select thread_id from service.inboxes where bucket = $1 and inbox_id = $2 and last_at > $3
         order by last_at desc limit $4
        """,
        shop_id.bucket,
        shop_id,
        since,
        THREADS_MOST,
    )
    ids = [row["thread_id"] for row in threads]
    rows = await reader.rows(
        """
        select m.thread_id, m.side, m.sent_at
          from unnest($1::smallint[], $2::bigint[]) as t(b, i)
          join service.messages m on m.bucket = t.b and m.thread_id = t.i
         where m.sent_at > $3 order by m.thread_id, m.number limit $4
        """,
        [(number >> 12) & 1023 for number in ids],
        ids,
        since,
        rules.messages_most,
    )
    said: dict[int, list[Said]] = defaultdict(list)
    for row in rows:
        said[row["thread_id"]].append(Said(Side(row["side"]), row["sent_at"]))
    return [one for words in said.values() for one in rounds_in(words)]
