"""What the statistics find is put before the desk; a clerk looks and decides with a reason. Nothing goes by itself."""

from collections.abc import Sequence

from fairground.kit.db import Tx
from fairground.kit.errors import N_, Findings
from fairground.kit.ids import Id
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.reviews.actions.removing import check_apart, remove_review
from fairground.market.reviews.errors import FlagDecided
from fairground.market.reviews.model import Flag, FlagId, FlagState, Oddity, ReviewId, ReviewRules, check_words
from fairground.market.reviews.queries.flags import flag_from, get_flag, map_reviews
from fairground.market.shops.actions.doors import enter_desk


async def note_oddities(tx: Tx, found: Sequence[Oddity]) -> int:
    """Put what is new before the desk; gives how many. What was decided is not asked again, unless it has grown."""
    return sum([await _note(tx, one) for one in found])


async def _note(tx: Tx, one: Oddity) -> bool:
    rows = await tx.rows(
        "select * from reviews.flags where kind = $1 and reviews && $2 order by id for update", one.kind, one.reviews
    )
    known = [flag_from(row) for row in rows]
    if set(one.reviews) <= {review_id for flag in known for review_id in flag.reviews}:
        return False
    waiting = next((flag for flag in known if flag.state is FlagState.OPEN), None)
    if waiting is not None:
        both = list(dict.fromkeys([*waiting.reviews, *one.reviews]))[: tx.given(ReviewRules).flag_size_most]
        await tx.execute(
            "update reviews.flags set reviews = $2, evidence = $3 where id = $1", waiting.id, both, one.evidence
        )
        return False
    await tx.execute(
        """
        insert into reviews.flags (id, kind, shop_id, reviews, evidence, found_at) values ($1, $2, $3, $4, $5, $6)
        """,
        tx.new_id(FlagId, one.reviews[0].bucket),
        one.kind,
        one.shop_id,
        one.reviews,
        one.evidence,
        tx.now,
    )
    return True


async def decide_flag(tx: Tx, flag_id: FlagId, remove: Sequence[ReviewId], reason: str) -> Flag:
    """Decide a flag: take some of its reviews away, or none, with words that are public where something goes.

    Raises:
        StaffOnly: the actor is none of the staff.
        OwnReview: the clerk is one of the sides.
        FlagNotFound, FlagDecided, Invalid
    """
    enter_desk(tx)
    flag, rules, findings = await get_flag(tx, flag_id), tx.given(ReviewRules), Findings()
    reason = check_words(findings, reason, "/reason", rules.rating_words_most, required=True)
    strange = set(remove) - set(flag.reviews)
    findings.check(not strange, "/reviews", "unknown", N_("The flag is not about one of these reviews."))
    findings.raise_any()
    reviews = await map_reviews(tx, list(flag.reviews))
    for buyer_id, shop_id in sorted({(Id(r.buyer_id), Id(r.shop_id)) for r in reviews.values()}):
        await check_apart(tx, buyer_id, shop_id)
    row = await tx.row(
        """
        update reviews.flags set state = $2, decided_by = $3, decided_at = $4, reason = $5
         where id = $1 and state = 'open' returning *
        """,
        flag_id,
        FlagState.REMOVED if remove else FlagState.KEPT,
        tx.actor.person_id,
        tx.now,
        reason,
    )
    if row is None:
        raise FlagDecided
    for review_id in sorted(set(remove)):
        if review_id in reviews and reviews[review_id].removed_at is None:
            await remove_review(tx, review_id, reason)
    await log_deed(tx, "reviews.decide_flag", flag_id, reason)
    return flag_from(row)
