"""What happens by itself in service: clocks that run out, silence that ends things, letters to who is away."""

from collections.abc import Sequence
from datetime import timedelta

from fairground.kit.actor import system
from fairground.kit.db import Database, Reader, Tx
from fairground.kit.deadlines import Deadline, DeadlineHandler
from fairground.kit.timers import Timer
from fairground.market.service.actions.answers import forget_old_questions
from fairground.market.service.actions.away import LETTER, tell_away
from fairground.market.service.actions.clock import measure_shop
from fairground.market.service.actions.promises import forget_price_promises
from fairground.market.service.actions.ticket_desk import see_clocks, see_silence
from fairground.market.service.actions.ticket_moves import ANSWER, CLOSE, SOLVE
from fairground.market.service.model.chat import Side
from fairground.market.service.model.clock import ClockRules
from fairground.market.shops.model import ShopId

ROUNDS = 1000
SHOPS_MOST = 1_000_000


def deadline_handlers() -> list[DeadlineHandler]:
    """List what this room does when a deadline falls due."""
    return [
        DeadlineHandler(ANSWER, see_clocks),
        DeadlineHandler(SOLVE, see_clocks),
        DeadlineHandler(CLOSE, see_silence),
        DeadlineHandler(LETTER[Side.PERSON], _tell_person, batch=True),
        DeadlineHandler(LETTER[Side.HOUSE], _tell_house, batch=True),
    ]


def timers() -> list[Timer]:
    """List what comes round in this room."""
    return [
        Timer("service.forget_old_questions", timedelta(days=1), _forget_questions),
        Timer("service.forget_price_promises", timedelta(days=1), _forget_promises),
        Timer("service.measure_clocks", timedelta(days=1), measure_all),
    ]


async def _forget_promises(db: Database) -> int:
    done = 0
    for _ in range(ROUNDS):
        gone = await db.write(system("service"), forget_price_promises)
        done += gone
        if not gone:
            break
    return done


async def measure_all(db: Database) -> int:
    """Measure the clock of every shop that somebody has written to lately, one transaction each; gives how many."""
    done, after = 0, ShopId(0)
    for _ in range(SHOPS_MOST):
        shop_id = await db.read(lambda reader, last=after: _next_shop(reader, last))  # type: ignore[misc]
        if shop_id is None:
            break
        await db.write(system("service"), lambda tx, one=shop_id: measure_shop(tx, one))  # type: ignore[misc]
        done, after = done + 1, shop_id
    return done


async def _next_shop(reader: Reader, after: ShopId) -> ShopId | None:
    # Twice the days that count: a shop that has fallen silent is measured until its clock is empty.
    found = await reader.value(
        """
        select inbox_id from service.inboxes
         where (bucket, inbox_id) > ($1, $2) and inbox_id > 0 and last_at > $3 order by bucket, inbox_id limit 1
        """,
        after.bucket if after else -1,
        after,
        reader.now - timedelta(days=2 * reader.given(ClockRules).days),
    )
    return None if found is None else ShopId(found)


async def _forget_questions(db: Database) -> int:
    done = 0
    for _ in range(ROUNDS):
        gone = await db.write(system("service"), forget_old_questions)
        done += gone
        if not gone:
            break
    return done


async def _tell_person(tx: Tx, deadlines: Sequence[Deadline]) -> None:
    await tell_away(tx, Side.PERSON, [deadline.subject for deadline in deadlines])


async def _tell_house(tx: Tx, deadlines: Sequence[Deadline]) -> None:
    await tell_away(tx, Side.HOUSE, [deadline.subject for deadline in deadlines])
