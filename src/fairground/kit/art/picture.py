"""One thing, in one palette, covered with one pattern, before one backdrop."""

import random
from collections.abc import Callable
from typing import Final

import resvg_py

from fairground.kit.art import play_things, room_things, table_things, worn_things
from fairground.kit.art.backdrops import BACKDROPS, paint_backdrop
from fairground.kit.art.colours import NIGHT, PALETTES, PATTERNS, Palette
from fairground.kit.art.colours import pattern as define_pattern
from fairground.kit.art.pen import Pen

KINDS: Final[dict[str, Callable[[Pen], None]]] = {
    "teapot": table_things.teapot,
    "mug": table_things.mug,
    "bowl": table_things.bowl,
    "vase": table_things.vase,
    "honey": table_things.honey,
    "jam": table_things.jam,
    "tin": table_things.tin,
    "soap": table_things.soap,
    "knife": table_things.knife,
    "basket": table_things.basket,
    "bag": worn_things.bag,
    "scarf": worn_things.scarf,
    "necklace": worn_things.necklace,
    "hat": worn_things.hat,
    "shoes": worn_things.shoes,
    "ring": worn_things.ring,
    "fan": worn_things.fan,
    "comb": worn_things.comb,
    "umbrella": worn_things.umbrella,
    "lantern": room_things.lantern,
    "candle": room_things.candle,
    "plant": room_things.plant,
    "chair": room_things.chair,
    "lamp": room_things.lamp,
    "cushion": room_things.cushion,
    "clock": room_things.clock,
    "bell": room_things.bell,
    "broom": room_things.broom,
    "kite": play_things.kite,
    "toy": play_things.toy,
    "puppet": play_things.puppet,
    "ukulele": play_things.ukulele,
    "jigsaw": play_things.jigsaw,
    "drum": play_things.drum,
    "pinwheel": play_things.wheel,
    "notebook": play_things.notebook,
    "pen": play_things.pen_and_ink,
    "poster": play_things.poster,
    "keyboard": play_things.keyboard,
    "yarn": play_things.yarn,
}
"""What can be drawn, by its word."""

_PALE: Final = Palette("#efe9df", "#ddd3c4", "#d9cfbf", "#e9e2d6", "#cfc3b1", "#b8ab98")
_SOFT_LIGHT: Final = (
    '<radialGradient id="s" cx=".39" cy=".47" r=".46"><stop offset="0" stop-color="#fff" stop-opacity=".24"/>'
    '<stop offset=".25" stop-color="#fff" stop-opacity=".14"/>'
    '<stop offset=".5" stop-color="#a08060" stop-opacity=".03"/>'
    '<stop offset="1" stop-color="#1a0f08" stop-opacity=".34"/></radialGradient>'
)


def draw(kind: str, *, palette: str, pattern: str, backdrop: str, seed: int = 0, near: bool = False) -> str:
    """Draw a thing as SVG, 400 × 400.

    `near` shows it from close by; `seed` moves what is left to chance (the lights of a night).

    Raises:
        KeyError: there is no such kind or palette.
    """
    colours = PALETTES[palette]
    if pattern not in PATTERNS or backdrop not in BACKDROPS:
        raise KeyError(f"no such pattern or backdrop: {pattern}, {backdrop}")
    pen = Pen(colours, random.Random(f"{kind} {palette} {pattern} {seed}"))  # noqa: S311 - a drawing, no secret
    paint_backdrop(pen, backdrop)
    if near:
        pen.add('<g transform="translate(200 210) scale(1.45) translate(-200 -210)">')
    KINDS[kind](pen)
    if near:
        pen.straight()
    return _sheet(pen, define_pattern(pattern, colours))


def _sheet(pen: Pen, defs: str) -> str:
    defs += _SOFT_LIGHT + "".join(pen.defs)
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 400 400"><defs>{defs}</defs>'
    return head + "".join(pen.shapes) + "</svg>"


def portrait(kind: str) -> str:
    """Draw a kind as itself, always the same: for categories and empty pages."""
    words = sorted(PALETTES)
    at = sorted(KINDS).index(kind)
    day = [word for word in words if word not in NIGHT]
    pattern_ = PATTERNS[at * 5 % len(PATTERNS)]
    return draw(kind, palette=day[at * 3 % len(day)], pattern=pattern_, backdrop=("sun", "arch", "table")[at % 3])


def placeholder(kind: str | None = None) -> str:
    """Draw the pale outline of a kind, or of nothing in particular, where a picture is missing."""
    pen = Pen(_PALE, random.Random(0))  # noqa: S311 - a drawing, no secret
    pen.box((0, 0, 400, 400), _PALE.wall)
    if kind in KINDS:
        KINDS[kind](pen)
    else:
        pen.fill("M116 130h168l26 70a29 29 0 0 1-55 8 29 29 0 0 1-55 0 29 29 0 0 1-55 0 29 29 0 0 1-55-8z", _PALE.table)
        pen.line("M142 262q58 56 116 0", _PALE.table, 20)
    return _sheet(pen, define_pattern("plain", _PALE))


def to_png(svg: str, size: int) -> bytes:
    """Rasterize a drawing to PNG, `size` pixels wide."""
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=size, skip_system_fonts=True))
