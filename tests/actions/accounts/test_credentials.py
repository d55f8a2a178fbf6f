"""Forgotten and changed passwords, changed e-mail addresses."""

import asyncio
from datetime import timedelta

import pytest

from fairground.kit.actor import GUEST
from fairground.kit.actor import person as acting
from fairground.kit.errors import Invalid
from fairground.market.accounts.actions.credentials import (
    ask_email_change,
    ask_password_reset,
    ask_verification,
    change_email,
    change_password,
    reset_password,
    verify_email,
)
from fairground.market.accounts.errors import EmailTaken, LinkNotGood, PasswordWrong, SignInRefused, TooManyTries
from fairground.market.accounts.events import EmailChanged, PasswordResetAsked
from fairground.market.accounts.model import LinkPurpose
from fairground.market.accounts.queries import find_person_by_email, find_session, get_person
from tests.support.accounts import PASSWORD, link_token, make_person, sign_in_as
from tests.support.given import test_given

NEW = "another bird, higher up"


async def ask_reset(db, email, network="192.0.2.7"):
    await db.write(GUEST, lambda tx: ask_password_reset(tx, email, network))


async def token_of(db, person, purpose=LinkPurpose.RESET):
    return await db.read(lambda reader: link_token(reader, person.id, purpose))


async def events_of(db, kind):
    return await db.read(lambda r: r.value("select count(*) from kit.outbox where name = $1", kind.name()))


async def test_a_reset_sets_the_password_ends_all_sessions_and_confirms_the_address(db):
    person = await make_person(db, verified=False)
    session = await sign_in_as(db, person)
    await ask_reset(db, person.email.upper())
    assert await reset_password(db, await token_of(db, person), NEW) == person.id
    assert await db.read(lambda r: find_session(r, session.token)) is None
    assert (await db.read(lambda r: get_person(r, person.id))).is_verified
    with pytest.raises(SignInRefused):
        await sign_in_as(db, person)
    await sign_in_as(db, person, NEW)


async def test_a_reset_link_is_good_once(db):
    person = await make_person(db)
    await ask_reset(db, person.email)
    token = await token_of(db, person)
    await reset_password(db, token, NEW)
    with pytest.raises(LinkNotGood):
        await reset_password(db, token, "yet another one here")
    await sign_in_as(db, person, NEW)


async def test_of_two_tabs_one_uses_the_link(wide_db):
    person = await make_person(wide_db)
    await ask_reset(wide_db, person.email)
    token = await token_of(wide_db, person)
    words = [f"password number {n}" for n in range(6)]
    results = await asyncio.gather(*(reset_password(wide_db, token, w) for w in words), return_exceptions=True)
    assert sum(isinstance(result, LinkNotGood) for result in results) == 5
    good = words[next(i for i, result in enumerate(results) if result == person.id)]
    await sign_in_as(wide_db, person, good)


async def test_a_reset_link_is_good_for_an_hour(db):
    person = await make_person(db)
    await ask_reset(db, person.email)
    token = await token_of(db, person)
    db.clock.move(timedelta(minutes=60))
    with pytest.raises(LinkNotGood):
        await reset_password(db, token, NEW)
    await sign_in_as(db, person)


async def test_a_newer_link_replaces_the_older(db):
    person = await make_person(db)
    await ask_reset(db, person.email)
    old = await token_of(db, person)
    await ask_reset(db, person.email)
    with pytest.raises(LinkNotGood):
        await reset_password(db, old, NEW)
    await reset_password(db, await token_of(db, person), NEW)


async def test_forged_links_and_those_for_something_else_are_refused(db):
    person = await make_person(db, verified=False)
    await ask_reset(db, person.email)
    good, other = await token_of(db, person), await token_of(db, person, LinkPurpose.VERIFY)
    by_another_key = test_given()
    for token in (other, good[:-2] + "AA", good.replace(".", "", 1), "", "x.y.z.q", "é", "." * 9000):
        with pytest.raises(LinkNotGood):
            await reset_password(db, token, NEW)
        with pytest.raises(LinkNotGood):
            await db.write(GUEST, lambda tx, token=token: change_email(tx, token))
    with pytest.raises(LinkNotGood):
        await db.write(GUEST, lambda tx: verify_email(tx, good))
    db.given = by_another_key
    with pytest.raises(LinkNotGood):
        await reset_password(db, good, NEW)


async def test_a_weak_password_leaves_the_link_good(db):
    person = await make_person(db)
    await ask_reset(db, person.email)
    token = await token_of(db, person)
    with pytest.raises(Invalid) as caught:
        await reset_password(db, token, "12345678")
    assert caught.value.errors[0].pointer == "/password"
    await reset_password(db, token, NEW)


async def test_nothing_is_sent_or_told_for_an_unknown_address(db):
    await ask_reset(db, "nobody@example.org")
    assert await events_of(db, PasswordResetAsked) == 0


async def test_wishes_for_resets_are_throttled_for_known_and_unknown_alike(db):
    person = await make_person(db)
    for email in (person.email, "nobody@example.org"):
        for n in range(3):
            await ask_reset(db, email, f"192.0.2.{n}")
        with pytest.raises(TooManyTries) as caught:
            await ask_reset(db, email, "192.0.2.99")
        assert caught.value.retry_after == 3600
    assert await events_of(db, PasswordResetAsked) == 3
    db.clock.move(timedelta(hours=1))
    await ask_reset(db, person.email)


async def test_a_reset_opens_a_throttled_account_to_its_owner(db):
    person = await make_person(db)
    for _ in range(10):
        with pytest.raises(SignInRefused):
            await sign_in_as(db, person, "wrong password")
    with pytest.raises(TooManyTries):
        await sign_in_as(db, person)
    await ask_reset(db, person.email)
    await reset_password(db, await token_of(db, person), NEW)
    await sign_in_as(db, person, NEW)


async def test_a_changed_password_ends_the_other_sessions_and_open_resets(db):
    person = await make_person(db)
    here, there = await sign_in_as(db, person), await sign_in_as(db, person)
    await ask_reset(db, person.email)
    token = await token_of(db, person)
    await change_password(db, person.id, PASSWORD, NEW, session_id=here.session_id)
    assert await db.read(lambda r: find_session(r, here.token)) is not None
    assert await db.read(lambda r: find_session(r, there.token)) is None
    with pytest.raises(LinkNotGood):
        await reset_password(db, token, "yet another one here")
    await sign_in_as(db, person, NEW)


async def test_without_the_old_password_nothing_changes(db):
    person = await make_person(db)
    there = await sign_in_as(db, person)
    with pytest.raises(PasswordWrong) as caught:
        await change_password(db, person.id, "wrong password", NEW, session_id=None)
    assert caught.value.errors[0].pointer == "/old_password"
    with pytest.raises(Invalid) as caught:
        await change_password(db, person.id, PASSWORD, "short", session_id=None)
    assert caught.value.errors[0].pointer == "/new_password"
    assert await db.read(lambda r: find_session(r, there.token)) is not None
    await sign_in_as(db, person)


async def test_a_new_address_is_good_once_its_link_was_used(db):
    person = await make_person(db, email="old@example.org")
    await db.write(acting(person.id), lambda tx: ask_email_change(tx, person.id, "New@Example.org"))
    assert (await db.read(lambda r: get_person(r, person.id))).email == "old@example.org"
    token = await token_of(db, person, LinkPurpose.CHANGE)
    changed = await db.write(GUEST, lambda tx: change_email(tx, token))
    assert (changed.email, changed.is_verified) == ("New@example.org", True)
    assert await db.read(lambda r: find_person_by_email(r, "old@example.org")) is None
    assert (await db.read(lambda r: find_person_by_email(r, "new@example.org"))).id == person.id
    assert await events_of(db, EmailChanged) == 1
    assert (await make_person(db, email="old@example.org")).id != person.id, "the old address is free"


async def test_only_the_letters_of_an_address_may_change(db):
    person = await make_person(db, email="ming@example.org")
    await db.write(acting(person.id), lambda tx: ask_email_change(tx, person.id, "Ming@example.org"))
    token = await token_of(db, person, LinkPurpose.CHANGE)
    assert (await db.write(GUEST, lambda tx: change_email(tx, token))).email == "Ming@example.org"
    await sign_in_as(db, person)


async def test_a_taken_address_is_refused_when_asked_and_when_used(db):
    person, other = await make_person(db), await make_person(db, email="taken@example.org")
    with pytest.raises(EmailTaken):
        await db.write(acting(person.id), lambda tx: ask_email_change(tx, person.id, "Taken@example.org"))
    await db.write(acting(person.id), lambda tx: ask_email_change(tx, person.id, "free@example.org"))
    token = await token_of(db, person, LinkPurpose.CHANGE)
    await make_person(db, email="free@example.org")
    with pytest.raises(EmailTaken):
        await db.write(GUEST, lambda tx: change_email(tx, token))
    assert (await db.read(lambda r: get_person(r, person.id))).email == person.email
    assert other.email == "taken@example.org"


@pytest.mark.parametrize("email", ["", "no address", "ming@example.org"])
async def test_no_address_and_the_same_one_are_refused(db, email):
    person = await make_person(db, email="ming@example.org")
    with pytest.raises(Invalid) as caught:
        await db.write(acting(person.id), lambda tx: ask_email_change(tx, person.id, email))
    assert caught.value.errors[0].pointer == "/email"


async def test_a_verification_for_an_address_left_behind_confirms_nothing(db):
    person = await make_person(db, verified=False)
    old = await token_of(db, person, LinkPurpose.VERIFY)
    await db.write(acting(person.id), lambda tx: ask_email_change(tx, person.id, "new@example.org"))
    token = await token_of(db, person, LinkPurpose.CHANGE)
    await db.write(GUEST, lambda tx: change_email(tx, token))
    with pytest.raises(LinkNotGood):
        await db.write(GUEST, lambda tx: verify_email(tx, old))


async def test_the_verification_is_sent_again_seldom_and_only_while_needed(db):
    person = await make_person(db, verified=False)
    for _ in range(3):
        await db.write(acting(person.id), lambda tx: ask_verification(tx, person.id, "192.0.2.7"))
    with pytest.raises(TooManyTries):
        await db.write(acting(person.id), lambda tx: ask_verification(tx, person.id, "192.0.2.7"))
    token = await token_of(db, person, LinkPurpose.VERIFY)
    await db.write(GUEST, lambda tx: verify_email(tx, token))
    await db.write(acting(person.id), lambda tx: ask_verification(tx, person.id, "192.0.2.7"))
    links = await db.read(lambda r: r.value("select count(*) from accounts.links where used_at is null"))
    assert links == 0
