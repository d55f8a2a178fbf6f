"""Tickets as values: clocks that stand and run, faces, what may be filled into ready answers."""

from datetime import UTC, datetime, timedelta

import pytest
from msgspec.structs import replace

from fairground.kit.errors import Findings, Invalid
from fairground.kit.ids import Id
from fairground.market.service.model.tickets import (
    About,
    AboutKind,
    Macro,
    MacroId,
    Queue,
    Ticket,
    TicketDraft,
    TicketId,
    TicketRules,
    TicketSide,
    TicketState,
    after_answer,
    after_end,
    after_merge,
    after_said,
    check_draft,
    check_macro,
    check_smile,
    may_smile,
    queue_for,
    read_about,
)

RULES = TicketRules()
START = datetime(2026, 6, 18, 12, tzinfo=UTC)
HOUR = timedelta(hours=1)


def a_ticket(number: int = 1) -> Ticket:
    """Make a ticket that was opened just now."""
    return Ticket(
        TicketId(number), Id(7), TicketSide.BUYER, About(), Queue.OTHER, "en", "Hm", TicketState.OPEN, None, START,
        START, START + 12 * HOUR, None, START + 72 * HOUR, None, False, None, None, "", None, 1,
    )  # fmt: skip


def test_the_clock_stands_while_the_person_thinks_and_runs_on_with_what_was_left() -> None:
    waiting = after_answer(a_ticket(), START + 10 * HOUR, solved=False)
    assert (waiting.state, waiting.solve_left) == (TicketState.WAITING, 62 * HOUR)
    again = after_answer(waiting, START + 20 * HOUR, solved=False)
    assert again.solve_left == 62 * HOUR, "an answer more takes nothing from what is left"
    back = after_said(again, RULES, START + 50 * HOUR)
    assert (back.state, back.solve_left, back.solve_by) == (TicketState.OPEN, None, START + 112 * HOUR)


def test_little_time_left_becomes_the_least() -> None:
    waiting = after_answer(a_ticket(), START + 71 * HOUR, solved=False)
    assert after_said(waiting, RULES, START + 80 * HOUR).solve_by == START + 88 * HOUR


def test_an_answer_at_the_moment_the_clock_ends_is_late_and_a_second_before_is_not() -> None:
    due = START + 12 * HOUR
    assert after_answer(a_ticket(), due, solved=True).is_late
    assert not after_answer(a_ticket(), due - timedelta(seconds=1), solved=True).is_late


def test_a_solved_ticket_opens_again_with_a_fresh_clock() -> None:
    solved = after_answer(a_ticket(), START + 13 * HOUR, solved=True)
    assert solved.is_late
    back = after_said(solved, RULES, START + 100 * HOUR)
    assert (back.is_late, back.ended_at, back.solve_by) == (False, None, START + 108 * HOUR)


def test_merging_keeps_the_shorter_clocks() -> None:
    older = replace(a_ticket(1), answer_by=START + HOUR, is_late=True)
    answered = after_answer(a_ticket(2), START, solved=False)
    kept = after_merge(answered, older, START)
    assert (kept.state, kept.answered_at, kept.answer_by, kept.is_late) == (
        TicketState.OPEN, None, START + HOUR, True,
    )  # fmt: skip
    gone = after_end(older, START, into=kept.id)
    assert (gone.state, gone.merged_into) == (TicketState.MERGED, kept.id)


def test_a_face_is_given_after_the_end_once_and_within_the_days() -> None:
    ticket, rules = a_ticket(), TicketRules(smile_days=14)
    assert not may_smile(ticket, rules, START)
    solved = after_answer(ticket, START, solved=True)
    last = START + timedelta(days=14)
    assert may_smile(solved, rules, last - timedelta(seconds=1))
    assert not may_smile(solved, rules, last)
    assert not may_smile(replace(solved, smile=1), rules, START)


@pytest.mark.parametrize("face", [0, 6, -1, 2**40])
def test_there_are_five_faces(face: int) -> None:
    with pytest.raises(Invalid) as trouble:
        check_smile(face, "", RULES)
    assert [e.pointer for e in trouble.value.errors] == ["/smile"]


@pytest.mark.parametrize(
    "text", ["{other}", "{name.__class__}", "{name!r}", "{name:>9}", "{", "{}", "{0}", "{name[0]}", ""]
)
def test_a_ready_answer_asks_only_for_what_a_ticket_has(text: str) -> None:
    findings = Findings()
    check_macro(findings, text, "/words_en", RULES)
    with pytest.raises(Invalid):
        findings.raise_any()


def test_a_ready_answer_is_filled_in_and_braces_in_names_stay() -> None:
    findings = Findings()
    text = check_macro(findings, "Dear {name}, {{so}} {ticket} at {market}. {clerk}", "/words_en", RULES)
    findings.raise_any()
    macro = Macro(MacroId(1), "Hello", None, text, "您好，{name}")
    values = {"name": "{clerk}", "ticket": "7", "market": "Fair", "clerk": "Li"}
    assert macro.words("en", values) == "Dear {clerk}, {so} 7 at Fair. Li"
    assert macro.words("zh-CN", values) == "您好，{clerk}"


@pytest.mark.parametrize(
    "text", ["", "order", "order:", "order:x", "cat:7", ":7", "order:0", "order:99999999999999999999"]
)
def test_what_names_nothing_is_about_nothing(text: str) -> None:
    assert read_about(text) == About()


def test_what_it_is_about_chooses_the_queue() -> None:
    assert read_about("order:77") == About(AboutKind.ORDER, Id(77))
    assert queue_for(read_about("order:77"), TicketSide.BUYER) is Queue.ORDERS
    assert queue_for(read_about("order:77"), TicketSide.SELLER) is Queue.SHOPS
    assert queue_for(About(), TicketSide.BUYER) is Queue.OTHER


def test_a_draft_says_all_that_is_wrong_at_once() -> None:
    with pytest.raises(Invalid) as trouble:
        check_draft(TicketDraft(" \u200b", "x" * 4001), RULES)
    assert [(e.pointer, e.code) for e in trouble.value.errors] == [("/subject", "required"), ("/words", "too_long")]
