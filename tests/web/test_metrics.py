"""Figures for Prometheus: what they tell, and who may read them (peers' complaint 6: silent timers are seen)."""

from datetime import timedelta
from pathlib import Path

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families

from fairground.kit.clock import Clock
from fairground.kit.timers import Timer, claim_run, note_run
from tests.support.given import QUICK
from tests.support.web import Market, open_test_market


def read(text: str) -> dict[str, float]:
    """Read figures as name and labels → value."""
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{k}={v}" for k, v in sorted(sample.labels.items()))
            found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


async def test_figures_tell_of_requests_and_of_the_clockwork(market: Market) -> None:
    async def nothing(_: object) -> int:
        return 0

    timer = Timer("tests.silent", timedelta(hours=1), nothing)
    assert await claim_run(market.db, timer, "tests")
    await note_run(market.db, timer.name, 0, "it broke")
    async with market.program() as program:
        assert (await program.get("/api/v1/products/12345678901234567")).status_code == 404
        answer = await program.get("/metrics")
    assert answer.headers["content-type"].startswith("text/plain")
    figures = read(answer.text)
    route = "/api/v1/products/{product_id}"
    assert figures[f"fairground_requests_total{{method=GET,route={route},status=404}}"] == 1
    assert figures["fairground_request_seconds_count{entrance=api}"] == 1
    assert figures["fairground_database_up"] == 1
    assert figures["fairground_timers_failing"] == 1
    assert figures["fairground_timer_last_run_seconds{timer=tests.silent}"] == market.db.clock.now().timestamp()
    assert {"fairground_outbox_waiting", "fairground_deadlines_overdue", "fairground_jobs_failed"} <= figures.keys()
    assert {"fairground_intake_waiting", "fairground_intake_batches", "fairground_till_done"} <= figures.keys()
    assert "12345678901234567" not in answer.text, "no ids in figures"


@pytest.mark.parametrize("header", [{}, {"authorization": "Bearer wrong"}, {"authorization": "Basic open"}])
async def test_with_a_token_nobody_reads_them_without(
    dsn: str, clock: Clock, tmp_path: Path, header: dict[str, str]
) -> None:
    async with (
        open_test_market(dsn, tmp_path, clock, QUICK, metrics_token="open") as market,
        market.program() as program,
    ):
        assert (await program.get("/metrics", headers=header)).status_code == 404
        assert (await program.get("/metrics", headers={"authorization": "Bearer open"})).status_code == 200


async def test_without_a_token_only_this_machine_reads_them(market: Market) -> None:
    async with market.program() as near:
        assert (await near.get("/metrics")).status_code == 200
        assert (await near.get("/metrics", headers={"x-forwarded-for": "203.0.113.9"})).status_code == 404
    far = coming_from(market, ("203.0.113.9", 4000))
    async with far:
        assert (await far.get("/metrics")).status_code == 404


def coming_from(market: Market, client: tuple[str, int]) -> httpx.AsyncClient:
    """Give a client that comes from another address."""
    transport = httpx.ASGITransport(app=market._app, client=client)
    return httpx.AsyncClient(transport=transport, base_url="http://market.test")
