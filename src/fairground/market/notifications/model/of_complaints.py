"""Letters about complaints of rights, to both sides; about the ladder of shops."""

from typing import Final

from fairground.kit.errors import N_
from fairground.market.notifications.model.kind import Kind

_COMPLAINANT: Final = N_("News of your complaint")
_SHOP: Final = N_("A complaint about a listing of your shop")
_LADDER: Final = N_("Where your shop stands after complaints")
_BACK: Final = N_("See the way back")

OF_COMPLAINTS: Final = (
    Kind(
        name="complaints.made",
        label=_SHOP,
        subject=N_("%(shop)s: somebody says that “%(title)s” breaks their right"),
        text=N_("Please answer by %(at)s. Without a word from you it is taken off sale."),
        button=N_("Read and answer"),
    ),
    Kind(
        name="complaints.made_fast",
        label=_SHOP,
        subject=N_("%(shop)s: “%(title)s” is off sale while a complaint is checked"),
        text=N_("Who complains was nearly always right so far. Please answer by %(at)s: then our desk decides."),
        button=N_("Read and answer"),
    ),
    Kind(
        name="complaints.shop_lost",
        label=_SHOP,
        subject=N_("%(shop)s: “%(title)s” was taken off sale"),
        text=N_("The complaint was upheld. Why, what it costs your shop, and how you may appeal: see there."),
    ),
    Kind(
        name="complaints.shop_won",
        label=_SHOP,
        subject=N_("%(shop)s: “%(title)s” stays, the complaint was rejected"),
        text=N_("If it was off sale meanwhile, it is on sale again."),
    ),
    Kind(
        name="complaints.shop_over",
        label=_SHOP,
        subject=N_("%(shop)s: the complaint about “%(title)s” is over"),
        text=N_("Nobody has to do anything any more."),
    ),
    Kind(
        name="complaints.shop_appealed",
        label=_SHOP,
        subject=N_("%(shop)s: the decision about “%(title)s” is looked at again"),
        text=N_("Who complained has appealed. Until somebody else has decided, it stays as it is."),
    ),
    Kind(
        name="complaints.countered",
        label=_COMPLAINANT,
        subject=N_("The shop has answered your complaint about “%(title)s”"),
        text=N_("Our desk reads both and decides, by %(at)s at the latest."),
    ),
    Kind(
        name="complaints.upheld",
        label=_COMPLAINANT,
        subject=N_("Your complaint was upheld: “%(title)s” is off sale"),
        text=N_("Thank you for telling us. The shop may still appeal."),
    ),
    Kind(
        name="complaints.rejected",
        label=_COMPLAINANT,
        subject=N_("Your complaint about “%(title)s” was rejected"),
        text=N_("Why, and how you may appeal, stands there."),
    ),
    Kind(
        name="complaints.appealed",
        label=_COMPLAINANT,
        subject=N_("The shop appeals: “%(title)s” is looked at again"),
        text=N_("Somebody else of our desk decides. Until then it stays off sale."),
    ),
    Kind(
        name="complaints.over",
        label=_COMPLAINANT,
        subject=N_("Your complaint about “%(title)s” is over"),
        text=N_("Our desk did not decide in time, and we are sorry. What that means stands there."),
    ),
    Kind(
        name="complaints.step_none",
        label=_LADDER,
        subject=N_("%(shop)s: nothing stands against your shop any more"),
        text=N_("All points have faded or were taken back. Thank you for your care."),
    ),
    Kind(
        name="complaints.step_warning",
        label=_LADDER,
        subject=N_("%(shop)s: a warning"),
        text=N_("A complaint was upheld. Nothing else changes. The points fade on %(at)s, or when an appeal is won."),
        button=_BACK,
    ),
    Kind(
        name="complaints.step_limits",
        label=_LADDER,
        subject=N_("%(shop)s: our desk looks at new listings first"),
        text=N_("So many complaints stand upheld. The next points fade on %(at)s, or at once when an appeal is won."),
        button=_BACK,
    ),
    Kind(
        name="complaints.step_exposure",
        label=_LADDER,
        subject=N_("%(shop)s: your things stand further below in search"),
        text=N_("So many complaints stand upheld. The next points fade on %(at)s, or at once when an appeal is won."),
        button=_BACK,
    ),
    Kind(
        name="complaints.step_suspension",
        label=_LADDER,
        subject=N_("%(shop)s: your shop sells nothing until %(at)s"),
        text=N_("So many complaints stand upheld. It opens again by itself then, or at once when an appeal is won."),
        button=_BACK,
    ),
)
