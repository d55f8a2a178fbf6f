"""Ask for an import, keep its tally, end it."""

from collections.abc import Sequence
from datetime import timedelta

import asyncpg
import msgspec

from fairground.kit.db import Row, Tx
from fairground.kit.errors import N_
from fairground.kit.ids import Id
from fairground.kit.jobs import enqueue
from fairground.market.catalog.exchange.errors import ImportNotFound, ImportRunning
from fairground.market.catalog.exchange.model import (
    ExchangeRules,
    FileFormat,
    Import,
    ImportId,
    Refusal,
    Told,
)
from fairground.market.catalog.exchange.queries import import_from
from fairground.market.shops.actions.doors import enter
from fairground.market.shops.model import ShopId
from fairground.market.shops.policy import may_manage_goods

RUN = "catalog.run_import"
BROKEN_OFF = N_("The program that read the file was broken off. What was taken is done; the file may be sent again.")


class Upload(msgspec.Struct, frozen=True):
    """A file that lies in the storage under a key, or on this machine with None."""

    format: FileFormat
    file_name: str
    file_key: str | None
    is_dry_run: bool = False


class Tally(msgspec.Struct):
    """What came of some products of a file."""

    products: int = 0
    line: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    pictures_asked: int = 0
    refusals: list[Refusal] = []


async def request_import(tx: Tx, shop_id: ShopId, upload: Upload) -> Import:
    """Ask that a file be imported, by a job; a file of this machine is run by who asks.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed
        ImportRunning: another one of this shop is not over yet.
    """
    await enter(tx, shop_id, may_manage_goods)
    await _end_broken_off(tx, shop_id)
    import_id = tx.new_id(ImportId, shop_id.bucket)
    try:
        async with tx.savepoint():
            row = await tx.row(
                """
                insert into catalog.imports
                       (bucket, id, shop_id, format, file_name, file_key, is_dry_run, state, asked_by, asked_at,
                        moved_at)
                values ($1, $2, $3, $4, $5, $6, $7, 'queued', $8, $9, $9) returning *
                """,
                shop_id.bucket,
                import_id,
                shop_id,
                upload.format,
                upload.file_name[:200],
                upload.file_key,
                upload.is_dry_run,
                tx.actor.person_id,
                tx.now,
            )
    except asyncpg.UniqueViolationError:
        raise ImportRunning from None
    if upload.file_key is not None:
        await enqueue(tx, RUN, {"id": import_id, "shop_id": shop_id}, once_as=f"{RUN}:{import_id}")
    assert row is not None
    return import_from(row)


async def _end_broken_off(tx: Tx, shop_id: ShopId) -> None:
    """End an import of a file of some machine whose program is gone; those of the worker go on by themselves."""
    await tx.execute(
        """
        update catalog.imports set state = 'failed', trouble = $3, done_at = $4
         where bucket = $1 and shop_id = $2 and state in ('queued', 'running') and file_key is null and moved_at < $5
        """,
        shop_id.bucket,
        shop_id,
        msgspec.to_builtins(Told("exchange.broken_off", BROKEN_OFF)),
        tx.now,
        tx.now - timedelta(minutes=tx.given(ExchangeRules).broken_off_minutes),
    )


async def repeat_import(tx: Tx, shop_id: ShopId, import_id: ImportId) -> Import:
    """Import for real the file of a dry run.

    Raises:
        ShopNotFound, RoleTooSmall, ShopClosed, ImportRunning
        ImportNotFound: there is no such dry run, or its file is gone by now.
    """
    await enter(tx, shop_id, may_manage_goods)
    row = await tx.row(
        """
        with taken as (
          select file_key, format, file_name from catalog.imports
           where bucket = $1 and id = $2 and shop_id = $3 and is_dry_run and file_key is not null
             and state in ('done', 'failed') for update),
        given as (
          update catalog.imports set file_key = null
           where bucket = $1 and id = $2 and exists (select 1 from taken) returning id)
        select file_key, format, file_name from taken where exists (select 1 from given)
        """,
        shop_id.bucket,
        import_id,
        shop_id,
    )
    if row is None:
        raise ImportNotFound
    return await request_import(tx, shop_id, Upload(FileFormat(row["format"]), row["file_name"], row["file_key"]))


async def start_import(tx: Tx, import_id: ImportId, lines_all: int) -> Row | None:
    """Begin an import, or go on with one that was interrupted; None where it is over. Gives its row."""
    return await tx.row(
        """
        update catalog.imports set state = 'running', lines_all = $3, moved_at = $4
         where bucket = $1 and id = $2 and state in ('queued', 'running') returning *
        """,
        import_id.bucket,
        import_id,
        lines_all,
        tx.now,
    )


async def note_tally(tx: Tx, import_id: ImportId, tally: Tally) -> None:
    """Add what came of some products, in the transaction that took them."""
    refused = sum(not refusal.is_note for refusal in tally.refusals)
    written = await tx.value(
        """
        update catalog.imports
           set products = products + $3, lines = greatest(lines, $4), created = created + $5, updated = updated + $6,
               unchanged = unchanged + $7, refused = refused + $8, notes = notes + $9,
               pictures_asked = pictures_asked + $10, moved_at = $11
         where bucket = $1 and id = $2 returning refused + notes
        """,
        import_id.bucket,
        import_id,
        tally.products,
        tally.line,
        tally.created,
        tally.updated,
        tally.unchanged,
        refused,
        len(tally.refusals) - refused,
        tally.pictures_asked,
        tx.now,
    )
    room = tx.given(ExchangeRules).reported_most - (written - len(tally.refusals))
    await write_refusals(tx, import_id, tally.refusals[: max(0, room)])


async def write_refusals(tx: Tx, import_id: ImportId, refusals: Sequence[Refusal]) -> None:
    """Write down refused lines, or notes."""
    if not refusals:
        return
    await tx.execute(
        """
        insert into catalog.import_refusals (bucket, import_id, id, line, field, code, message, params, is_note)
        select $1, $2, i, l, f, c, m, p, n
          from unnest($3::bigint[], $4::int[], $5::text[], $6::text[], $7::text[], $8::jsonb[], $9::boolean[])
               as t(i, l, f, c, m, p, n)
        """,
        import_id.bucket,
        import_id,
        [tx.new_id(Id, import_id.bucket) for _ in refusals],
        [refusal.line for refusal in refusals],
        [refusal.field[:200] for refusal in refusals],
        [refusal.code for refusal in refusals],
        [refusal.message for refusal in refusals],
        [refusal.params for refusal in refusals],
        [refusal.is_note for refusal in refusals],
    )


async def finish_import(tx: Tx, import_id: ImportId, trouble: Told | None = None) -> str | None:
    """End an import, well or with its trouble; gives the key of a file that nobody needs any more."""
    row = await tx.row(
        """
        with old as (select file_key from catalog.imports where bucket = $1 and id = $2)
        update catalog.imports i
           set state = $3, trouble = $4, done_at = $5, lines = case when $3 = 'done' then lines_all else lines end,
               file_key = case when is_dry_run and $3 = 'done' then i.file_key end
          from old where i.bucket = $1 and i.id = $2 and i.state in ('queued', 'running')
        returning old.file_key as had, i.file_key as has
        """,
        import_id.bucket,
        import_id,
        "done" if trouble is None else "failed",
        None if trouble is None else msgspec.to_builtins(trouble),
        tx.now,
    )
    return None if row is None or row["has"] is not None else row["had"]


async def forget_file(tx: Tx, import_id: ImportId) -> None:
    """Note that an import's file is gone."""
    await tx.execute(
        "update catalog.imports set file_key = null where bucket = $1 and id = $2", import_id.bucket, import_id
    )


async def forget_import(tx: Tx, import_id: ImportId) -> None:
    """Forget an import that is over, with its report."""
    await tx.execute(
        "delete from catalog.imports where bucket = $1 and id = $2 and state in ('done', 'failed')",
        import_id.bucket,
        import_id,
    )
