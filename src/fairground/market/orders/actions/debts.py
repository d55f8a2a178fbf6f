"""What the market advanced for refunds after receipt that a shop could not pay; its next income pays it back first."""

from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.kit.money import digits
from fairground.market.ledger.actions import allow_overdraft, post
from fairground.market.ledger.model import AccountKind, AccountRef, Posting, owned_account, system_account
from fairground.market.ledger.queries import map_balances
from fairground.market.orders.events import RefundedAfterReceipt
from fairground.market.orders.model import OrderRules
from fairground.market.shops.model import ShopId


async def room_of(tx: Tx, shop: AccountRef) -> int:
    """Tell how much a shop's account can give, its overdraft included."""
    floor = tx.given(OrderRules).overdraft_units * int(10 ** digits(shop.currency))
    balance = (await map_balances(tx, [shop]))[shop].amount
    # A limit made smaller binds only where the account stands above it.
    floor = max(floor, -balance)
    await allow_overdraft(tx, shop, -floor)
    return balance + floor


async def note_taken(tx: Tx, event: RefundedAfterReceipt, missing: int) -> bool:
    """Write down that a refund is taken out of a shop's money, and what the market advances; False if it was before."""
    is_new = await tx.execute(
        """
        insert into orders.taken_back (bucket, key, shop_id, order_id, currency, amount, missing, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8) on conflict (bucket, key) do nothing
        """,
        event.shop_id.bucket,
        event.key,
        event.shop_id,
        event.order_id,
        event.currency,
        event.held,
        missing,
        tx.now,
    )
    if is_new and missing:
        await _owe(tx, event, missing)
    return bool(is_new)


async def _owe(tx: Tx, event: RefundedAfterReceipt, missing: int) -> None:
    await tx.execute(
        """
        insert into orders.shop_debts as d (bucket, shop_id, currency, advanced, changed_at)
        values ($1, $2, $3, $4, $5)
        on conflict (bucket, shop_id, currency) do update
           set advanced = d.advanced + excluded.advanced, changed_at = excluded.changed_at
        """,
        event.shop_id.bucket,
        event.shop_id,
        event.currency,
        missing,
        tx.now,
    )


async def collect_debts(tx: Tx, shop_ids: Sequence[ShopId]) -> None:
    """Let shops that owe pay back out of what they have."""
    rows = await tx.rows(
        """
        select d.shop_id, d.currency, d.advanced - d.repaid as owed, d.repaid from orders.shop_debts d
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on d.bucket = t.b and d.shop_id = t.i
         where d.repaid < d.advanced order by d.bucket, d.shop_id, d.currency for no key update of d
        """,
        [i.bucket for i in shop_ids],
        list(shop_ids),
    )
    for row in rows:
        shop_id = ShopId(row["shop_id"])
        shop = owned_account(AccountKind.SHOP, shop_id, row["currency"])
        pays = min(row["owed"], (await map_balances(tx, [shop]))[shop].amount)
        if pays > 0:
            await _repay(tx, shop_id, shop, pays, row["repaid"])


async def _repay(tx: Tx, shop_id: ShopId, shop: AccountRef, amount: int, before: int) -> None:
    market = system_account(AccountKind.MARKET, shop_id.bucket, shop.currency)
    key = f"debt/{int(shop_id)}/{before}"
    await post(tx, [Posting(key, shop, market, amount, "orders.debt_repaid", shop_id)])
    await tx.execute(
        """
        update orders.shop_debts set repaid = repaid + $4, changed_at = $5
         where bucket = $1 and shop_id = $2 and currency = $3
        """,
        shop_id.bucket,
        shop_id,
        shop.currency,
        amount,
        tx.now,
    )
