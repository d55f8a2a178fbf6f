"""What justice announces: ids, amounts and outcomes, never words or names."""

from datetime import datetime

from fairground.kit.events import Event
from fairground.kit.ids import Id
from fairground.market.justice.model.complaints import ComplaintId, ComplaintSide
from fairground.market.justice.model.disputes import Decider, DisputeId, Outcome, Side
from fairground.market.justice.model.ladder import Step
from fairground.market.justice.model.reports import PileId, ReportOutcome
from fairground.market.justice.model.rulebook import RuleVersionId
from fairground.market.shops.model import ShopId


class DisputeEvent(Event, frozen=True, kw_only=True):
    """What happened to one dispute."""

    dispute_id: DisputeId
    case_id: Id
    order_id: Id
    buyer_id: Id
    shop_id: Id

    @property
    def subject(self) -> Id:
        """The dispute."""
        return self.dispute_id


class DisputeOpened(DisputeEvent, frozen=True, kw_only=True):
    """A case was escalated; both sides may speak until `ends_at`."""

    ends_at: datetime


class StatementAdded(DisputeEvent, frozen=True, kw_only=True):
    """One side has said something."""

    side: Side


class RoundOpened(DisputeEvent, frozen=True, kw_only=True):
    """Both sides may answer once more, until `ends_at`."""

    ends_at: datetime


class JuryCalled(DisputeEvent, frozen=True, kw_only=True):
    """Both sides chose the jury, and all is said: jurors are to be drawn, and to vote until `ends_at`."""

    ends_at: datetime


class DisputeDecided(DisputeEvent, frozen=True, kw_only=True):
    """A ruling stands; either side may appeal until `appeal_by`."""

    decider: Decider
    refund: int
    currency: str
    appeal_by: datetime


class DisputeAppealed(DisputeEvent, frozen=True, kw_only=True):
    """One side is not content; somebody else of the staff decides."""

    side: Side


class DisputeEnded(DisputeEvent, frozen=True, kw_only=True):
    """The dispute is over for good; `refund` goes back to the buyer."""

    outcome: Outcome
    refund: int
    currency: str


class RuleEvent(Event, frozen=True, kw_only=True):
    """What happened to one version of a rule."""

    version_id: RuleVersionId
    key: str

    @property
    def subject(self) -> Id:
        """The version."""
        return self.version_id


class ConsultationOpened(RuleEvent, frozen=True, kw_only=True):
    """Everybody may read a draft, comment and vote, until `closes_at`."""

    closes_at: datetime


class ConsultationClosed(RuleEvent, frozen=True, kw_only=True):
    """The votes on a draft were counted."""

    yes: int
    no: int
    refused: bool


class RuleCameIntoForce(RuleEvent, frozen=True, kw_only=True):
    """A version binds from now on; an emergency's only until `until`."""

    until: datetime | None = None


class RuleEnded(RuleEvent, frozen=True, kw_only=True):
    """A version binds nobody any more."""


class ComplaintEvent(Event, frozen=True, kw_only=True):
    """What happened to one complaint about a right."""

    complaint_id: ComplaintId
    shop_id: ShopId
    complainant_id: Id

    @property
    def subject(self) -> Id:
        """The complaint."""
        return self.complaint_id


class ComplaintMade(ComplaintEvent, frozen=True, kw_only=True):
    """Somebody says that listings break a right; the shop may answer until `counter_by`. In the fast lane: off sale."""

    counter_by: datetime
    is_fast: bool


class ComplaintCountered(ComplaintEvent, frozen=True, kw_only=True):
    """The shop has answered; the desk decides."""


class ComplaintDecided(ComplaintEvent, frozen=True, kw_only=True):
    """It was decided, by the desk or by the shop's silence."""

    upheld: bool
    is_silence: bool


class ComplaintAppealed(ComplaintEvent, frozen=True, kw_only=True):
    """Who lost is not content; somebody else of the desk decides."""

    side: ComplaintSide


class ComplaintWithdrawn(ComplaintEvent, frozen=True, kw_only=True):
    """The complainant has taken it back."""


class ComplaintLapsed(ComplaintEvent, frozen=True, kw_only=True):
    """The desk was silent for too long: the complaint is over, or what was decided first stands."""


class ShopChangedStep(Event, frozen=True, kw_only=True):
    """A shop went up or down the ladder of those that break rights."""

    shop_id: ShopId
    before: Step
    step: Step

    @property
    def subject(self) -> ShopId:
        """The shop."""
        return self.shop_id


class JurorsDrawn(Event, frozen=True, kw_only=True):
    """The seats of a jury were drawn; who sits there has until `closes_at`."""

    dispute_id: DisputeId
    juror_ids: tuple[Id, ...]
    closes_at: datetime

    @property
    def subject(self) -> Id:
        """The dispute."""
        return self.dispute_id


class JuryEnded(Event, frozen=True, kw_only=True):
    """A jury has decided, or failed to within its time."""

    dispute_id: DisputeId
    is_decided: bool
    for_buyer: int
    for_shop: int

    @property
    def subject(self) -> Id:
        """The dispute."""
        return self.dispute_id


class ReportsDecided(Event, frozen=True, kw_only=True):
    """The desk has decided all reports of one thing."""

    pile_id: PileId
    outcome: ReportOutcome

    @property
    def subject(self) -> Id:
        """The reports."""
        return self.pile_id
