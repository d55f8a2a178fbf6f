"""Readers of merchants' files: Taobao's data pack, Google's feed, our own."""

import msgspec
import pytest

from fairground.market.catalog.exchange.model import FileFormat
from fairground.market.catalog.model import Format, ProductState
from tests.support.exchange import DATA, FIXTURES, read_all

T, G, F = FileFormat.TAOBAO, FileFormat.GOOGLE, FileFormat.FAIRGROUND
GOOGLE = (
    "id\ttitle\tdescription\timage_link\tavailability\tprice\tsale_price\titem_group_id\tcolor\tsize\tshipping_weight\n"
)


def pack(*rows: dict[str, str]) -> bytes:
    """Write a data pack as the program does: UTF-16 with its mark, tabs, three lines above."""
    keys = ["title", "price", "num", "approve_status", "description", "picture", "skuProps", "inputPids", "inputValues",
            "outer_id", "propAlias", "num_id", "item_weight"]  # fmt: skip
    captions = ["宝贝名称", "宝贝价格", "宝贝数量", "放入仓库", "宝贝描述", "新图片", "销售属性组合", "用户输入ID串",
                "用户输入名-值对", "商家编码", "销售属性别名", "数字ID", "物流重量"]  # fmt: skip
    lines = ["version 1.00", "\t".join(keys), "\t".join(captions)]
    lines += ["\t".join('"' + row.get(key, "").replace('"', '""') + '"' for key in keys) for row in rows]
    return ("\r\n".join(lines) + "\r\n").encode("utf-16")


def test_a_data_pack_with_colours_and_sizes() -> None:
    data = pack(
        {
            "title": "棉麻连衣裙",
            "price": "128",
            "num": "30",
            "approve_status": "1",
            "description": '<p style="x">宽松</p>',
            "picture": "aa11:1:1:|https://img.example/2.jpg;bb22:1:0:|https://img.example/1.jpg;"
            "cc33:2:0:1627207:28320|;",
            "skuProps": "128:10:D-W-S:1627207:28320;20509:28314;138.5:20:D:B:M:1627207:999;20509:28315;",
            "propAlias": "1627207:999:雾霾蓝;",
            "outer_id": "D-01",
            "item_weight": "0.35",
        },
        {"title": "帆布袋", "price": "39.9", "num": "8", "approve_status": "2", "num_id": "6001"},
        {"title": "坏价格", "price": "面议", "num": "8"},
    )
    products, refusals = read_all(data, T)
    dress, bag = products
    assert dress.product.handle == "D-01"
    assert dress.product.language == "zh-CN"
    assert [(o.name, o.values) for o in dress.product.options] == [
        ("颜色分类", ["白色", "雾霾蓝"]),
        ("尺码", ["S", "M"]),
    ]
    assert [(v.price.amount, v.stock, v.sku) for v in dress.product.variants] == [
        (12800, 10, "D-W-S"),
        (13850, 20, "D:B:M"),
    ]
    assert [p.address for p in dress.pictures] == ["https://img.example/1.jpg", "https://img.example/2.jpg", "cc33.tbi"]
    assert dress.pictures[2].variants == (0,)
    assert dress.product.variants[0].weight_grams == 350
    assert dress.line == 4
    assert (bag.product.handle, bag.product.state, bag.product.variants[0].stock) == (
        "taobao-6001",
        ProductState.OFF_SALE,
        8,
    )
    assert [(r.line, r.field, r.code) for r in refusals] == [(6, "price", "exchange.number")]


def test_the_published_columns_are_those_we_know() -> None:
    path = DATA / "taobao" / "header.tsv"
    if not path.exists():
        pytest.skip("no taobao/header.tsv beside the repository")
    head = path.read_bytes().decode("utf-8").replace("\r\n", "\n").rstrip("\n")
    keys = head.split("\n")[1].split("\t")
    row = {"title": "壶", "price": "10", "num": "3", "outer_id": "H"}
    data = f"{head}\n" + "\t".join(row.get(key, "") for key in keys) + "\n"
    products, refusals = read_all(data.encode("utf-16"), T)
    assert not refusals
    assert [(p.product.title, p.product.variants[0].stock) for p in products] == [("壶", 3)]


def test_a_feed_ties_variants_by_their_group() -> None:
    text = GOOGLE + (
        "T-R\tTee\tPlain words\thttps://x.example/r.jpg\tin_stock\t20.00 CNY\t15.00 CNY\tT\tRed\tS\t0.2 kg\n"
        "M\tMug\t<p>x</p>\thttps://x.example/m.jpg\tout of stock\t9 CNY\t\t\t\t\t\n"
        "T-B\tTee\tPlain words\thttps://x.example/b.jpg\tin_stock\t20.00 CNY\t\tT\tBlue\tS\t200 g\n"
        "D\tDollar\t\t\tin_stock\t9 USD\t\t\t\t\t\n"
        "A\tAway\t\t\tsoon\t9 CNY\t\t\t\t\t\n"
    )
    products, refusals = read_all(text, G)
    tee, mug = products
    assert [(v.options, v.price.amount, v.stock, v.weight_grams) for v in tee.product.variants] == [
        ({"Color": "Red", "Size": "S"}, 1500, None, 200),
        ({"Color": "Blue", "Size": "S"}, 2000, None, 200),
    ]
    assert tee.product.description_format is Format.PLAIN
    assert (mug.product.variants[0].stock, mug.product.description_format) == (0, Format.HTML)
    assert [(r.line, r.field, r.code) for r in refusals] == [
        (5, "price", "exchange.other_currency"),
        (6, "availability", "exchange.availability"),
    ]


def test_our_own_table_and_our_own_json_say_the_same() -> None:
    table, _ = read_all((FIXTURES / "goods.csv").read_bytes(), F)
    lines, _ = read_all((FIXTURES / "goods.jsonl").read_bytes(), F)
    assert [p.product for p in table] == [p.product for p in lines]
    assert [p.pictures for p in table] == [p.pictures for p in lines]


@pytest.mark.parametrize(
    ("change", "field", "code"),
    [
        ("description_format,markdown,word", "description_format", "exchange.unknown_word"),
        ("currency,CNY,EUR", "currency", "exchange.other_currency"),
        ("stock,4,-4", "stock", "exchange.count"),
        ("stock,4,1.5", "stock", "exchange.count"),
    ],
)
def test_a_bad_cell_of_our_own_table_is_named(change: str, field: str, code: str) -> None:
    _, before, after = change.split(",")
    text = "title,description_format,price,currency,stock\nA,markdown,5,CNY,4\n".replace(f",{before}", f",{after}")
    _, refusals = read_all(text, F)
    assert [(r.line, r.field, r.code) for r in refusals] == [(2, field, code)]


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ('{"title": 5}', "exchange.json_line"),
        ('{"title": "x", "variants": [{"price": {"amount": 1.5, "currency": "CNY"}}]}', "exchange.json_line"),
        ('{"title": "x", "variants": [{"price": {"amount": 5, "currency": "USD"}}]}', "exchange.other_currency"),
        ("{" * 5000, "exchange.json_line"),
    ],
)
def test_a_bad_line_of_json_is_named(line: str, code: str) -> None:
    good = msgspec.json.encode({"title": "ok", "variants": [{"price": {"amount": 5, "currency": "CNY"}}]}).decode()
    products, refusals = read_all(f"{good}\n{line}\n{good}\n", F)
    assert len(products) == 2
    assert [(r.line, r.code) for r in refusals] == [(2, code)]
