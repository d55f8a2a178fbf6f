"""A seller puts up coupons and stops them."""

from datetime import timedelta

import pytest

from fairground.kit.actor import person
from fairground.kit.db import Database, Given
from fairground.kit.errors import Invalid
from fairground.kit.ids import Id
from fairground.market.promotions.actions.selling import create_coupon, stop_coupon
from fairground.market.promotions.errors import CodeInUse, CouponNotFound, TooManyCoupons
from fairground.market.promotions.model import AmountOff, CouponDraft, CouponState, PercentOff, PromotionRules
from fairground.market.promotions.queries.coupons import get_coupon, list_coupons_of_shop
from fairground.market.shops.errors import RoleTooSmall, ShopNotFound
from fairground.market.shops.model import Role
from tests.support.given import test_given
from tests.support.promotions import SELLER, draft, make_coupon, shop_id
from tests.support.shops import make_owner, make_shop, make_staff, news


@pytest.fixture
def given() -> Given:
    return test_given(PromotionRules(coupons_open_most=3))


async def test_a_coupon_is_kept_as_it_was_written(db: Database) -> None:
    shop = await shop_id(db)
    wish = draft(db, PercentOff(1_200, cap=3_000), total=100, each=2, code=" summer26 ", products=(Id(5), Id(6)))
    made = await make_coupon(db, wish, shop=shop)
    kept = await db.read(lambda r: get_coupon(r, made.id))
    assert kept == made
    assert (kept.effect, kept.code, kept.product_ids) == (PercentOff(1_200, cap=3_000), "SUMMER26", (5, 6))
    assert (kept.total_limit, kept.left, kept.per_person_limit) == (100, 100, 2)
    assert (kept.currency, kept.borne_by_market, kept.state) == ("CNY", 0, CouponState.OPEN)
    assert made.id.bucket == shop.bucket


async def test_every_wrong_field_is_named_and_nothing_is_written(db: Database) -> None:
    shop, now = await shop_id(db), db.clock.now()
    wish = CouponDraft(
        title=" ",
        effect=AmountOff(9_000),
        threshold=5_000,
        starts_at=now,
        ends_at=now - timedelta(days=1),
        total_limit=0,
        per_person_limit=0,
        code="12345",
        product_ids=(),
    )
    with pytest.raises(Invalid) as refused:
        await make_coupon(db, wish, shop=shop)
    assert {error.pointer for error in refused.value.errors} == {
        "/title", "/amount", "/ends_at", "/total_limit", "/per_person_limit", "/code", "/product_ids",
    }  # fmt: skip
    assert (await db.read(lambda r: list_coupons_of_shop(r, shop))).items == []


@pytest.mark.parametrize(
    ("effect", "pointer"),
    [
        (AmountOff(0), "/amount"),
        (AmountOff(-5), "/amount"),
        (AmountOff(10**18), "/amount"),
        (PercentOff(0), "/percent"),
        (PercentOff(9_001), "/percent"),
        (PercentOff(1_000, cap=0), "/cap"),
    ],
)
async def test_an_effect_that_cannot_be_is_refused(db: Database, effect: AmountOff | PercentOff, pointer: str) -> None:
    with pytest.raises(Invalid) as refused:
        await make_coupon(db, draft(db, effect, threshold=0))
    assert [error.pointer for error in refused.value.errors] == [pointer]


async def test_two_open_coupons_of_a_shop_cannot_share_a_code(db: Database) -> None:
    shop = await shop_id(db)
    first = await make_coupon(db, draft(db, code="TEA"), shop=shop)
    with pytest.raises(CodeInUse):
        await make_coupon(db, draft(db, code="tea"), shop=shop)
    await make_coupon(db, draft(db, code="tea"))  # another shop may
    await db.write(SELLER, lambda tx: stop_coupon(tx, shop, first.id))
    await make_coupon(db, draft(db, code="tea"), shop=shop)  # and the same shop after stopping the first


async def test_a_refused_code_leaves_the_rest_of_the_transaction_usable(db: Database) -> None:
    shop = await shop_id(db)
    await make_coupon(db, draft(db, code="TEA"), shop=shop)

    async def deed(tx):  # type: ignore[no-untyped-def]
        with pytest.raises(CodeInUse):
            await create_coupon(tx, shop, draft(db, code="TEA"))
        return await create_coupon(tx, shop, draft(db, code="TEA2"))

    assert (await db.write(SELLER, deed)).code == "TEA2"


async def test_a_shop_has_only_so_many_open_coupons(db: Database) -> None:
    shop = await shop_id(db)
    made = [await make_coupon(db, shop=shop) for _ in range(3)]
    with pytest.raises(TooManyCoupons):
        await make_coupon(db, shop=shop)
    await db.write(SELLER, lambda tx: stop_coupon(tx, shop, made[0].id))
    await make_coupon(db, shop=shop)


async def test_stopping_twice_is_once_and_another_shop_finds_nothing(db: Database) -> None:
    shop = await shop_id(db)
    coupon = await make_coupon(db, shop=shop)
    other = await shop_id(db)
    with pytest.raises(CouponNotFound):
        await db.write(SELLER, lambda tx: stop_coupon(tx, other, coupon.id))
    assert (await db.read(lambda r: get_coupon(r, coupon.id))).state is CouponState.OPEN
    for _ in range(2):
        await db.write(SELLER, lambda tx: stop_coupon(tx, shop, coupon.id))
    names = [name for name in await news(db) if name.startswith("promotions.")]
    assert names == ["promotions.CouponOpened", "promotions.CouponStopped"]


async def test_the_sellers_list_is_paged(db: Database) -> None:
    shop = await shop_id(db)
    made = [await make_coupon(db, shop=shop) for _ in range(3)]
    first = await db.read(lambda r: list_coupons_of_shop(r, shop, limit=2))
    rest = await db.read(lambda r: list_coupons_of_shop(r, shop, after=first.next, limit=2))
    assert [c.id for c in first.items + rest.items] == [c.id for c in reversed(made)]
    assert rest.next is None


async def test_a_clerk_and_a_stranger_put_up_nothing(db: Database) -> None:
    shop = await make_shop(db)
    mine = await make_coupon(db, shop=shop.id)
    clerk, stranger = await make_staff(db, shop, Role.CLERK), await make_owner(db)
    for who, error in ((clerk, RoleTooSmall), (stranger, ShopNotFound)):
        with pytest.raises(error):
            await db.write(person(who), lambda tx: create_coupon(tx, shop.id, draft(db)))
        with pytest.raises(error):
            await db.write(person(who), lambda tx: stop_coupon(tx, shop.id, mine.id))
    assert [c.state for c in (await db.read(lambda r: list_coupons_of_shop(r, shop.id))).items] == [CouponState.OPEN]
