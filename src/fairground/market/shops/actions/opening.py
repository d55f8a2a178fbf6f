"""Open a shop: one short form, and it may sell at once."""

import secrets

from fairground.kit.db import Reader, Tx
from fairground.kit.errors import Findings
from fairground.kit.events import publish
from fairground.kit.ids import any_bucket
from fairground.kit.place import Place
from fairground.market.accounts.model import PersonId
from fairground.market.shops.actions.applications import apply_for_stall
from fairground.market.shops.actions.staff import note_membership
from fairground.market.shops.errors import SlugTaken, TooManyShops
from fairground.market.shops.events import ShopOpened
from fairground.market.shops.model import Role, Shop, ShopDraft, ShopId, ShopRules, ShopState
from fairground.market.shops.queries import get_shop
from fairground.market.shops.words import (
    check_about,
    check_country,
    check_language,
    check_name,
    check_slug,
    suggest_slug,
)

CLOTHS = 10


async def open_shop(tx: Tx, owner_id: PersonId, draft: ShopDraft) -> Shop:
    """Open a shop for a person, who becomes its owner. Where stalls need approval, it waits for the desk.

    Raises:
        Invalid: names each wrong field.
        SlugTaken: the address belongs to another shop; names one that is free.
        TooManyShops: the person owns as many as one may.
    """
    rules = tx.given(ShopRules)
    draft = await _checked(tx, draft, rules)
    await _refuse_too_many(tx, owner_id, rules)
    shop_id = tx.new_id(ShopId, any_bucket())
    state = ShopState.PENDING if rules.approve_stalls else ShopState.OPEN
    await _claim_slug(tx, shop_id, draft, state)
    await _insert(tx, shop_id, draft, state)
    await _insert_owner(tx, shop_id, owner_id)
    shop = await get_shop(tx, shop_id)
    await note_membership(tx, shop, owner_id, Role.OWNER, joined_at=tx.now)
    if state is ShopState.PENDING:
        await apply_for_stall(tx, shop, owner_id)
    else:
        await publish(tx, ShopOpened(shop_id=shop_id, version=shop.version))
    return shop


async def suggest_free_slug(reader: Reader, name: str) -> str:
    """Suggest an address that is free: from the name where it has Latin letters, else `shop-` and some signs."""
    wish = suggest_slug(name, fallback="")
    if not wish:
        return f"shop-{secrets.token_hex(3)}"
    wishes = [wish, *(f"{wish}-{number}" for number in range(2, 50))]
    taken = {row["slug"] for row in await reader.rows("select slug from shops.directory where slug = any($1)", wishes)}
    return next((w for w in wishes if w not in taken), f"{wish}-{secrets.token_hex(3)}")


async def _checked(tx: Tx, draft: ShopDraft, rules: ShopRules) -> ShopDraft:
    place, findings = tx.given(Place), Findings()
    name = check_name(findings, draft.name, rules)
    slug = None if draft.slug is None or not draft.slug.strip() else check_slug(findings, draft.slug, rules)
    about = check_about(findings, draft.about, rules)
    country = check_country(findings, draft.country or place.country)
    language = check_language(findings, draft.language or place.language)
    findings.raise_any()
    if slug is None:
        slug = await suggest_free_slug(tx, name)
    return ShopDraft(name=name, slug=slug, about=about, country=country, language=language)


async def _refuse_too_many(tx: Tx, owner_id: PersonId, rules: ShopRules) -> None:
    owned = await tx.value(
        """
        select count(*) from shops.memberships
         where bucket = $1 and person_id = $2 and role = 'owner' and joined_at is not null
        """,
        owner_id.bucket,
        owner_id,
    )
    if owned >= rules.owned_most:
        raise TooManyShops(most=rules.owned_most)


async def _claim_slug(tx: Tx, shop_id: ShopId, draft: ShopDraft, state: ShopState) -> None:
    # The primary key decides: of two shops that want the same address at once, the second finds it taken.
    claimed = await tx.execute(
        """
        insert into shops.directory (slug, shop_id, name, state, tier, opened_at)
        values ($1, $2, $3, $4, 'stall', $5) on conflict (slug) do nothing
        """,
        draft.slug,
        shop_id,
        draft.name,
        state,
        tx.now,
    )
    if not claimed:
        raise SlugTaken(suggestion=await suggest_free_slug(tx, draft.slug or draft.name))


async def _insert(tx: Tx, shop_id: ShopId, draft: ShopDraft, state: ShopState) -> None:
    await tx.execute(
        """
        insert into shops.shops
          (bucket, id, slug, name, about, country, language, time_zone, cloth, state, opened_at, changed_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)
        """,
        shop_id.bucket,
        shop_id,
        draft.slug,
        draft.name,
        draft.about,
        draft.country,
        draft.language,
        tx.given(Place).time_zone,
        shop_id.bucket % CLOTHS,  # each shop gets a cloth of its own to begin with
        state,
        tx.now,
    )


async def _insert_owner(tx: Tx, shop_id: ShopId, owner_id: PersonId) -> None:
    await tx.execute(
        """
        insert into shops.staff (bucket, shop_id, person_id, role, invited_at, joined_at)
        values ($1, $2, $3, 'owner', $4, $4)
        """,
        shop_id.bucket,
        shop_id,
        owner_id,
        tx.now,
    )
