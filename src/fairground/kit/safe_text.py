"""Texts from people: rendered to HTML that can do no harm, to plain lines, and to cells no spreadsheet will run."""

import functools
import html
import re
import unicodedata
from typing import Final, Literal

import nh3
from markdown_it import MarkdownIt

Format = Literal["markdown", "html", "plain"]

MEDIA: Final = "/media/"
"""Where our own pictures lie; those from elsewhere are dropped, they would tell their owner who looks."""

_MARKDOWN: Final = MarkdownIt("commonmark", {"html": False, "breaks": True, "maxNesting": 20}).enable(
    ["table", "strikethrough"]
)
_TAGS: Final = frozenset(
    {"p", "br", "hr", "h1", "h2", "h3", "h4", "h5", "h6", "strong", "b", "em", "i", "s", "del", "u", "sub", "sup"}
    | {"ul", "ol", "li", "dl", "dt", "dd", "blockquote", "pre", "code", "a", "img"}
    | {"table", "thead", "tbody", "tr", "th", "td"}
)
_IMG: Final = re.compile(r'<img((?:\s[^\s=>]+="[^"]*")*)\s*/?>')
_HEADING: Final = re.compile(r"(</?h)[12](?=>)")
_SCRIPT_END: Final = {"script", "style", "noscript", "template", "iframe", "object", "svg", "math", "title", "textarea"}
_BLOCK_END: Final = re.compile(r"</(?:p|h[1-6]|li|dt|dd|blockquote|pre|tr|table|ul|ol|div)>|<br\s*/?>|<hr\s*/?>")
# Bidirectional overrides, embeddings, isolates and marks; invisible spaces; deprecated formats; interlinear marks. The
# joiners U+200C and U+200D stay: Persian and emoji families are written with them.
_UNSEEN: Final = re.compile("[\u00ad\u061c\u180e\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]")
_CONTROL: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff]")
_CELL: Final = re.compile(r"'*[=+\-@\t\r\n＝＋－＠]")
_ESCAPED: Final = re.compile(r"'+[=+\-@\t\r\n＝＋－＠]")


def _keep_attribute(tag: str, name: str, value: str) -> str | None:
    # `/media//other.example` and backslashes are read by browsers as another host's address.
    if (tag, name) == ("img", "src") and not re.fullmatch(re.escape(MEDIA) + r"[\w.=-]+(?:/[\w.=-]+)*", value):
        return None
    return value


_CLEANER: Final = nh3.Cleaner(
    tags=_TAGS,
    clean_content_tags=_SCRIPT_END,
    attributes={"a": {"href", "title"}, "img": {"src", "alt"}, "ol": {"start"}, "th": {"align"}, "td": {"align"}},
    attribute_filter=_keep_attribute,
    url_schemes={"http", "https", "mailto"},
    link_rel="nofollow noopener ugc",
)
_STRIPPER: Final = nh3.Cleaner(tags=set(), clean_content_tags=_SCRIPT_END)


@functools.lru_cache(maxsize=512)
def render(source: str, format: Format) -> str:  # noqa: A002 - the word of the trade
    """Render a text to sanitised HTML; headings begin at h3, beneath the page's own, foreign pictures are dropped."""
    if format == "plain":
        return "".join(f"<p>{_broken(part)}</p>" for part in re.split(r"\n{2,}", clean_text(source)) if part)
    raw = _MARKDOWN.render(clean_text(source)) if format == "markdown" else clean_text(source)
    return _HEADING.sub(r"\g<1>3", _IMG.sub(_own_picture, _CLEANER.clean(raw))).strip()


def to_plain(source: str, format: Format, limit: int | None = None) -> str:  # noqa: A002
    """Give a text without its marks, a line for each block; cut to `limit` characters at a word's end, with `…`."""
    if format == "plain":
        plain = clean_text(source)
    else:
        flat = " ".join(render(source, format).split())
        plain = clean_text(html.unescape(_STRIPPER.clean(_BLOCK_END.sub("\n", flat))))
    plain = "\n".join(line for line in (" ".join(line.split()) for line in plain.splitlines()) if line)
    if limit is None or len(plain) <= limit:
        return plain
    cut = plain[: max(0, limit - 1)]
    within_word = not plain[len(cut)].isspace()
    # Chinese has no spaces: only a word that begins near the end is left out whole.
    if within_word and " " in cut[limit * 2 // 3 :]:
        cut = cut[: cut.rindex(" ")]
    return cut.rstrip() + "…"


def clean_text(text: str) -> str:
    """Clean a text of several lines: composed (NFC), line ends as LF, no control, direction or invisible signs."""
    text = text.replace("\r\n", "\n").replace("\r", "\n").replace("\u2028", "\n").replace("\u2029", "\n\n")
    return unicodedata.normalize("NFC", _UNSEEN.sub("", _CONTROL.sub("", text))).strip()


def clean_line(text: str) -> str:
    """Clean a text of one line, as a name or a title: as `clean_text`, each run of spaces or line ends one space."""
    if text.isascii() and text.isprintable():  # nothing to clean, and imports have millions
        return " ".join(text.split())
    return " ".join(clean_text(text).split())


def escape_cell(text: str) -> str:
    """Make a text safe as a CSV cell: what a spreadsheet would run as a formula gets an apostrophe in front.

    Only for texts; a negative number is written as a number. OWASP, CSV injection. `unescape_cell` gives it back.
    """
    return "'" + text if _CELL.match(text) else text


def unescape_cell(cell: str) -> str:
    """Give back the text that `escape_cell` was given."""
    return cell[1:] if _ESCAPED.match(cell) else cell


def _broken(part: str) -> str:
    return html.escape(part, quote=False).replace("\n", "<br>")


def _own_picture(tag: re.Match[str]) -> str:
    return f'<img{tag[1]} loading="lazy">' if ' src="' in tag[1] else ""
