"""More orders of the same kind: every row of the trade doubled in place, under other ids, until there are enough.

Rows are copied as they lie, so the tables grow as they would by trade, with their indexes, in a hundredth of the time.
The copies are older than what they are copied from (their ids are): what comes next is written behind them, as it
would be. What the market counts in rows of its own (stock, balances) is not doubled: the books of such a market do not
balance, and nothing but a measure may be made of it.
"""

from typing import Final

from fairground.app.outfit import Outfit
from fairground.app.seed.people import SEED
from fairground.kit.db import Tx

DAY: Final = 24 * 3600 * 1000 << 22  # a day in ids: milliseconds stand above 22 bits
STEP: Final = 10**6  # above every number that counts something in one measure
# Table → what is not copied as it is. `$1`: days in ids, `$2`: what makes numbers and words another's.
COPIED: Final = {
    "orders.checkouts": {"id": "id - $1", "payment_id": "payment_id - $1"},
    "orders.orders": {
        "id": "id - $1",
        "checkout_id": "checkout_id - $1",
        "payment_id": "payment_id - $1",
        "number": "(number + $2 * 7919) % 1000000000000",
    },
    "orders.lines": {"order_id": "order_id - $1"},
    "orders.moves": {"order_id": "order_id - $1"},
    "orders.shop_orders": {"order_id": "order_id - $1", "number": "(number + $2 * 7919) % 1000000000000"},
    "payments.payments": {"id": "id - $1", "checkout_id": "checkout_id - $1", "charge": "charge || '-' || $2"},
    "payments.parts": {"payment_id": "payment_id - $1", "order_id": "order_id - $1"},
    "payments.charges": {"charge": "charge || '-' || $2", "payment_id": "payment_id - $1"},
    "payments.inbox": {"event_id": "event_id || '-' || $2"},
    "ledger.transfers": {
        "key": "key || '-' || $2",
        "subject": "subject - $1",
        "debit_entry": "debit_entry + $2",
        "credit_entry": "credit_entry + $2",
    },
    "inventory.reservations": {"claim_id": "claim_id - $1"},
    "inventory.moves": {"number": "number + $2", "claim_id": "claim_id - $1"},
    "kit.idempotency": {"key": "key || '-' || $2"},
    "kit.deadlines": {"subject": "subject - $1"},
    "kit.event_log": {"id": "id - $1", "subject": "subject - $1"},
    "notifications.letters": {"id": "id - $1"},
    "sandbox.intents": {"merchant_reference": "merchant_reference - $1", "charge": "charge || '-' || $2"},
}


async def double_orders(outfit: Outfit, until: int, steps: int = 0) -> int:
    """Double all orders with what belongs to them until there are so many.

    `steps` is how often they were doubled before; gives how often they are then.
    """
    while (count := await count_orders(outfit)) < until:
        if count == 0:
            raise ValueError("there is no order to be doubled")
        for table, changed in COPIED.items():
            await outfit.db.write(SEED, lambda tx, t=table, c=changed, n=steps: _double(tx, t, c, n))  # type: ignore[misc]
        steps += 1
    return steps


async def count_orders(outfit: Outfit) -> int:
    """Count the orders."""
    count: int = await outfit.db.read(lambda reader: reader.value("select count(*) from orders.orders"))
    return count


async def _double(tx: Tx, table: str, changed: dict[str, str], steps: int) -> None:
    columns = [
        row["attname"]
        for row in await tx.rows(
            "select attname from pg_attribute where attrelid = $1::regclass and attnum > 0 and not attisdropped", table
        )
    ]
    days, number = DAY << steps, STEP << steps
    words = {"$1": f"{days}::bigint", "$2": f"{number}::bigint"}
    values = [_filled(changed.get(column, column), words) for column in columns]
    sql = f"insert into {table} ({', '.join(columns)}) select {', '.join(values)} from {table}"  # noqa: S608 - names of our own
    await tx.connection.execute(sql, timeout=1800)


def _filled(expression: str, words: dict[str, str]) -> str:
    for place, value in words.items():
        expression = expression.replace(place, value)
    return expression
