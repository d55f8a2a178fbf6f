"""Complaints about rights as values: kinds, states and deeds, the working days, who has the fast lane."""

from datetime import datetime, time, timedelta
from enum import StrEnum
from typing import Final
from zoneinfo import ZoneInfo

import msgspec

from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.catalog.model import ProductId
from fairground.market.shops.model import ShopId

SATURDAY: Final = 5


class ComplaintId(Id):
    """The id of a complaint; lives in the bucket of the shop complained of."""


class ComplaintRules(msgspec.Struct, frozen=True):
    """The market's rules about rights and counterfeit complaints, and the ladder of shops."""

    counter_working_days: int = 3  # for the shop's counter-notice, in the market's zone; silence removes the listings
    decide_days: int = 14  # of silence of the desk: then a complaint lapses, or the first decision stands
    appeal_hours: int = 72  # after the decision, once, to somebody else
    lane_days: int = 90  # so far back the record of a complainant counts; losing the fast lane costs as long
    lane_upheld_percent: int = 90  # at least, for the fast lane
    lane_countered_percent: int = 5  # at most, of all complaints, lost to a counter-notice
    lane_least: int = 5  # decided complaints before anybody has the fast lane
    listings_most: int = 20  # of one complaint
    proofs_most: int = 8  # pictures of each side
    words_most: int = 4000
    open_most: int = 20  # complaints of one person at the same time
    a_day: int = 10  # complaints of one person
    points_counterfeit: int = 2  # for the shop, when such a complaint is upheld
    points_right: int = 1  # for any other right
    strike_days: int = 180  # then the points fade
    warning_points: int = 1
    limits_points: int = 2  # the desk looks at each new listing first
    exposure_points: int = 4  # and the shop's things stand further below in search
    suspension_points: int = 6  # and it sells nothing for a while
    suspension_days: int = 14

    @property
    def lane(self) -> timedelta:
        """How far back a record counts."""
        return timedelta(days=self.lane_days)


class ComplaintKind(StrEnum):
    """Which right is said to be broken."""

    COUNTERFEIT = "counterfeit"
    TRADEMARK = "trademark"
    COPYRIGHT = "copyright"
    PATENT = "patent"


class ComplaintState(StrEnum):
    """Where a complaint stands."""

    OPENED = "opened"  # the shop may answer
    CHECKING = "checking"  # it did; the desk decides
    UPHELD = "upheld"
    REJECTED = "rejected"
    APPEALED = "appealed"  # somebody else decides
    WITHDRAWN = "withdrawn"
    LAPSED = "lapsed"  # the desk was silent for too long


class ComplaintSide(StrEnum):
    """Who speaks."""

    COMPLAINANT = "complainant"
    SHOP = "shop"


WAITS_FOR_DESK: Final = frozenset({ComplaintState.CHECKING, ComplaintState.APPEALED})
CLOSED: Final = frozenset(
    {ComplaintState.UPHELD, ComplaintState.REJECTED, ComplaintState.WITHDRAWN, ComplaintState.LAPSED}
)
# Who is heard before anything is upheld; what is plainly no complaint may be rejected at once.
UPHOLDABLE: Final = WAITS_FOR_DESK
REJECTABLE: Final = WAITS_FOR_DESK | {ComplaintState.OPENED}
WITHDRAWABLE: Final = frozenset({ComplaintState.OPENED, ComplaintState.CHECKING})


class ComplaintDraft(msgspec.Struct, frozen=True):
    """What a notice says; all listings are of one shop."""

    kind: ComplaintKind
    product_ids: tuple[ProductId, ...]
    owner: str  # of the right
    registration: str = ""  # its number, where it has one
    words: str = ""


class Complaint(msgspec.Struct, frozen=True):
    """A complaint. `decided_by` is None where silence decided; `first_upheld` what stood before an appeal."""

    id: ComplaintId
    shop_id: ShopId
    complainant_id: PersonId
    kind: ComplaintKind
    owner: str
    registration: str
    words: str
    product_ids: tuple[ProductId, ...]
    titles: tuple[str, ...]
    state: ComplaintState
    is_fast: bool
    made_at: datetime
    counter_by: datetime
    counter_words: str
    countered_at: datetime | None
    decide_by: datetime | None
    decided_at: datetime | None
    decided_by: PersonId | None
    reason: str
    appeal_by: datetime | None
    appealed_at: datetime | None
    appeal_words: str
    first_upheld: bool | None
    first_decided_by: PersonId | None
    closed_at: datetime | None
    version: int

    @property
    def is_closed(self) -> bool:
        """Whether nobody has to do anything; an appeal may still open it again."""
        return self.state in CLOSED

    @property
    def loser(self) -> ComplaintSide | None:
        """Whom the decision went against."""
        if self.state is ComplaintState.UPHELD:
            return ComplaintSide.SHOP
        return ComplaintSide.COMPLAINANT if self.state is ComplaintState.REJECTED else None


class Record(msgspec.Struct, frozen=True):
    """What came of somebody's complaints of the last months: decided, upheld, lost to a counter-notice."""

    decided: int
    upheld: int
    countered: int


def after_working_days(moment: datetime, days: int, zone: ZoneInfo) -> datetime:
    """Give the end of the last of so many working days, counted from the next day on; Monday to Friday, no holidays.

    Holidays differ by country and year, and a calendar that is out of date would take days from somebody.
    """
    day, left = moment.astimezone(zone).date(), days
    while left:
        day += timedelta(days=1)
        left -= day.weekday() < SATURDAY
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(moment.tzinfo)


def deserves_lane(record: Record, rules: ComplaintRules) -> bool:
    """Tell whether somebody's record is good enough for the fast lane."""
    if record.decided < max(1, rules.lane_least):
        return False
    upheld = record.upheld * 100 >= rules.lane_upheld_percent * record.decided
    return upheld and record.countered * 100 <= rules.lane_countered_percent * record.decided


def may_counter(complaint: Complaint, now: datetime) -> bool:
    """Tell whether the shop may still answer: before the deadline, to the second."""
    return complaint.state is ComplaintState.OPENED and now < complaint.counter_by


def may_appeal_now(complaint: Complaint, side: ComplaintSide, now: datetime) -> bool:
    """Tell whether a side may appeal: the one that lost, once, in time."""
    in_time = complaint.appeal_by is not None and now < complaint.appeal_by
    return complaint.loser is side and complaint.appealed_at is None and in_time


def points_of(kind: ComplaintKind, rules: ComplaintRules) -> int:
    """Tell how many points an upheld complaint costs the shop."""
    return rules.points_counterfeit if kind is ComplaintKind.COUNTERFEIT else rules.points_right
