"""Settlement: the money of a received order crosses from the buyer's bucket to the shop's, as two deeds with one key.

What was held goes through payments; what the market adds (its share of promotions) is posted here.
"""

from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.market.ledger.actions import post
from fairground.market.ledger.model import AccountKind, AccountRef, Posting, owned_account, system_account
from fairground.market.orders.events import OrderReceived
from fairground.market.payments.actions.release import release_to_shops
from fairground.market.payments.model import PaymentId, Release


async def settle_shops(tx: Tx, events: Sequence[OrderReceived]) -> None:
    """Pay the shops for received orders, in the shops' buckets; the same order a second time changes nothing."""
    await release_to_shops(tx, [release_of(event) for event in events if event.held])
    await post(tx, [posting for event in events for posting in subsidy_in(event)])


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
