"""A shop's drops by page: planned with goods of the shop, announced, called off, and their figures."""

from datetime import timedelta

import pytest

from fairground.market.promotions.actions.drop_use import use_drops
from fairground.market.promotions.model import DropFace, DropState
from fairground.market.promotions.queries.drops import list_shop_drops
from fairground.market.shops.model import Role
from fairground.web.seller.frame import ENTRY
from tests.support.accounts import make_person
from tests.support.catalog import make_shirt
from tests.support.desk import post_form
from tests.support.drops import MARKET, drop_claim, drop_draft, open_drop
from tests.support.seller import Booth, enter_booth, make_booth
from tests.support.statements import statements
from tests.support.web import Market

A_SESSION = 1


def good(booth: Booth, **more: str) -> dict[str, str]:
    return {
        "title": "Sunday <b>kiln</b>",
        "words": "All there is.",
        "starts_at": "2026-06-18T21:00",  # the market's time: one hour from now
        "ends_at": "2026-06-18T23:00",
        "variant": str(int(booth.product.variants[0].id)),
        "price": "150.00",
        "quota": "5",
        "per_person": "1",
        "step": "save",
        **more,
    }


async def drops(booth: Booth) -> list[DropFace]:
    return (await booth.market.db.read(lambda r: list_shop_drops(r, booth.shop.id))).items


@pytest.mark.parametrize("lang", ["en", "zh"])
async def test_a_drop_is_planned_changed_announced_and_called_off(market: Market, lang: str) -> None:
    booth = await make_booth(market)
    path = f"{booth.home}/drops"
    async with market.visitor(lang) as seller:
        await enter_booth(booth, seller, Role.MANAGER)
        assert f'href="{path}/new"' in (await seller.get(path)).text
        saved = await post_form(seller, f"{path}/new", path, good(booth, has_room="1", burst="10", per_minute="20"))
        (face,) = await drops(booth)
        assert (saved.status_code, saved.headers["location"]) == (303, f"{path}/{face.id}")
        assert face.drop.starts_at == market.db.clock.now() + timedelta(hours=1)
        assert (face.drop.burst, face.drop.per_minute, face.goods[0].price) == (10, 20, 15_000)
        edit = (await seller.get(f"{path}/{face.id}/edit")).text
        for kept in ('value="150.00"', 'value="2026-06-18T21:00"', "All there is.", 'value="20"'):
            assert kept in edit, kept
        await post_form(seller, f"{path}/{face.id}/edit", f"{path}/{face.id}", good(booth, quota="7"))
        (face,) = await drops(booth)
        assert (face.goods[0].quota, face.drop.has_room) == (7, False)
        await post_form(seller, f"{path}/{face.id}", f"{path}/{face.id}/announcement")
        assert (await drops(booth))[0].drop.state_at(market.db.clock.now()) is DropState.ANNOUNCED
        shown = (await seller.get(f"{path}/{face.id}")).text
        assert "Sunday &lt;b&gt;kiln&lt;/b&gt;" in shown
        assert f'href="/drops/{face.id}"' in shown
        assert f"{path}/{face.id}/edit" not in shown
        fixed = await post_form(seller, f"{path}/{face.id}", f"{path}/{face.id}", good(booth, quota="9"))
        assert fixed.status_code == 409
        await post_form(seller, f"{path}/{face.id}", f"{path}/{face.id}/cancellation")
        assert (await drops(booth))[0].drop.cancelled_at is not None
        assert (await drops(booth))[0].goods[0].quota == 7


async def test_goods_are_found_put_in_and_taken_out_without_saving(market: Market) -> None:
    booth = await make_booth(market)
    shirt = await make_shirt(market.db, booth.shop)
    path = f"{booth.home}/drops"
    async with market.visitor() as seller:
        await enter_booth(booth, seller, Role.MANAGER)
        first = (await seller.get(f"{path}/new")).text
        red, blue = shirt.variants[0], shirt.variants[1]
        assert f'value="put:{red.id}"' in first
        found = await post_form(seller, f"{path}/new", path, good(booth, step="find", find="shirt"))
        assert found.status_code == 200
        assert f'value="put:{blue.id}"' in found.text
        assert 'value="150.00"' in found.text, "what was typed stays"
        more = await post_form(seller, f"{path}/new", path, good(booth, step=f"put:{red.id}"))
        assert f'name="variant" value="{red.id}"' in more.text
        assert f'value="put:{red.id}"' not in more.text
        less = await post_form(seller, f"{path}/new", path, good(booth, step=f"take:{booth.product.variants[0].id}"))
        assert 'name="variant"' not in less.text
        assert "Sunday &lt;b&gt;kiln" in less.text
    assert await drops(booth) == []


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"title": ""}, "title"),
        ({"ends_at": "2026-06-18T20:30"}, "ends_at"),
        ({"starts_at": "soon"}, "starts_at"),
        ({"price": "ten"}, "goods-0-price"),
        ({"price": "500"}, "goods-0-price"),
        ({"quota": "0"}, "goods-0-quota"),
        ({"per_person": "1.5"}, "goods-0-per_person"),
        ({"variant": "12345"}, "goods-0-variant_id"),
        ({"variant": "nonsense"}, "goods-0-variant_id"),
        ({"has_room": "1", "per_minute": "0"}, "per_minute"),
        ({"has_room": "1", "burst": "many"}, "burst"),
    ],
)
async def test_a_wrong_plan_names_its_field(market: Market, wrong: dict[str, str], field: str) -> None:
    booth = await make_booth(market)
    path = f"{booth.home}/drops"
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        answer = await post_form(seller, f"{path}/new", path, good(booth, **wrong))
        assert answer.status_code == 422
        assert f'href="#f-{field}"' in answer.text
        assert f'id="f-{field}"' in answer.text
    assert await drops(booth) == []


async def test_a_plan_without_goods_says_so(market: Market) -> None:
    booth = await make_booth(market)
    form = {k: v for k, v in good(booth).items() if k not in {"variant", "price", "quota", "per_person"}}
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        answer = await post_form(seller, f"{booth.home}/drops/new", f"{booth.home}/drops", form)
    assert answer.status_code == 422
    assert "Choose what the drop sells, please." in answer.text


async def test_an_announcement_that_comes_too_late_is_refused_in_words(market: Market) -> None:
    booth = await make_booth(market)
    path = f"{booth.home}/drops"
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        await post_form(seller, f"{path}/new", path, good(booth))
        (face,) = await drops(booth)
        market.db.clock.move(timedelta(minutes=59, seconds=30))
        back = await post_form(seller, f"{path}/{face.id}", f"{path}/{face.id}/announcement")
        assert back.headers["location"] == f"{path}/{face.id}"
        assert "must begin at least 60 seconds" in (await seller.get(f"{path}/{face.id}")).text
    assert (await drops(booth))[0].drop.announced_at is None


async def test_the_figures_say_what_was_sold_and_who_waits(market: Market) -> None:
    booth = await make_booth(market)
    face = await open_drop(market.db, booth.shop.id, drop_draft(market.db, booth.product, price=15_000, room=True))
    who = (await make_person(market.db)).id
    await market.db.write(MARKET, lambda tx: use_drops(tx, [drop_claim(market.db, who, face)]))
    path = f"{booth.home}/drops"
    async with market.visitor() as seller:
        await enter_booth(booth, seller)
        with statements() as seen:
            listed = (await seller.get(path)).text
        assert len(seen) <= A_SESSION + ENTRY + 2, seen
        with statements() as seen:
            page = (await seller.get(f"{path}/{face.id}")).text
        assert len(seen) <= A_SESSION + ENTRY + 3, seen
    assert "1 / 10" in listed
    for words in ("1 / 10", "¥150.00", "took a place in line", "Stop it"):
        assert words in page, words


async def test_drops_are_for_those_who_manage_goods(market: Market) -> None:
    booth, other = await make_booth(market), await make_booth(market, "paper")
    face = await open_drop(market.db, other.shop.id, drop_draft(market.db, other.product))
    async with market.visitor() as browser:
        await enter_booth(booth, browser, Role.CLERK)
        assert (await browser.get(f"{booth.home}/drops")).status_code == 403
    async with market.visitor() as browser:
        await enter_booth(booth, browser)
        for path in ("", "/edit"):
            assert (await browser.get(f"{booth.home}/drops/{face.id}{path}")).status_code == 404
        for deed in ("announcement", "cancellation"):
            stolen = await post_form(browser, f"{booth.home}/drops", f"{booth.home}/drops/{face.id}/{deed}")
            assert stolen.status_code == 404
        stolen = await post_form(browser, f"{booth.home}/drops/new", f"{booth.home}/drops/{face.id}", good(booth))
        assert stolen.status_code == 404
    assert (await drops(other))[0].drop.cancelled_at is None
