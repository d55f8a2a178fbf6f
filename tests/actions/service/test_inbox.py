"""A shop's inbox: its list follows the threads, colleagues hand over and note, quick replies, searching."""

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.kit.errors import Invalid
from fairground.market.accounts.model import PersonId
from fairground.market.service.actions.chat import mark_read
from fairground.market.service.actions.inbox import ReplyId, add_note, add_reply, drop_reply, hand_over
from fairground.market.service.errors import ColleagueNotFound, ThreadNotFound, TooManyReplies
from fairground.market.service.model.chat import MARKET, ChatRules, InboxId, InboxRow, Side, Thread
from fairground.market.service.queries.inbox import (
    count_unread_threads,
    list_inbox,
    list_notes,
    list_replies,
    search_inbox,
)
from fairground.market.shops.model import Role, Shop
from tests.support.chat import let_news_travel, say, talk, thread_now
from tests.support.shops import desk_clerk, make_owner, make_shop, make_staff


async def a_shop(db: Database) -> tuple[PersonId, Shop, InboxId]:
    """Open a shop."""
    owner = await make_owner(db)
    shop = await make_shop(db, owner)
    return owner, shop, InboxId(shop.id)


async def rows(db: Database, inbox: InboxId, **more: object) -> list[InboxRow]:
    """List an inbox."""
    return (await db.read(lambda reader: list_inbox(reader, inbox, **more))).items  # type: ignore[arg-type]


async def asked(db: Database, shop: Shop, words: str = "Is it round?") -> tuple[PersonId, Thread]:
    """Let somebody new ask something."""
    buyer = await make_owner(db)
    thread = await talk(db, buyer, shop.id)
    await say(db, thread, buyer, Side.PERSON, words)
    await let_news_travel(db)
    return buyer, thread


async def test_the_list_follows_what_is_said_and_read(db: Database) -> None:
    owner, shop, inbox = await a_shop(db)
    buyer, thread = await asked(db, shop)
    (row,) = await rows(db, inbox)
    assert (row.person_id, row.last_words, row.unread, row.holder_id) == (buyer, "Is it round?", 1, None)
    assert await db.read(lambda r: count_unread_threads(r, [inbox])) == {inbox: 1}
    now = await thread_now(db, thread.id)
    await db.write(person(owner), lambda tx: mark_read(tx, now, Side.HOUSE, 1))
    await let_news_travel(db)
    assert [row.unread for row in await rows(db, inbox)] == [0]
    assert await rows(db, inbox, unread=True) == []


async def test_old_news_heard_late_change_nothing_back(db: Database) -> None:
    owner, shop, inbox = await a_shop(db)
    _, thread = await asked(db, shop)
    await say(db, thread, owner, Side.HOUSE, "It is.")
    await let_news_travel(db)
    before = await rows(db, inbox)
    await db.write(
        person(owner),
        lambda tx: tx.execute(
            "update service.inboxes set version = version + 5 where bucket = $1 and inbox_id = $2", inbox.bucket, inbox
        ),
    )
    await say(db, thread, owner, Side.HOUSE, "Older than what the list knows")
    await let_news_travel(db)
    assert await rows(db, inbox) == before


async def test_who_answers_first_holds_it_and_may_hand_it_over(db: Database) -> None:
    owner, shop, inbox = await a_shop(db)
    clerk = await make_staff(db, shop, Role.CLERK)
    accountant = await make_staff(db, shop, Role.ACCOUNTANT)
    _, thread = await asked(db, shop)
    await say(db, thread, clerk, Side.HOUSE, "It is.")
    await say(db, thread, owner, Side.HOUSE, "And red.")
    await let_news_travel(db)
    assert [row.holder_id for row in await rows(db, inbox)] == [clerk]
    await db.write(person(clerk), lambda tx: hand_over(tx, inbox, thread.id, owner, "Knows the glaze"))
    assert [row.thread_id for row in await rows(db, inbox, holder_id=owner)] == [thread.id]
    for wrong in (accountant, await make_owner(db)):
        with pytest.raises(ColleagueNotFound):
            await db.write(person(owner), lambda tx, to=wrong: hand_over(tx, inbox, thread.id, to))  # type: ignore[misc]
    with pytest.raises(ThreadNotFound):
        await db.write(person(accountant), lambda tx: hand_over(tx, inbox, thread.id, accountant))
    await db.write(person(owner), lambda tx: add_note(tx, inbox, thread.id, "Wants it blue"))
    notes = await db.read(lambda r: list_notes(r, inbox, thread.id))
    assert [(n.author_id, n.to_id, n.words) for n in notes] == [
        (clerk, owner, "Knows the glaze"),
        (owner, None, "Wants it blue"),
    ]


async def test_notes_and_hand_over_are_for_the_house_only(db: Database) -> None:
    owner, shop, inbox = await a_shop(db)
    buyer, thread = await asked(db, shop)
    stranger, other, _ = await a_shop(db)
    for somebody, where in ((buyer, inbox), (stranger, inbox), (stranger, InboxId(other.id)), (owner, MARKET)):
        with pytest.raises(ThreadNotFound):
            await db.write(person(somebody), lambda tx, w=where: add_note(tx, w, thread.id, "x"))  # type: ignore[misc]
    with pytest.raises(Invalid):
        await db.write(person(owner), lambda tx: add_note(tx, inbox, thread.id, ""))
    assert await db.read(lambda r: list_notes(r, inbox, thread.id)) == []


async def test_the_desk_has_an_inbox_too(db: Database) -> None:
    clerk, seller = await desk_clerk(db), await make_owner(db)
    thread = await talk(db, seller, MARKET)
    await say(db, thread, seller, Side.PERSON, "My payout?")
    await let_news_travel(db)
    assert [row.thread_id for row in await rows(db, MARKET)] == [thread.id]
    assert clerk.person_id is not None
    await db.write(clerk, lambda tx: hand_over(tx, MARKET, thread.id, clerk.person_id or seller))
    assert [row.holder_id for row in await rows(db, MARKET)] == [clerk.person_id]


async def test_quick_replies_are_kept_up_to_a_limit(db: Database) -> None:
    owner, _, inbox = await a_shop(db)
    first = await db.write(person(owner), lambda tx: add_reply(tx, inbox, "Thanks", "Thank you, have a good day!"))
    for number in range(db.given(ChatRules).replies_most - 1):
        await db.write(person(owner), lambda tx, n=number: add_reply(tx, inbox, f"R{n}", "x"))  # type: ignore[misc]
    with pytest.raises(TooManyReplies):
        await db.write(person(owner), lambda tx: add_reply(tx, inbox, "More", "x"))
    await db.write(person(owner), lambda tx: drop_reply(tx, inbox, first))
    kept = await db.read(lambda r: list_replies(r, inbox))
    assert len(kept) == db.given(ChatRules).replies_most - 1
    with pytest.raises(Invalid) as told:
        await db.write(person(owner), lambda tx: add_reply(tx, inbox, "", ""))
    assert {e.pointer for e in told.value.errors} == {"/title", "/words"}
    stranger = await make_owner(db)
    with pytest.raises(ThreadNotFound):
        await db.write(person(stranger), lambda tx: drop_reply(tx, inbox, ReplyId(kept[0].id)))
    assert await db.read(lambda r: list_replies(r, inbox)) == kept


async def test_a_shop_searches_its_own_conversations(db: Database) -> None:
    owner, shop, inbox = await a_shop(db)
    _, thread = await asked(db, shop, "这个茶壶有Ｂlue的吗？")
    _, other, elsewhere = await a_shop(db)
    await asked(db, other, "茶壶")
    await say(db, thread, owner, Side.HOUSE, "有蓝色的茶壶")
    await let_news_travel(db)
    assert {hit.number for hit in await db.read(lambda r: search_inbox(r, inbox, "茶壶"))} == {1, 2}
    assert [hit.number for hit in await db.read(lambda r: search_inbox(r, inbox, "BLUE"))] == [1]
    assert len(await db.read(lambda r: search_inbox(r, elsewhere, "茶壶"))) == 1
