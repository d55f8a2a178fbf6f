"""Disputes and precedents by API."""

from datetime import timedelta

from fairground.market.accounts.actions.sessions import open_session
from fairground.market.accounts.model import PersonId
from tests.support.accounts import FIREFOX
from tests.support.disputed_cases import RULE, escalated, let_time_pass, to_decide
from tests.support.disputes import clerk, published_precedent
from tests.support.shops import MARKET, make_owner
from tests.support.web import Market

REASONS = "The pictures show the crack, and the shop has not said otherwise."


async def token_of(market: Market, person_id: object) -> str:
    wanted = PersonId(person_id)  # type: ignore[call-overload]
    return (await market.db.write(MARKET, lambda tx: open_session(tx, wanted, FIREFOX))).token


async def test_a_dispute_from_the_first_word_to_the_end(market: Market) -> None:
    scene = await escalated(market.db)
    here = f"/api/v1/disputes/{scene.dispute.id}"
    tokens = [await token_of(market, actor.person_id) for actor in (scene.buyer, scene.seller)]
    for token, side in zip(tokens, ("buyer", "shop"), strict=True):
        async with market.program(token) as program:
            seen = (await program.get(here)).json()
            assert (seen["dispute"]["state"], seen["dispute"]["side"]) == ("evidence", side)
            said = await program.post(f"{here}/statements", json={"words": f"I am the {side}.", "is_done": True})
            assert said.status_code == 201, said.text
            again = await program.post(f"{here}/statements", json={"words": "More."})
            assert (again.status_code, again.json()["code"]) == (409, "justice.wrong_state")
    async with market.program(await token_of(market, (await clerk(market.db)).person_id)) as desk:
        assert [d["id"] for d in (await desk.get("/api/v1/disputes?waiting=true")).json()["items"]] == [
            str(scene.dispute.id)
        ]
        ruling = {"refund": 5000, "rule": RULE, "reasons": REASONS}
        assert (await desk.post(f"{here}/ruling", json=ruling)).status_code == 400
        first = await desk.post(f"{here}/ruling", json=ruling, headers={"idempotency-key": "one"})
        again = await desk.post(f"{here}/ruling", json=ruling, headers={"idempotency-key": "one"})
        assert (first.status_code, again.json()) == (201, first.json())
        assert first.json()["rulings"][0]["refund"] == {"amount": 5000, "currency": "CNY"}
        other = await desk.post(f"{here}/ruling", json={**ruling, "refund": 1}, headers={"idempotency-key": "one"})
        assert other.status_code == 422
    async with market.program(tokens[1]) as seller:
        appealed = await seller.post(f"{here}/appeal", json={"words": "It was whole."})
        assert appealed.json()["dispute"]["state"] == "appealed"
    await let_time_pass(market.db, timedelta(days=3))
    await let_time_pass(market.db, timedelta(days=3))
    async with market.program(tokens[0]) as buyer:
        ended = (await buyer.get("/api/v1/disputes")).json()["items"][0]
        assert (ended["state"], ended["outcome"]) == ("final", "market_paid")


async def test_strangers_and_those_without_the_right_get_nothing(market: Market) -> None:
    scene = await to_decide(market.db)
    here = f"/api/v1/disputes/{scene.dispute.id}"
    ruling = {"refund": 0, "rule": RULE, "reasons": REASONS}
    key = {"idempotency-key": "one"}
    async with market.program(await token_of(market, await make_owner(market.db))) as stranger:
        assert (await stranger.get(here)).status_code == 404
        assert (await stranger.post(f"{here}/statements", json={"words": "Me!"})).status_code == 404
        assert (await stranger.post(f"{here}/ruling", json=ruling, headers=key)).status_code == 404
        assert (await stranger.get("/api/v1/disputes?waiting=true")).status_code == 404
        assert (await stranger.get("/api/v1/disputes")).json() == {"items": [], "next": None}
    async with market.program() as guest:
        assert (await guest.get(here)).status_code == 401
    async with market.program(await token_of(market, scene.buyer.person_id)) as buyer:
        assert (await buyer.post(f"{here}/ruling", json=ruling, headers=key)).status_code == 404
        assert (await buyer.get(here)).json()["rulings"] == []


async def test_everybody_reads_precedents_by_rule(market: Market) -> None:
    found = await published_precedent(market.db, RULE)
    async with market.program() as guest:
        items = (await guest.get(f"/api/v1/precedents?rule={RULE}")).json()["items"]
        assert [item["id"] for item in items] == [str(found.id)]
        assert (await guest.get("/api/v1/precedents?outcome=none")).json()["items"] == []
        assert (await guest.get("/api/v1/precedents?outcome=nonsense")).status_code == 422
        one = (await guest.get(f"/api/v1/precedents/{found.id}")).json()
        assert (one["rule"], one["outcome"], one["title"]) == (RULE, "settled", "A broken pot")
        assert not {"source_id", "buyer_id", "shop_id", "order_id"} & set(one)
        assert (await guest.get("/api/v1/precedents/123")).status_code == 404
