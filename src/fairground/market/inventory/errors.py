"""What can go wrong with stock."""

from fairground.kit.errors import N_, NotFound


class StockNotFound(NotFound):
    """There is no stock of such a variant."""

    code = "inventory.stock_not_found"
    message = N_("There is no such variant.")
