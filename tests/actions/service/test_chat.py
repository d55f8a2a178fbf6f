"""Conversations: who may speak, what is counted, what is said twice, what is too much."""

import asyncio
from datetime import timedelta

import pytest

from fairground.kit.actor import GUEST, person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid
from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonId
from fairground.market.service.actions.chat import Sent, mark_read, open_thread_about
from fairground.market.service.errors import (
    AnswerAwaited,
    ContactHint,
    OwnShop,
    ThreadNotFound,
    TooManyMessages,
    TooManyThreads,
)
from fairground.market.service.model.chat import MARKET, CardKind, ChatRules, InboxId, Side, Thread
from fairground.market.service.queries.chat import count_unread, get_thread, list_threads, search_threads
from fairground.market.shops.errors import ShopNotFound
from fairground.market.shops.model import Role, Shop
from tests.support.catalog import make_product
from tests.support.chat import draft, said_in, say, talk, thread_now
from tests.support.given import test_given
from tests.support.orders import make_buyer, pay, place_order
from tests.support.shops import desk_clerk, make_owner, make_shop, make_staff


async def test_a_buyer_and_a_shop_talk(db: Database) -> None:
    owner, buyer = await make_owner(db), await make_owner(db, "Ming")
    shop = await make_shop(db, owner)
    thread = await talk(db, buyer, shop.id)
    await say(db, thread, buyer, Side.PERSON, "Is it round?")
    await say(db, thread, owner, Side.HOUSE, "It is.")
    said = await said_in(db, thread)
    assert [(m.number, m.side, m.words) for m in said] == [(1, "person", "Is it round?"), (2, "house", "It is.")]
    now = await thread_now(db, thread.id)
    assert (now.person_unread, now.house_unread, now.house_read, now.last_words) == (1, 0, 2, "It is.")
    assert await db.read(lambda r: count_unread(r, buyer)) == 1


async def test_there_is_one_thread_of_two_however_often_it_is_opened(wide_db: Database) -> None:
    buyer, shop = await make_owner(wide_db), await make_shop(wide_db)
    opened = await asyncio.gather(*(talk(wide_db, buyer, shop.id) for _ in range(8)))
    assert len({thread.id for thread in opened}) == 1


async def test_an_empty_thread_is_in_no_list(db: Database) -> None:
    buyer, shop = await make_owner(db), await make_shop(db)
    thread = await talk(db, buyer, shop.id)
    assert (await db.read(lambda r: list_threads(r, buyer))).items == []
    await say(db, thread, buyer, Side.PERSON)
    assert [t.id for t in (await db.read(lambda r: list_threads(r, buyer))).items] == [thread.id]


async def test_strangers_find_nothing_and_write_nothing(db: Database) -> None:
    owner, buyer, stranger = await make_owner(db), await make_owner(db), await make_owner(db)
    shop = await make_shop(db, owner)
    accountant = await make_staff(db, shop, Role.ACCOUNTANT)
    other = await make_shop(db, stranger, name="Other")
    thread = await talk(db, buyer, shop.id)
    await say(db, thread, buyer, Side.PERSON)
    for actor, side in (
        (person(stranger), Side.PERSON),
        (person(stranger), Side.HOUSE),
        (person(accountant), Side.HOUSE),
        (person(owner), Side.PERSON),
        (person(buyer), Side.HOUSE),
        (await desk_clerk(db), Side.HOUSE),
        (GUEST, Side.PERSON),
    ):
        with pytest.raises(ThreadNotFound):
            await say(db, thread, actor, side, "Let me in")
        with pytest.raises(ThreadNotFound):
            await db.read(lambda r, s=side, a=actor: get_thread(r, thread.id, s, a))  # type: ignore[misc]
    assert len(await said_in(db, thread)) == 1
    assert other.id != shop.id


async def test_the_same_key_twice_at_once_makes_one_message(wide_db: Database) -> None:
    buyer, shop = await make_owner(wide_db), await make_shop(wide_db)
    thread, once = await talk(wide_db, buyer, shop.id), draft("Once")
    sent = await asyncio.gather(*(say(wide_db, thread, buyer, Side.PERSON, once) for _ in range(8)))
    assert len({one.message.id for one in sent}) == 1
    assert sum(one.is_new for one in sent) == 1
    now = await thread_now(wide_db, thread.id)
    assert (now.last_number, now.house_unread) == (1, 1)


async def test_many_at_once_are_numbered_without_a_gap(wide_db: Database) -> None:
    owner, buyer = await make_owner(wide_db), await make_owner(wide_db)
    shop = await make_shop(wide_db, owner)
    thread = await talk(wide_db, buyer, shop.id)

    async def one(number: int) -> Sent:
        who, side = ((buyer, Side.PERSON), (owner, Side.HOUSE))[number % 2]
        return await say(wide_db, thread, who, side, f"Word {number}")

    await asyncio.gather(*(one(number) for number in range(16)))
    assert [m.number for m in await said_in(wide_db, thread)] == list(range(1, 17))


async def test_a_flood_is_told_in_words_and_nothing_of_it_is_kept(db: Database) -> None:
    owner, buyer = await make_owner(db), await make_owner(db)
    thread = await talk(db, buyer, (await make_shop(db, owner)).id)
    for _ in range(db.given(ChatRules).messages_per_minute):
        await say(db, thread, buyer, Side.PERSON)
    with pytest.raises(TooManyMessages, match="not sent") as told:
        await say(db, thread, buyer, Side.PERSON)
    assert 0 < told.value.retry_after <= 3
    await say(db, thread, owner, Side.HOUSE)  # the other side has a limit of its own
    db.clock.move(timedelta(seconds=told.value.retry_after))
    await say(db, thread, buyer, Side.PERSON)
    assert (await thread_now(db, thread.id)).last_number == db.given(ChatRules).messages_per_minute + 2


async def test_who_is_not_answered_waits_after_many_messages(db: Database) -> None:
    owner, buyer = await make_owner(db), await make_owner(db)
    thread = await talk(db, buyer, (await make_shop(db, owner)).id)
    for _ in range(db.given(ChatRules).unanswered_most):
        await say(db, thread, buyer, Side.PERSON)
        db.clock.move(timedelta(minutes=1))
    with pytest.raises(AnswerAwaited):
        await say(db, thread, buyer, Side.PERSON)
    await say(db, thread, owner, Side.HOUSE, "Here I am")
    await say(db, thread, buyer, Side.PERSON)


async def test_nobody_begins_more_conversations_in_an_hour_than_the_limit(db: Database) -> None:
    buyer = await make_owner(db)
    shops = [await make_shop(db, name=f"Shop {n}") for n in range(db.given(ChatRules).threads_per_hour + 1)]
    first = await talk(db, buyer, shops[0].id)
    for shop in shops[1:-1]:
        await talk(db, buyer, shop.id)
    with pytest.raises(TooManyThreads):
        await talk(db, buyer, shops[-1].id)
    assert (await talk(db, buyer, shops[0].id)).id == first.id  # those one has stay open
    db.clock.move(timedelta(hours=2))
    await talk(db, buyer, shops[-1].id)


async def test_nobody_writes_to_the_own_shop_or_to_one_that_is_not_there(db: Database) -> None:
    owner = await make_owner(db)
    shop = await make_shop(db, owner)
    clerk = await make_staff(db, shop, Role.CLERK)
    for somebody in (owner, clerk):
        with pytest.raises(OwnShop):
            await talk(db, somebody, shop.id)
    with pytest.raises(ShopNotFound):
        await talk(db, owner, InboxId(shop.id + 4096))


async def test_everybody_may_write_to_the_market_and_its_staff_answers(db: Database) -> None:
    seller, clerk = await make_owner(db), await desk_clerk(db)
    thread = await talk(db, seller, MARKET)
    await say(db, thread, seller, Side.PERSON, "Call me: 13800138000")  # no hint: the market may know
    await say(db, thread, clerk, Side.HOUSE, "We do.")
    with pytest.raises(ThreadNotFound):
        await say(db, thread, await make_owner(db), Side.HOUSE)
    assert (await thread_now(db, thread.id)).person_unread == 1


async def test_contacts_before_an_order_are_hinted_at_and_go_out_when_meant(db: Database) -> None:
    owner = await make_owner(db)
    shop = await make_shop(db, owner)
    buyer, address = await make_buyer(db)
    thread = await talk(db, buyer, shop.id)
    with pytest.raises(ContactHint) as told:
        await say(db, thread, buyer, Side.PERSON, "加我微信 lan_zhou88 吧")
    assert told.value.params["found"] == "an account of another service"
    assert await said_in(db, thread) == []
    sent = await say(db, thread, buyer, Side.PERSON, draft("加我微信 lan_zhou88 吧", hint_seen=True))
    assert sent.message.hints == ("messenger",)
    order = await place_order(db, (buyer, address), (await make_product(db, shop, stock=5), 1))
    with pytest.raises(ContactHint):  # not paid yet
        await say(db, thread, owner, Side.HOUSE, "Call 13800138000 when the parcel is there")
    await pay(db, order)
    sent = await say(db, thread, owner, Side.HOUSE, "Call 13800138000 when the parcel is there")
    assert sent.message.hints == ()


async def test_a_blocked_word_is_named_and_nothing_is_sent(dsn: str, db: Database) -> None:
    strict = Database(dsn, clock=db.clock, ids=db.ids, given=test_given(ChatRules(blocked_words="Fake, 刷单")))
    await strict.open()
    try:
        buyer, shop = await make_owner(strict), await make_shop(strict)
        thread = await talk(strict, buyer, shop.id)
        for words in ("Is it a ＦＡＫＥ?", "可以刷单吗"):
            with pytest.raises(Invalid) as told:
                await say(strict, thread, buyer, Side.PERSON, words)
            assert [(e.pointer, e.code) for e in told.value.errors] == [("/words", "service.blocked_word")]
        assert await said_in(strict, thread) == []
    finally:
        await strict.close()


@pytest.mark.parametrize(
    ("wrong", "pointer", "code"),
    [
        ({"words": ""}, "/words", "required"),
        ({"words": "x" * 2001}, "/words", "too_long"),
        ({"pictures": tuple(range(1, 6))}, "/pictures", "too_many"),
        ({"pictures": (4096,)}, "/pictures", "not_found"),
        ({"product_id": 4096}, "/product_id", "not_found"),
        ({"order_id": 4096}, "/order_id", "not_found"),
    ],
)
async def test_a_wrong_field_is_named(db: Database, wrong: dict[str, object], pointer: str, code: str) -> None:
    buyer, shop = await make_owner(db), await make_shop(db)
    thread = await talk(db, buyer, shop.id)
    given = {name: _ids(value) for name, value in wrong.items()}
    with pytest.raises(Invalid) as told:
        await say(db, thread, buyer, Side.PERSON, draft(**given))  # type: ignore[arg-type]
    assert [(e.pointer, e.code) for e in told.value.errors] == [(pointer, code)]
    assert await said_in(db, thread) == []


def _ids(value: object) -> object:
    if isinstance(value, tuple):
        return tuple(Id(one) for one in value)
    return Id(value) if isinstance(value, int) else value


async def test_cards_show_what_is_theirs_as_it_was(db: Database) -> None:
    owner = await make_owner(db)
    shop, other = await make_shop(db, owner), await make_shop(db, name="Other")
    buyer, address = await make_buyer(db)
    pot = await make_product(db, shop, stock=5)
    order = await place_order(db, (buyer, address), (pot, 1))
    thread = await talk(db, buyer, shop.id)
    asked = await say(db, thread, buyer, Side.PERSON, draft("This one?", product_id=pot.id))
    assert asked.message.card is not None
    assert (asked.message.card.kind, asked.message.card.title) == (CardKind.PRODUCT, pot.title)
    shown = await say(db, thread, owner, Side.HOUSE, draft("", order_id=order.id))
    assert shown.message.card is not None
    assert shown.message.card.title == order.shown_number
    elsewhere = await talk(db, buyer, other.id)
    with pytest.raises(Invalid):
        await say(db, elsewhere, buyer, Side.PERSON, draft("This one?", order_id=order.id))


async def test_a_shop_writes_first_only_about_an_order(db: Database) -> None:
    owner = await make_owner(db)
    shop = await make_shop(db, owner)
    buyer, address = await make_buyer(db)
    order = await place_order(db, (buyer, address), (await make_product(db, shop, stock=5), 1))
    thread = await db.write(person(owner), lambda tx: open_thread_about(tx, shop.id, order.id))
    await say(db, thread, owner, Side.HOUSE, "Your glaze is dry.")
    assert thread.person_id == buyer
    with pytest.raises(ThreadNotFound):
        await db.write(person(buyer), lambda tx: open_thread_about(tx, shop.id, order.id))


async def test_reading_counts_down_and_never_back(db: Database) -> None:
    buyer, thread = await a_talk(db)
    for number, expected in ((2, (2, 1)), (1, (2, 1)), (99, (3, 0))):
        now = await thread_now(db, thread.id)
        await db.write(person(buyer), lambda tx, t=now, n=number: mark_read(tx, t, Side.PERSON, n))  # type: ignore[misc]
        after = await thread_now(db, thread.id)
        assert (after.person_read, after.person_unread) == expected, number


async def test_search_finds_in_both_languages_and_only_the_own(db: Database) -> None:
    owner = await make_owner(db)
    shop: Shop = await make_shop(db, owner)
    one, two = await make_owner(db), await make_owner(db)
    mine, theirs = await talk(db, one, shop.id), await talk(db, two, shop.id)
    await say(db, mine, one, Side.PERSON, "这个茶壶有Ｂlue的吗？ 100%_cotton")
    await say(db, theirs, two, Side.PERSON, "茶壶")
    for words, found in (("茶壶", 1), ("blue 茶", 1), ("blue 杯", 0), ("%", 1), ("0%_c", 1), ("_x", 0), ("  ", 0)):
        hits = await db.read(lambda r, w=words: search_threads(r, one, w))  # type: ignore[misc]
        assert len(hits) == found, words
    assert {hit.thread_id for hit in await db.read(lambda r: search_threads(r, two, "茶壶"))} == {theirs.id}


async def a_talk(db: Database) -> tuple[PersonId, Thread]:
    """Let a shop say three things to a buyer."""
    owner, buyer = await make_owner(db), await make_owner(db)
    thread = await talk(db, buyer, (await make_shop(db, owner)).id)
    for words in ("One", "Two", "Three"):
        await say(db, thread, owner, Side.HOUSE, words)
    return buyer, thread
