"""A jury is drawn: everybody who is ready in the order that a seed gives, whoever may not judge this case left out."""

import secrets
from datetime import datetime, timedelta
from typing import Final

import msgspec

from fairground.kit.db import Tx
from fairground.kit.deadlines import set_deadline
from fairground.kit.errors import N_
from fairground.kit.events import publish
from fairground.kit.i18n.words import DEFAULT, Language, known
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.accounts.queries import map_accounts
from fairground.market.accounts.verified import map_verified_at
from fairground.market.catalog.model import ProductId
from fairground.market.catalog.queries.categories import tree_of
from fairground.market.catalog.queries.products import map_products
from fairground.market.catalog.queries.selling import list_selling
from fairground.market.justice.actions.precedents import known_persons
from fairground.market.justice.actions.rulings import leave_to_staff
from fairground.market.justice.events import JurorsDrawn, JuryEnded
from fairground.market.justice.model.disputes import Dispute, DisputeId, DisputeState
from fairground.market.justice.model.jury import Candidate, CaseFile, Draw, JuryRules, Said, rank
from fairground.market.justice.model.redaction import redact
from fairground.market.justice.policy import why_not_juror
from fairground.market.justice.queries.disputes import get_dispute, list_statements
from fairground.market.justice.queries.jury import find_jury, list_ready_jurors
from fairground.market.justice.queries.rulebook import map_in_force
from fairground.market.orders.model import Order, OrderId
from fairground.market.orders.queries.acquaintance import list_who_ordered, map_first_received
from fairground.market.orders.queries.orders import get_order, map_lines
from fairground.market.shops.workplaces import map_workplaces

CLOSES: Final = "justice.jury_closes"
RULE: Final = "disputes.jury"  # what a jury's ruling rests on
CHUNK: Final = 50


async def draw_jury(tx: Tx, dispute_id: DisputeId, seed: str | None = None) -> None:
    """Draw the jury of a dispute and hand it the case.

    Are there too few who may judge it, or is no rule about juries in force, the staff decides at once.

    Safe to run twice. The seed is drawn here, after the pool is what it is: nobody can choose it.
    """
    dispute = await get_dispute(tx, dispute_id)
    if dispute.state is not DisputeState.JURY or await find_jury(tx, dispute_id) is not None:
        return
    rules, order = tx.given(JuryRules), await get_order(tx, OrderId(dispute.order_id))
    categories = await _categories(tx, order)
    seats = rules.seats_for(Money(dispute.claimed, dispute.currency))
    draw = await _draw(tx, dispute, categories, seats, seed or secrets.token_hex(16))
    is_full = len(draw.drawn) == seats and bool(await map_in_force(tx, [RULE]))
    file = await make_file(tx, dispute, order, categories)
    closes_at = tx.now + timedelta(hours=rules.open_hours)
    await _write(tx, dispute, file, draw, seats, closes_at=closes_at, is_full=is_full)
    if not is_full:
        await leave_to_staff(tx, dispute_id)
        await publish(tx, JuryEnded(dispute_id=dispute_id, is_decided=False, for_buyer=0, for_shop=0))
        return
    await set_deadline(tx, CLOSES, dispute_id, closes_at, N_("The jury has not decided in time."))
    jurors = tuple(Id(i) for i in draw.drawn)
    await publish(tx, JurorsDrawn(dispute_id=dispute_id, juror_ids=jurors, closes_at=closes_at))


async def _draw(tx: Tx, dispute: Dispute, categories: set[str], seats: int, seed: str) -> Draw:
    pool = await list_ready_jurors(tx)
    order, drawn, passed = rank(seed, pool), list[int](), list[tuple[int, str]]()
    rules = tx.given(JuryRules)
    for begin in range(0, len(order), CHUNK):
        chunk = [Id(i) for i in order[begin : begin + CHUNK]]
        known_ = await look_at(tx, dispute, categories, chunk)
        for person_id in chunk:
            why = why_not_juror(known_[person_id], rules, tx.now)
            if why is None:
                drawn.append(int(person_id))
            else:
                passed.append((int(person_id), why))
            if len(drawn) == seats:
                return Draw(seed, tuple(pool), tuple(drawn), tuple(passed))
    return Draw(seed, tuple(pool), tuple(drawn), tuple(passed))


async def look_at(tx: Tx, dispute: Dispute, categories: set[str], ids: list[Id]) -> dict[Id, Candidate]:
    """Gather what speaks for and against these people as jurors of a dispute; a handful of queries for all of them."""
    people, confirmed = await map_accounts(tx, ids), await map_verified_at(tx, ids)
    received, work = await map_first_received(tx, ids), await map_workplaces(tx, ids)
    shop_id, buyer_id = dispute.shop_id, dispute.buyer_id
    own = sorted({shop for shops in work.values() for shop in shops})
    bought = await list_who_ordered(tx, [*ids, buyer_id], [shop_id, *own])
    selling = await list_selling(tx, own, categories)
    found = {}
    for i in ids:
        person, shops = people.get(i), work.get(i, [])  # type: ignore[call-overload]
        verified = max(confirmed[i], received[i]) if i in confirmed and i in received else None
        found[i] = Candidate(
            person_id=i,
            is_here=person is not None and not person.is_closed and person.suspension is None,
            is_staff=person is not None and person.staff_role is not None,
            verified_since=verified,
            is_party=i == buyer_id or shop_id in shops,
            has_dealings=(i, shop_id) in bought or any((buyer_id, shop) in bought for shop in shops),
            sells_the_same=any(shop in selling for shop in shops),
        )
    return found


async def make_file(tx: Tx, dispute: Dispute, order: Order, categories: set[str]) -> CaseFile:
    """Write the case down for jurors: what both sides said without persons, the goods by their category alone."""
    language: Language = known(order.language) or DEFAULT
    persons = await known_persons(tx, order)
    said = tuple(
        Said(s.side, s.round, redact(s.words, persons, language), len(s.pictures))
        for s in await list_statements(tx, dispute.id)
    )
    tree = await tree_of(tx, categories)
    goods = ", ".join(tree.categories[slug].name_in(language) for slug in sorted(categories))
    return CaseFile(dispute.kind, goods, Money(dispute.claimed, dispute.currency), language, said)


async def _categories(tx: Tx, order: Order) -> set[str]:
    lines = (await map_lines(tx, [order.id]))[order.id]
    products = await map_products(tx, {ProductId(line.product_id) for line in lines})
    return {product.category for product in products.values() if product.category}


async def _write(
    tx: Tx, dispute: Dispute, file: CaseFile, draw: Draw, seats: int, *, closes_at: datetime, is_full: bool
) -> None:
    await tx.execute(
        """
        insert into justice.juries
               (bucket, dispute_id, buyer_id, shop_id, file, to_return, claimed, seats, state, seed, pool, drawn,
                passed_over, opened_at, closes_at, ended_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)
        """,
        dispute.id.bucket,
        dispute.id,
        dispute.buyer_id,
        dispute.shop_id,
        msgspec.to_builtins(file),
        dispute.kind == "return",
        dispute.claimed,
        seats,
        "open" if is_full else "failed",
        draw.seed,
        list(draw.pool),
        list(draw.drawn),
        [list(pair) for pair in draw.passed_over],
        tx.now,
        closes_at,
        None if is_full else tx.now,
    )
    if is_full:
        await tx.many(
            "insert into justice.seats (bucket, dispute_id, juror_id) values ($1, $2, $3)",
            [(dispute.id.bucket, dispute.id, juror) for juror in draw.drawn],
        )
