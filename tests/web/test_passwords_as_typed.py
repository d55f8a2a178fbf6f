"""A password is exactly what was typed, by page as by API: blanks around it belong to it."""

from tests.support.accounts import make_person
from tests.support.web import Market, token_of

TYPED = "  a bird on the awning "


async def test_a_password_with_blanks_around_is_the_same_by_page_and_by_api(market: Market) -> None:
    name = {"email": " ming@example.org ", "name": " Ming "}
    async with market.visitor() as browser, market.program() as program:
        assert (await browser.post("/register", data={**name, "password": TYPED})).status_code == 303
        for password, by_api, by_page in ((TYPED, 201, 303), (TYPED.strip(), 401, 422)):
            wish = {"email": "ming@example.org", "password": password}
            assert (await program.post("/api/v1/sessions", json=wish)).status_code == by_api
            async with market.visitor() as other:
                assert (await other.post("/sign-in", data=wish)).status_code == by_page


async def test_a_password_changed_on_a_page_opens_by_api(market: Market) -> None:
    person = await make_person(market.db)
    async with market.visitor() as browser, market.program() as program:
        await browser.post("/sign-in", data={"email": person.email, "password": "a bird on the awning"})
        page = await browser.get("/account/security")
        form = {"csrf": token_of(page.text), "old_password": "a bird on the awning", "new_password": TYPED}
        assert (await browser.post("/account/password", data=form)).status_code == 303
        answer = await program.post("/api/v1/sessions", json={"email": person.email, "password": TYPED})
    assert answer.status_code == 201
