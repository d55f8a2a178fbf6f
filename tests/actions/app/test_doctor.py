"""The doctor tells of a clockwork that stands still (peers' complaint 6: payouts that nobody's sweep ever made)."""

from pathlib import Path
from typing import Any

from fairground.app.doctor import examine
from fairground.app.settings import Settings
from fairground.app.wiring import timers
from fairground.kit.timers import claim_run, note_run
from tests.support.web import Market


async def timer_checks(dsn: str, folder: Path) -> dict[str, dict[str, Any]]:
    """Ask the doctor about the timers."""
    report = await examine(Settings(data=str(folder), database_url=dsn, sandbox=True))
    return {c["name"].removeprefix("timer "): c for c in report["checks"] if c["name"].startswith("timer ")}


async def test_peers_6_a_timer_that_nobody_rings_is_told_by_the_doctor(
    market: Market, dsn: str, tmp_path: Path
) -> None:
    market.db.clock.freeze(None)
    names = {timer.name for timer in timers(market.outfit)}
    silent = await timer_checks(dsn, tmp_path)
    assert silent.keys() == names
    assert not any(check["ok"] for check in silent.values())
    assert {check["words"] for check in silent.values()} == {"has never run"}
    for timer in timers(market.outfit):
        assert await claim_run(market.db, timer, "somebody")
        failed = timer.name == min(names)
        await note_run(market.db, timer.name, 0, "the bank was closed" if failed else None)
    ringing = await timer_checks(dsn, tmp_path)
    assert [name for name, check in ringing.items() if not check["ok"]] == [min(names)]
    assert "failed: the bank was closed" in ringing[min(names)]["words"]
