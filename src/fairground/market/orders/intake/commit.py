"""Commit prepared checkouts together: decide who gets what, then write it all with one statement for each table.

The number of statements does not depend on the number of checkouts. Arrival decides: the order in which checkouts stand
in the batch. Nothing is left of a refused one, not even its idempotency key.
"""

import secrets
from collections.abc import Sequence
from typing import Final

from fairground.kit.db import Tx
from fairground.kit.errors import Trouble, Unavailable
from fairground.kit.idempotency import KeyReused
from fairground.kit.place import Place
from fairground.market.cart.actions import remove_bought
from fairground.market.catalog.model import ProductId, VariantId
from fairground.market.catalog.queries.products import map_versions
from fairground.market.inventory.actions import take
from fairground.market.inventory.model import Claim
from fairground.market.inventory.model import Refused as NoStock
from fairground.market.orders.actions.pay import pay_orders
from fairground.market.orders.errors import CouponGone, DropLimit, OutOfStock, PriceChanged
from fairground.market.orders.intake.keys import drop_keys, find_answers, keep_keys
from fairground.market.orders.intake.prepared import Outcome, Placed, PreparedCheckout
from fairground.market.orders.intake.write import NewCheckout, NewOrder, answer_of, write_checkouts
from fairground.market.orders.model import CheckoutId, OrderId, make_number
from fairground.market.orders.model.numbers import ROOM
from fairground.market.payments.actions.open import open_payments
from fairground.market.payments.model import NewPart, NewPayment, PaymentId
from fairground.market.promotions.actions.drop_use import use_drops
from fairground.market.promotions.actions.use import use_coupons
from fairground.market.promotions.model import (
    CouponClaim,
    CouponId,
    CouponUse,
    DropClaim,
    DropReason,
    DropRefused,
    DropTaking,
)
from fairground.market.promotions.model import Refused as NoCoupon

ALLOTMENTS: Final = 4  # coupons, quotas and pieces are decided anew where pieces ran out under one of the former


async def commit(tx: Tx, prepared: Sequence[PreparedCheckout]) -> list[Outcome]:
    """Place checkouts, any number at once; outcomes stand in the order of the checkouts.

    The same key twice, in this batch or before it, is placed once and answered twice.
    """
    firsts = {(p.buyer_id, p.arrival.key): i for i, p in reversed(list(enumerate(prepared)))}
    places = sorted(firsts.values())
    checkouts = {i: _with_ids(tx, prepared[i]) for i in places}
    answers = {i: _answer(tx, checkout) for i, checkout in checkouts.items()}
    new = await keep_keys(tx, [prepared[i].arrival for i in places], [answers[i] for i in places])
    fresh = [i for i, is_new in zip(places, new, strict=True) if is_new]
    outcomes = dict(
        zip(fresh, await _place(tx, [checkouts[i] for i in fresh], [answers[i] for i in fresh]), strict=True)
    )
    others = [i for i in range(len(prepared)) if i not in outcomes]
    kept = [i for i in others if firsts[prepared[i].buyer_id, prepared[i].arrival.key] not in outcomes]
    outcomes |= await _kept(tx, prepared, kept)
    for i in others:
        first = firsts[prepared[i].buyer_id, prepared[i].arrival.key]
        outcomes.setdefault(i, _again(outcomes[first], prepared[first], prepared[i]))
    return [outcomes[i] for i in range(len(prepared))]


async def _kept(tx: Tx, prepared: Sequence[PreparedCheckout], places: Sequence[int]) -> dict[int, Outcome]:
    found = await find_answers(tx, [prepared[i].arrival for i in places])
    assert None not in found, "a key that conflicts is there"
    return {i: outcome for i, outcome in zip(places, found, strict=True) if outcome is not None}


def _with_ids(tx: Tx, prepared: PreparedCheckout) -> NewCheckout:
    bucket = prepared.buyer_id.bucket
    notes = prepared.arrival.request.notes
    return NewCheckout(
        tx.new_id(CheckoutId, bucket),
        tx.new_id(PaymentId, bucket),
        prepared,
        tuple(
            NewOrder(
                tx.new_id(OrderId, bucket),
                make_number(bucket, secrets.randbelow(ROOM)),
                shop,
                notes.get(shop.slug, "").strip(),
            )
            for shop in prepared.quote.shops
        ),
    )


def _answer(tx: Tx, checkout: NewCheckout) -> dict[str, object]:
    return answer_of(checkout, f"{tx.given(Place).url}/pay/{int(checkout.payment_id)}")


def _again(outcome: Outcome, first: PreparedCheckout, second: PreparedCheckout) -> Outcome:
    """Answer the same key a second time within one batch."""
    if isinstance(outcome, Placed):
        if first.arrival.print != second.arrival.print:
            return KeyReused()
        return Placed(outcome.answer, replayed=True)
    return outcome


async def _place(tx: Tx, checkouts: Sequence[NewCheckout], answers: Sequence[dict[str, object]]) -> list[Outcome]:
    if not checkouts:
        return []
    refused = await _look_again(tx, checkouts)
    await _allot(tx, checkouts, refused)
    placed = [c for c in checkouts if c.id not in refused]
    if placed:
        await write_checkouts(tx, placed)
        await open_payments(tx, [_payment_of(tx, checkout) for checkout in placed])
        await _empty_carts(tx, placed)
        await pay_orders(tx, [order.id for c in placed if not c.amount for order in c.orders])
    await drop_keys(tx, [c.prepared.arrival for c in checkouts if c.id in refused])
    return [refused.get(c.id) or Placed(answer) for c, answer in zip(checkouts, answers, strict=True)]


async def _look_again(tx: Tx, checkouts: Sequence[NewCheckout]) -> dict[CheckoutId, Trouble]:
    """Refuse what was priced from goods that have changed since, or are not on sale any more."""
    versions = await map_versions(tx, {ProductId(i) for c in checkouts for i in c.prepared.versions})
    refused: dict[CheckoutId, Trouble] = {}
    for checkout in checkouts:
        changed = [
            {"variant_id": str(int(line.variant_id))}
            for order in checkout.orders
            for line in order.shop.lines
            if versions.get(ProductId(line.product_id)) != line.product_version
        ]
        if changed:
            refused[checkout.id] = PriceChanged(lines=changed)
    return refused


async def _allot(tx: Tx, checkouts: Sequence[NewCheckout], refused: dict[CheckoutId, Trouble]) -> None:
    """Give out coupons, drops' quotas and then pieces; notes in `refused` who gets none.

    Limits come first, so that somebody past one pins no pieces. Where pieces ran out for one who had got a coupon or
    a part of a quota, all is given out anew without that one: it never was used, and may be somebody else's.
    """
    for _ in range(ALLOTMENTS):
        wanted = [c for c in checkouts if c.id not in refused]
        limited = [c for c in wanted if c.prepared.quote.coupons or c.prepared.drops]
        if not limited:
            refused |= await _take_pieces(tx, wanted)
            return
        try:
            async with tx.savepoint():
                past = await _use_coupons(tx, [c for c in limited if c.prepared.quote.coupons])
                over = await _use_drops(tx, [c for c in limited if c.prepared.drops and c.id not in past])
                gone = await _take_pieces(tx, [c for c in wanted if c.id not in past and c.id not in over])
                had_coupon = {c.id for c in limited if c.prepared.quote.coupons}
                wasted = {c.id: gone[c.id] for c in limited if c.id in gone}
                wasted |= {i: trouble for i, trouble in over.items() if i in had_coupon}
                if wasted:
                    raise _AnewWithout(wasted)
                refused |= past | over | gone
                return
        except _AnewWithout as anew:
            refused |= anew.refused
    refused |= {c.id: Unavailable(retry_after=1) for c in checkouts if c.id not in refused}


class _AnewWithout(Exception):
    """Some were refused after they had got a coupon or a part of a quota."""

    def __init__(self, refused: dict[CheckoutId, Trouble]) -> None:
        super().__init__()
        self.refused = refused


async def _use_coupons(tx: Tx, checkouts: Sequence[NewCheckout]) -> dict[CheckoutId, Trouble]:
    claims = [CouponClaim(c.id, c.prepared.buyer_id, _uses_of(c)) for c in checkouts]
    answers = await use_coupons(tx, claims)
    return {
        CheckoutId(answer.claim_id): CouponGone(coupon_id=str(int(answer.coupon_id)), reason=str(answer.reason))
        for answer in answers
        if isinstance(answer, NoCoupon)
    }


def _uses_of(checkout: NewCheckout) -> tuple[CouponUse, ...]:
    uses = []
    for order in checkout.orders:
        saved: dict[CouponId, int] = {}
        for line in order.shop.lines:
            for share in line.shares:
                if share.code in checkout.prepared.quote.coupons:
                    coupon_id = CouponId(int(share.code))
                    saved[coupon_id] = saved.get(coupon_id, 0) + share.amount
        uses += [CouponUse(coupon_id, order.id, amount) for coupon_id, amount in sorted(saved.items())]
    return tuple(uses)


async def _use_drops(tx: Tx, checkouts: Sequence[NewCheckout]) -> dict[CheckoutId, Trouble]:
    claims = [
        DropClaim(
            c.id,
            c.prepared.buyer_id,
            tuple(
                DropTaking(c.prepared.drops[line.variant_id], line.variant_id, order.id, line.quantity)
                for order in c.orders
                for line in order.shop.lines
                if line.variant_id in c.prepared.drops
            ),
        )
        for c in checkouts
    ]
    answers = await use_drops(tx, claims)
    return {CheckoutId(answer.claim_id): _no_drop(answer) for answer in answers if isinstance(answer, DropRefused)}


def _no_drop(refused: DropRefused) -> Trouble:
    variant_id = str(int(refused.variant_id))
    if refused.reason is DropReason.NOT_NOW:  # it ended, or was stopped, since it was priced
        return PriceChanged(lines=[{"variant_id": variant_id}])
    kind = DropLimit if refused.reason is DropReason.OVER_LIMIT else OutOfStock
    return kind(variants=[{"variant_id": variant_id, "left": refused.left}])


async def _take_pieces(tx: Tx, checkouts: Sequence[NewCheckout]) -> dict[CheckoutId, Trouble]:
    if not checkouts:
        return {}
    claims = [
        Claim(c.id, tuple((line.variant_id, line.quantity) for order in c.orders for line in order.shop.lines))
        for c in checkouts
    ]
    return {
        CheckoutId(answer.claim_id): OutOfStock(
            variants=[{"variant_id": str(int(m.variant_id)), "left": m.left} for m in answer.missing]
        )
        for answer in await take(tx, claims)
        if isinstance(answer, NoStock)
    }


def _payment_of(tx: Tx, checkout: NewCheckout) -> NewPayment:
    return NewPayment(
        id=checkout.payment_id,
        checkout_id=checkout.id,
        payer_id=checkout.prepared.buyer_id,
        gateway=checkout.prepared.gateway,
        currency=checkout.currency,
        expires_at=checkout.pay_by(tx.now),
        parts=tuple(NewPart(order.id, order.shop.total) for order in checkout.orders),
    )


async def _empty_carts(tx: Tx, placed: Sequence[NewCheckout]) -> None:
    ordered = [
        (c.prepared.buyer_id, VariantId(line.variant_id))
        for c in placed
        if c.prepared.from_cart
        for order in c.orders
        for line in order.shop.lines
    ]
    if ordered:
        await remove_bought(tx, ordered)
