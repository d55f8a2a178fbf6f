"""Reviews by API: written, read, changed, answered; strangers find nothing."""

import io

from httpx import AsyncClient
from PIL import Image

from fairground.kit.actor import person as acting
from fairground.market.accounts.actions.addresses import AddressWish, add_address
from fairground.market.accounts.model import Address, Person, PersonId
from fairground.market.orders.model import Order
from fairground.market.orders.queries.orders import map_lines
from tests.support.accounts import make_person, sign_in_as
from tests.support.catalog import make_product
from tests.support.media import draw
from tests.support.orders import make_buyer, place_order
from tests.support.reviews import let_news_travel, rate, received_order, rows_of_reviews
from tests.support.shops import make_shop
from tests.support.web import Market

STRANGERS_ID = "9007199254740993"


async def buyer_of(market: Market, name: str = "Ming") -> tuple[Person, str, tuple[PersonId, Address]]:
    """Register somebody with a token and an address."""
    someone = await make_person(market.db, name)
    wish = AddressWish("Lin Ming", "+86 138 0013 8000", "CN", "浙江省", "杭州市", "西湖区", ["文三路 1 号"], "310000")
    address = await market.db.write(acting(someone.id), lambda tx: add_address(tx, someone.id, wish))
    return someone, (await sign_in_as(market.db, someone)).token, (someone.id, address)


async def seller_of(market: Market) -> tuple[Person, str]:
    """Register somebody with a token."""
    someone = await make_person(market.db, "Seller")
    return someone, (await sign_in_as(market.db, someone)).token


def codes(answer: object) -> set[tuple[str, str]]:
    """List pointers and codes of a problem."""
    return {(e["pointer"], e["code"]) for e in answer.json()["errors"]}  # type: ignore[attr-defined]


async def an_order(market: Market) -> tuple[Order, AsyncClient]:
    """Let somebody receive an order of two lines; gives it with the buyer's program."""
    _, token, buyer = await buyer_of(market)
    shop = await make_shop(market.db)
    products = [await make_product(market.db, shop, title=title) for title in ("Pot", "Cup")]
    return await received_order(market.db, *products, buyer=buyer), market.program(token)


async def test_an_order_is_reviewed_line_by_line(market: Market) -> None:
    order, program = await an_order(market)
    body = {
        "reviews": [
            {"line_id": "1", "stars": 5, "words": "Pours <script>alert(1)</script> well"},
            {"line_id": "2", "stars": 2},
        ],
        "scores": {"described": 5, "service": 4, "shipping": 3},
    }
    async with program, market.program() as guest:
        answer = await program.post(f"/api/v1/orders/{order.id}/reviews", json=body)
        assert answer.status_code == 201, answer.text
        first, second = answer.json()["items"]
        assert (first["name"], first["stars"], second["stars"]) == ("M***", 5, 2)
        hidden = (await guest.get(f"/api/v1/products/{first['product_id']}/reviews")).json()
        assert hidden["items"] == [], "until the shop has written too"
        await rate(market.db, order)
        await let_news_travel(market.db)
        listed = (await guest.get(f"/api/v1/products/{first['product_id']}/reviews")).json()
        assert [item["id"] for item in listed["items"]] == [first["id"]]
        assert listed["spread"] == {"average": 5.0, "total": 1, "stars": [0, 0, 0, 0, 1], "with_pictures": 0}
        assert "buyer_id" not in listed["items"][0]
        again = await program.post(f"/api/v1/orders/{order.id}/reviews", json=body)
        assert (again.status_code, again.json()["code"]) == (409, "reviews.already_written")


async def test_in_short_all_lines_get_the_same(market: Market) -> None:
    order, program = await an_order(market)
    async with program:
        path = f"/api/v1/orders/{order.id}/reviews"
        assert codes(await program.post(path, json={"stars": 9, "words": "x" * 2001})) == {
            ("/stars", "range"),
            ("/words", "too_long"),
        }
        assert codes(await program.post(path, json={})) == {("/stars", "required")}
        assert codes(await program.post(path, json={"stars": "5"})) == {("/stars", "type")}
        answer = await program.post(path, json={"stars": 4, "words": "Good"})
        assert [item["stars"] for item in answer.json()["items"]] == [4, 4]


async def test_wrong_fields_are_named_and_nothing_is_written(market: Market) -> None:
    order, program = await an_order(market)
    async with program:
        path = f"/api/v1/orders/{order.id}/reviews"
        body = {
            "reviews": [
                {"line_id": "77", "stars": 0},
                {"variant_id": STRANGERS_ID, "stars": 5},
                {"line_id": "x", "stars": 5, "pictures": [STRANGERS_ID]},
            ]
        }
        assert codes(await program.post(path, json=body)) == {
            ("/reviews/0/line_id", "unknown"),
            ("/reviews/0/stars", "range"),
            ("/reviews/1/line_id", "unknown"),
            ("/reviews/2/line_id", "unknown"),
            ("/reviews/2/pictures", "unknown"),
        }
        assert codes(await program.post(path, json={"reviews": []})) == {("/reviews", "required")}
    assert await rows_of_reviews(market.db) == []


async def test_an_order_under_way_is_not_reviewed(market: Market) -> None:
    _, token, buyer = await buyer_of(market)
    order = await place_order(market.db, buyer, (await make_product(market.db, await make_shop(market.db)), 1))
    async with market.program(token) as program:
        answer = await program.post(f"/api/v1/orders/{order.id}/reviews", json={"stars": 5})
    assert (answer.status_code, answer.json()["code"]) == (409, "orders.wrong_state")


async def test_strangers_find_nothing_of_another_buyers(market: Market) -> None:
    order, program = await an_order(market)
    _, strange = await seller_of(market)
    async with program, market.program(strange) as stranger, market.program() as guest:
        path = f"/api/v1/orders/{order.id}/reviews"
        assert (await stranger.post(path, json={"stars": 1})).status_code == 404
        assert (await guest.post(path, json={"stars": 1})).status_code == 401
        review = (await program.post(path, json={"stars": 1})).json()["items"][0]
        address = f"/api/v1/reviews/{review['id']}"
        before = await rows_of_reviews(market.db)
        assert (await stranger.patch(address, json={"stars": 5})).status_code == 404
        assert (await stranger.post(f"{address}/follow-up", json={"words": "Me too"})).status_code == 404
        assert (await stranger.put(f"{address}/answer", json={"words": "Thanks"})).status_code == 404
        assert (await program.put(f"{address}/answer", json={"words": "Thanks"})).status_code == 404
        assert (await program.patch(f"/api/v1/reviews/{STRANGERS_ID}", json={"stars": 5})).status_code == 404
    assert await rows_of_reviews(market.db) == before


async def test_a_review_is_changed_added_to_and_answered(market: Market) -> None:
    owner, owners = await seller_of(market)
    _, token, buyer = await buyer_of(market)
    shop = await make_shop(market.db, owner.id)
    order = await received_order(market.db, await make_product(market.db, shop), buyer=buyer)
    async with market.program(token) as program, market.program(owners) as seller:
        review = (await program.post(f"/api/v1/orders/{order.id}/reviews", json={"stars": 1})).json()["items"][0]
        path = f"/api/v1/reviews/{review['id']}"
        assert (await seller.put(f"{path}/answer", json={"words": "We see"})).status_code == 404
        said = await seller.post(f"/api/v1/orders/{order.id}/buyer-rating", json={"verdict": "bad", "words": "Rude"})
        assert (said.status_code, said.json()["verdict"]) == (201, "bad")
        assert codes(await seller.put(f"{path}/answer", json={"words": " "})) == {("/words", "required")}
        answered = await seller.put(f"{path}/answer", json={"words": "We send another."})
        assert (answered.status_code, answered.json()["answer"]["words"]) == (200, "We send another.")
        changed = await program.patch(path, json={"stars": 4, "words": "They did"})
        assert (changed.json()["stars"], changed.json()["changed_at"] is not None) == (4, True)
        assert (await program.patch(path, json={"stars": 5})).json()["code"] == "reviews.change_over"
        added = await program.post(f"{path}/follow-up", json={"words": "Still good"})
        assert (added.status_code, added.json()["more"]["words"]) == (201, "Still good")


async def test_what_may_be_reviewed_is_listed(market: Market) -> None:
    order, program = await an_order(market)
    await let_news_travel(market.db)
    async with program, market.program() as guest:
        (waiting,) = (await program.get("/api/v1/me/reviews/waiting")).json()["items"]
        assert (waiting["order_id"], waiting["lines"]) == (str(order.id), 2)
        assert (await guest.get("/api/v1/me/reviews/waiting")).status_code == 401


async def test_a_picture_is_uploaded_for_a_review(market: Market) -> None:
    order, program = await an_order(market)
    async with program:
        broken = await program.post("/api/v1/me/pictures", files={"file": ("a.png", b"<html>", "image/png")})
        assert broken.status_code == 422
        assert broken.json()["errors"][0]["pointer"] == "/file"
        assert (await program.post("/api/v1/me/pictures", files={"other": ("a", b"x")})).status_code == 422
        picture = await program.post("/api/v1/me/pictures", files={"file": ("a.jpg", draw(), "image/jpeg")})
        assert picture.status_code == 201
        body = {"stars": 5, "pictures": [picture.json()["id"]], "line_id": "1"}
        (review,) = (await program.post(f"/api/v1/orders/{order.id}/reviews", json=body)).json()["items"]
        await rate(market.db, order)
        product = review["product_id"]
        with_pictures = (await program.get(f"/api/v1/products/{product}/reviews?pictures=true")).json()
        assert [item["pictures"] for item in with_pictures["items"]] == [[picture.json()["id"]]]
        shown = await program.get(f"/media/{picture.json()['id']}/240.webp")
        assert Image.open(io.BytesIO(shown.content)).format == "WEBP"


async def test_lists_are_filtered_and_bad_filters_named(market: Market) -> None:
    order, program = await an_order(market)
    async with program:
        await program.post(f"/api/v1/orders/{order.id}/reviews", json={"stars": 5})
        await rate(market.db, order)
        review = (await program.get("/api/v1/me/reviews/waiting")).json()
        assert review["items"] == []
        lines = await market.db.read(lambda r: map_lines(r, [order.id]))
        path = f"/api/v1/products/{lines[order.id][0].product_id}/reviews"
        assert len((await program.get(f"{path}?stars=5")).json()["items"]) == 1
        assert (await program.get(f"{path}?stars=4")).json()["items"] == []
        for query in ("stars=6", "limit=0", "after=nonsense"):
            assert (await program.get(f"{path}?{query}")).status_code == 422, query


async def test_a_buyer_of_another_shop_is_no_answerer(market: Market) -> None:
    await make_buyer(market.db)
    owner, owners = await seller_of(market)
    await make_shop(market.db, owner.id, name="Next door")
    order, program = await an_order(market)
    async with program, market.program(owners) as neighbour:
        review = (await program.post(f"/api/v1/orders/{order.id}/reviews", json={"stars": 5})).json()["items"][0]
        answer = await neighbour.put(f"/api/v1/reviews/{review['id']}/answer", json={"words": "Buy from us"})
    assert (answer.status_code, answer.json()["code"]) == (404, "reviews.not_found")


async def test_standing_and_votes_by_api(market: Market) -> None:
    owner, owners = await seller_of(market)
    _, token, buyer = await buyer_of(market)
    _, other, friend = await buyer_of(market, "Friend")
    shop = await make_shop(market.db, owner.id)
    product = await make_product(market.db, shop, stock=None)
    order = await received_order(market.db, product, buyer=buyer)
    async with market.program(token) as program, market.program(owners) as seller, market.program(other) as reader:
        path = f"/api/v1/orders/{order.id}/buyer-rating"
        assert (await program.post(path, json={"verdict": "good"})).status_code == 404
        assert (await seller.post(path, json={"verdict": "lovely"})).status_code == 422
        assert (await seller.post(path, json={"verdict": "good", "words": "A pleasure"})).status_code == 201
        assert (await seller.post(path, json={"verdict": "bad"})).json()["code"] == "reviews.buyer_rated"
        assert (await program.get("/api/v1/me/reputation/ratings")).json()["items"] == []
        body = {"stars": 5, "scores": {"described": 5, "service": 5, "shipping": 5}}
        review = (await program.post(f"/api/v1/orders/{order.id}/reviews", json=body)).json()["items"][0]
        (said,) = (await program.get("/api/v1/me/reputation/ratings")).json()["items"]
        assert (said["words"], said["verdict"]) == ("A pleasure", "good")
        await let_news_travel(market.db)
        ladder = {"good": 1, "neutral": 0, "bad": 0, "points": 1, "level": 0}
        assert (await program.get("/api/v1/me/reputation")).json() == ladder
        known = (await reader.get(f"/api/v1/shops/{shop.slug}/reputation")).json()
        assert known == {"ladder": ladder, "days": []}
        vote = f"/api/v1/reviews/{review['id']}/helpful"
        assert (await reader.put(vote)).json()["code"] == "reviews.not_verified"
        await received_order(market.db, product, buyer=friend)
        assert (await reader.put(vote)).json() == {"helpful": 1}
        assert (await program.put(vote)).json()["code"] == "reviews.own"
        assert (await reader.delete(vote)).json() == {"helpful": 0}
        assert (await reader.put(f"/api/v1/reviews/{STRANGERS_ID}/helpful")).status_code == 404
