"""A complaint from the notice to the end: deadlines to the second, silence, decisions, appeals; who may not."""

import asyncio
from datetime import timedelta

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid, NotAllowed, NotFound, TooMany
from fairground.market.accounts.model import Person
from fairground.market.catalog.actions.state import list_product, withdraw_product
from fairground.market.catalog.errors import ProductHeld
from fairground.market.catalog.model import Product, ProductState
from fairground.market.justice.actions.complaints import counter_notice, give_notice, withdraw_complaint
from fairground.market.justice.errors import ComplaintInWrongState, ComplaintNotFound, EmailUnconfirmed, OwnInterest
from fairground.market.justice.model.complaints import Complaint, ComplaintRules, ComplaintSide, ComplaintState
from fairground.market.media.model import MediaId
from fairground.market.shops.actions.staff import invite_staff, join_shop
from fairground.market.shops.errors import StaffOnly
from fairground.market.shops.model import Role, Shop
from tests.support.accounts import make_person
from tests.support.catalog import make_product, product_now
from tests.support.complaints import (
    a_proof,
    appeal,
    complain,
    complaint_now,
    counter,
    decide,
    notice,
    rows_of_complaints,
)
from tests.support.shops import MARKET, desk_clerk, make_owner, make_shop, make_staff, news
from tests.support.world import pump

SECOND = timedelta(seconds=1)


async def a_listing(db: Database) -> tuple[Product, Shop, Person]:
    """Put something on sale; gives it with its shop and the shop's owner."""
    owner = await make_person(db, "Seller")
    shop = await make_shop(db, owner.id)
    return await make_product(db, shop), shop, owner


async def test_silence_removes_the_listing_to_the_second(db: Database) -> None:
    product, _, owner = await a_listing(db)
    complaint = await complain(db, product)
    db.clock.move(complaint.counter_by - db.clock.now() - SECOND)
    await pump(db)
    assert (await complaint_now(db, complaint.id)).state is ComplaintState.OPENED
    assert (await product_now(db, product.id)).state is ProductState.ON_SALE
    db.clock.move(SECOND)
    with pytest.raises(ComplaintInWrongState):
        await counter(db, complaint, owner.id)
    await pump(db)
    ended = await complaint_now(db, complaint.id)
    assert (ended.state, ended.decided_by) == (ComplaintState.UPHELD, None)
    assert (await product_now(db, product.id)).state is ProductState.OFF_SALE
    with pytest.raises(ProductHeld):
        await db.write(person(owner.id), lambda tx: list_product(tx, product.id))
    assert (await product_now(db, product.id)).state is ProductState.OFF_SALE


async def test_a_counter_notice_in_the_last_second_keeps_the_listing_until_the_desk_decides(db: Database) -> None:
    product, _, owner = await a_listing(db)
    complaint = await complain(db, product)
    db.clock.move(complaint.counter_by - db.clock.now() - SECOND)
    answered = await counter(db, complaint, owner.id)
    assert answered.state is ComplaintState.CHECKING
    db.clock.move(timedelta(days=1))
    await pump(db)
    assert (await product_now(db, product.id)).state is ProductState.ON_SALE
    rejected = await decide(db, complaint, await desk_clerk(db), upheld=False)
    assert rejected.state is ComplaintState.REJECTED
    assert (await product_now(db, product.id)).state is ProductState.ON_SALE
    assert "justice.ComplaintDecided" in await news(db)


async def test_an_upheld_complaint_takes_all_its_listings_off_sale(db: Database) -> None:
    product, shop, owner = await a_listing(db)
    other = await make_product(db, shop, title="Cup")
    complaint = await counter(db, await complain(db, product, other), owner.id)
    await decide(db, complaint, await desk_clerk(db), upheld=True)
    for one in (product, other):
        assert (await product_now(db, one.id)).state is ProductState.OFF_SALE


async def test_the_desk_may_say_no_at_once_but_yes_only_after_the_shop_was_heard(db: Database) -> None:
    product, _, _ = await a_listing(db)
    complaint, clerk = await complain(db, product), await desk_clerk(db)
    before = await rows_of_complaints(db)
    with pytest.raises(ComplaintInWrongState):
        await decide(db, complaint, clerk, upheld=True)
    with pytest.raises(Invalid):
        await decide(db, complaint, clerk, upheld=False, reason=" ")
    assert await rows_of_complaints(db) == before
    assert (await decide(db, complaint, clerk, upheld=False)).state is ComplaintState.REJECTED


async def test_only_the_desk_decides_and_nobody_a_thing_of_their_own(db: Database) -> None:
    product, shop, owner = await a_listing(db)
    who = await make_person(db, "Complainant")
    complaint = await counter(db, await complain(db, product, who=who), owner.id)
    before = await rows_of_complaints(db)
    with pytest.raises(StaffOnly):
        await decide(db, complaint, person(who.id), upheld=True)
    for interested in (who.id, owner.id, await make_staff(db, shop, Role.ACCOUNTANT)):
        with pytest.raises(OwnInterest):
            await decide(db, complaint, person(interested, is_staff=True), upheld=True)
    assert await rows_of_complaints(db) == before


async def test_of_two_decisions_at_once_one_stands(wide_db: Database) -> None:
    db = wide_db
    product, _, owner = await a_listing(db)
    complaint = await counter(db, await complain(db, product), owner.id)
    one, other = await desk_clerk(db), await desk_clerk(db)
    done = await asyncio.gather(
        decide(db, complaint, one, upheld=True), decide(db, complaint, other, upheld=False), return_exceptions=True
    )
    (won,) = [d for d in done if isinstance(d, Complaint)]
    (lost,) = [d for d in done if not isinstance(d, Complaint)]
    assert isinstance(lost, ComplaintInWrongState)
    upheld = won.state is ComplaintState.UPHELD
    state = (await product_now(db, product.id)).state
    assert state is (ProductState.OFF_SALE if upheld else ProductState.ON_SALE)


async def test_an_appeal_goes_to_somebody_else_once_and_turns_all_back(db: Database) -> None:
    product, _, owner = await a_listing(db)
    first, second = await desk_clerk(db), await desk_clerk(db)
    complaint = await counter(db, await complain(db, product), owner.id)
    upheld = await decide(db, complaint, first, upheld=True)
    with pytest.raises(ComplaintInWrongState):
        await appeal(db, upheld, upheld.complainant_id, ComplaintSide.COMPLAINANT)
    await appeal(db, upheld, owner.id, ComplaintSide.SHOP)
    with pytest.raises(OwnInterest):
        await decide(db, upheld, first, upheld=True)
    turned = await decide(db, upheld, second, upheld=False, reason="The seal is the shop's own.")
    assert (turned.state, turned.first_upheld) == (ComplaintState.REJECTED, True)
    assert (await product_now(db, product.id)).state is ProductState.ON_SALE
    with pytest.raises(ComplaintInWrongState):
        await appeal(db, turned, turned.complainant_id, ComplaintSide.COMPLAINANT)


async def test_an_appeal_a_second_late_changes_nothing(db: Database) -> None:
    product, _, owner = await a_listing(db)
    upheld = await decide(
        db, await counter(db, await complain(db, product), owner.id), await desk_clerk(db), upheld=True
    )
    db.clock.move(timedelta(hours=72))
    before = await rows_of_complaints(db)
    with pytest.raises(ComplaintInWrongState):
        await appeal(db, upheld, owner.id, ComplaintSide.SHOP)
    assert await rows_of_complaints(db) == before


async def test_a_silent_desk_ends_it_too(db: Database) -> None:
    product, shop, owner = await a_listing(db)
    cup = await make_product(db, shop, title="Cup")
    lapsing = await counter(db, await complain(db, product), owner.id)
    decided = await decide(db, await counter(db, await complain(db, cup), owner.id), await desk_clerk(db), upheld=True)
    await appeal(db, decided, owner.id, ComplaintSide.SHOP)
    db.clock.move(timedelta(days=14))
    await pump(db)
    assert (await complaint_now(db, lapsing.id)).state is ComplaintState.LAPSED
    assert (await product_now(db, product.id)).state is ProductState.ON_SALE
    assert (await complaint_now(db, decided.id)).state is ComplaintState.UPHELD
    assert (await product_now(db, cup.id)).state is ProductState.OFF_SALE
    assert not await db.read(lambda r: r.rows("select * from kit.deadlines where kind = 'justice.complaint_lapses'"))


async def test_what_two_complaints_hold_comes_back_with_the_last(db: Database) -> None:
    product, _, owner = await a_listing(db)
    one = await counter(db, await complain(db, product), owner.id)
    two = await counter(db, await complain(db, product), owner.id)
    one, two = [await decide(db, c, await desk_clerk(db), upheld=True) for c in (one, two)]
    await appeal(db, one, owner.id, ComplaintSide.SHOP)
    await decide(db, one, await desk_clerk(db), upheld=False)
    assert (await product_now(db, product.id)).state is ProductState.OFF_SALE
    await appeal(db, two, owner.id, ComplaintSide.SHOP)
    await decide(db, two, await desk_clerk(db), upheld=False)
    assert (await product_now(db, product.id)).state is ProductState.ON_SALE


async def test_strangers_find_nothing_and_clerks_of_the_shop_may_not_answer(db: Database) -> None:
    product, shop, _ = await a_listing(db)
    complaint = await complain(db, product)
    stranger, packer = await make_owner(db), await make_staff(db, shop, Role.CLERK)
    before = await rows_of_complaints(db)
    with pytest.raises(ComplaintNotFound):
        await counter(db, complaint, stranger)
    with pytest.raises(ComplaintNotFound):
        await db.write(person(stranger), lambda tx: withdraw_complaint(tx, stranger, complaint.id))
    with pytest.raises(ComplaintNotFound):
        await appeal(db, complaint, stranger, ComplaintSide.COMPLAINANT)
    with pytest.raises(ComplaintNotFound):
        await appeal(db, complaint, stranger, ComplaintSide.SHOP)
    with pytest.raises(NotAllowed):
        await counter(db, complaint, packer)
    assert await rows_of_complaints(db) == before


async def test_forged_proofs_are_refused(db: Database) -> None:
    product, _, owner = await a_listing(db)
    who, other = await make_person(db, "Complainant"), await make_person(db, "Other")
    used = await a_proof(db, who.id)
    await db.write(person(who.id), lambda tx: give_notice(tx, who.id, notice(product), [used]))
    fresh = await a_proof(db, who.id)
    forged = {
        "somebody else's": [await a_proof(db, other.id)],
        "shown to all": [await a_proof(db, who.id, is_public=True)],
        "made up": [MediaId(4_242_424_242)],
        "in another file already": [used],
        "twice": [fresh, fresh],
        "none": [],
        "too many": [fresh, *[MediaId(i) for i in range(1, 10)]],
    }
    before = await rows_of_complaints(db)
    for why, proofs in forged.items():
        with pytest.raises(Invalid) as trouble:
            await db.write(person(who.id), lambda tx, p=proofs: give_notice(tx, who.id, notice(product), p))
        assert {e.pointer for e in trouble.value.errors} == {"/pictures"}, why
    complaint = await complain(db, product)
    with pytest.raises(Invalid):
        await db.write(person(owner.id), lambda tx: counter_notice(tx, complaint.id, "Ours", [used]))
    assert len(await rows_of_complaints(db)) == len(before) + 3


async def test_a_notice_names_every_wrong_field(db: Database) -> None:
    product, shop, owner = await a_listing(db)
    elsewhere = await make_product(db, await make_shop(db))
    gone = await make_product(db, shop, title="Gone")
    await db.write(person(owner.id), lambda tx: withdraw_product(tx, gone.id))
    who = await make_person(db, "Complainant")
    for draft, fields in (
        (notice(product, owner=" ", words=""), {("/owner", "required"), ("/words", "required")}),
        (notice(product, words="x" * 4001), {("/words", "too_long")}),
        (notice(product, elsewhere), {("/listings", "shops")}),
        (notice(gone), {("/listings", "unknown")}),
        (notice(), {("/listings", "unknown")}),
    ):
        with pytest.raises(Invalid) as trouble:
            await db.write(person(who.id), lambda tx, d=draft: give_notice(tx, who.id, d, []))
        assert {(e.pointer, e.code) for e in trouble.value.errors} == fields | {("/pictures", "required")}
    proof = await a_proof(db, owner.id)
    with pytest.raises(Invalid) as trouble:
        await db.write(person(owner.id), lambda tx: give_notice(tx, owner.id, notice(product), [proof]))
    assert {(e.pointer, e.code) for e in trouble.value.errors} == {("/listings", "own")}
    assert await rows_of_complaints(db) == []


async def test_who_is_not_known_or_floods_does_not_complain(db: Database) -> None:
    product, _, _ = await a_listing(db)
    unknown = await make_person(db, "Nobody", verified=False)
    with pytest.raises(EmailUnconfirmed):
        await complain(db, product, who=unknown)
    who = await make_person(db, "Eager")
    for _ in range(ComplaintRules().a_day):
        await complain(db, product, who=who)
    with pytest.raises(TooMany):
        await complain(db, product, who=who)
    db.clock.move(timedelta(days=1))
    await complain(db, product, who=who)


async def test_a_complaint_is_taken_back_while_nobody_decided(db: Database) -> None:
    product, _, owner = await a_listing(db)
    complaint = await counter(db, await complain(db, product), owner.id)
    me = complaint.complainant_id
    taken = await db.write(person(me), lambda tx: withdraw_complaint(tx, me, complaint.id))
    assert taken.state is ComplaintState.WITHDRAWN
    with pytest.raises(ComplaintInWrongState):
        await db.write(person(me), lambda tx: withdraw_complaint(tx, me, complaint.id))
    with pytest.raises(NotFound):
        await db.write(person(owner.id), lambda tx: withdraw_complaint(tx, owner.id, complaint.id))
    with pytest.raises(ComplaintInWrongState):
        await decide(db, complaint, await desk_clerk(db), upheld=True)


async def test_somebody_only_invited_to_the_shop_answers_nothing(db: Database) -> None:
    product, shop, _ = await a_listing(db)
    complaint, invited = await complain(db, product), await make_owner(db)
    await db.write(MARKET, lambda tx: invite_staff(tx, shop.id, invited, Role.MANAGER))
    with pytest.raises(ComplaintNotFound):
        await counter(db, complaint, invited)
    await db.write(person(invited), lambda tx: join_shop(tx, shop.id, invited))
    assert (await counter(db, complaint, invited)).state is ComplaintState.CHECKING
