"""A conversation as it is drawn, for either side of it."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final

import msgspec
from litestar import Request

from fairground.kit.i18n.words import gettext
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.market.accounts.model import PersonCard, PersonId
from fairground.market.service.live import News, Reads
from fairground.market.service.model.chat import Card, CardKind, Message, Side, Thread
from fairground.market.service.model.contacts import NAMES, Contact
from fairground.web import cards
from fairground.web.chat.stream import event
from fairground.web.render import pages_of

CLOTHS: Final = 10
FIRST: Final = 40  # messages of a page


class Face(msgspec.Struct, frozen=True):
    """Whom one talks with: name, picture and colour."""

    name: str
    picture: Id | None = None
    cloth: int = 0
    href: str | None = None


class Faces(msgspec.Struct, frozen=True):
    """Both sides as the viewer sees them. `staff` names those of the house, for the house itself."""

    mine: Side
    person: Face
    house: Face
    order_path: str  # where cards of orders lead: "/orders" or "/seller/SLUG/orders"
    staff: Mapping[PersonId, PersonCard] = {}

    @property
    def other(self) -> Face:
        """The one across."""
        return self.house if self.mine is Side.PERSON else self.person


class TalkView(msgspec.Struct, frozen=True, kw_only=True):
    """A conversation with its form. `after` is the last number shown; `holds` the words of a message not sent yet."""

    other: Face
    messages: list[cards.Message]
    action: str
    key: str
    earlier_href: str | None = None
    live_href: str | None = None
    read_href: str | None = None
    export_href: str | None = None
    holds: str = ""
    card: cards.ChatCard | None = None
    fields: Sequence[tuple[str, str]] = ()
    hint: str | None = None
    words_most: int = 2_000
    pictures_most: int = 4


def bubbles(messages: Iterable[Message], faces: Faces, read_to: int) -> list[cards.Message]:
    """Draw messages; the viewer's own show whether the other side has read them."""
    return [bubble(message, faces, read_to) for message in messages]


def bubble(message: Message, faces: Faces, read_to: int = 0) -> cards.Message:
    """Draw one message."""
    mine = message.side is faces.mine
    face = faces.person if message.side is Side.PERSON else faces.house
    colleague = faces.staff.get(PersonId(message.author_id)) if message.side is Side.HOUSE else None
    return cards.Message(
        text=message.words or ("" if message.card or message.pictures else gettext("This message was taken away.")),
        at=message.sent_at,
        mine=mine,
        name=colleague.name if colleague else face.name,
        picture=face.picture,
        cloth=face.cloth,
        read=mine and message.number <= read_to,
        number=message.number,
        pictures=message.pictures,
        card=None if message.card is None else card_view(message.card, faces.order_path),
        warning=None if mine else warning(message.hints),
    )


def card_view(card: Card, order_path: str) -> cards.ChatCard:
    """Draw a product or an order within a message."""
    is_order = card.kind is CardKind.ORDER
    return cards.ChatCard(
        href=f"{order_path}/{card.id}" if is_order else f"/p/{card.id}",
        title=card.title,
        price=Money(card.amount, card.currency),
        picture=card.picture,
        label=gettext("Order") if is_order else None,
    )


def warning(hints: Sequence[str]) -> str | None:
    """Warn the reader of what leads round the market."""
    known = [gettext(NAMES[Contact(hint)]) for hint in hints if hint in set(Contact)]
    if not known:
        return None
    found = gettext(", ").join(known)
    return gettext("This holds %(found)s. What you agree outside the market, the market cannot protect.") % {
        "found": found
    }


def cloth_of(person_id: Id) -> int:
    """Give somebody a colour, always the same."""
    return int(person_id) % CLOTHS


def house_face(name: str, cloth: int = 0, picture: Id | None = None, href: str | None = None) -> Face:
    """Draw a house."""
    return Face(name, picture, cloth, href)


def person_face(card: PersonCard | None, person_id: Id) -> Face:
    """Draw a person; one who has left has no name."""
    return Face(card.name if card and card.name else gettext("Closed account"), None, cloth_of(person_id))


def writer(request: Request[Any, Any, Any], faces: Faces, thread: Thread) -> Any:
    """Give what writes the news of a thread for a live page: bubbles, and how far the other side has read."""
    pages, told = pages_of(request), -1

    def write(news: News) -> list[bytes]:
        if isinstance(news, Message):
            html = pages.render("chat/_news.html", m=bubble(news, faces, thread.read_by(faces.mine.other)))
            return [event("message", html.strip(), news.number)]
        nonlocal told
        if isinstance(news, Reads) and news.of(faces.mine.other) != told:
            told = news.of(faces.mine.other)
            return [event("read", str(told))]
        return []

    return write


def write_changed(_: News) -> list[bytes]:
    """Write that a list has changed: the page asks for it."""
    return [event("list", "changed")]
