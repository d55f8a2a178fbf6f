"""A town in which somebody wrote a script into every field of text that is shown anywhere."""

import msgspec

from fairground.kit.actor import person as acting
from fairground.kit.db import Database
from fairground.kit.money import Money
from fairground.market.accounts.actions.addresses import AddressWish, add_address
from fairground.market.accounts.actions.staff import grant_staff_role
from fairground.market.accounts.actions.suspension import suspend_person
from fairground.market.accounts.model import Address, Person, StaffRole
from fairground.market.catalog.actions.create import create_product
from fairground.market.catalog.model import NewProduct, NewVariant, Option, Product, Translation
from fairground.market.orders.actions.cancel import cancel_order, refund_by_shop
from fairground.market.orders.actions.ship import Shipment, ship_order
from fairground.market.payments.actions import change_destination
from fairground.market.payments.model import BankAccount
from fairground.market.promotions.actions.selling import create_coupon
from fairground.market.reviews.actions.afterwards import answer_review, follow_up
from fairground.market.reviews.model import ReviewDraft
from fairground.market.shipping.actions.templates import save_template
from fairground.market.shipping.model import TemplateOption
from fairground.market.shops.actions.applications import apply_for_mall, refuse_application
from fairground.market.shops.actions.face import change_shop
from fairground.market.shops.actions.state import go_on_holiday, suspend_shop
from fairground.market.shops.model import ReturnAddress, Role, Shop, ShopChange
from tests.support.accounts import make_person, sign_in_as
from tests.support.orders import pay, place_order, receive
from tests.support.promotions import draft
from tests.support.reviews import write
from tests.support.shops import make_shop, make_staff
from tests.support.web import Market
from tests.support.world import pump

EVIL = "<script>alert(1)</script>"
WORSE = f"""{EVIL}"><img src=x onerror=alert(2)>'"""
SLUG = "evil-shop"


class EvilTown(msgspec.Struct):
    """Whose pages to walk, and the ids to put into addresses."""

    seller_token: str
    buyer_token: str
    operator_token: str
    ids: dict[str, str]


async def build_evil_town(market: Market) -> EvilTown:
    """Write a script into every field, through the deeds that people have."""
    db = market.db
    seller, buyer, operator = [await make_person(db, EVIL, staff=role) for role in (None, None, StaffRole.OPERATOR)]
    shop = await _open(db, seller)
    pot = await _list(db, seller, shop)
    address = await _live(db, buyer)
    open_order = await place_order(db, (buyer.id, address), (pot, 1), notes={SLUG: WORSE})
    await _close(db, buyer, seller, address, pot)
    order = await _receive(db, buyer, seller, address, pot)
    (review_id,) = await write(db, order, ReviewDraft(1, WORSE))
    await db.write(acting(seller.id), lambda tx: answer_review(tx, review_id, WORSE))
    await db.write(acting(buyer.id), lambda tx: follow_up(tx, buyer.id, review_id, WORSE))
    application_id = await _judge(db, seller, operator, shop, pot)
    await pump(db)
    tokens = [(await sign_in_as(db, who, agent=WORSE)).token for who in (seller, buyer, operator)]
    ids = {
        "slug": SLUG,
        "shop_id": shop.id,
        "product_id": pot.id,
        "variant_id": pot.variants[0].id,
        "person_id": buyer.id,
        "address_id": address.id,
        "order_id": order.id,
        "payment_id": open_order.payment_id,
        "review_id": review_id,
        "application_id": application_id,
    }
    return EvilTown(*tokens, {name: str(value) for name, value in ids.items()})


async def _open(db: Database, seller: Person) -> Shop:
    shop = await make_shop(db, seller.id, name=EVIL, slug=SLUG)
    who = acting(seller.id)
    home = ReturnAddress(EVIL, "+86 138 0013 8000", "CN", "浙江省", "杭州市", "西湖区", [EVIL], "310000")
    await db.write(who, lambda tx: change_shop(tx, shop.id, ShopChange(about=WORSE, return_address=home)))
    way = TemplateOption(code="evil", name_en=EVIL[:40], name_zh=EVIL[:40])
    await db.write(who, lambda tx: save_template(tx, shop.id, (way,)))
    await db.write(who, lambda tx: change_destination(tx, shop.id, BankAccount(EVIL, "6222021001123456789", EVIL)))
    await db.write(who, lambda tx: create_coupon(tx, shop.id, draft(db, title=EVIL)))
    await make_staff(db, shop, Role.CLERK)
    return shop


async def _list(db: Database, seller: Person, shop: Shop) -> Product:
    price = Money(9_900, "CNY")
    wish = NewProduct(
        title=f"{EVIL} pot",
        description=f"# {WORSE}\n[x](javascript:alert(1)) **{EVIL}**",
        options=[Option(EVIL, [EVIL, "plain"])],
        variants=[NewVariant(price=price, options={EVIL: v}, stock=9, sku=f"{EVIL}{v}") for v in (EVIL, "plain")],
        translations={"zh-CN": Translation(title=f"{EVIL} 壶", description=WORSE)},
        category=None,
    )
    return await db.write(acting(seller.id), lambda tx: create_product(tx, shop.id, wish))


async def _live(db: Database, buyer: Person) -> Address:
    wish = AddressWish(EVIL, "+86 138 0013 8000", "CN", "浙江省", "杭州市", "西湖区", [WORSE, EVIL], "310000")
    return await db.write(acting(buyer.id), lambda tx: add_address(tx, buyer.id, wish))


async def _receive(db: Database, buyer: Person, seller: Person, address: Address, pot: Product):  # type: ignore[no-untyped-def]
    order = await pay(db, await place_order(db, (buyer.id, address), (pot, 1), notes={SLUG: WORSE}))
    await db.write(acting(seller.id), lambda tx: refund_by_shop(tx, order.id, 100, WORSE))
    parcel = Shipment("other", "EVIL-1234567", None)
    await db.write(acting(seller.id), lambda tx: ship_order(tx, order.id, parcel))
    return await receive(db, order)


async def _close(db: Database, buyer: Person, seller: Person, address: Address, pot: Product) -> None:
    order = await pay(db, await place_order(db, (buyer.id, address), (pot, 1)))
    await db.write(acting(buyer.id), lambda tx: cancel_order(tx, order.id, WORSE))


async def _judge(db: Database, seller: Person, operator: Person, shop: Shop, pot: Product):  # type: ignore[no-untyped-def]
    desk, who = acting(operator.id, is_staff=True), acting(seller.id)
    application = await db.write(
        who, lambda tx: apply_for_mall(tx, shop.id, company=EVIL, country="CN", number="91110000600037341L")
    )
    await db.write(desk, lambda tx: refuse_application(tx, application.id, WORSE))
    second = await db.write(
        who, lambda tx: apply_for_mall(tx, shop.id, company=EVIL, country="CN", number="91110000600037341L")
    )
    clerk, guilty = await make_person(db, EVIL), await make_person(db, EVIL)
    await db.write(desk, lambda tx: grant_staff_role(tx, clerk.id, StaffRole.CLERK, words=WORSE))
    await db.write(desk, lambda tx: suspend_person(tx, guilty.id, WORSE))
    other = await make_shop(db, name=EVIL, slug="evil-too")
    await db.write(desk, lambda tx: suspend_shop(tx, other.id, WORSE))
    await db.write(who, lambda tx: go_on_holiday(tx, shop.id, note=WORSE))
    return second.id
