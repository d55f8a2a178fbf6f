"""What this room listens to: accounts, orders and their money, shops."""

from fairground.kit.events import Subscriber
from fairground.market.notifications.subscribers.of_accounts import OF_ACCOUNTS
from fairground.market.notifications.subscribers.of_answers import OF_ANSWERS
from fairground.market.notifications.subscribers.of_buyers import OF_BUYERS
from fairground.market.notifications.subscribers.of_cases import OF_CASES
from fairground.market.notifications.subscribers.of_chat import OF_CHAT
from fairground.market.notifications.subscribers.of_complaints import OF_COMPLAINTS
from fairground.market.notifications.subscribers.of_disputes import OF_DISPUTES
from fairground.market.notifications.subscribers.of_jurors import OF_JURORS
from fairground.market.notifications.subscribers.of_reports import OF_REPORTS
from fairground.market.notifications.subscribers.of_shops import OF_SHOPS
from fairground.market.notifications.subscribers.of_tickets import OF_TICKETS


def subscribers() -> list[Subscriber]:
    """List what this room listens to."""
    return [
        *OF_ACCOUNTS,
        *OF_BUYERS,
        *OF_JURORS,
        *OF_CASES,
        *OF_CHAT,
        *OF_COMPLAINTS,
        *OF_DISPUTES,
        *OF_REPORTS,
        *OF_SHOPS,
        *OF_TICKETS,
        *OF_ANSWERS,
    ]
