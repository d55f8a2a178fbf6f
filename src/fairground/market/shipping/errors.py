"""What can go wrong with delivery."""

from fairground.kit.errors import N_, Conflict, NotFound


class NotDeliverable(Conflict):
    """A shop does not deliver to a place; `shop_id`, `country`, `region`, and `place` for people."""

    code = "shipping.not_deliverable"
    message = N_("This shop does not deliver to %(place)s.")


class ParcelNotFound(NotFound):
    """There is no such parcel, or it is another shop's."""

    code = "shipping.parcel_not_found"
    message = N_("We could not find that parcel.")


class TooMuchPacked(Conflict):
    """More pieces were packed than are left to be sent of this line."""

    code = "shipping.too_much_packed"
    message = N_("More pieces than are left to be sent. Somebody may have packed them already.")


class NumberTwice(Conflict):
    """The order has a parcel with this carrier and number already."""

    code = "shipping.number_twice"
    message = N_("This order has a parcel with that number already.")


class TooManyParcels(Conflict):
    """The order has as many parcels as it may; `most` of them."""

    code = "shipping.too_many_parcels"
    message = N_("An order may have at most %(most)d parcels.")


class ParcelArrived(Conflict):
    """The parcel has been delivered; its number cannot be changed any more."""

    code = "shipping.parcel_arrived"
    message = N_("This parcel has arrived already.")


class TemplateChanged(Conflict):
    """Somebody else changed the template in the meantime."""

    code = "shipping.template_changed"
    message = N_("Somebody else of your shop changed this in the meantime. Please look again.")
