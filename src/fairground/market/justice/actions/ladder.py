"""The ladder of shops: a strike for each complaint upheld, and what comes of it; everything fades by itself."""

from datetime import datetime, timedelta

from fairground.kit.db import Tx
from fairground.kit.deadlines import clear_deadlines, set_deadline
from fairground.kit.errors import N_
from fairground.kit.events import publish
from fairground.kit.i18n.words import DEFAULT, LANGUAGES, gettext, known, speaking
from fairground.market.catalog.actions.holding import watch_shop
from fairground.market.justice.events import ShopChangedStep
from fairground.market.justice.model.complaints import Complaint, ComplaintRules, points_of
from fairground.market.justice.model.ladder import Standing, Step, step_of
from fairground.market.justice.queries.ladder import list_strikes, standing_from
from fairground.market.shops.actions.state import move_shop
from fairground.market.shops.events import ShopReopened, ShopSuspended
from fairground.market.shops.model import SEEN, Shop, ShopDeed, ShopId, ShopState
from fairground.market.shops.queries import get_shop

LADDER_DUE = "justice.ladder_due"
FADES = N_("Points fade then, or a suspension ends.")
SUSPENDED = N_("Complaints about rights were upheld again and again. How long, and the way back: see Complaints.")


async def strike(tx: Tx, complaint: Complaint) -> None:
    """Give the shop the points of an upheld complaint; safe to run twice."""
    rules = tx.given(ComplaintRules)
    await tx.execute(
        """
        insert into justice.strikes (bucket, shop_id, complaint_id, points, given_at, until)
        values ($1, $2, $3, $4, $5, $6) on conflict (bucket, shop_id, complaint_id) do update
           set lifted_at = null, given_at = excluded.given_at, until = excluded.until
         where justice.strikes.lifted_at is not null
        """,
        complaint.shop_id.bucket,
        complaint.shop_id,
        complaint.id,
        points_of(complaint.kind, rules),
        tx.now,
        tx.now + timedelta(days=rules.strike_days),
    )
    await refresh_ladder(tx, complaint.shop_id)


async def lift_strike(tx: Tx, complaint: Complaint) -> None:
    """Take the points of a complaint away again, where it had some."""
    lifted = await tx.execute(
        """
        update justice.strikes set lifted_at = $4
         where bucket = $1 and shop_id = $2 and complaint_id = $3 and lifted_at is null
        """,
        complaint.shop_id.bucket,
        complaint.shop_id,
        complaint.id,
        tx.now,
    )
    if lifted:
        await refresh_ladder(tx, complaint.shop_id)


async def refresh_ladder(tx: Tx, shop_id: ShopId) -> Standing:
    """Put a shop on the step that its points have by now, with what belongs to it; safe to run twice."""
    before = await _lock(tx, shop_id)
    rules = tx.given(ComplaintRules)
    counting = [one for one in await list_strikes(tx, shop_id) if one.counts(tx.now)]
    points = sum(one.points for one in counting)
    served = min(before.served_points, points)
    until = before.suspended_until
    if until is not None and tx.now >= until:
        served, until = points, None
    step = step_of(points, rules, served)
    if step is Step.SUSPENSION and until is None:
        until = tx.now + timedelta(days=rules.suspension_days)
    if step is not Step.SUSPENSION:
        until = None
    after = await _write(tx, before, Standing(shop_id, step, points, None, until, served))
    await _carry_out(tx, before, after)
    changes = [one.until for one in counting] + ([until] if until else [])
    await _set_next(tx, shop_id, changes)
    return after


async def _lock(tx: Tx, shop_id: ShopId) -> Standing:
    """Let the ladder of one shop be climbed by one at a time."""
    await tx.execute(
        """
        insert into justice.standings (bucket, shop_id, step, points, since) values ($1, $2, 'none', 0, $3)
        on conflict do nothing
        """,
        shop_id.bucket,
        shop_id,
        tx.now,
    )
    row = await tx.row(
        "select * from justice.standings where bucket = $1 and shop_id = $2 for update", shop_id.bucket, shop_id
    )
    assert row is not None
    return standing_from(row)


async def _write(tx: Tx, before: Standing, after: Standing) -> Standing:
    row = await tx.row(
        """
        update justice.standings
           set step = $3, points = $4, suspended_until = $5, served_points = $6, version = version + 1,
               since = case when step = $3 then since else $7 end
         where bucket = $1 and shop_id = $2 returning *
        """,
        before.shop_id.bucket,
        before.shop_id,
        after.step,
        after.points,
        after.suspended_until,
        after.served_points,
        tx.now,
    )
    assert row is not None
    return standing_from(row)


async def _carry_out(tx: Tx, before: Standing, after: Standing) -> None:
    """Let a step have its way: the desk's look, the suspension; and tell the shop."""
    if before.step is after.step:
        return
    shop = await get_shop(tx, after.shop_id)
    height = after.step.height
    await watch_shop(tx, shop.id, watched=height >= Step.LIMITS.height, dimmed=height >= Step.EXPOSURE.height)
    if after.step is Step.SUSPENSION:
        await _suspend(tx, shop)
    elif before.step is Step.SUSPENSION:
        await _reopen(tx, shop)
    await publish(tx, ShopChangedStep(shop_id=shop.id, before=before.step, step=after.step, version=after.version))


async def _suspend(tx: Tx, shop: Shop) -> None:
    # Where the desk has suspended it already, or it is closed, there is nothing to stop.
    if shop.state not in SEEN:
        return
    with speaking(known(shop.language) or DEFAULT):
        reason = gettext(SUSPENDED)
    stopped = await move_shop(tx, shop.id, ShopDeed.SUSPEND, reason=reason)
    await publish(tx, ShopSuspended(shop_id=shop.id, version=stopped.version))


async def _reopen(tx: Tx, shop: Shop) -> None:
    # A suspension by the desk's own word, or with the owner's account, is not ours to end.
    if shop.state is ShopState.SUSPENDED and shop.state_reason in _our_words():
        opened = await move_shop(tx, shop.id, ShopDeed.REOPEN)
        await publish(tx, ShopReopened(shop_id=shop.id, version=opened.version))


def _our_words() -> set[str]:
    words = set()
    for language in LANGUAGES:
        with speaking(language):
            words.add(gettext(SUSPENDED))
    return words


async def _set_next(tx: Tx, shop_id: ShopId, changes: list[datetime]) -> None:
    if changes:
        await set_deadline(tx, LADDER_DUE, shop_id, min(changes), FADES)
    else:
        await clear_deadlines(tx, [shop_id], LADDER_DUE)
