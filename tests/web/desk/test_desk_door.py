"""Who finds the desk: its staff; each may what the role allows; every page opens in both languages."""

import pytest

from fairground.market.accounts.model import StaffRole
from tests.support.accounts import make_person
from tests.support.desk import deeds, enter_as, enter_desk, post_form
from tests.support.statements import statements
from tests.support.web import Market, token_of

PAGES = (
    "/desk", "/desk/shops", "/desk/shops?standing=open", "/desk/products", "/desk/orders", "/desk/money",
    "/desk/money/incoming", "/desk/people", "/desk/timers", "/desk/audit", "/desk/log", "/desk/patterns",
)  # fmt: skip
DEEDS = (
    "/desk/shops/applications/1/approval", "/desk/shops/1/suspension", "/desk/products/1/approval",
    "/desk/money/refunds/1/retry", "/desk/money/payouts/1/confirmation", "/desk/money/incoming/statement",
    "/desk/money/incoming/confirmation", "/desk/money/incoming/strays/1/refund", "/desk/money/incoming/findings",
    "/desk/people/1/role", "/desk/timers/jobs/app.audit/retry", "/desk/audit",
)  # fmt: skip
THINGS = (
    "/desk/shops/1",
    "/desk/shops/applications/1",
    "/desk/products/1",
    "/desk/orders/1",
    "/desk/orders/1/money",
    "/desk/people/1",
)
A_SESSION = 1  # the one query of whoever is signed in


@pytest.mark.parametrize("path", [*PAGES, *THINGS])
async def test_to_strangers_there_is_no_desk(market: Market, path: str) -> None:
    async with market.visitor() as guest, market.visitor() as buyer:
        assert (await guest.get(path)).headers["location"].startswith("/sign-in")
        await enter_as(market, buyer, await make_person(market.db))
        assert (await buyer.get(path)).status_code == 404


@pytest.mark.parametrize("path", DEEDS)
async def test_strangers_do_nothing_there(market: Market, path: str) -> None:
    async with market.visitor() as buyer:
        await enter_as(market, buyer, await make_person(market.db))
        answer = await post_form(buyer, "/account", path, {"reason": "x", "lines": "[]"})
        assert answer.status_code == 404
    assert await deeds(market) == []


@pytest.mark.parametrize("path", THINGS)
async def test_what_does_not_exist_is_not_found(market: Market, path: str) -> None:
    async with market.visitor() as clerk:
        await enter_desk(market, clerk)
        assert (await clerk.get(path)).status_code == 404


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_page_opens_within_its_budget(market: Market, language: str) -> None:
    async with market.visitor(language) as clerk:
        await enter_desk(market, clerk, StaffRole.OPERATOR, "zh-CN" if language == "zh" else "en")
        for path in PAGES:
            with statements() as seen:
                answer = await clerk.get(path)
            assert answer.status_code == 200, (path, answer.text)
            assert "%(" not in answer.text
            # What waits comes from several rooms, a count each.
            assert len(seen) <= (7 if path == "/desk" else 6) + A_SESSION, (path, seen)


@pytest.mark.parametrize(
    ("path", "role"),
    [
        ("/desk/shops/1/suspension", StaffRole.CLERK),
        ("/desk/money/refunds/1/retry", StaffRole.CLERK),
        ("/desk/money/payouts/1/confirmation", StaffRole.CLERK),
        ("/desk/money/incoming/strays/1/refund", StaffRole.CLERK),
        ("/desk/timers/jobs/app.audit/retry", StaffRole.CLERK),
        ("/desk/audit", StaffRole.CLERK),
        ("/desk/people/1/role", StaffRole.SUPERVISOR),
    ],
)
async def test_a_role_that_is_too_small_is_told_so(market: Market, path: str, role: StaffRole) -> None:
    async with market.visitor() as clerk:
        await enter_desk(market, clerk, role)
        before = await deeds(market)
        answer = await post_form(clerk, "/desk", path)
        assert answer.status_code == 403
    assert await deeds(market) == before


async def test_a_deed_without_the_pages_token_is_refused(market: Market) -> None:
    async with market.visitor() as operator:
        await enter_desk(market, operator, StaffRole.OPERATOR)
        assert (await operator.post("/desk/audit", data={"csrf": "forged"})).status_code == 403
        assert token_of((await operator.get("/desk/audit")).text)
