"""The attendant: quotes what shops, rules and orders say, invents nothing; what it cannot answer waits for the shop."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import httpx
import msgspec
import pytest

from fairground.adapters.language_models import OpenAiClient
from fairground.kit.actor import person as acting
from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.kit.errors import Invalid, NotFound, TooMany
from fairground.kit.i18n.words import speaking
from fairground.market.accounts.model import Person
from fairground.market.notifications.queries import list_letters
from fairground.market.service import jobs
from fairground.market.service.actions.answers import (
    answer_question,
    dismiss_question,
    drop_answer,
    forget_questions_of,
    leave_question,
    put_answer,
)
from fairground.market.service.errors import (
    AnswerNotFound,
    OwnQuestion,
    ProductElsewhere,
    QuestionNotFound,
    TooManyAnswers,
)
from fairground.market.service.model.answers import AttendantRules
from fairground.market.service.model.tickets import About, AboutKind
from fairground.market.service.queries.answers import export_questions, list_answers, list_questions
from fairground.market.service.queries.attendant import Attendant, Reply, look_around
from fairground.market.shops.errors import ShopNotFound
from fairground.market.shops.model import Shop
from tests.support.accounts import make_person
from tests.support.catalog import make_product
from tests.support.orders import make_buyer, pay, place_order
from tests.support.shops import make_shop
from tests.support.world import pump


async def keep(db: Database, shop: Shop, question: str, answer: str, **more: Any) -> Any:
    """Write an answer as the owner."""
    return await db.write(system("tests"), lambda tx: put_answer(tx, shop.id, question, answer, **more))


async def leave(db: Database, shop: Shop, who: Person, question: str = "Is the kiln gas fired?") -> bool:
    """Leave a question with a shop."""
    return await db.write(acting(who.id), lambda tx: leave_question(tx, shop.id, question, "en"))


async def ask(db: Database, question: str, about: About = About(), attendant: Attendant | None = None) -> Reply:  # noqa: B008
    """Ask the attendant as a guest."""
    around = await db.read(lambda reader: look_around(reader, about, None))
    return await (attendant or Attendant()).reply(db, question, around)


async def test_it_quotes_the_shop_and_links_to_it_in_both_languages(db: Database) -> None:
    shop, other = await make_shop(db), await make_shop(db)
    await keep(db, shop, "Is it dishwasher safe?", "No, please rinse by hand.")
    await keep(db, shop, "可以放洗碗机吗？", "不可以，请用手洗。")
    await keep(db, other, "Is it dishwasher safe?", "Yes!")
    about = About(AboutKind.SHOP, shop.id)
    assert [p.text for p in (await ask(db, "dishwasher?", about)).passages] == ["No, please rinse by hand."]
    found = (await ask(db, "能放洗碗机吗", about)).passages
    assert [(p.text, p.href) for p in found] == [("不可以，请用手洗。", f"/s/{shop.slug}")]
    assert (await ask(db, "Do you make kites?", about)).passages == []


async def test_what_is_said_of_one_product_is_not_said_of_another(db: Database) -> None:
    shop = await make_shop(db)
    pot, cup = await make_product(db, shop, title="Pot"), await make_product(db, shop, title="Cup")
    await keep(db, shop, "How many litres does it hold?", "Two litres.", product_id=pot.id)
    assert (await ask(db, "how many litres", About(AboutKind.PRODUCT, pot.id))).passages[0].href == f"/p/{pot.id}"
    assert (await ask(db, "how many litres", About(AboutKind.PRODUCT, cup.id))).passages == []


async def test_the_rules_answer_with_the_numbers_in_force(db: Database) -> None:
    assert "24 hours" in (await ask(db, "how long may I take to pay")).passages[0].text
    with speaking("zh-CN"):
        assert (await ask(db, "怎么取消订单退款")).passages[0].href == "/help#cancelling"


async def test_an_orders_state_is_told_to_its_buyer_only(db: Database) -> None:
    buyer, address = await make_buyer(db)
    order = await place_order(db, (buyer, address), (await make_product(db, await make_shop(db)), 1))
    about, stranger = About(AboutKind.ORDER, order.id), await make_person(db)
    around = await db.read(lambda reader: look_around(reader, about, buyer))
    assert around.state is not None
    assert "waits for your payment" in around.state.text
    await pay(db, order)
    around = await db.read(lambda reader: look_around(reader, about, buyer))
    assert around.state is not None
    assert "promised to ship" in around.state.text
    for somebody in (stranger.id, None):
        with pytest.raises(NotFound):
            await db.read(lambda reader, who=somebody: look_around(reader, about, who))  # type: ignore[misc]


async def test_an_unanswered_question_is_answered_once_and_the_asker_is_told(db: Database) -> None:
    owner = await make_person(db, "Owner")
    shop, buyer = await make_shop(db, owner.id), await make_person(db)
    assert await leave(db, shop, buyer)
    assert not await leave(db, shop, buyer), "the same waits there already"
    (waiting,) = (await db.read(lambda r: list_questions(r, shop.id))).items
    await db.write(acting(owner.id), lambda tx: answer_question(tx, shop.id, waiting.id, "No, with wood."))
    await pump(db)
    letter = (await db.read(lambda r: list_letters(r, buyer.id))).items[0]
    assert "No, with wood." in letter.text
    assert (await db.read(lambda r: list_questions(r, shop.id))).items == []
    found = await ask(db, "is your kiln fired with gas", About(AboutKind.SHOP, shop.id))
    assert [p.text for p in found.passages] == ["No, with wood."]


async def test_of_two_colleagues_one_answers_a_question(wide_db: Database) -> None:
    owner = await make_person(wide_db)
    shop = await make_shop(wide_db, owner.id)
    await leave(wide_db, shop, await make_person(wide_db))
    (waiting,) = (await wide_db.read(lambda r: list_questions(r, shop.id))).items
    outcomes = await asyncio.gather(
        *(
            wide_db.write(acting(owner.id), lambda tx: answer_question(tx, shop.id, waiting.id, "Yes"))
            for _ in range(6)
        ),
        return_exceptions=True,
    )
    assert sum(isinstance(o, QuestionNotFound) for o in outcomes) == 5
    assert len(await wide_db.read(lambda r: list_answers(r, shop.id))) == 1


async def test_strangers_write_no_answers_and_see_no_questions_of_a_shop(db: Database) -> None:
    owner, stranger = await make_person(db), await make_person(db)
    shop, other = await make_shop(db, owner.id), await make_shop(db)
    kept = await keep(db, shop, "Q?", "A.")
    await leave(db, shop, stranger)
    (waiting,) = (await db.read(lambda r: list_questions(r, shop.id))).items
    deeds = (
        lambda tx: put_answer(tx, shop.id, "Q", "B"),
        lambda tx: put_answer(tx, shop.id, "Q", "B", answer_id=kept.id),
        lambda tx: drop_answer(tx, shop.id, kept.id),
        lambda tx: answer_question(tx, shop.id, waiting.id, "B"),
        lambda tx: dismiss_question(tx, shop.id, waiting.id),
    )
    for deed in deeds:
        with pytest.raises(ShopNotFound):
            await db.write(acting(stranger.id), deed)
    for wrong in (
        lambda tx: put_answer(tx, other.id, "Q", "B", answer_id=kept.id),
        lambda tx: drop_answer(tx, other.id, kept.id),
    ):
        with pytest.raises(AnswerNotFound):
            await db.write(system("tests"), wrong)
    with pytest.raises(QuestionNotFound):
        await db.write(system("tests"), lambda tx: dismiss_question(tx, other.id, waiting.id))
    pot = await make_product(db, other)
    with pytest.raises(ProductElsewhere):
        await keep(db, shop, "Q", "A", product_id=pot.id)
    with pytest.raises(OwnQuestion):
        await leave(db, shop, owner)
    assert [(a.question, a.answer) for a in await db.read(lambda r: list_answers(r, shop.id))] == [("Q?", "A.")]


async def test_floods_of_questions_and_answers_are_refused(db: Database) -> None:
    shop, buyer, rules = await make_shop(db), await make_person(db), AttendantRules()
    for number in range(rules.questions_a_day):
        await leave(db, shop, buyer, f"Question {number}")
    with pytest.raises(TooMany):
        await leave(db, shop, buyer, "One more")
    db.clock.move(timedelta(days=1))
    assert await leave(db, shop, buyer, "One more")
    for text in ("", " ", "x" * 301):
        with pytest.raises(Invalid):
            await leave(db, shop, buyer, text)
    small = AttendantRules(answers_most=1)
    db.given = type(db.given)(small)
    await keep(db, shop, "Q", "A")
    with pytest.raises(TooManyAnswers):
        await keep(db, shop, "Q", "A")


async def test_questions_are_exported_and_forgotten(db: Database) -> None:
    shop, buyer = await make_shop(db), await make_person(db)
    await leave(db, shop, buyer, "Where do you live?")
    assert "Where do you live?" in str(await db.read(lambda r: export_questions(r, buyer.id)))
    await db.write(system("tests"), lambda tx: forget_questions_of(tx, buyer.id))
    assert (await db.read(lambda r: list_questions(r, shop.id))).items == []
    await leave(db, shop, buyer)
    db.clock.move(timedelta(days=90, seconds=-1))
    (forget,) = [timer for timer in jobs.timers() if timer.name == "service.forget_old_questions"]
    assert await forget.run(db) == 0
    db.clock.move(timedelta(seconds=2))
    assert await forget.run(db) == 1


class StandIn:
    """A server that speaks the documented interface, in this process."""

    def __init__(self, quotes: list[dict[str, Any]] | str, vectors: dict[str, list[float]] | None = None) -> None:
        self.asked: list[httpx.Request] = []
        self._quotes = quotes
        self._vectors = vectors or {}

    def __call__(self, request: httpx.Request) -> httpx.Response:
        """Answer as such a server does."""
        self.asked.append(request)
        body = msgspec.json.decode(request.content)
        if request.url.path.endswith("/embeddings"):
            data = [
                {"object": "embedding", "index": n, "embedding": self._vector(text)}
                for n, text in enumerate(body["input"])
            ]
            return httpx.Response(200, json={"object": "list", "data": data[::-1], "model": body["model"]})
        content = (
            self._quotes if isinstance(self._quotes, str) else msgspec.json.encode({"quotes": self._quotes}).decode()
        )
        return httpx.Response(
            200, json={"choices": [{"index": 0, "message": {"role": "assistant", "content": content}}]}
        )

    def _vector(self, text: str) -> list[float]:
        return next((vector for words, vector in self._vectors.items() if words in text), [0.0, 0.0, 1.0])

    def client(self) -> OpenAiClient:
        """Give a client of it."""
        return OpenAiClient("http://model.test/v1", "small", "secret", transport=httpx.MockTransport(self))


async def test_a_language_model_may_only_quote(db: Database) -> None:
    shop = await make_shop(db)
    await keep(db, shop, "Is it dishwasher safe?", "No. Please rinse the pot by hand with warm water.")
    stand_in = StandIn([{"passage": 0, "words": "rinse the pot by hand"}, {"passage": 0, "words": "It is safe."}])
    reply = await ask(db, "dishwasher?", About(AboutKind.SHOP, shop.id), Attendant(None, stand_in.client()))
    assert [(q.passage, q.words) for q in reply.quotes] == [(0, "rinse the pot by hand")]
    (request,) = stand_in.asked
    assert request.headers["authorization"] == "Bearer secret"
    assert request.url == "http://model.test/v1/chat/completions"
    silent = StandIn([])
    await ask(db, "Do you sell kites?", About(AboutKind.SHOP, shop.id), Attendant(None, silent.client()))
    assert silent.asked == [], "where nothing was found, nothing is asked"


@pytest.mark.parametrize("odd", ["no JSON", "[]", '{"quotes": [{"passage": "x"}]}', '{"quotes": 7}'])
async def test_an_odd_answer_of_the_model_changes_nothing(db: Database, odd: str) -> None:
    reply = await ask(db, "how long may I take to pay", attendant=Attendant(None, StandIn(odd).client()))
    assert reply.passages
    assert reply.quotes == []


@pytest.mark.parametrize(
    "answer", [httpx.Response(500), httpx.Response(200, text="<html>"), httpx.ConnectError("away")]
)
async def test_without_the_outside_world_the_attendant_does_as_before(db: Database, answer: Any) -> None:
    def broken(request: httpx.Request) -> httpx.Response:
        if isinstance(answer, Exception):
            raise answer
        return answer  # type: ignore[no-any-return]

    client = OpenAiClient("http://model.test", "small", transport=httpx.MockTransport(broken))
    attendant = Attendant(client, client)
    assert (await ask(db, "how long may I take to pay", attendant=attendant)).passages
    assert (await ask(db, "Do you sell kites?", attendant=attendant)).passages == []
    await client.close()


async def test_with_embeddings_an_answer_is_found_in_other_words(db: Database) -> None:
    shop = await make_shop(db)
    await keep(db, shop, "Is it dishwasher safe?", "No.")
    stand_in = StandIn([], {"dishwasher": [1.0, 0.1, 0.0], "cleaning machine": [1.0, 0.0, 0.0]})
    attendant = Attendant(stand_in.client())
    about = About(AboutKind.SHOP, shop.id)
    assert [p.text for p in (await ask(db, "cleaning machine", about, attendant)).passages] == ["No."]
    far = StandIn([], {"far away": [0.0, 1.0, 0.0]})
    assert (await ask(db, "something far away", about, Attendant(far.client()))).passages == []


async def test_vectors_of_the_wrong_number_are_refused(db: Database) -> None:
    class Short(StandIn):
        def __call__(self, request: httpx.Request) -> httpx.Response:
            return httpx.Response(200, json={"data": [{"index": 0, "embedding": [1.0]}]})

    texts: Sequence[str] = ["one", "two"]
    with pytest.raises(Exception, match="unavailable"):
        await Short([]).client().embed(texts)
