"""Letters to the people of a shop."""

from typing import Final

from fairground.kit.errors import N_
from fairground.market.notifications.model.kind import Kind

_SEE: Final = N_("See the order")
_MONEY: Final = N_("See the money")

OF_SHOPS: Final = (
    Kind(
        name="shops.order_paid",
        label=N_("Your shop has a new order"),
        subject=N_("%(shop)s: a new order of %(total)s"),
        text=N_("Order %(number)s is paid, and the market keeps the money. Please ship by %(at)s."),
        button=N_("Pack and ship"),
        gathers=True,
    ),
    Kind(
        name="shops.ships_late",
        label=N_("An order of your shop is late"),
        subject=N_("%(shop)s: order %(number)s is late"),
        text=N_("It should be on its way by now. The buyer is owed a voucher worth %(worth)s for it."),
        button=N_("Pack and ship"),
    ),
    Kind(
        name="shops.cancel_asked",
        label=N_("A buyer asks to cancel"),
        subject=N_("%(shop)s: a buyer asks to cancel order %(number)s"),
        text=N_("Please answer by %(at)s. Without a word from you it is cancelled."),
        button=N_("Answer"),
    ),
    Kind(
        name="shops.order_cancelled",
        label=N_("An order of your shop was cancelled"),
        subject=N_("%(shop)s: order %(number)s was cancelled, please do not ship"),
        text=N_("The buyer has the money back, and the things are on your table again."),
        button=_SEE,
    ),
    Kind(
        name="shops.order_received",
        label=N_("An order of your shop was received"),
        subject=N_("%(shop)s: order %(number)s was received"),
        text=N_("%(earned)s is yours, after a commission of %(commission)s."),
        button=_MONEY,
        gathers=True,
        by_mail=False,
    ),
    Kind(
        name="shops.review_written",
        label=N_("Somebody reviewed your goods"),
        subject=N_("%(shop)s: a new review with %(stars)d of 5 stars"),
        text=N_("For “%(title)s”. You may answer it."),
        button=N_("Read and answer"),
        by_mail=False,
    ),
    Kind(
        name="shops.question_asked",
        label=N_("Somebody asks about your goods"),
        subject=N_("%(shop)s: a question about “%(title)s”"),
        text=N_("Everybody will read your answer."),
        button=N_("Answer"),
        by_mail=False,
    ),
    Kind(
        name="shops.ran_low",
        label=N_("Few pieces are left"),
        subject=N_("%(shop)s: “%(title)s” runs low"),
        text=N_("%(left)d left."),
        button=N_("See the stock"),
        by_mail=False,
    ),
    Kind(
        name="shops.sold_out",
        label=N_("Something is sold out"),
        subject=N_("%(shop)s: “%(title)s” is sold out"),
        text=N_("Nobody can buy it until you have counted new pieces in."),
        button=N_("See the stock"),
    ),
    Kind(
        name="shops.payout_paid",
        label=N_("Money was paid out to your shop"),
        subject=N_("%(shop)s: %(amount)s was paid out"),
        text=N_("It has reached your bank account."),
        button=_MONEY,
    ),
    Kind(
        name="shops.payout_bounced",
        label=N_("A payout came back"),
        subject=N_("%(shop)s: a payout of %(amount)s came back"),
        text=N_("Your bank would not take it. The money is in your shop's balance again; please check the account."),
        button=_MONEY,
    ),
    Kind(
        name="shops.bank_changed",
        label=N_("The bank account of your shop was changed"),
        subject=N_("%(shop)s: the bank account for payouts was changed"),
        text=N_(
            "From %(at)s on, payouts go to another account. If it was none of you, please change your password at "
            "once and write to us."
        ),
        button=_MONEY,
        is_security=True,
    ),
    Kind(
        name="shops.approved",
        label=N_("Your shop was approved"),
        subject=N_("%(shop)s is open"),
        text=N_("Our people have looked at it, and everybody can visit it now."),
        button=N_("To my shop"),
    ),
    Kind(
        name="shops.badge_granted",
        label=N_("Your shop has its badge"),
        subject=N_("%(shop)s has the mall badge"),
        text=N_("Your business was checked. Buyers see the badge from now on."),
        button=N_("To my shop"),
    ),
    Kind(
        name="shops.badge_withdrawn",
        label=N_("Your shop lost its badge"),
        subject=N_("%(shop)s does not have the mall badge any more"),
        text=N_("Our people have taken it back. You may apply again."),
        button=N_("To my shop"),
    ),
    Kind(
        name="shops.refused",
        label=N_("Your application was refused"),
        subject=N_("%(shop)s: your application was refused"),
        text=N_("The reason: %(reason)s You may apply again."),
        button=N_("To my shop"),
    ),
    Kind(
        name="shops.suspended",
        label=N_("Your shop may not sell for now"),
        subject=N_("%(shop)s may not sell for now"),
        text=N_("Our people have stopped it. Open orders go on; please look at them."),
        button=N_("To my shop"),
    ),
    Kind(
        name="shops.reopened",
        label=N_("Your shop may sell again"),
        subject=N_("%(shop)s may sell again"),
        text=N_("Everything is as it was before."),
        button=N_("To my shop"),
    ),
    Kind(
        name="shops.product_refused",
        label=N_("A product was sent back"),
        subject=N_("%(shop)s: “%(title)s” was sent back"),
        text=N_("Our people have looked at it and gave a reason. Change it, and hand it in again."),
        button=N_("See the product"),
    ),
    Kind(
        name="shops.invited",
        label=N_("A shop asks you to work there"),
        subject=N_("%(shop)s asks you to work there"),
        text=N_("You can say yes or no on your page of shops."),
        button=N_("To my shops"),
    ),
)
