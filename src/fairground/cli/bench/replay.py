"""The yardstick of the checkout: the same rows once more, one order after the other, by plain prepared SQL.

Rows that the market wrote for some checkouts are read back, given other ids, and written again: a transaction for each
checkout, a prepared statement for each row, on so many connections, without HTTP, pricing, sessions or checks. The
same for payments: what a webhook of one payment writes.
"""

import asyncio
import time
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Any, Final, TypeAlias

import asyncpg
import msgspec

SHIFT: Final = 1 << 58  # above every id of this century; leaves the bucket's bits alone
NUMBERS: Final = 10**12
CONNECTIONS: Final = 16
Row: TypeAlias = dict[str, Any]

# Table → how its rows are found by the ids of checkouts, payments and orders, all in `$1`.
FOUND: Final = {
    "kit.idempotency": "answer ->> 'id' = any($1::text[])",
    "inventory.reservations": "claim_id = any($1)",
    "inventory.moves": "claim_id = any($1)",
    "orders.checkouts": "id = any($1)",
    "orders.orders": "id = any($1)",
    "orders.lines": "order_id = any($1)",
    "payments.payments": "id = any($1)",
    "payments.parts": "payment_id = any($1)",
    "kit.deadlines": "subject = any($1)",
    "kit.event_log": "subject = any($1) and name = 'orders.OrderPlaced'",
    "sandbox.intents": "merchant_reference = any($1)",
}
SHIFTED: Final = {
    "inventory.reservations": ("claim_id",),
    "inventory.moves": ("claim_id",),
    "orders.checkouts": ("id", "payment_id"),
    "orders.orders": ("id", "checkout_id", "payment_id"),
    "orders.lines": ("order_id",),
    "payments.payments": ("id", "checkout_id"),
    "payments.parts": ("payment_id", "order_id"),
    "kit.deadlines": ("subject",),
    "kit.event_log": ("id", "subject"),
    "sandbox.intents": ("merchant_reference",),
}
TAKE: Final = """
    update inventory.stock set on_hand = on_hand - $3, version = version + 1, changed_at = now()
     where bucket = $1 and variant_id = $2 and on_hand >= $3 returning on_hand, version
    """
# What the webhook of one payment writes.
PAY: Final = {
    "inbox": "insert into payments.inbox (gateway, event_id, kind, received_at) values ('replay', $1, 'paid', now())",
    "charge": """insert into payments.charges (gateway, charge, payment_id, amount, currency, at, seen_at)
                 values ('replay', $1, $2, $3, $4, now(), now())""",
    "payment": """update payments.payments set state = 'paid', version = version + 1, paid_at = now(), charge = $3
                   where bucket = $1 and id = $2 and state = 'pending'""",
    "part": "update payments.parts set held = amount where bucket = $1 and payment_id = $2 and order_id = $3",
    "account": """insert into ledger.accounts as a (bucket, owner, kind, currency, balance, moved, entries, floor,
                         opened_at)
                  values ($1, $2, $3, $4, greatest($5::bigint, 0), $5, 1, $6, now())
                  on conflict (bucket, owner, kind, currency) do update
                     set balance = a.balance + excluded.moved, moved = excluded.moved, entries = a.entries + 1
                  returning entries, balance""",
    "transfer": """insert into ledger.transfers (bucket, key, debit_owner, debit_kind, debit_entry, debit_balance,
                          credit_owner, credit_kind, credit_entry, credit_balance, amount, currency, reason, subject,
                          at)
                   values ($1, $2, -1, 'gateway', $3, $4, 0, 'held', $5, $6, $7, $8, 'payments.captured', $9, now())""",
    "order": """update orders.orders set state = 'paid', version = version + 1, paid_at = now(), changed_at = now(),
                       ship_by = now() + interval '48 hours'
                 where bucket = $1 and id = $2 and state = 'placed'""",
    "move": """insert into orders.moves (bucket, order_id, version, deed, state, actor, amount, at)
               values ($1, $2, 2, 'pay', 'paid', 'market', $3, now())""",
    "sold": """update inventory.reservations set state = 'sold', changed_at = now()
                where bucket = $1 and claim_id = $2 and variant_id = $3""",
    "remind": "delete from kit.deadlines where bucket = $1 and subject = $2",
    "ship": """insert into kit.deadlines (bucket, kind, subject, due_at, reason)
               values ($1, 'orders.ship', $2, now() + interval '48 hours', 'The shop promised to ship by then.')""",
    "event": """insert into kit.outbox (bucket, id, name, subject, version, body, at)
                values ($1, $2, $3, $4, 2, $5, now())""",
}


class Copied(msgspec.Struct, frozen=True):
    """The rows of one checkout, table by table."""

    checkout_id: int
    rows: Mapping[str, Sequence[Row]]


class Pace(msgspec.Struct, frozen=True):
    """How fast it went."""

    per_second: float
    p50_ms: float
    p99_ms: float
    failed: int


async def copy_rows(dsn: str, count: int) -> list[Copied]:
    """Read back the rows of the newest unpaid checkouts."""
    conn = await connect(dsn)
    try:
        checkouts = await conn.fetch(
            """
            select c.id, c.payment_id, array_agg(o.id) as orders from orders.checkouts c
              join orders.orders o on o.bucket = c.bucket and o.checkout_id = c.id and o.state = 'placed'
             group by c.bucket, c.id order by c.placed_at desc limit $1
            """,
            count,
        )
        owner_of: dict[int, int] = {}
        for row in checkouts:
            owner_of |= dict.fromkeys((row["id"], row["payment_id"], *row["orders"]), row["id"])
        rows: dict[int, dict[str, list[Row]]] = defaultdict(lambda: defaultdict(list))
        for table, condition in FOUND.items():
            ids: list[Any] = list(owner_of)
            if table == "kit.idempotency":
                ids = [str(one) for one in ids]
            for found in await conn.fetch(f"select * from {table} where {condition}", ids):  # noqa: S608
                rows[owner_of[_subject(table, found)]][table].append(_shifted(table, dict(found)))
        return [Copied(row["id"], rows[row["id"]]) for row in checkouts]
    finally:
        await conn.close()


def _subject(table: str, row: Any) -> int:
    if table == "kit.idempotency":
        return int(msgspec.json.decode(row["answer"])["id"])
    for name in ("claim_id", "order_id", "subject", "payment_id", "merchant_reference", "id"):
        if name in row and (table, name) not in {("orders.checkouts", "payment_id"), ("orders.orders", "payment_id")}:
            return int(row[name])
    raise AssertionError(table)


def _shifted(table: str, row: Row) -> Row:
    for name in SHIFTED.get(table, ()):
        row[name] += SHIFT
    if table == "orders.orders":
        row["number"] = (row["number"] + NUMBERS // 2) % NUMBERS
    if table == "kit.idempotency":
        row["key"] = "replay " + row["key"]
    return row


async def place_again(dsn: str, copied: Sequence[Copied]) -> Pace:
    """Write the rows of the checkouts again, one transaction each."""

    async def write(conn: Any, statements: Any, one: Copied) -> None:
        for move in sorted(one.rows.get("inventory.moves", ()), key=lambda row: (row["bucket"], row["variant_id"])):
            take = await statements(TAKE)
            taken = await take.fetchrow(move["bucket"], move["variant_id"], -move["quantity"])
            move["number"], move["balance"] = taken["version"], taken["on_hand"]
        for table, rows in one.rows.items():
            target = "kit.outbox" if table == "kit.event_log" else table
            for row in rows:
                places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
                statement = await statements(f"insert into {target} ({', '.join(row)}) values ({places})")  # noqa: S608
                await statement.fetch(*row.values())

    return await _run(dsn, copied, write)


async def pay_again(dsn: str, copied: Sequence[Copied]) -> Pace:
    """Write what a webhook writes for each of the checkouts written again, one transaction each."""

    async def write(_: Any, statements: Any, one: Copied) -> None:
        async def do(name: str, *args: Any) -> Any:
            return await (await statements(PAY[name])).fetchrow(*args)

        (payment,) = one.rows["payments.payments"]
        bucket, payment_id, currency = payment["bucket"], payment["id"], payment["currency"]
        await do("inbox", f"e{payment_id}")
        await do("charge", f"c{payment_id}", payment_id, payment["amount"], currency)
        await do("payment", bucket, payment_id, f"c{payment_id}")
        for order in one.rows["orders.orders"]:
            amount, order_id = order["total"], order["id"]
            await do("part", bucket, payment_id, order_id)
            out = await do("account", bucket, -1, "gateway", currency, -amount, None)
            held = await do("account", bucket, 0, "held", currency, amount, 0)
            key = f"replay/{payment_id}/{order_id}"
            await do("transfer", bucket, key, *out, *held, amount, currency, order_id)
            await do("order", bucket, order_id)
            await do("move", bucket, order_id, amount)
            await do("ship", bucket, order_id)
            body = f'{{"order_id": {order_id}, "amount": {amount}}}'
            await do("event", bucket, order_id + SHIFT, "orders.OrderPaid", order_id, body)
        for held_row in one.rows.get("inventory.reservations", ()):
            await do("sold", held_row["bucket"], held_row["claim_id"], held_row["variant_id"])
        await do("remind", bucket, one.checkout_id + SHIFT)
        body = f'{{"payment_id": {payment_id}, "amount": {payment["amount"]}}}'
        await do("event", bucket, payment_id + SHIFT, "payments.PaymentCaptured", payment_id, body)

    return await _run(dsn, copied, write)


async def _run(dsn: str, copied: Sequence[Copied], write: Any) -> Pace:
    waiting = iter(copied)
    times: list[float] = []
    failed = 0

    async def work(conn: Any) -> None:
        nonlocal failed
        prepared: dict[str, Any] = {}

        async def statements(sql: str) -> Any:
            if sql not in prepared:
                prepared[sql] = await conn.prepare(sql)
            return prepared[sql]

        for one in waiting:
            began = time.perf_counter()
            try:
                async with conn.transaction():
                    await write(conn, statements, one)
            except (asyncpg.DeadlockDetectedError, asyncpg.UniqueViolationError):
                failed += 1
                continue
            times.append(time.perf_counter() - began)

    connections = [await connect(dsn) for _ in range(CONNECTIONS)]
    try:
        began = time.perf_counter()
        await asyncio.gather(*(work(conn) for conn in connections))
        took = time.perf_counter() - began
    finally:
        for conn in connections:
            await conn.close()
    ordered = sorted(times) or [0.0]
    p99 = ordered[min(len(ordered) - 1, int(len(ordered) * 0.99))]
    return Pace(round(len(times) / took, 1), round(ordered[len(ordered) // 2] * 1000, 2), round(p99 * 1000, 2), failed)


async def connect(dsn: str) -> Any:
    """Open a connection on which JSON comes and goes as it is, so that nothing is spent on it here."""
    conn: Any = await asyncpg.connect(dsn, server_settings={"jit": "off"})
    await conn.set_type_codec("jsonb", schema="pg_catalog", encoder=str, decoder=str, format="text")
    return conn
