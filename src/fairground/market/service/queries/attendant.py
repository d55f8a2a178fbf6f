"""The attendant: finds what answers a question, quotes it and links to it, and says nothing where nothing fits."""

from collections.abc import Sequence
from typing import Final

import msgspec
import structlog

from fairground.kit.db import Database, Reader
from fairground.kit.errors import Unavailable
from fairground.kit.ids import Id
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.queries import map_product_cards
from fairground.market.orders.model import OrderId
from fairground.market.orders.queries.orders import get_order, map_lines
from fairground.market.service.model.answers import (
    AttendantRules,
    Passage,
    Quote,
    Source,
    choose_passages,
    keep_quotes,
    nearness,
)
from fairground.market.service.model.tickets import About, AboutKind
from fairground.market.service.ports import Embedder, LanguageModel
from fairground.market.service.queries.answers import list_answers, list_rules, order_passage
from fairground.market.shops.model import ShopCard, ShopId
from fairground.market.shops.queries import find_shop_by_slug, map_shops

log = structlog.get_logger(__name__)
NEAR: Final = 0.75  # the cosine from which an answer in other words counts as found


class Surroundings(msgspec.Struct, frozen=True):
    """Where somebody stands who asks: at an order, a product, a shop; and what may be quoted there."""

    about: About = About()
    shop: ShopCard | None = None
    product_id: Id | None = None
    title: str = ""
    state: Passage | None = None  # of the order
    passages: tuple[Passage, ...] = ()


class Reply(msgspec.Struct, frozen=True):
    """What the attendant found; `quotes` were chosen by a language model, each out of its passage."""

    passages: list[Passage]
    quotes: list[Quote] = []


class Attendant:
    """Answers by retrieval; with an embedder also in other words, with a language model shorter. Both may be None."""

    def __init__(self, embedder: Embedder | None = None, model: LanguageModel | None = None) -> None:
        self._embedder = embedder
        self._model = model

    async def close(self) -> None:
        """Let go of the outside world."""
        for way in (self._embedder, self._model):
            if way is not None:
                await way.close()

    async def reply(self, db: Database, question: str, around: Surroundings) -> Reply:
        """Answer a question; no connection is held while the outside world is asked."""
        rules = db.given(AttendantRules)
        found = choose_passages(question, around.passages, rules)
        if not found and self._embedder is not None:
            found = await self._near(self._embedder, question, around.passages, rules)
        quotes = await self._quotes(question, found) if found else []
        return Reply(found, quotes)

    async def _near(
        self, embedder: Embedder, question: str, passages: Sequence[Passage], rules: AttendantRules
    ) -> list[Passage]:
        try:
            asked, *known = await embedder.embed([question, *(f"{p.title}\n{p.text}" for p in passages)])
        except Unavailable:
            log.warning("no embeddings")
            return []
        near = [(nearness(asked, vector), place) for place, vector in enumerate(known)]
        good = sorted((-score, place) for score, place in near if score >= NEAR)
        return [passages[place] for _, place in good[: rules.shown_most]]

    async def _quotes(self, question: str, found: Sequence[Passage]) -> list[Quote]:
        if self._model is None:
            return []
        try:
            return keep_quotes(await self._model.choose(question, found), found)
        except Unavailable:
            log.warning("no language model")
            return []


async def look_around(reader: Reader, about: About, person_id: Id | None, *, slug: str = "") -> Surroundings:
    """Tell what stands around somebody who asks.

    Raises:
        NotFound: the order is somebody else's.
    """
    shop_id, product_id, title, state, products = None, None, "", None, set[Id]()
    match about.kind:
        case AboutKind.ORDER:
            order = await get_order(reader, OrderId(about.id or 0), buyer_id=person_id or Id(0))
            shop_id, state = order.shop_id, order_passage(reader, order)
            products = {line.product_id for line in (await map_lines(reader, [order.id]))[order.id]}
            title = state.title
        case AboutKind.PRODUCT:
            card = (await map_product_cards(reader, [ProductId(about.id or 0)])).get(ProductId(about.id or 0))
            if card is not None:
                shop_id, product_id, title, products = card.shop_id, card.id, card.title, {card.id}
        case AboutKind.SHOP:
            shop_id = ShopId(about.id or 0)
    if slug:
        shop = await find_shop_by_slug(reader, slug)
        shop_id = None if shop is None else shop.id
    seen = {} if shop_id is None else await map_shops(reader, [shop_id])
    card_of_shop = None if shop_id is None else seen.get(shop_id)
    answers = await shop_passages(reader, card_of_shop, products) if card_of_shop is not None else []
    passages = (*([] if state is None else [state]), *answers, *list_rules(reader))
    return Surroundings(about, card_of_shop, product_id, title, state, passages)


async def shop_passages(reader: Reader, shop: ShopCard, products: set[Id]) -> list[Passage]:
    """List what a shop has answered for all its goods, and for these products."""
    return [
        Passage(Source.SHOP, a.question, a.answer, f"/p/{a.product_id}" if a.product_id else f"/s/{shop.slug}")
        for a in await list_answers(reader, shop.id)
        if a.product_id is None or a.product_id in products
    ]
