"""The market's rules about orders; each is a setting with this default."""

import hashlib
from datetime import timedelta

import msgspec

from fairground.kit.money import digits
from fairground.market.shipping.model import DeliveryKind


class OrderRules(msgspec.Struct, frozen=True):
    """Numbers of the market about orders."""

    unpaid_close_hours: int = 24
    unpaid_reminder_hours: int = 1  # before the close
    ship_promise_hours: int = 48
    late_voucher_bp: int = 500
    late_voucher_least_units: int = 1  # units of the currency, not cents
    late_voucher_most_units: int = 50
    late_voucher_days: int = 30
    confirm_courier_days: int = 10
    confirm_mail_days: int = 30
    confirm_pickup_days: int = 3
    confirm_virtual_days: int = 3
    buyer_extends_days: int = 3
    buyer_extends_times: int = 1
    seller_extends_most_days: int = 30  # at one time
    cancel_silence_hours: int = 24
    cancel_needs_yes: bool = False  # a paid order waits for the shop's yes (or its silence) before it is cancelled
    return_without_reason_days: int = 7  # from receipt; PRC consumer law, article 25
    commission_bp: int = 300
    tax_bp: int = 0  # tax contained in prices; 0 = the market states none
    lines_most: int = 100  # of one checkout
    quantity_most: int = 9_999  # of one line
    note_most: int = 500  # characters to one shop
    parcels_most: int = 20  # of one order
    overdraft_units: int = 500  # units of the currency that a shop may owe for refunds after receipt; then payouts stop

    def confirm_after(self, kind: DeliveryKind) -> timedelta:
        """Tell how long after the last parcel silence counts as receipt."""
        days = {
            DeliveryKind.COURIER: self.confirm_courier_days,
            DeliveryKind.MAIL: self.confirm_mail_days,
            DeliveryKind.PICKUP: self.confirm_pickup_days,
            DeliveryKind.VIRTUAL: self.confirm_virtual_days,
        }[kind]
        return timedelta(days=days)

    def late_voucher(self, total: int, currency: str) -> int:
        """Tell what a voucher for late shipping is worth, in minor units."""
        unit = int(10 ** digits(currency))
        worth = total * self.late_voucher_bp // 10_000
        return max(self.late_voucher_least_units * unit, min(self.late_voucher_most_units * unit, worth))


class WaysToPay(msgspec.Struct, frozen=True):
    """The gateways that are switched on, with the hours their payments stay open (None: as the market's rule says)."""

    default: str = "sandbox"
    open_hours: dict[str, int | None] = {}

    def __contains__(self, gateway: str) -> bool:
        return gateway == self.default or gateway in self.open_hours

    def hours(self, gateway: str, rules: OrderRules) -> int:
        """Tell how long a payment by a gateway stays open."""
        return max(self.open_hours.get(gateway) or 0, rules.unpaid_close_hours)


def version_of(rules: OrderRules) -> str:
    """Name a set of rules by its content; an order keeps the name of the rules it was placed under."""
    return hashlib.sha256(msgspec.json.encode(rules)).hexdigest()[:12]
