"""What can go wrong with coupons and drops."""

from fairground.kit.errors import N_, Conflict, NotFound


class CouponNotFound(NotFound):
    """There is no such coupon, or it is another shop's."""

    code = "promotions.coupon_not_found"
    message = N_("We could not find that coupon.")


class CouponOver(Conflict):
    """The coupon was stopped, has ended, or has not begun."""

    code = "promotions.coupon_over"
    message = N_("This coupon cannot be taken at the moment.")


class CouponAllTaken(Conflict):
    """All pieces of the coupon were taken."""

    code = "promotions.coupon_all_taken"
    message = N_("All of these coupons have been taken.")


class CouponTakenAlready(Conflict):
    """The person has taken as many as one person may."""

    code = "promotions.coupon_taken_already"
    message = N_("You have taken this coupon already.")


class TooManyCoupons(Conflict):
    """The shop has as many open coupons as it may; `most` of them."""

    code = "promotions.too_many_coupons"
    message = N_("A shop may have %(most)d open coupons at a time. Stop one first.")


class CodeInUse(Conflict):
    """Another open coupon of the shop has this code."""

    code = "promotions.code_in_use"
    message = N_("Another open coupon of your shop has this code.")


class DropNotFound(NotFound):
    """There is no such drop, or it is not announced."""

    code = "promotions.drop_not_found"
    message = N_("We could not find that drop.")


class DropFixed(Conflict):
    """The drop was announced, has ended or was cancelled: its terms stand."""

    code = "promotions.drop_fixed"
    message = N_("This drop has been announced, so it cannot be changed any more.")


class DropOver(Conflict):
    """The drop has ended or was cancelled, so nothing can be done with it."""

    code = "promotions.drop_over"
    message = N_("This drop is over.")


class DropTooSoon(Conflict):
    """The drop would begin before everybody can know; `seconds` must lie between."""

    code = "promotions.drop_too_soon"
    message = N_("A drop must begin at least %(seconds)d seconds after it is announced. Choose a later beginning.")


class VariantInDrop(Conflict):
    """Another announced drop has one of these variants."""

    code = "promotions.variant_in_drop"
    message = N_("One of these is in another drop that has not ended yet.")


class TooManyDrops(Conflict):
    """The shop has announced as many drops as it may; `most` of them."""

    code = "promotions.too_many_drops"
    message = N_("A shop may have %(most)d announced drops at a time.")


class NoWaitingRoom(Conflict):
    """The drop has no waiting room, or none that takes people now."""

    code = "promotions.no_waiting_room"
    message = N_("There is nothing to wait for: this drop has no waiting room, or is over.")


class TicketInvalid(Conflict):
    """The ticket is not one of this drop, is somebody else's, or has expired."""

    code = "promotions.ticket_invalid"
    message = N_("This ticket is not valid for this drop.")


class NotYourTurn(Conflict):
    """The drop has a waiting room and has not let this person in yet.

    `drop_id`; with a ticket also `position` (people before, null until drawn), `admitted_at`, `poll_after`.
    """

    code = "promotions.not_your_turn"
    message = N_("It is not your turn yet. Please wait in the waiting room; nobody can overtake you there.")
