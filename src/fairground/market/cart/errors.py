"""What can go wrong with a cart."""

from fairground.kit.errors import N_, Conflict


class CartFull(Conflict):
    """The cart has as many lines as it may; `most` of them."""

    code = "cart.full"
    message = N_("Your cart is full: it holds %(most)d different things. Remove something first.")


class KeptFull(Conflict):
    """The person keeps as much as one may; `most` things."""

    code = "cart.kept_full"
    message = N_("You keep %(most)d things already, which is all there is room for. Let go of some first.")


class NotOnSale(Conflict):
    """The thing is not sold at the moment."""

    code = "cart.not_on_sale"
    message = N_("This is not for sale at the moment.")
