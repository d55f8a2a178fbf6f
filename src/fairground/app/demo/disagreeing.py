"""A few after-sale cases at the demo fair, each in another state, so that a newcomer sees how they look."""

from collections.abc import Mapping, Sequence
from typing import Final

import msgspec

from fairground.kit.actor import Actor, person
from fairground.kit.db import Database, Reader
from fairground.market.accounts.model import PersonId
from fairground.market.aftersale.actions.answers import Said, answer_case
from fairground.market.aftersale.actions.cases import open_case
from fairground.market.aftersale.model import Answer, CaseDraft, CaseKind, CaseReason
from fairground.market.orders.model import Order, OrderState
from fairground.market.orders.queries.orders import list_orders_of_buyer
from fairground.market.shipping.model.carriers import SANDBOX
from fairground.market.shops.actions.face import change_shop
from fairground.market.shops.model import ReturnAddress, ShopChange, ShopId

BACK: Final = ReturnAddress(
    "退货组（演示）", "+86 571 0000 0000", "CN", "浙江省", "杭州市", "余杭区", ["仓前街 1 号"], "311121"
)
PARCEL: Final = Said(carrier=SANDBOX, tracking_number="FG202606180001")


class Play(msgspec.Struct, frozen=True):
    """One case: what is claimed, how much of what was paid (in parts of a hundred), and what is answered."""

    kind: CaseKind
    reason: CaseReason
    words: str
    percent: int = 100
    answers: tuple[tuple[Answer, Said], ...] = ()


PLAYS: Final = (
    Play(CaseKind.REFUND, CaseReason.DAMAGED, "壶嘴磕了一个小口，还能用，希望退一部分。（演示）", 30),
    Play(
        CaseKind.RETURN,
        CaseReason.NOT_AS_DESCRIBED,
        "颜色比图片深很多。（演示）",
        answers=((Answer.AGREE, Said("没问题，您寄回来吧。（演示）")),),
    ),
    Play(
        CaseKind.REFUND,
        CaseReason.DEFECTIVE,
        "用了两天，盖子松了。（演示）",
        answers=((Answer.REFUSE, Said("发货前检查过，盖子是紧的，请发一张照片看看。（演示）")),),
    ),
    Play(
        CaseKind.REFUND,
        CaseReason.MISSING_PARTS,
        "少了一只小杯子。（演示）",
        20,
        ((Answer.AGREE, Said("抱歉漏装了，这部分退给您。（演示）")),),
    ),
    Play(
        CaseKind.EXCHANGE,
        CaseReason.WRONG_ITEM,
        "发成了另一个颜色。（演示）",
        answers=((Answer.AGREE, Said("换一件给您。（演示）")), (Answer.RETURN_SHIPPED, PARCEL)),
    ),
)


async def open_cases(db: Database, buyer_id: PersonId, sellers: Mapping[ShopId, Actor], first: ShopId) -> None:
    """Let a buyer be unhappy with some orders, the first of them from the `first` shop, and let the sellers answer."""
    orders = await db.read(lambda reader: _orders(reader, buyer_id, first))
    for order, play in zip(orders, PLAYS, strict=False):
        await _play(db, order, play, sellers[ShopId(order.shop_id)])


async def _orders(reader: Reader, buyer_id: PersonId, first: ShopId) -> Sequence[Order]:
    found = await list_orders_of_buyer(reader, buyer_id, limit=40)
    sent = [order for order in found.items if order.state in (OrderState.SHIPPED, OrderState.RECEIVED)]
    return sorted(sent, key=lambda order: order.shop_id != first)


async def _play(db: Database, order: Order, play: Play, seller: Actor) -> None:
    shop_id, buyer = ShopId(order.shop_id), person(order.buyer_id)
    await db.write(seller, lambda tx: change_shop(tx, shop_id, ShopChange(return_address=BACK)))
    amount = None if play.percent == 100 else max(1, order.goods * play.percent // 100)
    draft = CaseDraft(kind=play.kind, reason=play.reason, amount=amount, words=play.words)
    case = await db.write(buyer, lambda tx: open_case(tx, order.id, draft))
    for answer, said in play.answers:
        who = buyer if answer is Answer.RETURN_SHIPPED else seller
        await db.write(who, lambda tx, answer=answer, said=said: answer_case(tx, case.id, answer, said))  # type: ignore[misc]
