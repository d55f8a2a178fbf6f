"""The people of the seed: owners and buyers, with e-mail addresses that lead nowhere (RFC 2606)."""

from collections.abc import Sequence
from typing import Final

import msgspec

from fairground.app.demo.trading import PLACES
from fairground.kit.actor import system
from fairground.kit.db import Database, Reader, Tx
from fairground.market.accounts.actions.addresses import AddressWish
from fairground.market.accounts.actions.bulk import add_first_addresses, register_people
from fairground.market.accounts.actions.registration import Registration
from fairground.market.accounts.model import AddressId, PersonId
from fairground.market.accounts.queries import find_owner_of_email

SEED: Final = system("seed")
PASSWORD: Final = "bulk-data-2026"  # noqa: S105 - told to everybody: this is data for measuring
FAMILIES: Final = ("王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴")
GIVEN: Final = ("芳", "伟", "敏", "静", "磊", "洋", "婷", "强", "秀兰", "桂英", "建国", "子涵")


class Buyer(msgspec.Struct, frozen=True):
    """Somebody who buys, and where they live."""

    person_id: PersonId
    address_id: AddressId


def email_of(role: str, number: int, run: int) -> str:
    """Give the e-mail address of a person of the seed."""
    return f"{role}-{number}@seed{run}.example"


def name_of(number: int) -> str:
    """Give the name of a person of the seed."""
    return FAMILIES[number % len(FAMILIES)] + GIVEN[number // len(FAMILIES) % len(GIVEN)]


async def next_run(db: Database) -> int:
    """Tell how often this market has been seeded, so that people and shops of each time have names of their own."""
    run = 0
    while await db.read(lambda reader, run=run: _is_taken(reader, run)):  # type: ignore[misc]
        run += 1
    return run


async def _is_taken(reader: Reader, run: int) -> bool:
    found = [await find_owner_of_email(reader, email_of(role, 0, run)) for role in ("owner", "buyer")]
    return any(person_id is not None for person_id in found)


async def register(tx: Tx, role: str, run: int, hashed: str, numbers: Sequence[int]) -> list[PersonId]:
    """Register the people of these numbers."""
    wishes = [Registration(email_of(role, n, run), PASSWORD, name_of(n), "zh-CN" if n % 2 else "en") for n in numbers]
    return await register_people(tx, wishes, hashed, first_bucket=numbers[0] * 7 if numbers else 0)


async def move_in(db: Database, run: int, hashed: str, numbers: Sequence[int]) -> list[Buyer]:
    """Register buyers with an address each."""
    wishes = [
        AddressWish(name_of(n), f"+86 138 0013 8{n:03}", "CN", region, city, district, [line], "")
        for n, (region, city, district, line) in enumerate(PLACES)
    ]

    async def write(tx: Tx) -> list[Buyer]:
        people = await register(tx, "buyer", run, hashed, numbers)
        return [Buyer(*pair) for pair in zip(people, await add_first_addresses(tx, people, wishes), strict=True)]

    return await db.write(SEED, write)
