"""Become a person of the market."""

import asyncio

import pytest

from fairground.kit.actor import GUEST
from fairground.kit.db import Database
from fairground.kit.errors import Invalid
from fairground.market.accounts.actions.credentials import verify_email
from fairground.market.accounts.actions.registration import Registration, register, register_person
from fairground.market.accounts.errors import EmailTaken, LinkNotGood
from fairground.market.accounts.events import PersonRegistered
from fairground.market.accounts.model import LinkPurpose
from fairground.market.accounts.queries import find_person_by_email, get_person, map_people
from tests.support.accounts import PASSWORD, link_token, make_person
from tests.support.statements import StatementFailed, fail_at


async def rows_of(db: Database) -> tuple[int, ...]:
    async def count(reader):
        return (
            await reader.value("select count(*) from accounts.people"),
            await reader.value("select count(*) from accounts.emails"),
            await reader.value("select count(*) from accounts.links"),
            await reader.value("select count(*) from kit.outbox"),
        )

    return await db.read(count)


async def test_a_person_registers_and_is_told_to_confirm(db):
    person = await register(db, Registration(" Ming.Li@Example.ORG ", PASSWORD, "  李 明 ", "zh-CN"))
    assert (person.email, person.name, person.language) == ("Ming.Li@example.org", "李 明", "zh-CN")
    assert not person.is_verified
    assert person.staff_role is None
    outbox = await db.read(lambda r: r.rows("select name, body from kit.outbox"))
    assert [row["name"] for row in outbox] == [PersonRegistered.name()]
    assert "example" not in str(outbox[0]["body"]), "an event tells ids, never addresses"


async def test_the_password_is_kept_only_as_an_argon2id_hash(db):
    person = await make_person(db)
    kept = await db.read(lambda r: r.value("select password_hash from accounts.people where id = $1", person.id))
    assert kept.startswith("$argon2id$")
    assert PASSWORD not in kept


async def test_without_a_language_the_markets_is_taken(db):
    person = await register(db, Registration("a@example.org", PASSWORD, "A"))
    assert person.language == "zh-CN"


async def test_the_same_address_in_other_letters_is_taken(db):
    await make_person(db, email="ming@example.org")
    before = await rows_of(db)
    with pytest.raises(EmailTaken):
        await register(db, Registration("MING@EXAMPLE.org", PASSWORD, "Other"))
    assert await rows_of(db) == before


async def test_of_two_at_the_same_moment_one_gets_the_address(wide_db):
    async def attempt(n: int) -> object:
        # Straight to the deed: the look beforehand would hide the race.
        wish = Registration("same@example.org", PASSWORD, f"Person {n}", "en")
        return await wide_db.write(GUEST, lambda tx: register_person(tx, wish, "hash"))

    results = await asyncio.gather(*(attempt(n) for n in range(12)), return_exceptions=True)
    assert sum(isinstance(result, EmailTaken) for result in results) == 11
    assert (await rows_of(wide_db))[:3] == (1, 1, 1)


async def test_without_the_lookup_row_both_would_get_it(wide_db, monkeypatch):
    async def no_guard(*_args):
        await asyncio.sleep(0)

    monkeypatch.setattr("fairground.market.accounts.actions.registration.claim_email", no_guard)

    async def attempt(n: int) -> object:
        wish = Registration("same@example.org", PASSWORD, f"Person {n}", "en")
        return await wide_db.write(GUEST, lambda tx: register_person(tx, wish, "hash"))

    await asyncio.gather(*(attempt(n) for n in range(2)))
    assert (await rows_of(wide_db))[0] == 2


@pytest.mark.parametrize(
    ("field", "wish"),
    [
        ("/email", Registration("no address", PASSWORD, "A")),
        ("/email", Registration("a@b@c.org\r\nBcc: x@example.org", PASSWORD, "A")),
        ("/email", Registration(f"{'x' * 250}@example.org", PASSWORD, "A")),
        ("/name", Registration("a@example.org", PASSWORD, "   ")),
        ("/name", Registration("a@example.org", PASSWORD, "x" * 61)),
        ("/name", Registration("a@example.org", PASSWORD, "gnp.\u202eexe")),
        ("/name", Registration("a@example.org", PASSWORD, "a\x00b")),
        ("/language", Registration("a@example.org", PASSWORD, "A", "tlh")),
        ("/password", Registration("a@example.org", "short", "A")),
        ("/password", Registration("a@example.org", "x" * 300, "A")),
        ("/password", Registration("a@example.org", "aaaaaaaaaaaa", "A")),
        ("/password", Registration("a@example.org", "Password1", "A")),
        ("/password", Registration("anna@example.org", "anna@example.org", "A")),
    ],
)
async def test_bad_input_names_the_field_and_leaves_nothing(db, field, wish):
    with pytest.raises(Invalid) as caught:
        await register(db, wish)
    assert [error.pointer for error in caught.value.errors] == [field]
    assert await rows_of(db) == (0, 0, 0, 0)


async def test_all_wrong_fields_are_told_at_once(db):
    with pytest.raises(Invalid) as caught:
        await register(db, Registration("", "", "", "x"))
    assert {e.pointer for e in caught.value.errors} == {"/email", "/name", "/language", "/password"}


async def test_markup_in_a_name_is_a_name(db):
    person = await make_person(db, "<script>alert(1)</script>")
    assert person.name == "<script>alert(1)</script>"


async def test_fails_at_each_statement_and_changes_nothing(db):
    wish = Registration("a@example.org", PASSWORD, "A", "en")
    n = 0
    while True:
        try:
            with fail_at(n):
                await db.write(GUEST, lambda tx: register_person(tx, wish, "hash"))
            break
        except StatementFailed:
            assert await rows_of(db) == (0, 0, 0, 0)
            n += 1
    assert n > 4
    assert (await rows_of(db))[:3] == (1, 1, 1)


async def test_the_link_confirms_the_address_once(db):
    person = await make_person(db, verified=False)
    token = await db.read(lambda r: link_token(r, person.id, LinkPurpose.VERIFY))
    assert await db.write(GUEST, lambda tx: verify_email(tx, token)) == person.id
    assert (await db.read(lambda r: get_person(r, person.id))).is_verified
    with pytest.raises(LinkNotGood):
        await db.write(GUEST, lambda tx: verify_email(tx, token))


async def test_people_are_found_by_any_spelling_of_their_address(db):
    person = await make_person(db, "Ming", email="ming@bücher.example")
    found = await db.read(lambda r: find_person_by_email(r, "MING@xn--bcher-kva.example"))
    assert found is not None
    assert found.id == person.id
    cards = await db.read(lambda r: map_people(r, [person.id, person.id]))
    assert cards[person.id].name == "Ming"
