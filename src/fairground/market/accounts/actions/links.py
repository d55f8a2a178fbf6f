"""Links sent by mail: made as a row, signed when the letter is written, good once and for a time."""

from datetime import timedelta

from fairground.kit.db import Tx
from fairground.market.accounts.errors import LinkNotGood
from fairground.market.accounts.model import AccountRules, Link, LinkId, LinkPurpose, PersonId
from fairground.market.accounts.queries import link_from, read_link_token


async def make_link(
    tx: Tx, person_id: PersonId, purpose: LinkPurpose, email: str, old_email: str | None = None
) -> LinkId:
    """Make a link for an e-mail address; an older one for the same purpose is good no more."""
    # Two wishes at the same moment wait for each other here, and the second replaces the first.
    await tx.row("select 1 from accounts.people where bucket = $1 and id = $2 for update", person_id.bucket, person_id)
    await void_links(tx, person_id, purpose)
    link_id = tx.new_id(LinkId, person_id.bucket)
    await tx.execute(
        """
        insert into accounts.links (bucket, id, person_id, purpose, email, old_email, created_at, expires_at)
        values ($1, $2, $3, $4, $5, $6, $7, $8)
        """,
        link_id.bucket,
        link_id,
        person_id,
        purpose,
        email,
        old_email,
        tx.now,
        tx.now + _good_for(tx.given(AccountRules), purpose),
    )
    return link_id


async def void_links(tx: Tx, person_id: PersonId, *purposes: LinkPurpose) -> None:
    """Forget the unused links of a person for these purposes, all where none is named."""
    await tx.execute(
        """
        delete from accounts.links where bucket = $1 and person_id = $2 and used_at is null
           and (cardinality($3::text[]) = 0 or purpose = any($3))
        """,
        person_id.bucket,
        person_id,
        list(purposes),
    )


async def use_link(tx: Tx, token: str, purpose: LinkPurpose) -> Link:
    """Use a link up; of two at the same moment one gets it.

    Raises:
        LinkNotGood: forged, used, expired, replaced, or meant for something else.
    """
    link_id = read_link_token(tx, token, purpose)
    if link_id is None:
        raise LinkNotGood
    row = await tx.row(
        """
        update accounts.links set used_at = $4
         where bucket = $1 and id = $2 and purpose = $3 and used_at is null and expires_at > $4
        returning id, person_id, purpose, email, old_email, expires_at, used_at
        """,
        link_id.bucket,
        link_id,
        purpose,
        tx.now,
    )
    if row is None:
        raise LinkNotGood
    return link_from(row)


async def forget_old_links(tx: Tx, limit: int = 5000) -> int:
    """Forget links a week after they have expired: a letter about them has been written by then."""
    return await tx.execute(
        """
        delete from accounts.links where (bucket, id) in (
          select bucket, id from accounts.links where expires_at < $1 limit $2)
        """,
        tx.now - timedelta(days=7),
        limit,
    )


def _good_for(rules: AccountRules, purpose: LinkPurpose) -> timedelta:
    return {
        LinkPurpose.VERIFY: timedelta(hours=rules.verify_hours),
        LinkPurpose.RESET: timedelta(minutes=rules.reset_minutes),
        LinkPurpose.CHANGE: timedelta(hours=rules.change_hours),
    }[purpose]
