"""Export, close, profile, staff."""

from datetime import timedelta

import pytest

from fairground.kit.actor import GUEST, system
from fairground.kit.actor import person as acting
from fairground.kit.errors import Invalid
from fairground.market.accounts.actions.addresses import AddressWish, add_address
from fairground.market.accounts.actions.closing import close_account, export_personal_data
from fairground.market.accounts.actions.profile import change_profile
from fairground.market.accounts.actions.staff import grant_staff_role, log_deed
from fairground.market.accounts.errors import PersonNotFound, SignInRefused, SomethingOpen, StaffOnly
from fairground.market.accounts.events import PersonClosed
from fairground.market.accounts.model import PersonId, StaffRole
from fairground.market.accounts.policy import at_least
from fairground.market.accounts.queries import find_session, get_person, list_deeds, list_staff, map_people
from tests.support.accounts import make_person, sign_in_as
from tests.support.statements import StatementFailed, fail_at

HOME = AddressWish("Ming", "+49 30 901820", "DE", "", "Berlin", "", ["Unter den Linden 1"], "10117")


async def test_a_closed_account_keeps_its_id_and_nothing_else(db):
    person = await make_person(db, "Ming", email="ming@example.org", staff=StaffRole.CLERK)
    session = await sign_in_as(db, person)
    await db.write(acting(person.id), lambda tx: add_address(tx, person.id, HOME))
    await db.write(acting(person.id), lambda tx: close_account(tx, person.id, []))
    closed = await db.read(lambda r: get_person(r, person.id))
    assert (closed.email, closed.name, closed.is_closed, closed.staff_role) == ("", "Closed account", True, None)
    assert (await db.read(lambda r: map_people(r, [person.id])))[person.id].name == "Closed account"
    assert await db.read(lambda r: find_session(r, session.token)) is None
    with pytest.raises(SignInRefused):
        await sign_in_as(db, person)
    for table in ("addresses", "sessions", "links", "emails", "staff"):
        assert await db.read(lambda r, t=table: r.value(f"select count(*) from accounts.{t}")) == 0
    assert "ming" not in str(await db.read(lambda r: r.rows("select * from accounts.people"))).lower()
    assert await db.read(lambda r: r.value("select count(*) from kit.outbox where name = $1", PersonClosed.name())) == 1
    assert (await make_person(db, email="ming@example.org")).id != person.id, "the address is free"


async def test_what_is_open_hinders_and_is_told(db):
    person = await make_person(db)

    async def orders(_reader, _person_id):
        return ["2 orders are on their way", "1 refund is open"]

    async def shops(_reader, _person_id):
        return []

    with pytest.raises(SomethingOpen) as caught:
        await db.write(acting(person.id), lambda tx: close_account(tx, person.id, [shops, orders]))
    assert caught.value.params["hindrances"] == "2 orders are on their way · 1 refund is open"
    assert not (await db.read(lambda r: get_person(r, person.id))).is_closed


async def test_an_account_closes_once(db):
    person = await make_person(db)
    await db.write(acting(person.id), lambda tx: close_account(tx, person.id, []))
    with pytest.raises(PersonNotFound):
        await db.write(acting(person.id), lambda tx: close_account(tx, person.id, []))


async def test_closing_fails_at_each_statement_and_changes_nothing(db):
    person = await make_person(db)
    session = await sign_in_as(db, person)
    n = 0
    while True:
        try:
            with fail_at(n):
                await db.write(acting(person.id), lambda tx: close_account(tx, person.id, []))
            break
        except StatementFailed:
            n += 1
            assert await db.read(lambda r: find_session(r, session.token)) is not None
    assert n > 6


async def test_the_export_has_every_room(db):
    person = await make_person(db, "Ming")
    await sign_in_as(db, person)
    await db.write(acting(person.id), lambda tx: add_address(tx, person.id, HOME))

    async def wishes(_reader, person_id):
        return {"wishes": [int(person_id)]}

    known = await db.read(lambda r: export_personal_data(r, person.id, [wishes]))
    assert known["accounts"]["person"]["email"] == person.email
    assert known["accounts"]["addresses"][0]["city"] == "Berlin"
    assert known["accounts"]["sessions"][0]["device"] == "Firefox · Linux"
    assert known["wishes"] == [person.id]
    assert "argon2" not in str(known)
    assert "token" not in str(known)


async def test_name_and_language_change_alone_or_together(db):
    person = await make_person(db, "Ming")
    changed = await db.write(acting(person.id), lambda tx: change_profile(tx, person.id, name=" 李 明 "))
    assert (changed.name, changed.language) == ("李 明", "en")
    changed = await db.write(acting(person.id), lambda tx: change_profile(tx, person.id, language="zh-CN"))
    assert (changed.name, changed.language) == ("李 明", "zh-CN")
    with pytest.raises(Invalid) as caught:
        await db.write(acting(person.id), lambda tx: change_profile(tx, person.id, name="", language="tlh"))
    assert {e.pointer for e in caught.value.errors} == {"/name", "/language"}
    assert (await db.read(lambda r: get_person(r, person.id))).name == "李 明"


async def test_an_operator_gives_roles_and_it_is_logged(db):
    operator = await make_person(db, staff=StaffRole.OPERATOR)
    person = await make_person(db, "Clerk")
    await db.write(
        acting(operator.id, is_staff=True),
        lambda tx: grant_staff_role(tx, person.id, StaffRole.CLERK, words="for the autumn fair"),
    )
    assert (await db.read(lambda r: get_person(r, person.id))).staff_role is StaffRole.CLERK
    assert ("Clerk", StaffRole.CLERK) in [(card.name, role) for card, role in await db.read(list_staff)]
    deed = (await db.read(lambda r: list_deeds(r, about=person.id))).items[0]
    assert (deed.person_id, deed.deed, deed.words, deed.at) == (
        operator.id, "accounts.staff_clerk", "for the autumn fair", db.clock.now(),
    )  # fmt: skip
    await db.write(acting(operator.id), lambda tx: grant_staff_role(tx, person.id, None))
    assert (await db.read(lambda r: get_person(r, person.id))).staff_role is None
    assert len(await db.read(list_staff)) == 1


async def test_nobody_else_gives_roles(db):
    person, supervisor = await make_person(db), await make_person(db, staff=StaffRole.SUPERVISOR)
    for actor in (acting(person.id), acting(supervisor.id, is_staff=True), acting(person.id, is_staff=True), GUEST):
        with pytest.raises(StaffOnly):
            await db.write(actor, lambda tx: grant_staff_role(tx, person.id, StaffRole.OPERATOR))
    assert (await db.read(lambda r: get_person(r, person.id))).staff_role is None
    assert len((await db.read(lambda r: list_deeds(r, about=person.id))).items) == 0


async def test_a_role_needs_a_person(db):
    with pytest.raises(PersonNotFound):
        await db.write(system("cli"), lambda tx: grant_staff_role(tx, PersonId(4711), StaffRole.CLERK))


async def test_deeds_are_paged_newest_first(db):
    clerk = await make_person(db, staff=StaffRole.CLERK)
    for n in range(5):
        db.clock.move(timedelta(seconds=1))
        await db.write(acting(clerk.id), lambda tx, n=n: log_deed(tx, "shops.approved", PersonId(n + 1), f"no. {n}"))
    first = await db.read(lambda r: list_deeds(r, by=clerk.id, limit=3))
    assert [deed.words for deed in first.items] == ["no. 4", "no. 3", "no. 2"]
    rest = await db.read(lambda r: list_deeds(r, by=clerk.id, after=first.next, limit=3))
    assert ([deed.words for deed in rest.items], rest.next) == (["no. 1", "no. 0"], None)


def test_each_role_may_what_those_before_it_may():
    assert at_least(StaffRole.OPERATOR, StaffRole.CLERK)
    assert at_least(StaffRole.SUPERVISOR, StaffRole.SUPERVISOR)
    assert not at_least(StaffRole.CLERK, StaffRole.SUPERVISOR)
    assert not at_least(None, StaffRole.CLERK)
