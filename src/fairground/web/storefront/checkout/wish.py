"""What the checkout's form asks for. Its fields are named after the shops, so it is read by hand."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from fairground.market.accounts.model import Address, AddressId
from fairground.market.orders.model.quote import CheckoutRequest, QuoteRequest

DELIVERY: Final = "delivery:"
NOTE: Final = "note:"
MOST_NOTE: Final = 500


class Wish(msgspec.Struct, frozen=True):
    """Where to, how, with which coupons (None: the best of the wallet), and words for the shops."""

    address_id: AddressId | None = None
    deliveries: dict[str, str] = {}
    notes: dict[str, str] = {}
    coupons: tuple[str, ...] | None = None
    code: str = ""
    gateway: str | None = None
    expected_total: int | None = None
    key: str = ""

    def named(self, best: Sequence[str]) -> tuple[str, ...]:
        """Name the coupons to try: those chosen, else the best; and a code that was typed."""
        chosen = self.coupons if self.coupons is not None else tuple(best)
        return (*chosen, self.code) if self.code and self.code not in chosen else chosen

    def to_quote(self, address: Address | None, coupons: tuple[str, ...]) -> QuoteRequest:
        """Ask what it would cost."""
        address_id = address.id if address else None
        return QuoteRequest(address_id=address_id, deliveries=self.deliveries, coupons=coupons)

    def to_checkout(self, tickets: Mapping[str, str]) -> CheckoutRequest:
        """Ask for it in earnest; with the tickets of waiting rooms that somebody has."""
        return CheckoutRequest(
            address_id=self.address_id,
            deliveries=self.deliveries,
            coupons=self.named(()),
            notes=self.notes,
            gateway=self.gateway,
            expected_total=self.expected_total,
            tickets=dict(tickets),
        )


def read_wish(fields: Mapping[str, Sequence[str]]) -> Wish:
    """Read the form, however much of it is there."""

    def last(name: str) -> str:
        return fields[name][-1].strip() if fields.get(name) else ""

    total = last("expected_total")
    return Wish(
        address_id=AddressId.parse(last("address_id")),
        deliveries={k.removeprefix(DELIVERY): v[-1] for k, v in fields.items() if k.startswith(DELIVERY) and v},
        notes={
            k.removeprefix(NOTE): v[-1].strip()[:MOST_NOTE]
            for k, v in fields.items()
            if k.startswith(NOTE) and v and v[-1].strip()
        },
        coupons=tuple(c for c in fields.get("coupon", ()) if c) if "coupons_chosen" in fields else None,
        code=last("code").upper(),
        gateway=last("gateway") or None,
        expected_total=int(total) if total.isascii() and total.isdigit() and len(total) < 19 else None,
        key=last("idempotency_key"),
    )
