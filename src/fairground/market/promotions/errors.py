"""What can go wrong with coupons."""

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
