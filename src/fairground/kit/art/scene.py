"""The fair at dusk, and cloths for banners."""

import math
import random
from collections.abc import Callable
from typing import Final

from fairground.kit.art.colours import PALETTES

WIDTH: Final = 1600
HEIGHT: Final = 620
_LAMP: Final = (
    '<radialGradient id="l"><stop offset="0" stop-color="#ffe9b0" stop-opacity=".95"/>'
    '<stop offset=".3" stop-color="#ffcf70" stop-opacity=".4"/><stop '
    'offset="1" stop-color="#ffb84d" stop-opacity="0"/></radialGradient>'
)
_SKY: Final = (
    '<linearGradient id="k" x1="0" y1="0" x2=".25" y2="1"><stop offset="0" stop-color="#211d3d"/>'
    '<stop offset=".55" stop-color="#4a3563"/><stop offset=".85" '
    'stop-color="#a8506a"/><stop offset="1" stop-color="#e9814f"/></linearGradient>'
)
Goods = Callable[[float, float, float], str]


def _sky(rnd: random.Random) -> str:
    shapes = [f'<rect width="{WIDTH}" height="{HEIGHT}" fill="url(#k)"/>']
    for _ in range(46):
        x, y, r = rnd.randint(0, WIDTH), rnd.randint(0, 260), rnd.choice([0.9, 1.2, 1.8])
        shapes.append(f'<circle cx="{x}" cy="{y}" r="{r}" fill="#fff" opacity="{rnd.choice([0.35, 0.55, 0.8])}"/>')
    shapes.append('<path d="M1336 66a46 46 0 1 1-62 62a50 50 0 0 0 62-62z" fill="#fbe3b4"/>')
    shapes.append(f'<path d="M0 520Q260 400 560 470T1120 440T1600 420V{HEIGHT}H0z" fill="#3a2548" opacity=".75"/>')
    shapes.append(f'<path d="M0 570Q400 500 800 545T1600 520V{HEIGHT}H0z" fill="#271b36"/>')
    return "".join(shapes)


def _great_wheel(cx: float, cy: float, r: float) -> str:
    spots = [(cx + r * math.cos(i * math.pi / 6), cy + r * math.sin(i * math.pi / 6)) for i in range(12)]
    shapes = [f'<g stroke="#7a4c74" stroke-width="4" fill="none"><circle cx="{cx}" cy="{cy}" r="{r}"/>']
    shapes.append(f'<circle cx="{cx}" cy="{cy}" r="{r - 20}" stroke-width="2"/>')
    shapes += [f'<path d="M{cx} {cy}L{x:.0f} {y:.0f}" stroke-width="2"/>' for x, y in spots]
    shapes.append(f'<path d="M{cx} {cy}L{cx - 80} 570M{cx} {cy}L{cx + 80} 570" stroke-width="7"/></g>')
    for i, (x, y) in enumerate(spots):
        colour = ("#e7744a", "#f3c35b", "#6fa88a")[i % 3]
        shapes.append(f'<circle cx="{x:.0f}" cy="{y:.0f}" r="16" fill="url(#l)"/>')
        shapes.append(f'<path d="M{x - 13:.0f} {y + 4:.0f}h26q0 19-13 19t-13-19z" fill="{colour}"/>')
    return "".join(shapes)


def _pots(x: float, w: float, floor: float) -> str:
    wide = (w - 80) / 5
    found = []
    for i, (high, colour) in enumerate(((44, "#5e8c6a"), (62, "#f5ead6"), (38, "#d9572b"), (56, "#34568b"))):
        left = x + 26 + i * (w - 52) / 4
        shape = f"M{left:.0f} {floor - high}h{wide:.0f}v{high - 8}q0 8-8 8h-{wide - 16:.0f}q-8 0-8-8z"
        found.append(f'<path d="{shape}" fill="{colour}"/>')
    return "".join(found)


def _lamps(x: float, w: float, floor: float) -> str:
    found = []
    for share, colour in ((0.24, "#e7744a"), (0.5, "#f3c35b"), (0.76, "#d9572b")):
        at = x + w * share
        found.append(f'<circle cx="{at:.0f}" cy="{floor - 74}" r="44" fill="url(#l)"/>')
        found.append(f'<ellipse cx="{at:.0f}" cy="{floor - 74}" rx="23" ry="20" fill="{colour}"/>')
        found.append(f'<rect x="{at - 9:.0f}" y="{floor - 98}" width="18" height="5" fill="#1d1428"/>')
        found.append(f'<path d="M{at:.0f} {floor - 54}v20" stroke="#f3c35b" stroke-width="4"/>')
    return "".join(found)


def _cloths(x: float, w: float, floor: float) -> str:
    wide = (w - 48) / 4 - 10
    found = []
    for i, colour in enumerate(("#8e3b5a", "#e9a15e", "#2f8ca3", "#f5ead6")):
        left, drop = x + 24 + i * (w - 48) / 4, i % 2 * 12
        found.append(
            f'<rect x="{left:.0f}" y="{floor - 78 + drop}" '
            f'width="{wide:.0f}" height="{78 - drop}" rx="4" fill="{colour}"/>'
        )
        found.append(
            f'<path d="M{left:.0f} {floor - 40}h{wide:.0f}" stroke="#fff" stroke-opacity=".5" stroke-width="7"/>'
        )
    return "".join(found)


def _booth(at: tuple[float, float, float, float], cloth: str, pale: str, goods: Goods) -> str:
    x, w, base, high = at
    y, n = base - high, 6
    shapes = [
        f'<rect x="{x + 10}" y="{y + 46}" width="{w - 20}" height="{high - 46}" fill="#3b2436"/>',
        f'<ellipse cx="{x + w / 2}" cy="{y + 88}" rx="{w * 0.62}" ry="110" fill="url(#l)" opacity=".85"/>',
        f'<rect x="{x + 8}" y="{y + 40}" width="8" height="{high - 40}" fill="#1d1428"/>',
        f'<rect x="{x + w - 16}" y="{y + 40}" width="8" height="{high - 40}" fill="#1d1428"/>',
        goods(x, w, base - 62),
        f'<rect x="{x}" y="{base - 62}" width="{w}" height="62" fill="{cloth}"/>',
        f'<rect x="{x}" y="{base - 62}" width="{w}" height="10" fill="{pale}"/>',
    ]
    top = w * 0.86 / n
    for i in range(n):
        x0 = x - 14 + i * (w + 28) / n
        x1 = x0 + (w + 28) / n
        u0 = x + w * 0.07 + i * top
        fold = f"M{u0:.1f} {y}H{u0 + top:.1f}L{x1:.1f} {y + 54}a{(x1 - x0) / 2:.1f} 15 0 0 1 -{x1 - x0:.1f} 0z"
        shapes.append(f'<path d="{fold}" fill="{pale if i % 2 else cloth}"/>')
    return "".join(shapes)


def _strings() -> str:
    shapes = []
    for y0, y1, sag, n in ((60, 40, 190, 17), (10, 130, 250, 15)):
        shapes.append(f'<path d="M560 {y0}Q1100 {y0 + sag} 1620 {y1}" fill="none" stroke="#1a1530" stroke-width="3"/>')
        for i in range(1, n):
            t = i / n
            x = 560 * (1 - t) ** 2 + 2200 * t * (1 - t) + 1620 * t * t
            y = y0 * (1 - t) ** 2 + 2 * (y0 + sag) * t * (1 - t) + y1 * t * t
            shapes.append(f'<circle cx="{x:.0f}" cy="{y + 11:.0f}" r="26" fill="url(#l)"/>')
            shapes.append(f'<circle cx="{x:.0f}" cy="{y + 11:.0f}" r="6.5" fill="#ffeec2"/>')
    return "".join(shapes)


def _people() -> str:
    shapes = []
    for x, high, colour in ((884, 66, "#1d1530"), (1142, 74, "#1d1530"), (1180, 58, "#241a38"), (1384, 70, "#1d1530")):
        shapes.append(f'<circle cx="{x}" cy="{612 - high}" r="12" fill="{colour}"/>')
        shapes.append(f'<path d="M{x - 17} 640V{642 - high}q0-17 17-17t17 17V640z" fill="{colour}"/>')
    return "".join(shapes)


def scene_fair() -> str:
    """Draw the fair at dusk, 1600 × 620; quiet on the left, where the words go."""
    rnd = random.Random(7)  # noqa: S311 - a drawing, no secret
    booths = (
        _booth((930, 196, 578, 214), "#2f6f66", "#f2e6cf", _lamps)
        + _booth((1160, 204, 588, 236), "#d9572b", "#f7ead6", _pots)
        + _booth((1396, 190, 578, 214), "#34568b", "#f2e6cf", _cloths)
    )
    inside = _sky(rnd) + _great_wheel(760, 372, 150) + booths + _strings() + _people()
    frame = f'viewBox="0 0 {WIDTH} {HEIGHT}" preserveAspectRatio="xMaxYMax slice"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {frame}><defs>{_SKY}{_LAMP}</defs>{inside}</svg>'


def banner(palette: str, seed: int = 0) -> str:
    """Draw a wide banner, 1600 × 320: hills, a sun or moon and bunting in the colours of a palette."""
    p = PALETTES[palette]
    rnd = random.Random(f"{palette} {seed}")  # noqa: S311 - a drawing, no secret
    x, lift = rnd.randint(900, 1400), rnd.randint(-30, 30)
    shapes = [
        f'<rect width="1600" height="320" fill="{p.wall}"/>',
        f'<circle cx="{x}" cy="{120 + lift}" r="72" fill="{p.accent}" opacity=".8"/>',
    ]
    for level, (colour, opacity) in enumerate(((p.table, 1), (p.main, 0.45), (p.main, 0.85))):
        y = 190 + level * 42
        a, b, c = (y + rnd.randint(-46, 30) for _ in range(3))
        shapes.append(
            f'<path d="M0 {y}Q260 {a} 560 {y}T1120 {b}T1600 {c}V320H0z" fill="{colour}" opacity="{opacity}"/>'
        )
    sag = 120 + rnd.randint(-20, 30)
    shapes.append(
        f'<path d="M-20 10Q800 {sag * 2} 1620 6" fill="none" stroke="{p.dark}" stroke-width="3" opacity=".5"/>'
    )
    for i in range(1, 26):
        t = i / 26
        px, py = -20 + 1640 * t, 10 * (1 - t) ** 2 + 4 * sag * t * (1 - t) + 6 * t * t
        colour = (p.main, p.light, p.accent)[i % 3]
        shapes.append(f'<path d="M{px - 20:.0f} {py:.0f}h40l-20 40z" fill="{colour}"/>')
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 1600 320" preserveAspectRatio="xMidYMid slice">'
        + "".join(shapes)
        + "</svg>"
    )
