"""The ladder of shops that break rights again and again: steps, strikes that fade, the way back."""

from datetime import datetime
from enum import StrEnum

import msgspec

from fairground.market.justice.model.complaints import ComplaintId, ComplaintRules
from fairground.market.shops.model import ShopId


class Step(StrEnum):
    """The steps, from the lowest; each holds what those below it hold."""

    NONE = "none"
    WARNING = "warning"
    LIMITS = "limits"  # the desk looks at each new listing first
    EXPOSURE = "exposure"  # further below in search
    SUSPENSION = "suspension"  # sells nothing for a while

    @property
    def height(self) -> int:
        """How far up it is."""
        return list(Step).index(self)


class Strike(msgspec.Struct, frozen=True):
    """Points for one complaint upheld, until they fade or an appeal lifts them."""

    complaint_id: ComplaintId
    points: int
    given_at: datetime
    until: datetime
    lifted_at: datetime | None

    def counts(self, now: datetime) -> bool:
        """Tell whether it still counts."""
        return self.lifted_at is None and now < self.until


class Standing(msgspec.Struct, frozen=True):
    """Where a shop stands, since when."""

    shop_id: ShopId
    step: Step
    points: int
    since: datetime | None
    suspended_until: datetime | None = None
    served_points: int = 0
    version: int = 0


class Fade(msgspec.Struct, frozen=True):
    """What a day brings by itself: so many points left, and the step that goes with them."""

    at: datetime
    points: int
    step: Step


def step_of(points: int, rules: ComplaintRules, served_points: int = 0) -> Step:
    """Tell the step that belongs to so many points; a suspension that was served is not served again for the same."""
    if points >= rules.suspension_points and points > served_points:
        return Step.SUSPENSION
    if points >= rules.exposure_points:
        return Step.EXPOSURE
    if points >= rules.limits_points:
        return Step.LIMITS
    return Step.WARNING if points >= rules.warning_points else Step.NONE


def way_back(strikes: list[Strike], rules: ComplaintRules, now: datetime, served_points: int = 0) -> list[Fade]:
    """Tell what each coming day takes away, if nothing new comes."""
    counting = sorted((s for s in strikes if s.counts(now)), key=lambda s: s.until)
    left, found = sum(s.points for s in counting), []
    for strike in counting:
        left -= strike.points
        found.append(Fade(strike.until, left, step_of(left, rules, served_points)))
    return found
