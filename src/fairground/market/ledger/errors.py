"""What can go wrong in the books."""

from fairground.kit.errors import N_, Conflict


class InsufficientFunds(Conflict):
    """An account would fall below its floor; the transaction is lost."""

    code = "ledger.insufficient_funds"
    message = N_("There is not enough money for that.")
