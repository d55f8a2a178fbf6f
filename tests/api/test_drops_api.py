"""Drops and waiting rooms by API; what is told from memory is told without a statement."""

from datetime import timedelta
from typing import Any

import httpx
import pytest

from fairground.kit.errors import TooMany
from fairground.kit.ids import Id
from fairground.kit.rate_limit import RateScale
from fairground.market.promotions.board import STALE, Board
from fairground.market.promotions.damping import Damper
from fairground.market.promotions.model import DropRules
from tests.support.accounts import make_person, sign_in_as
from tests.support.catalog import make_product
from tests.support.drops import MARKET, drop_draft, open_drop
from tests.support.orders import assert_all_clean
from tests.support.road import HANGZHOU, ask, with_key
from tests.support.shops import make_shop
from tests.support.statements import statements
from tests.support.web import Market

HOUR = timedelta(hours=1)


def board_of(market: Market) -> Board:
    return market.db.given(Board)


async def _program(market: Market, name: str = "Ming") -> httpx.AsyncClient:
    return market.program((await sign_in_as(market.db, await make_person(market.db, name))).token)


async def _checkout(buyer: httpx.AsyncClient, variant: Id, **more: Any) -> dict[str, Any]:
    address = (await ask(buyer, "POST", "/me/addresses", HANGZHOU, 201))["id"]
    return {"address_id": address, "lines": [{"variant_id": str(int(variant)), "quantity": 1}], **more}


async def test_a_seller_plans_changes_announces_and_stops_a_drop(market: Market) -> None:
    who = await make_person(market.db, "Wei")
    seller = market.program((await sign_in_as(market.db, who)).token)
    shop = await make_shop(market.db, who.id)
    pot = await make_product(market.db, shop)
    start = market.db.clock.now() + HOUR
    body = {
        "title": "Noon drop",
        "starts_at": start.isoformat(),
        "ends_at": (start + HOUR).isoformat(),
        "goods": [
            {"variant_id": str(pot.variants[0].id), "price": {"amount": 5000, "currency": "CNY"}, "quota": 5},
        ],
    }
    made = await ask(seller, "POST", f"/shops/{shop.slug}/drops", body, 201)
    assert (made["state"], made["shop"], made["goods"][0]["left"]) == ("planned", shop.slug, 5)
    guest = market.program()
    await ask(guest, "GET", f"/drops/{made['id']}", status=404)
    assert (await ask(guest, "GET", "/drops"))["items"] == []
    changed = await ask(seller, "PATCH", f"/drops/{made['id']}", {**body, "title": "One o'clock", "has_room": True})
    assert (changed["title"], changed["has_room"], changed["per_minute"]) == ("One o'clock", True, 600)
    announced = await ask(seller, "POST", f"/drops/{made['id']}/announcement", status=201)
    assert announced["state"] == "announced"
    await ask(seller, "PATCH", f"/drops/{made['id']}", body, 409)
    await board_of(market).refresh(market.db)
    (shown,) = (await ask(guest, "GET", "/drops"))["items"]
    assert shown == await ask(guest, "GET", f"/drops/{made['id']}") == announced
    stopped = await ask(seller, "POST", f"/drops/{made['id']}/cancellation", status=201)
    assert stopped["state"] == "cancelled"
    await board_of(market).refresh(market.db)
    assert (await ask(guest, "GET", "/drops"))["items"] == []
    wrong = await ask(
        seller, "POST", f"/shops/{shop.slug}/drops", {**body, "starts_at": "2026-08-01T00:00:00", "title": ""}, 422
    )
    assert [e["pointer"] for e in wrong["errors"]] == ["/starts_at"]


async def test_a_drop_is_bought_at_its_price_within_its_limits_and_paid_within_a_quarter_of_an_hour(
    market: Market,
) -> None:
    shop = await make_shop(market.db)
    pot = await make_product(market.db, shop, stock=50)
    await open_drop(market.db, shop.id, drop_draft(market.db, pot, quota=1))
    await board_of(market).refresh(market.db)
    buyer, late = await _program(market), await _program(market, "Hua")
    body = await _checkout(buyer, pot.variants[0].id)
    quote = await ask(buyer, "POST", "/quotes", body)
    goods, drop, shipping = quote["steps"]
    assert (goods["amount"]["amount"], drop["kind"], drop["title"]) == (19_900, "limited_price", "Noon drop")
    assert drop["amount"]["amount"] == 5_000 - 19_900
    assert quote["coupons"] == []
    key = with_key()
    placed = await ask(buyer, "POST", "/checkouts", body, 201, headers=key)
    assert placed["payment"]["amount"]["amount"] == 5_000 + shipping["amount"]["amount"]
    order = await market.db.read(lambda r: r.row("select pay_by - placed_at as open from orders.orders"))
    assert order is not None
    assert order["open"] == timedelta(minutes=15)

    again = await ask(buyer, "POST", "/checkouts", body, 409, headers=with_key())
    assert (again["code"], again["variants"]) == (
        "orders.drop_limit",
        [{"variant_id": str(pot.variants[0].id), "left": 0}],
    )
    refused = await ask(late, "POST", "/checkouts", await _checkout(late, pot.variants[0].id), 409, headers=with_key())
    assert (refused["code"], refused["variants"][0]["left"]) == ("orders.out_of_stock", 0)
    assert await ask(buyer, "POST", "/checkouts", body, 201, headers=key) == placed
    await assert_all_clean(market.db)


async def test_sold_out_is_told_from_memory_but_not_to_who_bought(market: Market) -> None:
    shop = await make_shop(market.db)
    pot = await make_product(market.db, shop, stock=50)
    await open_drop(market.db, shop.id, drop_draft(market.db, pot, quota=1))
    await board_of(market).refresh(market.db)
    buyer, late = await _program(market), await _program(market, "Hua")
    body, theirs = await _checkout(buyer, pot.variants[0].id), await _checkout(late, pot.variants[0].id)
    key = with_key()
    placed = await ask(buyer, "POST", "/checkouts", body, 201, headers=key)
    await board_of(market).refresh(market.db)
    with statements() as seen:
        refused = await ask(late, "POST", "/checkouts", theirs, 409, headers=with_key())
    assert refused["code"] == "orders.out_of_stock"
    # Who calls is found out at the door; the checkout itself costs nothing.
    assert not [sql for sql in seen if "sessions" not in sql]
    assert await ask(buyer, "POST", "/checkouts", body, 201, headers=key) == placed


async def test_a_waiting_room_lets_people_in_by_turn_and_polls_without_a_statement(market: Market) -> None:
    shop = await make_shop(market.db)
    pot = await make_product(market.db, shop, stock=50)
    face = await open_drop(
        market.db, shop.id, drop_draft(market.db, pot, starts_in=HOUR, room=True, per_minute=60, burst=1)
    )
    await board_of(market).refresh(market.db)
    buyers = [await _program(market, name) for name in ("Ming", "Hua", "Lan")]
    path = f"/drops/{face.id}/tickets"
    tickets = [await ask(buyer, "POST", path, status=201) for buyer in buyers]
    assert [t["standing"]["position"] for t in tickets] == [None, None, None]
    again = await ask(buyers[0], "POST", path, status=201)
    assert again["ticket"] == tickets[0]["ticket"]

    market.db.clock.move(HOUR)
    await board_of(market).refresh(market.db)
    with statements() as seen:
        places = [
            (await ask(buyer, "GET", f"{path}/current", params={"ticket": t["ticket"]}))["standing"]
            for buyer, t in zip(buyers, tickets, strict=True)
        ]
    assert seen == []
    assert sorted((p["position"], p["admitted"]) for p in places) == [(0, False), (0, True), (1, False)]
    order = sorted(range(3), key=lambda n: places[n]["admitted_at"])
    last = order[-1]
    body = await _checkout(buyers[last], pot.variants[0].id)
    for tickets_sent, code in (
        ({}, "promotions.not_your_turn"),
        ({str(face.id): tickets[last]["ticket"]}, "promotions.not_your_turn"),
        ({str(face.id): tickets[order[0]]["ticket"]}, "promotions.ticket_invalid"),
        ({str(face.id): "forged"}, "promotions.ticket_invalid"),
    ):
        refused = await ask(
            buyers[last], "POST", "/checkouts", {**body, "tickets": tickets_sent}, 409, headers=with_key()
        )
        assert refused["code"] == code
    market.db.clock.move(timedelta(seconds=2))
    mine = {**body, "tickets": {str(face.id): tickets[last]["ticket"]}}
    await ask(buyers[last], "POST", "/checkouts", mine, 201, headers=with_key())
    await assert_all_clean(market.db)


async def test_from_the_cart_the_turn_is_asked_for_as_well(market: Market) -> None:
    shop = await make_shop(market.db)
    pot = await make_product(market.db, shop, stock=50)
    face = await open_drop(market.db, shop.id, drop_draft(market.db, pot, room=True, burst=1))
    await board_of(market).refresh(market.db)
    buyer = await _program(market)
    await ask(buyer, "PUT", f"/cart/lines/{pot.variants[0].id}", {"quantity": 1})
    body = await _checkout(buyer, pot.variants[0].id)
    del body["lines"]
    refused = await ask(buyer, "POST", "/checkouts", body, 409, headers=with_key())
    assert (refused["code"], refused["drop_id"]) == ("promotions.not_your_turn", str(face.id))
    ticket = (await ask(buyer, "POST", f"/drops/{face.id}/tickets", status=201))["ticket"]
    await ask(buyer, "POST", "/checkouts", {**body, "tickets": {str(face.id): ticket}}, 201, headers=with_key())


async def test_who_joins_what_cannot_be_joined_is_told_so(market: Market) -> None:
    shop = await make_shop(market.db)
    pot, jug = await make_product(market.db, shop), await make_product(market.db, shop)
    plain = await open_drop(market.db, shop.id, drop_draft(market.db, pot))
    over = await open_drop(market.db, shop.id, drop_draft(market.db, jug, room=True))
    buyer = await _program(market)
    assert (await ask(buyer, "POST", f"/drops/{plain.id}/tickets", status=404))["code"] == "promotions.drop_not_found"
    ticket = (await ask(buyer, "POST", f"/drops/{over.id}/tickets", status=201))["ticket"]
    market.db.clock.move(HOUR)
    assert (await ask(buyer, "POST", f"/drops/{over.id}/tickets", status=409))["code"] == "promotions.no_waiting_room"
    gone = await ask(buyer, "GET", f"/drops/{over.id}/tickets/current", status=409, params={"ticket": ticket})
    assert gone["code"] == "promotions.drop_over"
    await ask(market.program(), "POST", f"/drops/{plain.id}/tickets", status=401)


async def test_a_stale_board_says_nothing_and_the_database_decides(market: Market) -> None:
    seconds = 0.0
    board = Board(clock=lambda: seconds)
    now = market.db.clock.now()
    assert not board.knows(now)
    shop = await make_shop(market.db)
    pot = await make_product(market.db, shop)
    face = await open_drop(market.db, shop.id, drop_draft(market.db, pot, quota=1))
    await board.refresh(market.db)
    assert board.knows(now)
    assert board.faces() == [face]
    offer = board.price_of(pot.variants[0].id, now)
    assert offer is not None
    assert offer.goods.price == 5_000
    assert board.price_of(pot.variants[0].id, now + HOUR) is None
    await market.db.write(
        MARKET,
        lambda tx: tx.execute("update promotions.drop_goods set sold = 1, turn = turn + 1"),
    )
    await board.refresh(market.db)
    assert board.is_sold_out(pot.variants[0].id, now)
    seconds = STALE + 1
    assert not board.knows(now)
    assert not board.is_sold_out(pot.variants[0].id, now)


def test_bots_are_damped_by_person_and_by_network() -> None:
    damper = Damper(DropRules(joins_person=2, joins_address=5), RateScale())
    for _ in range(2):
        damper.join(Id(1), "2001:db8::1")
    with pytest.raises(TooMany):
        damper.join(Id(1), "2001:db8::1")
    for person in (2, 3, 4):
        damper.join(Id(person), f"2001:db8::{person}")
    with pytest.raises(TooMany):
        damper.join(Id(5), "2001:db8:0:0:ffff::1")  # the same /64
    damper.join(Id(5), "2001:db8:0:1::1")
    scaled = Damper(DropRules(joins_person=2), RateScale(10.0))
    for _ in range(20):
        scaled.join(Id(1), "")
