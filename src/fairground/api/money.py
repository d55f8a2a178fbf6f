"""A shop's money, by API: balance, statement, payouts, the bank account."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Request, Response, delete, get, post, put
from litestar.di import NamedDependency
from litestar.params import FromPath, FromQuery, JSONBody

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import N_, invalid
from fairground.kit.http.caller import Caller, an_id
from fairground.kit.http.forms import read_json
from fairground.kit.idempotency import check_key, fingerprint, once
from fairground.kit.ids import Id
from fairground.kit.money import Money
from fairground.kit.place import Place
from fairground.market.accounts.actions.sign_in import confirm_password
from fairground.market.accounts.model import PersonId
from fairground.market.ledger.model import AccountKind, Entry, owned_account
from fairground.market.ledger.queries import balance, list_entries
from fairground.market.orders.model import WaysToPay
from fairground.market.orders.queries.shop_figures import sum_open_orders
from fairground.market.payments.actions import change_destination, keep_destination, request_payout
from fairground.market.payments.errors import PayoutTooLow
from fairground.market.payments.model import BankAccount, Destination, Payout, PayoutId, PayoutState
from fairground.market.payments.model.payout import clean_account
from fairground.market.payments.queries import (
    get_payout,
    list_destinations,
    list_payout_lines,
    list_payouts,
    payout_figures,
)
from fairground.market.shops.model import Shop
from fairground.market.shops.policy import may_move_money, may_see_money
from fairground.market.shops.queries import get_shop_for


class BalanceView(msgspec.Struct):
    """Where a shop's money is, in minor units of `currency`.

    held: paid by buyers, for open orders; of it the shop gets `coming`. under_way: asked for, not at the bank yet.
    """

    held: int
    available: int
    paid_out: int
    currency: str
    coming: int
    under_way: int


class PayoutWish(msgspec.Struct):
    """How much, as money or in minor units; all that is available where it is left out."""

    amount: Money | int | None = None


class PayoutView(msgspec.Struct):
    """A payout. `error` says why the bank sent it back."""

    id: PayoutId
    state: PayoutState
    amount: Money
    requested_at: datetime
    sent_at: datetime | None
    settled_at: datetime | None
    reference: str | None
    error: str | None


class PayoutList(msgspec.Struct):
    """A page of payouts, the newest first."""

    items: list[PayoutView]
    next: str | None


class EntryView(msgspec.Struct):
    """One line of the books: what moved, why, and the balance after it. `subject` is the order or the payout."""

    entry: int
    at: datetime
    reason: str
    subject: Id
    amount: Money
    balance: Money


class EntryList(msgspec.Struct):
    """A page of lines, the newest first."""

    items: list[EntryView]
    next: str | None


class PayoutInFull(msgspec.Struct):
    """A payout and every line since the one before."""

    payout: PayoutView
    lines: list[EntryView]


class BankBody(msgspec.Struct):
    """A bank account, and the password of who changes it."""

    holder: str
    number: str
    password: str
    bank: str = ""


class BankView(msgspec.Struct):
    """A bank account as far as it is shown: the end of its number, and from when it is used."""

    hint: str
    valid_from: datetime
    waiting: bool


class BankAccounts(msgspec.Struct):
    """The account of now, and the changed one that still waits."""

    current: BankView | None
    waiting: BankView | None


async def _shop(reader: Reader, caller: Caller, slug: str) -> Shop:
    return await get_shop_for(reader, slug, caller.need_person(), may_see_money)


@get("/api/v1/shops/{slug:str}/balance", tags=["Money"])
async def show_balance(
    slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> BalanceView:
    """Tell what is held for a shop, what is available, under way to its bank, and was paid out."""
    currency = db.given(Place).currency

    async def look(reader: Reader) -> BalanceView:
        shop = await _shop(reader, caller, slug)
        coming = (await sum_open_orders(reader, shop.id, currency)).coming
        figures = await payout_figures(reader, shop.id, currency)
        return BalanceView(
            held=coming.held.amount,
            available=figures.available.amount,
            paid_out=figures.paid_out.amount,
            currency=currency,
            coming=coming.proceeds.amount,
            under_way=figures.under_way.amount,
        )

    return await db.read(look)


@get("/api/v1/shops/{slug:str}/statement", tags=["Money"])
async def show_statement(
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> EntryList:
    """List what came in and went out, line by line as in the books, the newest first."""
    currency = db.given(Place).currency

    async def look(reader: Reader) -> EntryList:
        shop = await _shop(reader, caller, slug)
        page = await list_entries(reader, owned_account(AccountKind.SHOP, shop.id, currency), after, limit)
        return EntryList([_entry(entry) for entry in page.items], page.next)

    return await db.read(look)


@post("/api/v1/shops/{slug:str}/payouts", tags=["Money"])
async def create_payout(
    slug: FromPath[str], request: Request[Any, Any, Any], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[Any]:
    """Send available money to the shop's bank account; all of it without an `amount`. Needs `Idempotency-Key`."""
    person_id, key = caller.need_person(), check_key(request.headers.get("idempotency-key"))
    wish = await read_json(request, PayoutWish)

    async def ask(tx: Tx) -> Response[Any]:
        shop = await get_shop_for(tx, slug, person_id, may_move_money)

        async def deed() -> tuple[int, Any]:
            money = await _amount(tx, shop, wish.amount)
            gateway = tx.given(WaysToPay).default
            return 201, _payout(
                await request_payout(tx, shop.id, money, gateway=gateway, is_verified=caller.is_verified)
            )

        answer = await once(tx, person_id, key, fingerprint("payouts", str(shop.id), wish), deed)
        return Response(answer.body, status_code=answer.status)

    return await db.write(caller.actor, ask)


async def _amount(tx: Tx, shop: Shop, wish: Money | int | None) -> Money:
    currency = tx.given(Place).currency
    if wish is None:
        return await balance(tx, owned_account(AccountKind.SHOP, shop.id, currency))
    money = wish if isinstance(wish, Money) else Money(wish, currency)
    if money.currency != currency:
        raise invalid("/amount/currency", "currency", N_("The market's currency is %(currency)s."), currency=currency)
    if money.amount <= 0:
        raise PayoutTooLow
    return money


@get("/api/v1/shops/{slug:str}/payouts", tags=["Money"])
async def show_payouts(
    slug: FromPath[str],
    caller: NamedDependency[Caller],
    db: NamedDependency[Database],
    limit: FromQuery[int | None] = None,
    after: FromQuery[str | None] = None,
) -> PayoutList:
    """List a shop's payouts, the newest first."""

    async def look(reader: Reader) -> PayoutList:
        shop = await _shop(reader, caller, slug)
        page = await list_payouts(reader, shop.id, after, limit)
        return PayoutList([_payout(payout) for payout in page.items], page.next)

    return await db.read(look)


@get("/api/v1/shops/{slug:str}/payouts/{payout_id:str}", tags=["Money"])
async def show_payout(
    slug: FromPath[str], payout_id: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> PayoutInFull:
    """Show a payout with every line since the one before."""
    wanted = an_id(PayoutId, payout_id)

    async def look(reader: Reader) -> PayoutInFull:
        shop = await _shop(reader, caller, slug)
        payout = await get_payout(reader, wanted, shop.id)
        return PayoutInFull(_payout(payout), [_entry(entry) for entry in await list_payout_lines(reader, payout)])

    return await db.read(look)


@get("/api/v1/shops/{slug:str}/bank-account", tags=["Money"])
async def show_bank_account(
    slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> BankAccounts:
    """Tell where payouts go now, and which account waits to replace it."""

    async def look(reader: Reader) -> BankAccounts:
        shop = await _shop(reader, caller, slug)
        places = [_bank(one, reader.now) for one in await list_destinations(reader, shop.id)]
        return BankAccounts(
            next((one for one in places if not one.waiting), None), next((one for one in places if one.waiting), None)
        )

    return await db.read(look)


@put("/api/v1/shops/{slug:str}/bank-account", tags=["Money"])
async def change_bank_account(
    slug: FromPath[str], data: JSONBody[BankBody], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> BankView:
    """Set the bank account, with the password told again; a changed one is used after the wait, the first at once."""
    person_id = PersonId(caller.need_person())
    await db.read(lambda reader: get_shop_for(reader, slug, person_id, may_move_money))
    account = clean_account(BankAccount(data.holder, data.number, data.bank))
    await confirm_password(db, person_id, data.password, network=caller.address)

    async def deed(tx: Tx) -> BankView:
        shop = await get_shop_for(tx, slug, person_id, may_move_money)
        return _bank(await change_destination(tx, shop.id, account), tx.now)

    return await db.write(caller.actor, deed)


@delete("/api/v1/shops/{slug:str}/bank-account/waiting", tags=["Money"])
async def keep_bank_account(
    slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> None:
    """Take back a change of the bank account that still waits."""
    person_id = caller.need_person()

    async def deed(tx: Tx) -> None:
        shop = await get_shop_for(tx, slug, person_id, may_move_money)
        await keep_destination(tx, shop.id)

    await db.write(caller.actor, deed)


def _payout(payout: Payout) -> PayoutView:
    return PayoutView(
        payout.id,
        payout.state,
        payout.money,
        payout.requested_at,
        payout.sent_at,
        payout.settled_at,
        payout.reference,
        payout.error if payout.state is PayoutState.BOUNCED else None,
    )


def _entry(entry: Entry) -> EntryView:
    return EntryView(
        entry.entry,
        entry.at,
        entry.reason,
        entry.subject,
        Money(entry.amount, entry.currency),
        Money(entry.balance, entry.currency),
    )


def _bank(destination: Destination, now: datetime) -> BankView:
    return BankView(destination.hint, destination.valid_from, destination.valid_from > now)


HANDLERS: Final = (
    show_balance,
    show_statement,
    create_payout,
    show_payouts,
    show_payout,
    show_bank_account,
    change_bank_account,
    keep_bank_account,
)
