"""A browser that works in a shop: fills in its forms with the token of the page."""

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any

import httpx

from fairground.kit.http.cookies import SESSION
from fairground.market.accounts.model import Person
from tests.support.accounts import make_person, sign_in_as
from tests.support.web import Market, token_of


class Shopkeeper:
    """Somebody signed in: `see(path)`, `send(path, fields)`."""

    def __init__(self, visitor: httpx.AsyncClient, person: Person) -> None:
        self.visitor = visitor
        self.person = person
        self.csrf = ""

    async def see(self, path: str, status: int = 200) -> str:
        """Open a page; redirects are followed."""
        answer = await self.visitor.get(path, follow_redirects=True)
        assert answer.status_code == status, answer.text[:2000]
        self.csrf = token_of(answer.text) or self.csrf
        return answer.text

    async def send(
        self, path: str, fields: Mapping[str, Any] | None = None, *, files: Any = None, headers: Any = None
    ) -> httpx.Response:
        """Send a form."""
        data = {"csrf": self.csrf, **(fields or {})}
        return await self.visitor.post(path, data=data, files=files, headers=headers)


@asynccontextmanager
async def shopkeeper(
    market: Market, language: str = "en", *, person: Person | None = None, shop: str | None = "tea-house"
) -> AsyncIterator[Shopkeeper]:
    """Sign somebody in; with a shop of their own, where wished."""
    who = person or await make_person(market.db, language="zh-CN" if language == "zh" else "en")
    session = await sign_in_as(market.db, who)
    async with market.visitor(language) as visitor:
        visitor.cookies.set(SESSION, session.token)
        here = Shopkeeper(visitor, who)
        await here.see("/seller/open")
        if shop is not None:
            form = {"name": shop.title(), "slug": shop, "country": "CN", "language": "en"}
            answer = await here.send("/seller/open", form)
            assert answer.status_code == 303, answer.text[:2000]
        yield here
