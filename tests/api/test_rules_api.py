"""The rule book by API."""

from fairground.kit.actor import system
from fairground.market.justice.actions.founding import found_rules
from fairground.market.justice.model.founding import FOUNDING
from tests.support.accounts import make_person, sign_in_as
from tests.support.rulebook import make_verified, put_before_people
from tests.support.web import Market


async def test_rules_and_their_versions_are_told_in_both_languages(market: Market) -> None:
    await market.db.write(system("test"), found_rules)
    async with market.program() as program:
        rules = (await program.get("/api/v1/rules")).json()
        assert [rule["key"] for rule in rules["items"]] == [rule.key for rule in FOUNDING]
        one = (await program.get("/api/v1/rules/orders.unpaid")).json()["items"][0]
        assert (one["state"], one["version"]) == ("in_force", 1)
        assert one["numbers"] == {"orders.unpaid_close_hours": 24, "orders.unpaid_reminder_hours": 1}
        assert "24 小时" in one["zh"]["text"]
        assert one["emergency_until"] is not None
        assert (await program.get("/api/v1/rules/no.rule")).json()["code"] == "justice.rule_not_found"
        drafts = (await program.get("/api/v1/rule-drafts")).json()["items"]
    assert len(drafts) == len(FOUNDING)


async def test_voting_and_commenting(market: Market) -> None:
    version, who = await put_before_people(market.db), await make_verified(market.db)
    here = f"/api/v1/rule-drafts/{version.id}"
    async with market.program((await sign_in_as(market.db, who)).token) as program:
        voted = await program.put(f"{here}/vote", json={"vote": "no"})
        assert (voted.status_code, voted.json()["no"], voted.json()["vote"]) == (200, 1, "no")
        wrong = await program.put(f"{here}/vote", json={"vote": "perhaps"})
        assert wrong.status_code == 422
        assert wrong.json()["errors"][0]["pointer"] == "/vote"
        assert (await program.post(f"{here}/comments", json={"words": "Good."})).status_code == 201
        empty = await program.post(f"{here}/comments", json={"words": " "})
        assert empty.json()["errors"][0]["pointer"] == "/words"
    async with market.program() as guest:
        shown = (await guest.get(here)).json()
        assert (shown["yes"], shown["no"], shown["vote"]) == (0, 1, None)
        (said,) = (await guest.get(f"{here}/comments")).json()["items"]
        assert (said["words"], said["name"]) == ("Good.", "M***")
        assert (await guest.put(f"{here}/vote", json={"vote": "yes"})).status_code == 401
    async with market.program((await sign_in_as(market.db, await make_person(market.db))).token) as program:
        refused = await program.put(f"{here}/vote", json={"vote": "yes"})
        assert (refused.status_code, refused.json()["code"]) == (403, "justice.verified_only")
        assert (await program.get(here)).json()["yes"] == 0
