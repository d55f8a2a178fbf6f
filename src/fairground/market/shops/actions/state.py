"""Move a shop from state to state: holidays by its people, suspension by the desk, closing for good."""

from datetime import datetime

from fairground.kit.db import Tx
from fairground.kit.deadlines import clear_deadlines, set_deadline
from fairground.kit.errors import N_, Findings
from fairground.kit.events import publish
from fairground.kit.i18n.words import DEFAULT, gettext, known, speaking
from fairground.kit.safe_text import clean_line
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.accounts.model import PersonId
from fairground.market.shops.actions.doors import enter, enter_desk
from fairground.market.shops.errors import ShopInWrongState
from fairground.market.shops.events import (
    ShopCameBack,
    ShopReopened,
    ShopSuspended,
    ShopWasClosed,
    ShopWentOnHoliday,
)
from fairground.market.shops.model import TRANSITIONS, Role, Shop, ShopDeed, ShopId, ShopRules, ShopState
from fairground.market.shops.policy import may_change_shop, may_close_shop
from fairground.market.shops.queries import get_shop, list_memberships, shop_from
from fairground.market.shops.words import check_holiday

HOLIDAY_ENDS = "shops.holiday_ends"
WITH_OWNER = N_("The account of the shop's owner is suspended.")


async def go_on_holiday(tx: Tx, shop_id: ShopId, *, note: str = "", until: datetime | None = None) -> Shop:
    """Sell nothing for a while; pages stay and carry the note. With `until` the shop comes back by itself.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed, ShopInWrongState
        Invalid: the note is too long, or the end lies in the past or too far away.
    """
    await enter(tx, shop_id, may_change_shop)
    rules, note, findings = tx.given(ShopRules), clean_line(note), Findings()
    findings.check(
        len(note) <= rules.note_most, "/note", "too_long", N_("At most %(most)d characters."), most=rules.note_most
    )
    check_holiday(findings, until, tx.now, rules.holiday_days_most)
    findings.raise_any()
    shop = await move_shop(tx, shop_id, ShopDeed.REST, note=note, until=until)
    await clear_deadlines(tx, [shop_id], HOLIDAY_ENDS)
    if until is not None:
        await set_deadline(tx, HOLIDAY_ENDS, shop_id, until, "the shop named the end of its holiday")
    await publish(tx, ShopWentOnHoliday(shop_id=shop_id, version=shop.version))
    return shop


async def come_back(tx: Tx, shop_id: ShopId) -> Shop:
    """End a holiday.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed
        ShopInWrongState: the shop is not on holiday.
    """
    await enter(tx, shop_id, may_change_shop)
    shop = await move_shop(tx, shop_id, ShopDeed.RETURN)
    await clear_deadlines(tx, [shop_id], HOLIDAY_ENDS)
    await publish(tx, ShopCameBack(shop_id=shop_id, version=shop.version))
    return shop


async def suspend_shop(tx: Tx, shop_id: ShopId, reason: str) -> Shop:
    """Stop a shop from selling; for the desk, with a reason that the shop sees.

    Raises:
        StaffOnly, ShopNotFound, ShopInWrongState
        Invalid: there is no reason.
    """
    enter_desk(tx)
    shop = await move_shop(tx, shop_id, ShopDeed.SUSPEND, reason=check_reason(reason))
    await clear_deadlines(tx, [shop_id], HOLIDAY_ENDS)
    await log_deed(tx, "shops.suspend", about=shop_id, words=shop.state_reason)
    await publish(tx, ShopSuspended(shop_id=shop_id, version=shop.version))
    return shop


async def reopen_shop(tx: Tx, shop_id: ShopId, reason: str) -> Shop:
    """Let a suspended shop sell again; for the desk.

    Raises:
        StaffOnly, ShopNotFound, ShopInWrongState
        Invalid: there is no reason.
    """
    enter_desk(tx)
    words = check_reason(reason)
    shop = await move_shop(tx, shop_id, ShopDeed.REOPEN)
    await log_deed(tx, "shops.reopen", about=shop_id, words=words)
    await publish(tx, ShopReopened(shop_id=shop_id, version=shop.version))
    return shop


async def suspend_shops_with(tx: Tx, owner_id: PersonId) -> int:
    """Stop the shops of an owner whom the desk keeps out; gives how many. Safe to run twice."""
    stopped = 0
    for membership in await list_memberships(tx, owner_id):
        shop = await get_shop(tx, membership.shop_id)
        if membership.role is not Role.OWNER or membership.joined_at is None or not shop.is_seen:
            continue
        with speaking(known(shop.language) or DEFAULT):
            reason = gettext(WITH_OWNER)
        shop = await move_shop(tx, shop.id, ShopDeed.SUSPEND, reason=reason, with_owner=owner_id)
        await clear_deadlines(tx, [shop.id], HOLIDAY_ENDS)
        await publish(tx, ShopSuspended(shop_id=shop.id, version=shop.version))
        stopped += 1
    return stopped


async def reopen_shops_with(tx: Tx, owner_id: PersonId) -> int:
    """Let the shops sell again that stopped with their owner, and with nothing else; gives how many."""
    rows = await tx.rows("select id from shops.shops where suspended_with = $1 order by bucket, id", owner_id)
    for row in rows:
        shop = await move_shop(tx, ShopId(row["id"]), ShopDeed.REOPEN)
        await publish(tx, ShopReopened(shop_id=shop.id, version=shop.version))
    return len(rows)


async def close_shop(tx: Tx, shop_id: ShopId) -> Shop:
    """Close a shop for good; open orders go their way, nothing new is sold, the address stays taken.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed
        ShopInWrongState: it is suspended, and the desk has the word.
    """
    shop = await enter(tx, shop_id, may_close_shop)
    if shop.state is ShopState.SUSPENDED:
        raise ShopInWrongState
    shop = await move_shop(tx, shop_id, ShopDeed.CLOSE)
    await clear_deadlines(tx, [shop_id], HOLIDAY_ENDS)
    await publish(tx, ShopWasClosed(shop_id=shop_id, version=shop.version))
    return shop


async def move_shop(
    tx: Tx,
    shop_id: ShopId,
    deed: ShopDeed,
    *,
    note: str = "",
    until: datetime | None = None,
    reason: str = "",
    with_owner: PersonId | None = None,
) -> Shop:
    """Move a shop, if it still stands where the deed may start; note, end and reason are those of the new state.

    `with_owner`: with whose suspension it stops selling.
    """
    sources, target = TRANSITIONS[deed]
    row = await tx.row(
        """
        update shops.shops set state = $4, holiday_note = $5, holiday_until = $6, state_reason = $7,
               version = version + 1, changed_at = $8, suspended_with = $9
         where bucket = $1 and id = $2 and state = any($3) returning *
        """,
        shop_id.bucket,
        shop_id,
        list(sources),
        target,
        note,
        until,
        reason,
        tx.now,
        with_owner,
    )
    if row is None:
        await get_shop(tx, shop_id)  # not found, or else in the wrong state
        raise ShopInWrongState
    await tx.execute("update shops.directory set state = $2 where slug = $1", row["slug"], target)
    return shop_from(row)


def check_reason(reason: str, pointer: str = "/reason") -> str:
    """Refuse a desk's decision without a reason; gives it tidied."""
    reason, findings = clean_line(reason), Findings()
    findings.check(bool(reason), pointer, "required", N_("Please give the reason: the shop will read it."))
    findings.check(len(reason) <= 1000, pointer, "too_long", N_("At most %(most)d characters."), most=1000)
    findings.raise_any()
    return reason
