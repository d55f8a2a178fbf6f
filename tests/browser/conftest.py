"""A real market, opened by `fairground up`, and Debian's chromium to walk through it."""

import asyncio
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest

from tests.support.browser import Fair

CHROMIUM = Path("/usr/bin/chromium")
OPENS_WITHIN = 60.0


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark this tier, and leave it out where there is no browser."""
    here = Path(__file__).parent
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if not CHROMIUM.exists():
                item.add_marker(pytest.mark.skip(reason="no /usr/bin/chromium: the browser tier is left out"))


@pytest.fixture(scope="session")
def fair() -> Iterator[Fair]:
    """Open a market of its own for this session, empty, and close it in the end."""
    # Below /var/tmp and passable: the embedded database may run as another user than this one.
    folder = Path(tempfile.mkdtemp(prefix="fairground-browser-", dir="/var/tmp"))
    folder.chmod(0o711)
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("FAIRGROUND_") and k != "DATABASE_URL"}
    environment |= {"FAIRGROUND_RATE_LIMIT_SCALE": "1000", "FAIRGROUND_DATA": str(folder / "data")}
    command = [sys.executable, "-m", "fairground", "up", "--port", str(port)]
    with (folder / "log").open("wb") as log:
        market = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
    opened = Fair(f"http://127.0.0.1:{port}", folder / "data", environment)
    try:
        _wait(opened.url, market, folder / "log")
        yield opened
    finally:
        market.terminate()
        market.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def _wait(url: str, market: subprocess.Popen[bytes], log: Path) -> None:
    end = time.monotonic() + OPENS_WITHIN
    while time.monotonic() < end and market.poll() is None:
        try:
            with urllib.request.urlopen(f"{url}/health/ready", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(f"the market did not open:\n{log.read_text(errors='replace')[-4000:]}")


@pytest.fixture
async def walker(fair: Fair) -> AsyncIterator[Fair]:
    """The market with a browser of this test's own; in the end no page may have complained."""
    from playwright.async_api import async_playwright

    async with async_playwright() as playwright:
        fair.browser = await playwright.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-dev-shm-usage"]
        )
        fair.complaints = []
        yield fair
        await fair.browser.close()
    assert fair.complaints == []
    await asyncio.sleep(0)
