import csv
import io
import re
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairground.kit.safe_text import clean_line, clean_text, escape_cell, render, to_plain, unescape_cell

ATTACKS = [
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "<svg onload=alert(1)>",
    "<a href='javascript:alert(1)'>x</a>",
    "<a href='jav\tascript:alert(1)'>x</a>",
    "<a href=' &#106;avascript:alert(1)'>x</a>",
    "<a href='data:text/html,x'>x</a>",
    "[x](javascript:alert(1))",
    "[x](JaVaScRiPt:alert(1))",
    "[x](data:text/html;base64,PHNjcmlwdD4=)",
    "![x](javascript:alert(1))",
    "<iframe src=//evil.example></iframe>",
    "<p style='position:fixed'>x</p>",
    "<form action=/checkout><button>x</button></form>",
    "<p onclick=alert(1) id=cart class=price>x</p>",
    "<math><mtext><table><mglyph><style><img src=x onerror=alert(1)>",
    "<noscript><p title='</noscript><img src=x onerror=alert(1)>'>",
    "<base href=//evil.example>",
    "<meta http-equiv=refresh content=0>",
    "<textarea></textarea><script>alert(1)</script>",
    "<![CDATA[<script>alert(1)</script>]]>",
    "<!-- --!><script>alert(1)</script>",
    "<img src='/media//evil.example/x.png'>",
    "<img src='/media/../../x'>",
    "<img src='/media/\\evil.example'>",
    "<img src='https://evil.example/pixel.gif'>",
    "![x](https://evil.example/pixel.gif)",
    "<input autofocus onfocus=alert(1)>",
    "<a href='x' target=_blank rel=opener ping=//evil.example>x</a>",
    "`<script>`",
    "    <script>",
    "<scr<script>ipt>alert(1)</script>",
]


class Reader(HTMLParser):
    """Reads HTML as a browser would and keeps what there is."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attributes: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attributes)))


def harmless(rendered: str) -> None:
    for tag, attributes in Reader(rendered).tags:
        assert tag not in {
            "script",
            "iframe",
            "form",
            "button",
            "input",
            "svg",
            "math",
            "style",
            "base",
            "meta",
            "object",
        }
        assert set(attributes) <= {"href", "title", "rel", "src", "alt", "loading", "start", "align"}
        if tag == "a" and "href" in attributes:
            assert attributes["rel"] == "nofollow noopener ugc"
            assert not re.match(r"[\s\x00-\x20]*(javascript|data|vbscript):", str(attributes["href"]), re.IGNORECASE)
        if tag == "img":
            assert re.fullmatch(r"/media/[\w./=-]+", str(attributes["src"]))
            assert "//" not in str(attributes["src"])


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("form", ["markdown", "html", "plain"])
def test_no_text_can_do_harm(attack: str, form: str) -> None:
    harmless(render(attack, form))  # type: ignore[arg-type]


@given(
    st.lists(st.sampled_from([*ATTACKS, "<", ">", '"', "'", "\n", "\n\n", "`", "*", "[", "](", ")", "a"]), max_size=8)
)
def test_no_mixture_can_do_harm(parts: list[str]) -> None:
    for form in ("markdown", "html", "plain"):
        harmless(render("".join(parts), form))  # type: ignore[arg-type]


def test_markdown_is_rendered() -> None:
    source = "# Size\n\nGood **wool**\nwarm\n\n- one\n- two\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n[more](https://x.example/?a=1&b=2)"
    rendered = render(source, "markdown")
    assert "<h3>Size</h3>" in rendered
    assert "<p>Good <strong>wool</strong><br>" in rendered
    assert "<li>one</li>" in rendered
    assert "<td>1</td>" in rendered
    assert '<a href="https://x.example/?a=1&amp;b=2" rel="nofollow noopener ugc">more</a>' in rendered


def test_html_inside_markdown_is_shown_and_not_run() -> None:
    assert render("<b>x</b>", "markdown") == "<p>&lt;b&gt;x&lt;/b&gt;</p>"


def test_html_of_an_import_keeps_its_form() -> None:
    source = '<div class="x"><h1>Size</h1><p style="color:red">Good <b>wool</b></p><font>old</font></div>'
    assert render(source, "html") == "<h3>Size</h3><p>Good <b>wool</b></p>old"


def test_own_pictures_stay_and_others_go() -> None:
    own = render("![A > B](/media/ab/abc.webp)", "markdown")
    assert '<img src="/media/ab/abc.webp" alt="A' in own
    assert 'loading="lazy"' in own
    assert render('<p>a<img alt="x > y" src="//evil.example/p.gif">b</p>', "html") == "<p>ab</p>"


def test_plain_text_keeps_its_paragraphs() -> None:
    assert render("a < b\nc & d\n\n\n**e**", "plain") == "<p>a &lt; b<br>c &amp; d</p><p>**e**</p>"
    assert render("", "plain") == render("", "markdown") == render("  ", "html") == ""


def test_deep_nesting_is_rendered_in_time() -> None:
    for source, form in (
        ("> " * 3000 + "x", "markdown"),
        ("[" * 5000, "markdown"),
        ("<p><b>" * 5000, "html"),
        ("*a" * 5000, "markdown"),
    ):
        harmless(render(source, form))  # type: ignore[arg-type]


def test_plain_summary_has_words_and_no_marks() -> None:
    source = "# Size\n\nGood **wool** &amp; [more](https://x.example)\n\n- one\n- two\n\n|a|b|\n|-|-|\n|1|2|"
    assert to_plain(source, "markdown") == "Size\nGood wool & more\none\ntwo\na b\n1 2"
    assert to_plain("<p>1 &lt; 2</p><script>x</script><p>&nbsp;y&lt;b&gt;</p>", "html") == "1 < 2\ny<b>"
    assert to_plain(" a   b \n\n c ", "plain") == "a b\nc"


def test_summary_is_cut_at_a_words_end() -> None:
    assert to_plain("one two three four", "plain", 18) == "one two three four"
    assert to_plain("one two three four", "plain", 15) == "one two three…"
    assert to_plain("纯棉短袖夏季新款", "plain", 5) == "纯棉短袖…"
    assert len(to_plain("word " * 100, "plain", 50)) <= 50
    assert to_plain("abc", "plain", 1) == "…"


@pytest.mark.parametrize(
    ("raw", "clean"),
    [
        ("  a \t b\r\n c  ", "a b c"),
        ("cafe\u0301", "caf\u00e9"),
        ("ann\u202egpj.exe", "anngpj.exe"),
        ("a\u2066b\u2069c\u200f\u200e\u061cd", "abcd"),
        ("a\x00b\x1b[31mc\x7f\x9b", "ab[31mc"),
        ("a\u200bb\ufeffc\u00add", "abcd"),
        ("a\u2028b\u2029c\u00a0d\u3000e", "a b c d e"),
        ("\U0001f468\u200d\U0001f469\u200d\U0001f467", "\U0001f468\u200d\U0001f469\u200d\U0001f467"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("a\ud800b\uffffc", "abc"),
        ("红\n烧", "红 烧"),
        ("\u200b\u202e\n", ""),
    ],
)
def test_line_is_cleaned(raw: str, clean: str) -> None:
    assert clean_line(raw) == clean


@given(st.text())
def test_clean_texts_stay_as_they_are(text: str) -> None:
    for clean in (clean_line, clean_text):
        assert clean(clean(text)) == clean(text)
        clean(text).encode()
    assert "\n" not in clean_line(text)


@given(st.text(alphabet=st.sampled_from("'=+-@\t\r\n＝a1 ,\";")) | st.text())
def test_cells_come_back_as_they_were_and_never_run(text: str) -> None:
    cell = escape_cell(text)
    assert unescape_cell(cell) == text
    assert cell[:1] not in set("=+-@\t\r\n＝＋－＠")
    if "\x00" not in text and not re.search("[\ud800-\udfff]", text):
        sheet = io.StringIO(newline="")
        csv.writer(sheet).writerow([cell, "end"])
        assert next(csv.reader(io.StringIO(sheet.getvalue(), newline=""))) == [cell, "end"]


@pytest.mark.parametrize(
    ("text", "cell"), [("=1+1", "'=1+1"), ("'=x", "''=x"), ("-5", "'-5"), ("it's", "it's"), ("'tis", "'tis"), ("", "")]
)
def test_only_what_would_run_gets_an_apostrophe(text: str, cell: str) -> None:
    assert escape_cell(text) == cell
