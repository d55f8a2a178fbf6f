"""A script in every field of text: no page of buyer, seller or desk and no letter shows it as anything but text."""

import re

from fairground.app.asgi import make_app
from tests.support.evil import EVIL, build_evil_town
from tests.support.letters import send_mail
from tests.support.mail import mail_server
from tests.support.routes import all_doors
from tests.support.search import feed_index
from tests.support.web import Market
from tests.web.test_strangers import WORDS

# What a browser would run: our script, an element of ours, an address of a script.
RUNS = re.compile(r"<script>alert|<img src=x|href=[\"']?javascript:", re.IGNORECASE)
SHOWN = "&lt;script&gt;alert(1)"


async def test_a_script_in_any_field_is_shown_as_text_on_every_page(market: Market) -> None:
    town = await build_evil_town(market)
    await feed_index(market.db, market.outfit.index_folder)
    await market.outfit.finder.refresh(market.db)
    async with market.program(town.buyer_token) as program:
        await program.put(f"/api/v1/cart/lines/{town.ids['variant_id']}", json={"quantity": 1})
    doors = [d for d in all_doors(make_app(64)) if d.method == "GET" and not d.path.startswith("/api/")]
    nobodys = "61062355356590099"
    addresses = [door.fill({**dict.fromkeys(door.parameters, nobodys), **WORDS, **town.ids}) for door in doors]
    addresses += [f"{path}?q={EVIL}" for path in ("/search", "/desk/people", "/desk/orders", "/desk/shops")]
    addresses += [f"/seller/evil-shop/goods?q={EVIL}", "/s/evil-too", f"/sandbox/pay/{town.ids['payment_id']}"]
    runs, shown = [], set()
    for name, token in (("buyer", town.buyer_token), ("seller", town.seller_token), ("desk", town.operator_token)):
        async with market.visitor() as browser:
            browser.cookies.set("fg_session", token)
            for address in addresses:
                if not address.startswith(ELSEWHERE[name]):
                    answer = await browser.get(address)
                    assert answer.status_code < 500, address
                    is_page = answer.headers.get("content-type", "").startswith("text/html")
                    if is_page and (found := RUNS.search(answer.text)):
                        runs.append((name, address, answer.text[max(0, found.start() - 150) : found.end() + 50]))
                    if SHOWN in answer.text:
                        shown.add(address.partition("?")[0])
    assert not runs, "\n\n".join(map(str, runs))
    rooms = {"/", "/account", "/cart", "/desk", "/orders", "/seller"}
    assert len(shown) > 40, sorted(shown)
    assert not [room for room in rooms if not any(path.startswith(room) for path in shown)]


# Rooms that somebody does not enter: not asked for twice.
ELSEWHERE = {"buyer": ("/seller", "/desk"), "seller": ("/desk", "/account", "/search"), "desk": ("/seller", "/account")}


async def test_a_script_in_a_name_is_text_in_a_letter(market: Market) -> None:
    await build_evil_town(market)
    async with mail_server() as (box, mailer):
        await send_mail(market.db, mailer)
    told = 0
    for letter in box.letters:
        body = letter.get_body(("html",))
        assert body is not None
        assert not RUNS.search(body.get_content()), letter["Subject"]
        told += SHOWN in body.get_content()
    assert told > 3
