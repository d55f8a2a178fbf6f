"""The pages of an account, with a browser that has no JavaScript."""

import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest

from fairground.kit.actor import GUEST
from fairground.market.accounts.actions.credentials import ask_password_reset
from fairground.market.accounts.model import LinkPurpose
from fairground.market.accounts.queries import get_person, list_addresses, list_sessions
from fairground.market.notifications.actions import notify, write_stop_token
from fairground.market.notifications.model import KINDS, Kind
from fairground.market.notifications.queries import count_unread, list_choices
from tests.support.accounts import IPHONE, PASSWORD, link_token, make_person, sign_in_as
from tests.support.given import QUICK
from tests.support.web import Market, open_test_market, token_of

HOME = {
    "name": "李明", "phone": "13912345678", "country": "CN", "region": "浙江省", "city": "杭州市", "district": "西湖区",
    "lines": "文三路 1 号\r\n二楼", "postal_code": "310012",
}  # fmt: skip


async def enter(market: Market, browser, person=None):
    """Sign a browser in by the form."""
    person = person or await make_person(market.db, "Ming")
    answer = await browser.post("/sign-in", data={"email": person.email, "password": PASSWORD})
    assert answer.status_code == 303, answer.text
    return person


async def post(browser, path, data=None, *, page="/account"):
    """Post a form with the token its page carries."""
    token = token_of((await browser.get(page)).text)
    assert token
    return await browser.post(path, data={"csrf": token, **(data or {})})


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "path", ["/register", "/sign-in", "/forgot", "/account/verify?token=x", "/account/email?token=x"]
)
async def test_the_doors_open_for_guests_in_both_languages(market, path, language):
    async with market.visitor(language) as browser:
        answer = await browser.get(path)
    assert answer.status_code == 200
    assert re.search(r"<h1>[^<]+</h1>", answer.text)
    assert "%(" not in answer.text


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_page_of_an_account_opens_in_both_languages(market, language):
    person = await make_person(market.db, "Ming", language="zh-CN" if language == "zh" else "en", verified=False)
    async with market.visitor(language) as browser:
        await enter(market, browser, person)
        for path in (
            "",
            "/addresses",
            "/addresses/new",
            "/addresses/new?country=DE",
            "/security",
            "/letters",
            "/close",
        ):
            answer = await browser.get(f"/account{path}")
            assert answer.status_code == 200, path
            assert ('<html lang="zh-CN"' in answer.text) == (language == "zh")
            assert answer.headers["cache-control"] == "private, no-store"


async def test_somebody_registers_and_is_in(market):
    async with market.visitor("zh") as browser:
        answer = await browser.post(
            "/register", data={"email": "li@example.org", "password": PASSWORD, "name": "李明", "next": "/account"}
        )
        assert (answer.status_code, answer.headers["location"]) == (303, "/account")
        cookie = next(c for c in answer.headers.get_list("set-cookie") if c.startswith("fg_session"))
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        page = await browser.get("/account")
    assert "李明" in page.text
    assert "li@example.org" in page.text


async def test_a_wrong_form_comes_back_with_what_was_typed_but_the_password(market):
    async with market.visitor() as browser:
        answer = await browser.post("/register", data={"email": "no address", "password": "short", "name": "<b>Ming"})
    assert answer.status_code == 422
    assert "This is not an e-mail address." in answer.text
    assert "A password has at least 8 characters." in answer.text
    assert 'value="no address"' in answer.text
    assert "&lt;b&gt;Ming" in answer.text
    assert 'value="short"' not in answer.text


async def test_a_taken_address_is_told_at_its_field(market):
    await make_person(market.db, email="ming@example.org")
    async with market.visitor() as browser:
        answer = await browser.post("/register", data={"email": "ming@example.org", "password": PASSWORD, "name": "M"})
    assert answer.status_code == 422
    assert 'id="f-email-error"' in answer.text


async def test_a_wrong_password_and_too_many_of_them(market):
    person = await make_person(market.db)
    async with market.visitor() as browser:
        answer = await browser.post("/sign-in", data={"email": person.email, "password": "wrong password"})
        assert answer.status_code == 422
        assert "do not belong together" in answer.text
        assert "fg_session" not in browser.cookies


async def test_the_way_goes_on_to_where_one_wanted_and_nowhere_else(market):
    person = await make_person(market.db)
    async with market.visitor() as browser:
        asked = await browser.get("/account/addresses")
        assert asked.headers["location"] == "/sign-in?next=/account/addresses"
    for wish, leads in (("/account/addresses", "/account/addresses"), ("//evil.test", "/"), ("https://evil.test", "/")):
        async with market.visitor() as browser:
            data = {"email": person.email, "password": PASSWORD, "next": wish}
            assert (await browser.post("/sign-in", data=data)).headers["location"] == leads


async def test_signing_out_ends_the_session(market):
    async with market.visitor() as browser:
        person = await enter(market, browser)
        assert (await post(browser, "/sign-out")).status_code == 303
        assert (await browser.get("/account")).status_code == 303
    assert await market.db.read(lambda r: list_sessions(r, person.id)) == []


async def test_a_deed_without_the_token_is_refused(market):
    async with market.visitor() as browser:
        person = await enter(market, browser)
        assert (await browser.post("/account/profile", data={"name": "Other", "language": "en"})).status_code == 403
    assert (await market.db.read(lambda r: get_person(r, person.id))).name == "Ming"


async def test_name_and_language_are_saved(market):
    async with market.visitor() as browser:
        await enter(market, browser)
        await post(browser, "/account/profile", {"name": "李明", "language": "zh-CN"})
        page = await browser.get("/account")
        assert '<html lang="zh-CN"' in page.text
        assert (await post(browser, "/account/profile", {"name": "", "language": "zh-CN"})).status_code == 422


async def test_the_address_book_is_filled_changed_and_emptied(market):
    async with market.visitor() as browser:
        person = await enter(market, browser)
        answer = await post(browser, "/account/addresses/new", HOME, page="/account/addresses/new")
        assert answer.headers["location"] == "/account/addresses"
        [address] = await market.db.read(lambda r: list_addresses(r, person.id))
        assert address.lines == ["文三路 1 号", "二楼"]
        assert "文三路" in (await browser.get("/account/addresses")).text
        form = (await browser.get(f"/account/addresses/{address.id}")).text
        assert "二楼</textarea>" in form
        await post(browser, f"/account/addresses/{address.id}", {**HOME, "name": "Anna"})
        assert (await market.db.read(lambda r: list_addresses(r, person.id)))[0].name == "Anna"
        wrong = await post(browser, f"/account/addresses/{address.id}", {**HOME, "phone": "call me"})
        assert wrong.status_code == 422
        assert 'id="f-phone-error"' in wrong.text
        await post(browser, f"/account/addresses/{address.id}/deletion")
    assert await market.db.read(lambda r: list_addresses(r, person.id)) == []


async def test_another_country_brings_its_own_fields_and_keeps_what_was_typed(market):
    async with market.visitor() as browser:
        await enter(market, browser)
        part = await browser.get("/account/addresses/fields", params={**HOME, "country": "US", "name": "Ming"})
        assert "ZIP code" in part.text
        assert 'value="Ming"' in part.text
        assert "<html" not in part.text
        page = await browser.get("/account/addresses/new?country=GB")
        assert "Post town" in page.text


async def test_strangers_ids_are_not_found(market):
    owner, stranger = await make_person(market.db), await make_person(market.db)
    async with market.visitor() as browser:
        await enter(market, browser, owner)
        await post(browser, "/account/addresses/new", HOME, page="/account/addresses/new")
    [address] = await market.db.read(lambda r: list_addresses(r, owner.id))
    [session] = await market.db.read(lambda r: list_sessions(r, owner.id))
    async with market.visitor() as browser:
        await enter(market, browser, stranger)
        assert (await browser.get(f"/account/addresses/{address.id}")).status_code == 404
        for path in (
            f"/account/addresses/{address.id}/deletion",
            f"/account/addresses/{address.id}/default",
            f"/account/sessions/{session.id}/end",
            "/account/addresses/0/deletion",
            "/account/addresses/x/deletion",
            "/account/letters/12345/open",
        ):
            assert (await post(browser, path)).status_code == 404, path
        assert (await post(browser, f"/account/addresses/{address.id}", HOME)).status_code == 404
    assert await market.db.read(lambda r: list_addresses(r, owner.id)) == [address]
    assert len(await market.db.read(lambda r: list_sessions(r, owner.id))) == 1


async def test_a_password_is_changed_and_other_devices_go(market):
    async with market.visitor() as browser, market.visitor() as other:
        person = await enter(market, browser)
        await enter(market, other, person)
        wrong = await post(browser, "/account/password", {"old_password": "wrong", "new_password": "another bird"})
        assert wrong.status_code == 422
        assert 'id="f-old_password-error"' in wrong.text
        await post(browser, "/account/password", {"old_password": PASSWORD, "new_password": "another bird up there"})
        assert (await browser.get("/account")).status_code == 200
        assert (await other.get("/account")).status_code == 303


async def test_devices_are_listed_and_signed_out(market):
    async with market.visitor() as browser:
        person = await enter(market, browser)
        await sign_in_as(market.db, person, agent=IPHONE)
        page = (await browser.get("/account/security")).text
        assert "Safari · iPhone" in page
        assert page.count("This one") == 1
        await post(browser, "/account/sessions/end-others")
        assert "iPhone" not in (await browser.get("/account/security")).text


async def test_the_letters_links_work_after_one_press_also_signed_out(market):
    person = await make_person(market.db, verified=False)
    token = await market.db.read(lambda r: link_token(r, person.id, LinkPurpose.VERIFY))
    async with market.visitor() as browser:
        assert token in (await browser.get("/account/verify", params={"token": token})).text
        assert not (await market.db.read(lambda r: get_person(r, person.id))).is_verified, "looking confirms nothing"
        assert (await browser.post("/account/verify", data={"token": token})).status_code == 303
    assert (await market.db.read(lambda r: get_person(r, person.id))).is_verified


async def test_a_forgotten_password_is_chosen_anew_and_signs_in(market):
    person = await make_person(market.db)
    async with market.visitor() as browser:
        known = await browser.post("/forgot", data={"email": person.email})
        unknown = await browser.post("/forgot", data={"email": "nobody@example.org"})
        assert known.headers["location"] == unknown.headers["location"] == "/sign-in"
        assert known.cookies["fg_flash"] == unknown.cookies["fg_flash"], "nothing tells who has an account"
        token = await market.db.read(lambda r: link_token(r, person.id, LinkPurpose.RESET))
        page = await browser.get("/reset", params={"token": token})
        assert page.headers["referrer-policy"] == "no-referrer"
        weak = await browser.post("/reset", data={"token": token, "password": "short"})
        assert weak.status_code == 422
        good = await browser.post("/reset", data={"token": token, "password": "another bird up there"})
        assert urlsplit(good.headers["location"]).path == "/account"
        assert (await browser.get("/account")).status_code == 200
    async with market.visitor() as browser:
        assert (await browser.get("/reset", params={"token": token})).headers["location"] == "/forgot"
        assert (await browser.post("/reset", data={"token": token, "password": PASSWORD})).status_code == 303


async def test_letters_are_opened_and_chosen(market, monkeypatch):
    monkeypatch.setitem(
        KINDS, "t.x", Kind(name="t.x", label="A parcel", subject="On its way", text="Soon.", button="x")
    )
    async with market.visitor() as browser:
        person = await enter(market, browser)
        await market.db.write(GUEST, lambda tx: notify(tx, person.id, "t.x", link="/account/addresses"))

        async def chosen():
            # The other kinds depend on which rooms this process has loaded: only ours is asked about.
            return (await market.db.read(lambda r: list_choices(r, [person.id])))[(person.id, "t.x")]

        page = (await browser.get("/account/letters")).text
        assert "On its way" in page
        action = re.search(r'action="(/account/letters/\d+/open)"', page)[1]
        assert (await post(browser, action)).headers["location"] == "/account/addresses"
        assert await market.db.read(lambda r: count_unread(r, person.id)) == 0
        await post(browser, "/account/letters/choices", {}, page="/account/letters")
        assert await chosen() is False
        await post(browser, "/account/letters/choices", {"by_mail": "t.x"}, page="/account/letters")
        assert await chosen() is True
        token = await market.db.read(lambda r: write_stop_token_now(r, person))
    async with market.program() as mail_program:
        answer = await mail_program.post(f"/account/letters/stop?token={token}", data={"List-Unsubscribe": "One-Click"})
        assert answer.status_code == 303
    assert await chosen() is False


async def write_stop_token_now(reader, person):
    return write_stop_token(reader, person.id, "t.x")


async def test_data_is_taken_along_and_the_account_closed(market):
    async with market.visitor() as browser:
        person = await enter(market, browser)
        await post(browser, "/account/addresses/new", HOME, page="/account/addresses/new")
        data = (await browser.get("/account/data")).json()
        assert data["accounts"]["person"]["id"] == str(person.id)
        assert data["accounts"]["addresses"][0]["name"] == "李明"
        assert "letters" in data["notifications"]
        wrong = await post(browser, "/account/close", {"password": "wrong"}, page="/account/close")
        assert wrong.status_code == 422
        assert (await post(browser, "/account/close", {"password": PASSWORD}, page="/account/close")).status_code == 303
        assert (await browser.get("/account")).status_code == 303
    assert (await market.db.read(lambda r: get_person(r, person.id))).is_closed


async def test_visits_are_written_at_most_every_five_minutes(market):
    async with market.visitor() as browser:
        person = await enter(market, browser)

        async def seen_at():
            return (await market.db.read(lambda r: list_sessions(r, person.id)))[0].seen_at

        before = await seen_at()
        await browser.get("/account")
        assert await seen_at() == before
        market.db.clock.move(timedelta(minutes=6))
        await browser.get("/account")
        assert await seen_at() == before + timedelta(minutes=6)


async def test_a_reset_is_throttled_with_a_clear_word(dsn, clock, tmp_path):
    async with open_test_market(dsn, tmp_path, clock, QUICK, rate_limit_scale=1.0) as market:
        person = await make_person(market.db)
        for _ in range(3):
            await market.db.write(GUEST, lambda tx: ask_password_reset(tx, person.email, "192.0.2.1"))
        async with market.visitor() as browser:
            answer = await browser.post("/forgot", data={"email": person.email})
    assert answer.status_code == 429
    assert "Too many tries" in answer.text
