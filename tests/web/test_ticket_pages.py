"""Tickets on pages: asked, answered, solved, smiled at; from the letter too, and without JavaScript."""

import re
from datetime import timedelta

from fairground.market.accounts.model import StaffRole
from fairground.market.notifications.queries import list_letters
from fairground.market.service.model.tickets import TicketState
from fairground.market.service.queries.tickets import list_tickets_of
from tests.support.accounts import make_person
from tests.support.desk import enter_as, enter_desk, post_form
from tests.support.tickets import answer, ask, make_clerk, rows_of_tickets, ticket_now
from tests.support.web import Market
from tests.support.world import pump


async def test_a_ticket_from_the_question_to_the_smile(market: Market) -> None:
    person = await make_person(market.db)
    async with market.visitor() as browser, market.visitor() as desk:
        await enter_as(market, browser, person)
        await enter_desk(market, desk)
        form = {"subject": "Where is <it>?", "words": "Nothing came.", "queue": "orders"}
        sent = await post_form(browser, "/help/tickets/new", "/help/tickets", form)
        page = sent.headers["location"]
        shown = (await browser.get(page)).text
        assert "Where is &lt;it&gt;?" in shown
        assert "We answer by" in shown
        assert "face-button" not in shown
        queue = (await desk.get("/desk/tickets?shows=orders")).text
        assert "Where is &lt;it&gt;?" in queue
        at_desk = page.replace("/help/", "/desk/")
        done = await post_form(desk, at_desk, f"{at_desk}/answer", {"words": "Sent today.", "solved": "1"})
        assert done.status_code == 303
        solved = (await browser.get(page)).text
        assert "Sent today." in solved
        assert solved.count('class="face-button"') == 5
        await post_form(browser, page, f"{page}/smile", {"smile": "5"})
        thanks = (await browser.get(page)).text
        assert "Very good" in thanks
        assert "face-button" not in thanks
        assert "Faces of the last 30 days" in (await desk.get("/desk/tickets")).text


async def test_the_letter_leads_a_guest_to_the_faces_and_opening_it_counts_for_nothing(market: Market) -> None:
    person, (_, clerk) = await make_person(market.db), await make_clerk(market.db)
    ticket = await answer(market.db, clerk, await ask(market.db, person), solved=True)
    await pump(market.db)
    link = (await market.db.read(lambda r: list_letters(r, person.id))).items[0].link or ""
    async with market.visitor() as guest:
        shown = (await guest.get(link)).text
        assert shown.count('class="face-button"') == 5
        assert (await ticket_now(market.db, ticket.id)).smile is None
        token = re.search(r'name="token" value="([^"]+)"', shown)
        assert token
        before = await rows_of_tickets(market.db)
        forged = await guest.post("/help/smile", data={"token": token[1][:-2] + "xx", "smile": "1"})
        assert forged.status_code == 404
        wrong = await guest.post("/help/smile", data={"token": token[1], "smile": "9"})
        assert wrong.status_code == 422
        assert await rows_of_tickets(market.db) == before
        thanks = await guest.post("/help/smile", data={"token": token[1], "smile": "4"})
        assert "Thank you" in thanks.text
        assert (await ticket_now(market.db, ticket.id)).smile == 4
        again = await guest.get(link)
        assert "face-button" not in again.text
        assert (await guest.post("/help/smile", data={"token": token[1], "smile": "1"})).status_code == 409
        market.db.clock.move(timedelta(days=15))
        assert (await guest.get(link)).status_code == 404


async def test_what_is_wrong_stands_beside_its_field(market: Market) -> None:
    async with market.visitor() as browser:
        assert (await browser.get("/help/tickets/new")).status_code in {303, 401}
        await enter_as(market, browser, await make_person(market.db))
        refused = await post_form(browser, "/help/tickets/new", "/help/tickets", {"subject": "", "words": "Typed"})
        assert refused.status_code == 422
        assert 'id="f-subject-error"' in refused.text
        assert "Typed" in refused.text


async def test_a_closed_ticket_and_notes_on_pages(market: Market) -> None:
    person = await make_person(market.db)
    ticket = await ask(market.db, person)
    page, at_desk = f"/help/tickets/{ticket.id}", f"/desk/tickets/{ticket.id}"
    async with market.visitor() as browser, market.visitor() as desk:
        await enter_as(market, browser, person)
        clerk = await enter_desk(market, desk, StaffRole.SUPERVISOR)
        await post_form(desk, at_desk, f"{at_desk}/note", {"words": "Be gentle."})
        await post_form(desk, at_desk, f"{at_desk}/taking")
        await post_form(desk, at_desk, f"{at_desk}/handing", {"words": "Money!", "queue": "money", "to": ""})
        assert "Be gentle." in (await desk.get(at_desk)).text
        assert "Be gentle." not in (await browser.get(page)).text
        empty = await post_form(desk, at_desk, f"{at_desk}/answer", {"words": " "})
        assert empty.status_code == 422
        await post_form(browser, page, f"{page}/closing")
        assert (await ticket_now(market.db, ticket.id)).state is TicketState.CLOSED
        late = await post_form(browser, "/help/tickets/new", f"{page}/words", {"words": "Hello?"})
        assert late.status_code == 422
        own = await ask(market.db, clerk)
        assert "a colleague has to see to it" in (await desk.get(f"/desk/tickets/{own.id}")).text


async def test_a_ready_answer_is_filled_in_in_the_persons_language(market: Market) -> None:
    person = await make_person(market.db, "明", language="zh-CN")
    ticket = await ask(market.db, person)
    async with market.visitor() as desk:
        await enter_desk(market, desk)
        bad = {"title": "Hello", "words_en": "{who}", "words_zh": ""}
        assert (await post_form(desk, "/desk/macros", "/desk/macros", bad)).status_code == 422
        good = {"title": "Hello", "words_en": "Dear {name}", "words_zh": "{name}，您好！", "queue": ""}
        assert (await post_form(desk, "/desk/macros", "/desk/macros", good)).status_code == 303
        number = re.search(r"/desk/macros/(\d+)", (await desk.get("/desk/macros")).text)
        assert number
        shown = await desk.get(f"/desk/tickets/{ticket.id}?macro={number[1]}")
        assert "明，您好！" in shown.text
        assert (await post_form(desk, "/desk/macros", f"/desk/macros/{number[1]}/removal")).status_code == 303
        assert (await desk.get(f"/desk/macros/{number[1]}")).status_code == 404


async def test_two_tickets_are_put_together_at_the_desk(market: Market) -> None:
    person = await make_person(market.db)
    one, two = await ask(market.db, person, "One"), await ask(market.db, person, "Two")
    at_desk = f"/desk/tickets/{one.id}"
    async with market.visitor() as browser, market.visitor() as desk:
        await enter_as(market, browser, person)
        await enter_desk(market, desk)
        done = await post_form(desk, at_desk, f"{at_desk}/merging", {"into": str(two.id)})
        assert done.headers["location"] == f"/desk/tickets/{two.id}"
        assert f"/help/tickets/{two.id}" in (await browser.get(f"/help/tickets/{one.id}")).text


async def test_strangers_and_buyers_see_nothing_of_it(market: Market) -> None:
    ticket = await ask(market.db, await make_person(market.db))
    async with market.visitor() as browser:
        await enter_as(market, browser, await make_person(market.db, "Stranger"))
        for path in (f"/help/tickets/{ticket.id}", "/desk/tickets", f"/desk/tickets/{ticket.id}", "/desk/macros"):
            assert (await browser.get(path)).status_code == 404, path
        answered = await post_form(browser, "/help/tickets/new", f"/help/tickets/{ticket.id}/words", {"words": "x"})
        assert answered.status_code == 404
    found = await market.db.read(lambda r: list_tickets_of(r, ticket.person_id))
    assert [t.version for t in found.items] == [1]
