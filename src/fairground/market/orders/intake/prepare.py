"""Price arrivals, any number at once, with as many statements as one takes."""

from collections.abc import Sequence

from fairground.kit.db import Reader
from fairground.kit.errors import N_, Findings, Trouble
from fairground.kit.seal import Keyring
from fairground.market.orders.errors import DropLimit, NotForSale, OutOfStock, TotalChanged
from fairground.market.orders.intake.prepared import Arrival, Prepared, PreparedCheckout
from fairground.market.orders.model import OrderRules, WaysToPay
from fairground.market.orders.model.drawing import Ask, Drawn
from fairground.market.orders.model.quote import CheckoutRequest, Quote, QuoteProblem
from fairground.market.orders.queries.quote import draw_quotes
from fairground.market.promotions.turns import check_turn


async def prepare(reader: Reader, arrivals: Sequence[Arrival]) -> list[Prepared]:
    """Price arrivals as a quote does; each is ready to be written, or has its own trouble."""
    drawn = await draw_quotes(reader, [Ask(a.person_id, a.language, a.request) for a in arrivals])
    rules, ways = reader.given(OrderRules), reader.given(WaysToPay)
    return [
        answer if isinstance(answer, Trouble) else _ready(reader, arrival, answer, rules, ways)
        for arrival, answer in zip(arrivals, drawn, strict=True)
    ]


def _ready(reader: Reader, arrival: Arrival, drawn: Drawn, rules: OrderRules, ways: WaysToPay) -> Prepared:
    request, quote = arrival.request, drawn.quote
    try:
        _check(request, quote, rules, ways)
    except Trouble as trouble:
        return trouble
    hindrance = _hindrance(quote)
    if hindrance is not None:
        return hindrance
    if request.expected_total is not None and request.expected_total != quote.total.amount:
        return TotalChanged(total=quote.total.amount, expected=request.expected_total)
    if drawn.drops:
        try:
            _check_turns(reader, arrival, drawn)
        except Trouble as trouble:
            return trouble
    gateway = request.gateway or ways.default
    return PreparedCheckout(
        arrival,
        quote,
        drawn.versions,
        drawn.from_cart,
        gateway,
        ways.hours(gateway, rules),
        {variant_id: offer.drop.id for variant_id, offer in drawn.drops.items()},
        min((offer.drop.pay_minutes for offer in drawn.drops.values()), default=None),
    )


def _check_turns(reader: Reader, arrival: Arrival, drawn: Drawn) -> None:
    for offer in drawn.drops.values():
        ticket = arrival.request.tickets.get(str(int(offer.drop.id)))
        check_turn(reader.given(Keyring), offer.drop, offer.room, arrival.person_id, ticket, reader.now)


def _check(request: CheckoutRequest, quote: Quote, rules: OrderRules, ways: WaysToPay) -> None:
    """Refuse what only a checkout says."""
    findings = Findings()
    findings.check(
        request.gateway is None or request.gateway in ways,
        "/gateway",
        "payments.gateway_unknown",
        N_("This way of paying is not available."),
    )
    findings.check(quote.address is not None, "/address_id", "required", N_("This is needed."))
    slugs = {shop.slug for shop in quote.shops}
    for slug, note in request.notes.items():
        pointer = f"/notes/{slug}"
        findings.check(slug in slugs, pointer, "orders.no_such_shop", N_("Nothing is ordered from this shop."))
        findings.check(
            len(note) <= rules.note_most,
            pointer,
            "length",
            N_("At most %(most)d characters, please."),
            most=rules.note_most,
        )
        findings.check(
            all(c.isprintable() or c in "\r\n\t" for c in note),
            pointer,
            "orders.note_unreadable",
            N_("These words have signs that cannot be shown."),
        )
    findings.raise_any()


def _hindrance(quote: Quote) -> Trouble | None:
    """What a quote only tells, a checkout refuses; what is not only a matter of number is told first."""
    gone = [p for p in quote.problems if p.code == OutOfStock.code]
    past = [p for p in quote.problems if p.code == DropLimit.code]
    others = [p for p in quote.problems if p.code not in {OutOfStock.code, DropLimit.code}]
    if others:
        return NotForSale(
            problems=[
                {
                    "shop": next((shop.slug for shop in quote.shops if shop.shop_id == p.shop_id), None),
                    "variant_id": None if p.variant_id is None else str(int(p.variant_id)),
                    "code": p.code,
                }
                for p in others
            ]
        )
    if past:
        return DropLimit(variants=[_too_few(p) for p in past])
    return OutOfStock(variants=[_too_few(p) for p in gone]) if gone else None


def _too_few(problem: QuoteProblem) -> dict[str, object]:
    return {"variant_id": str(int(problem.variant_id or 0)), "left": problem.params["left"]}
