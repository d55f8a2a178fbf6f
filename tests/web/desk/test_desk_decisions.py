"""Deciding at the desk: shops, products, people, audits; each written down."""

from pathlib import Path

import pytest

from fairground.app.audit import audit_and_note
from fairground.kit.actor import person as acting
from fairground.kit.actor import system
from fairground.kit.clock import Clock
from fairground.kit.jobs import count_jobs, enqueue
from fairground.market.accounts.model import StaffRole
from fairground.market.accounts.queries import get_person
from fairground.market.catalog.actions.create import create_product
from fairground.market.catalog.model import CatalogRules, ProductState
from fairground.market.catalog.queries import get_product
from fairground.market.shops.actions.applications import apply_for_mall
from fairground.market.shops.model import ShopRules, ShopState, Tier
from fairground.market.shops.queries import list_waiting_applications
from tests.support.accounts import make_person
from tests.support.catalog import make_product, new_product
from tests.support.desk import deeds, enter_desk, post_form
from tests.support.given import QUICK
from tests.support.shops import make_owner, make_shop, shop_now
from tests.support.web import Market, open_test_market

NUMBER = "91110000600037341L"


async def test_a_stall_that_waits_is_approved(dsn: str, clock: Clock, tmp_path: Path) -> None:
    rules = (*QUICK, ShopRules(approve_stalls=True))
    async with open_test_market(dsn, tmp_path, clock, rules) as market, market.visitor() as clerk:
        shop = await make_shop(market.db)
        assert shop.state is ShopState.PENDING
        await enter_desk(market, clerk)
        assert "One application to decide" in (await clerk.get("/desk")).text
        (waiting,) = (await market.db.read(list_waiting_applications)).items
        page = f"/desk/shops/applications/{waiting.id}"
        assert "Lantern &amp; Clay" in (await clerk.get("/desk/shops")).text
        assert (await post_form(clerk, page, f"{page}/approval")).status_code == 303
        assert (await shop_now(market.db, shop.id)).state is ShopState.OPEN
        assert ("shops.approve_stall", "") in await deeds(market)
        again = await post_form(clerk, "/desk", f"{page}/refusal", {"reason": "No"})
        assert again.headers["location"] == "/desk/shops"
        assert (await shop_now(market.db, shop.id)).state is ShopState.OPEN


async def _mall(market: Market) -> tuple[str, object]:
    owner = await make_owner(market.db)
    shop = await make_shop(market.db, owner)
    asked = await market.db.write(
        acting(owner), lambda tx: apply_for_mall(tx, shop.id, company="Lantern Ltd", country="CN", number=NUMBER)
    )
    return f"/desk/shops/applications/{asked.id}", shop


async def test_a_refusal_needs_its_reason(market: Market) -> None:
    page, shop = await _mall(market)
    async with market.visitor() as clerk:
        await enter_desk(market, clerk)
        answer = await post_form(clerk, page, f"{page}/refusal")
        assert answer.status_code == 422
        assert "Please give the reason" in answer.text
        assert not [deed for deed, _ in await deeds(market) if deed.startswith("shops.refuse")]
        await post_form(clerk, page, f"{page}/refusal", {"reason": "The <b>number</b> is another firm's."})
        assert ("shops.refuse_mall", "The <b>number</b> is another firm's.") in await deeds(market)
        shown = (await clerk.get(f"/desk/shops/{shop.id}")).text  # type: ignore[attr-defined]
        assert "The &lt;b&gt;number&lt;/b&gt; is" in shown
        assert (await shop_now(market.db, shop.id)).tier is Tier.STALL  # type: ignore[attr-defined]


async def test_opening_a_business_number_is_written_down(market: Market) -> None:
    page, _ = await _mall(market)
    async with market.visitor() as clerk:
        await enter_desk(market, clerk)
        assert NUMBER in (await clerk.get(page)).text
    assert (await deeds(market))[0][0] == "shops.open_number"


async def test_a_supervisor_suspends_a_shop_and_lets_it_sell_again(market: Market) -> None:
    shop = await make_shop(market.db)
    async with market.visitor() as boss:
        await enter_desk(market, boss, StaffRole.SUPERVISOR)
        page = f"/desk/shops/{shop.id}"
        assert (await post_form(boss, page, f"{page}/suspension")).status_code == 422
        await post_form(boss, page, f"{page}/suspension", {"reason": "Parcels of stones"})
        assert (await shop_now(market.db, shop.id)).state is ShopState.SUSPENDED
        assert (await post_form(boss, page, f"{page}/reopening", {"reason": "It was a mistake"})).status_code == 303
        assert (await shop_now(market.db, shop.id)).state is ShopState.OPEN
        assert (await post_form(boss, page, f"{page}/explosion")).status_code == 404
    assert [deed for deed, _ in await deeds(market)][:2] == ["shops.reopen", "shops.suspend"]


@pytest.mark.parametrize(("answer", "state"), [("approval", ProductState.ON_SALE), ("refusal", ProductState.DRAFT)])
async def test_a_product_in_review_is_looked_at(
    dsn: str, clock: Clock, tmp_path: Path, answer: str, state: ProductState
) -> None:
    rules = (*QUICK, CatalogRules(review_products=True))
    async with open_test_market(dsn, tmp_path, clock, rules) as market, market.visitor() as clerk:
        owner = await make_owner(market.db)
        shop = await make_shop(market.db, owner)
        wish = new_product(title="Kettle", description="<script>alert(1)</script>Boils.")
        product = await market.db.write(acting(owner), lambda tx: create_product(tx, shop.id, wish))
        assert product.state is ProductState.IN_REVIEW
        await enter_desk(market, clerk)
        assert "Kettle" in (await clerk.get("/desk/products")).text
        page = f"/desk/products/{product.id}"
        shown = (await clerk.get(page)).text
        assert "Boils." in shown
        assert "<script>alert" not in shown
        if answer == "refusal":
            assert (await post_form(clerk, page, f"{page}/refusal")).status_code == 422
        await post_form(clerk, page, f"{page}/{answer}", {"reason": "Show the lid, please."})
        assert (await market.db.read(lambda r: get_product(r, product.id))).state is state
        assert (await deeds(market))[0][0] == f"catalog.{'approve' if answer == 'approval' else 'refuse'}"
        again = await post_form(clerk, "/desk", f"{page}/approval")
        assert again.status_code == 303


async def test_a_product_is_taken_off_sale_with_a_reason(market: Market) -> None:
    product = await make_product(market.db, await make_shop(market.db))
    async with market.visitor() as clerk:
        await enter_desk(market, clerk)
        page = f"/desk/products/{product.id}"
        await post_form(clerk, page, f"{page}/removal", {"reason": "Not what it says"})
    assert (await market.db.read(lambda r: get_product(r, product.id))).state is ProductState.OFF_SALE
    assert ("catalog.take_down", "Not what it says") in await deeds(market)


async def test_a_person_is_found_by_email_and_the_look_is_written_down(market: Market) -> None:
    someone = await make_person(market.db, "Ming", email="ming@example.org")
    async with market.visitor() as clerk:
        await enter_desk(market, clerk)
        found = await clerk.get("/desk/people", params={"email": "Ming@Example.org"})
        assert found.headers["location"] == f"/desk/people/{someone.id}"
        assert "ming@example.org" in (await clerk.get(found.headers["location"])).text
        assert (await clerk.get("/desk/people", params={"email": "nobody@example.org"})).status_code == 303
    names = [deed for deed, _ in await deeds(market)]
    assert names[:3] == ["desk.look_up_person", "desk.look_at_person", "desk.look_up_person"]


async def test_an_operator_gives_a_role(market: Market) -> None:
    someone = await make_person(market.db, "Ming")
    async with market.visitor() as operator:
        await enter_desk(market, operator, StaffRole.OPERATOR)
        page = f"/desk/people/{someone.id}"
        await post_form(operator, page, f"{page}/role", {"role": "clerk", "words": "for the summer"})
        assert (await market.db.read(lambda r: get_person(r, someone.id))).staff_role is StaffRole.CLERK
        await post_form(operator, page, f"{page}/role", {"role": ""})
        assert (await market.db.read(lambda r: get_person(r, someone.id))).staff_role is None
    assert ("accounts.staff_clerk", "for the summer") in await deeds(market)


async def test_the_last_audit_is_shown_and_a_new_one_asked_for(market: Market) -> None:
    async with market.visitor() as boss:
        await enter_desk(market, boss, StaffRole.SUPERVISOR)
        assert "No audit yet" in (await boss.get("/desk/audit")).text
        assert await audit_and_note(market.db) == 0
        assert "The books are clean" in (await boss.get("/desk/audit")).text
        product = await make_product(market.db, await make_shop(market.db))
        variant = product.variants[0].id
        await market.db.write(
            system("thief"),
            lambda tx: tx.execute("update inventory.stock set on_hand = on_hand - 1 where variant_id = $1", variant),
        )
        assert await audit_and_note(market.db) > 0
        shown = (await boss.get("/desk/audit")).text
        assert "stock is the sum of its moves" in shown
        assert "Clockwork" in (await boss.get("/desk")).text
        await post_form(boss, "/desk/audit", "/desk/audit")
        await post_form(boss, "/desk/audit", "/desk/audit")
        waiting = {job.name: job.waiting for job in await market.db.read(count_jobs)}
        assert waiting["app.audit"] == 1
    assert ("desk.audit", "") in await deeds(market)


async def test_failed_jobs_are_tried_again(market: Market) -> None:
    async def fail(tx: object) -> None:
        for payload in ({"n": 1}, {"n": 2}):
            await enqueue(tx, "tests.job", payload)  # type: ignore[arg-type]
        for _ in range(2):
            await enqueue(tx, "tests.job", {}, once_as="same")  # type: ignore[arg-type]
            await tx.execute("update pgqueuer set status = 'failed' where entrypoint = 'tests.job'")  # type: ignore[attr-defined]
        await enqueue(tx, "tests.job", {}, once_as="same")  # type: ignore[arg-type]

    await market.db.write(system("tests"), fail)
    (before,) = [job for job in await market.db.read(count_jobs) if job.name == "tests.job"]
    assert (before.waiting, before.failed) == (1, 4)
    async with market.visitor() as boss:
        await enter_desk(market, boss, StaffRole.SUPERVISOR)
        assert "tests.job" in (await boss.get("/desk/timers")).text
        await post_form(boss, "/desk/timers", "/desk/timers/jobs/tests.job/retry")
    (after,) = [job for job in await market.db.read(count_jobs) if job.name == "tests.job"]
    assert (after.waiting, after.failed) == (3, 0)  # two alone, and one of those that are the same
    assert ("desk.retry_jobs", "tests.job: 2") in await deeds(market)
