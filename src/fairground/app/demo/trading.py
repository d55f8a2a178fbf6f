"""Three weeks of trade at the demo fair, by the deeds of the market itself: placed, paid, sent, received, reviewed."""

import random
import secrets
from collections.abc import Sequence
from typing import Final

from fairground.adapters.sandbox import bank
from fairground.adapters.sandbox.config import SandboxConfig
from fairground.app.gateways import start_payments
from fairground.kit.actor import Actor, person, system
from fairground.kit.db import Database, Tx
from fairground.kit.idempotency import fingerprint
from fairground.kit.place import Place
from fairground.market.accounts.actions.addresses import AddressWish, add_address
from fairground.market.accounts.model import Address, PersonId
from fairground.market.catalog.model import Product
from fairground.market.orders.actions.cancel import cancel_order
from fairground.market.orders.actions.pay import confirm_payments
from fairground.market.orders.actions.receipt import confirm_receipt
from fairground.market.orders.actions.ship import Shipment, ship_order
from fairground.market.orders.intake.commit import commit
from fairground.market.orders.intake.prepare import prepare
from fairground.market.orders.intake.prepared import Arrival, Placed, PreparedCheckout
from fairground.market.orders.model import Order, OrderId
from fairground.market.orders.model.quote import AskedLine, CheckoutRequest
from fairground.market.orders.queries.orders import map_orders
from fairground.market.payments.jobs import Gateways
from fairground.market.payments.model import PaymentId
from fairground.market.payments.queries import get_payment
from fairground.market.reviews.actions.afterwards import answer_review
from fairground.market.reviews.actions.rating import rate_buyer
from fairground.market.reviews.actions.writing import write_reviews
from fairground.market.reviews.model import ReviewDraft, ReviewId, Scores, Verdict
from fairground.market.shipping.model.carriers import SANDBOX
from fairground.market.shops.model import ShopId

PLACES: Final = (
    ("浙江省", "杭州市", "西湖区", "文三路 18 号"),
    ("上海市", "上海市", "徐汇区", "武康路 99 号"),
    ("四川省", "成都市", "锦江区", "镋钯街 6 号"),
    ("江苏省", "苏州市", "姑苏区", "平江路 40 号"),
    ("广东省", "深圳市", "南山区", "科苑路 7 号"),
    ("北京市", "北京市", "东城区", "杨梅竹斜街 12 号"),
)
PRAISE: Final = (
    (5, "比图片还好看，包得也仔细。", "Better than its picture, and packed with care."),
    (5, "用了一个星期，越看越喜欢。", "A week in use, and I like it more each day."),
    (5, "送给妈妈的，她很开心。", "A present for my mother. She was happy."),
    (4, "好看，比我想的小一点。", "Lovely, a little smaller than I thought."),
    (4, "盖子有点松，问了摊主，第二天就寄来一个新的。", "The lid was loose; the maker sent a new one the next day."),
    (5, "断水利落，不滴。", "It pours without a drop."),
    (3, "颜色和图片有一点差别，东西是好的。", "The colour differs a little; the thing itself is good."),
    (5, "第二次买了。", "My second one."),
    (2, "路上碰了一个角，摊主退了我一部分钱。", "A corner was knocked on the way; the maker gave some money back."),
    (5, "手感很好。", "Good in the hand."),
)
ANSWERS: Final = (
    ("谢谢您，用得开心。", "Thank you, enjoy it."),
    ("颜色的事我们记下了，下次拍照挑阴天。", "Noted: next time we take the picture on a grey day."),
)


class Fair:
    """What the story needs: the market, its play bank, and dice that always fall the same."""

    def __init__(self, db: Database, gateways: Gateways, bank_config: SandboxConfig) -> None:
        self.db = db
        self.gateways = gateways
        self.bank = bank_config
        self.dice = random.Random(20260618)  # noqa: S311 - a play, no secret

    async def move_in(self, buyer: PersonId, name: str, phone: str) -> Address:
        """Give somebody an address."""
        region, city, district, line = self.dice.choice(PLACES)
        wish = AddressWish(name, phone, "CN", region, city, district, [line], "", is_default=True)
        return await self.db.write(person(buyer), lambda tx: add_address(tx, buyer, wish))

    async def buy(self, buyer: PersonId, address: Address, products: Sequence[Product]) -> list[Order]:
        """Order one piece of some variant of each product; gives the orders, one for each shop."""
        lines = tuple(AskedLine(self.dice.choice(p.variants).id, self.dice.choice((1, 1, 1, 2))) for p in products)
        request = CheckoutRequest(address_id=address.id, lines=lines)
        arrival = Arrival(buyer, "zh-CN", request, secrets.token_urlsafe(12), fingerprint("demo", request))
        (prepared,) = await self.db.read(lambda reader: prepare(reader, [arrival]))
        if not isinstance(prepared, PreparedCheckout):
            return []  # the last piece is gone: also a market's day
        (outcome,) = await self.db.write(system("demo"), lambda tx: commit(tx, [prepared]))
        if not isinstance(outcome, Placed):
            return []
        await start_payments(dict(self.gateways), self.db.given(Place).url, [outcome])
        ids = [OrderId(int(order["id"])) for order in outcome.answer["orders"]]
        found = await self.db.read(lambda reader: map_orders(reader, ids))
        return [found[i] for i in ids]

    async def pay(self, payment_id: PaymentId) -> None:
        """Pay at the play bank; the market hears of it by asking, as it also does before it gives up on a payment."""
        await self.bank.db.write(system("sandbox"), lambda tx: bank.pay(tx, self.bank, int(payment_id)))
        payment = await self.db.read(lambda reader: get_payment(reader, payment_id))
        notice = await self.gateways[payment.gateway].ask(payment)
        assert notice is not None, "what was paid is known at the bank"
        await self.db.write(system("gateway"), lambda tx: confirm_payments(tx, [notice]))

    async def send(self, seller: Actor, order: Order) -> None:
        """Send all of an order in one parcel."""
        number = f"FG{self.dice.randrange(10**11, 10**12)}"
        await self.db.write(seller, lambda tx: ship_order(tx, order.id, Shipment(SANDBOX, number)))

    async def receive(self, order: Order) -> None:
        """Let the buyer say that the goods are there."""
        await self.db.write(person(order.buyer_id), lambda tx: confirm_receipt(tx, order.id))

    async def cancel(self, order: Order) -> None:
        """Let the buyer think again."""
        await self.db.write(person(order.buyer_id), lambda tx: cancel_order(tx, order.id, "demo"))

    async def review(self, order: Order, seller: Actor, language: str) -> None:
        """Let the buyer say how it was, and sometimes the seller answer."""
        stars, zh, en = self.dice.choice(PRAISE)
        draft = ReviewDraft(stars, zh if language.startswith("zh") else en)
        scores = Scores(*(max(1, min(5, stars + self.dice.choice((0, 0, 1)))) for _ in range(3)))
        buyer = PersonId(order.buyer_id)

        async def write(tx: Tx) -> list[ReviewId]:
            return await write_reviews(tx, buyer, order.id, [draft], scores)

        written = await self.db.write(person(buyer), write)
        await self.db.write(seller, lambda tx: rate_buyer(tx, order.shop_id, order.id, Verdict.GOOD))
        if stars < 5 or self.dice.random() < 0.2:
            zh, en = ANSWERS[0 if stars > 3 else 1]
            words = zh if language.startswith("zh") else en
            await self.db.write(seller, lambda tx: answer_review(tx, written[0], words))


def basket(dice: random.Random, by_shop: dict[ShopId, list[Product]]) -> list[Product]:
    """Fill a basket: one to four things, from one to three shops, the first shops a little more often."""
    shops = list(by_shop)
    weights = [3 if at < 4 else 2 for at in range(len(shops))]
    chosen = dict.fromkeys(dice.choices(shops, weights, k=dice.choice((1, 1, 2, 3))))
    return [product for shop in chosen for product in dice.sample(by_shop[shop], k=dice.choice((1, 1, 2)))]
