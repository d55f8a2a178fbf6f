"""What shops ask of the desk, and what it answers: a stall's approval, the mall badge."""

import msgspec

from fairground.kit.db import Row, Tx
from fairground.kit.errors import N_, Findings
from fairground.kit.events import publish
from fairground.kit.safe_text import clean_line
from fairground.kit.seal import Keyring
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.accounts.model import PersonId
from fairground.market.shops.actions.doors import enter, enter_desk
from fairground.market.shops.actions.state import check_reason, move_shop
from fairground.market.shops.business import check_number, number_kind
from fairground.market.shops.errors import ApplicationNotFound, ApplicationWaiting, MallAlready, ShopInWrongState
from fairground.market.shops.events import (
    ApplicationMade,
    ApplicationRefused,
    MallBadgeGranted,
    MallBadgeWithdrawn,
    ShopOpened,
)
from fairground.market.shops.model import (
    Application,
    ApplicationId,
    ApplicationKind,
    ApplicationState,
    Shop,
    ShopDeed,
    ShopId,
    ShopState,
    Tier,
)
from fairground.market.shops.policy import may_close_shop
from fairground.market.shops.queries import application_from, get_shop, number_place, shop_from
from fairground.market.shops.words import check_country

NUMBER_PRINT = "shops.business_number"


class _Business(msgspec.Struct, frozen=True):
    company: str = ""
    country: str = ""
    number: str = ""


async def apply_for_stall(tx: Tx, shop: Shop, applicant: PersonId | None) -> Application:
    """Ask the desk to approve a shop that waits; a shop that was refused may ask again."""
    if shop.state is not ShopState.PENDING:
        raise ShopInWrongState
    return await _apply(tx, shop, ApplicationKind.STALL, _Business(), applicant)


async def ask_again_for_stall(tx: Tx, shop_id: ShopId) -> Application:
    """Ask the desk again after it refused the stall.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed, ShopInWrongState, ApplicationWaiting
    """
    shop = await enter(tx, shop_id, may_close_shop)
    return await apply_for_stall(tx, shop, _applicant(tx))


async def apply_for_mall(tx: Tx, shop_id: ShopId, *, company: str, country: str, number: str) -> Application:
    """Ask for the mall badge with the business's name and number; the number is sealed.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed, ApplicationWaiting, MallAlready
        Invalid: names each wrong field.
    """
    shop = await enter(tx, shop_id, may_close_shop)
    if shop.tier is Tier.MALL:
        raise MallAlready
    findings, company = Findings(), clean_line(company)
    findings.check(bool(company), "/company", "required", N_("Please give the registered name of your business."))
    findings.check(len(company) <= 120, "/company", "too_long", N_("At most %(most)d characters."), most=120)
    country = check_country(findings, country)
    number = check_number(findings, country, number)
    findings.raise_any()
    return await _apply(tx, shop, ApplicationKind.MALL, _Business(company, country, number), _applicant(tx))


async def withdraw_application(tx: Tx, shop_id: ShopId, application_id: ApplicationId) -> Application:
    """Take an application for the mall badge back.

    Raises:
        ShopNotFound, RoleTooSmall
        ApplicationNotFound: it is not this shop's, or it was decided.
    """
    await enter(tx, shop_id, may_close_shop, even_closed=True)
    row = await tx.row(
        """
        update shops.applications set state = 'withdrawn', decided_at = $3
         where id = $1 and shop_id = $2 and kind = 'mall' and state = 'waiting' returning *
        """,
        application_id,
        shop_id,
        tx.now,
    )
    if row is None:
        raise ApplicationNotFound
    return application_from(row)


async def approve_application(tx: Tx, application_id: ApplicationId, words: str = "") -> Application:
    """Say yes: the stall opens, or the shop gets the mall badge. For the desk, and logged.

    Raises:
        StaffOnly, ApplicationNotFound, ShopInWrongState
    """
    row = await _decide(tx, application_id, ApplicationState.APPROVED, clean_line(words))
    shop_id = ShopId(row["shop_id"])
    if row["kind"] == ApplicationKind.STALL:
        shop = await move_shop(tx, shop_id, ShopDeed.APPROVE)
        await publish(tx, ShopOpened(shop_id=shop_id, version=shop.version))
    else:
        shop = await _set_tier(tx, shop_id, Tier.MALL)
        await publish(tx, MallBadgeGranted(shop_id=shop_id, version=shop.version))
    await log_deed(tx, f"shops.approve_{row['kind']}", shop_id, clean_line(words))
    return application_from(row)


async def refuse_application(tx: Tx, application_id: ApplicationId, reason: str) -> Application:
    """Say no, with a reason that the shop reads; it may apply again. For the desk, and logged.

    Raises:
        StaffOnly, ApplicationNotFound
        Invalid: there is no reason.
    """
    enter_desk(tx)
    reason = check_reason(reason)
    row = await _decide(tx, application_id, ApplicationState.REFUSED, reason)
    shop_id, kind = ShopId(row["shop_id"]), ApplicationKind(row["kind"])
    await log_deed(tx, f"shops.refuse_{kind}", shop_id, reason)
    await publish(tx, ApplicationRefused(shop_id=shop_id, application_id=application_id, kind=kind))
    return application_from(row)


async def withdraw_mall_badge(tx: Tx, shop_id: ShopId, reason: str) -> Shop:
    """Take the mall badge back. For the desk, and logged.

    Raises:
        StaffOnly, ShopNotFound
        ShopInWrongState: the shop has no badge.
        Invalid: there is no reason.
    """
    enter_desk(tx)
    reason = check_reason(reason)
    if (await get_shop(tx, shop_id)).tier is not Tier.MALL:
        raise ShopInWrongState
    shop = await _set_tier(tx, shop_id, Tier.STALL)
    await log_deed(tx, "shops.withdraw_mall", shop_id, reason)
    await publish(tx, MallBadgeWithdrawn(shop_id=shop_id, version=shop.version))
    return shop


def _applicant(tx: Tx) -> PersonId | None:
    return None if tx.actor.person_id is None else PersonId(tx.actor.person_id)


async def _apply(
    tx: Tx, shop: Shop, kind: ApplicationKind, business: _Business, applicant: PersonId | None
) -> Application:
    sealed = printed = None
    if business.number:
        keys = tx.given(Keyring)
        sealed = keys.seal(business.number, number_place(shop.id))
        printed = keys.fingerprint(business.number, NUMBER_PRINT)
    row = await tx.row(
        """
        insert into shops.applications
          (id, shop_id, kind, shop_name, shop_slug, company, country, number_kind, number_sealed, number_print,
           number_tail, applied_by, applied_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)
        on conflict (shop_id, kind) where state = 'waiting' do nothing returning *
        """,
        tx.new_id(ApplicationId, shop.id.bucket),
        shop.id,
        kind,
        shop.name,
        shop.slug,
        business.company,
        business.country,
        number_kind(business.country) if business.number else "",
        sealed,
        printed,
        business.number[-4:],
        applicant,
        tx.now,
    )
    if row is None:
        raise ApplicationWaiting
    await publish(tx, ApplicationMade(shop_id=shop.id, application_id=ApplicationId(row["id"]), kind=kind))
    return application_from(row)


async def _decide(tx: Tx, application_id: ApplicationId, state: ApplicationState, reason: str) -> Row:
    enter_desk(tx)
    # Two of the desk decide at once: the second finds no application waiting.
    row = await tx.row(
        """
        update shops.applications set state = $2, reason = $3, decided_by = $4, decided_at = $5
         where id = $1 and state = 'waiting' returning *
        """,
        application_id,
        state,
        reason,
        tx.actor.person_id,
        tx.now,
    )
    if row is None:
        raise ApplicationNotFound
    return row


async def _set_tier(tx: Tx, shop_id: ShopId, tier: Tier) -> Shop:
    row = await tx.row(
        """
        update shops.shops set tier = $3, version = version + 1, changed_at = $4
         where bucket = $1 and id = $2 and state <> 'closed' returning *
        """,
        shop_id.bucket,
        shop_id,
        tier,
        tx.now,
    )
    if row is None:
        raise ShopInWrongState
    await tx.execute("update shops.directory set tier = $2 where slug = $1", row["slug"], tier)
    return shop_from(row)
