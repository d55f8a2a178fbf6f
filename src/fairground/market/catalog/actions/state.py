"""Put products on sale and take them off; the desk's yes and no, where products are reviewed."""

from fairground.kit.db import Tx
from fairground.kit.events import publish
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.catalog.actions.create import wait_for_desk
from fairground.market.catalog.actions.doors import enter_by_product
from fairground.market.catalog.actions.holding import is_held, is_watched
from fairground.market.catalog.errors import ProductHeld, ProductInWrongState
from fairground.market.catalog.events import ProductListed, ProductRefused, ProductWithdrawn
from fairground.market.catalog.model import (
    TRANSITIONS,
    CatalogRules,
    Product,
    ProductDeed,
    ProductId,
    ProductState,
)
from fairground.market.catalog.queries.products import get_product
from fairground.market.shops.actions.doors import acts_for_market, enter_desk
from fairground.market.shops.actions.state import check_reason
from fairground.market.shops.policy import may_manage_goods


async def list_product(tx: Tx, product_id: ProductId) -> Product:
    """Put a draft, or what was taken off sale, on sale; where products are reviewed it waits for the desk.

    Raises:
        ProductNotFound, RoleTooSmall, ShopClosed, ProductInWrongState
        ProductHeld: the market keeps it off sale.
    """
    shop, _ = await enter_by_product(tx, product_id, may_manage_goods)
    reviewed = tx.given(CatalogRules).review_products or await is_watched(tx, shop.id)
    if reviewed and not acts_for_market(tx):
        product = await _move(tx, product_id, ProductDeed.SUBMIT)
        await wait_for_desk(tx, product.shop_id, [(product.id, product.title)])
        return product
    product = await _move(tx, product_id, ProductDeed.LIST)
    await publish(tx, ProductListed(product_id=product.id, shop_id=product.shop_id, version=product.version))
    return product


async def withdraw_product(tx: Tx, product_id: ProductId) -> Product:
    """Take a product off sale, or back from the desk; carts keep their line and say so.

    Raises:
        ProductNotFound, RoleTooSmall, ShopClosed, ProductInWrongState
    """
    await enter_by_product(tx, product_id, may_manage_goods)
    product = await _move(tx, product_id, ProductDeed.WITHDRAW)
    await _leave_desk(tx, product_id)
    await publish(tx, ProductWithdrawn(product_id=product.id, shop_id=product.shop_id, version=product.version))
    return product


async def approve_product(tx: Tx, product_id: ProductId) -> Product:
    """Say yes at the desk: the product goes on sale; logged.

    Raises:
        StaffOnly, ProductNotFound, ProductInWrongState
    """
    enter_desk(tx)
    product = await _move(tx, product_id, ProductDeed.APPROVE)
    await _leave_desk(tx, product_id)
    await log_deed(tx, "catalog.approve", product_id, "")
    await publish(tx, ProductListed(product_id=product.id, shop_id=product.shop_id, version=product.version))
    return product


async def refuse_product(tx: Tx, product_id: ProductId, reason: str) -> Product:
    """Say no at the desk, with a reason that the shop reads; the product is a draft again; logged.

    Raises:
        StaffOnly, ProductNotFound, ProductInWrongState
        Invalid: there is no reason.
    """
    enter_desk(tx)
    reason = check_reason(reason)
    product = await _move(tx, product_id, ProductDeed.REFUSE, reason=reason)
    await _leave_desk(tx, product_id)
    await log_deed(tx, "catalog.refuse", product_id, reason)
    await publish(tx, ProductRefused(product_id=product.id, shop_id=product.shop_id, version=product.version))
    return product


async def take_down_product(tx: Tx, product_id: ProductId, reason: str) -> Product:
    """Take a product off sale from the desk, with a reason that the shop reads; logged.

    Raises:
        StaffOnly, ProductNotFound, ProductInWrongState
        Invalid: there is no reason.
    """
    enter_desk(tx)
    reason = check_reason(reason)
    product = await _move(tx, product_id, ProductDeed.WITHDRAW, reason=reason)
    await _leave_desk(tx, product_id)
    await log_deed(tx, "catalog.take_down", product_id, reason)
    await publish(tx, ProductWithdrawn(product_id=product.id, shop_id=product.shop_id, version=product.version))
    return product


async def _leave_desk(tx: Tx, product_id: ProductId) -> None:
    await tx.execute("delete from catalog.in_review where product_id = $1", product_id)


async def _move(tx: Tx, product_id: ProductId, deed: ProductDeed, *, reason: str = "") -> Product:
    sources, target = TRANSITIONS[deed]
    row = await tx.row(
        """
        with moved as (
          update catalog.products p
             set state = $4, state_reason = $5, version = p.version + 1, changed_at = $6,
                 listed_at = case when $4 = 'on_sale' then coalesce(p.listed_at, $6) else p.listed_at end
            from catalog.products old
           where p.bucket = $1 and p.id = $2 and p.state = any($3) and old.bucket = p.bucket and old.id = p.id
             and (not p.held or $4 in ('draft', 'off_sale'))
          returning p.bucket, p.id, p.version, old.state as before)
        insert into catalog.product_versions (bucket, product_id, version, changed, before, actor, actor_id, at)
        select bucket, id, version, array['state'], jsonb_build_object('state', before), $7, $8, $6 from moved
        returning version
        """,
        product_id.bucket,
        product_id,
        list(sources),
        target,
        reason,
        tx.now,
        tx.actor.name,
        tx.actor.person_id,
    )
    product = await get_product(tx, product_id)
    if row is None:
        if target in {ProductState.ON_SALE, ProductState.IN_REVIEW} and await is_held(tx, product_id):
            raise ProductHeld
        raise ProductInWrongState
    assert product.state is ProductState(target)
    return product
