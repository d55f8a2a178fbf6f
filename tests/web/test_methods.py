"""HEAD answers as GET without a body, OPTIONS and 405 say what an address takes: every address of the market."""

import httpx

from fairground.app.asgi import make_app
from tests.support.routes import METHODS, all_doors
from tests.support.town import Town, build_town
from tests.support.web import Market
from tests.web.test_strangers import WORDS

# What changes from one look to the next, whatever the method.
MOVING = {"set-cookie", "etag", "last-modified"}


def taken() -> dict[str, set[str]]:
    """Tell which methods each address takes."""
    found: dict[str, set[str]] = {}
    for door in all_doors(make_app(64)):
        found.setdefault(door.path, set()).add(door.method)
    return found


def filled(path: str, town: Town) -> str:
    """Put ids of the town into an address."""
    for name, value in {**WORDS, **town.ids}.items():
        path = path.replace("{" + name + "}", value)
    return path


async def test_head_answers_as_get_without_a_body(market: Market) -> None:
    town = await build_town(market)
    wrong, statuses = [], set()
    addresses = [filled(path, town) for path, methods in taken().items() if "GET" in methods]
    addresses += ["/static/nothing.css", "/nowhere", f"/sandbox/pay/{town.ids['payment_id']}"]
    for address in addresses:
        async with market.visitor() as browser:
            token = town.seller_token if "/seller" in address else town.buyer_token if "/orders" in address else ""
            browser.cookies.set("fg_session", token)
            looked, headed = await browser.get(address), await browser.head(address)
            statuses.add(looked.status_code)
            if looked.status_code != headed.status_code or headed.content or shape(looked) != shape(headed):
                wrong.append((address, looked.status_code, headed.status_code, shape(looked), shape(headed)))
    assert not wrong, "\n".join(map(str, wrong))
    assert {200, 303, 401, 404} <= statuses


def shape(answer: httpx.Response) -> dict[str, str]:
    """Give the headers that must be the same; a length only where the body was made of one piece."""
    return {name: value for name, value in answer.headers.items() if name not in {*MOVING, "content-length"}}


async def test_the_length_told_is_that_of_the_body_that_is_kept_back(market: Market) -> None:
    async with market.visitor() as browser:
        for address in ("/help", "/robots.txt", "/openapi.json", "/health/live"):
            looked, headed = await browser.get(address), await browser.head(address)
            assert int(headed.headers["content-length"]) == len(looked.content), address


async def test_options_and_a_wrong_method_name_what_an_address_takes(market: Market) -> None:
    town = await build_town(market)
    wrong = []
    async with market.visitor() as browser, market.program() as program:
        for path, methods in taken().items():
            address = filled(path, town)
            expected = ", ".join(sorted(methods | {"OPTIONS"} | ({"HEAD"} if "GET" in methods else set())))
            client = program if path.startswith(("/api/", "/webhooks/")) else browser
            options = await client.options(address)
            if (options.status_code, options.headers.get("allow"), options.content) != (204, expected, b""):
                wrong.append(("OPTIONS", path, options.status_code, options.headers.get("allow")))
            for method in {next(m for m in sorted(METHODS) if m not in methods), "TRACE"}:
                answer = await client.request(method, address)
                if (answer.status_code, answer.headers.get("allow")) != (405, expected):
                    wrong.append((method, path, answer.status_code, answer.headers.get("allow")))
    assert not wrong, "\n".join(map(str, wrong))


async def test_a_wrong_method_is_told_as_everything_is_told(market: Market) -> None:
    async with market.visitor() as browser, market.program() as program:
        page = await browser.delete("/help")
        problem = await program.delete("/api/v1/products")
    assert page.headers["content-type"].startswith("text/html")
    assert "This address does not answer that kind of request." in page.text
    assert problem.headers["content-type"] == "application/problem+json"
    assert (problem.json()["code"], problem.json()["status"]) == ("method_not_allowed", 405)
