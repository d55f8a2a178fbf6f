"""Readers of merchants' files: Shopify and WooCommerce. Written by hand, in the forms the platforms publish."""

from datetime import UTC, datetime

import pytest

from fairground.market.catalog.exchange.errors import EmptyFile, NotATable, OtherFormat, WrongHeader
from fairground.market.catalog.exchange.model import FileFormat, Terms
from fairground.market.catalog.model import Format, ProductState
from tests.support.exchange import read_all, terms

S, W = FileFormat.SHOPIFY, FileFormat.WOOCOMMERCE
HEAD = "Handle,Title,Option1 Name,Option1 Value,Variant Price,Variant Inventory Tracker,Variant Inventory Qty\n"
WOO = "ID,Type,SKU,Name,Published,In stock?,Stock,Backorders allowed?,Weight (lbs),Sale price,Regular price,Parent,\
Attribute 1 name,Attribute 1 value(s),Attribute 2 name,Attribute 2 value(s),Date sale price ends,Images\n"


def prices(text: str) -> list[int]:
    return [v.price.amount for product in read_all(text, S)[0] for v in product.product.variants]


@pytest.mark.parametrize("cell", ["19.9", "19.90", "¥19.90", "￥19.90", "CNY 19.90", "19.90 元", '"19,90"', " 19.900 "])
def test_an_amount_is_read_however_it_is_written(cell: str) -> None:
    assert prices(HEAD + f"a,A,,,{cell},,\n") == [1990]


@pytest.mark.parametrize(
    ("cell", "amount"), [('"1,234.50"', 123450), ('"1.234,50"', 123450), ("1'234.50", 123450), ('"12,345"', 1234500)]
)
def test_thousands_are_parted_in_any_way(cell: str, amount: int) -> None:
    assert prices(HEAD + f"a,A,,,{cell},,\n") == [amount]


@pytest.mark.parametrize(
    ("cell", "code"),
    [
        ("", "required"),
        ("free", "exchange.number"),
        ("0", "exchange.price"),
        ("-5", "exchange.price"),
        ("1.999", "exchange.too_fine"),
        ("USD 5", "exchange.other_currency"),
        ("5 eur", "exchange.other_currency"),
        ("$5", "exchange.other_currency"),
        ("€5", "exchange.other_currency"),
        ("1e9999999", "exchange.number"),
        ("NaN", "exchange.number"),
        ("5 for two", "exchange.number"),
        ("12abc", "exchange.number"),
    ],
)
def test_a_price_that_is_none_is_named(cell: str, code: str) -> None:
    products, refusals = read_all(HEAD + f"a,A,,,{cell},,\nb,B,,,5,,\n", S)
    assert [(r.line, r.field) for r in refusals] == [(2, "Variant Price")]
    assert refusals[0].code == code
    assert [p.product.handle for p in products] == ["b"]


def test_the_currency_is_the_markets() -> None:
    products, refusals = read_all(HEAD + "a,A,,,$5,,\nb,B,,,¥5,,\n", S, Terms("USD", "en", datetime.now(UTC)))
    assert [p.product.variants[0].price.currency for p in products] == ["USD"]
    assert [r.line for r in refusals] == [3]


def test_lines_are_counted_as_an_editor_counts_them() -> None:
    text = HEAD.replace("Title", "Title,Body (HTML)") + 'a,A,"<p>one\ntwo\nthree</p>",,,5,,\n\nb,B,,,,x,,\n'
    products, refusals = read_all(text, S)
    assert [p.line for p in products] == [2]
    assert [r.line for r in refusals] == [6]


@pytest.mark.parametrize("separator", [";", "\t", "|"])
def test_excels_separators_are_known(separator: str) -> None:
    text = (HEAD + 'a,"A, big",,,5,,\n').replace(",", separator).replace(f'"A{separator} big"', '"A, big"')
    assert [p.product.title for p in read_all(text, S)[0]] == ["A, big"]
    assert [p.product.title for p in read_all(f"sep={separator}\r\n{text}", S)[0]] == ["A, big"]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "gb18030", "gbk"]
)
def test_chinese_letters_are_read_in_every_usual_encoding(encoding: str) -> None:
    text = HEAD + "hu,紫砂壶 手工制作 宜兴原矿,颜色,朱泥,￥168,,\n"
    products, refusals = read_all(text.encode(encoding), S)
    assert not refusals
    assert products[0].product.title == "紫砂壶 手工制作 宜兴原矿"
    assert products[0].product.variants[0].options == {"颜色": "朱泥"}


def test_western_letters_of_old_windows_are_no_chinese() -> None:
    products, _ = read_all((HEAD + "a,Crème brûlée à l’été,,,5,,\nb,Größe für Männer,,,5,,\n").encode("cp1252"), S)
    assert [p.product.title for p in products] == ["Crème brûlée à l’été", "Größe für Männer"]


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 8,
        b"\xff\xd8\xff\xe0" + bytes(200),
        b"PK\x03\x04" + bytes(200),
        b"%PDF-1.7\n%",
        b"\xd0\xcf\x11\xe0" + bytes(200),
        bytes(range(256)) * 40,
    ],
)
def test_what_is_no_table_is_refused_as_a_whole(data: bytes) -> None:
    with pytest.raises(NotATable):
        read_all(data, S)


@pytest.mark.parametrize("data", [b"", b"   \n\n", b"\xef\xbb\xbf", bytes(4000)])
def test_nothing_is_no_file(data: bytes) -> None:
    with pytest.raises(EmptyFile):
        read_all(data, S)


def test_a_stray_zero_is_trouble_of_its_line() -> None:
    products, refusals = read_all((HEAD + "a,A\x00,,,5,,\n" + "".join(f"b{i},B,,,5,,\n" for i in range(40))), S)
    assert [(r.line, r.field, r.code) for r in refusals] == [(2, "Title", "exchange.zero")]
    assert len(products) == 40


def test_a_wrong_header_says_what_is_missing_and_whose_file_it_is() -> None:
    with pytest.raises(WrongHeader) as wrong:
        read_all("Name,Cost\na,5\n", S)
    assert wrong.value.params["missing"] == "Handle, Title, Variant Price"
    with pytest.raises(OtherFormat) as other:
        read_all(WOO, S)
    assert other.value.params["found"] == "WooCommerce"


def test_a_quotation_mark_that_is_missing_takes_one_line() -> None:
    products, refusals = read_all(HEAD + 'a,A,,,5,,\nb,"B"oops,,,5,,\nc,C,,,5,,\nd,"D,,,5,,\ne,E,,,5,,\n', S)
    assert [(r.line, r.code) for r in refusals] == [(3, "exchange.broken_line"), (5, "exchange.open_quote")]
    assert [p.product.handle for p in products] == ["a", "c"]


def test_a_cell_without_end_is_refused() -> None:
    long = "x" * (1 << 20) + "y"
    products, refusals = read_all(HEAD + f'a,"{long}",,,5,,\nb,B,,,5,,\n', S)
    assert refusals[0].code == "exchange.cell_too_long"
    assert [p.product.handle for p in products][-1:] == ["b"]


def test_too_many_cells_are_refused() -> None:
    products, refusals = read_all(HEAD + "a,A,,,5,,,,extra\nb,B,,,5,,\n", S)
    assert [(r.line, r.code) for r in refusals] == [(2, "exchange.too_many_cells")]
    assert len(products) == 1


# --- Shopify -----------------------------------------------------------------------------------------------------


def test_lines_of_one_product_must_follow_one_another() -> None:
    text = HEAD + "a,A,Size,S,5,,\nb,B,,,5,,\na,,,M,6,,\n"
    products, refusals = read_all(text, S)
    assert [(p.product.handle, len(p.lines)) for p in products] == [("a", 1), ("b", 1)]
    assert [(r.line, r.code) for r in refusals] == [(4, "exchange.scattered")]


def test_a_product_without_a_title_takes_its_lines_along() -> None:
    _, refusals = read_all(HEAD + "a,,Size,S,5,,\na,,,M,6,,\n", S)
    assert [(r.line, r.code) for r in refusals] == [(2, "required"), (3, "exchange.without_product")]


@pytest.mark.parametrize(
    ("tracker", "quantity", "policy", "stock"),
    [
        ("shopify", "5", "deny", 5),
        ("", "5", "deny", None),
        ("shopify", "5", "continue", None),
        ("shopify", "-2", "deny", 0),
    ],
)
def test_stock_is_counted_where_the_merchant_counts(
    tracker: str, quantity: str, policy: str, stock: int | None
) -> None:
    text = HEAD.replace("\n", ",Variant Inventory Policy\n") + f"a,A,,,5,{tracker},{quantity},{policy}\n"
    assert read_all(text, S)[0][0].product.variants[0].stock == stock


def test_the_columns_of_today_are_known_too() -> None:
    text = (
        "Title,URL handle,Description,Published on online store,Status,SKU,Option1 name,Option1 value,Price,"
        "Compare-at price,Inventory tracker,Inventory quantity,Continue selling when out of stock,"
        "Weight value (grams),Product image URL,Image position,Variant image URL\n"
        "Mug,mug,<b>x</b>,TRUE,Active,M1,Colour,Red,20,30,shopify,4,DENY,250,https://x.example/2.jpg,2,https://x.example/r.jpg\n"
        ",mug,,,,M2,,Blue,20,,shopify,5,CONTINUE,250,https://x.example/1.jpg,1,\n"
    )
    products, refusals = read_all(text, S)
    assert not refusals
    mug = products[0]
    assert [(v.sku, v.stock, v.weight_grams) for v in mug.product.variants] == [("M1", 4, 250), ("M2", None, 250)]
    assert [p.address[-5:] for p in mug.pictures] == ["1.jpg", "2.jpg", "r.jpg"]
    assert mug.pictures[2].variants == (0,)
    assert mug.product.description_format is Format.HTML
    assert mug.columns["price"] == "Price"


@pytest.mark.parametrize(
    ("published", "status", "state"),
    [
        ("true", "active", ProductState.ON_SALE),
        ("false", "active", ProductState.OFF_SALE),
        ("true", "draft", ProductState.DRAFT),
        ("true", "archived", ProductState.OFF_SALE),
        ("", "", ProductState.ON_SALE),
    ],
)
def test_a_state_is_what_the_merchant_said(published: str, status: str, state: ProductState) -> None:
    text = HEAD.replace("\n", ",Published,Status\n") + f"a,A,,,5,,,{published},{status}\n"
    assert read_all(text, S)[0][0].product.state is state


def test_gift_cards_are_not_goods() -> None:
    _, refusals = read_all(HEAD.replace("\n", ",Gift Card\n") + "a,A,,,5,,,true\n", S)
    assert [r.code for r in refusals] == ["exchange.gift_card"]


def test_categories_are_found_by_name_or_path() -> None:
    text = HEAD.replace("\n", ",Type\n") + "a,A,,,5,,,Home > Tea > Teapots\nb,B,,,5,,,Rockets\n"
    products, _ = read_all(text, S, terms(teapots="tea-pots", tea="tea"))
    assert [p.product.category for p in products] == ["tea-pots", None]


# --- WooCommerce -------------------------------------------------------------------------------------------------


def test_variations_find_their_product_from_anywhere() -> None:
    text = WOO + (
        "12,variation,S-R,Shirt - Red,1,1,3,0,,,10,SHIRT,Color,Red,,,,\n"
        '10,variable,SHIRT,Shirt,1,1,,0,,,,,Color,"Blue, Red",,,,\n'
        "11,variation,S-B,Shirt - Blue,1,1,,0,1,8,10,id:10,Color,Blue,,,,\n"
        "13,variation,X,Lost,1,1,,0,,,10,NOBODY,Color,Red,,,,\n"
    )
    products, refusals = read_all(text, W)
    (shirt,) = products
    assert [(v.options["Color"], v.sku, v.stock) for v in shirt.product.variants] == [
        ("Blue", "S-B", None),
        ("Red", "S-R", 3),
    ]
    assert [v.price.amount for v in shirt.product.variants] == [800, 1000]
    assert [v.compare_at.amount if v.compare_at else None for v in shirt.product.variants] == [1000, None]
    assert shirt.product.variants[0].weight_grams == 454
    assert shirt.lines == [4, 2]
    assert [(r.line, r.code) for r in refusals] == [(5, "exchange.orphan")]


def test_a_variation_for_any_size_becomes_one_of_each_and_a_named_one_comes_first() -> None:
    text = WOO + (
        '1,variable,T,Tee,1,1,,0,,,,,Color,Red,Size,"S, M",,\n'
        "2,variation,T-ANY,,1,1,,0,,,10,T,Color,Red,Size,,,\n"
        "3,variation,T-M,,1,1,9,0,,,12,T,Color,Red,Size,M,,\n"
    )
    products, refusals = read_all(text, W)
    assert not refusals
    assert [(v.options["Size"], v.sku, v.price.amount, v.stock) for v in products[0].product.variants] == [
        ("S", "T-ANY", 1000, None),
        ("M", "T-M", 1200, 9),
    ]


def test_one_number_for_several_variants_is_not_sold_several_times() -> None:
    text = WOO + '1,variable,T,Tee,1,1,,0,,,,,Size,"S, M",,,,\n2,variation,T-ANY,,1,1,5,0,,,10,T,Size,,,,,\n'
    products, refusals = read_all(text, W)
    assert [v.stock for v in products[0].product.variants] == [0, 0]
    assert [(r.code, r.is_note) for r in refusals] == [("exchange.shared_stock", True)]
    text = WOO + '1,variable,T,Tee,1,1,50,0,,,,,Size,"S, M",,,,\n2,variation,T-S,,1,1,parent,0,,,10,T,Size,S,,,,\n'
    _, refusals = read_all(text, W)
    assert [r.code for r in refusals] == ["exchange.counted_together"]


@pytest.mark.parametrize(
    ("in_stock", "stock", "backorders", "expected"),
    [
        ("1", "", "0", None),
        ("0", "", "0", 0),
        ("1", "7", "0", 7),
        ("1", "7", "1", None),
        ("1", "7", "notify", None),
        ("1", "-3", "0", 0),
    ],
)
def test_stock_of_a_simple_product(in_stock: str, stock: str, backorders: str, expected: int | None) -> None:
    text = WOO + f"1,simple,A,A,1,{in_stock},{stock},{backorders},,,5,,,,,,,\n"
    assert read_all(text, W)[0][0].product.variants[0].stock == expected


@pytest.mark.parametrize(("ends", "price"), [("", 400), ("2026-06-18", 400), ("2026-06-17", 500), ("2030-01-01", 400)])
def test_a_sale_that_is_over_is_no_price(ends: str, price: int) -> None:
    text = WOO + f"1,simple,A,A,1,1,,0,,4,5,,,,,,{ends},\n"
    assert read_all(text, W)[0][0].product.variants[0].price.amount == price


@pytest.mark.parametrize("kind", ["grouped", "external"])
def test_what_cannot_be_sold_here_is_named(kind: str) -> None:
    products, refusals = read_all(WOO + f"1,{kind},A,A,1,1,,0,,,5,,,,,,,\n", W)
    assert not products
    assert [(r.line, r.field, r.code) for r in refusals] == [(2, "Type", f"exchange.{kind}")]


def test_pictures_and_escaped_cells() -> None:
    text = (
        WOO + '1,"simple, virtual",A,\'=SUM(1),1,1,,0,,,5,,,,,,,"https://x.example/a,1.png, https://x.example/b.png"\n'
    )
    product = read_all(text, W)[0][0]
    assert product.product.title == "=SUM(1)"
    assert [p.address for p in product.pictures] == ["https://x.example/a,1.png", "https://x.example/b.png"]
