"""An import that is broken off goes on where it ended; nothing is half written."""

import io

import pytest

from fairground.kit.actor import system
from fairground.kit.db import Database
from fairground.market.catalog.exchange import jobs as import_jobs
from fairground.market.catalog.exchange.actions import Upload, finish_import, request_import, start_import
from fairground.market.catalog.exchange.errors import ImportRunning
from fairground.market.catalog.exchange.model import ExchangeRules, FileFormat, ImportState
from fairground.market.catalog.exchange.queries import get_import
from fairground.market.catalog.exchange.runs import import_file, run_import
from tests.support.exchange import import_now, products_of, report_of, some_storage
from tests.support.inventory import assert_books_agree
from tests.support.shops import MARKET, make_shop
from tests.support.statements import StatementFailed, fail_at

GOODS = "Handle,Title,Variant Price\n" + "".join(f"p{n},P {n},{n if n % 5 else 'x'}\n" for n in range(1, 31))


async def test_it_goes_on_where_it_was_broken_off(db: Database) -> None:
    db.given._things[ExchangeRules] = ExchangeRules(batch=5)  # small batches, so that some are done by then
    shop, storage = await make_shop(db), some_storage()
    upload = Upload(FileFormat.SHOPIFY, "goods.csv", None)
    asked = await db.write(MARKET, lambda tx: request_import(tx, shop.id, upload))
    row = await db.write(MARKET, lambda tx: start_import(tx, asked.id, 0))
    assert row is not None
    told: list[int] = []

    def stop_after_two(line: int, _: int) -> None:
        told.append(line)
        if len(told) == 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await import_file(db, storage, row, io.BytesIO(GOODS.encode()), tell=stop_after_two)
    half = await db.read(lambda r: get_import(r, shop.id, asked.id))
    assert (half.state, half.created) == (ImportState.RUNNING, 10)
    row = await db.write(MARKET, lambda tx: start_import(tx, asked.id, 0))
    assert row is not None
    await import_file(db, storage, row, io.BytesIO(GOODS.encode()))
    await db.write(system("import"), lambda tx: finish_import(tx, asked.id))
    report = await report_of(db, shop.id, asked.id)
    assert (report.done.created, report.done.updated, report.done.products) == (24, 0, 24)
    assert [r.line for r in report.refused] == [6, 11, 16, 21, 26, 31]
    await assert_books_agree(db)


async def test_a_failing_statement_ends_it_with_a_reason_and_nothing_half_written(db: Database) -> None:
    shop = await make_shop(db)
    with fail_at(10_000) as seen:
        await import_now(db, shop, GOODS, FileFormat.SHOPIFY)
    statements = len(seen)
    other = await make_shop(db)
    for n in range(8, statements - 8, 3):  # within the batch: before it nothing is begun, after it all is done
        with fail_at(n):
            try:
                report = await import_now(db, other, GOODS, FileFormat.SHOPIFY)
            except StatementFailed:
                continue
        assert report.done.state is ImportState.FAILED
        found = await products_of(db, other)
        assert len(found) in {0, 24}, n
    await assert_books_agree(db)


async def test_a_file_of_a_program_that_is_gone_does_not_lock_the_shop(db: Database) -> None:
    from datetime import timedelta

    shop = await make_shop(db)
    upload = Upload(FileFormat.SHOPIFY, "goods.csv", None)
    first = await db.write(MARKET, lambda tx: request_import(tx, shop.id, upload))
    with pytest.raises(ImportRunning):
        await db.write(MARKET, lambda tx: request_import(tx, shop.id, upload))
    db.clock.move(timedelta(minutes=11))
    await db.write(MARKET, lambda tx: request_import(tx, shop.id, upload))
    gone = await db.read(lambda r: get_import(r, shop.id, first.id))
    assert gone.state is ImportState.FAILED
    assert gone.trouble is not None
    assert gone.trouble.code == "exchange.broken_off"


async def test_a_file_that_is_lost_is_told_and_old_reports_are_swept(db: Database) -> None:
    from datetime import timedelta

    shop, storage = await make_shop(db), some_storage()
    asked = await db.write(
        MARKET, lambda tx: request_import(tx, shop.id, Upload(FileFormat.SHOPIFY, "a.csv", "imports/gone"))
    )
    await run_import(db, storage, asked.id)
    failed = await db.read(lambda r: get_import(r, shop.id, asked.id))
    assert failed.trouble is not None
    assert failed.trouble.code == "exchange.file_gone"
    await storage.put("imports/dry", GOODS.encode(), "text/csv")
    dry = Upload(FileFormat.SHOPIFY, "b.csv", "imports/dry", is_dry_run=True)
    looked = await db.write(MARKET, lambda tx: request_import(tx, shop.id, dry))
    await run_import(db, storage, looked.id)
    assert (await db.read(lambda r: get_import(r, shop.id, looked.id))).can_repeat
    db.clock.move(timedelta(days=2))
    await import_jobs.tidy_imports(db, storage)
    assert not await storage.exists("imports/dry")
    assert not (await db.read(lambda r: get_import(r, shop.id, looked.id))).can_repeat
    db.clock.move(timedelta(days=100))
    assert await import_jobs.tidy_imports(db, storage) == 2
