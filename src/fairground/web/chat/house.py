"""Conversations as the people of a house see them: a shop's, or the market's own."""

import secrets
from collections.abc import Iterable, Sequence
from datetime import datetime
from urllib.parse import urlencode

import msgspec

from fairground.kit.db import Reader
from fairground.kit.http.caller import Caller
from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.market.accounts.model import PersonCard, PersonId
from fairground.market.accounts.queries import map_people
from fairground.market.service.errors import ThreadNotFound
from fairground.market.service.model.chat import ChatRules, InboxId, InboxRow, QuickReply, Side, Thread, ThreadId
from fairground.market.service.queries.chat import get_thread, list_messages, map_threads
from fairground.market.service.queries.inbox import (
    find_inbox_row,
    list_inbox,
    list_notes,
    list_replies,
    search_inbox,
)
from fairground.web.chat.forms import Said
from fairground.web.chat.lists import TalkRow, TalksView
from fairground.web.chat.view import Face, Faces, TalkView, bubbles, person_face


class House(msgspec.Struct, frozen=True):
    """A house and its rooms: `home` is the address of its messages, `colleagues` are who may take over."""

    inbox_id: InboxId
    face: Face
    home: str
    order_path: str
    colleagues: Sequence[Id] = ()


class NoteLine(msgspec.Struct, frozen=True):
    """A note, or that the conversation was handed over."""

    text: str
    at: datetime


class HouseView(msgspec.Struct, frozen=True):
    """What only the house sees of a conversation."""

    holder: str | None
    colleagues: list[tuple[str, str]]
    notes: list[NoteLine]
    replies: list[QuickReply]
    href: str
    replies_href: str
    note_most: int


async def list_talks(
    reader: Reader, house: House, caller: Caller, *, which: str = "", q: str = "", after: str | None = None
) -> TalksView:
    """List the conversations of a house: all, those with something unread, one's own; or what a search finds."""
    if q:
        return await _found(reader, house, q)
    mine = caller.need_person() if which == "mine" else None
    found = await list_inbox(reader, house.inbox_id, unread=which == "unread", holder_id=mine, after=after)
    people = await map_people(reader, _people_of(found.items))
    tabs: list[tuple[str, str, int | None, bool]] = [
        (house.home, gettext("All"), None, which not in {"unread", "mine"}),
        (f"{house.home}?which=unread", gettext("Unread"), None, which == "unread"),
        (f"{house.home}?which=mine", gettext("Mine"), None, which == "mine"),
    ]
    more = {"after": found.next, **({"which": which} if which else {})}
    return TalksView(
        [_row(house, row, people) for row in found.items],
        "",
        house.home,
        f"{house.home}/live",
        f"{house.home}?{urlencode(more)}" if found.next else None,
        tabs,
    )


def _people_of(rows: Iterable[InboxRow]) -> set[Id]:
    return {one for row in rows for one in (row.person_id, row.holder_id) if one is not None}


def _row(house: House, row: InboxRow, people: dict[PersonId, PersonCard]) -> TalkRow:
    holder = people.get(PersonId(row.holder_id)) if row.holder_id is not None else None
    return TalkRow(
        f"{house.home}/{row.thread_id}",
        person_face(people.get(PersonId(row.person_id)), row.person_id),
        row.last_words or gettext("A picture"),
        row.last_at,
        row.unread,
        gettext("With %(name)s") % {"name": holder.name} if holder else None,
    )


async def _found(reader: Reader, house: House, q: str) -> TalksView:
    hits = await search_inbox(reader, house.inbox_id, q)
    threads = await map_threads(reader, {hit.thread_id for hit in hits})
    people = await map_people(reader, {thread.person_id for thread in threads.values()})
    rows = [
        TalkRow(
            f"{house.home}/{hit.thread_id}?before={hit.number + 5}#m{hit.number}",
            person_face(people.get(PersonId(threads[hit.thread_id].person_id)), threads[hit.thread_id].person_id),
            hit.words,
            hit.sent_at,
        )
        for hit in hits
        if hit.thread_id in threads
    ]
    return TalksView(rows, q, house.home, f"{house.home}/live")


async def get_house_thread(reader: Reader, house: House, caller: Caller, thread_id: ThreadId) -> Thread:
    """Get a thread of this house.

    Raises:
        ThreadNotFound: there is none, or it is another house's.
    """
    thread = await get_thread(reader, thread_id, Side.HOUSE, caller.actor)
    if thread.inbox_id != house.inbox_id:
        raise ThreadNotFound
    return thread


async def faces_of(reader: Reader, house: House, thread: Thread, more: Iterable[Id] = ()) -> Faces:
    """Draw both sides for the house; colleagues by their names."""
    people = await map_people(reader, {thread.person_id, *house.colleagues, *more})
    person = person_face(people.get(PersonId(thread.person_id)), thread.person_id)
    staff = {one: card for one, card in people.items() if one != thread.person_id}
    return Faces(Side.HOUSE, person, house.face, house.order_path, staff)


async def look_at(
    reader: Reader, house: House, caller: Caller, thread_id: ThreadId, said: Said, before: int | None = None
) -> tuple[Thread, TalkView, HouseView]:
    """Look at one conversation."""
    thread = await get_house_thread(reader, house, caller, thread_id)
    messages, more = await list_messages(reader, thread.id, before=before)
    row = await find_inbox_row(reader, house.inbox_id, thread.id)
    notes = await list_notes(reader, house.inbox_id, thread.id)
    named = {m.author_id for m in messages if m.side is Side.HOUSE} | {n.author_id for n in notes}
    named |= {one for one in (row.holder_id if row else None, *(n.to_id for n in notes)) if one is not None}
    faces = await faces_of(reader, house, thread, named)
    href, rules = f"{house.home}/{thread.id}", reader.given(ChatRules)
    last = messages[-1].number if messages else thread.last_number
    talk = TalkView(
        other=faces.other,
        messages=bubbles(messages, faces, thread.person_read),
        action=href,
        key=secrets.token_hex(12),
        earlier_href=f"{href}?before={messages[0].number}" if more else None,
        live_href=f"{href}/live?after={last}" if before is None else None,
        read_href=f"{href}/read",
        export_href=f"{href}/export",
        holds=said.form.words,
        fields=said.fields(),
        words_most=rules.words_most,
        pictures_most=rules.pictures_most,
    )
    names = {one: card.name for one, card in faces.staff.items()}
    holder = names.get(PersonId(row.holder_id)) if row and row.holder_id else None
    house_view = HouseView(
        holder,
        [(str(one), names.get(PersonId(one), "?")) for one in house.colleagues],
        [_note(names, note.author_id, note.to_id, note.words, note.at) for note in notes],
        await list_replies(reader, house.inbox_id),
        href,
        f"{house.home}/replies",
        rules.note_most,
    )
    return thread, talk, house_view


def _note(names: dict[PersonId, str], author: Id, to: Id | None, words: str, at: datetime) -> NoteLine:
    who = names.get(PersonId(author), gettext("Closed account"))
    if to is None:
        return NoteLine(f"{who}: {words}", at)
    handed = gettext("%(name)s took it over") % {"name": who}
    if to != author:
        handed = gettext("%(name)s handed it to %(to)s") % {"name": who, "to": names.get(PersonId(to), "?")}
    return NoteLine(f"{handed}{gettext(': ') if words else ''}{words}", at)
