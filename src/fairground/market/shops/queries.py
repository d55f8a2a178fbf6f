"""Reads of shops, their people and their applications."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.kit.paging import Page, cut, page_size, read_cursor, write_cursor
from fairground.kit.seal import Keyring
from fairground.market.accounts.model import PersonId
from fairground.market.shops.errors import ApplicationNotFound, RoleTooSmall, ShopNotFound
from fairground.market.shops.model import (
    Application,
    ApplicationId,
    ApplicationKind,
    ApplicationState,
    Membership,
    ReturnAddress,
    Role,
    ServiceClock,
    Shop,
    ShopCard,
    ShopId,
    ShopScores,
    ShopState,
    StaffMember,
    Tier,
)
from fairground.market.shops.policy import May, may_enter


async def get_shop(reader: Reader, shop_id: ShopId) -> Shop:
    """Get a shop in any state.

    Raises:
        ShopNotFound
    """
    row = await reader.row("select * from shops.shops where bucket = $1 and id = $2", shop_id.bucket, shop_id)
    if row is None:
        raise ShopNotFound
    return shop_from(row)


async def find_shop_by_slug(reader: Reader, slug: str) -> Shop | None:
    """Find a shop in any state by its address."""
    shop_id = await find_shop_id(reader, slug)
    return None if shop_id is None else await get_shop(reader, shop_id)


async def find_shop_id(reader: Reader, slug: str) -> ShopId | None:
    """Find which shop an address belongs to."""
    found = await reader.value("select shop_id from shops.directory where slug = $1", slug.lower())
    return None if found is None else ShopId(found)


async def get_shop_by_slug(reader: Reader, slug: str) -> Shop:
    """Get a shop that strangers may visit (open or on holiday).

    Raises:
        ShopNotFound: also for one that waits, is suspended or closed.
    """
    shop = await find_shop_by_slug(reader, slug)
    if shop is None or not shop.is_seen:
        raise ShopNotFound
    return shop


async def get_shop_for(reader: Reader, slug: str, person_id: Id | None, may: May = may_enter) -> Shop:
    """Get a shop for one of its people, in any state.

    Raises:
        ShopNotFound: there is none, or the person does not work there.
        RoleTooSmall: the person works there in another role.
    """
    shop = await find_shop_by_slug(reader, slug)
    if shop is None or person_id is None:
        raise ShopNotFound
    role = await role_in(reader, shop.id, person_id)
    if role is None:
        raise ShopNotFound
    if not may(role):
        raise RoleTooSmall
    return shop


async def role_in(reader: Reader, shop_id: ShopId, person_id: Id) -> Role | None:
    """Tell what a person is in a shop; None for strangers and for those only invited."""
    role = await reader.value(
        """
        select role from shops.staff
         where bucket = $1 and shop_id = $2 and person_id = $3 and joined_at is not null
        """,
        shop_id.bucket,
        shop_id,
        person_id,
    )
    return None if role is None else Role(role)


async def map_shops(reader: Reader, ids: Iterable[ShopId]) -> dict[ShopId, ShopCard]:
    """Map shops to their cards."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = await reader.rows(
        """
        select s.id, s.slug, s.name, s.cloth, s.avatar_id, s.tier, s.state, s.country, s.language, s.opened_at,
               s.commission_basis_points, s.score_described, s.score_service, s.score_shipping, s.score_count,
               s.price_days
          from shops.shops s join unnest($1::smallint[], $2::bigint[]) as t(b, i) on s.bucket = t.b and s.id = t.i
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    return {ShopId(row["id"]): card_from(row) for row in rows}


async def map_abouts(reader: Reader, ids: Iterable[ShopId]) -> dict[ShopId, str]:
    """Map shops to what they say of themselves, in Markdown."""
    wanted = sorted(set(ids))
    if not wanted:
        return {}
    rows = await reader.rows(
        """
        select s.id, s.about from shops.shops s join unnest($1::smallint[], $2::bigint[]) as t(b, i)
            on s.bucket = t.b and s.id = t.i
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    return {ShopId(row["id"]): row["about"] for row in rows}


async def map_slugs(reader: Reader, slugs: Iterable[str]) -> dict[str, ShopId]:
    """Map addresses to shops."""
    rows = await reader.rows("select slug, shop_id from shops.directory where slug = any($1)", sorted(set(slugs)))
    return {row["slug"]: ShopId(row["shop_id"]) for row in rows}


async def list_shops(
    reader: Reader, *, state: ShopState | None = None, after: str | None = None, limit: int | None = None
) -> Page[ShopCard]:
    """List shops, the newest first; without a state those that strangers may visit."""
    size = page_size(limit)
    opened_at, shop_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select shop_id, opened_at from shops.directory
         where state = any($1) and ($2::timestamptz is null or (opened_at, shop_id) < ($2, $3::bigint))
         order by opened_at desc, shop_id desc limit $4
        """,
        ["open", "holiday"] if state is None else [state],
        opened_at,
        shop_id,
        size + 1,
    )
    found, more = cut(rows, size)
    cards = await map_shops(reader, [ShopId(row["shop_id"]) for row in found])
    last = write_cursor(found[-1]["opened_at"], found[-1]["shop_id"]) if more else None
    return Page([cards[ShopId(row["shop_id"])] for row in found], last)


async def count_shops(reader: Reader) -> dict[ShopState, int]:
    """Count the shops of each state."""
    rows = await reader.rows("select state, count(*) as number from shops.directory group by state")
    return {ShopState(row["state"]): row["number"] for row in rows}


async def list_memberships(reader: Reader, person_id: Id) -> list[Membership]:
    """List where a person works or is invited, in the order of joining."""
    rows = await reader.rows(
        """
        select shop_id, slug, name, role, joined_at from shops.memberships
         where bucket = $1 and person_id = $2 order by joined_at nulls first, shop_id limit 200
        """,
        person_id.bucket,
        person_id,
    )
    return [
        Membership(ShopId(row["shop_id"]), row["slug"], row["name"], Role(row["role"]), row["joined_at"])
        for row in rows
    ]


async def list_staff(reader: Reader, shop_id: ShopId) -> list[StaffMember]:
    """List a shop's people, the invited ones last."""
    rows = await reader.rows(
        """
        select person_id, role, invited_at, joined_at from shops.staff
         where bucket = $1 and shop_id = $2 order by joined_at nulls last, person_id
        """,
        shop_id.bucket,
        shop_id,
    )
    return [
        StaffMember(PersonId(row["person_id"]), Role(row["role"]), row["invited_at"], row["joined_at"]) for row in rows
    ]


async def map_staff(reader: Reader, shop_ids: Iterable[ShopId]) -> dict[ShopId, list[StaffMember]]:
    """Map shops to their people, the invited ones too."""
    wanted = sorted(set(shop_ids))
    rows = await reader.rows(
        """
        select s.shop_id, s.person_id, s.role, s.invited_at, s.joined_at from shops.staff s
          join unnest($1::smallint[], $2::bigint[]) as t(b, i) on s.bucket = t.b and s.shop_id = t.i
         order by s.person_id
        """,
        [i.bucket for i in wanted],
        wanted,
    )
    found: dict[ShopId, list[StaffMember]] = {shop_id: [] for shop_id in wanted}
    for row in rows:
        member = StaffMember(PersonId(row["person_id"]), Role(row["role"]), row["invited_at"], row["joined_at"])
        found[ShopId(row["shop_id"])].append(member)
    return found


async def list_waiting_applications(
    reader: Reader, *, kind: ApplicationKind | None = None, after: str | None = None, limit: int | None = None
) -> Page[Application]:
    """List what the desk has to decide, the longest waiting first."""
    size = page_size(limit)
    applied_at, application_id = read_cursor(after, datetime, int) or (None, None)
    rows = await reader.rows(
        """
        select * from shops.applications
         where state = 'waiting' and ($1::text is null or kind = $1)
           and ($2::timestamptz is null or (applied_at, id) > ($2, $3::bigint))
         order by applied_at, id limit $4
        """,
        kind,
        applied_at,
        application_id,
        size + 1,
    )
    found, more = cut(rows, size)
    last = write_cursor(found[-1]["applied_at"], found[-1]["id"]) if more else None
    return Page([application_from(row) for row in found], last)


async def measure_applications(reader: Reader, most: int = 1000) -> tuple[int, datetime | None]:
    """Tell how many applications wait for the desk, up to a number past which nobody counts, and since when."""
    row = await reader.row(
        """
        select count(*) as number, min(applied_at) as since from (
          select applied_at from shops.applications where state = 'waiting' order by applied_at, id limit $1) few
        """,
        most,
    )
    assert row is not None
    return row["number"], row["since"]


async def list_applications_of_shop(reader: Reader, shop_id: ShopId) -> list[Application]:
    """List what a shop has asked of the desk, the latest first."""
    rows = await reader.rows(
        "select * from shops.applications where shop_id = $1 order by applied_at desc, id desc limit 50", shop_id
    )
    return [application_from(row) for row in rows]


async def get_application(reader: Reader, application_id: ApplicationId) -> Application:
    """Get one application.

    Raises:
        ApplicationNotFound
    """
    row = await reader.row("select * from shops.applications where id = $1", application_id)
    if row is None:
        raise ApplicationNotFound
    return application_from(row)


async def unseal_number(reader: Reader, application_id: ApplicationId) -> str:
    """Open the business number of an application, for the desk's eyes.

    Raises:
        ApplicationNotFound: there is none, or it carries no number.
    """
    row = await reader.row("select shop_id, number_sealed from shops.applications where id = $1", application_id)
    if row is None or row["number_sealed"] is None:
        raise ApplicationNotFound
    return reader.given(Keyring).unseal(row["number_sealed"], number_place(ShopId(row["shop_id"])))


async def list_same_number(reader: Reader, application_id: ApplicationId) -> list[ShopId]:
    """List other shops that applied with the same business number: one business may have several, the desk looks."""
    rows = await reader.rows(
        """
        select distinct o.shop_id from shops.applications a
          join shops.applications o on o.number_print = a.number_print and o.shop_id <> a.shop_id
         where a.id = $1 order by o.shop_id limit 50
        """,
        application_id,
    )
    return [ShopId(row["shop_id"]) for row in rows]


def number_place(shop_id: ShopId) -> bytes:
    """Say where a sealed business number belongs, so that it opens nowhere else."""
    return b"shops.applications:%d" % shop_id


def shop_from(row: Row) -> Shop:
    """Build a shop from its row."""
    address = row["return_address"]
    return Shop(
        id=ShopId(row["id"]),
        slug=row["slug"],
        name=row["name"],
        about=row["about"],
        country=row["country"],
        language=row["language"],
        time_zone=row["time_zone"],
        cloth=row["cloth"],
        avatar_id=_id(row["avatar_id"]),
        banner_id=_id(row["banner_id"]),
        return_address=None if address is None else msgspec.convert(address, ReturnAddress),
        tier=Tier(row["tier"]),
        state=ShopState(row["state"]),
        holiday_note=row["holiday_note"],
        holiday_until=row["holiday_until"],
        state_reason=row["state_reason"],
        commission_basis_points=row["commission_basis_points"],
        version=row["version"],
        opened_at=row["opened_at"],
        scores=scores_from(row),
        asks_before_cancel=row["asks_before_cancel"],
        clock=clock_from(row),
        price_days=row["price_days"],
    )


def card_from(row: Row) -> ShopCard:
    """Build a shop's card from its row."""
    return ShopCard(
        ShopId(row["id"]),
        row["slug"],
        row["name"],
        row["cloth"],
        _id(row["avatar_id"]),
        Tier(row["tier"]),
        ShopState(row["state"]),
        row["country"],
        row["language"],
        row["opened_at"],
        row["commission_basis_points"],
        scores_from(row),
        row["price_days"],
    )


def clock_from(row: Row) -> ServiceClock | None:
    """Build a shop's service clock from its row; None while nobody has asked anything."""
    if not row["clock_rounds"]:
        return None
    return ServiceClock(row["clock_rounds"], row["clock_quick"], row["clock_seconds"])


def scores_from(row: Row) -> ShopScores | None:
    """Build a shop's scores from its row; None while nobody gave any."""
    if not row["score_count"]:
        return None
    return ShopScores(row["score_described"], row["score_service"], row["score_shipping"], row["score_count"])


def application_from(row: Row) -> Application:
    """Build an application from its row."""
    return Application(
        ApplicationId(row["id"]),
        ShopId(row["shop_id"]),
        ApplicationKind(row["kind"]),
        row["shop_name"],
        row["shop_slug"],
        row["company"],
        row["country"],
        row["number_kind"],
        row["number_tail"],
        ApplicationState(row["state"]),
        row["reason"],
        row["applied_at"],
        row["decided_at"],
    )


def _id(value: int | None) -> Id | None:
    return None if value is None else Id(value)
