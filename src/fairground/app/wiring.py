"""Where everything meets: who hears which event, what happens when a deadline falls due, which jobs and timers run."""

from collections.abc import Sequence
from functools import partial
from ipaddress import ip_network
from typing import Final

from fairground.app import audit
from fairground.app.demo import jobs as demo_jobs
from fairground.app.outfit import Outfit
from fairground.app.settings import Settings
from fairground.app.worker import Duties
from fairground.kit import upkeep
from fairground.kit.deadlines import DeadlineHandler
from fairground.kit.events import Subscriber
from fairground.kit.fetch import FetchLimits, fetch
from fairground.kit.jobs import Job
from fairground.kit.timers import Timer
from fairground.market.accounts import jobs as accounts_jobs
from fairground.market.aftersale import jobs as aftersale_jobs
from fairground.market.aftersale import subscribers as aftersale_subscribers
from fairground.market.cart import jobs as cart_jobs
from fairground.market.cart import subscribers as cart_subscribers
from fairground.market.catalog import subscribers as catalog_subscribers
from fairground.market.catalog.exchange import jobs as exchange_jobs
from fairground.market.catalog.exchange import subscribers as exchange_subscribers
from fairground.market.justice import complaint_jobs, jury_jobs, rulebook_jobs
from fairground.market.justice import jobs as justice_jobs
from fairground.market.justice import subscribers as justice_subscribers
from fairground.market.media import jobs as media_jobs
from fairground.market.notifications import jobs as notifications_jobs
from fairground.market.notifications import subscribers as notifications_subscribers
from fairground.market.orders import jobs as orders_jobs
from fairground.market.orders import subscribers as orders_subscribers
from fairground.market.orders.actions.close import close_expired
from fairground.market.orders.actions.pay import confirm_payments
from fairground.market.payments import jobs as payments_jobs
from fairground.market.reviews import jobs as reviews_jobs
from fairground.market.reviews import subscribers as reviews_subscribers
from fairground.market.search import jobs as search_jobs
from fairground.market.search import subscribers as search_subscribers
from fairground.market.service import jobs as service_jobs
from fairground.market.service import subscribers as service_subscribers
from fairground.market.shipping import jobs as shipping_jobs
from fairground.market.shops import jobs as shops_jobs
from fairground.market.shops import subscribers as shops_subscribers

# Some merchants' servers name no type for their pictures; what is in the file is looked at anyway.
PICTURES: Final = ("image/*", "application/octet-stream", "binary/octet-stream")


def duties(outfit: Outfit) -> Duties:
    """Give a worker its duties."""
    return Duties(subscribers(), deadline_handlers(), timers(outfit), jobs(outfit))


def subscribers() -> Sequence[Subscriber]:
    """List all subscribers of all rooms."""
    return [
        *shops_subscribers.subscribers(),
        *catalog_subscribers.subscribers(),
        *exchange_subscribers.subscribers(),
        *cart_subscribers.subscribers(),
        *orders_subscribers.subscribers(),
        *aftersale_subscribers.subscribers(),
        *reviews_subscribers.subscribers(),
        *service_subscribers.subscribers(),
        *justice_subscribers.subscribers(),
        *jury_jobs.subscribers(),
        *rulebook_jobs.subscribers(),
        *complaint_jobs.subscribers(),
        *search_subscribers.subscribers(),
        *notifications_subscribers.subscribers(),
    ]


def deadline_handlers() -> Sequence[DeadlineHandler]:
    """List what to do for each kind of deadline."""
    return [
        *accounts_jobs.deadline_handlers(),
        *shops_jobs.deadline_handlers(),
        *orders_jobs.deadline_handlers(),
        *aftersale_jobs.deadline_handlers(),
        *reviews_jobs.deadline_handlers(),
        *service_jobs.deadline_handlers(),
        *justice_jobs.deadline_handlers(),
        *jury_jobs.deadline_handlers(),
        *rulebook_jobs.deadline_handlers(),
        *complaint_jobs.deadline_handlers(),
        *notifications_jobs.deadline_handlers(),
    ]


def timers(outfit: Outfit) -> Sequence[Timer]:
    """List what comes round by itself."""
    return [
        *upkeep.timers(),
        *accounts_jobs.timers(),
        *media_jobs.timers(outfit.storage),
        *exchange_jobs.timers(outfit.storage),
        *payments_jobs.timers(outfit.gateways, confirm_payments, close_expired),
        *shipping_jobs.timers(outfit.carriers),
        *cart_jobs.timers(),
        *reviews_jobs.timers(),
        *service_jobs.timers(),
        *rulebook_jobs.timers(),
        *search_jobs.timers(),
        *notifications_jobs.timers(),
        *audit.timers(),
    ]


def jobs(outfit: Outfit) -> Sequence[Job]:
    """List the kinds of slow work."""
    return [
        *media_jobs.jobs(outfit.db, outfit.storage, picture_fetcher(outfit.settings)),
        *exchange_jobs.jobs(outfit.db, outfit.storage),
        *payments_jobs.jobs(outfit.db, outfit.gateways),
        *demo_jobs.jobs(outfit.db, outfit.storage),
        *notifications_jobs.jobs(outfit.db, outfit.mailer),
        *audit.jobs(outfit.db),
    ]


def picture_fetcher(settings: Settings) -> media_jobs.Fetcher:
    """Give what fetches the pictures that merchants' files point to, within the operator's limits."""
    if not settings.fetch_private:
        return partial(fetch, limits=FetchLimits(content_types=PICTURES))
    everywhere = (ip_network("0.0.0.0/0"), ip_network("::/0"))
    limits = FetchLimits(content_types=PICTURES, ports=frozenset(range(1, 65_536)))
    return partial(fetch, limits=limits, allow_private=everywhere)
