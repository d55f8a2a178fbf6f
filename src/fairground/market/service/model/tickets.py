"""Tickets: a person asks the market's own people, and two clocks run until it is solved."""

import string
from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

import msgspec

from fairground.kit.errors import N_, Findings
from fairground.kit.ids import Id
from fairground.kit.safe_text import clean_line, clean_text

SMILES: Final = range(1, 6)
FIELDS: Final = ("name", "ticket", "market", "clerk")
"""What a ready answer may be filled with."""


class TicketId(Id):
    """The id of a ticket; lives in the bucket of the person who asks."""


class EntryId(Id):
    """The id of an entry of a ticket; lives in its ticket's bucket."""


class MacroId(Id):
    """The id of a ready answer."""


class TicketRules(msgspec.Struct, frozen=True):
    """The numbers of tickets. Clocks run day and night; that for the solution stands while we wait for the person."""

    first_answer_hours: int = 12
    solution_hours: int = 72
    solution_least_hours: int = 8  # left once the person has answered, however little there was
    wait_days: int = 7  # for the person's answer, then it is closed
    close_days: int = 3  # a solved one without another word is closed
    smile_days: int = 14  # so long after the end a face may be given
    open_most: int = 10  # of one person at a time
    words_an_hour: int = 30  # of one person, in all tickets
    subject_most: int = 120
    words_most: int = 4000


class Queue(StrEnum):
    """Which skill a ticket needs."""

    ORDERS = "orders"
    MONEY = "money"
    GOODS = "goods"
    ACCOUNT = "account"
    SHOPS = "shops"
    OTHER = "other"


class TicketSide(StrEnum):
    """As whom somebody asks."""

    BUYER = "buyer"
    SELLER = "seller"


class TicketState(StrEnum):
    """Where a ticket stands: our turn, the person's turn, solved, over."""

    OPEN = "open"
    WAITING = "waiting"
    SOLVED = "solved"
    CLOSED = "closed"
    MERGED = "merged"


LIVE: Final = (TicketState.OPEN, TicketState.WAITING, TicketState.SOLVED)


class TicketDeed(StrEnum):
    """What moves a ticket."""

    SAY = "say"  # the person writes
    ASK_BACK = "ask_back"  # staff answer and wait for the person
    SOLVE = "solve"
    CLOSE = "close"
    MERGE = "merge"


TRANSITIONS: Final[Mapping[TicketDeed, tuple[frozenset[TicketState], TicketState]]] = {
    TicketDeed.SAY: (frozenset(LIVE), TicketState.OPEN),
    TicketDeed.ASK_BACK: (frozenset({TicketState.OPEN, TicketState.WAITING}), TicketState.WAITING),
    TicketDeed.SOLVE: (frozenset({TicketState.OPEN, TicketState.WAITING}), TicketState.SOLVED),
    TicketDeed.CLOSE: (frozenset(LIVE), TicketState.CLOSED),
    TicketDeed.MERGE: (frozenset(LIVE), TicketState.MERGED),
}


class EntryKind(StrEnum):
    """What an entry of a ticket tells; a note and a hand-over are for the desk only."""

    SAID = "said"
    ANSWERED = "answered"
    NOTED = "noted"
    HANDED = "handed"
    SOLVED = "solved"
    CLOSED = "closed"
    MERGED = "merged"
    LATE = "late"


INSIDE: Final = frozenset({EntryKind.NOTED, EntryKind.HANDED, EntryKind.LATE})


class AboutKind(StrEnum):
    """What a ticket or a question is about."""

    NOTHING = ""
    ORDER = "order"
    PRODUCT = "product"
    SHOP = "shop"
    THREAD = "thread"


class About(msgspec.Struct, frozen=True):
    """What it is about: a kind and an id; written `order:123` in addresses."""

    kind: AboutKind = AboutKind.NOTHING
    id: Id | None = None

    def __str__(self) -> str:
        return "" if self.id is None else f"{self.kind}:{self.id}"


def read_about(text: str) -> About:
    """Read `order:123`; anything else is about nothing in particular."""
    kind, _, number = text.partition(":")
    found = Id.parse(number)
    if found is None or kind not in set(AboutKind) - {AboutKind.NOTHING}:
        return About()
    return About(AboutKind(kind), found)


class TicketDraft(msgspec.Struct, frozen=True):
    """What somebody asks; `queue` None lets what it is about decide."""

    subject: str
    words: str
    queue: Queue | None = None
    about: About = About()


class Ticket(msgspec.Struct, frozen=True):
    """A ticket. `answer_by` and `solve_by` are the clocks; `is_late`: one of them ran out, a supervisor sees to it."""

    id: TicketId
    person_id: Id
    side: TicketSide
    about: About
    queue: Queue
    language: str
    subject: str
    state: TicketState
    holder_id: Id | None
    opened_at: datetime
    changed_at: datetime
    answer_by: datetime
    answered_at: datetime | None
    solve_by: datetime
    solve_left: timedelta | None
    is_late: bool
    ended_at: datetime | None
    smile: int | None
    smile_words: str
    merged_into: TicketId | None
    version: int

    @property
    def is_live(self) -> bool:
        """Tell whether it can still go on."""
        return self.state in LIVE

    @property
    def due_at(self) -> datetime:
        """When the next clock runs out."""
        return self.answer_by if self.answered_at is None else self.solve_by


class TicketEntry(msgspec.Struct, frozen=True):
    """One entry: who said or did what; `by` None is the market itself."""

    id: EntryId
    kind: EntryKind
    by: Id | None
    words: str
    at: datetime

    @property
    def is_inside(self) -> bool:
        """Tell whether only the desk sees it."""
        return self.kind in INSIDE


class Macro(msgspec.Struct, frozen=True):
    """A ready answer in both languages, with `{name}` and the like to be filled in."""

    id: MacroId
    title: str
    queue: Queue | None
    words_en: str
    words_zh: str

    def words(self, language: str, values: Mapping[str, str]) -> str:
        """Give it in a language, filled in."""
        text = self.words_zh if language == "zh-CN" else self.words_en
        return text.format_map(dict(values))


class DeskCounts(msgspec.Struct, frozen=True):
    """How much waits at the desk: of each queue, how many are late, how many nobody holds."""

    by_queue: Mapping[Queue, int]
    late: int
    free: int

    @property
    def total(self) -> int:
        """All that wait for us."""
        return sum(self.by_queue.values())


class SmileCounts(msgspec.Struct, frozen=True):
    """How many gave which face, from one to five, in some days."""

    counts: tuple[int, int, int, int, int]

    @property
    def total(self) -> int:
        """How many faces there are."""
        return sum(self.counts)


def may_do(ticket: Ticket, deed: TicketDeed) -> bool:
    """Tell whether a ticket stands where a deed may start."""
    return ticket.state in TRANSITIONS[deed][0]


def after_said(ticket: Ticket, rules: TicketRules, now: datetime) -> Ticket:
    """Tell how a ticket stands once its person has written: our turn, and the clock runs on."""
    least, solve_by = timedelta(hours=rules.solution_least_hours), ticket.solve_by
    if ticket.state is TicketState.WAITING:
        solve_by = now + max(ticket.solve_left or least, least)
    elif ticket.state is TicketState.SOLVED:
        solve_by = now + least
    reopened = ticket.state is TicketState.SOLVED
    return msgspec.structs.replace(
        ticket,
        state=TicketState.OPEN,
        solve_by=solve_by,
        solve_left=None,
        ended_at=None,
        is_late=ticket.is_late and not reopened,
        changed_at=now,
    )


def after_answer(ticket: Ticket, now: datetime, *, solved: bool) -> Ticket:
    """Tell how a ticket stands once we have answered: the person's turn with the clock standing, or solved."""
    left = ticket.solve_left if ticket.state is TicketState.WAITING else max(ticket.solve_by - now, timedelta())
    was_late = ticket.state is TicketState.OPEN and now >= ticket.due_at
    return msgspec.structs.replace(
        ticket,
        state=TicketState.SOLVED if solved else TicketState.WAITING,
        answered_at=ticket.answered_at or now,
        solve_left=None if solved else left,
        ended_at=now if solved else None,
        is_late=ticket.is_late or was_late,
        changed_at=now,
    )


def after_end(ticket: Ticket, now: datetime, *, into: TicketId | None = None) -> Ticket:
    """Tell how a ticket stands once it is over: closed, or merged into another."""
    return msgspec.structs.replace(
        ticket,
        state=TicketState.CLOSED if into is None else TicketState.MERGED,
        solve_left=None,
        ended_at=ticket.ended_at or now,
        merged_into=into,
        changed_at=now,
    )


def after_merge(ticket: Ticket, other: Ticket, now: datetime) -> Ticket:
    """Tell how a ticket stands that took another in: whoever waited longer is waited for."""
    both = [t for t in (ticket, other) if t.answered_at is None]
    return msgspec.structs.replace(
        ticket,
        state=TicketState.OPEN,
        answer_by=min((t.answer_by for t in both), default=ticket.answer_by),
        answered_at=None if both else ticket.answered_at,
        solve_by=min(ticket.solve_by, other.solve_by),
        solve_left=None,
        ended_at=None,
        is_late=ticket.is_late or other.is_late,
        changed_at=now,
    )


def queue_for(about: About, side: TicketSide) -> Queue:
    """Choose the queue of a ticket whose writer did not."""
    if side is TicketSide.SELLER:
        return Queue.SHOPS
    return {
        AboutKind.ORDER: Queue.ORDERS,
        AboutKind.PRODUCT: Queue.GOODS,
        AboutKind.SHOP: Queue.SHOPS,
        AboutKind.THREAD: Queue.ORDERS,
        AboutKind.NOTHING: Queue.OTHER,
    }[about.kind]


def may_smile(ticket: Ticket, rules: TicketRules, now: datetime) -> bool:
    """Tell whether a face may be given: once, for one that is solved or closed, within the days."""
    if ticket.smile is not None or ticket.state not in {TicketState.SOLVED, TicketState.CLOSED}:
        return False
    return ticket.ended_at is not None and now < ticket.ended_at + timedelta(days=rules.smile_days)


def check_draft(draft: TicketDraft, rules: TicketRules) -> TicketDraft:
    """Give a draft clean.

    Raises:
        Invalid: naming each field.
    """
    findings = Findings()
    subject = clean_line(draft.subject)
    findings.check(bool(subject), "/subject", "required", N_("Please say in a line what it is about."))
    findings.check(
        len(subject) <= rules.subject_most,
        "/subject",
        "too_long",
        N_("At most %(most)d characters."),
        most=rules.subject_most,
    )
    words = check_said(findings, draft.words, rules)
    findings.raise_any()
    return msgspec.structs.replace(draft, subject=subject, words=words)


def check_said(findings: Findings, text: str, rules: TicketRules, *, required: bool = True) -> str:
    """Note words that are missing or too long; gives them clean."""
    text = clean_text(text)
    if required:
        findings.check(bool(text), "/words", "required", N_("Please write something."))
    findings.check(
        len(text) <= rules.words_most, "/words", "too_long", N_("At most %(most)d characters."), most=rules.words_most
    )
    return text


def check_smile(face: int, words: str, rules: TicketRules) -> str:
    """Give the words beside a face clean.

    Raises:
        Invalid: the face is none, or the words are too long.
    """
    findings = Findings()
    findings.check(face in SMILES, "/smile", "range", N_("One of the five faces, please."))
    words = check_said(findings, words, rules, required=False)
    findings.raise_any()
    return words


def check_macro(findings: Findings, text: str, pointer: str, rules: TicketRules) -> str:
    """Note a ready answer that is empty, too long, or asks for a field that no ticket has; gives it clean."""
    text = clean_text(text)
    findings.check(bool(text), pointer, "required", N_("Please write something."))
    findings.check(
        len(text) <= rules.words_most, pointer, "too_long", N_("At most %(most)d characters."), most=rules.words_most
    )
    findings.check(
        _fields_known(text), pointer, "field", N_("Only {name}, {ticket}, {market} and {clerk} are filled in.")
    )
    return text


def _fields_known(text: str) -> bool:
    try:
        parts = list(string.Formatter().parse(text))
    except ValueError:
        return False
    return all(name is None or (name in FIELDS and not form and not how) for _, name, form, how in parts)
