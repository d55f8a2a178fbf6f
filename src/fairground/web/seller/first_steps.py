"""What a shop that has sold nothing yet still wants: goods, a face, ways of delivery, a bank account."""

from fairground.kit.db import Reader
from fairground.kit.i18n.words import gettext
from fairground.market.catalog.queries.lists import count_products_of_shop
from fairground.market.payments.queries import list_destinations
from fairground.market.shipping.queries import find_template
from fairground.market.shops.policy import may_change_shop, may_manage_goods, may_move_money
from fairground.web.cards import Todo
from fairground.web.seller.frame import Room


async def list_first_steps(reader: Reader, room: Room) -> list[Todo]:
    """List what is not done yet and this role may do, the first one first; at most three queries."""
    steps: list[Todo] = []
    if may_manage_goods(room.role) and not await count_products_of_shop(reader, room.shop.id):
        steps.append(_goods(room))
    if may_change_shop(room.role):
        if not room.shop.about:
            steps.append(_face(room))
        if await find_template(reader, room.shop.id) is None:
            steps.append(_delivery(room))
    if may_move_money(room.role) and not await list_destinations(reader, room.shop.id):
        steps.append(_bank(room))
    return steps


def _goods(room: Room) -> Todo:
    return Todo(
        icon="tag",
        title=gettext("Set out your first product"),
        text=gettext("A title, a picture and a price are enough. Or bring the file of your other shop."),
        href=f"{room.home}/goods/new",
        action=gettext("Set it out"),
        main=True,
    )


def _face(room: Room) -> Todo:
    return Todo(
        icon="store",
        title=gettext("Say who you are"),
        text=gettext("Buyers like to know who made it. A few words, a sign and a cloth over the booth."),
        href=f"{room.home}/face",
        action=gettext("Tell it"),
    )


def _delivery(room: Room) -> Todo:
    return Todo(
        icon="truck",
        title=gettext("Say how you send"),
        text=gettext("Until then buyers see one way of delivery, and it is free."),
        href=f"{room.home}/delivery",
        action=gettext("Set the prices"),
    )


def _bank(room: Room) -> Todo:
    return Todo(
        icon="landmark",
        title=gettext("Say where your money goes"),
        text=gettext("The first bank account is used at once; you need it only for the first payout."),
        href=f"{room.home}/money/bank",
        action=gettext("Add the account"),
    )
