"""What can go wrong with products and categories."""

from fairground.kit.errors import N_, Conflict, NotFound


class ProductNotFound(NotFound):
    """There is no such product, or not for this reader."""

    code = "catalog.product_not_found"
    message = N_("There is no such product.")


class VariantNotFound(NotFound):
    """There is no such variant, or it was removed."""

    code = "catalog.variant_not_found"
    message = N_("There is no such variant of a product.")


class CategoryNotFound(NotFound):
    """There is no such category."""

    code = "catalog.category_not_found"
    message = N_("There is no such category.")


class ProductInWrongState(Conflict):
    """The product does not stand where this deed may start."""

    code = "catalog.wrong_state"
    message = N_("The product is in another state by now. Please look again.")


class ProductChangedMeanwhile(Conflict):
    """Somebody else changed the product since it was read."""

    code = "catalog.changed_meanwhile"
    message = N_("Somebody else has changed this product in the meantime. Please look again.")


class TaxonomyUnreadable(Conflict):
    """The file is none of the published taxonomy files that we read; `line` where it went wrong."""

    code = "catalog.taxonomy_unreadable"
    message = N_("Line %(line)d: this is not a category of Shopify's or Google's published taxonomy.")


class ProductHeld(Conflict):
    """The market keeps the product off sale for a reason of its own: a complaint, or a decision of the desk."""

    code = "catalog.held"
    message = N_("The market keeps this product off sale. Why, and what you can do, stands in your shop's rooms.")
