"""Pictures by address."""

import pytest

from fairground.kit.ids import Id
from fairground.market.media.jobs import jobs
from fairground.market.media.queries import Sight
from tests.support.accounts import make_person, sign_in_as
from tests.support.jobs import work_off
from tests.support.media import draw, make_picture


async def no_fetch(_address):
    raise AssertionError("nothing is fetched here")


async def derive_all(market):
    await work_off(market.db, jobs(market.db, market.outfit.storage, no_fetch))


async def test_a_public_picture_may_be_kept_for_ever_once_its_size_is_made(market):
    media_id = await make_picture(market.db, market.outfit.storage, Id(1 << 22))
    async with market.visitor() as browser:
        fresh = await browser.get(f"/media/{media_id}/240.webp")
        assert fresh.headers["cache-control"] == "public, max-age=20"
        await derive_all(market)
        ready = await browser.get(f"/media/{media_id}/240.webp", headers={"if-none-match": fresh.headers["etag"]})
        assert ready.status_code == 200
        assert ready.headers["content-type"] == "image/webp"
        assert ready.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert len(ready.content) < len(fresh.content)
        again = await browser.get(f"/media/{media_id}/240.webp", headers={"if-none-match": ready.headers["etag"]})
        assert (again.status_code, again.content) == (304, b"")


async def test_a_private_picture_is_its_owners_alone_and_never_kept_by_others(market):
    owner, stranger = await make_person(market.db), await make_person(market.db)
    media_id = await make_picture(market.db, market.outfit.storage, owner.id, is_public=False, data=draw(64, 64))
    path = f"/media/{media_id}/96.webp"
    for person, status in ((None, 404), (stranger, 404), (owner, 200)):
        async with market.visitor() as browser:
            if person is not None:
                browser.cookies.set("fg_session", (await sign_in_as(market.db, person)).token)
            answer = await browser.get(path)
            assert answer.status_code == status
            if status == 200:
                assert answer.headers["cache-control"] == "private, no-cache"
                kept = await browser.get(path, headers={"if-none-match": answer.headers["etag"]})
                assert kept.status_code == 304
    async with market.visitor() as browser:
        again = await browser.get(path, headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 404, "who knows the print may still not look"


async def test_a_room_may_let_others_see(market):
    owner, juror = await make_person(market.db), await make_person(market.db)
    media_id = await make_picture(market.db, market.outfit.storage, owner.id, is_public=False)

    async def the_juror(_reader, _media_id, viewer):
        return viewer.person_id == juror.id

    market.db.given._things[Sight] = Sight((the_juror,))
    async with market.visitor() as browser:
        browser.cookies.set("fg_session", (await sign_in_as(market.db, juror)).token)
        assert (await browser.get(f"/media/{media_id}/96.webp")).status_code == 200


@pytest.mark.parametrize("name", ["97.webp", "96.png", "96", "original.webp", "-96.webp", "٩٦.webp", "999999999.webp"])
async def test_other_names_are_not_there(market, name):
    media_id = await make_picture(market.db, market.outfit.storage, Id(1 << 22))
    async with market.visitor() as browser:
        assert (await browser.get(f"/media/{media_id}/{name}")).status_code == 404
        assert (await browser.get("/media/x/96.webp")).status_code == 404
        assert (await browser.get("/media/99999999999999999999/96.webp")).status_code == 404
