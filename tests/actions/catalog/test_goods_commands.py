"""`fairground import`, `export` and `import-taxonomy`, as programs of their own."""

import asyncio
import csv
import json
import os
import sys
from pathlib import Path
from typing import Any

from fairground.kit.db import Database
from fairground.kit.storage import open_storage
from fairground.market.catalog.actions.change import change_product
from fairground.market.catalog.model import Picture, ProductChange
from tests.support.catalog import make_product, make_shirt
from tests.support.exchange import products_of
from tests.support.media import make_picture
from tests.support.shops import MARKET, make_shop

GOODS = "Handle,Title,Variant Price\nmug,Mug,19.90\nbowl,Bowl,free\n"


async def fairground(dsn: str, folder: Path, *words: str) -> tuple[int, str, str]:
    """Run the program against a database."""
    environment = {**os.environ, "DATABASE_URL": dsn, "FAIRGROUND_DATA": str(folder / "market")}
    (folder / "market").mkdir(exist_ok=True)
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "fairground", *words,
        env=environment, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.PIPE,
    )  # fmt: skip
    out, err = await process.communicate()
    return process.returncode or 0, out.decode(), err.decode()


async def report(dsn: str, folder: Path, *words: str) -> Any:
    code, out, err = await fairground(dsn, folder, *words, "--json")
    assert code == 0, err
    return json.loads(out)


async def test_import_tells_each_line_it_refused(db: Database, dsn: str, tmp_path: Path) -> None:
    shop = await make_shop(db, slug="tea-house")
    (tmp_path / "goods.csv").write_text(GOODS, "utf-8")
    words = ("import", str(tmp_path / "goods.csv"), "--shop", "tea-house", "--format", "shopify")
    dry = await report(dsn, tmp_path, *words, "--dry-run")
    assert (dry["created"], dry["dry_run"]) == (1, True)
    assert await products_of(db, shop) == {}
    code, out, _ = await fairground(dsn, tmp_path, *words)
    assert code == 0
    assert "refused line 3 [Variant Price]: “free” is no number. (exchange.number)" in out
    assert "1 products created, 0 updated, 0 unchanged; 1 lines refused" in out
    assert set(await products_of(db, shop)) == {"mug"}
    again = await report(dsn, tmp_path, *words)
    assert (again["unchanged"], again["refused"][0]["line"]) == (1, 3)


async def test_what_cannot_be_done_is_one_line_and_a_code(db: Database, dsn: str, tmp_path: Path) -> None:
    await make_shop(db, slug="tea-house")
    (tmp_path / "goods.csv").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(500))
    file = str(tmp_path / "goods.csv")
    for words, said in (
        (("import", file, "--shop", "tea-house", "--format", "shopify"), "no table of goods but a picture"),
        (("import", file, "--shop", "no-such", "--format", "shopify"), "There is no such shop."),
        (("import", file, "--shop", "tea-house", "--format", "excel"), "expected one of shopify"),
        (("import", str(tmp_path / "none.csv"), "--shop", "tea-house", "--format", "shopify"), "no such file"),
        (("export", "--shop", "tea-house", "--to", str(tmp_path)), "expected a new or an empty folder"),
        (("import-taxonomy", file), "no text in UTF-8"),
    ):
        code, _, err = await fairground(dsn, tmp_path, *words)
        assert code != 0
        assert said in err
        assert len(err.strip().splitlines()) == 1, err


async def test_export_writes_all_a_shop_owns_and_its_goods_come_back(db: Database, dsn: str, tmp_path: Path) -> None:
    shop, other = await make_shop(db, slug="tea-house"), await make_shop(db, slug="new-house")
    storage = open_storage(str(tmp_path / "market" / "media"))
    mug = await make_product(db, shop, title="=Mug", handle="mug")
    await make_shirt(db, shop)
    picture = await make_picture(db, storage, shop.id)
    change = ProductChange(pictures=[Picture(picture, "Front")])
    await db.write(MARKET, lambda tx: change_product(tx, mug.id, change))
    done = await report(dsn, tmp_path, "export", "--shop", "tea-house", "--to", str(tmp_path / "out"))
    assert (done["products"], done["variants"], done["pictures"]) == (2, 5, 1)
    names = {path.name for path in (tmp_path / "out").iterdir()}
    assert {"README.txt", "shop.json", "goods.csv", "goods.jsonl", "orders.csv", "coupons.jsonl"} <= names
    rows = list(csv.reader((tmp_path / "out" / "goods.csv").open(encoding="utf-8-sig", newline="")))
    assert "'=Mug" in rows[1]
    assert json.loads((tmp_path / "out" / "shop.json").read_text())["slug"] == "tea-house"
    words = ("import", str(tmp_path / "out" / "goods.csv"), "--format", "fairground", "--shop")
    again = await report(dsn, tmp_path, *words, "tea-house")
    assert (again["unchanged"], again["refused_count"]) == (2, 0)
    moved = await report(dsn, tmp_path, *words, "new-house")
    assert moved["created"] == 2
    found = await products_of(db, other)
    assert found["mug"].title == "=Mug"
    assert [p.alt for p in found["mug"].pictures] == ["Front"]  # read from beside the file


async def test_a_taxonomy_is_taken_in(db: Database, dsn: str, tmp_path: Path) -> None:
    file = tmp_path / "categories.txt"
    file.write_text(
        "# Shopify\ngid://shopify/TaxonomyCategory/hg : Home & Garden\n"
        "gid://shopify/TaxonomyCategory/hg-1 : Home & Garden > Decor\n",
        "utf-8",
    )
    assert await report(dsn, tmp_path, "import-taxonomy", str(file)) == {"created": 2, "updated": 0}
    assert await report(dsn, tmp_path, "import-taxonomy", str(file)) == {"created": 0, "updated": 2}
