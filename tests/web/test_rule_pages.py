"""The rule book as pages: read by everybody, voted on by verified people, made at the desk; without JavaScript."""

import pytest

from fairground.kit.actor import system
from fairground.kit.db import Given
from fairground.market.accounts.model import StaffRole
from fairground.market.justice.actions.founding import found_rules
from fairground.market.justice.actions.voices import comment_on_draft
from fairground.market.justice.model.rulebook import RuleVersionId, Standing, Vote, Votes
from fairground.market.justice.queries.rulebook import count_votes, find_vote, list_rules, list_unsettled
from fairground.market.orders.model import OrderRules
from tests.support.accounts import make_person
from tests.support.desk import deeds, enter_as, enter_desk, post_form
from tests.support.rulebook import drafted, let_days_pass, make_verified, put_before_people, version_now
from tests.support.web import Market

WORDS = {
    "key": "orders.wrapping",
    "title_en": "Wrapping",
    "title_zh": "包装",
    "text_en": "Wrap it with <b>care</b>.",
    "text_zh": "请妥善包装。",
    "why_en": "Cups arrived broken.",
    "why_zh": "杯子碎了。",
}


@pytest.mark.parametrize(("language", "title"), [("en", "An order that is not paid"), ("zh", "未付款的订单")])
async def test_everybody_reads_the_rules_in_their_language(market: Market, language: str, title: str) -> None:
    await market.db.write(system("test"), found_rules)
    async with market.visitor(language) as browser:
        book = await browser.get("/justice/rules")
        assert book.headers["cache-control"].startswith("public")
        assert title in book.text
        assert "/justice/rules/orders.unpaid" in book.text
        one = (await browser.get("/justice/rules/orders.unpaid")).text
        assert "orders.unpaid_close_hours" not in one
        assert ("until people have been asked" in one) is (language == "en")
        assert (await browser.get("/justice/rules/orders.nothing")).status_code == 404


async def test_a_rule_that_says_other_numbers_than_are_set_says_so(market: Market) -> None:
    await market.db.write(system("test"), found_rules)
    market.db.given = Given(*(thing for thing in market.db.given._things.values()), OrderRules(unpaid_close_hours=5))
    async with market.visitor() as browser:
        shown = (await browser.get("/justice/rules/orders.unpaid")).text
    assert "Numbers that differ" in shown
    assert "orders.unpaid_close_hours" in shown


async def test_a_verified_person_votes_changes_the_vote_and_comments(market: Market) -> None:
    version, who = await put_before_people(market.db), await make_verified(market.db, name="小文")
    page = f"/justice/drafts/{version.id}"
    async with market.visitor() as browser:
        assert "Sign in to vote" in (await browser.get(page)).text
        await enter_as(market, browser, who)
        assert (await post_form(browser, page, f"{page}/vote", {})).status_code == 422
        for vote in ("yes", "no"):
            assert (await post_form(browser, page, f"{page}/vote", {"vote": vote})).status_code == 303
        empty = await post_form(browser, page, f"{page}/comments", {"words": " "})
        assert empty.status_code == 422
        assert 'id="f-words-error"' in empty.text
        said = {"words": "Not <i>enough</i>.\nMore straw!"}
        assert (await post_form(browser, page, f"{page}/comments", said)).status_code == 303
        shown = (await browser.get(page)).text
    assert "Not &lt;i&gt;enough&lt;/i&gt;.<br>More straw!" in shown
    assert "小***" in shown
    assert "0 for it, 1 against it" in shown
    assert await market.db.read(lambda r: find_vote(r, version.id, who.id)) is Vote.NO


async def test_who_is_not_verified_is_told_what_is_missing(market: Market) -> None:
    version, who = await put_before_people(market.db), await make_person(market.db)
    page = f"/justice/drafts/{version.id}"
    async with market.visitor() as browser:
        await enter_as(market, browser, who)
        answer = await post_form(browser, page, f"{page}/vote", {"vote": "yes"})
        assert answer.status_code == 303
        assert "received an order" in (await browser.get(page)).text
    assert await market.db.read(lambda r: count_votes(r, version.id)) == Votes()


async def test_a_draft_of_the_desk_is_nobody_elses(market: Market) -> None:
    version = await drafted(market.db)
    async with market.visitor() as browser, market.program() as program:
        assert (await browser.get(f"/justice/drafts/{version.id}")).status_code == 404
        assert (await browser.get("/justice/rules/orders.wrapping")).status_code == 404
        assert (await program.get(f"/api/v1/rule-drafts/{version.id}")).status_code == 404
        assert (await program.get(f"/api/v1/rule-drafts/{version.id}/comments")).status_code == 404


async def test_a_rule_is_made_at_the_desk(market: Market) -> None:
    async with market.visitor() as browser:
        await enter_desk(market, browser, StaffRole.SUPERVISOR)
        wrong = await post_form(browser, "/desk/rules/new", "/desk/rules", {**WORDS, "text_zh": ""})
        assert wrong.status_code == 422
        assert 'id="f-text_zh-error"' in wrong.text
        assert "Wrap it with" in wrong.text
        made = await post_form(browser, "/desk/rules/new", "/desk/rules", WORDS)
        page = made.headers["location"]
        version_id = RuleVersionId(int(page.rpartition("/")[2]))
        other = {**WORDS, "text_en": "Wrap it twice."}
        assert (await post_form(browser, page, f"{page}/words", other)).status_code == 303
        short = await post_form(browser, page, f"{page}/consultation", {"days": "3"})
        assert short.status_code == 422
        assert 'id="f-consultation-days-error"' in short.text
        assert (await post_form(browser, page, f"{page}/consultation", {"days": "14"})).status_code == 303
        assert (await post_form(browser, page, f"{page}/closing")).status_code == 303
        assert "at least 7 days" in (await browser.get(page)).text
        await let_days_pass(market.db, 14)
        assert (await post_form(browser, page, f"{page}/force")).status_code == 303
        assert "As everybody reads it" in (await browser.get(page)).text
    found = await version_now(market.db, version_id)
    assert (found.standing, found.english.text) == (Standing.IN_FORCE, "Wrap it twice.")
    logged = [deed for deed, _ in await deeds(market) if deed.startswith("justice.")]
    assert logged == [
        "justice.put_in_force",
        "justice.close_consultation",
        "justice.open_consultation",
        "justice.change_draft",
        "justice.draft_rule",
    ]


async def test_an_emergency_names_its_fields_and_what_was_typed_stays(market: Market) -> None:
    version = await drafted(market.db)
    page = f"/desk/rules/{version.id}"
    async with market.visitor() as browser:
        await enter_desk(market, browser, StaffRole.SUPERVISOR)
        wrong = await post_form(browser, page, f"{page}/emergency", {"days": "300", "reason": "The floods"})
        assert wrong.status_code == 422
        assert 'id="f-emergency-days-error"' in wrong.text
        assert "The floods" in wrong.text
        good = {"days": "3", "reason": "The floods"}
        assert (await post_form(browser, page, f"{page}/emergency", good)).status_code == 303
        assert (await version_now(market.db, version.id)).standing is Standing.IN_FORCE
        assert (await post_form(browser, page, f"{page}/end")).status_code == 303
    assert (await version_now(market.db, version.id)).standing is Standing.ENDED


async def test_a_clerk_drafts_but_does_not_decide(market: Market) -> None:
    version = await drafted(market.db)
    page = f"/desk/rules/{version.id}"
    async with market.visitor() as browser:
        await enter_desk(market, browser, StaffRole.CLERK)
        assert "Open the consultation" not in (await browser.get(page)).text
        deeds_tried = ("consultation", "closing", "force", "emergency", "end", "dropping")
        for deed in deeds_tried:
            answer = await post_form(browser, page, f"{page}/{deed}", {"days": "14", "reason": "x"})
            assert answer.status_code == 403, deed
        assert (await post_form(browser, page, f"{page}/nothing")).status_code in {403, 404}
    assert (await version_now(market.db, version.id)).standing is Standing.DRAFT
    assert len(await market.db.read(list_unsettled)) == 1
    assert await market.db.read(list_rules) == []


async def test_the_desk_hides_a_comment(market: Market) -> None:
    version, who = await put_before_people(market.db), await make_verified(market.db)
    said = await market.db.write(
        system("test"), lambda tx: comment_on_draft(tx, who.id, version.id, "Call 138 0013 8000")
    )
    page = f"/desk/rules/{version.id}"
    async with market.visitor() as browser:
        await enter_desk(market, browser)
        empty = await post_form(browser, page, f"{page}/comments/{said}", {"reason": ""})
        assert empty.status_code == 422
        assert f'id="f-hide-{said}-reason-error"' in empty.text
        assert (await post_form(browser, page, f"{page}/comments/{said}", {"reason": "A number"})).status_code == 303
        shown = (await browser.get(f"/justice/drafts/{version.id}")).text
    assert "138 0013" not in shown
    assert "A number" in shown
