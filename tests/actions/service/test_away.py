"""Away from the page: one letter for each spell of being away; and what remains of somebody who left."""

from datetime import timedelta
from pathlib import Path

from fairground.kit.actor import person
from fairground.kit.db import Database
from fairground.market.media.queries import get_picture_file
from fairground.market.service.actions.away import forget_chats
from fairground.market.service.actions.chat import mark_read
from fairground.market.service.model.chat import MARKET, ChatRules, InboxId, Side
from fairground.market.service.queries.chat import export_chats, may_see_chat_picture
from fairground.market.service.queries.inbox import list_inbox, search_inbox
from fairground.market.shops.model import Role
from tests.support.chat import draft, let_news_travel, letters_of, said_in, say, talk, thread_now
from tests.support.media import make_picture, make_storage
from tests.support.shops import make_owner, make_shop, make_staff


async def wait(db: Database, minutes: float) -> None:
    """Let time pass, with all that follows."""
    await let_news_travel(db)
    db.clock.move(timedelta(minutes=minutes))
    await let_news_travel(db)


async def test_one_letter_for_each_spell_of_being_away(db: Database) -> None:
    owner, buyer = await make_owner(db), await make_owner(db)
    thread = await talk(db, buyer, (await make_shop(db, owner)).id)
    late = db.given(ChatRules).letter_after_minutes
    await say(db, thread, owner, Side.HOUSE, "One")
    await wait(db, late - 1)
    assert await letters_of(db, buyer) == []
    await say(db, thread, owner, Side.HOUSE, "Two")  # puts nothing off
    await wait(db, 2)
    assert await letters_of(db, buyer) == ["buyers.messages_wait"]
    await say(db, thread, owner, Side.HOUSE, "Three")
    await wait(db, 10 * late)
    assert len(await letters_of(db, buyer)) == 1
    now = await thread_now(db, thread.id)
    await db.write(person(buyer), lambda tx: mark_read(tx, now, Side.PERSON, 3))
    await say(db, thread, owner, Side.HOUSE, "Four")
    await wait(db, late + 1)
    assert len(await letters_of(db, buyer)) == 2


async def test_who_reads_in_time_gets_no_letter(db: Database) -> None:
    owner, buyer = await make_owner(db), await make_owner(db)
    thread = await talk(db, buyer, (await make_shop(db, owner)).id)
    await say(db, thread, owner, Side.HOUSE, "One")
    await let_news_travel(db)
    now = await thread_now(db, thread.id)
    await db.write(person(buyer), lambda tx: mark_read(tx, now, Side.PERSON, 1))
    await wait(db, 60)
    assert await letters_of(db, buyer) == []


async def test_the_shop_hears_of_it_until_somebody_holds_the_thread(db: Database) -> None:
    owner, buyer = await make_owner(db), await make_owner(db)
    shop = await make_shop(db, owner)
    clerk, accountant = await make_staff(db, shop, Role.CLERK), await make_staff(db, shop, Role.ACCOUNTANT)
    thread = await talk(db, buyer, shop.id)
    await say(db, thread, buyer, Side.PERSON, "Is it round?")
    await wait(db, 60)
    assert [len(await letters_of(db, who)) for who in (owner, clerk, accountant)] == [1, 1, 0]
    await say(db, thread, clerk, Side.HOUSE, "It is.")
    await say(db, thread, buyer, Side.PERSON, "And red?")
    await wait(db, 60)
    assert [len(await letters_of(db, who)) for who in (owner, clerk, accountant)] == [1, 2, 0]


async def test_nobody_of_the_market_gets_letters(db: Database) -> None:
    seller = await make_owner(db)
    thread = await talk(db, seller, MARKET)
    await say(db, thread, seller, Side.PERSON, "My payout?")
    await wait(db, 60)
    assert await letters_of(db, seller) == []


async def test_both_sides_see_a_picture_and_nobody_else(db: Database, tmp_path: Path) -> None:
    owner, buyer, stranger = await make_owner(db), await make_owner(db), await make_owner(db)
    thread = await talk(db, buyer, (await make_shop(db, owner)).id)
    picture = await make_picture(db, make_storage(tmp_path), thread.id, is_public=False)
    assert not await db.read(lambda r: may_see_chat_picture(r, picture, person(buyer)))  # not sent yet
    await say(db, thread, buyer, Side.PERSON, draft("", pictures=(picture,)))
    for who, sees in ((buyer, True), (owner, True), (stranger, False)):
        assert await db.read(lambda r, w=who: may_see_chat_picture(r, picture, person(w))) is sees  # type: ignore[misc]
    file = await db.read(lambda r: get_picture_file(r, picture, 240, person(owner), (may_see_chat_picture,)))
    assert not file.is_public


async def test_who_leaves_takes_the_words_along(db: Database) -> None:
    owner, buyer = await make_owner(db), await make_owner(db)
    shop = await make_shop(db, owner)
    thread = await talk(db, buyer, shop.id)
    await say(db, thread, buyer, Side.PERSON, "My name is Lin")
    await say(db, thread, owner, Side.HOUSE, "Welcome")
    await let_news_travel(db)
    taken = await db.read(lambda r: export_chats(r, buyer))
    assert [(one["words"], one["mine"]) for one in taken["messages"]] == [("My name is Lin", True), ("Welcome", False)]
    await db.write(person(buyer), lambda tx: forget_chats(tx, buyer))
    assert [m.words for m in await said_in(db, thread)] == ["", "Welcome"]
    inbox = InboxId(shop.id)
    assert await db.read(lambda r: search_inbox(r, inbox, "Lin")) == []
    assert [row.last_words for row in (await db.read(lambda r: list_inbox(r, inbox))).items] == [""]
