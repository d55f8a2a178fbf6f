"""Letters to buyers about what they ordered."""

from typing import Final

from fairground.kit.errors import N_
from fairground.market.notifications.model.kind import Kind

_SEE: Final = N_("See the order")

OF_BUYERS: Final = (
    Kind(
        name="buyers.pay_soon",
        label=N_("An order is not paid yet"),
        subject=N_("Your order is still waiting to be paid"),
        text=N_("%(total)s for your order at %(shop)s: if it is not paid by %(at)s, the order is closed."),
        button=N_("Pay now"),
    ),
    Kind(
        name="buyers.unpaid",
        label=N_("An order was closed because it was not paid"),
        subject=N_("Your order at %(shop)s was closed"),
        text=N_("It was not paid in time, so the things are back on the table. You can order them again whenever."),
    ),
    Kind(
        name="buyers.paid",
        label=N_("Your payment has arrived"),
        subject=N_("We have your payment of %(total)s"),
        text=N_(
            "Thank you for your order at %(shop)s (%(number)s). The market keeps the money until you have the goods. "
            "The shop promised to ship by %(at)s."
        ),
        button=_SEE,
    ),
    Kind(
        name="buyers.paid_many",
        label=N_("Your payment for several shops has arrived"),
        subject=N_("We have your payment of %(total)s"),
        text=N_(
            "Thank you for your orders at %(shops)s. The market keeps the money of each order until you have the "
            "goods; each shop ships by itself."
        ),
        button=N_("See the orders"),
    ),
    Kind(
        name="buyers.shipped",
        label=N_("An order is on its way"),
        subject=N_("Your order from %(shop)s is on its way"),
        text=N_(
            "Order %(number)s was shipped. Please confirm when it has arrived; without a word from you the shop gets "
            "its money on %(at)s."
        ),
        button=N_("Where is it?"),
    ),
    Kind(
        name="buyers.partly_shipped",
        label=N_("A part of an order is on its way"),
        subject=N_("A part of your order from %(shop)s is on its way"),
        text=N_("One parcel of order %(number)s was shipped; the rest follows."),
        button=N_("Where is it?"),
    ),
    Kind(
        name="buyers.delivered",
        label=N_("A parcel has arrived"),
        subject=N_("A parcel from %(shop)s has arrived"),
        text=N_("The carrier says so, for order %(number)s. Is everything as it should be? Then please confirm it."),
        button=N_("Confirm receipt"),
    ),
    Kind(
        name="buyers.ships_late",
        label=N_("A shop ships late"),
        subject=N_("%(shop)s is late with your order"),
        text=N_(
            "Order %(number)s should be on its way by now. For the wait you are owed a voucher worth %(worth)s. You "
            "can go on waiting, or cancel and have your money back."
        ),
        button=_SEE,
    ),
    Kind(
        name="buyers.cancelled",
        label=N_("An order was cancelled"),
        subject=N_("Order %(number)s was cancelled"),
        text=N_("%(refunded)s is on its way back to you."),
        button=_SEE,
    ),
    Kind(
        name="buyers.refunded",
        label=N_("A shop gives the money back"),
        subject=N_("%(shop)s gives your money back"),
        text=N_("Order %(number)s was closed, and %(refunded)s is on its way back to you."),
        button=_SEE,
    ),
    Kind(
        name="buyers.partly_refunded",
        label=N_("A shop gives a part of the money back"),
        subject=N_("%(shop)s gives %(refunded)s back"),
        text=N_("It is on its way to you. Order %(number)s goes on."),
        button=_SEE,
    ),
    Kind(
        name="buyers.cancel_refused",
        label=N_("A shop does not want to cancel"),
        subject=N_("%(shop)s did not agree to cancel"),
        text=N_("Order %(number)s goes on. When it has arrived and something is wrong, we are there for you."),
        button=_SEE,
    ),
    Kind(
        name="buyers.refund_done",
        label=N_("Your money has gone back"),
        subject=N_("%(refunded)s has gone back to you"),
        text=N_("It went the way it came. Your bank may take some days to show it."),
        button=_SEE,
    ),
    Kind(
        name="buyers.refund_failed",
        label=N_("Your money could not go back yet"),
        subject=N_("%(refunded)s did not reach you yet"),
        text=N_("The bank would not take it. Our people look into it and will send it by hand; it is not lost."),
        button=_SEE,
    ),
    Kind(
        name="buyers.paid_too_late",
        label=N_("A payment came too late"),
        subject=N_("Your payment came too late"),
        text=N_("The order was closed by then. %(total)s is on its way back to you."),
    ),
    Kind(
        name="buyers.confirm_soon",
        label=N_("An order will soon count as received"),
        subject=N_("Has your order from %(shop)s arrived?"),
        text=N_(
            "Without a word from you, order %(number)s counts as received on %(at)s, and the shop gets its money. If "
            "it has not come yet, please ask for more time."
        ),
        button=_SEE,
    ),
    Kind(
        name="buyers.answered",
        label=N_("A shop answers your review"),
        subject=N_("%(shop)s has answered your review"),
        text=N_("Have a look at what they say."),
        by_mail=False,
    ),
    Kind(
        name="buyers.rated",
        label=N_("A shop says how it went with you"),
        subject=N_("%(shop)s has rated you"),
        text=N_("You can read it now, and the shop reads your review if you have written one."),
        button=N_("Read it"),
        by_mail=False,
    ),
    Kind(
        name="buyers.asked",
        label=N_("Somebody asks about a thing that you have"),
        subject=N_("Somebody asks about “%(title)s”"),
        text=N_("You have one. Would you tell them? You may also decline, and nobody hears of it."),
        button=N_("See the question"),
        by_mail=False,
    ),
    Kind(
        name="buyers.asker_answered",
        label=N_("Your question was answered"),
        subject=N_("Your question about “%(title)s” was answered"),
        text=N_("Have a look at what they say."),
        button=N_("Read the answer"),
    ),
    Kind(
        name="buyers.review_removed",
        label=N_("The market has taken your review away"),
        subject=N_("Your review was taken away"),
        text=N_(
            "The market has taken away your review of something from %(shop)s: %(reason)s If you think that this is "
            "wrong, please write to us."
        ),
    ),
)
