"""What a refund by after-sale takes of an order and of each of its lines. Pure."""

from collections.abc import Mapping, Sequence

import msgspec

from fairground.kit.ids import Id
from fairground.kit.money import split
from fairground.market.orders.model.order import Order, OrderLine
from fairground.market.orders.model.states import HOLDING, OrderId


class CaseRefund(msgspec.Struct, frozen=True):
    """A refund that a case ended in, once per key. `amount` in minor units: at most so much, and never more than left.

    `is_back`: the goods came back sound. `by_market`: the market bears it and not the shop.
    """

    order_id: OrderId
    positions: tuple[int, ...]
    amount: int
    key: str
    reason: str = ""
    is_back: bool = False
    by_market: bool = False


class Division(msgspec.Struct, frozen=True):
    """What becomes of an order: how much goes back, of which lines; which pieces are stock again; whether it closes."""

    amount: int
    by_line: dict[int, int]
    returned: tuple[int, ...]
    closes: bool


def left_of_lines(order: Order, lines: Sequence[OrderLine]) -> dict[int, int]:
    """Tell what can still be refunded of each line: what was paid for it and its share of the freight, less refunds."""
    freight = split(order.shipping, [line.paid for line in lines])
    return {
        line.position: max(line.paid + share - line.refunded, 0) for line, share in zip(lines, freight, strict=True)
    }


def divide(order: Order, lines: Sequence[OrderLine], packed: Mapping[Id, int], wish: CaseRefund) -> Division:
    """Share a refund over its lines in proportion to what is left of each (largest remainder)."""
    left = left_of_lines(order, lines)
    named = [position for position in wish.positions if position in left]
    amount = min(wish.amount, sum(left[position] for position in named), order.total - order.refunded)
    by_line = dict(zip(named, split(amount, [left[position] for position in named]), strict=True)) if amount else {}
    closes = order.state in HOLDING and amount == order.total - order.refunded
    returned = []
    for line in lines:
        is_packed = packed.get(Id(line.position), 0) > 0
        is_paid_back = closes or 0 < by_line.get(line.position, 0) == left[line.position]
        is_back = (wish.is_back and line.position in named) if is_packed else is_paid_back
        if is_back and not line.returned:
            returned.append(line.position)
    return Division(amount, by_line, tuple(returned), closes)


def owed_pieces(order: Order, lines: Sequence[OrderLine], packed: Mapping[Id, int]) -> dict[int, int]:
    """Tell how many pieces of each line the shop still has to pack; those paid back are not owed any more."""
    left = left_of_lines(order, lines)
    return {
        line.position: 0
        if line.returned or (line.refunded and not left[line.position])
        else line.quantity - packed.get(Id(line.position), 0)
        for line in lines
    }
