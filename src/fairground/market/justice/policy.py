"""Who may do what in justice, judged by values alone."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from fairground.kit.ids import Id
from fairground.market.accounts.model import StaffRole
from fairground.market.accounts.policy import at_least
from fairground.market.justice.model.disputes import WAITS_FOR_STAFF, Dispute, DisputeState, Ruling, Side
from fairground.market.justice.model.jury import Candidate, JuryRules, WhyNot
from fairground.market.shops.model import Role


def may_speak(dispute: Dispute, side: Side, now: datetime) -> bool:
    """Tell whether a side may say something: within the round, and not after it said that this was all."""
    return dispute.state is DisputeState.EVIDENCE and now < dispute.round_ends_at and not dispute.is_done(side)


def may_choose_jury(dispute: Dispute, side: Side, now: datetime) -> bool:
    """Tell whether a side may still choose the jury: before all is said."""
    return dispute.state is DisputeState.EVIDENCE and now < dispute.round_ends_at and not dispute.wants_jury(side)


def may_appeal(dispute: Dispute, now: datetime) -> bool:
    """Tell whether the ruling may still be appealed against: once, and in time."""
    in_time = dispute.appeal_by is not None and now < dispute.appeal_by
    return dispute.state is DisputeState.DECIDED and in_time and dispute.appealed_at is None


def may_rule(dispute: Dispute, role: StaffRole | None) -> bool:
    """Tell whether somebody of the staff may decide, by role: what waited too long needs a supervisor."""
    needed = StaffRole.SUPERVISOR if dispute.is_senior else StaffRole.CLERK
    return dispute.state in WAITS_FOR_STAFF and at_least(role, needed)


def has_interest(dispute: Dispute, rulings: Sequence[Ruling], person_id: Id, shop_role: Role | None) -> bool:
    """Tell whether somebody has an interest of their own: a party, of the shop, or having decided it before."""
    decided = any(ruling.decided_by == person_id for ruling in rulings)
    return person_id == dispute.buyer_id or shop_role is not None or decided


def why_not_juror(candidate: Candidate, rules: JuryRules, now: datetime) -> WhyNot | None:
    """Tell why somebody may not sit on a jury; None where nothing speaks against it."""
    verified_by = now - timedelta(days=rules.verified_days)
    if not candidate.is_here:
        return WhyNot.GONE
    if candidate.is_staff:
        return WhyNot.STAFF
    if candidate.verified_since is None or candidate.verified_since > verified_by:
        return WhyNot.UNVERIFIED
    if candidate.is_party:
        return WhyNot.PARTY
    if candidate.has_dealings:
        return WhyNot.DEALINGS
    return WhyNot.SELLS_THE_SAME if candidate.sells_the_same else None
