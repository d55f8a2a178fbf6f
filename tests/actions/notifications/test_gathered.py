"""A busy shop gets one mail of its new orders and not hundreds; on the site each is told at once."""

import asyncio

import pytest

from fairground.kit.actor import GUEST
from fairground.kit.money import Money
from fairground.market.notifications.actions import SEND, SEND_GATHERED, Note, choose_mail, notify_many
from fairground.market.notifications.jobs import jobs, send_gathered
from fairground.market.notifications.model import NotificationRules
from fairground.market.notifications.queries import count_unread
from tests.support.accounts import make_person
from tests.support.given import test_given
from tests.support.jobs import list_queued, work_off
from tests.support.mail import mail_server, plain_text
from tests.support.world import pump

KIND = "shops.order_paid"


@pytest.fixture
async def post():
    async with mail_server() as running:
        yield running


def paid(db, person, number, shop="moon"):
    params = {"shop": shop.title(), "number": f"F-{number}", "total": Money(number * 100, "CNY"), "at": db.clock.now()}
    return Note(person.id, KIND, params, f"/seller/{shop}/orders/{number}")


async def tell(db, *notes):
    await db.write(GUEST, lambda tx: notify_many(tx, notes))


async def seller(db):
    """Somebody whose own letters have gone out already."""
    person = await make_person(db, email="li@example.org")
    await pump(db)
    await db.write(GUEST, lambda tx: tx.execute("delete from pgqueuer"))
    return person


async def test_what_comes_in_a_few_minutes_comes_as_one_mail(db, post):
    person = await seller(db)
    await tell(db, paid(db, person, 1), paid(db, person, 2))
    await tell(db, paid(db, person, 3))
    assert await db.read(lambda r: count_unread(r, person.id)) == 3, "on the site at once"
    assert len(await list_queued(db, SEND_GATHERED)) == 1
    assert await work_off(db, jobs(db, post[1])) == 0, "it waits for company"
    await work_off(db, jobs(db, post[1]), also_delayed=True)
    [letter] = post[0].to("li@example.org")
    assert letter["Subject"] == "Your shop has a new order (3)"
    text = plain_text(letter)
    assert [line for line in text.splitlines() if line.startswith("·")] == [
        "· Moon: a new order of ¥1.00",
        "· Moon: a new order of ¥2.00",
        "· Moon: a new order of ¥3.00",
    ]
    assert "http://127.0.0.1:8000/seller/moon/orders\n" in text, "to the page above them all"
    await tell(db, paid(db, person, 4))
    await work_off(db, jobs(db, post[1]), also_delayed=True)
    assert post[0].last_to("li@example.org")["Subject"] == "Moon: a new order of ¥4.00", "one alone is told as itself"


async def test_a_long_list_is_cut_and_says_so(db, post):
    person = await seller(db)
    await tell(db, *[paid(db, person, number) for number in range(1, 26)])
    await work_off(db, jobs(db, post[1]), also_delayed=True)
    [letter] = post[0].to("li@example.org")
    lines = [line for line in plain_text(letter).splitlines() if line.startswith(("·", "…"))]
    assert len(lines) == 21
    assert lines[-1] == "… and 5 more."


async def test_two_shops_of_one_person_are_told_in_one(db, post):
    person = await seller(db)
    await tell(db, paid(db, person, 1), paid(db, person, 2, shop="sun"))
    await work_off(db, jobs(db, post[1]), also_delayed=True)
    [letter] = post[0].to("li@example.org")
    assert "http://127.0.0.1:8000/seller\n" in plain_text(letter)


async def test_whoever_stopped_them_meanwhile_gets_none(db, post):
    person = await seller(db)
    await tell(db, paid(db, person, 1), paid(db, person, 2))
    await db.write(GUEST, lambda tx: choose_mail(tx, person.id, KIND, by_mail=False))
    await work_off(db, jobs(db, post[1]), also_delayed=True)
    assert post[0].to("li@example.org") == []


async def test_a_letter_written_while_the_mail_is_made_is_in_it_or_brings_its_own(db, post):
    """Without the row taken by `_gather`, the job would find nothing and the letter would wait for ever."""
    person = await seller(db)
    await tell(db, paid(db, person, 1))
    written, may_commit = asyncio.Event(), asyncio.Event()

    async def slowly(tx):
        await notify_many(tx, [paid(db, person, 2)])
        written.set()
        await may_commit.wait()

    slow = asyncio.create_task(db.write(GUEST, slowly))
    await written.wait()
    job = asyncio.create_task(send_gathered(db, post[1], person.id, KIND))
    while not await db.read(lambda r: r.value("select count(*) from pg_locks where not granted")):
        assert not job.done(), "the job must wait for the letter"
    may_commit.set()
    await asyncio.gather(slow, job)
    [letter] = post[0].to("li@example.org")
    assert letter["Subject"] == "Your shop has a new order (2)"


async def test_where_the_mail_server_is_away_they_are_tried_again_as_one(db, post):
    person = await seller(db)
    await tell(db, paid(db, person, 1), paid(db, person, 2))
    post[0].refusal = "421 busy"
    await work_off(db, [jobs(db, post[1])[1]], also_delayed=True)
    [again] = await list_queued(db, SEND)
    assert (len(again["ids"]), again["is_one"], again["tries"]) == (2, True, 1)
    post[0].refusal = None
    await work_off(db, jobs(db, post[1]), also_delayed=True)
    [letter] = post[0].to("li@example.org")
    assert letter["Subject"] == "Your shop has a new order (2)"


@pytest.mark.parametrize("given", [test_given(NotificationRules(gather_minutes=0))])
async def test_a_market_may_send_each_by_itself(db, post):
    person = await seller(db)
    await tell(db, paid(db, person, 1), paid(db, person, 2))
    await work_off(db, jobs(db, post[1]))
    assert len(post[0].to("li@example.org")) == 2
