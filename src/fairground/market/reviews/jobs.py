"""What comes round by itself: scores grow old, invitations end."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from fairground.kit.actor import system
from fairground.kit.db import Database, Tx
from fairground.kit.deadlines import DeadlineHandler
from fairground.kit.timers import Timer
from fairground.market.reviews.actions.flagging import note_oddities
from fairground.market.reviews.actions.inviting import forget_invitations, forget_silent_sides
from fairground.market.reviews.actions.scores import keep_day, measure_market, rescore_shops
from fairground.market.reviews.actions.sides import SHOW, show_due
from fairground.market.reviews.model import ReviewRules, find_oddities
from fairground.market.reviews.queries.flags import list_paces, list_seen
from fairground.market.shops.model import ShopId

CHUNK: Final = 200
ROUNDS: Final = 5000
SCORES: Final = system("reviews.rescore")


def timers() -> list[Timer]:
    """List what this room does every day."""
    return [
        Timer("reviews.rescore_shops", timedelta(days=1), rescore_all),
        Timer("reviews.find_oddities", timedelta(days=1), find_all),
        Timer("reviews.forget_invitations", timedelta(days=1), forget_all),
    ]


def deadline_handlers() -> list[DeadlineHandler]:
    """List what falls due here: windows end, and what one side wrote is shown."""
    return [DeadlineHandler(SHOW, show_due, batch=True)]


async def rescore_all(db: Database) -> int:
    """Make the means and every shop's scores anew and keep them, some shops at a time; gives how many shops."""
    await db.write(SCORES, measure_market)
    done, after = 0, ShopId(0)
    for _ in range(ROUNDS):
        shops = await _next_shops(db, after)
        if not shops:
            break
        done += await db.write(SCORES, lambda tx, shops=shops: _rescore(tx, shops))  # type: ignore[misc]
        after = shops[-1]
    return done


async def _rescore(tx: Tx, shops: list[ShopId]) -> int:
    done = await rescore_shops(tx, shops)
    await keep_day(tx, shops)
    return done


async def _next_shops(db: Database, after: ShopId) -> list[ShopId]:
    rows = await db.read(
        lambda reader: reader.rows(
            """
            select distinct bucket, shop_id from reviews.score_days
             where (bucket, shop_id) > ($1, $2) order by bucket, shop_id limit $3
            """,
            after.bucket if after else -1,
            after,
            CHUNK,
        )
    )
    return [ShopId(row["shop_id"]) for row in rows]


async def find_all(db: Database) -> int:
    """Look for what is odd among the reviews of the last months, and put it before the desk; gives how much is new."""
    rules = db.given(ReviewRules)
    seen, paces = await db.read(list_seen), await db.read(list_paces)
    # In a thread of its own: the statistics of twenty thousand reviews take a second or two.
    found = await asyncio.to_thread(find_oddities, seen, paces, rules)
    new = 0
    for at in range(0, len(found), CHUNK):
        part = found[at : at + CHUNK]
        new += await db.write(system("reviews.flags"), lambda tx, part=part: note_oddities(tx, part))  # type: ignore[misc]
    return new


async def forget_all(db: Database) -> int:
    """Drop invitations whose time is over, and meeting places where nobody wrote."""
    return sum([await _forget(db, forget_invitations), await _forget(db, forget_silent_sides)])


async def _forget(db: Database, forget: Callable[[Tx], Awaitable[int]]) -> int:
    done = 0
    for _ in range(ROUNDS):
        gone = await db.write(system("reviews.forget"), forget)
        done += gone
        if not gone:
            break
    return done
