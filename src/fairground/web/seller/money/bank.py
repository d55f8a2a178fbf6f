"""Where payouts go: the bank account, set with the password told again; a changed one waits before it is used."""

from datetime import datetime
from typing import Any, Final

import msgspec
from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath

from fairground.kit.db import Database, Reader, Tx
from fairground.kit.errors import Invalid, TooMany
from fairground.kit.http.caller import Caller
from fairground.kit.http.forms import read_form
from fairground.kit.http.problems import status_of
from fairground.kit.i18n.words import gettext
from fairground.market.accounts.actions.sign_in import confirm_password
from fairground.market.accounts.model import PersonId
from fairground.market.payments.actions import change_destination, keep_destination
from fairground.market.payments.model import BankAccount, Destination, PaymentRules
from fairground.market.payments.model.payout import clean_account
from fairground.market.payments.queries import list_destinations
from fairground.market.shops.policy import may_move_money, may_see_money
from fairground.market.shops.queries import get_shop_for
from fairground.web.render import go
from fairground.web.seller.frame import AnyRequest, Room, enter_room, seller_page
from fairground.web.told import Told, tell_fields


class BankForm(msgspec.Struct):
    """A bank account, and the password once more."""

    holder: str = ""
    number: str = ""
    bank: str = ""
    password: str = ""


class BankView(msgspec.Struct, frozen=True):
    """The account of now, the one that waits, and the form. The number typed is never shown again."""

    current: Destination | None
    waiting: Destination | None
    wait_hours: int
    may_move: bool
    now: datetime
    holder: str = ""
    bank: str = ""
    errors: Told = Told()


@get("/seller/{slug:str}/money/bank", include_in_schema=False)
async def show_bank(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Show where payouts go, and the form to change it."""
    return await _page(request, db, caller, slug)


async def _page(
    request: AnyRequest,
    db: Database,
    caller: Caller,
    slug: str,
    form: BankForm | None = None,
    trouble: Invalid | TooMany | None = None,
) -> Response[bytes]:
    async def look(reader: Reader) -> tuple[Room, list[Destination]]:
        room = await enter_room(reader, caller, slug, may_see_money)
        return room, await list_destinations(reader, room.shop.id)

    room, places = await db.read(look)
    typed = form or BankForm()
    view = BankView(
        next((one for one in places if one.valid_from <= room.now), None),
        next((one for one in places if one.valid_from > room.now), None),
        db.given(PaymentRules).destination_wait_hours,
        may_move_money(room.role),
        room.now,
        typed.holder,
        typed.bank,
        Told() if trouble is None else tell_fields(trouble, "password"),
    )
    status = 200 if trouble is None else status_of(trouble)
    return seller_page(request, "money/bank", room, title=gettext("Bank account"), status=status, view=view)


@post("/seller/{slug:str}/money/bank", include_in_schema=False)
async def change_bank(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Set or change the bank account."""
    person_id, form = PersonId(caller.need_person()), await read_form(request, BankForm)
    await db.read(lambda reader: get_shop_for(reader, slug, person_id, may_move_money))

    async def deed(tx: Tx) -> Destination:
        shop = await get_shop_for(tx, slug, person_id, may_move_money)
        return await change_destination(tx, shop.id, account)

    try:
        account = clean_account(BankAccount(form.holder, form.number, form.bank))
        await confirm_password(db, person_id, form.password, network=caller.address)
        saved = await db.write(caller.actor, deed)
    except (Invalid, TooMany) as trouble:
        return await _page(request, db, caller, slug, form, trouble)
    if saved.valid_from > saved.created_at:
        said = gettext("Saved. For your safety it is used after the wait; until then payouts go to the old account.")
    else:
        said = gettext("Saved. Payouts go there from now on.")
    return go(request, f"/seller/{slug}/money/bank", say=said)


@post("/seller/{slug:str}/money/bank/keep", include_in_schema=False)
async def keep_bank(
    request: AnyRequest, slug: FromPath[str], caller: NamedDependency[Caller], db: NamedDependency[Database]
) -> Response[bytes]:
    """Take back a change that still waits."""
    person_id = caller.need_person()

    async def deed(tx: Tx) -> bool:
        shop = await get_shop_for(tx, slug, person_id, may_move_money)
        return await keep_destination(tx, shop.id)

    kept = await db.write(caller.actor, deed)
    said = gettext("The change is taken back; your account stays.") if kept else gettext("No change was waiting.")
    return go(request, f"/seller/{slug}/money/bank", say=said, kind="ok" if kept else "mind")


HANDLERS: Final[list[Any]] = [show_bank, change_bank, keep_bank]
