"""How fast a merchant's file of 100,000 lines becomes products, and in how much memory; then the same file again.

The file is Shopify's: products of five variants, every second one counted, with HTML descriptions. It goes through the
command `fairground import` in a process of its own, into a new database. The yardstick: the same lines read by `csv`
and copied as they are into one table of the same database.
"""

import asyncio
import csv
import json
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import asyncpg

from fairground.adapters.postgres.embedded import EmbeddedPostgres
from fairground.app.schema import MIGRATIONS
from fairground.cli.bench.frame import Result, result
from fairground.kit.actor import system
from fairground.kit.clock import Clock
from fairground.kit.db import Database
from fairground.kit.ids import IdMaker
from fairground.kit.migrations import migrate
from fairground.market.accounts.actions.registration import Registration, register_person
from fairground.market.shops.actions.opening import open_shop
from fairground.market.shops.model import ShopDraft

SHOP = "bench"
VARIANTS = 5
MEMORY_MOST = 400
HEADER = (
    "Handle,Title,Body (HTML),Vendor,Type,Tags,Published,Option1 Name,Option1 Value,Option2 Name,Option2 Value,"
    "Variant SKU,Variant Grams,Variant Inventory Tracker,Variant Inventory Qty,Variant Inventory Policy,Variant Price,"
    "Variant Compare At Price,Variant Barcode,Image Src,Status"
)


def measure(*, rows: int = 100_000) -> Result:
    """Import a file of so many lines, twice."""
    with tempfile.TemporaryDirectory(prefix="fairground-bench-", dir="/var/tmp", ignore_cleanup_errors=True) as name:
        os.chmod(name, 0o711)  # noqa: S103 - root's database runs as another user, who must reach it
        folder = Path(name)
        server = EmbeddedPostgres(folder / "data")
        server.start()
        try:
            file = write_file(folder / "goods.csv", rows)
            asyncio.run(_prepare(server.dsn))
            first = _import(server.dsn, folder, file)
            again = _import(server.dsn, folder, file)
            yardstick = asyncio.run(_copy(server.dsn, file))
        finally:
            server.stop()
    products = -(-rows // VARIANTS)
    per_second = round(rows / first["seconds"])
    figures = {
        "rows": rows,
        "products": products,
        "rows_per_second": per_second,
        "products_per_second": round(products / first["seconds"]),
        "seconds": first["seconds"],
        "again_rows_per_second": round(rows / again["seconds"]),
        "peak_mib": first["peak_mib"],
        "again_peak_mib": again["peak_mib"],
    }
    checks = {
        "all_created": first["created"] == products and first["refused_count"] == 0,
        "again_unchanged": again["unchanged"] == products and again["created"] == 0,
        f"within_{MEMORY_MOST}_mib": max(first["peak_mib"], again["peak_mib"]) <= MEMORY_MOST,
    }
    return result(
        "import",
        figures,
        yardstick={"rows_per_second": yardstick},
        ratio=per_second / yardstick,
        checks=checks,
    )


def write_file(path: Path, rows: int) -> Path:
    """Write the file."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADER.split(","))
        for n in range(rows):
            product, variant = divmod(n, VARIANTS)
            first = variant == 0
            writer.writerow(
                [
                    f"thing-{product}",
                    f"Thing number {product}, made by hand" if first else "",
                    f"<p>A thing of which there are <b>{product}</b> others, each a little different.</p>" * 3
                    if first
                    else "",
                    "Maker" if first else "",
                    "Home" if first else "",
                    "",
                    "true" if first else "",
                    "Size",
                    f"{variant + 1}",
                    "Colour",
                    "Red",
                    f"T-{product}-{variant}",
                    str(100 + variant),
                    "shopify" if product % 2 else "",
                    str(n % 50),
                    "deny",
                    f"{10 + n % 90}.{n % 100:02}",
                    "",
                    "",
                    "",
                    "active" if first else "",
                ]
            )
    return path


async def _prepare(dsn: str) -> None:
    await migrate(dsn, MIGRATIONS)
    db = Database(dsn, clock=Clock(), ids=IdMaker(63), connections=2)
    await db.open()
    owner = Registration("bench@example.org", "", "Bench", "en")
    person = await db.write(system("bench"), lambda tx: register_person(tx, owner, "never chosen"))
    draft = ShopDraft(name="Bench", slug=SHOP)
    await db.write(system("bench"), lambda tx: open_shop(tx, person.id, draft))
    await db.close()


def _import(dsn: str, folder: Path, file: Path) -> dict[str, Any]:
    command = [sys.executable, "-m", "fairground", "import", str(file), "--shop", SHOP, "--format", "shopify", "--json"]
    environment = {**os.environ, "DATABASE_URL": dsn, "FAIRGROUND_DATA": str(folder / "market")}
    (folder / "market").mkdir(exist_ok=True)
    with (folder / "report.json").open("w+") as report:
        started = time.monotonic()
        process = subprocess.Popen(command, env=environment, stdout=report)
        _, status, usage = os.wait4(process.pid, 0)
        seconds = time.monotonic() - started
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode:
            raise RuntimeError("the import failed")
        report.seek(0)
        answer = json.load(report)
    return {**answer, "seconds": round(seconds, 2), "peak_mib": usage.ru_maxrss // 1024}


async def _copy(dsn: str, file: Path) -> int:
    conn: Any = await asyncpg.connect(dsn)
    try:
        columns = ", ".join(f"c{n} text" for n in range(len(HEADER.split(","))))
        words = f"create table public.yardstick ({columns})"
        await conn.execute(words)
        started = time.monotonic()
        with file.open(encoding="utf-8", newline="") as opened:
            reader = csv.reader(opened)
            next(reader)
            rows = [tuple(row) for row in reader]
        await conn.copy_records_to_table("yardstick", records=rows, schema_name="public")
        return round(len(rows) / (time.monotonic() - started))
    finally:
        await conn.close()
