"""People with a browser in a running market."""

import asyncio
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx

from tests.support.outbox import find_link
from tests.support.road import PASSWORD

PATIENCE = 10_000  # milliseconds: the machine may be busy


class Fair:
    """A running market: its address, its data folder, a browser, and what pages complained of in it."""

    browser: Any

    def __init__(self, url: str, data: Path, environment: dict[str, str]) -> None:
        self.url = url
        self.data = data
        self._environment = environment
        self.complaints: list[str] = []

    def run(self, *words: str, stdin: str = "") -> subprocess.CompletedProcess[str]:
        """Run a command of the operator's on this market."""
        return subprocess.run(
            [sys.executable, "-m", "fairground", *words],
            env=self._environment,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    def program(self, token: str | None = None) -> httpx.AsyncClient:
        """Give a client of the API."""
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.AsyncClient(base_url=self.url, headers=headers, timeout=30)

    @asynccontextmanager
    async def person(self, language: str, width: int, *, script: bool = True) -> AsyncIterator[Any]:
        """Give a person's browser page: a language, a width, with or without scripts."""
        context = await self.browser.new_context(
            base_url=self.url,
            locale=language,
            viewport={"width": width, "height": 900},
            java_script_enabled=script,
            has_touch=width < 600,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        page = await context.new_page()
        page.on("console", lambda message: self._listen(page, message))
        page.on("pageerror", lambda error: self.complaints.append(f"{page.url}: {error}"))
        page.on("response", self._look)
        try:
            yield page
        finally:
            await context.close()

    def _listen(self, page: Any, message: Any) -> None:
        if message.type in {"error", "warning"}:
            self.complaints.append(f"{page.url}: {message.text}")

    def _look(self, answer: Any) -> None:
        if answer.status >= 400:
            self.complaints.append(f"{answer.request.method} {answer.url}: {answer.status}")

    async def letter_link(self, receiver: str, path: str) -> str:
        """Wait for a letter with a link to a path, and give the link."""
        async with asyncio.timeout(30):
            while (link := find_link(self.data / "outbox", receiver, path)) is None:
                await asyncio.sleep(0.2)
        return link


async def register(page: Any, name: str, email: str) -> None:
    """Join the fair."""
    await page.goto("/register")
    await page.fill("main [name=name]", name)
    await page.fill("main [name=email]", email)
    await page.fill("main [name=password]", PASSWORD)
    await press(page, 'form[action="/register"] button.main')


async def sign_in(page: Any, email: str, password: str = PASSWORD) -> None:
    """Sign in."""
    await page.goto("/sign-in")
    await page.fill("main [name=email]", email)
    await page.fill("main [name=password]", password)
    await press(page, 'form[action="/sign-in"] button.main')


async def press(page: Any, selector: str) -> None:
    """Press a button that leads to another page."""
    async with page.expect_navigation():
        await page.locator(selector).locator("visible=true").first.click()


async def assert_no_overflow(page: Any) -> None:
    """Assert that nothing sticks out sideways."""
    wide = await page.evaluate(
        """() => {
            const room = document.documentElement.clientWidth;
            if (document.documentElement.scrollWidth <= room) return [];
            return [...document.querySelectorAll("body *")]
                .filter(e => e.getBoundingClientRect().right > room + 1)
                .map(e => e.tagName + "." + e.className).slice(0, 8).concat(["page"]);
        }"""
    )
    assert wide == [], f"{page.url} is wider than {page.viewport_size['width']} px: {wide}"


async def assert_accessible(page: Any) -> None:
    """Assert that axe finds nothing."""
    from axe_playwright_python.async_playwright import Axe

    found = (await Axe().run(page)).response["violations"]
    told = [
        "\n    ".join([f"{v['id']}: {v['help']}", *(f"{n['html'][:200]} {n['failureSummary']!r}" for n in v["nodes"])])
        for v in found
    ]
    assert not told, f"{page.url}\n" + "\n".join(told)
