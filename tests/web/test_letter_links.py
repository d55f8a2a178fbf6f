"""Every link in every letter leads to a page of the market: those written down anywhere, and those of letters sent."""

import ast
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
from litestar.exceptions import HTTPException

import fairground.market.notifications
from fairground.app.asgi import make_app
from fairground.kit.actor import GUEST
from fairground.market.accounts.actions.credentials import ask_password_reset
from fairground.market.notifications.model import KINDS
from tests.support.letters import send_mail
from tests.support.mail import mail_server
from tests.support.town import build_town
from tests.support.web import HOST, Market

ROOM = Path(fairground.market.notifications.__file__).parent
OF_SHOPS = ("of_shops.py", "of_complaints.py", "of_reports.py")  # where paths are those of a shop's rooms
LINK = re.compile(r"http://[^\s\"'<>]+")


def texts(node: ast.AST) -> Iterator[tuple[int, str]]:
    """Find the texts of a tree, what is filled in standing as 1: (line, text)."""
    if isinstance(node, ast.JoinedStr):
        yield node.lineno, "".join(str(part.value) if isinstance(part, ast.Constant) else "1" for part in node.values)
    elif isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.lineno, node.value
    else:
        for inner in ast.iter_child_nodes(node):
            yield from texts(inner)


def written_links() -> Iterator[tuple[str, str]]:
    """Find the paths written down where letters are made: (place, path)."""
    for path in sorted(ROOM.rglob("*.py")):
        for line, text in texts(ast.parse(path.read_text("utf-8"))):
            plain = text.partition("?")[0]
            # A leading 1 is the market's address; "/seller/11" a shop, and what follows in its rooms.
            if re.fullmatch(r"1?/[a-z][\w/.-]*", plain) and path.name != "errors.py" and plain != "/seller/11":
                yield f"{path.name}:{line}", plain.removeprefix("1")


@lru_cache
def router() -> Any:
    """The router of the real application."""
    return make_app(64).asgi_router


def leads_somewhere(path: str) -> bool:
    """Ask the router, as a request does."""
    try:
        router().handle_routing(path, "GET")
    except HTTPException:
        return False
    return True


@pytest.mark.parametrize(("place", "path"), sorted(written_links()))
def test_a_path_written_down_leads_to_a_page(place: str, path: str) -> None:
    if place.startswith(OF_SHOPS) and not path.startswith(("/seller", "/justice", "/account")):
        path = f"/seller/clay{path}"
    assert leads_somewhere(path), place


def test_the_paths_written_down_are_found() -> None:
    found = {path for _, path in written_links()}
    assert {"/orders", "/orders/1", "/pay/1", "/money", "/reviews", "/account/letters/stop", "/reset"} <= found
    assert {kind.page for kind in KINDS.values() if kind.page} <= found
    assert not leads_somewhere("/nowhere/at/all")


async def test_the_links_of_letters_that_were_sent_open(market: Market) -> None:
    town = await build_town(market)
    tokens = {town.seller.email: town.seller_token, town.buyer.email: town.buyer_token}
    await market.db.write(GUEST, lambda tx: ask_password_reset(tx, town.stranger.email, "192.0.2.7"))
    async with mail_server() as (box, mailer):
        await send_mail(market.db, mailer)
    opened = set()
    for letter in box.letters:
        links = set()
        for kind in ("plain", "html"):
            body = letter.get_body((kind,))
            assert body is not None
            links |= set(LINK.findall(body.get_content().replace("&amp;", "&")))
        links |= set(LINK.findall(letter.get("List-Unsubscribe", "")))
        async with market.visitor() as browser:
            browser.cookies.set("fg_session", tokens.get(letter["X-Envelope-To"], ""))
            for link in sorted(links - opened):
                assert link.startswith(HOST), (letter["Subject"], link)
                answer = await browser.get(link.removeprefix(HOST) or "/", follow_redirects=True)
                assert answer.status_code == 200, (letter["Subject"], link, answer.status_code)
        opened |= links
    assert len(box.letters) >= 5
    rooms = {re.split("[/?]", link.removeprefix(HOST) + "//")[1] for link in opened}
    assert rooms >= {"orders", "seller", "reset", "account"}, rooms
