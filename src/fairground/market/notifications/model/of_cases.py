"""Letters to both sides about after-sale cases: one for each step that the other side, silence or the market took."""

from typing import Final

from fairground.kit.errors import N_
from fairground.market.notifications.model.kind import Kind

_SEE: Final = N_("See the case")
_ANSWER: Final = N_("Look and answer")

OF_CASES: Final = (
    Kind(
        name="buyers.case_agreed",
        label=N_("After-sale: a shop takes something back"),
        subject=N_("%(shop)s takes it back"),
        text=N_("About order %(number)s: please send it to the address on the page of the case by %(at)s."),
        button=N_("How to send it back"),
    ),
    Kind(
        name="buyers.case_refused",
        label=N_("After-sale: a shop does not agree"),
        subject=N_("%(shop)s did not agree"),
        text=N_(
            "About order %(number)s. You can ask for something else, or let the market decide, until %(at)s; "
            "after that the case closes."
        ),
        button=_ANSWER,
    ),
    Kind(
        name="buyers.case_return_there",
        label=N_("After-sale: your return is with the shop"),
        subject=N_("%(shop)s has your return"),
        text=N_("Another one of order %(number)s is sent to you by %(at)s."),
        button=_SEE,
    ),
    Kind(
        name="buyers.case_return_refused",
        label=N_("After-sale: a shop does not accept a return"),
        subject=N_("%(shop)s did not accept the return"),
        text=N_(
            "About order %(number)s. You can ask for something else, or let the market decide, until %(at)s; "
            "after that the case closes."
        ),
        button=_ANSWER,
    ),
    Kind(
        name="buyers.case_escalated",
        label=N_("After-sale: the market decides"),
        subject=N_("The market looks at your case with %(shop)s"),
        text=N_("About order %(number)s. Both sides may add words and pictures; we write when there is a decision."),
        button=_SEE,
    ),
    Kind(
        name="buyers.case_refunded",
        label=N_("After-sale: your money comes back"),
        subject=N_("%(refunded)s comes back to you"),
        text=N_("Your case about order %(number)s from %(shop)s has ended, and the money is on its way."),
        button=_SEE,
    ),
    Kind(
        name="buyers.case_exchanged",
        label=N_("After-sale: another one is on its way"),
        subject=N_("%(shop)s has sent another one"),
        text=N_("Your case about order %(number)s has ended well, we hope."),
        button=_SEE,
    ),
    Kind(
        name="buyers.case_closed",
        label=N_("After-sale: a case is closed"),
        subject=N_("Your case with %(shop)s is closed"),
        text=N_("About order %(number)s. No money went back, and the order goes on."),
        button=_SEE,
    ),
    Kind(
        name="shops.case_opened",
        label=N_("After-sale: a buyer asks your shop"),
        subject=N_("%(shop)s: a buyer asks about order %(number)s"),
        text=N_("It is about %(amount)s. Please answer by %(at)s: silence is taken for a yes."),
        button=_ANSWER,
    ),
    Kind(
        name="shops.case_revised",
        label=N_("After-sale: a buyer asks for something else"),
        subject=N_("%(shop)s: the buyer of order %(number)s asks for something else"),
        text=N_("Please answer by %(at)s: silence is taken for a yes."),
        button=_ANSWER,
    ),
    Kind(
        name="shops.case_silence",
        label=N_("After-sale: silence was taken for a yes"),
        subject=N_("%(shop)s: nobody answered about order %(number)s"),
        text=N_("So it counts as agreed, and the buyer sends it to your return address by %(at)s."),
        button=_SEE,
    ),
    Kind(
        name="shops.case_return_sent",
        label=N_("After-sale: a return is on its way"),
        subject=N_("%(shop)s: a return of order %(number)s is on its way"),
        text=N_("Please look at it when it comes, and say by %(at)s whether it is fine; else the money goes back."),
        button=_ANSWER,
    ),
    Kind(
        name="shops.case_escalated",
        label=N_("After-sale: the market is asked to decide"),
        subject=N_("%(shop)s: the market decides about order %(number)s"),
        text=N_("Please say how you see it, and add pictures; we write when there is a decision."),
        button=_SEE,
    ),
    Kind(
        name="shops.case_refunded",
        label=N_("After-sale: a buyer got money back"),
        subject=N_("%(shop)s: %(refunded)s went back to the buyer of order %(number)s"),
        text=N_("The case has ended; commission on it is given back to you in proportion."),
        button=_SEE,
    ),
    Kind(
        name="shops.case_closed",
        label=N_("After-sale: a case of your shop is closed"),
        subject=N_("%(shop)s: the case about order %(number)s is closed"),
        text=N_("No money went back."),
        button=_SEE,
        by_mail=False,
    ),
)
