"""The desk's tools: ready answers, and who sees to which queue."""

from collections.abc import Iterable

from fairground.kit.db import Tx
from fairground.kit.errors import N_, Findings, invalid
from fairground.kit.safe_text import clean_line
from fairground.market.accounts.actions.staff import log_deed
from fairground.market.service.errors import MacroNotFound
from fairground.market.service.model.tickets import Macro, MacroId, Queue, TicketRules, check_macro
from fairground.market.service.queries.macros import macro_from
from fairground.market.shops.errors import StaffOnly


async def put_macro(
    tx: Tx, title: str, words_en: str, words_zh: str, queue: Queue | None = None, macro_id: MacroId | None = None
) -> Macro:
    """Write a ready answer, or change one.

    Raises:
        StaffOnly, MacroNotFound
        Invalid: a text is missing, too long, asks for an unknown field; or the title is taken.
    """
    _need_staff(tx)
    rules, findings, title = tx.given(TicketRules), Findings(), clean_line(title)
    findings.check(0 < len(title) <= rules.subject_most, "/title", "required", N_("A short title, please."))
    words_en = check_macro(findings, words_en, "/words_en", rules)
    words_zh = check_macro(findings, words_zh, "/words_zh", rules)
    findings.raise_any()
    taken = await tx.value(
        "select id from service.macros where title = $1 and id is distinct from $2::bigint", title, macro_id
    )
    if taken is not None:
        raise invalid("/title", "taken", N_("There is a ready answer of this title."))
    macro = Macro(macro_id or tx.new_id(MacroId, 0), title, queue, words_en, words_zh)
    return await _store(tx, macro, is_new=macro_id is None)


async def _store(tx: Tx, macro: Macro, *, is_new: bool) -> Macro:
    row = await tx.row(
        """
        insert into service.macros (id, title, queue, words_en, words_zh, changed_by, changed_at)
        select $1, $2, $3, $4, $5, $6, $7 where $8 or exists (select 1 from service.macros where id = $1)
        on conflict (id) do update
           set title = excluded.title, queue = excluded.queue, words_en = excluded.words_en,
               words_zh = excluded.words_zh, changed_by = excluded.changed_by, changed_at = excluded.changed_at
        returning id, title, queue, words_en, words_zh
        """,
        macro.id,
        macro.title,
        macro.queue,
        macro.words_en,
        macro.words_zh,
        tx.actor.person_id,
        tx.now,
        is_new,
    )
    if row is None:
        raise MacroNotFound
    await log_deed(tx, "service.put_macro", macro.id, macro.title)
    return macro_from(row)


async def drop_macro(tx: Tx, macro_id: MacroId) -> None:
    """Throw a ready answer away.

    Raises:
        StaffOnly, MacroNotFound
    """
    _need_staff(tx)
    if not await tx.execute("delete from service.macros where id = $1", macro_id):
        raise MacroNotFound
    await log_deed(tx, "service.drop_macro", macro_id)


async def choose_skills(tx: Tx, queues: Iterable[Queue]) -> None:
    """Say which queues one sees to; none means all.

    Raises:
        StaffOnly
    """
    _need_staff(tx)
    await tx.execute("delete from service.skills where person_id = $1", tx.actor.person_id)
    await tx.execute(
        "insert into service.skills (person_id, queue) select $1, q from unnest($2::text[]) as t(q)",
        tx.actor.person_id,
        sorted(set(queues)),
    )


def _need_staff(tx: Tx) -> None:
    if not tx.actor.is_staff:
        raise StaffOnly
