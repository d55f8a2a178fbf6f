"""Taobao's data pack (淘宝助理): UTF-16, parted by tabs, three lines above the goods; pictures in a folder beside it.

`skuProps` is `price:pieces:code:pid:vid;pid:vid;` over and over; `picture` is `md5:status:position:pid:vid|address;`
with status 1 for those of the product and 2 for those of a property's value. Numbers of properties and values are
Taobao's own; their words stand in `propAlias`, or are among the common ones known here, or stay numbers.
"""

from collections.abc import Iterator
from typing import BinaryIO, Final

import msgspec

from fairground.kit.errors import N_
from fairground.market.catalog.exchange.building import (
    Draft,
    Row,
    finish,
    open_table,
    state_of,
    try_row,
)
from fairground.market.catalog.exchange.cells import BadCell, read_count, read_price, read_weight
from fairground.market.catalog.exchange.model import FileFormat, ReadPicture, ReadProduct, Refusal, Terms
from fairground.market.catalog.exchange.table import Line, Table
from fairground.market.catalog.model import Format, NewVariant

_KEYS: Final = (
    "title", "price", "num", "approve_status", "description", "picture", "skuProps", "inputPids", "inputValues",
    "outer_id", "propAlias", "num_id", "item_weight", "barcode", "sku_barcode",
)  # fmt: skip
_CAPTIONS: Final = {
    "title": "宝贝名称",
    "price": "宝贝价格",
    "num": "宝贝数量",
    "approve_status": "放入仓库",
    "description": "宝贝描述",
    "picture": "新图片",
    "skuProps": "销售属性组合",
    "inputPids": "用户输入ID串",
    "inputValues": "用户输入名-值对",
    "outer_id": "商家编码",
    "propAlias": "销售属性别名",
    "num_id": "数字ID",
    "item_weight": "物流重量",
    "barcode": "商品条形码",
    "sku_barcode": "sku 条形码",
}
COLUMNS: Final[dict[str, tuple[str, ...]]] = {key: (key, _CAPTIONS[key]) for key in _KEYS}
_PROPERTIES: Final = {"1627207": "颜色分类", "20509": "尺码", "20518": "尺码", "20549": "尺码", "122216343": "参考身高"}
_VALUES: Final = {
    "28320": "白色", "28321": "乳白色", "28324": "黄色", "28326": "红色", "28327": "酒红色", "28329": "紫色",
    "28332": "浅灰色", "28334": "灰色", "28335": "绿色", "28338": "蓝色", "28340": "深蓝色", "28341": "黑色",
    "30156": "天蓝色", "90554": "桔色", "107121": "透明", "130164": "花色", "3232478": "深灰色", "3232480": "粉红色",
    "4266701": "军绿色", "28313": "XS", "28314": "S", "28315": "M", "28316": "L", "28317": "XL", "28318": "XXL",
    "28383": "均码",
}  # fmt: skip


class _Sku(msgspec.Struct):
    price: str
    pieces: str
    code: str
    properties: list[tuple[str, str]]


def read_taobao(file: BinaryIO, terms: Terms) -> Iterator[ReadProduct | Refusal]:
    """Read a data pack.

    Raises:
        FileUnreadable
    """
    table = Table(file, [*COLUMNS, *_CAPTIONS.values()])
    if table.header and table.header[0].lower().startswith("version"):
        table = Table(file, [*COLUMNS, *_CAPTIONS.values()], skip=1)
    open_table(table, FileFormat.TAOBAO, ("title", "price", "num"), COLUMNS)
    for line in table.lines():
        if isinstance(line, Refusal):
            yield line
        elif line["title"] != _CAPTIONS["title"]:  # the captions stand below the keys
            yield from _read_product(line, table, terms)


def _read_product(line: Line, table: Table, terms: Terms) -> Iterator[ReadProduct | Refusal]:
    refusals: list[Refusal] = []
    draft = try_row(line, lambda: _draft(line, table, terms, refusals), refusals)
    if draft is not None:
        draft.is_whole = not any(not refusal.is_note for refusal in refusals)
    yield from refusals
    if draft is not None and draft.rows:
        yield finish(draft, _columns(table))


def _draft(line: Line, table: Table, terms: Terms, refusals: list[Refusal]) -> Draft:
    if not line["title"]:
        raise BadCell(table.name_of("title"), "required", N_("Please fill this in."))
    code = line["outer_id"] or (f"taobao-{line['num_id']}" if line["num_id"].strip("0") else f"taobao-{line['title']}")
    fields: dict[str, object] = {
        "title": line["title"],
        "description": line.raw("description"),
        "description_format": Format.HTML,
        "handle": code,
        "language": "zh-CN",
        "state": state_of(on_sale=line["approve_status"] != "2"),
    }
    main, by_value = _pictures(line["picture"])
    draft = Draft(line.number, fields, [], main)
    skus = _skus(line["skuProps"])
    if skus:
        names = _names(line)
        for at, sku in enumerate(skus):
            row = try_row(line, lambda sku=sku, at=at: _row(line, at, sku, names, by_value, table, terms), refusals)  # type: ignore[misc]
            if row is not None:
                draft.rows.append(row)
    else:
        draft.rows = [Row(line.number, _single(line, table, terms))]
    return draft


def _single(line: Line, table: Table, terms: Terms) -> NewVariant:
    return NewVariant(
        price=read_price(line["price"], table.name_of("price"), terms.currency),
        stock=max(0, read_count(line["num"] or "0", table.name_of("num"))),
        sku=line["outer_id"],
        barcode=line["barcode"],
        weight_grams=read_weight(line["item_weight"], table.name_of("item_weight"), "kg"),
    )


def _row(
    line: Line,
    at: int,
    sku: _Sku,
    names: dict[str, str],
    by_value: dict[str, str],
    table: Table,
    terms: Terms,
) -> Row:
    column = table.name_of("skuProps")
    barcodes = line["sku_barcode"].split(";")
    variant = NewVariant(
        price=read_price(sku.price, column, terms.currency),
        stock=max(0, read_count(sku.pieces or "0", column)),
        options={_property(pid, names): _value(pid, vid, names) for pid, vid in sku.properties},
        sku=sku.code,
        barcode=barcodes[at].strip() if at < len(barcodes) else "",
        weight_grams=read_weight(line["item_weight"], table.name_of("item_weight"), "kg"),
    )
    picture = next((by_value[f"{pid}:{vid}"] for pid, vid in sku.properties if f"{pid}:{vid}" in by_value), "")
    return Row(line.number, variant, picture)


def _skus(cell: str) -> list[_Sku]:
    """Cut the run of skus: a part of five or more pieces begins one, a part of two goes on with it."""
    found: list[_Sku] = []
    for part in cell.split(";"):
        pieces = part.split(":")
        if len(pieces) >= 5:
            # A merchant's code may hold a colon of its own: price and pieces lead, property and value end the part.
            code = ":".join(pieces[2:-2])
            found.append(_Sku(pieces[0], pieces[1], code, [(pieces[-2], pieces[-1])]))
        elif len(pieces) == 2 and found:
            found[-1].properties.append((pieces[0], pieces[1]))
    return found


def _names(line: Line) -> dict[str, str]:
    """Collect the merchant's words: `pid:vid` → value, `pid` → a property they named themselves."""
    names: dict[str, str] = {}
    for part in line["propAlias"].split(";"):
        pieces = part.split(":", 2)
        if len(pieces) == 3 and pieces[2].strip():
            names[f"{pieces[0]}:{pieces[1]}"] = pieces[2].strip()
    for pid, words in zip(line["inputPids"].split(","), line["inputValues"].split(","), strict=False):
        name = words.split(";")[0].strip()
        if pid.strip() and name:
            names.setdefault(pid.strip(), name)
    return names


def _property(pid: str, names: dict[str, str]) -> str:
    return _PROPERTIES.get(pid) or names.get(pid) or pid


def _value(pid: str, vid: str, names: dict[str, str]) -> str:
    return names.get(f"{pid}:{vid}") or _VALUES.get(vid) or vid


def _pictures(cell: str) -> tuple[list[ReadPicture], dict[str, str]]:
    """Read the pictures of the product in their order, and those of values. Without an address the file lies beside."""
    main: list[tuple[int, ReadPicture]] = []
    by_value: dict[str, str] = {}
    for part in cell.split(";"):
        about, _, address = part.partition("|")
        pieces = about.split(":")
        if len(pieces) < 3:
            continue
        place = address.strip() or f"{pieces[0]}.tbi"
        if pieces[1] == "2" and len(pieces) >= 5:
            by_value[f"{pieces[3]}:{pieces[4]}"] = place
        else:
            position = int(pieces[2]) if pieces[2].isdigit() else len(main)
            main.append((position, ReadPicture(place)))
    return [picture for _, picture in sorted(main, key=lambda entry: entry[0])], by_value


def _columns(table: Table) -> dict[str, str]:
    words = {
        "title": "title",
        "description": "description",
        "handle": "outer_id",
        "options": "skuProps",
        "price": "price",
        "stock": "num",
        "sku": "outer_id",
        "barcode": "barcode",
        "weight_grams": "item_weight",
        "pictures": "picture",
    }
    return {field: table.name_of(word) for field, word in words.items() if word in table.columns}
