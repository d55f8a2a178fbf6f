"""The first rules: what the market goes by from its first day, with the numbers of the settings in their texts."""

import re
from collections.abc import Mapping
from typing import Final

import msgspec

from fairground.kit.errors import N_
from fairground.kit.i18n.words import Language, gettext, speaking
from fairground.market.justice.model.disputes import DisputeRules
from fairground.market.justice.model.jury import JuryRules
from fairground.market.justice.model.rulebook import RuleBookRules, RuleDraft, Wording
from fairground.market.orders.model.rules import OrderRules
from fairground.market.reviews.model import ReviewRules

_PLACE: Final = re.compile(r"%\((\w+)\)[sd]")
WHY: Final = N_("The market has gone by this since its first day.")
ROOMS: Final[Mapping[str, type[msgspec.Struct]]] = {
    "orders": OrderRules,
    "reviews": ReviewRules,
    "jury": JuryRules,
    "disputes": DisputeRules,
    "rulebook": RuleBookRules,
}


class FoundingRule(msgspec.Struct, frozen=True):
    """A first rule. Places in its text name settings of its room; `x_percent` is the setting `x_bp` in per cent."""

    key: str
    room: str
    title: str
    text: str

    @property
    def settings(self) -> list[str]:
        """Name the settings that the text names."""
        return sorted({_setting(place) for place in _PLACE.findall(self.text)})


FOUNDING: Final = (
    FoundingRule(
        "orders.unpaid",
        "orders",
        N_("An order that is not paid"),
        N_(
            "An order that is not paid within %(unpaid_close_hours)d hours is closed, and the goods go back on the "
            "table. The buyer is reminded %(unpaid_reminder_hours)d h before."
        ),
    ),
    FoundingRule(
        "orders.shipping",
        "orders",
        N_("When a shop ships"),
        N_(
            "A shop ships within %(ship_promise_hours)d hours after the payment. Is it late, the buyer gets a voucher "
            "of %(late_voucher_percent)s %% of the order, without asking."
        ),
    ),
    FoundingRule(
        "orders.receipt",
        "orders",
        N_("When an order counts as received"),
        N_(
            "The market keeps the money until the buyer has the goods. Without a word from the buyer an order counts "
            "as received %(confirm_courier_days)d days after a courier took it, %(confirm_mail_days)d days after it "
            "was posted, %(confirm_virtual_days)d days for what is not sent. The buyer may ask for "
            "%(buyer_extends_days)d days more."
        ),
    ),
    FoundingRule(
        "orders.cancelling",
        "orders",
        N_("Cancelling a paid order"),
        N_(
            "As long as nothing was shipped, a buyer may cancel and has the money back. Where a shop wants to be asked "
            "first and is silent for %(cancel_silence_hours)d hours, that is a yes."
        ),
    ),
    FoundingRule(
        "orders.commission",
        "orders",
        N_("What the market keeps"),
        N_(
            "The market keeps %(commission_percent)s %% of what a shop earns, where no other rate was agreed. The rate "
            "is frozen with the sale; what is refunded gives its share back."
        ),
    ),
    FoundingRule(
        "cases.without_reason",
        "orders",
        N_("Giving something back without a reason"),
        N_(
            "Within %(return_without_reason_days)d days after receipt, counted from the next day, a buyer may give "
            "things back without a reason. Not what was made to measure, what spoils, opened digital goods, and "
            "newspapers; other exceptions only where the buyer confirmed them in that purchase."
        ),
    ),
    FoundingRule(
        "reviews.window",
        "reviews",
        N_("Who may review, and how long"),
        N_(
            "Only who received a thing reviews it, within %(window_days)d days after receipt. A neutral or bad review "
            "may be changed once within %(change_days)d days; something may be added within %(follow_up_days)d days. "
            "Silence never counts as praise."
        ),
    ),
    FoundingRule(
        "reviews.scores",
        "reviews",
        N_("How a shop's scores are made"),
        N_(
            "A shop's scores are the mean of the last %(score_days)d days. At most the first %(scores_a_month)d of one "
            "buyer in a month count; while few buyers stand behind a score, it is drawn towards the market's mean."
        ),
    ),
    FoundingRule(
        "disputes.proof",
        "disputes",
        N_("Who has to show what"),
        N_(
            "Each side has %(round_hours)d hours to say what happened and to show it, and may answer the other once "
            "more. What one side says and the other could show to be wrong and does not, is believed."
        ),
    ),
    FoundingRule(
        "disputes.appeal",
        "disputes",
        N_("Appealing against a ruling"),
        N_(
            "Either side may appeal once, within %(appeal_hours)d hours. Somebody else decides, and the ruling is "
            "carried out when it is final."
        ),
    ),
    FoundingRule(
        "disputes.silence",
        "disputes",
        N_("When the market itself is late"),
        N_(
            "Has nobody decided a dispute after %(staff_days)d days, a supervisor has to. Has none after "
            "%(supervisor_days)d days more, the market pays the buyer out of its own pocket, and the shop loses "
            "nothing."
        ),
    ),
    FoundingRule(
        "disputes.jury",
        "jury",
        N_("When a jury decides"),
        N_(
            "Where both sides want it, a jury of %(seats)d people decides, of %(seats_above)d where much is at stake. "
            "They are drawn at random, have been verified for %(verified_days)d days, had no dealings with either "
            "side and do not sell such goods. They see no names, and give reasons. The simple majority of the seats "
            "decides; is there none after %(open_hours)d hours, the market's people decide."
        ),
    ),
    FoundingRule(
        "disputes.jurors",
        "jury",
        N_("Who sits on a jury"),
        N_(
            "A juror has judged %(practice_cases)d practice cases. Whoever judges fewer than %(right_percent)d %% of "
            "the known cases as they were decided rests for %(rest_days)d days."
        ),
    ),
    FoundingRule(
        "rules.changing",
        "rulebook",
        N_("How rules are made"),
        N_(
            "Every rule is a public draft first: everybody reads it for at least %(consultation_days_least)d days, "
            "verified people comment and vote. From %(vote_quorum)d votes on, a majority against it keeps it out. In "
            "an emergency a rule may be in force at once, for at most %(emergency_days_most)d days."
        ),
    ),
)


def _setting(place: str) -> str:
    return place.removesuffix("_percent") + "_bp" if _is_share(place) else place


def _is_share(place: str) -> bool:
    # A room may have a setting that is called so itself.
    return place.endswith("_percent") and not any(place in rules.__struct_fields__ for rules in ROOMS.values())


def numbers_of(rule: FoundingRule, rules: msgspec.Struct) -> dict[str, int]:
    """Give the settings that a rule names, as "room.setting", with their values."""
    return {f"{rule.room}.{name}": getattr(rules, name) for name in rule.settings}


def draft_of(rule: FoundingRule, rules: msgspec.Struct) -> RuleDraft:
    """Write a founding rule in both languages, with the numbers of now."""
    return RuleDraft(rule.key, _wording(rule, rules, "en"), _wording(rule, rules, "zh-CN"), rule.key.partition(".")[0])


def _wording(rule: FoundingRule, rules: msgspec.Struct, language: Language) -> Wording:
    with speaking(language):
        places = {place: _value(rules, place) for place in _PLACE.findall(rule.text)}
        return Wording(gettext(rule.title), gettext(rule.text) % places, gettext(WHY))


def _value(rules: msgspec.Struct, place: str) -> int | str:
    value: int = getattr(rules, _setting(place))
    return f"{value / 100:g}" if _is_share(place) else value


def changed_numbers(numbers: Mapping[str, int], rules: Mapping[str, msgspec.Struct]) -> dict[str, tuple[int, int]]:
    """Compare the settings that a rule names with those in force, by room: those that differ, as (said, in force)."""
    changed = {}
    for name, said in numbers.items():
        room, _, setting = name.partition(".")
        now = getattr(rules[room], setting, None) if room in rules else None
        if now is not None and now != said:
            changed[name] = (said, int(now))
    return changed
