"""A drop as its templates see it."""

import hashlib
import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from fairground.kit.i18n.words import language
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.catalog.model import Offer, ProductId, VariantId
from fairground.market.promotions.model import DropFace, DropGoods, DropState
from fairground.market.shops.model import ShopCard
from fairground.web.storefront.drops.showcase import Dressed
from fairground.web.storefront.goods import foreign, kind_of

SECOND: Final = timedelta(seconds=1)
SOON, LATER, AFTER = 5, 30, 3  # seconds between two looks at a drop; spread over some seconds after a change
SAID: Final = 10  # beneath this many people before one, each is told


class GoodsView(msgspec.Struct, frozen=True, kw_only=True):
    """One thing in a drop."""

    id: Id
    href: str
    title: str
    lang: str | None
    options: str
    picture: Id | None
    kind: str | None
    price: Money
    before: Money | None  # what it costs otherwise
    left: int
    quota: int
    per_person: int
    sells: bool  # as far as shop and product go


class DropView(msgspec.Struct, frozen=True, kw_only=True):
    """A drop with its things, at a moment."""

    id: Id
    href: str
    title: str
    lang: str | None
    words: str
    state: DropState
    announced: bool
    has_room: bool
    per_minute: int
    pay_minutes: int
    starts_at: datetime
    ends_at: datetime
    now: datetime
    goods: tuple[GoodsView, ...]
    left: int
    quota: int
    in_line: int
    shop: ShopCard | None

    @property
    def is_open(self) -> bool:
        """Whether it sells."""
        return self.state is DropState.OPEN

    @property
    def is_coming(self) -> bool:
        """Whether it is still to begin."""
        return self.state is DropState.ANNOUNCED

    @property
    def is_over(self) -> bool:
        """Whether nothing is sold any more."""
        return not self.is_open and not self.is_coming

    @property
    def first(self) -> GoodsView | None:
        """What stands for it on a card."""
        return self.goods[0] if self.goods else None

    @property
    def least(self) -> GoodsView | None:
        """The cheapest thing in it."""
        return min(self.goods, key=lambda goods: goods.price.amount, default=None)

    @property
    def mark(self) -> str:
        """Tell apart what a page must be made anew for: where the drop stands, and what of it is sold out."""
        gone = ",".join(str(int(goods.left > 0)) for goods in self.goods)
        return hashlib.sha256(f"{self.state}:{gone}".encode()).hexdigest()[:8]

    @property
    def begins_in(self) -> int:
        """In how many seconds it begins, spread over some: when a page without a script is loaded again."""
        return max(1, -((self.now - self.starts_at) // SECOND)) + secrets.randbelow(AFTER)

    @property
    def look_again(self) -> int:
        """In how many seconds a page should look again, so that not all look in the same second."""
        change = {DropState.ANNOUNCED: self.starts_at, DropState.OPEN: self.ends_at}.get(self.state)
        if change is None:
            return 0
        usual = LATER if self.is_coming else SOON
        return max(1, min(usual, -((self.now - change) // SECOND))) + secrets.randbelow(AFTER)


def drop_view(face: DropFace, dressed: Dressed, now: datetime) -> DropView:
    """Make a drop ready to be shown."""
    drop = face.drop
    goods = tuple(_goods_view(one, dressed) for one in face.goods)
    return DropView(
        id=drop.id,
        href=f"/drops/{drop.id}",
        title=drop.title,
        lang=foreign(drop.language),
        words=drop.words,
        state=drop.state_at(now),
        announced=drop.announced_at is not None,
        has_room=drop.has_room,
        per_minute=drop.per_minute,
        pay_minutes=drop.pay_minutes,
        starts_at=drop.starts_at,
        ends_at=drop.ends_at,
        now=now,
        goods=goods,
        left=sum(one.left for one in goods),
        quota=sum(one.quota for one in goods),
        in_line=face.room.in_line if face.room else 0,
        shop=dressed.shops.get(drop.shop_id),
    )


def drop_views(faces: Iterable[DropFace], dressed: Dressed, now: datetime) -> list[DropView]:
    """Make drops ready for a list: those that are open first, then what begins first."""
    views = [drop_view(face, dressed, now) for face in faces]
    return sorted(views, key=lambda view: (not view.is_open, view.left == 0, view.starts_at))


def _goods_view(goods: DropGoods, dressed: Dressed) -> GoodsView:
    offer: Offer | None = dressed.offers.get(VariantId(goods.variant_id))
    card = dressed.products.get(ProductId(goods.product_id))
    title, written = card.title_in(language()) if card else ("", language())
    price = Money(goods.price, goods.currency)
    return GoodsView(
        id=goods.variant_id,
        href=f"/p/{goods.product_id}?v={goods.variant_id}",
        title=title,
        lang=foreign(written),
        options=" · ".join(offer.options.values()) if offer else "",
        picture=(offer.picture_id if offer else None) or (card.picture_id if card else None),
        kind=kind_of(card.category) if card else None,
        price=price,
        before=offer.price if offer and offer.price.amount > goods.price else None,
        left=goods.left,
        quota=goods.quota,
        per_person=goods.per_person,
        sells=offer is not None and offer.on_sale,
    )


def roughly(position: int) -> int:
    """Round a number of people down to what is worth a word: 3,412 → 3,000, 47 → 40, 7 → 7."""
    step = 10 ** (len(str(position)) - 1)
    return position if position < SAID else position // step * step


def opens_within(drops: Sequence[DropView], length: timedelta) -> list[DropView]:
    """Choose the drops that are open, or begin within some time."""
    return [view for view in drops if view.is_open or (view.is_coming and view.starts_at - view.now <= length)]
