"""Sign in and out; sessions; throttles."""

import base64
import hashlib
from datetime import timedelta

import pytest

from fairground.kit.actor import GUEST
from fairground.kit.actor import person as acting
from fairground.kit.db import Given
from fairground.kit.passwords import Passwords
from fairground.kit.rate_limit import RateScale
from fairground.market.accounts.actions.credentials import set_password
from fairground.market.accounts.actions.sessions import end_session, end_sessions, is_visit_due, note_visit
from fairground.market.accounts.actions.sign_in import Credentials, confirm_password, sign_in
from fairground.market.accounts.errors import PasswordWrong, SessionNotFound, SignInRefused, TooManyTries
from fairground.market.accounts.events import SignedInFromNewDevice
from fairground.market.accounts.jobs import forget_what_is_over
from fairground.market.accounts.model import AccountRules
from fairground.market.accounts.queries import find_session, list_sessions
from tests.support.accounts import FIREFOX, IPHONE, PASSWORD, make_person, sign_in_as
from tests.support.given import test_given
from tests.support.statements import statements


async def who(db, token):
    return await db.read(lambda reader: find_session(reader, token))


async def test_a_session_knows_its_person_in_one_statement(db):
    person = await make_person(db, "Ming")
    session = await sign_in_as(db, person)
    with statements() as seen:
        found = await who(db, session.token)
    assert len(seen) == 1
    assert found is not None
    assert (found.person_id, found.session_id, found.name) == (person.id, session.session_id, "Ming")
    assert found.is_verified
    assert found.staff_role is None


async def test_the_token_is_not_kept(db):
    session = await sign_in_as(db, await make_person(db))
    kept = await db.read(lambda r: r.value("select token_hash from accounts.sessions"))
    assert kept == hashlib.sha256(session.token.encode()).digest()
    assert len(base64.urlsafe_b64decode(session.token + "=")) == 32


async def test_the_address_may_be_written_otherwise(db):
    person = await make_person(db, email="ming@example.org")
    session = await sign_in(db, Credentials("  MING@Example.org ", PASSWORD))
    assert session.person_id == person.id


@pytest.mark.parametrize(
    ("email", "password"),
    [("ming@example.org", "wrong password"), ("nobody@example.org", PASSWORD), ("no address", PASSWORD), ("", "")],
)
async def test_what_does_not_belong_together_is_refused_alike(db, email, password):
    await make_person(db, email="ming@example.org")
    with pytest.raises(SignInRefused):
        await sign_in(db, Credentials(email, password))
    assert await db.read(lambda r: r.value("select count(*) from accounts.sessions")) == 0


async def test_an_unknown_address_costs_a_hash_too(db, monkeypatch):
    tried = []
    right = Passwords._is_right
    monkeypatch.setattr(Passwords, "_is_right", lambda self, *args: tried.append(args) or right(self, *args))
    with pytest.raises(SignInRefused):
        await sign_in(db, Credentials("nobody@example.org", PASSWORD))
    assert len(tried) == 1


async def test_forged_tokens_find_nobody(db):
    session = await sign_in_as(db, await make_person(db))
    raw = bytearray(base64.urlsafe_b64decode(session.token + "="))
    raw[-1] ^= 1
    forged = base64.urlsafe_b64encode(raw).rstrip(b"=").decode()
    for token in (forged, "", "x", "é" * 43, session.token + "=", session.token[:-1], "A" * 43, "_" * 43, "-" * 10_000):
        assert await who(db, token) is None, token
    assert await who(db, session.token) is not None


async def test_a_session_ends_after_a_month_without_a_visit(db):
    session = await sign_in_as(db, await make_person(db))
    db.clock.move(timedelta(days=29, hours=23))
    assert await who(db, session.token) is not None
    db.clock.move(timedelta(hours=2))
    assert await who(db, session.token) is None


async def test_visits_move_the_end_but_are_written_seldom(db):
    person = await make_person(db)
    session = await sign_in_as(db, person)
    found = await who(db, session.token)
    assert not is_visit_due(found, AccountRules(), db.clock.now())
    db.clock.move(timedelta(minutes=5))
    assert is_visit_due(found, AccountRules(), db.clock.now())
    await db.write(acting(person.id), lambda tx: note_visit(tx, found))
    again = await who(db, session.token)
    assert again.seen_at == db.clock.now()
    assert again.expires_at == db.clock.now() + timedelta(days=30)
    assert not is_visit_due(again, AccountRules(), db.clock.now())


async def test_no_visit_moves_the_end_past_a_year(db):
    person = await make_person(db)
    session = await sign_in_as(db, person)
    for _ in range(14):
        db.clock.move(timedelta(days=29))
        found = await who(db, session.token)
        if found is None:
            break
        await db.write(acting(person.id), lambda tx, found=found: note_visit(tx, found))
    assert await who(db, session.token) is None


async def test_sessions_are_listed_with_their_devices(db):
    person = await make_person(db)
    await sign_in_as(db, person, agent=FIREFOX)
    db.clock.move(timedelta(minutes=1))
    await sign_in_as(db, person, agent=IPHONE)
    listed = await db.read(lambda r: list_sessions(r, person.id))
    assert [session.device for session in listed] == ["Safari · iPhone", "Firefox · Linux"]


async def test_a_person_ends_one_session_or_all_others(db):
    person = await make_person(db)
    first, second, third = [await sign_in_as(db, person) for _ in range(3)]
    await db.write(acting(person.id), lambda tx: end_session(tx, person.id, first.session_id))
    assert await who(db, first.token) is None
    assert await db.write(acting(person.id), lambda tx: end_sessions(tx, person.id, but=second.session_id)) == 1
    assert await who(db, third.token) is None
    assert await who(db, second.token) is not None


async def test_a_strangers_session_is_not_found(db):
    person, stranger = await make_person(db), await make_person(db)
    session = await sign_in_as(db, person)
    with pytest.raises(SessionNotFound):
        await db.write(acting(stranger.id), lambda tx: end_session(tx, stranger.id, session.session_id))
    assert await who(db, session.token) is not None


async def test_a_new_device_is_told_and_the_first_and_the_same_are_not(db):
    person = await make_person(db)

    async def told() -> int:
        return await db.read(
            lambda r: r.value("select count(*) from kit.outbox where name = $1", SignedInFromNewDevice.name())
        )

    await sign_in_as(db, person, agent=FIREFOX)
    await sign_in_as(db, person, agent=FIREFOX.replace("140", "141"))
    assert await told() == 0
    await sign_in_as(db, person, agent=IPHONE)
    assert await told() == 1


async def test_the_session_longest_unseen_goes_when_there_are_too_many(db):
    person = await make_person(db)
    sessions = []
    for _ in range(AccountRules().sessions_most + 1):
        db.clock.move(timedelta(seconds=1))
        sessions.append(await sign_in_as(db, person))
    assert await who(db, sessions[0].token) is None
    assert await who(db, sessions[1].token) is not None
    assert len(await db.read(lambda r: list_sessions(r, person.id))) == AccountRules().sessions_most


async def test_tries_for_one_address_are_throttled_and_the_clock_opens_again(db):
    person = await make_person(db)
    for n in range(10):
        with pytest.raises(SignInRefused):
            await sign_in(db, Credentials(person.email.upper(), "wrong password", f"192.0.2.{n}"))
    with pytest.raises(TooManyTries) as caught:
        await sign_in_as(db, person, network="192.0.2.99")
    assert caught.value.retry_after == 15 * 60
    db.clock.move(timedelta(minutes=14))
    with pytest.raises(TooManyTries) as caught:
        await sign_in_as(db, person)
    assert caught.value.retry_after == 60
    db.clock.move(timedelta(minutes=1))
    assert (await sign_in_as(db, person)).person_id == person.id


async def test_an_unknown_address_is_throttled_alike(db):
    for _ in range(10):
        with pytest.raises(SignInRefused):
            await sign_in(db, Credentials("nobody@example.org", "wrong password"))
    with pytest.raises(TooManyTries):
        await sign_in(db, Credentials("nobody@example.org", "wrong password"))


async def test_one_network_address_cannot_try_many_people(dsn, db):
    db.given = test_given(AccountRules(sign_in_tries_per_network=3))
    person = await make_person(db)
    for n in range(3):
        with pytest.raises(SignInRefused):
            await sign_in(db, Credentials(f"nobody{n}@example.org", "wrong password", f"2001:db8::{n}"))
    with pytest.raises(TooManyTries):
        await sign_in_as(db, person, network="2001:db8::ffff")
    assert (await sign_in_as(db, person, network="2001:db8:0:1::1")).person_id == person.id


async def test_the_scale_of_the_rate_limits_holds_here_too(db):
    db.given = test_given(AccountRules(sign_in_tries_per_email=1), RateScale(2.0))
    for _ in range(2):
        with pytest.raises(SignInRefused):
            await sign_in(db, Credentials("nobody@example.org", "wrong password"))
    with pytest.raises(TooManyTries):
        await sign_in(db, Credentials("nobody@example.org", "wrong password"))


async def test_good_sign_ins_use_nothing_up(db):
    db.given = test_given(AccountRules(sign_in_tries_per_email=2, sign_in_tries_per_network=2))
    person = await make_person(db)
    for _ in range(5):
        await sign_in_as(db, person)


async def test_a_password_changed_meanwhile_opens_nothing(db, monkeypatch):
    person = await make_person(db)
    verify = Passwords.verify

    async def slow_verify(self, kept, password):
        right = await verify(self, kept, password)
        fresh = await self.hash("quite another one")
        await db.write(GUEST, lambda tx: set_password(tx, person.id, fresh))
        return right

    monkeypatch.setattr(Passwords, "verify", slow_verify)
    with pytest.raises(SignInRefused):
        await sign_in_as(db, person)
    assert await db.read(lambda r: list_sessions(r, person.id)) == []


async def test_a_hash_of_other_costs_is_made_anew_at_sign_in(db):
    person = await make_person(db)

    async def kept() -> str:
        return await db.read(lambda r: r.value("select password_hash from accounts.people where id = $1", person.id))

    before = await kept()
    db.given = Given(Passwords(memory_kib=16, passes=1))
    await sign_in_as(db, person)
    assert await kept() != before
    assert "m=16" in await kept()


async def test_the_password_told_again_proves_who_it_is_and_is_counted(db):
    person = await make_person(db)
    await confirm_password(db, person.id, PASSWORD)
    for _ in range(10):
        with pytest.raises(PasswordWrong) as caught:
            await confirm_password(db, person.id, "wrong password", pointer="/password_again")
        assert caught.value.errors[0].pointer == "/password_again"
    with pytest.raises(TooManyTries):
        await confirm_password(db, person.id, PASSWORD)


async def test_what_is_over_is_forgotten(db):
    person = await make_person(db)
    await sign_in_as(db, person)
    with pytest.raises(SignInRefused):
        await sign_in_as(db, person, "wrong password")
    assert await forget_what_is_over(db) == 0
    db.clock.move(timedelta(days=61))
    assert await forget_what_is_over(db) == 4  # a session, the link of the registration, two windows
    assert await db.read(lambda r: r.value("select count(*) from accounts.sessions")) == 0
