"""A shop's face, its ways of delivery, its people; and the way in."""

from datetime import timedelta

from fairground.market.shipping.model import ShippingTemplate
from fairground.market.shipping.queries import find_template
from fairground.market.shops.model import Role, Shop, ShopState
from fairground.market.shops.queries import find_shop_by_slug, role_in
from tests.support.accounts import make_person
from tests.support.media import draw
from tests.support.shopkeeper import shopkeeper
from tests.support.web import Market

HOME = "/seller/tea-house"
FACE = {"name": "Tea & Clay", "about": "We *burn* clay.", "country": "CN", "language": "en", "cloth": "7"}
WAY = {
    "code": "",
    "kind": "courier",
    "name_zh": "快递",
    "name_en": "Courier",
    "measure": "pieces",
    "handling_days": "1",
}
ZONE = {
    "zone_way": "0", "zone_places": "", "zone_first": "1", "zone_first_price": "10", "zone_more": "1",
    "zone_more_price": "2.50", "zone_free_from": "199", "zone_days_least": "2", "zone_days_most": "5",
}  # fmt: skip


async def shop_now(market: Market) -> Shop:
    found = await market.db.read(lambda r: find_shop_by_slug(r, "tea-house"))
    assert found is not None
    return found


async def template_now(market: Market) -> ShippingTemplate | None:
    shop = await shop_now(market)
    return await market.db.read(lambda r: find_template(r, shop.id))


async def test_peers_18_a_shop_is_open_and_sells_after_two_short_forms(market: Market) -> None:
    """Peers' complaint 18: sign-up as a seller is opaque, nobody finds "add shop", 401 after sign-up."""
    async with market.visitor() as visitor:
        answer = await visitor.get("/seller")
        assert answer.headers["location"].startswith("/sign-in?next=/seller")
    person = await make_person(market.db, verified=False)
    async with shopkeeper(market, person=person, shop=None) as who:
        page = await who.see("/seller")
        assert 'action="/seller/open"' in page  # a newcomer is led to the form, not to a refusal
        answer = await who.send("/seller/open", {"name": "Tea House", "country": "CN", "language": "en"})
        assert answer.headers["location"] == f"{HOME}/goods/new"
        await who.see(answer.headers["location"])
        good = {"title": "Mug", "price": "19.90", "stock": "5", "language": "en", "variant_values": "[]"}
        answer = await who.send(f"{HOME}/goods/new", good)
        assert answer.status_code == 303
        page = await who.see(answer.headers["location"])
        assert "“Mug” is on sale." in page
    async with market.visitor() as guest:
        assert "Mug" in (await guest.get("/s/tea-house")).text


async def test_a_taken_address_is_told_with_one_that_is_free(market: Market) -> None:
    async with shopkeeper(market) as who:
        answer = await who.send(
            "/seller/open", {"name": "Other", "slug": "tea-house", "country": "CN", "language": "en"}
        )
        assert answer.status_code == 409
        assert "tea-house-2" in answer.text
        answer = await who.send("/seller/open", {"name": "", "slug": "A!", "country": "CN", "language": "en"})
        assert answer.status_code == 422
        assert "Please give your shop a name." in answer.text


async def test_who_has_several_shops_chooses(market: Market) -> None:
    async with shopkeeper(market) as who:
        assert f"{HOME}" in str((await who.visitor.get("/seller", follow_redirects=True)).url)
        await who.send("/seller/open", {"name": "Second", "slug": "second", "country": "CN", "language": "en"})
        page = await who.see("/seller")
        assert "Tea-House" in page
        assert "/seller/second/rooms" in page


async def test_the_face_is_changed_with_cloth_and_pictures(market: Market) -> None:
    async with shopkeeper(market) as who:
        await who.see(f"{HOME}/face")
        files = [("avatar", ("a.jpg", draw(300, 300))), ("banner", ("b.jpg", draw()))]
        assert (await who.send(f"{HOME}/face", FACE, files=files)).status_code == 303
        shop = await shop_now(market)
        assert (shop.name, shop.about, shop.cloth) == ("Tea & Clay", "We *burn* clay.", 7)
        assert shop.avatar_id is not None
        assert shop.banner_id is not None
        assert "Tea &amp; Clay" in await who.see(f"{HOME}/face")
        assert (await who.send(f"{HOME}/face", {**FACE, "banner_gone": "1"})).status_code == 303
        assert (await shop_now(market)).banner_id is None
        answer = await who.send(f"{HOME}/face", {**FACE, "name": "", "cloth": "99"})
        assert answer.status_code == 422
        assert (await shop_now(market)).name == "Tea & Clay"


async def test_an_address_to_come_back_to(market: Market) -> None:
    async with shopkeeper(market) as who:
        city = {"country": "CN", "region": "浙江", "city": "杭州"}
        address = {"name": "Lin", "phone": "13800138000", "lines": "一号\n二楼", **city}
        assert (await who.send(f"{HOME}/face/address", address)).status_code == 303
        found = (await shop_now(market)).return_address
        assert found is not None
        assert (found.region, found.city, found.lines) == ("浙江省", "杭州市", ["一号", "二楼"])
        answer = await who.send(f"{HOME}/face/address", {**address, "phone": ""})
        assert answer.status_code == 422
        assert 'id="f-return_address-phone-error"' in answer.text
        assert (await who.send(f"{HOME}/face/address", {"country": "CN"})).status_code == 303
        assert (await shop_now(market)).return_address is None


async def test_a_holiday_begins_and_ends(market: Market) -> None:
    async with shopkeeper(market) as who:
        last = (market.db.clock.now() + timedelta(days=5)).date().isoformat()
        assert (await who.send(f"{HOME}/face/holiday", {"note": "Kiln", "until": last})).status_code == 303
        shop = await shop_now(market)
        assert (shop.state, shop.holiday_note) == (ShopState.HOLIDAY, "Kiln")
        assert f'value="{last}"' in await who.see(f"{HOME}/face")
        answer = await who.send(f"{HOME}/face/holiday", {"until": "2020-01-01"})
        assert answer.status_code == 422
        assert (await who.send(f"{HOME}/face/return")).status_code == 303
        assert (await shop_now(market)).state is ShopState.OPEN


async def test_a_way_of_delivery_with_a_region_of_its_own(market: Market) -> None:
    async with shopkeeper(market) as who:
        assert "Your shop ships free" in await who.see(f"{HOME}/delivery")
        page = (await who.send(f"{HOME}/delivery", {"step": "way"})).text
        assert page.count('name="zone_way"') == 1
        page = (await who.send(f"{HOME}/delivery", {**WAY, **ZONE, "step": "zone-0"})).text
        assert page.count('name="zone_way"') == 2
        zones = {k: [v, v] for k, v in ZONE.items()} | {
            "zone_places": ["广东、Zhejiang, US", ""],
            "zone_first_price": ["6", "10"],
        }
        answer = await who.send(f"{HOME}/delivery", {**WAY, **zones})
        assert answer.status_code == 303, answer.text
        template = await template_now(market)
        assert template is not None
        (way,) = template.options
        assert [z.places for z in way.zones] == [("CN-GD", "CN-ZJ", "US"), ()]
        assert [(z.first_price, z.more_price, z.free_from) for z in way.zones] == [
            (600, 250, 19900),
            (1000, 250, 19900),
        ]
        assert "Guangdong, Zhejiang, US" in await who.see(f"{HOME}/delivery")


async def test_wrong_numbers_of_delivery_stand_in_their_row(market: Market) -> None:
    async with shopkeeper(market) as who:
        answer = await who.send(f"{HOME}/delivery", {**WAY, **ZONE, "zone_first_price": "much", "zone_days_least": "x"})
        assert answer.status_code == 422
        assert 'value="much"' in answer.text
        assert "An amount such as 19.90, please." in answer.text
        assert await template_now(market) is None
        assert (await who.send(f"{HOME}/delivery", {**WAY, **ZONE})).status_code == 303
        gone = {**WAY, **ZONE, "way_gone": "0", "version": "1"}
        assert (await who.send(f"{HOME}/delivery", gone)).status_code == 303
        assert await template_now(market) is None


async def test_somebody_is_asked_joins_gets_a_role_and_goes(market: Market) -> None:
    clerk = await make_person(market.db, "Packer")
    async with shopkeeper(market) as owner, shopkeeper(market, person=clerk, shop=None) as who:
        shop = await shop_now(market)
        await owner.see(f"{HOME}/staff")
        answer = await owner.send(f"{HOME}/staff", {"email": clerk.email.upper(), "role": "clerk"})
        assert answer.status_code == 303, answer.text
        assert "Packer" in await owner.see(f"{HOME}/staff")
        assert "asks you to work there as Clerk" in await who.see("/seller")
        await who.see(f"{HOME}/goods", 404)
        assert (await who.send(f"{HOME}/invitation/yes")).status_code == 303
        await who.see("/seller")
        await owner.send(f"{HOME}/staff/{clerk.id}/role", {"role": "manager"})
        assert await market.db.read(lambda r: role_in(r, shop.id, clerk.id)) is Role.MANAGER
        await who.see(f"{HOME}/staff", 403)
        assert (await owner.send(f"{HOME}/staff/{clerk.id}/removal")).status_code == 303
        assert await market.db.read(lambda r: role_in(r, shop.id, clerk.id)) is None
        answer = await owner.send(f"{HOME}/staff", {"email": "nobody@example.org", "role": "clerk"})
        assert answer.status_code == 422
        await owner.send(f"{HOME}/staff/{owner.person.id}/removal")
        assert "A shop needs an owner." in await owner.see(f"{HOME}/staff")
