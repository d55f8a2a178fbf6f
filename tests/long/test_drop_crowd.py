"""Five thousand buyers, five hundred pieces, four web processes: just five hundred are sold, one to a person."""

import random
from collections.abc import Sequence
from typing import Any, Final

import pytest

from fairground.app.audit import audit
from fairground.app.outfit import Outfit
from fairground.app.seed.fill import Wanted
from fairground.cli.bench.cast import Cast, checkout, engage
from fairground.cli.bench.load import Shot, fire
from fairground.cli.bench.stage import Stage, open_stage
from fairground.kit.ids import Id
from fairground.market.inventory.actions import set_stock
from fairground.market.orders.model.quote import AskedLine
from fairground.market.promotions.model import GoodsWish
from tests.support.drops import MARKET, drop_draft, open_drop

pytestmark = pytest.mark.long
BUYERS: Final = 5_000
PIECES: Final = 500
TRIES: Final = 2  # of each buyer, with a key of its own
CONNECTIONS: Final = 128
PRICE: Final = 100


async def _open(outfit: Outfit, stage: Stage) -> Sequence[Shot]:
    """Open a drop of all the pieces there are, and let everybody line up, each as often as they try."""
    cast = await engage(outfit, Wanted(1, 1, BUYERS, 0))
    stall = cast.seeded.stalls[0]
    variant_id = stall.variant_ids[0]
    await outfit.db.write(MARKET, lambda tx: set_stock(tx, variant_id, PIECES))
    goods = GoodsWish(variant_id, PRICE, PIECES, 1)
    await open_drop(outfit.db, stall.shop_id, drop_draft(outfit.db, goods))
    return _line_up(cast, stage.port, variant_id)


def _line_up(cast: Cast, port: int, variant_id: Id) -> Sequence[Shot]:
    shots = []
    for buyer, token in zip(cast.seeded.buyers, cast.tokens, strict=True):
        # The last try of every tenth is greedy: two pieces, where one is allowed.
        for number in range(TRIES):
            pieces = 2 if number and len(shots) % 10 == 1 else 1
            shots.append(checkout(port, token, int(buyer.address_id), [AskedLine(variant_id, pieces)]))  # type: ignore[arg-type]
    random.Random(20261122).shuffle(shots)
    return shots


async def _count(outfit: Outfit) -> dict[str, Any]:
    row = await outfit.db.read(
        lambda r: r.row(
            """
            select (select count(*) from orders.orders) as orders,
                   (select count(distinct buyer_id) from orders.orders) as buyers,
                   (select sum(quantity) from orders.lines) as pieces,
                   (select max(paid) from orders.lines) as price,
                   (select min(on_hand) from inventory.stock) as left,
                   (select count(*) from payments.payments) as payments,
                   (select count(*) from kit.idempotency) as keys
            """
        )
    )
    assert row is not None
    return dict(row)


def test_five_thousand_buyers_of_five_hundred_pieces_over_four_processes() -> None:
    with open_stage(web_processes=4) as stage:
        shots = stage.with_outfit(lambda outfit: _open(outfit, stage))
        stage.start("serve")
        volley = fire(stage.port, shots, connections=CONNECTIONS, seconds=110, once=True)
        stage.stop()
        sold = stage.with_outfit(_count)
        findings = stage.with_outfit(lambda outfit: audit(outfit.db))
    assert volley.answered == BUYERS * TRIES
    assert volley.statuses == {"201": PIECES, "409": BUYERS * TRIES - PIECES}
    assert (sold["orders"], sold["buyers"], sold["pieces"], sold["left"]) == (PIECES, PIECES, PIECES, 0)
    assert (sold["payments"], sold["keys"], sold["price"]) == (PIECES, PIECES, PRICE)
    assert findings == []
