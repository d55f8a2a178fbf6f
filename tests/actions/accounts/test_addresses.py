"""A person's address book."""

import asyncio

import msgspec
import pytest

from fairground.kit.actor import person as acting
from fairground.kit.errors import Invalid
from fairground.market.accounts.actions.addresses import (
    AddressWish,
    add_address,
    change_address,
    choose_default,
    delete_address,
)
from fairground.market.accounts.errors import AddressNotFound, TooManyAddresses
from fairground.market.accounts.model import AccountRules
from fairground.market.accounts.queries import get_address, list_addresses
from tests.support.accounts import make_person
from tests.support.given import test_given

HANGZHOU = AddressWish("李明", "139 1234 5678", "CN", "浙江省", "杭州市", "西湖区", ["文三路 1 号", " "], "310012")
BERLIN = AddressWish("Anna Gärtner", "+49 30 901820", "DE", "", "Berlin", "", ["Unter den Linden 1"], "10117")


async def add(db, person, wish=HANGZHOU):
    return await db.write(acting(person.id), lambda tx: add_address(tx, person.id, wish))


async def book(db, person):
    return await db.read(lambda reader: list_addresses(reader, person.id))


async def test_the_first_address_is_the_default_and_is_kept_in_good_form(db):
    person = await make_person(db)
    address = await add(db, person)
    assert address.is_default
    assert (address.phone, address.country, address.lines) == ("+8613912345678", "CN", ["文三路 1 号"])
    second = await add(db, person, BERLIN)
    assert not second.is_default
    assert [a.id for a in await book(db, person)] == [address.id, second.id]


async def test_a_frozen_copy_has_all_but_the_ids(db):
    address = await add(db, await make_person(db))
    frozen = address.as_frozen()
    assert frozen == {
        "name": "李明",
        "phone": "+8613912345678",
        "country": "CN",
        "region": address.region,
        "city": address.city,
        "district": address.district,
        "lines": ["文三路 1 号"],
        "postal_code": "310012",
    }
    assert msgspec.json.decode(msgspec.json.encode(frozen)) == frozen


@pytest.mark.parametrize(
    ("change", "pointers"),
    [
        ({"country": "XX"}, {"/country"}),
        ({"country": ""}, {"/country"}),
        ({"name": " "}, {"/name"}),
        ({"phone": "call me"}, {"/phone"}),
        ({"region": "Atlantis"}, {"/region"}),
        ({"postal_code": "12"}, {"/postal_code"}),
        ({"lines": []}, {"/lines"}),
        ({"lines": ["x" * 200]}, {"/lines"}),
        ({"name": "x" * 500, "phone": ""}, {"/name", "/phone"}),
    ],
)
async def test_each_wrong_field_is_named_and_nothing_is_kept(db, change, pointers):
    person = await make_person(db)
    with pytest.raises(Invalid) as caught:
        await add(db, person, msgspec.structs.replace(HANGZHOU, **change))
    assert {error.pointer for error in caught.value.errors} == pointers
    assert await book(db, person) == []


async def test_markup_in_an_address_is_text(db):
    wish = msgspec.structs.replace(HANGZHOU, lines=["<script>alert(1)</script>"])
    assert (await add(db, await make_person(db), wish)).lines == ["<script>alert(1)</script>"]


async def test_the_default_moves_by_choice_and_after_deletion(db):
    person = await make_person(db)
    first, second, third = [await add(db, person) for _ in range(3)]
    await db.write(acting(person.id), lambda tx: choose_default(tx, person.id, second.id))
    assert [a.id for a in await book(db, person) if a.is_default] == [second.id]
    await db.write(acting(person.id), lambda tx: delete_address(tx, person.id, second.id))
    assert [a.id for a in await book(db, person) if a.is_default] == [third.id]
    await db.write(acting(person.id), lambda tx: delete_address(tx, person.id, first.id))
    fourth = await add(db, person, msgspec.structs.replace(BERLIN, is_default=True))
    assert [(a.id, a.is_default) for a in await book(db, person)] == [(fourth.id, True), (third.id, False)]


async def test_an_address_is_changed_in_place(db):
    person = await make_person(db)
    address = await add(db, person)
    changed = await db.write(acting(person.id), lambda tx: change_address(tx, person.id, address.id, BERLIN))
    assert (changed.id, changed.city, changed.is_default) == (address.id, "Berlin", True)


async def test_a_strangers_address_is_not_found_and_stays(db):
    person, stranger = await make_person(db), await make_person(db)
    address = await add(db, person)
    await add(db, stranger, BERLIN)
    for deed in (
        lambda tx: get_address(tx, stranger.id, address.id),
        lambda tx: change_address(tx, stranger.id, address.id, BERLIN),
        lambda tx: change_address(tx, stranger.id, address.id, msgspec.structs.replace(BERLIN, is_default=True)),
        lambda tx: choose_default(tx, stranger.id, address.id),
        lambda tx: delete_address(tx, stranger.id, address.id),
    ):
        with pytest.raises(AddressNotFound):
            await db.write(acting(stranger.id), deed)
    assert await book(db, person) == [address]
    assert (await book(db, stranger))[0].is_default, "a failed choice takes nothing away"


async def test_the_book_holds_only_so_many_also_at_the_same_moment(wide_db):
    wide_db.given = test_given(AccountRules(addresses_most=3))
    person = await make_person(wide_db)
    results = await asyncio.gather(*(add(wide_db, person) for _ in range(8)), return_exceptions=True)
    assert sum(isinstance(result, TooManyAddresses) for result in results) == 5
    assert sum(address.is_default for address in await book(wide_db, person)) == 1
    assert len(await book(wide_db, person)) == 3
