"""A person's address book. What was ordered keeps its own copy, so everything here may be changed and deleted."""

import msgspec

from fairground.kit.db import Tx
from fairground.kit.errors import Findings
from fairground.kit.postal import WORDS_OF_WRONGS, PostalAddress, check_address, normal_address
from fairground.market.accounts.errors import AddressNotFound, PersonNotFound, TooManyAddresses
from fairground.market.accounts.model import AccountRules, Address, AddressId, PersonId
from fairground.market.accounts.queries import get_address


class AddressWish(msgspec.Struct, frozen=True):
    """An address as somebody writes it."""

    name: str
    phone: str
    country: str
    region: str = ""
    city: str = ""
    district: str = ""
    lines: list[str] = []
    postal_code: str = ""
    is_default: bool = False


def check_wish(wish: AddressWish) -> PostalAddress:
    """Give the address in good form.

    Raises:
        Invalid: names each wrong field.
    """
    postal = PostalAddress(
        wish.name, wish.phone, wish.country, wish.region, wish.city, wish.district, tuple(wish.lines), wish.postal_code
    )
    findings = Findings()
    for field, wrong in check_address(postal).items():
        findings.add(f"/{field}", f"accounts.address_{wrong}", WORDS_OF_WRONGS[wrong])
    findings.raise_any()
    return normal_address(postal)


async def add_address(tx: Tx, person_id: PersonId, wish: AddressWish) -> Address:
    """Add an address; the first one is the default.

    Raises:
        Invalid: names each wrong field.
        TooManyAddresses: the book is full.
    """
    postal = check_wish(wish)
    first = await _find_room(tx, person_id)
    if wish.is_default and not first:
        await _clear_default(tx, person_id)
    address_id = tx.new_id(AddressId, person_id.bucket)
    await tx.execute(
        """
        insert into accounts.addresses
               (bucket, id, person_id, name, phone, country, region, city, district, lines, postal_code, is_default,
                created_at, changed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $13)
        """,
        address_id.bucket,
        address_id,
        person_id,
        *_columns(postal),
        wish.is_default or first,
        tx.now,
    )
    return await get_address(tx, person_id, address_id)


async def _find_room(tx: Tx, person_id: PersonId) -> bool:
    """Make sure that the book has room; tell whether it is empty."""
    # Two additions at the same moment wait for each other here, so that both see what the other added.
    person = await tx.row(
        "select closed_at from accounts.people where bucket = $1 and id = $2 for update", person_id.bucket, person_id
    )
    if person is None or person["closed_at"] is not None:
        raise PersonNotFound
    there: int = await tx.value(
        "select count(*) from accounts.addresses where bucket = $1 and person_id = $2", person_id.bucket, person_id
    )
    most = tx.given(AccountRules).addresses_most
    if there >= most:
        raise TooManyAddresses(limit=most)
    return there == 0


async def change_address(tx: Tx, person_id: PersonId, address_id: AddressId, wish: AddressWish) -> Address:
    """Change an address; one that is the default stays it.

    Raises:
        Invalid: names each wrong field.
        AddressNotFound: there is none, or it is somebody else's.
    """
    postal = check_wish(wish)
    if wish.is_default:
        await choose_default(tx, person_id, address_id)
    changed = await tx.execute(
        """
        update accounts.addresses
           set name = $4, phone = $5, country = $6, region = $7, city = $8, district = $9, lines = $10,
               postal_code = $11, changed_at = $12
         where bucket = $1 and id = $2 and person_id = $3
        """,
        address_id.bucket,
        address_id,
        person_id,
        *_columns(postal),
        tx.now,
    )
    if not changed:
        raise AddressNotFound
    return await get_address(tx, person_id, address_id)


async def choose_default(tx: Tx, person_id: PersonId, address_id: AddressId) -> None:
    """Make an address the one that is proposed first.

    Raises:
        AddressNotFound: there is none, or it is somebody else's.
    """
    await _clear_default(tx, person_id)
    chosen = await tx.execute(
        "update accounts.addresses set is_default = true where bucket = $1 and id = $2 and person_id = $3",
        address_id.bucket,
        address_id,
        person_id,
    )
    if not chosen:
        raise AddressNotFound


async def delete_address(tx: Tx, person_id: PersonId, address_id: AddressId) -> None:
    """Delete an address; of those that stay the newest becomes the default, if this was it.

    Raises:
        AddressNotFound: there is none, or it is somebody else's.
    """
    row = await tx.row(
        "delete from accounts.addresses where bucket = $1 and id = $2 and person_id = $3 returning is_default",
        address_id.bucket,
        address_id,
        person_id,
    )
    if row is None:
        raise AddressNotFound
    if row["is_default"]:
        await tx.execute(
            """
            update accounts.addresses set is_default = true
             where bucket = $1 and id = (select max(id) from accounts.addresses where bucket = $1 and person_id = $2)
            """,
            person_id.bucket,
            person_id,
        )


async def _clear_default(tx: Tx, person_id: PersonId) -> None:
    await tx.execute(
        "update accounts.addresses set is_default = false where bucket = $1 and person_id = $2 and is_default",
        person_id.bucket,
        person_id,
    )


def _columns(postal: PostalAddress) -> tuple[str | list[str], ...]:
    return (
        postal.name,
        postal.phone,
        postal.country,
        postal.region,
        postal.city,
        postal.district,
        list(postal.lines),
        postal.postal_code,
    )
