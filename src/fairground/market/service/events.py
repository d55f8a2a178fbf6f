"""What service announces: ids and numbers, never words or names."""

from fairground.kit.events import Event
from fairground.kit.ids import Id
from fairground.market.service.model.answers import AnswerId, QuestionId
from fairground.market.service.model.chat import InboxId, MessageId, Side, ThreadId
from fairground.market.service.model.tickets import TicketId


class _OfTicket(Event, frozen=True, kw_only=True):
    ticket_id: TicketId

    @property
    def subject(self) -> TicketId:
        """The ticket."""
        return self.ticket_id


class TicketOpened(_OfTicket, frozen=True, kw_only=True):
    """Somebody has asked the market's people."""

    person_id: Id


class TicketSaid(_OfTicket, frozen=True, kw_only=True):
    """The person has written again."""

    person_id: Id


class TicketAnswered(_OfTicket, frozen=True, kw_only=True):
    """The desk has answered; with `solved`, it thinks that this is the end."""

    person_id: Id
    solved: bool


class TicketClosed(_OfTicket, frozen=True, kw_only=True):
    """A ticket is over."""

    person_id: Id


class TicketLate(_OfTicket, frozen=True, kw_only=True):
    """One of a ticket's clocks ran out: supervisors see to it."""

    queue: str


class TicketSmiled(_OfTicket, frozen=True, kw_only=True):
    """Somebody said with a face, 1 to 5, how the help was."""

    smile: int


class _OfThread(Event, frozen=True, kw_only=True):
    thread_id: ThreadId
    person_id: Id
    inbox_id: InboxId

    @property
    def subject(self) -> ThreadId:
        """The conversation."""
        return self.thread_id


class MessageSent(_OfThread, frozen=True, kw_only=True):
    """Somebody has written; `number` counts the messages of the thread from 1."""

    message_id: MessageId
    number: int
    side: Side
    author_id: Id


class InboxRead(_OfThread, frozen=True, kw_only=True):
    """A house has read what the person wrote, up to a number."""

    number: int


class MessagesWait(_OfThread, frozen=True, kw_only=True):
    """A side was away for a while and has unread messages: told once until it has read them."""

    side: Side
    unread: int


class PriceMadeGood(Event, frozen=True, kw_only=True):
    """A price fell within the promised days after a sale; the buyer got a voucher of so much."""

    order_id: Id
    shop_id: Id
    buyer_id: Id
    worth: int
    currency: str

    @property
    def subject(self) -> Id:
        """The order."""
        return self.order_id


class ShopQuestionAsked(Event, frozen=True, kw_only=True):
    """Somebody left a question with a shop."""

    question_id: QuestionId
    shop_id: Id

    @property
    def subject(self) -> QuestionId:
        """The question."""
        return self.question_id


class ShopQuestionAnswered(Event, frozen=True, kw_only=True):
    """A shop has answered a question for all; whoever left it may be told."""

    question_id: QuestionId
    shop_id: Id
    person_id: Id
    answer_id: AnswerId
    product_id: Id | None

    @property
    def subject(self) -> QuestionId:
        """The question."""
        return self.question_id
