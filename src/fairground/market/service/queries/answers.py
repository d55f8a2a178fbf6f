"""What the attendant may quote: the market's rules, the state of an order, a shop's own answers; and what waits."""

from datetime import datetime
from functools import lru_cache
from typing import Any, Final

import msgspec

from fairground.kit.db import Reader, Row
from fairground.kit.errors import N_
from fairground.kit.i18n.formats import date_time, money, zone
from fairground.kit.i18n.words import Language, gettext, language, speaking
from fairground.kit.ids import Id, to_text
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.kit.place import Place
from fairground.market.accounts.model import PersonId
from fairground.market.orders.model import Order, OrderRules, OrderState
from fairground.market.service.errors import AnswerNotFound, QuestionNotFound
from fairground.market.service.model.answers import (
    AnswerId,
    AttendantRules,
    Passage,
    QuestionId,
    ShopAnswer,
    ShopQuestion,
    Source,
)
from fairground.market.service.model.tickets import TicketRules

RULES: Final = (
    (
        "held",
        N_("Where is my money until the parcel comes? Is paying safe?"),
        N_("The market holds your payment with the order. The shop has it only once you confirm receipt."),
    ),
    (
        "held",
        N_("When does an order count as received by itself?"),
        N_("Without a word from you, %(courier)s days after the last parcel went out by courier, %(mail)s by mail."),
    ),
    (
        "held",
        N_("How long do I have to pay an order?"),
        N_("An order that is not paid is closed after %(unpaid)s hours, and nothing is taken from you."),
    ),
    (
        "cancelling",
        N_("How do I cancel an order and get my money back (refund)?"),
        N_("As long as nothing was sent, cancel a paid order on its page: the money goes back the way it came."),
    ),
    (
        "cancelling",
        N_("When will it be shipped? What if the shop ships late (delay)?"),
        N_("Shops ship within %(ship)s hours after payment. For a late one you get a voucher without asking."),
    ),
    (
        "cancelling",
        N_("Can I return something without a reason?"),
        N_("Within %(returns)s days after receipt, unless the page of the product said otherwise when you bought it."),
    ),
    (
        "costs",
        N_("What does it cost to sell here (commission, fee)?"),
        N_("Opening a booth is free. Of each sale the market keeps a commission from the shop's share."),
    ),
    (
        "import",
        N_("How do I import products from Shopify, WooCommerce or Taobao?"),
        N_("Take your file to the import page of your shop: a line that cannot be read is named with its reason."),
    ),
    (
        "order",
        N_("Can a shop pay for a better place in the search (advertising)?"),
        N_("No. Nobody can buy a higher place; the formula stands on the page of rules."),
    ),
    (
        "rules",
        N_("How quickly does the market's customer service answer a ticket?"),
        N_("The first answer comes within %(answer)s hours, a solution within %(solution)s hours."),
    ),
)


def list_rules(reader: Reader) -> list[Passage]:
    """List what may be quoted of the market's rules, with the numbers in force, in the reader's language."""
    orders, tickets = reader.given(OrderRules), reader.given(TicketRules)
    numbers = (
        ("courier", orders.confirm_courier_days),
        ("mail", orders.confirm_mail_days),
        ("unpaid", orders.unpaid_close_hours),
        ("ship", orders.ship_promise_hours),
        ("returns", orders.return_without_reason_days),
        ("answer", tickets.first_answer_hours),
        ("solution", tickets.solution_hours),
    )
    return list(_rules(language(), numbers))


@lru_cache(maxsize=8)
def _rules(lang: Language, numbers: tuple[tuple[str, int], ...]) -> tuple[Passage, ...]:
    values = dict(numbers)
    with speaking(lang):
        return tuple(
            Passage(Source.RULE, gettext(title), gettext(text) % values, f"/help#{section}")
            for section, title, text in RULES
        )


def order_passage(reader: Reader, order: Order) -> Passage:
    """Say where an order stands, from its row."""
    here = zone(reader.given(Place).time_zone)

    def at(moment: datetime | None) -> str:
        return "" if moment is None else date_time(moment, here)

    text = {
        OrderState.PLACED: gettext("It waits for your payment of %(total)s until %(at)s."),
        OrderState.PAID: gettext("It is paid. The shop promised to ship by %(ship)s."),
        OrderState.SHIPPED: gettext(
            "It was shipped on %(shipped)s. Without a word from you it counts as received on %(confirm)s."
        ),
        OrderState.RECEIVED: gettext("It was received on %(received)s."),
        OrderState.CLOSED: gettext("It was closed on %(closed)s."),
    }[order.state] % {
        "total": money(order.total_money),
        "at": at(order.pay_by),
        "ship": at(order.ship_by),
        "shipped": at(order.shipped_at),
        "confirm": at(order.confirm_by),
        "received": at(order.received_at),
        "closed": at(order.closed_at),
    }
    title = gettext("Your order %(number)s") % {"number": order.shown_number}
    return Passage(Source.ORDER, title, text, f"/orders/{order.id}")


async def list_answers(reader: Reader, shop_id: Id) -> list[ShopAnswer]:
    """List a shop's questions with their answers, the latest first."""
    rows = await reader.rows(
        """
        select id, shop_id, product_id, question, answer, changed_at, version from service.shop_answers
         where bucket = $1 and shop_id = $2 order by id desc limit $3
        """,
        shop_id.bucket,
        shop_id,
        reader.given(AttendantRules).answers_most,
    )
    return [answer_from(row) for row in rows]


async def get_answer(reader: Reader, answer_id: AnswerId, shop_id: Id) -> ShopAnswer:
    """Get one of a shop's answers.

    Raises:
        AnswerNotFound: there is none, or it is another shop's.
    """
    row = await reader.row(
        """
        select id, shop_id, product_id, question, answer, changed_at, version from service.shop_answers
         where bucket = $1 and id = $2 and shop_id = $3
        """,
        answer_id.bucket,
        answer_id,
        shop_id,
    )
    if row is None:
        raise AnswerNotFound
    return answer_from(row)


async def list_questions(
    reader: Reader, shop_id: Id, *, after: str | None = None, limit: int | None = None
) -> Page[ShopQuestion]:
    """List the questions that wait for a shop, the longest waiting first."""
    size = page_size(limit)
    at, question_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select id, shop_id, product_id, person_id, question, asked_at from service.shop_questions
         where bucket = $1 and shop_id = $2 and ($3::timestamptz is null or (asked_at, id) > ($3, $4::bigint))
         order by asked_at, id limit $5
        """,
        shop_id.bucket,
        shop_id,
        at,
        question_id,
        size + 1,
    )
    found, more = cut([question_from(row) for row in rows], size)
    return Page(found, write_cursor(found[-1].asked_at, int(found[-1].id)) if more else None)


async def get_question(reader: Reader, question_id: QuestionId, shop_id: Id) -> ShopQuestion:
    """Get a question that waits for a shop.

    Raises:
        QuestionNotFound: there is none (any more), or it is another shop's.
    """
    row = await reader.row(
        """
        select id, shop_id, product_id, person_id, question, asked_at from service.shop_questions
         where bucket = $1 and id = $2 and shop_id = $3
        """,
        question_id.bucket,
        question_id,
        shop_id,
    )
    if row is None:
        raise QuestionNotFound
    return question_from(row)


async def export_questions(reader: Reader, person_id: PersonId) -> dict[str, Any]:
    """Give the questions that somebody left with shops, for the export of personal data."""
    rows = await reader.rows(
        """
        select id, shop_id, product_id, person_id, question, asked_at from service.shop_questions
         where person_id = $1 order by asked_at desc limit 1000
        """,
        person_id,
    )
    return {"questions_to_shops": msgspec.to_builtins([question_from(row) for row in rows], enc_hook=to_text)}


def answer_from(row: Row) -> ShopAnswer:
    """Build an answer from its row."""
    product_id = None if row["product_id"] is None else Id(row["product_id"])
    return ShopAnswer(
        AnswerId(row["id"]),
        Id(row["shop_id"]),
        product_id,
        row["question"],
        row["answer"],
        row["changed_at"],
        row["version"],
    )


def question_from(row: Row) -> ShopQuestion:
    """Build a question from its row."""
    product_id = None if row["product_id"] is None else Id(row["product_id"])
    return ShopQuestion(
        QuestionId(row["id"]),
        Id(row["shop_id"]),
        product_id,
        Id(row["person_id"]),
        row["question"],
        row["asked_at"],
    )
