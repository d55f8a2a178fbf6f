"""Figures for Prometheus: what this process served, and how the market's clockwork does.

Behind `metrics_token` where one is set; without one only this machine may read them.
"""

import ipaddress
from typing import Any, Final

from litestar import Request, Response, get
from litestar.di import NamedDependency
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from fairground.kit.db import Database, Reader
from fairground.kit.errors import NotFound, Unavailable
from fairground.kit.gather import Gatherer
from fairground.kit.health import Health, get_health
from fairground.kit.http.caller import caller_of
from fairground.kit.http.csrf import good_token
from fairground.kit.timers import LastRun, list_timers

SECONDS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
_CLOCKWORK: Final = {
    "waiting_events": ("fairground_outbox_waiting", "Events that somebody has not heard yet."),
    "late_events": ("fairground_outbox_late", "Events older than five minutes that somebody has not heard yet."),
    "failing_events": ("fairground_events_failing", "Events that a consumer fails at."),
    "late_deadlines": ("fairground_deadlines_overdue", "Deadlines overdue by more than five minutes."),
    "failing_deadlines": ("fairground_deadlines_failing", "Deadlines that could not be carried out."),
    "failed_jobs": ("fairground_jobs_failed", "Jobs that were given up."),
    "failing_timers": ("fairground_timers_failing", "Timers whose last run failed."),
}


class Figures:
    """What a web process counts; one for each application."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self.requests = Counter(
            "fairground_requests", "Requests answered.", ("method", "route", "status"), registry=self.registry
        )
        self.seconds = Histogram(
            "fairground_request_seconds",
            "Seconds to the answer, by kind of entrance.",
            ("entrance",),
            buckets=SECONDS,
            registry=self.registry,
        )
        self._counters: dict[tuple[str, str, int], tuple[Counter, Histogram]] = {}

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        """Count one answer; `route` is the pattern of an address, never an address with its ids."""
        known = self._counters.get((method, route, status))
        if known is None:
            entrance = route.split("/", 2)[1] if route.count("/") > 1 else "page"
            known = self._counters[method, route, status] = (
                self.requests.labels(method, route, str(status)),
                self.seconds.labels(entrance if entrance in {"api", "webhooks", "static", "media"} else "page"),
            )
        known[0].inc()
        known[1].observe(seconds)


@get("/metrics", include_in_schema=False)
async def show_metrics(request: Request[Any, Any, Any], db: NamedDependency[Database]) -> Response[bytes]:
    """Answer the figures in Prometheus' own text."""
    _check_reader(request)
    now = CollectorRegistry()
    up = Gauge("fairground_database_up", "Whether the database answers.", registry=now)
    try:
        health, timers = await db.read(_look)
    except Unavailable:
        up.set(0)
    else:
        up.set(1)
        _tell_clockwork(now, health, timers)
    for name in ("intake", "till"):
        _tell_gatherer(now, name, request.app.state[name])
    figures: Figures = request.app.state["figures"]
    body = generate_latest(figures.registry) + generate_latest(now)
    return Response(body, headers={"content-type": CONTENT_TYPE_LATEST, "cache-control": "no-store"})


def _check_reader(request: Request[Any, Any, Any]) -> None:
    token = request.app.state["outfit"].settings.metrics_token
    if token:
        scheme, _, told = request.headers.get("authorization", "").partition(" ")
        if scheme.lower() != "bearer" or not good_token(told.strip(), token):
            raise NotFound
        return
    try:
        near = ipaddress.ip_address(caller_of(request).address).is_loopback
    except ValueError:
        near = False
    # Whoever came through a proxy is not near, however near the proxy stands.
    if not near or "x-forwarded-for" in request.headers or "forwarded" in request.headers:
        raise NotFound


async def _look(reader: Reader) -> tuple[Health, list[LastRun]]:
    return await get_health(reader), await list_timers(reader)


def _tell_clockwork(registry: CollectorRegistry, health: Health, timers: list[LastRun]) -> None:
    for field, (name, words) in _CLOCKWORK.items():
        Gauge(name, words, registry=registry).set(getattr(health, field))
    last = Gauge("fairground_timer_last_run_seconds", "When a timer last ran.", ("timer",), registry=registry)
    for timer in timers:
        if timer.at is not None:
            last.labels(timer.name).set(timer.at.timestamp())


def _tell_gatherer(registry: CollectorRegistry, name: str, gatherer: Gatherer[Any, Any, Any]) -> None:
    Gauge(f"fairground_{name}_waiting", "Arrivals that wait to be committed.", registry=registry).set(gatherer.waiting)
    Gauge(f"fairground_{name}_batches", "Batches committed since the start.", registry=registry).set(gatherer.batches)
    Gauge(f"fairground_{name}_done", "Arrivals committed since the start.", registry=registry).set(gatherer.done)
