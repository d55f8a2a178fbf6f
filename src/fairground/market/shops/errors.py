"""What can go wrong with shops."""

from fairground.kit.errors import N_, Conflict, NotAllowed, NotFound


class ShopNotFound(NotFound):
    """There is no such shop, or this person has no business in it."""

    code = "shops.shop_not_found"
    message = N_("There is no such shop.")


class RoleTooSmall(NotAllowed):
    """The person works in the shop, but not in a role that may do this."""

    code = "shops.role_too_small"
    message = N_("Your role in this shop does not allow that. Please ask its owner.")


class SlugTaken(Conflict):
    """The address belongs to another shop; `suggestion` is free."""

    code = "shops.slug_taken"
    message = N_("This address is taken. “%(suggestion)s” is free.")


class TooManyShops(Conflict):
    """One person may own only so many shops."""

    code = "shops.too_many_shops"
    message = N_("You own %(most)d shops already, and that is as many as one person may open here.")


class ShopInWrongState(Conflict):
    """The shop does not stand where this deed may start."""

    code = "shops.wrong_state"
    message = N_("The shop is in another state by now. Please look again.")


class ShopClosed(Conflict):
    """Nothing can be changed in a closed shop."""

    code = "shops.closed"
    message = N_("This shop is closed for good.")


class ShopChangedMeanwhile(Conflict):
    """Somebody else changed the shop at the same time."""

    code = "shops.changed_meanwhile"
    message = N_("Somebody else has changed the shop in the meantime. Please look again.")


class LastOwner(Conflict):
    """A shop always has an owner."""

    code = "shops.last_owner"
    message = N_("A shop needs an owner. Make somebody else owner first, or close the shop.")


class StaffNotFound(NotFound):
    """This person does not work in the shop."""

    code = "shops.staff_not_found"
    message = N_("This person does not work in the shop.")


class StaffAlready(Conflict):
    """The person works there already, or was invited before."""

    code = "shops.staff_already"
    message = N_("This person works in the shop already, or has an invitation.")


class TooManyStaff(Conflict):
    """A shop may have only so many staff."""

    code = "shops.too_many_staff"
    message = N_("A shop may have at most %(most)d people.")


class ApplicationNotFound(NotFound):
    """There is no such application, or it was decided."""

    code = "shops.application_not_found"
    message = N_("There is no such application waiting.")


class ApplicationWaiting(Conflict):
    """The shop has applied, and the desk has not decided yet."""

    code = "shops.application_waiting"
    message = N_("You have applied already. The desk will decide soon.")


class MallAlready(Conflict):
    """The shop has the badge."""

    code = "shops.mall_already"
    message = N_("Your shop has the mall badge already.")


class StaffOnly(NotAllowed):
    """Only the market's own staff may do this."""

    code = "shops.desk_only"
    message = N_("Only the market's staff may do that.")
