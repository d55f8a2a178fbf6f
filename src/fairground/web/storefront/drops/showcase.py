"""The showcase: drops with their things for pages, from the board, which is in memory.

What is not on the board (a drop that is over, or every drop while the board cannot be relied upon) is looked up, and
kept here for a little while: also a crowd that comes too late, or in a bad moment, costs a few looks a second.
"""

import asyncio
import time
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from fairground.kit.db import Database, Reader
from fairground.market.catalog.model import Offer, ProductCard, ProductId, VariantId
from fairground.market.catalog.queries import map_product_cards
from fairground.market.catalog.queries.products import map_offers
from fairground.market.promotions.board import Board
from fairground.market.promotions.errors import DropNotFound
from fairground.market.promotions.model import DropFace, DropId
from fairground.market.promotions.queries.drops import LIVE_MOST, find_drop, list_live_drops
from fairground.market.shops.model import ShopCard, ShopId
from fairground.market.shops.queries import map_shops

FRESH: Final = 30.0  # seconds that a thing is shown as it was looked up
PAST: Final = 2.0  # the same for drops that are not on the board: over, or it cannot be relied upon
KEPT: Final = 2 * LIVE_MOST  # of each
Key = TypeVar("Key")
Kept = TypeVar("Kept")


class Dressed(msgspec.Struct, frozen=True):
    """What is shown of drops: their shops, the products and the variants in them."""

    offers: dict[VariantId, Offer] = {}
    products: dict[ProductId, ProductCard] = {}
    shops: dict[ShopId, ShopCard] = {}


class Showcase:
    """Drops that are not on the board, in memory."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._dressed: dict[DropId, tuple[float, Dressed]] = {}
        self._past: dict[DropId, tuple[float, DropFace | None]] = {}
        self._live: tuple[float, list[DropFace]] | None = None
        self._pages: dict[tuple[str, str], tuple[DropFace, int, bytes]] = {}
        self._looking = asyncio.Lock()

    async def face(self, db: Database, drop_id: DropId) -> DropFace:
        """Find an announced drop, in whatever state: from the board, or else once in a while from the database.

        Raises:
            DropNotFound: there is none, or it is not announced.
        """
        board = db.given(Board)
        found = board.face(drop_id) if board.knows(db.clock.now()) else None
        found = found or await self._past_face(db, drop_id)
        if found is None or found.drop.announced_at is None:
            raise DropNotFound
        return found

    async def live(self, db: Database) -> list[DropFace]:
        """List the announced drops that are not over, what begins first first."""
        board, now = db.given(Board), db.clock.now()
        faces = board.faces() if board.knows(now) else await self._live_faces(db)
        return [face for face in faces if face.drop.ends_at > now and face.drop.cancelled_at is None]

    async def dress(self, db: Database, faces: Sequence[DropFace]) -> Dressed:
        """Give what is shown of some drops' goods: from the board, or else looked up once in a while."""
        board = db.given(Board)
        others = [face for face in faces if board.face(face.id) is None]
        if any(self._is_stale(face) for face in others):
            async with self._looking:
                await self._look(db, [face for face in others if self._is_stale(face)])
        return _together(
            self._dressed[face.id][1] if board.face(face.id) is None else _from_board(board, face) for face in faces
        )

    def page(self, path: str, language: str, face: DropFace, now: datetime) -> bytes | None:
        """Find the page that visitors were shown of a drop in this very second, with nothing changed since."""
        kept = self._pages.get((path, language))
        if kept is None or kept[0] is not face or kept[1] != int(now.timestamp()):
            return None
        return kept[2]

    def keep_page(self, path: str, language: str, face: DropFace, now: datetime, body: bytes) -> None:
        """Keep a visitor's page for the rest of the second: to make it costs more than all else together."""
        _keep(self._pages, (path, language), (face, int(now.timestamp()), body))

    def _is_stale(self, face: DropFace) -> bool:
        seen = self._dressed.get(face.id)
        return seen is None or self._clock() - seen[0] > FRESH

    async def _look(self, db: Database, faces: Sequence[DropFace]) -> None:
        if not faces:
            return
        found = await db.read(lambda reader: _look_up(reader, faces))
        now = self._clock()
        for face in faces:
            variants = {VariantId(goods.variant_id) for goods in face.goods}
            products = {ProductId(goods.product_id) for goods in face.goods}
            dressed = Dressed(
                {i: offer for i, offer in found.offers.items() if i in variants},
                {i: card for i, card in found.products.items() if i in products},
                {i: shop for i, shop in found.shops.items() if i == face.drop.shop_id},
            )
            _keep(self._dressed, face.id, (now, dressed))

    async def _past_face(self, db: Database, drop_id: DropId) -> DropFace | None:
        if (seen := self._seen(drop_id)) is None:
            async with self._looking:  # all who come at the same moment share one look
                if (seen := self._seen(drop_id)) is None:
                    seen = (self._clock(), await db.read(lambda reader: find_drop(reader, drop_id)))
                    _keep(self._past, drop_id, seen)
        return seen[1]

    def _seen(self, drop_id: DropId) -> tuple[float, DropFace | None] | None:
        seen = self._past.get(drop_id)
        return seen if seen is not None and self._clock() - seen[0] <= PAST else None

    async def _live_faces(self, db: Database) -> list[DropFace]:
        async with self._looking:
            if self._live is None or self._clock() - self._live[0] > PAST:
                self._live = (self._clock(), await db.read(list_live_drops))
            return self._live[1]


def _keep(kept: dict[Key, Kept], key: Key, value: Kept) -> None:
    """Keep something, and let go of what was kept first where there is too much."""
    kept.pop(key, None)
    if len(kept) >= KEPT:
        kept.pop(next(iter(kept)))
    kept[key] = value


def _from_board(board: Board, face: DropFace) -> Dressed:
    offers = {VariantId(g.variant_id): board.goods(g.variant_id) for g in face.goods}
    products = {ProductId(g.product_id): board.product(g.product_id) for g in face.goods}
    shop = board.shop(face.drop.shop_id)
    return Dressed(
        {i: offer for i, offer in offers.items() if offer is not None},
        {i: card for i, card in products.items() if card is not None},
        {} if shop is None else {shop.id: shop},
    )


async def _look_up(reader: Reader, faces: Sequence[DropFace]) -> Dressed:
    """Look up what faces show; three statements."""
    return Dressed(
        await map_offers(reader, [VariantId(goods.variant_id) for face in faces for goods in face.goods]),
        await map_product_cards(reader, [ProductId(goods.product_id) for face in faces for goods in face.goods]),
        await map_shops(reader, [face.drop.shop_id for face in faces]),
    )


def _together(parts: Iterable[Dressed]) -> Dressed:
    whole = Dressed({}, {}, {})
    for part in parts:
        whole.offers.update(part.offers)
        whole.products.update(part.products)
        whole.shops.update(part.shops)
    return whole
