"""Google's feed as XML: the same products as from the text file, read piece by piece, and nothing unfolded."""

import io
import tracemalloc

import pytest

from fairground.market.catalog.exchange.errors import BrokenXml, NotAFeed, OtherFormat, UnknownEncoding, XmlDoctype
from fairground.market.catalog.exchange.model import FileFormat, Refusal
from fairground.market.catalog.exchange.reading import read_goods
from fairground.market.catalog.model import Format
from tests.support.exchange import read_all, terms

G = FileFormat.GOOGLE


def item(**fields: str) -> str:
    """Write an item; what is left out is what most items say."""
    said = {"id": "TEA-1", "title": "Teapot", "price": "168.00 CNY", "availability": "in_stock", **fields}
    return "<item>\n" + "".join(f"<g:{k}>{v}</g:{k}>\n" for k, v in said.items() if v) + "</item>\n"


def rss(*items: str, head: str = "") -> str:
    """Write a feed."""
    return (
        f'<?xml version="1.0" encoding="UTF-8"?>\n{head}<rss version="2.0" xmlns:g="http://base.google.com/ns/1.0">\n'
        "<channel><title>The shop</title><description>Its words</description>\n" + "".join(items) + "</channel></rss>\n"
    )


def test_an_item_is_a_product_with_all_it_says() -> None:
    one = item(
        description="&lt;p&gt;Fired with wood &amp;amp; patience&lt;/p&gt;",
        sale_price="150 CNY",
        image_link="https://img.example/1.jpg",
        shipping_weight="0.85 kg",
        gtin="4006381333931",
        quantity="7",
    ).replace(
        "</item>",
        "<g:additional_image_link>https://img.example/2.jpg?a,b</g:additional_image_link>"
        "<g:additional_image_link>https://img.example/3.jpg</g:additional_image_link>"
        "<g:shipping><g:country>CN</g:country><g:price>6.00 CNY</g:price></g:shipping></item>",
    )
    (read,), refused = read_all(rss(one), G)
    assert refused == []
    (variant,) = read.product.variants
    assert (read.product.title, read.product.handle, read.product.description_format) == (
        "Teapot",
        "TEA-1",
        Format.HTML,
    )
    assert read.product.description == "<p>Fired with wood &amp; patience</p>"
    assert (variant.price.amount, variant.compare_at and variant.compare_at.amount) == (15_000, 16_800)
    assert (variant.stock, variant.weight_grams, variant.barcode) == (7, 850, "4006381333931")
    assert [p.address for p in read.pictures] == [
        "https://img.example/1.jpg",
        "https://img.example/2.jpg?a%2Cb",
        "https://img.example/3.jpg",
    ]
    assert read.line == 4, "the line of the file where the item begins"


def test_variants_stand_apart_and_come_together() -> None:
    group = {"item_group_id": "SCARF"}
    data = rss(
        item(id="S-R", title="Scarf", color="red", **group),
        item(id="T", title="Teapot"),
        item(id="S-B", title="Scarf", color="blue", price="20 CNY", **group),
    )
    (scarf, pot), refused = read_all(data, G)
    assert refused == []
    assert [(v.sku, v.options, v.price.amount) for v in scarf.product.variants] == [
        ("S-R", {"Color": "red"}, 16_800),
        ("S-B", {"Color": "blue"}, 2_000),
    ]
    assert pot.product.handle == "T"


def test_a_refused_item_names_line_field_and_reason_and_the_rest_goes_in() -> None:
    data = rss(item(id="A", price="cheap"), item(id="B"), item(id="C", availability="perhaps"), item(title=""))
    products, refused = read_all(data, G)
    assert [p.product.handle for p in products] == ["B"]
    assert [(r.line, r.field, r.code) for r in refused] == [
        (4, "g:price", "exchange.number"),
        (16, "g:availability", "exchange.availability"),
        (22, "g:title", "required"),
    ]


def test_what_the_feed_never_says_it_does_not_state() -> None:
    (read,), _ = read_all(rss(item()), G)
    assert "weight_grams" not in read.columns
    assert read.columns["price"] == "g:price"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "iso-8859-1"])
def test_atom_and_plain_names_in_any_encoding(encoding: str) -> None:
    text = (
        f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?>\n'
        '<feed xmlns="http://www.w3.org/2005/Atom" xmlns:g="http://base.google.com/ns/1.0"><title>Shop</title>\n'
        "<entry><title>Th\u00e9i\u00e8re</title><summary>Words</summary><g:id>1</g:id><g:price>5 CNY</g:price>"
        "<g:availability>in stock</g:availability></entry></feed>"
    )
    (read,), refused = read_all(text.encode(encoding), G)
    assert refused == []
    assert (read.product.title, read.product.description) == ("Th\u00e9i\u00e8re", "Words")


def test_googles_own_element_goes_before_the_plain_one() -> None:
    both = item().replace("</item>", "<title>Plain</title><description>Plain</description></item>")
    (read,), _ = read_all(rss(both), G)
    assert (read.product.title, read.product.description) == ("Teapot", "Plain")


BOMB = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))


@pytest.mark.parametrize(
    "head",
    [
        f'<!DOCTYPE rss [<!ENTITY l0 "ha">{BOMB}]>\n',
        '<!DOCTYPE rss [<!ENTITY secret SYSTEM "file:///etc/passwd">]>\n',
        '<!DOCTYPE rss SYSTEM "http://evil.example/feed.dtd">\n',
    ],
)
def test_no_document_type_is_taken(head: str) -> None:
    with pytest.raises(XmlDoctype):
        read_all(rss(item(title="&l9;"), head=head), G)


def test_an_entity_that_nobody_declared_breaks_the_file() -> None:
    products, refused = read_all(rss(item(id="A"), item(id="B", title="&secret;")), G)
    assert [p.product.handle for p in products] == ["A"]
    assert [(r.line, r.code) for r in refused] == [(12, "exchange.broken_xml")]


def test_other_xml_and_broken_xml_are_refused_whole() -> None:
    for data, trouble in (
        ("<?xml version='1.0'?><svg></svg>", NotAFeed),
        ("<?xml version='1.0'?><rss><channel>" + "<a>" * 100, NotAFeed),
        ("<?xml version='1.0'?><rss><channel><item", BrokenXml),
        ("<?xml version='1.0' encoding='klingon'?><rss></rss>", UnknownEncoding),
        ("<?xml version='1.0' encoding='gb2312'?><rss></rss>", UnknownEncoding),
    ):
        with pytest.raises(trouble):
            read_all(data, G)
    with pytest.raises(OtherFormat):
        read_all("Handle,Title,Image Src\na,b,c\n", G)


def test_a_field_without_end_is_refused_and_the_next_item_is_read() -> None:
    products, refused = read_all(rss(item(id="A", description="x" * (1 << 20) + "y"), item(id="B")), G)
    assert [p.product.handle for p in products] == ["B"]
    assert [(r.line, r.field, r.code) for r in refused] == [(4, "g:description", "exchange.cell_too_long")]


def test_a_long_feed_needs_little_memory() -> None:
    data = rss(*(item(id=f"T-{n}", description="word " * 100) for n in range(6_000))).encode()
    tracemalloc.start()
    try:
        count = sum(not isinstance(one, Refusal) for one in read_goods(io.BytesIO(data), G, terms()))
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert count == 6_000
    assert most < 2 * 1024 * 1024 < len(data), "a piece at a time"
