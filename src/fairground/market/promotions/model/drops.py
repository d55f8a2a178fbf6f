"""Drops: a shop's limited sale with its goods and terms, and the waiting room before it."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TypeAlias

import msgspec

from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.promotions.model.pricing import FixedPrice, Kind, Promotion
from fairground.market.promotions.model.shuffle import shuffled
from fairground.market.shops.model import ShopId

MINUTE = timedelta(minutes=1)
SECOND = timedelta(seconds=1)
POLL_LEAST, POLL_MOST, POLL_EARLY_MOST = 2, 20, 60  # seconds between two looks at one's place


class DropId(Id):
    """The id of a drop; lives in its shop's bucket."""


class DropRules(msgspec.Struct, frozen=True):
    """Numbers of the market about drops."""

    pay_minutes: int = 15  # how long the payment of a checkout with drop goods stays open
    per_minute: int = 600  # people that a waiting room lets in, where the shop says nothing
    burst: int = 100  # people let in at the very beginning, where the shop says nothing
    per_minute_most: int = 60_000
    burst_most: int = 10_000
    lead_seconds: int = 60  # between the announcement and the beginning; every web process must have heard of it
    days_most: int = 30  # from the first to the last moment of a drop
    ahead_days_most: int = 180
    announced_most: int = 20  # of one shop at a time
    goods_most: int = 50  # of one drop
    quota_most: int = 1_000_000  # pieces of one variant
    per_person_most: int = 100
    title_most: int = 60  # characters
    words_most: int = 2_000
    joins_person: int = 12  # tries of one person to join waiting rooms, a minute
    joins_address: int = 120  # of one network address (IPv6: of a /64)
    checkouts_person: int = 30  # checkouts of one person with drop goods, a minute
    checkouts_address: int = 300
    looks_person: int = 60  # looks at one's place in a waiting room, a minute


class DropState(StrEnum):
    """Where a drop stands, told from its row and the clock."""

    PLANNED = "planned"  # nobody but the shop sees it; it can be changed
    ANNOUNCED = "announced"
    OPEN = "open"
    ENDED = "ended"
    CANCELLED = "cancelled"  # or stopped while it was open


class Drop(msgspec.Struct, frozen=True, kw_only=True):
    """A drop and its terms, which never change once it is announced."""

    id: DropId
    shop_id: ShopId
    title: str
    words: str
    language: str
    starts_at: datetime
    ends_at: datetime
    announced_at: datetime | None
    cancelled_at: datetime | None
    has_room: bool
    per_minute: int
    burst: int
    pay_minutes: int
    version: int
    created_at: datetime

    def state_at(self, moment: datetime) -> DropState:
        """Tell where the drop stands at a moment."""
        if self.cancelled_at is not None:
            return DropState.CANCELLED
        if self.announced_at is None:
            return DropState.PLANNED
        if moment < self.starts_at:
            return DropState.ANNOUNCED
        return DropState.OPEN if moment < self.ends_at else DropState.ENDED

    def is_open_at(self, moment: datetime) -> bool:
        """Tell whether it sells at a moment."""
        return self.state_at(moment) is DropState.OPEN

    def can_be_joined_at(self, moment: datetime) -> bool:
        """Tell whether its waiting room takes people."""
        return self.has_room and self.state_at(moment) in {DropState.ANNOUNCED, DropState.OPEN}

    def let_in_by(self, moment: datetime) -> int:
        """Tell how many people have been let in by a moment."""
        if moment < self.starts_at:
            return 0
        return self.burst + self.per_minute * ((moment - self.starts_at) // SECOND) // 60

    def turn_of(self, rank: int) -> datetime:
        """Tell when the person of a rank (from 0) is let in."""
        seconds = max(0, -(-(rank + 1 - self.burst) * 60 // self.per_minute))
        return self.starts_at + timedelta(seconds=seconds)


class DropGoods(msgspec.Struct, frozen=True):
    """One variant in a drop: its price in minor units, how many pieces there are, and how many one person may have.

    `turn` rises with each change of `sold`.
    """

    variant_id: Id
    product_id: Id
    price: int
    currency: str
    quota: int
    per_person: int
    sold: int = 0
    turn: int = 0

    @property
    def left(self) -> int:
        """How many pieces can still be had."""
        return self.quota - self.sold


class DropRoom(msgspec.Struct, frozen=True):
    """The row of a waiting room. At the opening the number of early comers and the seed of their shuffle are drawn."""

    next_number: int = 1
    early: int | None = None
    seed: bytes | None = None
    opened_at: datetime | None = None

    @property
    def in_line(self) -> int:
        """How many tickets were given out."""
        return self.next_number - 1


class DropFace(msgspec.Struct, frozen=True):
    """A drop as people see it: its terms, its goods with what is left, its waiting room if it has one."""

    drop: Drop
    goods: tuple[DropGoods, ...]
    room: DropRoom | None = None

    @property
    def id(self) -> DropId:
        """The drop's id."""
        return self.drop.id

    @property
    def left(self) -> int:
        """How many pieces of anything can still be had."""
        return sum(goods.left for goods in self.goods)

    def goods_of(self, variant_id: Id) -> DropGoods | None:
        """Find a variant among the goods."""
        return next((goods for goods in self.goods if goods.variant_id == variant_id), None)


class DropOffer(msgspec.Struct, frozen=True):
    """A variant that an open drop sells, with the terms it is sold under."""

    drop: Drop
    goods: DropGoods
    room: DropRoom | None = None


class GoodsWish(msgspec.Struct, frozen=True):
    """What a seller puts into a drop; `price` in minor units."""

    variant_id: Id
    price: int
    quota: int
    per_person: int = 1


class DropDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a seller writes down. `per_minute` and `burst` None = as the market's rules say."""

    title: str
    words: str = ""
    language: str
    starts_at: datetime
    ends_at: datetime
    goods: tuple[GoodsWish, ...]
    has_room: bool = False
    per_minute: int | None = None
    burst: int | None = None


class Joining(msgspec.Struct, frozen=True):
    """Somebody wants to wait in a drop's room."""

    drop_id: DropId
    person_id: PersonId


class Ticket(msgspec.Struct, frozen=True):
    """A place in a waiting room: numbers rise from 1; `early` = given out before the opening."""

    drop_id: DropId
    person_id: PersonId
    number: int
    early: bool


class Standing(msgspec.Struct, frozen=True):
    """Where somebody stands: how many people are before them, and when their turn comes.

    Before the opening the places of early comers are not drawn yet: `position` and `admitted_at` are None.
    """

    position: int | None
    admitted: bool
    admitted_at: datetime | None
    poll_after_seconds: int


def rank(ticket: Ticket, room: DropRoom) -> int | None:
    """Tell the place of a ticket, from 0: shuffled among the early ones, by number behind them; None until drawn."""
    if room.early is None or room.seed is None:
        return None
    place = ticket.number - 1
    return shuffled(place, room.early, room.seed) if place < room.early else place


def standing(ticket: Ticket, room: DropRoom, drop: Drop, now: datetime) -> Standing:
    """Tell where a ticket stands: from itself, the room's row and the clock."""
    place = rank(ticket, room)
    if place is None or now < drop.starts_at:
        seconds = max(0, -((now - drop.starts_at) // SECOND))
        # Who waits for the opening looks again after it, not all in the same second.
        return Standing(None, False, None, min(POLL_EARLY_MOST, seconds + 1 + ticket.number % 4))
    ahead = max(0, place + 1 - drop.let_in_by(now))
    turn = drop.turn_of(place)
    if not ahead:
        return Standing(0, True, turn, 0)
    wait = max(1, -((now - turn) // SECOND))
    return Standing(ahead - 1, False, turn, min(wait, max(POLL_LEAST, min(POLL_MOST, wait // 10))))


class DropTaking(msgspec.Struct, frozen=True):
    """So many pieces of a drop's variant for one order."""

    drop_id: DropId
    variant_id: Id
    use_id: Id  # the order, in the person's bucket
    pieces: int


class DropClaim(msgspec.Struct, frozen=True):
    """What one checkout wants of drops: all of it, or nothing."""

    claim_id: Id
    person_id: PersonId
    takings: tuple[DropTaking, ...]


class DropReason(StrEnum):
    """Why a drop gives nothing."""

    NOT_NOW = "not_now"  # before its beginning, past its end, stopped
    SOLD_OUT = "sold_out"
    OVER_LIMIT = "over_limit"  # of one person


class DropTaken(msgspec.Struct, frozen=True):
    """The claim got all its pieces."""

    claim_id: Id


class DropRefused(msgspec.Struct, frozen=True):
    """The claim got nothing; names the first variant that stood in the way, and how many one could have had."""

    claim_id: Id
    variant_id: Id
    reason: DropReason
    left: int = 0


DropAnswer: TypeAlias = DropTaken | DropRefused


class DropFault(msgspec.Struct, frozen=True):
    """A broken promise found by the audit."""

    check: str
    where: str
    expected: str
    found: str


def drop_promotions(offers: Iterable[DropOffer]) -> list[Promotion]:
    """Show the drops of some variants to the price engine, one promotion for each drop."""
    prices: dict[DropId, dict[Id, int]] = {}
    drops: dict[DropId, Drop] = {}
    for offer in offers:
        drops[offer.drop.id] = offer.drop
        prices.setdefault(offer.drop.id, {})[offer.goods.variant_id] = offer.goods.price
    return [
        Promotion(
            id=drop_id,
            kind=Kind.LIMITED_PRICE,
            effect=FixedPrice(prices[drop_id]),
            shop_id=drop.shop_id,
            title=drop.title,
        )
        for drop_id, drop in drops.items()
    ]
