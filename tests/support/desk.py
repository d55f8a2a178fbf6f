"""Browsers at the desk."""

from httpx import AsyncClient, Response

from fairground.market.accounts.model import Person, StaffRole
from fairground.market.accounts.queries import list_deeds
from tests.support.accounts import make_person, sign_in_as
from tests.support.web import Market, token_of

SESSION = "fg_session"


async def enter_as(market: Market, browser: AsyncClient, person: Person) -> None:
    """Sign a browser in."""
    session = await sign_in_as(market.db, person)
    browser.cookies.set(SESSION, session.token)


async def enter_desk(
    market: Market, browser: AsyncClient, role: StaffRole = StaffRole.CLERK, language: str = "en"
) -> Person:
    """Sign a browser in as somebody of the staff."""
    person = await make_person(market.db, "Desk", staff=role, language=language)
    await enter_as(market, browser, person)
    return person


async def post_form(browser: AsyncClient, page: str, path: str, data: dict[str, str] | None = None) -> Response:
    """Post a form with the token that its page carries."""
    token = token_of((await browser.get(page)).text)
    assert token, page
    return await browser.post(path, data={"csrf": token, **(data or {})})


async def deeds(market: Market) -> list[tuple[str, str]]:
    """List what the log says, the newest first, as (deed, words)."""
    found = await market.db.read(list_deeds)
    return [(deed.deed, deed.words) for deed in found.items]
