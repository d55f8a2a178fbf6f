"""Reads of questions: of a product, open ones of a shop, those that somebody asked or is asked."""

from datetime import datetime

import msgspec

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id, from_plain
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.market.reviews.errors import QuestionNotFound
from fairground.market.reviews.model import Answer, Glance, Question, QuestionId
from fairground.market.reviews.queries.reviews import review_from, spread_from


async def get_question(reader: Reader, question_id: QuestionId) -> Question:
    """Get one question, without its answers.

    Raises:
        QuestionNotFound
    """
    found = await map_questions(reader, [question_id])
    if question_id not in found:
        raise QuestionNotFound
    return found[question_id]


async def map_questions(reader: Reader, ids: list[QuestionId]) -> dict[QuestionId, Question]:
    """Map ids to questions, without their answers."""
    rows = await reader.rows(
        """
        select q.*, null::jsonb as said from reviews.questions q
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on q.bucket = t.b and q.id = t.i
        """,
        [i.bucket for i in ids],
        ids,
    )
    return {QuestionId(row["id"]): question_from(row) for row in rows}


async def list_questions(
    reader: Reader, product_id: Id, *, after: str | None = None, limit: int | None = None
) -> Page[Question]:
    """List the questions about a product with their answers, the newest first."""
    size = page_size(limit)
    at, question_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select q.*, (
          select jsonb_agg(jsonb_build_object(
                   'side', a.side, 'shown_name', a.shown_name, 'language', a.language, 'words', a.words,
                   'written_at', a.written_at) order by a.side desc, a.written_at, a.id)
            from (select * from reviews.answers a where a.bucket = q.bucket and a.question_id = q.id
                   order by a.side desc, a.written_at, a.id limit 20) a) as said
          from reviews.questions q
         where q.bucket = $1 and q.product_id = $2
           and ($3::timestamptz is null or (q.asked_at, q.id) < ($3, $4::bigint))
         order by q.asked_at desc, q.id desc limit $5
        """,
        product_id.bucket,
        product_id,
        at,
        question_id,
        size + 1,
    )
    return _page(rows, size)


async def get_glance(reader: Reader, product_id: Id, limit: int = 3) -> Glance:
    """Get what a product page shows, in one question: the spread, the latest reviews, the latest answered questions."""
    rows = await reader.rows(
        """
        select coalesce(s.one, 0) as one, coalesce(s.two, 0) as two, coalesce(s.three, 0) as three,
               coalesce(s.four, 0) as four, coalesce(s.five, 0) as five,
               coalesce(s.with_pictures, 0) as with_pictures, a.asked, r.*
          from (select jsonb_agg(jsonb_build_object(
                         'id', q.id, 'product_id', q.product_id, 'shop_id', q.shop_id, 'asker_id', q.asker_id,
                         'shown_name', q.shown_name, 'language', q.language, 'words', q.words, 'asked_at', q.asked_at,
                         'shop_answered_at', q.shop_answered_at, 'answers', (
                           select coalesce(jsonb_agg(jsonb_build_object(
                                    'side', n.side, 'shown_name', n.shown_name, 'language', n.language,
                                    'words', n.words, 'written_at', n.written_at)
                                    order by n.side desc, n.written_at, n.id), '[]')
                             from (select * from reviews.answers x where x.bucket = $1 and x.question_id = q.id
                                    order by x.side desc, x.written_at, x.id limit 2) n))
                         order by q.asked_at desc, q.id desc) as asked
                  from (select * from reviews.questions where bucket = $1 and product_id = $2 and answers > 0
                         order by asked_at desc, id desc limit $4) q) a
          left join reviews.product_stars s on s.bucket = $1 and s.product_id = $2
          left join lateral (
            select * from reviews.reviews r
             where r.bucket = s.bucket and r.product_id = s.product_id and r.visible_at <= $3
               and r.removed_at is null
             order by r.visible_at desc, r.id desc limit $4) r on true
        """,
        product_id.bucket,
        product_id,
        reader.now,
        limit,
    )
    asked = msgspec.convert(rows[0]["asked"] or [], list[Question], dec_hook=from_plain, strict=False)
    return Glance(spread_from(rows[0]), [review_from(row) for row in rows if row["id"] is not None], asked)


async def list_open_questions(
    reader: Reader, shop_id: Id, *, after: str | None = None, limit: int | None = None
) -> Page[Question]:
    """List the questions that wait for a shop's answer, the longest waiting first."""
    size = page_size(limit)
    at, question_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select q.*, null::jsonb as said from reviews.questions q
         where q.bucket = $1 and q.shop_id = $2 and q.shop_answered_at is null
           and ($3::timestamptz is null or (q.asked_at, q.id) > ($3, $4::bigint))
         order by q.asked_at, q.id limit $5
        """,
        shop_id.bucket,
        shop_id,
        at,
        question_id,
        size + 1,
    )
    return _page(rows, size)


async def list_asked_of(reader: Reader, person_id: Id, limit: int = 20) -> list[Question]:
    """List the questions that somebody was drawn to answer and has not, the latest first."""
    rows = await reader.rows(
        """
        select question_id from reviews.asked
         where bucket = $1 and person_id = $2 and state = 'waiting' order by asked_at desc, question_id desc limit $3
        """,
        person_id.bucket,
        person_id,
        limit,
    )
    ids = [QuestionId(row["question_id"]) for row in rows]
    found = await map_questions(reader, ids)
    return [found[i] for i in ids if i in found]


async def list_own_questions(reader: Reader, person_id: Id, limit: int = 20) -> list[Question]:
    """List what somebody asked, the latest first."""
    rows = await reader.rows(
        """
        select question_id from reviews.own_questions
         where bucket = $1 and person_id = $2 order by question_id desc limit $3
        """,
        person_id.bucket,
        person_id,
        limit,
    )
    ids = [QuestionId(row["question_id"]) for row in rows]
    found = await map_questions(reader, ids)
    return [found[i] for i in ids if i in found]


def _page(rows: list[Row], size: int) -> Page[Question]:
    found, more = cut(rows, size)
    cursor = write_cursor(found[-1]["asked_at"], found[-1]["id"]) if more else None
    return Page([question_from(row) for row in found], cursor)


def question_from(row: Row) -> Question:
    """Build a question from its row."""
    return Question(
        QuestionId(row["id"]),
        Id(row["product_id"]),
        Id(row["shop_id"]),
        Id(row["asker_id"]),
        row["shown_name"],
        row["language"],
        row["words"],
        row["asked_at"],
        row["shop_answered_at"],
        tuple(msgspec.convert(row["said"] or [], list[Answer])),
    )
