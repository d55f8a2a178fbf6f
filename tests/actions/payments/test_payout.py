"""Shops get their money (peers' complaints 6, 7, 8 and 19)."""

from datetime import timedelta

import pytest

from fairground.kit.actor import person, system
from fairground.kit.db import Database
from fairground.kit.errors import Invalid, Unavailable
from fairground.kit.ids import Id
from fairground.kit.seal import Keyring, SealBroken
from fairground.market.ledger.model import gateway_account
from fairground.market.payments.actions import (
    change_destination,
    confirm_payout,
    keep_destination,
    release,
    request_payout,
)
from fairground.market.payments.errors import (
    DestinationMissing,
    EmailUnverified,
    PayoutInWrongState,
    PayoutNotFound,
    PayoutTooHigh,
    PayoutTooLow,
)
from fairground.market.payments.jobs import send_payouts
from fairground.market.payments.model import (
    AlreadyKnown,
    BankAccount,
    GatewayNotice,
    Heard,
    NoticeKind,
    Payout,
    PayoutOrder,
    PayoutState,
    Sent,
    SentState,
)
from fairground.market.payments.queries import (
    find_coming_destination,
    find_destination,
    get_payout,
    list_payout_lines,
    list_payouts,
    list_payouts_under_way,
    payout_figures,
)
from tests.support.ledger import new_id, shop_account, standing
from tests.support.payments import (
    ACCOUNT,
    SHOP,
    assert_books_clean,
    cny,
    make_paid,
    make_shop_with,
    release_of,
    tell,
)

OWNER = person(Id(SHOP << 12 | 77))
OTHER = BankAccount("Lin Lanting", "6222 9999 8888 7777")


class ToldGateway:
    """A gateway at the far end of the port: it answers what the test says, and remembers what it was sent."""

    name = "sandbox"

    def __init__(self, *answers: Sent | Exception) -> None:
        self.answers = list(answers)
        self.sent: list[PayoutOrder] = []

    async def pay_out(self, order: PayoutOrder) -> Sent:
        self.sent.append(order)
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


async def ask(db: Database, shop_id: Id, amount: int, *, is_verified: bool = True) -> Payout:
    return await db.write(
        OWNER, lambda tx: request_payout(tx, shop_id, cny(amount), gateway="sandbox", is_verified=is_verified)
    )


async def send(db: Database, far: ToldGateway) -> int:
    return await send_payouts(db, {"sandbox": far})  # type: ignore[dict-item]


def notice(db: Database, payout: Payout, kind: NoticeKind, event_id: str = "e") -> GatewayNotice:
    return GatewayNotice(
        "sandbox", event_id, kind, payout.id, "po_1", payout.money.amount, "CNY", db.clock.now(), "no such account"
    )


async def figures(db: Database, shop_id: Id) -> tuple[int, int, int]:
    f = await db.read(lambda r: payout_figures(r, shop_id, "CNY"))
    return f.available.amount, f.under_way.amount, f.paid_out.amount


async def read(db: Database, payout: Payout) -> Payout:
    return await db.read(lambda r: get_payout(r, payout.id, payout.shop_id))


async def test_a_payout_leaves_the_balance_is_sent_and_arrives(db: Database) -> None:
    shop_id = await make_shop_with(db, 1000)
    payout = await ask(db, shop_id, 700)
    assert await figures(db, shop_id) == (300, 700, 0)
    far = ToldGateway(Sent(SentState.UNDER_WAY, "po_1"))
    assert await send(db, far) == 1
    assert far.sent == [PayoutOrder(payout.id, BankAccount(ACCOUNT.holder, "6222021001123456789", "ICBC"), cny(700))]
    assert (await read(db, payout)).state == PayoutState.SENT
    outcomes = await tell(db, notice(db, payout, NoticeKind.PAID_OUT), notice(db, payout, NoticeKind.PAID_OUT, "e2"))
    assert [type(o) for o in outcomes] == [Heard, AlreadyKnown]
    assert (await read(db, payout)).state == PayoutState.PAID
    assert await figures(db, shop_id) == (300, 0, 700)
    assert await standing(db, gateway_account("sandbox", SHOP, "CNY")) == 700
    await assert_books_clean(db)


async def test_peers_19_a_bounced_payout_comes_back_to_the_balance(db: Database) -> None:
    shop_id = await make_shop_with(db, 1000)
    payout = await ask(db, shop_id, 700)
    await send(db, ToldGateway(Sent(SentState.UNDER_WAY, "po_1")))
    await tell(db, notice(db, payout, NoticeKind.BOUNCED), notice(db, payout, NoticeKind.BOUNCED, "e2"))
    after = await read(db, payout)
    assert (after.state, after.error) == (PayoutState.BOUNCED, "no such account")
    assert await figures(db, shop_id) == (1000, 0, 0)
    assert [type(o) for o in await tell(db, notice(db, payout, NoticeKind.PAID_OUT, "e3"))] == [AlreadyKnown]
    assert await figures(db, shop_id) == (1000, 0, 0)
    await assert_books_clean(db)


async def test_a_bank_may_send_back_what_had_arrived(db: Database) -> None:
    shop_id = await make_shop_with(db, 1000)
    payout = await ask(db, shop_id, 700)
    await tell(db, notice(db, payout, NoticeKind.PAID_OUT))
    await tell(db, notice(db, payout, NoticeKind.BOUNCED, "later"))
    assert await figures(db, shop_id) == (1000, 0, 0)
    assert await standing(db, gateway_account("sandbox", SHOP, "CNY")) == 0
    await assert_books_clean(db)


async def test_an_answer_that_comes_after_the_notice_changes_nothing(db: Database) -> None:
    shop_id = await make_shop_with(db, 1000)
    payout = await ask(db, shop_id, 700)

    class Quick(ToldGateway):
        async def pay_out(self, order: PayoutOrder) -> Sent:
            await tell(db, notice(db, payout, NoticeKind.BOUNCED))
            return Sent(SentState.UNDER_WAY, "po_1")

    await send(db, Quick())
    assert (await read(db, payout)).state == PayoutState.BOUNCED
    assert await figures(db, shop_id) == (1000, 0, 0)


async def test_a_payout_never_exceeds_the_balance(db: Database) -> None:
    shop_id = await make_shop_with(db, 1000)
    await ask(db, shop_id, 600)
    with pytest.raises(PayoutTooHigh):
        await ask(db, shop_id, 401)
    assert await figures(db, shop_id) == (400, 600, 0)
    assert len((await db.read(lambda r: list_payouts(r, shop_id))).items) == 1
    await assert_books_clean(db)


async def test_an_unverified_address_a_trifle_or_no_account_get_no_payout(db: Database) -> None:
    shop_id = await make_shop_with(db, 1000)
    without = await make_shop_with(db, 1000, account=None)
    with pytest.raises(EmailUnverified):
        await ask(db, shop_id, 500, is_verified=False)
    with pytest.raises(PayoutTooLow):
        await ask(db, shop_id, 99)
    with pytest.raises(DestinationMissing):
        await ask(db, without, 500)
    assert await figures(db, shop_id) == (1000, 0, 0)


async def test_a_gateway_that_is_away_is_tried_until_it_answers(db: Database) -> None:
    shop_id = await make_shop_with(db, 1000)
    payout = await ask(db, shop_id, 700)
    far = ToldGateway(*[Unavailable()] * 20, Sent(SentState.DONE, "po_1"))
    for _ in range(21):
        assert await send(db, far) == 1
        assert await send(db, far) == 0
        db.clock.move(timedelta(hours=1))
    assert (await read(db, payout)).state == PayoutState.PAID
    await assert_books_clean(db)


async def test_a_payout_by_hand_is_confirmed_by_a_clerk_once(db: Database) -> None:
    shop_id = await make_shop_with(db, 1000)
    payout = await ask(db, shop_id, 700)
    await send(db, ToldGateway(Sent(SentState.BY_HAND)))
    db.clock.move(timedelta(days=9))
    assert await send(db, ToldGateway()) == 0
    assert [p.id for p in await db.read(list_payouts_under_way)] == [payout.id]
    await db.write(system("clerk"), lambda tx: confirm_payout(tx, payout.id))
    with pytest.raises(PayoutInWrongState):
        await db.write(system("clerk"), lambda tx: confirm_payout(tx, payout.id))
    assert await figures(db, shop_id) == (300, 0, 700)


async def test_a_refused_payout_comes_back(db: Database) -> None:
    shop_id = await make_shop_with(db, 1000)
    await ask(db, shop_id, 700)
    await send(db, ToldGateway(Sent(SentState.REFUSED, error="closed")))
    assert await figures(db, shop_id) == (1000, 0, 0)
    await assert_books_clean(db)


async def test_peers_7_a_payouts_statement_is_every_line_since_the_one_before(db: Database) -> None:
    shop_id = await make_shop_with(db, 1000)
    first = await ask(db, shop_id, 700)
    await tell(db, notice(db, first, NoticeKind.BOUNCED))
    payment = await make_paid(db, 400)
    await db.write(OWNER, lambda tx: release(tx, [release_of(payment, shop_id, commission=30)]))
    second = await ask(db, shop_id, 1370)
    lines = [await db.read(lambda r, p=p: list_payout_lines(r, p)) for p in (first, second)]  # type: ignore[misc]
    assert [(e.reason, e.amount) for e in lines[0]] == [
        ("payments.payout_requested", -700),
        ("payments.sale", 1000),
    ]
    assert [(e.reason, e.amount) for e in lines[1]] == [
        ("payments.payout_requested", -1370),
        ("payments.commission", -30),
        ("payments.sale", 400),
        ("payments.payout_bounced", 700),
    ]
    assert lines[1][0].balance == 0


async def test_payouts_are_listed_the_newest_first_page_by_page(db: Database) -> None:
    shop_id = await make_shop_with(db, 1000)
    made = [await ask(db, shop_id, 100 + n) for n in range(3)]
    page = await db.read(lambda r: list_payouts(r, shop_id, limit=2))
    rest = await db.read(lambda r: list_payouts(r, shop_id, page.next, limit=2))
    assert [p.id for p in page.items + rest.items] == [p.id for p in reversed(made)]
    assert rest.next is None
    with pytest.raises(PayoutNotFound):
        await db.read(lambda r: get_payout(r, made[0].id, new_id(db, SHOP)))


async def test_a_changed_account_waits_72_hours_and_the_first_does_not(db: Database) -> None:
    shop_id = await make_shop_with(db, 1000)
    first = await db.read(lambda r: find_destination(r, shop_id))
    assert first is not None
    changed = await db.write(OWNER, lambda tx: change_destination(tx, shop_id, OTHER))
    assert changed.valid_from == db.clock.now() + timedelta(hours=72)
    db.clock.move(timedelta(hours=71, minutes=59))
    assert await db.read(lambda r: find_destination(r, shop_id)) == first
    assert await db.read(lambda r: find_coming_destination(r, shop_id)) == changed
    far = ToldGateway(Sent(SentState.DONE), Sent(SentState.DONE))
    await ask(db, shop_id, 100)
    await send(db, far)
    db.clock.move(timedelta(minutes=1))
    assert await db.read(lambda r: find_destination(r, shop_id)) == changed
    assert await db.read(lambda r: find_coming_destination(r, shop_id)) is None
    await ask(db, shop_id, 100)
    await send(db, far)
    assert [order.account.number[-4:] for order in far.sent] == ["6789", "7777"]


async def test_a_change_can_be_taken_back_and_a_second_one_replaces_it(db: Database) -> None:
    shop_id = await make_shop_with(db, 1000)
    await db.write(OWNER, lambda tx: change_destination(tx, shop_id, OTHER))
    second = await db.write(OWNER, lambda tx: change_destination(tx, shop_id, ACCOUNT))
    assert await db.read(lambda r: find_coming_destination(r, shop_id)) == second
    assert await db.write(OWNER, lambda tx: keep_destination(tx, shop_id))
    assert not await db.write(OWNER, lambda tx: keep_destination(tx, shop_id))
    db.clock.move(timedelta(days=9))
    now = await db.read(lambda r: find_destination(r, shop_id))
    assert now is not None
    assert now.id not in (second.id,)
    assert now.hint == "•••• 6789"


async def test_an_account_number_is_sealed_to_its_place(db: Database) -> None:
    shop_id = await make_shop_with(db, 1000)
    found = await db.read(lambda r: find_destination(r, shop_id))
    assert found is not None
    row = await db.read(lambda r: r.row("select * from payments.destinations"))
    assert "6222021001123456789" not in str(dict(row or {}))
    keyring = db.given(Keyring)
    assert "6222021001123456789" in keyring.unseal(found.sealed, found.aad)
    with pytest.raises(SealBroken):
        keyring.unseal(found.sealed, b"payments.destinations:1:2")


async def test_an_account_that_cannot_be_one_is_refused_and_nothing_changes(db: Database) -> None:
    shop_id = await make_shop_with(db, 1000)
    with pytest.raises(Invalid):
        await db.write(OWNER, lambda tx: change_destination(tx, shop_id, BankAccount("", "1")))
    assert await db.read(lambda r: find_coming_destination(r, shop_id)) is None
    assert await standing(db, shop_account(shop_id)) == 1000
