"""Report a listing, a shop, a review or a conversation; the desk decides a whole pile at once."""

from datetime import timedelta
from typing import Final

from fairground.kit.db import Tx
from fairground.kit.errors import N_, Findings, invalid
from fairground.kit.events import publish
from fairground.kit.ids import Id
from fairground.kit.rate_limit import RateScale
from fairground.kit.safe_text import clean_text
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.catalog.actions.holding import hold_product
from fairground.market.catalog.actions.state import take_down_product
from fairground.market.catalog.model import ProductId, ProductState
from fairground.market.catalog.queries import get_product, map_product_cards
from fairground.market.justice.errors import AlreadyReported, OwnInterest, ReportDecided, ReportNotFound, TooManyReports
from fairground.market.justice.events import ReportsDecided
from fairground.market.justice.model.reports import (
    OUTCOMES,
    Pile,
    PileId,
    ReportOutcome,
    ReportRules,
    ReportWhy,
    Subject,
    SubjectKind,
)
from fairground.market.justice.queries.reports import get_pile, pile_from
from fairground.market.reviews.actions.removing import remove_review
from fairground.market.reviews.model import ReviewId
from fairground.market.reviews.queries import get_review
from fairground.market.service.model.chat import Side, ThreadId
from fairground.market.service.queries.chat import get_thread_of_either
from fairground.market.shops.actions.doors import enter_desk
from fairground.market.shops.actions.state import suspend_shop
from fairground.market.shops.model import ShopId, ShopState
from fairground.market.shops.queries import map_shops, role_in

A_WHILE: Final = 3600  # seconds
TITLE_MOST: Final = 200
Whose = tuple[str, Id | None, Id | None]  # title, shop, person


async def report(tx: Tx, subject: Subject, why: ReportWhy, words: str = "") -> Pile:
    """Report something as the actor, who must be a person; once, while the desk has not decided.

    Raises:
        ReportNotFound: there is nothing of the kind for this person.
        AlreadyReported, TooManyReports
        Invalid: there are too many words, or none where the reason says nothing.
    """
    who = tx.actor.person_id
    assert who is not None, "a person reports"
    words = _check_words(tx, words, required=why is ReportWhy.OTHER)
    rules, scale = tx.given(ReportRules), tx.given(RateScale).scale
    today = await tx.value(
        "select count(*) from justice.reporters where bucket = $1 and person_id = $2 and made_at > $3",
        who.bucket,
        who,
        tx.now - timedelta(days=1),
    )
    if int(today) >= rules.a_day * scale:
        raise TooManyReports(retry_after=A_WHILE, day=rules.a_day)
    return await _add(tx, who, subject, await whose(tx, subject), (why, words))


def _check_words(tx: Tx, words: str, *, required: bool) -> str:
    words, findings, most = clean_text(words), Findings(), tx.given(ReportRules).words_most
    findings.check(bool(words) or not required, "/words", "required", N_("Please say in your words what is wrong."))
    findings.check(len(words) <= most, "/words", "too_long", N_("At most %(most)d characters."), most=most)
    findings.raise_any()
    return words


async def whose(tx: Tx, subject: Subject) -> Whose:
    """Tell what is reported, and whose it is, as far as the actor may see it.

    Raises:
        ReportNotFound
    """
    match subject.kind:
        case SubjectKind.PRODUCT:
            cards = await map_product_cards(tx, [ProductId(subject.id)])
            found = [(card.title, Id(card.shop_id)) for card in cards.values() if card.on_sale]
        case SubjectKind.SHOP:
            shops = await map_shops(tx, [ShopId(subject.id)])
            seen = {ShopState.OPEN, ShopState.HOLIDAY}
            found = [(shop.name, Id(shop.id)) for shop in shops.values() if shop.state in seen]
        case SubjectKind.REVIEW:
            review = await get_review(tx, ReviewId(subject.id))
            return review.title, None, Id(review.buyer_id)
        case SubjectKind.MESSAGE:
            return await _other_side(tx, ThreadId(subject.id))
    if not found:
        raise ReportNotFound
    title, shop_id = found[0]
    return title, shop_id, None


async def _other_side(tx: Tx, thread_id: ThreadId) -> Whose:
    thread, side = await get_thread_of_either(tx, thread_id, tx.actor)
    if side is Side.HOUSE:
        return thread.last_words[:TITLE_MOST], None, thread.person_id
    return thread.last_words[:TITLE_MOST], None if thread.is_with_market else Id(thread.inbox_id), None


async def _add(tx: Tx, who: Id, subject: Subject, about: Whose, said: tuple[ReportWhy, str]) -> Pile:
    title, shop_id, person_id = about
    row = await tx.row(
        """
        insert into justice.reported
               (bucket, id, kind, subject_id, shop_id, person_id, title, state, reports, first_at, last_at)
        values ($1, $2, $3, $4, $5, $6, $7, 'open', 1, $8, $8)
        on conflict (bucket, kind, subject_id) where state = 'open'
        do update set reports = justice.reported.reports + 1, last_at = excluded.last_at,
                      version = justice.reported.version + 1
        returning *
        """,
        subject.id.bucket,
        tx.new_id(PileId, subject.id.bucket),
        subject.kind,
        subject.id,
        shop_id,
        person_id,
        title,
        tx.now,
    )
    assert row is not None
    pile = pile_from(row)
    added = await tx.execute(
        """
        insert into justice.reports (bucket, pile_id, person_id, why, words, made_at) values ($1, $2, $3, $4, $5, $6)
        on conflict do nothing
        """,
        pile.id.bucket,
        pile.id,
        who,
        *said,
        tx.now,
    )
    if not added:
        raise AlreadyReported
    await tx.execute(
        "insert into justice.reporters (bucket, person_id, pile_id, made_at) values ($1, $2, $3, $4)",
        who.bucket,
        who,
        pile.id,
        tx.now,
    )
    return pile


async def decide_reports(tx: Tx, pile_id: PileId, outcome: ReportOutcome, reason: str) -> Pile:
    """Decide all reports of one thing, with a reason; what is to happen to it happens at once. Logged.

    Raises:
        StaffOnly, ReportNotFound
        OwnInterest: the clerk reported it, wrote it, or works in the shop.
        ReportDecided: somebody was quicker.
        Invalid: no reason, or an outcome that does not fit.
    """
    enter_desk(tx)
    reason = _check_words(tx, reason, required=True)
    pile = await get_pile(tx, pile_id)
    await _refuse_own_interest(tx, pile)
    if outcome not in OUTCOMES[pile.subject.kind]:
        raise invalid("/outcome", "unknown", N_("That cannot be done with this."))
    row = await tx.row(
        """
        update justice.reported
           set state = 'closed', outcome = $3, reason = $4, decided_by = $5, decided_at = $6, version = version + 1
         where bucket = $1 and id = $2 and state = 'open' returning *
        """,
        pile_id.bucket,
        pile_id,
        outcome,
        reason,
        tx.actor.person_id,
        tx.now,
    )
    if row is None:
        raise ReportDecided
    await _carry_out(tx, pile, outcome, reason)
    await log_deed(tx, f"justice.reports_{outcome}", pile.subject.id, reason)
    await publish(tx, ReportsDecided(pile_id=pile_id, outcome=outcome, version=row["version"]))
    return pile_from(row)


async def _refuse_own_interest(tx: Tx, pile: Pile) -> None:
    who = tx.actor.person_id
    if who is None:
        return
    reported = await tx.value(
        "select exists (select 1 from justice.reports where bucket = $1 and pile_id = $2 and person_id = $3)",
        pile.id.bucket,
        pile.id,
        who,
    )
    works = pile.shop_id is not None and await role_in(tx, ShopId(pile.shop_id), who) is not None
    if reported or works or who == pile.person_id:
        raise OwnInterest


async def _carry_out(tx: Tx, pile: Pile, outcome: ReportOutcome, reason: str) -> None:
    """Let the decision have its way; a warning is a letter, and a no changes nothing."""
    if outcome in {ReportOutcome.DISMISS, ReportOutcome.WARN}:
        return
    match pile.subject.kind:
        case SubjectKind.PRODUCT if outcome is ReportOutcome.REMOVE:
            await hold_product(tx, ProductId(pile.subject.id), pile.id, reason)
        case SubjectKind.PRODUCT:
            product = await get_product(tx, ProductId(pile.subject.id))
            if product.state is ProductState.ON_SALE:
                await take_down_product(tx, product.id, reason[:1000])
        case SubjectKind.SHOP:
            await suspend_shop(tx, ShopId(pile.subject.id), reason[:1000])
        case SubjectKind.REVIEW:
            await remove_review(tx, ReviewId(pile.subject.id), reason)
