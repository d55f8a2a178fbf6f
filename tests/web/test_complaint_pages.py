"""Complaints as pages, without JavaScript: the notice, the answer, the decision, letters; who sees proofs."""

import re

import pytest

from fairground.market.accounts.model import StaffRole
from fairground.market.catalog.model import ProductState
from fairground.market.justice.model.complaints import ComplaintState
from fairground.market.justice.queries.complaints import list_complaints_of, list_proofs
from tests.support.accounts import make_person
from tests.support.catalog import make_product, product_now
from tests.support.complaints import complain, complaint_now, counter, rows_of_complaints
from tests.support.desk import deeds, enter_as, enter_desk, post_form
from tests.support.media import draw
from tests.support.shops import make_shop
from tests.support.web import Market, token_of
from tests.support.world import pump

FORM = {"kind": "trademark", "owner": "Kilns & Co", "words": "Our mark <b>is</b> on it.", "registration": "CN 12"}


async def letters_of(market: Market, person_id: int) -> list[str]:
    """List the kinds of letters somebody has, in order."""
    rows = await market.db.read(
        lambda r: r.rows(
            "select kind from notifications.letters where person_id = $1 and kind like 'complaints.%' order by id",
            person_id,
        )
    )
    return [row["kind"] for row in rows]


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_notice_goes_from_the_listing_to_the_decision(market: Market, language: str) -> None:
    seller, owner = await make_person(market.db, "Seller"), await make_person(market.db, "Rights")
    shop = await make_shop(market.db, seller.id)
    product = await make_product(market.db, shop)
    async with market.visitor(language) as mine, market.visitor() as theirs, market.visitor() as desk:
        await enter_as(market, mine, owner)
        page = f"/justice/complaints/new?listing={product.id}"
        shown = (await mine.get(page)).text
        assert f"/p/{product.id}" in shown
        form = {"csrf": token_of(shown), "listings": f"http://market.test/p/{product.id}", **FORM}
        files = [("pictures", ("proof.jpg", draw(), "image/jpeg"))]
        answer = await mine.post("/justice/complaints", data=form, files=files)
        assert answer.status_code == 303, answer.text
        (complaint,) = (await market.db.read(lambda r: list_complaints_of(r, owner.id))).items
        await pump(market.db)
        one = f"/justice/complaints/{complaint.id}"
        assert "Our mark &lt;b&gt;is&lt;/b&gt; on it." in (await mine.get(one)).text
        assert product.title in (await mine.get("/justice/complaints")).text
        await enter_as(market, theirs, seller)
        room = f"/seller/{shop.slug}/complaints"
        assert product.title in (await theirs.get(room)).text
        answer = await post_form(theirs, f"{room}/{complaint.id}", f"{room}/{complaint.id}/counter", {"words": "Ours."})
        assert answer.status_code == 303
        await pump(market.db)
        await enter_desk(market, desk)
        assert product.title in (await desk.get("/desk/complaints")).text
        path = f"/desk/complaints/{complaint.id}"
        assert "Ours." in (await desk.get(path)).text
        wrong = await post_form(desk, path, f"{path}/decision", {"reason": "Because"})
        assert wrong.status_code == 422
        decided = await post_form(desk, path, f"{path}/decision", {"answer": "uphold", "reason": "The mark is theirs."})
        assert decided.status_code == 303
        assert "The mark is theirs." in (await mine.get(one)).text
        await pump(market.db)
    assert (await product_now(market.db, product.id)).state is ProductState.OFF_SALE
    assert await letters_of(market, owner.id) == ["complaints.countered", "complaints.upheld"]
    told = await letters_of(market, seller.id)
    assert told[0] == "complaints.made"
    assert set(told[1:]) == {"complaints.shop_lost", "complaints.step_warning"}
    assert ("justice.decide_complaint", "The mark is theirs.") in await deeds(market)


async def test_wrong_fields_stand_beside_what_was_written(market: Market) -> None:
    owner = await make_person(market.db, "Rights")
    async with market.visitor() as mine:
        await enter_as(market, mine, owner)
        form = {**FORM, "listings": "something else\n/p/123", "words": ""}
        answer = await post_form(mine, "/justice/complaints/new", "/justice/complaints", form)
        assert answer.status_code == 422
        for field in ("listings", "words", "pictures"):
            assert f'id="f-{field}-error"' in answer.text
        assert "Kilns &amp; Co" in answer.text
    assert await rows_of_complaints(market.db) == []


async def test_a_file_that_is_no_picture_is_no_proof(market: Market) -> None:
    owner = await make_person(market.db, "Rights")
    product = await make_product(market.db, await make_shop(market.db))
    forged = {
        "a page": b"<html><script>alert(1)</script></html>",
        "a program": b"MZ\x90\x00" + b"\x00" * 200,
        "half a picture": draw()[:400],
        "nothing": b"",
    }
    async with market.visitor() as mine:
        await enter_as(market, mine, owner)
        for name, data in forged.items():
            token = token_of((await mine.get("/justice/complaints/new")).text)
            answer = await mine.post(
                "/justice/complaints",
                data={"csrf": token, "listings": f"/p/{product.id}", **FORM},
                files=[("pictures", ("proof.jpg", data, "image/jpeg"))],
            )
            assert answer.status_code == 422, name
            assert 'id="f-pictures-error"' in answer.text, name
    assert await rows_of_complaints(market.db) == []


async def test_proofs_are_seen_by_both_sides_and_the_desk_only(market: Market) -> None:
    seller, owner = await make_person(market.db, "Seller"), await make_person(market.db, "Rights")
    stranger = await make_person(market.db, "Stranger")
    shop = await make_shop(market.db, seller.id)
    product = await make_product(market.db, shop)
    async with market.visitor() as mine:
        await enter_as(market, mine, owner)
        token = token_of((await mine.get("/justice/complaints/new")).text)
        form = {"csrf": token, "listings": f"/p/{product.id}", **FORM}
        sent = await mine.post("/justice/complaints", data=form, files=[("pictures", ("p.jpg", draw(), "image/jpeg"))])
        assert sent.status_code == 303
    (complaint,) = (await market.db.read(lambda r: list_complaints_of(r, owner.id))).items
    ((proof, _),) = await market.db.read(lambda r: list_proofs(r, complaint.id))
    path = f"/media/{proof}/240.webp"
    for who, status in ((owner, 200), (seller, 200), (stranger, 404)):
        async with market.visitor() as browser:
            await enter_as(market, browser, who)
            assert (await browser.get(path)).status_code == status, who.name
    async with market.visitor() as guest, market.visitor() as desk:
        assert (await guest.get(path)).status_code == 404
        await enter_desk(market, desk)
        assert (await desk.get(path)).status_code == 200


async def test_the_rooms_are_closed_to_strangers_and_guests(market: Market) -> None:
    product = await make_product(market.db, await make_shop(market.db, slug="their-shop"))
    complaint = await complain(market.db, product)
    before = await rows_of_complaints(market.db)
    async with market.visitor() as stranger, market.visitor() as guest:
        await enter_as(market, stranger, await make_person(market.db, "Stranger"))
        own = f"/justice/complaints/{complaint.id}"
        room = f"/seller/their-shop/complaints/{complaint.id}"
        for path in (
            own,
            room,
            "/seller/their-shop/complaints",
            "/desk/complaints",
            f"/desk/complaints/{complaint.id}",
        ):
            assert (await stranger.get(path)).status_code == 404, path
            assert (await guest.get(path)).headers.get("location", "").startswith("/sign-in"), path
        for path in (
            f"{own}/withdrawal",
            f"{own}/appeal",
            f"{room}/counter",
            f"/desk/complaints/{complaint.id}/decision",
        ):
            answer = await post_form(
                stranger, "/justice/complaints/new", path, {"words": "x", "answer": "reject", "reason": "x"}
            )
            assert answer.status_code == 404, path
    assert await rows_of_complaints(market.db) == before


async def test_a_clerk_who_complained_reads_that_somebody_else_decides(market: Market) -> None:
    seller = await make_person(market.db, "Seller")
    product = await make_product(market.db, await make_shop(market.db, seller.id))
    async with market.visitor() as desk:
        clerk = await enter_desk(market, desk, StaffRole.SUPERVISOR)
        complaint = await counter(market.db, await complain(market.db, product, who=clerk), seller.id)
        path = f"/desk/complaints/{complaint.id}"
        answer = await post_form(desk, path, f"{path}/decision", {"answer": "uphold", "reason": "Mine."})
        assert answer.status_code == 422
        assert "somebody else has to decide it" in answer.text
    assert (await complaint_now(market.db, complaint.id)).state is ComplaintState.CHECKING


async def test_a_shop_reads_its_step_and_its_way_back(market: Market) -> None:
    seller = await make_person(market.db, "Seller")
    shop = await make_shop(market.db, seller.id)
    complaint = await complain(market.db, await make_product(market.db, shop))
    market.db.clock.move(complaint.counter_by - market.db.clock.now())
    await pump(market.db)
    async with market.visitor() as browser:
        await enter_as(market, browser, seller)
        shown = (await browser.get(f"/seller/{shop.slug}/complaints")).text
    assert "The desk looks at each new or changed listing" in shown
    assert re.search(r"No complaint stands against your shop", shown)
    assert set(await letters_of(market, seller.id)) >= {"complaints.shop_lost", "complaints.step_limits"}
