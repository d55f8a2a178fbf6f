"""Shops as values: states and who may move them, roles, face, applications."""

from datetime import datetime
from enum import StrEnum
from typing import Final

import msgspec
from msgspec import UNSET, UnsetType

from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId


class ShopId(Id):
    """The id of a shop; everything of the shop lives in its bucket."""


class ApplicationId(Id):
    """The id of an application to the desk."""


class ShopRules(msgspec.Struct, frozen=True):
    """Numbers of the market about shops."""

    approve_stalls: bool = False  # a new stall waits for the desk
    name_most: int = 40
    about_most: int = 4_000
    slug_least: int = 3
    slug_most: int = 40
    owned_most: int = 20  # shops of one owner
    staff_most: int = 50
    note_most: int = 200
    holiday_days_most: int = 90


class Tier(StrEnum):
    """A stall is anybody's; a mall's business was checked."""

    STALL = "stall"
    MALL = "mall"


class ShopState(StrEnum):
    """Where a shop stands."""

    PENDING = "pending"  # waits for the desk, where stalls need approval
    OPEN = "open"
    HOLIDAY = "holiday"  # seen, but sells nothing
    SUSPENDED = "suspended"  # by the desk; sells nothing until it is reopened
    CLOSED = "closed"  # for good


class ShopDeed(StrEnum):
    """What moves a shop from state to state."""

    APPROVE = "approve"
    REST = "rest"
    RETURN = "return"
    SUSPEND = "suspend"
    REOPEN = "reopen"
    CLOSE = "close"


TRANSITIONS: Final[dict[ShopDeed, tuple[frozenset[ShopState], ShopState]]] = {
    ShopDeed.APPROVE: (frozenset({ShopState.PENDING}), ShopState.OPEN),
    ShopDeed.REST: (frozenset({ShopState.OPEN, ShopState.HOLIDAY}), ShopState.HOLIDAY),
    ShopDeed.RETURN: (frozenset({ShopState.HOLIDAY}), ShopState.OPEN),
    ShopDeed.SUSPEND: (frozenset({ShopState.PENDING, ShopState.OPEN, ShopState.HOLIDAY}), ShopState.SUSPENDED),
    ShopDeed.REOPEN: (frozenset({ShopState.SUSPENDED}), ShopState.OPEN),
    ShopDeed.CLOSE: (
        frozenset({ShopState.PENDING, ShopState.OPEN, ShopState.HOLIDAY, ShopState.SUSPENDED}),
        ShopState.CLOSED,
    ),
}
SEEN: Final = frozenset({ShopState.OPEN, ShopState.HOLIDAY})  # what strangers may visit


class Role(StrEnum):
    """What somebody is in a shop."""

    OWNER = "owner"
    MANAGER = "manager"
    CLERK = "clerk"  # packs and ships
    ACCOUNTANT = "accountant"


class ReturnAddress(msgspec.Struct, frozen=True):
    """Where goods are sent back to; the same parts as a postal address of accounts, "" where a country has none."""

    name: str
    phone: str
    country: str
    region: str = ""
    city: str = ""
    district: str = ""
    lines: list[str] = []
    postal_code: str = ""


class ShopScores(msgspec.Struct, frozen=True):
    """What buyers of the last months think, in hundredths of a star (100…500), and how many they are."""

    described: int
    service: int
    shipping: int
    count: int

    @property
    def mean(self) -> float:
        """All three in one, in stars."""
        return (self.described + self.service + self.shipping) / 300


class ServiceClock(msgspec.Struct, frozen=True):
    """How quickly a shop answers: questions of the last days, how many within minutes, the mean wait in seconds."""

    rounds: int
    quick: int
    seconds: int


class Shop(msgspec.Struct, frozen=True):
    """A shop. `about` is Markdown; `commission_basis_points` is None where the market's own rate holds."""

    id: ShopId
    slug: str
    name: str
    about: str
    country: str
    language: str
    time_zone: str
    cloth: int
    avatar_id: Id | None
    banner_id: Id | None
    return_address: ReturnAddress | None
    tier: Tier
    state: ShopState
    holiday_note: str
    holiday_until: datetime | None
    state_reason: str
    commission_basis_points: int | None
    version: int
    opened_at: datetime
    scores: ShopScores | None = None
    asks_before_cancel: bool = False  # a paid, unshipped order waits for its yes, or its silence
    clock: ServiceClock | None = None
    price_days: int = 0  # for which a price holds after a sale; 0 = no such promise

    @property
    def sells(self) -> bool:
        """Whether goods of this shop can be bought now."""
        return self.state is ShopState.OPEN

    @property
    def is_seen(self) -> bool:
        """Whether strangers may visit."""
        return self.state in SEEN


class ShopCard(msgspec.Struct, frozen=True):
    """What lists and product pages show of a shop."""

    id: ShopId
    slug: str
    name: str
    cloth: int
    avatar_id: Id | None
    tier: Tier
    state: ShopState
    country: str
    language: str
    opened_at: datetime
    commission_basis_points: int | None = None
    scores: ShopScores | None = None
    price_days: int = 0  # for which a price holds after a sale; 0 = no such promise

    @property
    def sells(self) -> bool:
        """Whether goods of this shop can be bought now."""
        return self.state is ShopState.OPEN


class Membership(msgspec.Struct, frozen=True):
    """A person's place in a shop; `joined_at` is None while they are only invited."""

    shop_id: ShopId
    slug: str
    name: str
    role: Role
    joined_at: datetime | None


class StaffMember(msgspec.Struct, frozen=True):
    """One of a shop's people."""

    person_id: PersonId
    role: Role
    invited_at: datetime
    joined_at: datetime | None


class ShopDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What the short form asks. Left out: slug suggested from the name, country and language of the market."""

    name: str
    slug: str | None = None
    about: str = ""
    country: str | None = None
    language: str | None = None


class ShopChange(msgspec.Struct, frozen=True, kw_only=True):
    """What to change of a shop; what is left out stays."""

    name: str | UnsetType = UNSET
    about: str | UnsetType = UNSET
    country: str | UnsetType = UNSET
    language: str | UnsetType = UNSET
    time_zone: str | UnsetType = UNSET
    cloth: int | UnsetType = UNSET
    avatar_id: Id | UnsetType | None = UNSET
    banner_id: Id | UnsetType | None = UNSET
    return_address: ReturnAddress | UnsetType | None = UNSET
    asks_before_cancel: bool | UnsetType = UNSET


class ApplicationKind(StrEnum):
    """What is asked of the desk."""

    STALL = "stall"
    MALL = "mall"


class ApplicationState(StrEnum):
    """Where an application stands."""

    WAITING = "waiting"
    APPROVED = "approved"
    REFUSED = "refused"
    WITHDRAWN = "withdrawn"


class Application(msgspec.Struct, frozen=True):
    """What the desk sees; the number itself is opened by `unseal_number` only."""

    id: ApplicationId
    shop_id: ShopId
    kind: ApplicationKind
    shop_name: str
    shop_slug: str
    company: str
    country: str
    number_kind: str
    number_tail: str
    state: ApplicationState
    reason: str
    applied_at: datetime
    decided_at: datetime | None
