"""The look keeps its promises: nothing inline, icons that exist, readable colours, small bundles, whole drawings."""

import gzip
import math
import re
import xml.etree.ElementTree as ET
from functools import cache
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, nodes
from jinja2.ext import extract_from_ast

from fairground.kit.art import (
    BACKDROPS,
    KINDS,
    PALETTES,
    PATTERNS,
    banner,
    draw,
    placeholder,
    portrait,
    scene_fair,
    to_png,
)
from fairground.kit.i18n.words import catalogue, speaking
from fairground.kit.place import Place
from fairground.web import assets
from fairground.web.patterns import sample_view
from fairground.web.render import PageFrame, Pages

WEB = Path(assets.__file__).parent
TEMPLATES = WEB / "templates"
PIECES = sorted(path.stem for path in (TEMPLATES / "_pieces").glob("*.html"))
STYLES = sorted((WEB / "static" / "css").rglob("*.css"))
KILOBYTE = 1024


@cache
def pattern_page(lang: str) -> str:
    pages = Pages(Place(currency="CNY", time_zone="Asia/Shanghai", name="Fairground"))
    frame = PageFrame(title="Pieces", path="/desk/patterns", csrf="t", market_name="Fairground", nav_categories=[])
    with speaking(lang):
        return pages.render("desk/patterns.html", page=frame, view=sample_view())


# --- nothing inline ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(TEMPLATES.rglob("*.html")), ids=lambda path: str(path.relative_to(TEMPLATES)))
def test_a_template_holds_nothing_the_security_policy_refuses(path):
    text = path.read_text("utf-8")
    assert not re.search(r"\sstyle\s*=", text)
    assert not re.search(r"<style\b", text)
    assert not re.search(r"<script(?![^>]*\ssrc=)", text)
    assert not re.search(r"""\s(on[a-z]+|hx-on[:\w-]*)\s*=\s*["']""", text)


def test_the_pattern_page_holds_nothing_the_security_policy_refuses():
    html = pattern_page("en")
    assert "<style" not in html
    assert not re.search(r"<[^>]+\sstyle=", html)
    assert not re.search(r"<script(?![^>]*\ssrc=)", html)


# --- icons ------------------------------------------------------------------------------------------------------


@cache
def icons() -> frozenset[str]:
    loader = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True)
    return frozenset(loader.get_template("_pieces/icon.html").module.ICONS)  # type: ignore[attr-defined]


def test_every_icon_a_template_names_exists():
    environment = Environment(autoescape=True)
    asked = {}
    for path in TEMPLATES.rglob("*.html"):
        for call in environment.parse(path.read_text("utf-8")).find_all(nodes.Call):
            name = getattr(call.node, "name", "")
            given = [pair.value for pair in call.kwargs if pair.key == "icon"]
            if name in {"icon", "draw_icon", "icon_button"} and call.args:
                given.append(call.args[0])
            if name == "badge" and len(call.args) > 2:
                given.append(call.args[2])
            asked |= {node.value: path.name for node in given if isinstance(node, nodes.Const) and node.value}
    assert len(asked) > 20
    assert {name: where for name, where in asked.items() if name not in icons()} == {}


# --- colours ----------------------------------------------------------------------------------------------------

Colour = tuple[float, float, float]


def linear_rgb(lightness: float, chroma: float, hue: float) -> Colour:
    """OKLCH to linear sRGB (Björn Ottosson, "A perceptual color space for image processing")."""
    a, b = chroma * math.cos(math.radians(hue)), chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    middle = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    channels = (
        4.0767416621 * long - 3.3077115913 * middle + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * middle - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * middle + 1.7076147010 * short,
    )
    red, green, blue = (min(max(channel, 0), 1) for channel in channels)
    return red, green, blue


def contrast(one: Colour, other: Colour) -> float:
    """WCAG 2.2, contrast ratio."""
    light = [0.2126 * r + 0.7152 * g + 0.0722 * b for r, g, b in (one, other)]
    return (max(light) + 0.05) / (min(light) + 0.05)


@cache
def tokens(night: bool) -> dict[str, Colour]:
    text = (WEB / "static/css/tokens.css").read_text("utf-8")
    day, _, dark = text.partition("prefers-color-scheme: dark")
    cloths = re.findall(r"\.(cloth-\d) \{ --cloth: oklch\(([^)]+)\)", text)
    found = dict(re.findall(r"--([\w-]+):\s*oklch\(([^)/]+)\)", day))
    if night:
        found |= dict(re.findall(r"--([\w-]+):\s*oklch\(([^)/]+)\)", dark.partition("prefers-reduced-motion")[0]))
    return {name: linear_rgb(*map(float, value.split())) for name, value in [*found.items(), *cloths]}


TEXT_PAIRS = [
    *((ink, ground) for ink in ("ink", "ink-2", "ink-3") for ground in ("paper", "card", "sunk")),
    *((ink, f"{soft}-soft") for ink in ("ink", "ink-2") for soft in ("persimmon", "tea", "amber", "red")),
    *((signal, ground) for signal in ("tea", "amber", "red") for ground in ("paper", "card", f"{signal}-soft")),
    ("persimmon-deep", "persimmon-soft"),
    ("on-persimmon", "persimmon"),
    ("on-persimmon", "persimmon-deep"),
    ("paper", "ink"),
    ("paper", "tea"),
    ("on-dusk", "dusk"),
    ("lamp", "dusk"),
]
CONTROL_PAIRS = [("edge", "paper"), ("edge", "card"), ("persimmon", "paper"), ("tea", "card")]


def test_the_conversion_of_colours_agrees_with_known_values():
    assert contrast(linear_rgb(1, 0, 0), linear_rgb(0, 0, 0)) == pytest.approx(21, abs=0.01)
    red = linear_rgb(0.6279554, 0.2576833, 29.23388)  # sRGB #ff0000
    assert red == pytest.approx((1, 0, 0), abs=0.002)


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
@pytest.mark.parametrize(("ink", "ground"), TEXT_PAIRS, ids="-on-".join)
def test_text_can_be_read(ink, ground, night):
    assert contrast(tokens(night)[ink], tokens(night)[ground]) >= 4.5


@pytest.mark.parametrize("night", [False, True], ids=["day", "night"])
@pytest.mark.parametrize(("edge", "ground"), CONTROL_PAIRS, ids="-on-".join)
def test_controls_can_be_seen(edge, ground, night):
    assert contrast(tokens(night)[edge], tokens(night)[ground]) >= 3


@pytest.mark.parametrize("number", range(10))
def test_white_letters_stand_on_every_cloth(number):
    assert contrast(tokens(False)[f"cloth-{number}"], linear_rgb(0.98, 0.01, 85)) >= 4.5


def test_every_value_a_style_asks_for_is_a_token():
    css = "\n".join(path.read_text("utf-8") for path in STYLES)
    defined = set(re.findall(r"(?<![\w-])(--[\w-]+)\s*:", css))
    asked = set(re.findall(r"var\((--[\w-]+)\)", css))
    assert asked - defined == set()


def test_braces_of_every_style_are_balanced():
    for path in STYLES:
        text = path.read_text("utf-8")
        assert text.count("{") == text.count("}"), path.name


# --- bundles ----------------------------------------------------------------------------------------------------


def bundle(name: str) -> assets.Asset:
    found = assets.get_asset(assets.asset_url(name))
    assert found is not None
    return found


def test_the_script_with_htmx_fits_into_30_kilobytes():
    assert len(bundle("fairground.js").gzip) <= 30 * KILOBYTE


def test_style_script_and_the_largest_page_fit_into_60_kilobytes():
    page = gzip.compress(pattern_page("zh-CN").encode(), 6)
    assert len(bundle("fairground.css").gzip) + len(bundle("fairground.js").gzip) + len(page) <= 60 * KILOBYTE


def test_a_bundle_is_named_by_its_content_and_other_names_are_unknown():
    asset = bundle("fairground.css")
    assert gzip.decompress(asset.gzip) == asset.body
    assert assets.get_asset("/static/fairground.000000000000.css") is None
    assert assets.get_asset("/static/../assets.py") is None
    assert assets.get_asset("/static/fairground.css") is None
    with pytest.raises(KeyError):
        assets.asset_url("nothing.css")


def test_minifying_changes_no_rule():
    rule = "/* why */ .a > .b { color: red; margin: calc(1px + 2px) ; }\n"
    inside = "@media (min-width: 3px) { .c::before { content: '·'; } }"
    assert assets.minify_style(rule) == ".a > .b{color: red;margin: calc(1px + 2px)}"
    assert assets.minify_style(inside) == "@media (min-width: 3px){.c::before{content: '·'}}"


def test_every_style_file_is_in_the_bundle():
    body = bundle("fairground.css").body.decode()
    for path in STYLES:
        assert assets.minify_style(path.read_text("utf-8")) in body, path.name


# --- the pattern page -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("piece", PIECES)
def test_every_piece_is_on_the_pattern_page(piece):
    assert f'<section class="sample" id="{piece}">' in pattern_page("en")


@pytest.mark.parametrize("piece", PIECES)
def test_every_piece_is_in_the_handbook(piece):
    handbook = (WEB.parents[2] / "docs" / "pages.md").read_text("utf-8")
    assert f"`{piece}.html`" in handbook


def test_ids_of_the_pattern_page_are_unique():
    found = re.findall(r'\sid="([^"]+)"', pattern_page("en"))
    assert sorted(found) == sorted(set(found))


def test_every_label_and_description_points_at_something():
    html = pattern_page("en")
    known = set(re.findall(r'\sid="([^"]+)"', html))
    asked = re.findall(r'\s(?:for|aria-labelledby|popovertarget)="([^"]+)"', html)
    described = [one for many in re.findall(r'aria-describedby="([^"]+)"', html) for one in many.split()]
    assert {*asked, *described} - known == set()


def test_every_text_of_layouts_and_pieces_has_its_chinese():
    environment = Environment(autoescape=True)
    texts = set()
    for path in [*TEMPLATES.glob("_*/*.html"), TEMPLATES / "desk/patterns.html"]:
        for _, _, message in extract_from_ast(environment.parse(path.read_text("utf-8")), ("_", "ngettext")):
            texts.add(message if isinstance(message, str) else message[0])
    assert len(texts) > 150
    assert texts - set(catalogue("zh-CN")) == set()


# --- drawings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS)
def test_a_kind_is_drawn_whole_in_every_palette_pattern_and_backdrop(kind):
    for i, palette in enumerate(PALETTES):
        svg = draw(
            kind,
            palette=palette,
            pattern=PATTERNS[i % len(PATTERNS)],
            backdrop=BACKDROPS[i % len(BACKDROPS)],
            near=i % 2 == 1,
        )
        root = ET.fromstring(svg)
        ids = [element.get("id") for element in root.iter() if element.get("id")]
        assert len(ids) == len(set(ids))
        assert set(re.findall(r"url\(#([^)]+)\)", svg)) <= set(ids)
        assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")
    assert len(list(ET.fromstring(svg).iter())) > 15


def test_there_are_thirty_kinds_and_more():
    assert len(KINDS) >= 30
    assert len(PALETTES) == 10
    assert len(PATTERNS) == 9


def test_the_same_words_draw_the_same_picture_and_a_seed_another_night():
    one = draw("lantern", palette="dusk", pattern="plain", backdrop="night")
    assert one == draw("lantern", palette="dusk", pattern="plain", backdrop="night")
    assert one != draw("lantern", palette="dusk", pattern="plain", backdrop="night", seed=1)


def test_unknown_words_are_refused():
    for words in ({"palette": "beige"}, {"pattern": "zigzag"}, {"backdrop": "sea"}):
        with pytest.raises(KeyError):
            draw("mug", **({"palette": "tea", "pattern": "plain", "backdrop": "sun"} | words))


def test_scenes_banners_and_placeholders_are_valid_and_become_pixels():
    for svg in (
        scene_fair(),
        placeholder(),
        placeholder("kite"),
        portrait("kite"),
        *(banner(name) for name in PALETTES),
    ):
        ET.fromstring(svg)
    png = to_png(placeholder("mug"), 64)
    assert png.startswith(b"\x89PNG")
    assert int.from_bytes(png[16:20], "big") == 64
