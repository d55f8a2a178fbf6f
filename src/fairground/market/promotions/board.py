"""The board: what a process keeps in memory about the drops that are announced or open.

Refreshed about once a second by one task of a web process, it answers for prices, for what is left and for waiting
rooms without the database. A board that could not be refreshed for some seconds says nothing: then the database
decides, as it always does in the end. That nothing is missing from a fresh board is due to the announcement: terms
never change after it, and it comes long before the beginning.
"""

import asyncio
import contextlib
import time
from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final

import structlog

from fairground.kit.actor import system
from fairground.kit.db import Database, Reader
from fairground.kit.errors import Unavailable
from fairground.kit.ids import Id
from fairground.market.catalog.model import Offer, ProductCard, ProductId, VariantId
from fairground.market.catalog.queries import map_product_cards
from fairground.market.catalog.queries.products import map_offers
from fairground.market.promotions.actions.rooms import open_rooms
from fairground.market.promotions.model import DropFace, DropGoods, DropId, DropOffer, DropRoom
from fairground.market.promotions.queries.drops import LIVE_MOST, list_drop_buyers, list_live_drops, map_drop_prices
from fairground.market.shops.model import ShopCard, ShopId
from fairground.market.shops.queries import map_shops

EVERY: Final = 1.0  # seconds between two refreshes
NAMES_EVERY: Final = 30  # refreshes between two looks at what goods and shops are called
STALE: Final = 5.0  # seconds after which a board says nothing
BUYERS_MOST: Final = 50_000  # of one variant; with more, sold out is told by the database
log = structlog.get_logger(__name__)


class Board:
    """Drops in memory; `knows` tells whether what the rest says can be relied upon."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._seen_at: float | None = None
        self._horizon: datetime | None = None  # drops that begin from here on may be missing
        self._faces: dict[DropId, DropFace] = {}
        self._by_variant: dict[Id, list[tuple[DropFace, DropGoods]]] = {}
        self._buyers: dict[tuple[DropId, Id], tuple[int, frozenset[Id]]] = {}
        self._offers: dict[VariantId, Offer] = {}
        self._products: dict[ProductId, ProductCard] = {}
        self._shops: dict[ShopId, ShopCard] = {}
        self._rounds = 0

    def knows(self, now: datetime) -> bool:
        """Tell whether the board is fresh, so that a drop it does not show is none."""
        fresh = self._seen_at is not None and self._clock() - self._seen_at <= STALE
        return fresh and (self._horizon is None or now < self._horizon)

    def faces(self) -> list[DropFace]:
        """List the announced drops that had not ended when the board was refreshed, what begins first first."""
        return list(self._faces.values())

    def face(self, drop_id: DropId) -> DropFace | None:
        """Find a drop with its goods and what is left of them."""
        return self._faces.get(drop_id)

    def room(self, drop_id: DropId) -> DropRoom | None:
        """Find the row of a drop's waiting room."""
        face = self._faces.get(drop_id)
        return None if face is None else face.room

    def goods(self, variant_id: Id) -> Offer | None:
        """Find what a variant on the board is: title, picture, its own price; up to half a minute old."""
        return self._offers.get(VariantId(variant_id))

    def product(self, product_id: Id) -> ProductCard | None:
        """Find a product on the board, with its titles in other languages; up to half a minute old."""
        return self._products.get(ProductId(product_id))

    def shop(self, shop_id: ShopId) -> ShopCard | None:
        """Find the shop of a drop on the board; up to half a minute old."""
        return self._shops.get(shop_id)

    def price_of(self, variant_id: Id, now: datetime) -> DropOffer | None:
        """Find the open drop that sells a variant."""
        for face, goods in self._by_variant.get(variant_id, ()):
            if face.drop.is_open_at(now):
                return DropOffer(face.drop, goods, face.room)
        return None

    def is_sold_out(self, variant_id: Id, now: datetime, person_id: Id | None = None) -> bool:
        """Tell whether a variant's drop has nothing left; of somebody who bought there nothing is said.

        They may be asking again for the answer that they never heard, and that the database keeps.
        """
        if not self.knows(now):
            return False
        offer = self.price_of(variant_id, now)
        if offer is None or offer.goods.left > 0:
            return False
        turn, buyers = self._buyers.get((offer.drop.id, variant_id), (-1, frozenset()))
        return turn == offer.goods.turn and person_id not in buyers

    def rooms_due(self, now: datetime) -> list[DropId]:
        """List the waiting rooms whose drop has begun and whose shuffle is not drawn yet."""
        return [
            face.id
            for face in self._faces.values()
            if face.room is not None and face.room.opened_at is None and face.drop.is_open_at(now)
        ]

    async def refresh(self, db: Database) -> None:
        """Look at the database once; opens the waiting rooms that are due.

        Raises:
            Unavailable: the database does not answer; the board stays as it was.
        """
        began = self._clock()
        await db.read(self._look)
        due = self.rooms_due(db.clock.now())
        if due:
            await db.write(system("drops"), lambda tx: open_rooms(tx, due))
            await db.read(self._look)
        self._seen_at = began

    async def _look(self, reader: Reader) -> None:
        faces = await list_live_drops(reader)
        buyers = {}
        for face in faces:
            for goods in face.goods:
                if goods.left == 0 and goods.quota <= BUYERS_MOST:
                    buyers[face.id, goods.variant_id] = await self._buyers_of(reader, face.id, goods)
        await self._name(reader, faces)
        by_variant: dict[Id, list[tuple[DropFace, DropGoods]]] = {}
        for face in faces:
            for goods in face.goods:
                by_variant.setdefault(goods.variant_id, []).append((face, goods))
        self._faces, self._by_variant, self._buyers = {face.id: face for face in faces}, by_variant, buyers
        self._horizon = faces[-1].drop.starts_at if len(faces) == LIVE_MOST else None

    async def _name(self, reader: Reader, faces: list[DropFace]) -> None:
        """Read what pages say about goods and shops: of new ones at once, of all of them now and then."""
        variants = {VariantId(goods.variant_id) for face in faces for goods in face.goods}
        if variants <= self._offers.keys() and self._rounds % NAMES_EVERY:
            self._rounds += 1
            return
        self._rounds += 1
        self._offers = await map_offers(reader, variants)
        products = {ProductId(goods.product_id) for face in faces for goods in face.goods}
        self._products = await map_product_cards(reader, products)
        shops = {face.drop.shop_id for face in faces}
        self._shops = await map_shops(reader, shops) if shops else {}

    async def _buyers_of(self, reader: Reader, drop_id: DropId, goods: DropGoods) -> tuple[int, frozenset[Id]]:
        """Read who bought, once for each time that something changed: after the goods, so that nobody is missing."""
        known = self._buyers.get((drop_id, goods.variant_id))
        if known is not None and known[0] == goods.turn:
            return known
        return goods.turn, frozenset(await list_drop_buyers(reader, drop_id, goods.variant_id))


async def drop_offers(reader: Reader, variant_ids: Iterable[Id]) -> dict[Id, DropOffer]:
    """Map variants to the open drops that sell them: from the board of this process, or else from the database."""
    board, wanted = reader.given(Board), set(variant_ids)
    if not board.knows(reader.now):
        return await map_drop_prices(reader, wanted) if wanted else {}
    return {i: offer for i in wanted if (offer := board.price_of(i, reader.now)) is not None}


async def keep_board(board: Board, db: Database, stop: asyncio.Event) -> None:
    """Refresh a board about once a second until told to stop."""
    while not stop.is_set():
        try:
            await board.refresh(db)
        except Unavailable:
            log.info("the board of drops waits for the database")
        except Exception:
            log.exception("the board of drops was not refreshed")
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(stop.wait(), EVERY)
