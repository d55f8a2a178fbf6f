"""The board of a web process: refreshed by a task that lives as long as the process, and survives the database."""

import asyncio
from typing import Any

from fairground.kit.db import Database
from fairground.kit.errors import Unavailable
from fairground.market.orders.errors import OutOfStock
from fairground.market.orders.intake.gate import Gate
from fairground.market.orders.intake.prepared import Arrival
from fairground.market.orders.model.quote import AskedLine, CheckoutRequest
from fairground.market.promotions.actions.drop_use import use_drops
from fairground.market.promotions.board import Board, drop_offers, keep_board
from fairground.market.promotions.line import Line
from tests.support.catalog import make_product
from tests.support.drops import MARKET, drop_claim, drop_draft, open_drop
from tests.support.promotions import person_id
from tests.support.shops import make_shop
from tests.support.statements import statements
from tests.support.web import Market


class Refreshed(Board):
    """A board that tells when it was refreshed, and whose database may be away."""

    def __init__(self) -> None:
        super().__init__()
        self.times: asyncio.Queue[bool] = asyncio.Queue()
        self.away = False

    async def refresh(self, db: Database) -> None:
        try:
            if self.away:
                raise Unavailable
            await super().refresh(db)
        finally:
            self.times.put_nowait(not self.away)


async def test_a_process_fills_its_board_at_the_start_and_lets_it_go_at_the_end(db: Database) -> None:
    shop = await make_shop(db)
    face = await open_drop(db, shop.id, drop_draft(db, await make_product(db, shop)))
    line = Line(db)
    await line.start()
    assert line.board is db.given(Board)
    assert line.board.faces() == [face]
    assert line.board.shop(shop.id) is not None
    assert (offer := line.board.goods(face.goods[0].variant_id)) is not None
    assert offer.title == "Teapot"
    await line.stop()
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "board of drops"]


async def test_a_board_is_kept_fresh_though_the_database_is_away_for_a_while(db: Database) -> None:
    board, stop = Refreshed(), asyncio.Event()
    board.away = True
    keeping = asyncio.create_task(keep_board(board, db, stop))
    assert not await asyncio.wait_for(board.times.get(), 5)
    assert not board.knows(db.clock.now())
    board.away = False
    assert await asyncio.wait_for(board.times.get(), 5)
    assert board.knows(db.clock.now())
    stop.set()
    await keeping


async def test_a_fresh_board_answers_prices_without_a_statement_and_a_stale_one_asks(db: Database) -> None:
    shop = await make_shop(db)
    pot, jug = await make_product(db, shop), await make_product(db, shop)
    await open_drop(db, shop.id, drop_draft(db, pot))
    wanted = [pot.variants[0].id, jug.variants[0].id]
    with statements() as asked:
        from_rows = await db.read(lambda r: drop_offers(r, wanted))
    await db.given(Board).refresh(db)
    with statements() as told:
        from_memory = await db.read(lambda r: drop_offers(r, wanted))
    assert from_rows == from_memory
    assert list(from_memory) == [wanted[0]]
    assert (len(asked), len(told)) == (1, 0)


async def test_the_gate_refuses_what_is_sold_out_without_a_statement_but_no_buyer(db: Database) -> None:
    shop, winner = await make_shop(db), person_id(db)
    pot = await make_product(db, shop)
    face = await open_drop(db, shop.id, drop_draft(db, pot, quota=1))
    board, gate = db.given(Board), Gate(db)

    def knock(who: Any, key: str = "key") -> OutOfStock | None:
        request = CheckoutRequest(lines=(AskedLine(pot.variants[0].id, 1),))
        try:
            gate.pass_or_refuse(Arrival(who, "en", request, key, b"", "192.0.2.1"))
        except OutOfStock as trouble:
            return trouble
        return None

    await board.refresh(db)
    assert knock(person_id(db)) is None
    await db.write(MARKET, lambda tx: use_drops(tx, [drop_claim(db, winner, face)]))
    assert knock(person_id(db)) is None  # not seen yet: the database will say it
    await board.refresh(db)
    with statements() as seen:
        assert knock(person_id(db)) is not None
        assert knock(winner) is None
    assert seen == []


async def test_a_running_market_has_a_fresh_board_from_its_first_request_on(market: Market) -> None:
    assert market.db.given(Board).knows(market.db.clock.now())
    assert [task for task in asyncio.all_tasks() if task.get_name() == "board of drops"]
