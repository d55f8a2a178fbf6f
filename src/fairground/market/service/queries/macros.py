"""Reads of the desk's tools: ready answers, and who sees to which queue."""

from fairground.kit.db import Reader, Row
from fairground.kit.ids import Id
from fairground.market.service.errors import MacroNotFound
from fairground.market.service.model.tickets import Macro, MacroId, Queue


async def list_macros(reader: Reader, queue: Queue | None = None) -> list[Macro]:
    """List the ready answers, those of a queue and those of all queues."""
    rows = await reader.rows(
        """
        select id, title, queue, words_en, words_zh from service.macros
         where $1::text is null or queue is null or queue = $1 order by title limit 500
        """,
        queue,
    )
    return [macro_from(row) for row in rows]


async def get_macro(reader: Reader, macro_id: MacroId) -> Macro:
    """Get a ready answer.

    Raises:
        MacroNotFound
    """
    row = await reader.row("select id, title, queue, words_en, words_zh from service.macros where id = $1", macro_id)
    if row is None:
        raise MacroNotFound
    return macro_from(row)


async def list_skills(reader: Reader, person_id: Id) -> set[Queue]:
    """List the queues that one of the staff sees to; nobody who chose none sees to nothing: to all."""
    rows = await reader.rows("select queue from service.skills where person_id = $1", person_id)
    return {Queue(row["queue"]) for row in rows}


def macro_from(row: Row) -> Macro:
    """Build a ready answer from its row."""
    return Macro(
        MacroId(row["id"]),
        row["title"],
        None if row["queue"] is None else Queue(row["queue"]),
        row["words_en"],
        row["words_zh"],
    )
