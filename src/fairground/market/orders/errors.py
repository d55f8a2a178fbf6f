"""What can go wrong with orders."""

from fairground.kit.errors import N_, Conflict, Invalid, NotAllowed, NotFound, Unavailable


class OrderNotFound(NotFound):
    """There is no such order, or it is somebody else's."""

    code = "orders.not_found"
    message = N_("We could not find that order.")


class CheckoutNotFound(NotFound):
    """There is no such checkout, or it is somebody else's."""

    code = "orders.checkout_not_found"
    message = N_("We could not find that checkout.")


class OrderInWrongState(Conflict):
    """The deed does not start from where the order stands; `state` says where that is."""

    code = "orders.wrong_state"
    message = N_("The order has moved on in the meantime, so this is not possible any more.")


class OutOfStock(Conflict):
    """Not enough is left; `variants` is a list of `{variant_id, left}`. Nothing was written."""

    code = "orders.out_of_stock"
    message = N_("Some of it has just been sold out. Nothing was ordered.")


class PriceChanged(Conflict):
    """Goods or prices changed between looking and ordering; `lines` is a list of `{variant_id}`."""

    code = "orders.price_changed"
    message = N_("A price has just changed. Nothing was ordered; please look at the new total.")


class CouponGone(Conflict):
    """A coupon was used up or ended between looking and ordering; `coupon_id` and the reason."""

    code = "orders.coupon_gone"
    message = N_("A coupon is not available any more. Nothing was ordered; please look at the new total.")


class DropLimit(Conflict):
    """More pieces of a drop than one person may have; `variants` is a list of `{variant_id, left}`."""

    code = "orders.drop_limit"
    message = N_("One person may not have that many of this drop. Nothing was ordered.")


class TotalChanged(Conflict):
    """The total is not the one that the buyer saw; `total` and `expected` in minor units."""

    code = "orders.total_changed"
    message = N_("The total has changed since you saw it. Nothing was ordered; please look again.")


class NothingToOrder(Invalid):
    """No lines were given, and none are chosen in the cart."""

    code = "orders.nothing_to_order"
    message = N_("There is nothing to order: please choose something first.")


class NotForSale(Conflict):
    """Something cannot be ordered as asked; `problems` is a list of `{shop, variant_id, code}`."""

    code = "orders.not_for_sale"
    message = N_("Something in this order cannot be bought right now. Please look at the marked lines.")


class NotYourDeed(NotAllowed):
    """The person belongs to the shop but may not do this there."""

    code = "orders.not_your_deed"
    message = N_("Your role in this shop does not allow that.")


class NotCancellable(Conflict):
    """The order is on its way, at least in part."""

    code = "orders.not_cancellable"
    message = N_("Part of this order has been shipped, so it cannot be cancelled any more.")


class NoMoreExtensions(Conflict):
    """The buyer has extended the time already."""

    code = "orders.no_more_extensions"
    message = N_("You have already extended the time for this order.")


class NothingLeftToShip(Conflict):
    """More pieces than the order still has to be shipped; `left` by line position."""

    code = "orders.nothing_left_to_ship"
    message = N_("These pieces are in a parcel already.")


class CaseWaits(Conflict):
    """The buyer has opened an after-sale case, and the shop has not answered."""

    code = "orders.case_waits"
    message = N_("The buyer has asked for after-sale help with this order. Please answer that first.")


class RefundTooLarge(Invalid):
    """More than is held with the order; `most` in minor units."""

    code = "orders.refund_too_large"
    message = N_("That is more than was paid for this order.")


class IntakeFull(Unavailable):
    """More checkouts are waiting than can be written soon."""

    code = "orders.intake_full"
    message = N_(
        "Very many people are ordering right now. Nothing was changed; please try again in %(retry_after)d seconds."
    )
