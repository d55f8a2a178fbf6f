"""The market's rules about after-sale; each is a setting with this default."""

from datetime import timedelta

import msgspec


class AftersaleRules(msgspec.Struct, frozen=True):
    """Numbers of the market about after-sale (market-rules.md, After-sale)."""

    unshipped_answer_hours: int = 24  # not shipped, the shop is silent: refunded
    shipped_answer_hours: int = 36  # shipped and not received, the shop is silent: refunded
    received_answer_days: int = 5  # received, the shop is silent: refunded
    return_answer_days: int = 5  # return or exchange, the shop is silent: agreed to its return address
    return_ship_days: int = 7  # the buyer posts the return, else the case closes
    return_confirm_days: int = 10  # the shop confirms the return, else refunded
    replacement_days: int = 7  # the shop sends the replacement, else refunded
    refused_close_days: int = 5  # refused and the buyer is silent: closed, the order goes on
    revisions_most: int = 2
    no_reason_days: int = 7  # PRC consumer law, article 25: from receipt, counted from the next day
    after_receipt_days: int = 15  # with a reason, counted the same way
    resume_least_days: int = 3  # the clock of silent receipt runs at least so long after a case
    ends_days: int = 75  # every case ends within, all rounds included
    open_most: int = 20  # open cases of one buyer
    opened_per_day_most: int = 20  # of one buyer
    of_order_most: int = 5  # cases of one order, one after the other
    words_most: int = 2_000
    pictures_most: int = 9  # of one entry
    evidence_most: int = 20  # entries of one side in one case

    @property
    def resume_least(self) -> timedelta:
        """The least time that the clock of silent receipt runs after a case."""
        return timedelta(days=self.resume_least_days)
