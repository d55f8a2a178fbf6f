"""Conversations as values: threads, messages, cards, the numbers of the room, what a text gives away."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

import msgspec

from fairground.kit.errors import N_, Findings
from fairground.kit.ids import Id
from fairground.market.service.model.contacts import plain
from fairground.market.shops.model import ShopId


class ThreadId(Id):
    """The id of a conversation; lives in the bucket of the person who writes to a shop or to the market."""


class MessageId(Id):
    """The id of a message; lives in its thread's bucket."""


class InboxId(Id):
    """Who is written to: a shop by its id, or `MARKET`."""


MARKET: Final = InboxId(0)  # the market's own people


class Side(StrEnum):
    """The two sides of a conversation: the person who came, and the house they came to (a shop, or the market)."""

    PERSON = "person"
    HOUSE = "house"

    @property
    def other(self) -> "Side":
        """The side across."""
        return Side.HOUSE if self is Side.PERSON else Side.PERSON


class CardKind(StrEnum):
    """What may be shown within a message."""

    PRODUCT = "product"
    ORDER = "order"


class Card(msgspec.Struct, frozen=True):
    """A product or an order within a message, as it was that moment; `amount` in minor units."""

    kind: CardKind
    id: Id
    title: str
    amount: int
    currency: str
    picture: Id | None = None


class ChatRules(msgspec.Struct, frozen=True):
    """Numbers of the market about chat."""

    words_most: int = 2_000
    pictures_most: int = 4
    messages_per_minute: int = 20  # of one side of a thread; so many at once, too
    unanswered_most: int = 30  # of a person to a house that has not answered
    threads_per_hour: int = 20  # that one person may begin
    letter_after_minutes: int = 10  # unread for so long, a letter goes out; one until it was read
    live_minutes: float = 10  # after which a live page connects anew
    live_most_per_person: int = 12  # live pages of one person in one process
    replies_most: int = 40  # quick replies of a shop
    note_most: int = 500
    search_shown: int = 50
    blocked_words: str = ""  # comma-separated; a message with one of these is not sent, and its writer is told which


class Thread(msgspec.Struct, frozen=True):
    """A conversation. `person_read` and `house_read`: the number of the last message each side has seen."""

    id: ThreadId
    person_id: Id
    inbox_id: InboxId
    last_number: int
    last_at: datetime
    last_words: str
    last_side: Side
    person_read: int
    house_read: int
    person_unread: int
    house_unread: int
    opened_at: datetime
    version: int

    @property
    def is_with_market(self) -> bool:
        """Whether the other side are the market's own people."""
        return self.inbox_id == MARKET

    @property
    def shop_id(self) -> ShopId:
        """The shop on the other side, where it is one."""
        return ShopId(self.inbox_id)

    def unread_of(self, side: Side) -> int:
        """How many messages wait for a side."""
        return self.person_unread if side is Side.PERSON else self.house_unread

    def read_by(self, side: Side) -> int:
        """Up to which number a side has read."""
        return self.person_read if side is Side.PERSON else self.house_read


class Message(msgspec.Struct, frozen=True):
    """One message. `hints` names the ways round the market that its words seem to hold."""

    id: MessageId
    thread_id: ThreadId
    number: int
    side: Side
    author_id: Id
    words: str
    card: Card | None
    pictures: tuple[Id, ...]
    hints: tuple[str, ...]
    sent_at: datetime


class Draft(msgspec.Struct, frozen=True, kw_only=True):
    """What somebody wants to say. `key` is drawn by the sender: the same key again is the same message."""

    key: str
    words: str = ""
    product_id: Id | None = None
    order_id: Id | None = None
    pictures: tuple[Id, ...] = ()
    hint_seen: bool = False


class InboxRow(msgspec.Struct, frozen=True):
    """A conversation as the house lists it; `holder_id` is who of the house looks after it."""

    thread_id: ThreadId
    person_id: Id
    last_at: datetime
    last_words: str
    last_side: Side
    unread: int
    holder_id: Id | None


class Note(msgspec.Struct, frozen=True):
    """A word among the people of the house, or (with `to_id`) that the conversation was handed over."""

    author_id: Id
    to_id: Id | None
    words: str
    at: datetime


class QuickReply(msgspec.Struct, frozen=True):
    """Words that a shop says often."""

    id: Id
    title: str
    words: str


class Found(msgspec.Struct, frozen=True):
    """A message that a search has found."""

    thread_id: ThreadId
    number: int
    side: Side
    words: str
    sent_at: datetime


def check_draft(draft: Draft, rules: ChatRules) -> None:
    """Hold a message against the limits.

    Raises:
        Invalid: empty, too long, or with a word that this market does not let through; the word is named.
    """
    findings = Findings()
    has_more = draft.pictures or draft.product_id or draft.order_id
    findings.check(bool(draft.words or has_more), "/words", "required", N_("Please write something."))
    findings.check(
        len(draft.words) <= rules.words_most,
        "/words", "too_long", N_("At most %(most)d characters, please."), most=rules.words_most,
    )  # fmt: skip
    findings.check(
        len(draft.pictures) <= rules.pictures_most,
        "/pictures", "too_many", N_("At most %(most)d pictures."), most=rules.pictures_most,
    )  # fmt: skip
    blocked = find_blocked(draft.words, rules.blocked_words)
    if blocked is not None:
        findings.add(
            "/words", "service.blocked_word",
            N_("“%(word)s” is not let through here. Your message was not sent; please say it in another way."),
            word=blocked,
        )  # fmt: skip
    findings.raise_any()


def find_blocked(words: str, blocked: str) -> str | None:
    """Find the first of some words, comma-separated, in a text; width and case do not matter."""
    text = plain(words)
    return next((word for one in blocked.split(",") if (word := one.strip()) and plain(word) in text), None)


def preview(words: str, card: Card | None, pictures: tuple[Id, ...]) -> str:
    """Give the line that lists show of a message; "" for a picture alone."""
    line = " ".join(words.split())[:120]
    return line or (card.title[:120] if card else "")


def card_to_plain(card: Card) -> dict[str, Any]:
    """Make a card fit for keeping."""
    return {
        "kind": str(card.kind), "id": int(card.id), "title": card.title, "amount": card.amount,
        "currency": card.currency, "picture": None if card.picture is None else int(card.picture),
    }  # fmt: skip
