"""A shop's drops as its people see them."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

import msgspec

from fairground.kit.errors import N_
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.catalog.model import Offer, VariantId
from fairground.market.promotions.model import DropFace, DropState

STATES: Final = {
    DropState.PLANNED: ("mind", N_("Planned")),
    DropState.ANNOUNCED: ("new", N_("Announced")),
    DropState.OPEN: ("ok", N_("Open now")),
    DropState.ENDED: ("", N_("Over")),
    DropState.CANCELLED: ("", N_("Called off")),
}


class DropRow(msgspec.Struct, frozen=True, kw_only=True):
    """One drop in the list."""

    href: str
    title: str
    badge: tuple[str, str]
    starts_at: datetime
    ends_at: datetime
    goods: int
    sold: int
    quota: int
    in_line: int | None  # None: it has no waiting room


class GoodsLine(msgspec.Struct, frozen=True, kw_only=True):
    """One of its goods."""

    title: str
    lang: str
    options: str
    picture: Id | None
    href: str
    price: Money
    usual: Money | None
    sold: int
    quota: int
    per_person: int

    @property
    def taken(self) -> Money:
        """What was ordered of it, at the price of the drop."""
        return Money(self.price.amount * self.sold, self.price.currency)


class OneDrop(msgspec.Struct, frozen=True, kw_only=True):
    """One drop with its terms and figures."""

    row: DropRow
    words: str
    lang: str
    now: datetime
    page: str
    state: DropState
    lines: list[GoodsLine]
    per_minute: int
    burst: int
    pay_minutes: int
    lead_seconds: int
    taken: Money

    @property
    def is_planned(self) -> bool:
        """Whether it can be changed and announced."""
        return self.state is DropState.PLANNED

    @property
    def is_known(self) -> bool:
        """Whether buyers have heard of it."""
        return self.state in {DropState.ANNOUNCED, DropState.OPEN}


def drop_row(face: DropFace, home: str, now: datetime) -> DropRow:
    """Make a row of the list."""
    kind, words = STATES[face.drop.state_at(now)]
    return DropRow(
        href=f"{home}/drops/{face.id}",
        title=face.drop.title,
        badge=(kind, gettext(words)),
        starts_at=face.drop.starts_at,
        ends_at=face.drop.ends_at,
        goods=len(face.goods),
        sold=sum(goods.sold for goods in face.goods),
        quota=sum(goods.quota for goods in face.goods),
        in_line=(face.room.in_line if face.room else 0) if face.drop.has_room else None,
    )


def one_drop(
    face: DropFace, offers: Mapping[VariantId, Offer], home: str, now: datetime, *, currency: str, lead_seconds: int
) -> OneDrop:
    """Make the page of one."""
    drop = face.drop
    lines = [_line(face, at, offers) for at in range(len(face.goods))]
    return OneDrop(
        row=drop_row(face, home, now),
        words=drop.words,
        lang=drop.language,
        now=now,
        page=f"/drops/{drop.id}",
        state=drop.state_at(now),
        lines=lines,
        per_minute=drop.per_minute,
        burst=drop.burst,
        pay_minutes=drop.pay_minutes,
        lead_seconds=lead_seconds,
        taken=Money(sum(line.taken.amount for line in lines), currency),
    )


def _line(face: DropFace, at: int, offers: Mapping[VariantId, Offer]) -> GoodsLine:
    goods = face.goods[at]
    offer = offers.get(VariantId(goods.variant_id))
    return GoodsLine(
        title=offer.title if offer else gettext("No longer in your shop"),
        lang=offer.language if offer else "",
        options=" · ".join(offer.options.values()) if offer else "",
        picture=offer.picture_id if offer else None,
        href=f"/p/{goods.product_id}?v={goods.variant_id}",
        price=Money(goods.price, goods.currency),
        usual=offer.price if offer else None,
        sold=goods.sold,
        quota=goods.quota,
        per_person=goods.per_person,
    )
