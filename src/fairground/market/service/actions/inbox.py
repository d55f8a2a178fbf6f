"""What the people of a house do with their inbox: take over, hand on, note, keep quick replies; and the copies."""

from collections.abc import Sequence

from fairground.kit.actor import person
from fairground.kit.db import Tx
from fairground.kit.errors import N_, Findings
from fairground.kit.ids import Id
from fairground.kit.live import Caller
from fairground.market.service.errors import ColleagueNotFound, ThreadNotFound, TooManyReplies
from fairground.market.service.events import InboxRead, MessageSent
from fairground.market.service.model.chat import MARKET, ChatRules, InboxId, Side, ThreadId
from fairground.market.service.queries.chat import map_threads, works_for


class NoteId(Id):
    """The id of a note; lives in its house's bucket."""


class ReplyId(Id):
    """The id of a quick reply; lives in its house's bucket."""


async def copy_to_inboxes(tx: Tx, events: Sequence[MessageSent | InboxRead]) -> None:
    """Bring the lists of houses up to what their threads are now; who answers first looks after it from then on."""
    threads = list((await map_threads(tx, [event.thread_id for event in events])).values())
    answers = [e for e in events if isinstance(e, MessageSent) and e.side is Side.HOUSE]
    answered = {answer.thread_id: answer.author_id for answer in reversed(answers)}  # the first of each stands
    threads.sort(key=lambda thread: (thread.inbox_id.bucket, thread.inbox_id, thread.id))
    await tx.execute(
        """
        insert into service.inboxes as i (bucket, inbox_id, thread_id, person_id, last_at, last_words, last_side,
                                          unread, holder_id, version)
        select b, h, t, p, a, w, s, u, o, v
          from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::bigint[], $5::timestamptz[], $6::text[],
                      $7::text[], $8::int[], $9::bigint[], $10::int[]) as n(b, h, t, p, a, w, s, u, o, v)
        on conflict (bucket, inbox_id, thread_id) do update
           set last_at = excluded.last_at, last_words = excluded.last_words, last_side = excluded.last_side,
               unread = excluded.unread, version = excluded.version,
               holder_id = coalesce(i.holder_id, excluded.holder_id)
         where i.version <= excluded.version
        """,
        [thread.inbox_id.bucket for thread in threads],
        [thread.inbox_id for thread in threads],
        [thread.id for thread in threads],
        [thread.person_id for thread in threads],
        [thread.last_at for thread in threads],
        [thread.last_words for thread in threads],
        [thread.last_side for thread in threads],
        [thread.house_unread for thread in threads],
        [answered.get(thread.id) for thread in threads],
        [thread.version for thread in threads],
    )
    caller = tx.given(Caller)
    tx.after_commit(lambda: caller.call({thread.inbox_id for thread in threads}))


async def copy_words(tx: Tx, events: Sequence[MessageSent]) -> None:
    """Copy what was said to where its house searches."""
    rows = await tx.rows(
        """
        select m.thread_id, m.number, m.side, m.words, m.plain, m.sent_at
          from unnest($1::smallint[], $2::bigint[], $3::int[]) as t(b, i, n)
          join service.messages m on m.bucket = t.b and m.thread_id = t.i and m.number = t.n
         where m.words <> ''
        """,
        [event.thread_id.bucket for event in events],
        [event.thread_id for event in events],
        [event.number for event in events],
    )
    house = {event.thread_id: event.inbox_id for event in events}
    inboxes = [house[ThreadId(row["thread_id"])] for row in rows]
    await tx.execute(
        """
        insert into service.inbox_words (bucket, inbox_id, thread_id, number, side, words, plain, sent_at)
        select * from unnest($1::smallint[], $2::bigint[], $3::bigint[], $4::int[], $5::text[], $6::text[],
                             $7::text[], $8::timestamptz[])
        on conflict (bucket, inbox_id, thread_id, number) do nothing
        """,
        [inbox_id.bucket for inbox_id in inboxes],
        inboxes,
        [row["thread_id"] for row in rows],
        [row["number"] for row in rows],
        [row["side"] for row in rows],
        [row["words"] for row in rows],
        [row["plain"] for row in rows],
        [row["sent_at"] for row in rows],
    )


async def hand_over(tx: Tx, inbox_id: InboxId, thread_id: ThreadId, to_id: Id, words: str = "") -> None:
    """Hand a conversation to a colleague (or take it over oneself), with a word for them.

    Raises:
        ThreadNotFound: no such conversation in this house, or the actor does not answer for it.
        ColleagueNotFound: nobody such does.
        Invalid: the word is too long.
    """
    await _check_house(tx, inbox_id)
    _check_words(tx, words)
    if inbox_id != MARKET and not await works_for(tx, inbox_id, person(to_id)):
        raise ColleagueNotFound
    if inbox_id == MARKET and to_id != tx.actor.person_id:
        raise ColleagueNotFound  # the desk hands on by ticket; a conversation is only taken over
    found = await tx.execute(
        "update service.inboxes set holder_id = $4 where bucket = $1 and inbox_id = $2 and thread_id = $3",
        inbox_id.bucket,
        inbox_id,
        thread_id,
        to_id,
    )
    if not found:
        raise ThreadNotFound
    await _note(tx, inbox_id, thread_id, to_id, words)


async def add_note(tx: Tx, inbox_id: InboxId, thread_id: ThreadId, words: str) -> None:
    """Note something about a conversation that only the people of the house read.

    Raises:
        ThreadNotFound: no such conversation in this house, or the actor does not answer for it.
        Invalid: empty, or too long.
    """
    await _check_house(tx, inbox_id)
    _check_words(tx, words, needed=True)
    found = await tx.value(
        "select true from service.inboxes where bucket = $1 and inbox_id = $2 and thread_id = $3",
        inbox_id.bucket,
        inbox_id,
        thread_id,
    )
    if not found:
        raise ThreadNotFound
    await _note(tx, inbox_id, thread_id, None, words)


async def _note(tx: Tx, inbox_id: InboxId, thread_id: ThreadId, to_id: Id | None, words: str) -> None:
    await tx.execute(
        """
        insert into service.inbox_notes (bucket, inbox_id, thread_id, id, author_id, to_id, words, at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        inbox_id.bucket,
        inbox_id,
        thread_id,
        tx.new_id(NoteId, inbox_id.bucket),
        tx.actor.person_id,
        to_id,
        words,
        tx.now,
    )


async def add_reply(tx: Tx, inbox_id: InboxId, title: str, words: str) -> ReplyId:
    """Keep words that a house says often.

    Raises:
        ThreadNotFound: the actor does not answer for the house.
        Invalid: empty or too long; naming the field.
        TooManyReplies
    """
    await _check_house(tx, inbox_id)
    rules, findings = tx.given(ChatRules), Findings()
    findings.check(bool(title), "/title", "required", N_("This is needed."))
    findings.check(len(title) <= 60, "/title", "too_long", N_("At most %(most)d characters, please."), most=60)
    findings.check(bool(words), "/words", "required", N_("Please write something."))
    most = rules.words_most
    findings.check(len(words) <= most, "/words", "too_long", N_("At most %(most)d characters, please."), most=most)
    findings.raise_any()
    kept = await tx.value(
        "select count(*) from service.quick_replies where bucket = $1 and inbox_id = $2", inbox_id.bucket, inbox_id
    )
    if kept >= rules.replies_most:
        raise TooManyReplies(most=rules.replies_most)
    reply_id = tx.new_id(ReplyId, inbox_id.bucket)
    await tx.execute(
        "insert into service.quick_replies (bucket, inbox_id, id, title, words) values ($1, $2, $3, $4, $5)",
        inbox_id.bucket,
        inbox_id,
        reply_id,
        title,
        words,
    )
    return reply_id


async def drop_reply(tx: Tx, inbox_id: InboxId, reply_id: ReplyId) -> None:
    """Drop a quick reply; one that is gone is no trouble.

    Raises:
        ThreadNotFound: the actor does not answer for the house.
    """
    await _check_house(tx, inbox_id)
    await tx.execute(
        "delete from service.quick_replies where bucket = $1 and inbox_id = $2 and id = $3",
        inbox_id.bucket,
        inbox_id,
        reply_id,
    )


async def _check_house(tx: Tx, inbox_id: InboxId) -> None:
    if not await works_for(tx, inbox_id, tx.actor):
        raise ThreadNotFound


def _check_words(tx: Tx, words: str, *, needed: bool = False) -> None:
    most, findings = tx.given(ChatRules).note_most, Findings()
    findings.check(bool(words) or not needed, "/words", "required", N_("Please write something."))
    findings.check(len(words) <= most, "/words", "too_long", N_("At most %(most)d characters, please."), most=most)
    findings.raise_any()
