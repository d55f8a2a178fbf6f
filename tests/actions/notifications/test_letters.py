"""Letters on the site and by mail, at a real mail server."""

import re
from datetime import timedelta
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from fairground.kit.actor import GUEST
from fairground.kit.actor import person as acting
from fairground.kit.i18n.words import speaking
from fairground.kit.money import Money
from fairground.kit.seal import Keyring
from fairground.market.accounts.actions.closing import close_account
from fairground.market.accounts.actions.credentials import (
    ask_email_change,
    ask_password_reset,
    change_email,
    change_password,
    reset_password,
    verify_email,
)
from fairground.market.accounts.model import LinkPurpose
from fairground.market.accounts.queries import get_person
from fairground.market.notifications.actions import (
    SEND,
    Note,
    choose_mail,
    mark_all_read,
    mark_read,
    notify,
    notify_many,
    stop_mail,
)
from fairground.market.notifications.errors import KindUnknown, LetterNotFound, StopLinkNotGood
from fairground.market.notifications.jobs import jobs, timers
from fairground.market.notifications.model import KINDS, Kind
from fairground.market.notifications.queries import count_unread, export_letters, list_letters, list_preferences
from fairground.market.notifications.subscribers import subscribers
from tests.support.accounts import FIREFOX, IPHONE, PASSWORD, link_token, make_person, sign_in_as
from tests.support.jobs import list_queued, work_off
from tests.support.mail import mail_server, plain_text
from tests.support.statements import statements
from tests.support.world import pump

SHIPPED = Kind(
    name="tests.shipped",
    label="A parcel is on its way",
    subject="Order %(order)s is on its way",
    text="%(total)s, sent on %(at)s.",
    button="Where is it?",
)


@pytest.fixture(autouse=True)
def a_kind_that_can_be_stopped(monkeypatch):
    monkeypatch.setitem(KINDS, SHIPPED.name, SHIPPED)


@pytest.fixture
async def post():
    async with mail_server() as running:
        yield running


async def deliver(db, post, *, also_delayed=False):
    await pump(db, subscribers(), [])
    await work_off(db, jobs(db, post[1]), also_delayed=also_delayed)


async def tell(db, person, *, at=None):
    params = {"order": "F-1", "total": Money(16800, "CNY"), "at": at or db.clock.now()}
    await db.write(GUEST, lambda tx: notify(tx, person.id, SHIPPED.name, params, "/orders/1"))
    return (await bell(db, person)).items[0].id


async def bell(db, person, **more):
    return await db.read(lambda reader: list_letters(reader, person.id, **more))


def link_in(letter, path):
    found = re.search(rf"http://127\.0\.0\.1:8000{re.escape(path)}\?token=\S+", plain_text(letter))
    assert found, plain_text(letter)
    return parse_qs(urlsplit(found[0]).query)["token"][0]


async def test_the_letter_of_the_registration_confirms_the_address(db, post):
    person = await make_person(db, "Ming", email="ming@example.org", verified=False)
    await deliver(db, post)
    [letter] = post[0].to("ming@example.org")
    assert letter["Subject"] == "Welcome to Fairground: please confirm your e-mail address"
    assert "Hello Ming," in plain_text(letter)
    assert letter["List-Unsubscribe"] is None, "a letter about safety cannot be stopped"
    token = link_in(letter, "/account/verify")
    await db.write(GUEST, lambda tx: verify_email(tx, token))
    assert (await db.read(lambda r: get_person(r, person.id))).is_verified
    assert await db.read(lambda r: count_unread(r, person.id)) == 0, "it is mail only"


async def test_it_is_written_in_the_persons_language(db, post):
    await make_person(db, "李明", email="li@example.org", language="zh-CN", verified=False)
    await deliver(db, post)
    letter = post[0].last_to("li@example.org")
    assert "确认" in letter["Subject"]
    assert "李明" in plain_text(letter)
    assert 'lang="zh-CN"' in letter.get_body(("html",)).get_content()


async def test_markup_in_a_name_stays_text(db, post):
    await make_person(db, "<b>Ming</b>", email="ming@example.org", verified=False)
    await deliver(db, post)
    html = post[0].last_to("ming@example.org").get_body(("html",)).get_content()
    assert "<b>Ming" not in html
    assert "&lt;b&gt;Ming" in html


async def test_a_forgotten_password_is_replaced_by_the_letters_link(db, post):
    person = await make_person(db)
    await db.write(GUEST, lambda tx: ask_password_reset(tx, person.email, "192.0.2.1"))
    await deliver(db, post)
    token = link_in(post[0].last_to(person.email), "/reset")
    assert await reset_password(db, token, "another bird, higher up") == person.id
    await deliver(db, post)
    assert post[0].last_to(person.email)["Subject"] == "Your password was changed"
    assert [letter.title for letter in (await bell(db, person)).items] == ["Your password was changed"]


async def test_no_token_lies_in_the_database(db, post):
    person = await make_person(db, verified=False)
    await pump(db, subscribers(), [])
    token = await db.read(lambda r: link_token(r, person.id, LinkPurpose.VERIFY))
    kept = [
        *await db.read(lambda r: r.rows("select params::text from notifications.letters")),
        *await db.read(lambda r: r.rows("select convert_from(payload, 'UTF8') from pgqueuer")),
        *await db.read(lambda r: r.rows("select to_jsonb(l)::text from accounts.links l")),
    ]
    assert len(kept) >= 3
    assert not any(token in str(row[0]) for row in kept)


async def test_both_addresses_are_told_of_a_change(db, post):
    person = await make_person(db, email="old@example.org")
    await deliver(db, post)
    post[0].letters.clear()
    await db.write(acting(person.id), lambda tx: ask_email_change(tx, person.id, "new@example.org"))
    await deliver(db, post)
    assert [letter["Subject"] for letter in post[0].to("old@example.org")] == ["Another e-mail address was asked for"]
    token = link_in(post[0].last_to("new@example.org"), "/account/email")
    await db.write(GUEST, lambda tx: change_email(tx, token))
    await deliver(db, post)
    assert post[0].last_to("old@example.org")["Subject"] == "Your e-mail address was changed"
    assert post[0].last_to("new@example.org")["Subject"] == "Your e-mail address is a new one"
    assert "new@example.org" not in plain_text(post[0].last_to("old@example.org"))


async def test_a_new_device_is_told_with_its_name_and_moment(db, post):
    person = await make_person(db)
    await sign_in_as(db, person, agent=FIREFOX)
    db.clock.move(timedelta(hours=1))
    await sign_in_as(db, person, agent=IPHONE)
    await deliver(db, post)
    text = plain_text(post[0].last_to(person.email))
    assert "Safari · iPhone" in text
    assert "Jun 18, 2026" in text
    assert "21:00" in text, "by the market's clock, not the server's"


async def test_a_changed_password_is_told(db, post):
    person = await make_person(db)
    await change_password(db, person.id, PASSWORD, "another bird, higher up", session_id=None)
    await deliver(db, post)
    assert post[0].last_to(person.email)["Subject"] == "Your password was changed"


async def test_a_link_used_or_replaced_is_not_sent_any_more(db, post):
    person = await make_person(db, verified=True)
    for _ in range(2):
        await db.write(GUEST, lambda tx: ask_password_reset(tx, person.email, "192.0.2.1"))
    await deliver(db, post)
    subjects = [letter["Subject"] for letter in post[0].letters]
    assert subjects == ["Choose a new password"], "the welcome was confirmed, the first link replaced"


async def test_the_bell_shows_letters_in_the_readers_language_newest_first(db):
    person = await make_person(db)
    for _ in range(3):
        db.clock.move(timedelta(seconds=1))
        await tell(db, person)
    first = await bell(db, person, limit=2)
    assert [letter.title for letter in first.items] == ["Order F-1 is on its way"] * 2
    assert "¥168.00, sent on Jun 18, 2026" in first.items[0].text
    assert first.items[0].link == "/orders/1"
    rest = await bell(db, person, limit=2, after=first.next)
    assert (len(rest.items), rest.next) == (1, None)
    with speaking("zh-CN"):
        assert "¥168.00" in (await bell(db, person)).items[0].text


async def test_the_bell_counts_what_is_unread(db):
    person = await make_person(db)
    letters = [await tell(db, person) for _ in range(3)]

    async def unread():
        return await db.read(lambda r: count_unread(r, person.id))

    assert await unread() == 3
    for _ in range(2):
        await db.write(acting(person.id), lambda tx: mark_read(tx, person.id, letters[0]))
    assert await unread() == 2
    assert await db.write(acting(person.id), lambda tx: mark_all_read(tx, person.id)) == 2
    assert await unread() == 0
    assert all(letter.is_read for letter in (await bell(db, person)).items)


async def test_a_strangers_letter_is_not_found(db):
    person, stranger = await make_person(db), await make_person(db)
    letter_id = await tell(db, person)
    with pytest.raises(LetterNotFound):
        await db.write(acting(stranger.id), lambda tx: mark_read(tx, stranger.id, letter_id))
    assert (await bell(db, stranger)).items == []
    assert await db.read(lambda r: count_unread(r, person.id)) == 1


async def test_a_letter_carries_its_way_to_stop_it(db, post):
    person = await make_person(db)
    await tell(db, person)
    await deliver(db, post)
    letter = post[0].last_to(person.email)
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert "http://127.0.0.1:8000/orders/1" in plain_text(letter)
    stop = str(letter["List-Unsubscribe"]).replace(" ", "").strip("<>")
    assert stop.startswith("http://127.0.0.1:8000/account/letters/stop?token=")
    token = parse_qs(urlsplit(stop).query)["token"][0]
    assert await db.write(GUEST, lambda tx: stop_mail(tx, token)) == SHIPPED.label
    before = len(post[0].letters)
    await tell(db, person)
    await deliver(db, post)
    assert len(post[0].letters) == before
    assert len((await bell(db, person)).items) == 2, "on the site it is still told"


async def test_what_was_chosen_after_writing_holds_at_sending(db, post):
    person = await make_person(db)
    await deliver(db, post)
    before = len(post[0].letters)
    await tell(db, person)
    await db.write(acting(person.id), lambda tx: choose_mail(tx, person.id, SHIPPED.name, by_mail=False))
    await deliver(db, post)
    assert len(post[0].letters) == before
    preferences = await db.read(lambda r: list_preferences(r, person.id))
    assert [p.by_mail for p in preferences if p.kind == SHIPPED.name] == [False]


async def test_letters_about_safety_cannot_be_stopped(db):
    person = await make_person(db)
    for kind in ("accounts.password_changed", "no.such"):
        with pytest.raises(KindUnknown):
            await db.write(acting(person.id), lambda tx, kind=kind: choose_mail(tx, person.id, kind, by_mail=False))


async def test_forged_and_old_stop_links_are_refused(db, post):
    person = await make_person(db)
    await tell(db, person)
    await deliver(db, post)
    stop = str(post[0].last_to(person.email)["List-Unsubscribe"]).strip("<>").replace(" ", "")
    token = parse_qs(urlsplit(stop).query)["token"][0]
    for forged in ("", "x", token[:-2] + "AA", await db.read(_verify_token)):
        with pytest.raises(StopLinkNotGood):
            await db.write(GUEST, lambda tx, forged=forged: stop_mail(tx, forged))
    db.clock.move(timedelta(days=401))
    with pytest.raises(StopLinkNotGood):
        await db.write(GUEST, lambda tx: stop_mail(tx, token))


async def _verify_token(reader):
    return reader.given(Keyring).sign("accounts.verify", "1 tests.shipped", reader.now + timedelta(days=1))


async def test_while_the_mail_server_is_busy_it_is_tried_again(db, post):
    person = await make_person(db)
    await deliver(db, post)
    before = len(post[0].letters)
    await tell(db, person)
    post[0].refusal = "451 busy"
    await deliver(db, post)
    assert [job["tries"] for job in await list_queued(db, SEND)] == [1]
    post[0].refusal = None
    await deliver(db, post, also_delayed=True)
    assert len(post[0].letters) == before + 1
    assert await mail_states(db) == {"sent"}


async def test_it_is_given_up_in_the_end(db, post):
    person = await make_person(db)
    await deliver(db, post)
    await tell(db, person)
    post[0].refusal = "451 busy"
    await deliver(db, post, also_delayed=True)
    assert "failed" in await mail_states(db)
    assert await list_queued(db, SEND) == []


async def test_an_address_that_is_refused_is_not_tried_again(db, post):
    person = await make_person(db)
    await deliver(db, post)
    await tell(db, person)
    post[0].refusal = "550 no such user"
    await deliver(db, post)
    assert "refused" in await mail_states(db)
    assert await list_queued(db, SEND) == []


async def mail_states(db):
    rows = await db.read(lambda r: r.rows("select distinct mail from notifications.letters where mail <> 'none'"))
    return {row["mail"] for row in rows}


async def test_a_job_run_twice_sends_once(db, post):
    person = await make_person(db)
    await deliver(db, post)
    before = len(post[0].letters)
    letter_id = await tell(db, person)
    for _ in range(2):
        await jobs(db, post[1])[0].work({"ids": [int(letter_id)], "tries": 0})
    assert len(post[0].letters) == before + 1


async def test_who_left_has_no_letters_and_gets_none(db, post):
    person = await make_person(db)
    await tell(db, person)
    await db.write(acting(person.id), lambda tx: close_account(tx, person.id, []))
    await deliver(db, post)
    assert post[0].letters == []
    assert await db.read(lambda r: r.value("select count(*) from notifications.letters")) == 0


async def test_the_export_tells_the_letters(db):
    person = await make_person(db)
    await tell(db, person)
    known = await db.read(lambda r: export_letters(r, person.id))
    assert known["notifications"]["letters"][0]["title"] == "Order F-1 is on its way"
    assert known["notifications"]["by_mail"][SHIPPED.name] is True
    assert msgspec.json.encode(known)


async def test_many_are_told_at_once_in_few_statements(db):
    people = [await make_person(db) for _ in range(30)]
    await db.write(acting(people[0].id), lambda tx: close_account(tx, people[0].id, []))
    at = db.clock.now()
    notes = [Note(p.id, SHIPPED.name, {"order": "F-1", "total": Money(1, "CNY"), "at": at}) for p in people]
    with statements() as seen:
        await db.write(GUEST, lambda tx: notify_many(tx, notes))
    assert len(seen) == 3 + 2, "who is here, what they said, the letters, and one for each job"
    assert [len(job["ids"]) for job in await list_queued(db, SEND)] == [20, 9]
    assert await db.read(lambda r: count_unread(r, people[0].id)) == 0
    assert await db.read(lambda r: count_unread(r, people[1].id)) == 1


async def test_old_letters_are_forgotten(db):
    person = await make_person(db)
    await tell(db, person)
    [forget] = timers()
    assert await forget.run(db) == 0
    db.clock.move(timedelta(days=401))
    assert await forget.run(db) == 1
