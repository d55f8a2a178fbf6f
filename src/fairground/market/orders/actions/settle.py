"""Settlement: the money of a received order crosses from the buyer's bucket to the shop's, as two deeds with one key.

What was held goes through payments; what the market adds (its share of promotions) is posted here. So does what comes
back by a refund after receipt; what the shop cannot pay of it, even with its overdraft, the market advances.
"""

from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.market.ledger.actions import post
from fairground.market.ledger.model import AccountKind, AccountRef, Posting, owned_account, system_account
from fairground.market.orders.actions.debts import collect_debts, note_taken, room_of
from fairground.market.orders.events import OrderReceived, RefundedAfterReceipt
from fairground.market.payments.actions.release import release_to_shops, take_from_shops
from fairground.market.payments.model import PaymentId, Release, TakeBack
from fairground.market.shops.model import ShopId


async def settle_shops(tx: Tx, events: Sequence[OrderReceived]) -> None:
    """Pay the shops for received orders, in the shops' buckets; the same order a second time changes nothing."""
    await release_to_shops(tx, [release_of(event) for event in events if event.held])
    await post(tx, [posting for event in events for posting in subsidy_in(event)])
    await collect_debts(tx, sorted({ShopId(event.shop_id) for event in events}))


def release_of(event: OrderReceived) -> Release:
    """Tell what becomes of the held money; commission that exceeds it comes out of the subsidy."""
    return Release(
        key=f"order/{int(event.order_id)}",
        payment_id=PaymentId(event.payment_id),
        order_id=event.order_id,
        shop_id=event.shop_id,
        amount=event.held,
        commission=min(event.commission, event.held),
        currency=event.currency,
    )


def subsidy_out(event: OrderReceived) -> list[Posting]:
    """The market's share leaves the market's own money, in the buyer's bucket."""
    if not event.subsidy:
        return []
    bucket = event.order_id.bucket
    market = system_account(AccountKind.MARKET, bucket, event.currency)
    clearing = system_account(AccountKind.CLEARING, bucket, event.currency)
    return [_posting(event, "out", market, clearing, event.subsidy)]


def subsidy_in(event: OrderReceived) -> list[Posting]:
    """The market's share reaches the shop, less the commission that the held money did not cover."""
    if not event.subsidy:
        return []
    bucket = event.shop_id.bucket
    clearing = system_account(AccountKind.CLEARING, bucket, event.currency)
    shop = owned_account(AccountKind.SHOP, event.shop_id, event.currency)
    earned = system_account(AccountKind.COMMISSION, bucket, event.currency)
    rest = max(0, event.commission - event.held)
    postings = [_posting(event, "in", clearing, shop, event.subsidy)]
    return [*postings, _posting(event, "commission", shop, earned, rest)] if rest else postings


def _posting(event: OrderReceived, step: str, debit: AccountRef, credit: AccountRef, amount: int) -> Posting:
    return Posting(f"subsidy/{int(event.order_id)}/{step}", debit, credit, amount, "orders.subsidy", event.order_id)


async def take_back_from_shop(tx: Tx, event: RefundedAfterReceipt) -> None:
    """Take a refund after receipt out of the shop's money, in its bucket; a second time changes nothing."""
    shop = owned_account(AccountKind.SHOP, event.shop_id, event.currency)
    missing = max(event.from_shop - await room_of(tx, shop), 0) if event.from_shop else 0
    if not await note_taken(tx, event, missing):
        return
    # What the shop cannot pay is missed first in what goes to the buyer, then in what the market would get back.
    short = min(missing, event.held - event.from_commission - event.from_market)
    await take_from_shops(tx, [_taken(event, short)])
    await post(tx, _subsidy_back(event, shop, event.subsidy - (missing - short)))


def _taken(event: RefundedAfterReceipt, short: int) -> TakeBack:
    return TakeBack(
        key=event.key,
        payment_id=PaymentId(event.payment_id),
        order_id=event.order_id,
        shop_id=ShopId(event.shop_id),
        from_shop=event.held - event.from_commission - event.from_market - short,
        from_commission=event.from_commission,
        currency=event.currency,
        from_market=event.from_market + short,
    )


def _subsidy_back(event: RefundedAfterReceipt, shop: AccountRef, amount: int) -> list[Posting]:
    if not amount:
        return []
    market = system_account(AccountKind.MARKET, event.shop_id.bucket, event.currency)
    return [Posting(f"subsidy/{event.key}/back", shop, market, amount, "orders.subsidy_returned", event.order_id)]
