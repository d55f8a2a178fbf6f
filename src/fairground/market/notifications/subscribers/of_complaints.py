"""What happens to a complaint is told to both sides; each step of the ladder to the shop."""

from typing import Final

from fairground.kit.db import Tx
from fairground.kit.events import Subscriber
from fairground.market.justice.events import (
    ComplaintAppealed,
    ComplaintCountered,
    ComplaintDecided,
    ComplaintEvent,
    ComplaintLapsed,
    ComplaintMade,
    ComplaintWithdrawn,
    ShopChangedStep,
)
from fairground.market.justice.model.complaints import ComplaintSide, ComplaintState
from fairground.market.justice.model.ladder import Step
from fairground.market.justice.queries.complaints import get_complaint
from fairground.market.justice.queries.ladder import get_standing, list_strikes
from fairground.market.notifications.actions import notify
from fairground.market.notifications.model import Param
from fairground.market.notifications.subscribers.seen import Word, tell_shops
from fairground.market.shops.policy import may_manage_goods


async def tell_complaint(tx: Tx, event: ComplaintEvent) -> None:
    """Tell what happened to whom it concerns: the words are those of the complaint as it stands by now."""
    complaint = await get_complaint(tx, event.complaint_id)
    upheld = complaint.state is ComplaintState.UPHELD
    to_shop, to_complainant = _kinds(event, upheld=upheld)
    params: dict[str, Param] = {"title": complaint.titles[0]}
    at = complaint.counter_by if isinstance(event, ComplaintMade) else complaint.decide_by
    if at is not None:
        params["at"] = at
    # By the time the news arrives it may have gone on: what named a day that is over is left out.
    if to_shop and ("at" in params or to_shop not in {"complaints.made", "complaints.made_fast"}):
        await tell_shops(
            tx, [Word(complaint.shop_id, may_manage_goods, to_shop, params, f"/complaints/{complaint.id}")]
        )
    if to_complainant and ("at" in params or to_complainant != "complaints.countered"):
        link = f"/justice/complaints/{complaint.id}"
        await notify(tx, complaint.complainant_id, to_complainant, params, link)


def _kinds(event: ComplaintEvent, *, upheld: bool) -> tuple[str | None, str | None]:
    match event:
        case ComplaintMade():
            return ("complaints.made_fast" if event.is_fast else "complaints.made"), None
        case ComplaintCountered():
            return None, "complaints.countered"
        case ComplaintDecided() if event.upheld:
            return "complaints.shop_lost", "complaints.upheld"
        case ComplaintDecided():
            return "complaints.shop_won", "complaints.rejected"
        case ComplaintAppealed() if event.side is ComplaintSide.SHOP:
            return None, "complaints.appealed"
        case ComplaintAppealed():
            return "complaints.shop_appealed", None
        case ComplaintWithdrawn():
            return "complaints.shop_over", None
    return ("complaints.shop_lost" if upheld else "complaints.shop_over"), "complaints.over"


async def tell_step(tx: Tx, event: ShopChangedStep) -> None:
    """Tell a shop which step it stands on, how long, and what takes it away."""
    standing, strikes = await get_standing(tx, event.shop_id), await list_strikes(tx, event.shop_id)
    until = (
        [standing.suspended_until]
        if standing.step is Step.SUSPENSION
        else [one.until for one in strikes if one.counts(tx.now)]
    )
    at = min((moment for moment in until if moment is not None), default=None)
    if standing.step is Step.NONE:
        params: dict[str, Param] = {}
    elif at is not None:
        params = {"at": at}
    else:
        return
    kind = f"complaints.step_{standing.step}"
    await tell_shops(tx, [Word(event.shop_id, may_manage_goods, kind, params, "/complaints")])


OF_COMPLAINTS: Final = (
    Subscriber(
        "notifications.tell_complaint",
        (ComplaintMade, ComplaintCountered, ComplaintDecided, ComplaintAppealed, ComplaintWithdrawn, ComplaintLapsed),
        tell_complaint,
    ),
    Subscriber("notifications.tell_step", (ShopChangedStep,), tell_step),
)
