"""Cases whose end is known, for practising: made up for it, each with the reason that decided."""

from typing import Final

import msgspec

from fairground.kit.errors import N_
from fairground.market.justice.model.jury import JuryRules, Verdict


class PracticeCase(msgspec.Struct, frozen=True):
    """A known case; texts are msgids."""

    key: str
    title: str
    buyer: str
    shop: str
    verdict: Verdict
    why: str


PRACTICE: Final = (
    PracticeCase(
        "practice.cup",
        N_("A cup arrived in pieces"),
        N_(
            "The cup was broken when I opened the box. The picture shows the box, crushed at one corner, an hour later."
        ),
        N_("It left us whole. The buyer may have dropped it."),
        Verdict.BUYER,
        N_("A shop answers for the way until the buyer has the goods. A crushed box speaks for the buyer."),
    ),
    PracticeCase(
        "practice.colour",
        N_("The scarf is a little darker"),
        N_("On my screen it looked lighter. I wore it for three weeks, and now I want all the money back."),
        N_("Our pictures show it by daylight, and the text names the colour. It was worn."),
        Verdict.SHOP,
        N_("What was sold was described rightly, and what was worn for weeks does not go back without a reason."),
    ),
    PracticeCase(
        "practice.empty",
        N_("Delivered, says the carrier"),
        N_("I was at home all day, and nobody came. The signature is not mine, and nobody here has this name."),
        N_("The carrier says delivered. That is enough for us."),
        Verdict.BUYER,
        N_("A parcel signed for by a stranger has not reached the buyer, and the shop chose the carrier."),
    ),
    PracticeCase(
        "practice.engraved",
        N_("A ring with a name"),
        N_("The ring fits and the name is right, but I do not like it any more. Seven days are not over."),
        N_("We engraved it for this order, as the buyer confirmed in the purchase."),
        Verdict.SHOP,
        N_("What was made to measure does not go back without a reason."),
    ),
    PracticeCase(
        "practice.silver",
        N_("Silver that is none"),
        N_("It was sold as silver 925. It turned my finger green, and a jeweller wrote that it is brass."),
        N_("Our supplier says it is silver. We cannot check everything."),
        Verdict.BUYER,
        N_("A shop answers for what it says of its goods, whoever it bought them from."),
    ),
    PracticeCase(
        "practice.late",
        N_("Two days late"),
        N_("It came two days after the day the carrier had guessed. I want the price of the goods back."),
        N_("We shipped within a day, as promised. The goods are whole."),
        Verdict.SHOP,
        N_("The promise is about shipping, and it was kept. A carrier's guess is no promise of the shop."),
    ),
    PracticeCase(
        "practice.parts",
        N_("A lamp without its bulb"),
        N_("The listing says that a bulb is in the box. There was none, and the shop does not answer."),
        N_("Bulbs can be bought anywhere."),
        Verdict.BUYER,
        N_("What the listing promises is part of the goods. The claim was for the price of the bulb."),
    ),
    PracticeCase(
        "practice.wash",
        N_("A jumper that shrank"),
        N_("After the first wash at 60 degrees it fits my daughter. Such quality!"),
        N_("The label and the listing say: by hand, cold."),
        Verdict.SHOP,
        N_("Who does not heed what the label says bears what comes of it."),
    ),
    PracticeCase(
        "practice.size",
        N_("The wrong size was sent"),
        N_("I ordered size 40, the order says 40, and 38 came. The shop wants me to pay the way back."),
        N_("The buyer can sell it to somebody else."),
        Verdict.BUYER,
        N_("The shop sent something else than was sold, so it bears what setting it right costs."),
    ),
    PracticeCase(
        "practice.opened",
        N_("A pattern to download"),
        N_("I downloaded the sewing pattern and found a nicer one elsewhere. I want a refund."),
        N_("The page said before the purchase that downloads do not go back. It works."),
        Verdict.SHOP,
        N_("Opened digital goods do not go back without a reason, and this was said before."),
    ),
)
BY_KEY: Final = {case.key: case for case in PRACTICE}


def cases_of(attempt: int, rules: JuryRules) -> tuple[PracticeCase, ...]:
    """Give the practice cases of an attempt: who has rested gets those that they have not seen last time."""
    n = min(rules.practice_cases, len(PRACTICE))
    begin = (attempt - 1) * n
    return tuple(PRACTICE[(begin + k) % len(PRACTICE)] for k in range(n))
