"""The pen that things are drawn with, on a square of 400 × 400."""

import random
from typing import Final

from fairground.kit.art.colours import Palette

SHADOW: Final = "#1a0f08"


class Pen:
    """Collect shapes of one picture in the colours of one palette."""

    def __init__(self, palette: Palette, rnd: random.Random) -> None:
        self.wall, self.table = palette.wall, palette.table
        self.main, self.light, self.accent, self.dark = palette.main, palette.light, palette.accent, palette.dark
        self.rnd = rnd
        self.defs: list[str] = []
        self.shapes: list[str] = []

    def add(self, shape: str) -> None:
        """Put down a shape as it is."""
        self.shapes.append(shape)

    def fill(self, path: str, colour: str, opacity: float = 1) -> None:
        """Fill a path."""
        self.add(f'<path d="{path}" fill="{colour}"{_opacity(opacity)}/>')

    def line(self, path: str, colour: str, width: float, opacity: float = 1) -> None:
        """Draw a line with round ends."""
        style = f'fill="none" stroke="{colour}" stroke-width="{width}" stroke-linecap="round" stroke-linejoin="round"'
        self.add(f'<path d="{path}" {style}{_opacity(opacity)}/>')

    def disc(self, x: float, y: float, r: float, colour: str, opacity: float = 1) -> None:
        """Fill a circle."""
        self.add(f'<circle cx="{x:g}" cy="{y:g}" r="{r:g}" fill="{colour}"{_opacity(opacity)}/>')

    def oval(self, x: float, y: float, rx: float, ry: float, colour: str, opacity: float = 1) -> None:
        """Fill an ellipse."""
        self.add(f'<ellipse cx="{x:g}" cy="{y:g}" rx="{rx:g}" ry="{ry:g}" fill="{colour}"{_opacity(opacity)}/>')

    def box(self, area: tuple[float, float, float, float], colour: str, r: float = 0, opacity: float = 1) -> None:
        """Fill a rectangle (x, y, width, height) with corners of radius r."""
        x, y, width, height = area
        corner = f' rx="{r:g}"' if r else ""
        self.add(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" '
            f'height="{height:g}"{corner} fill="{colour}"{_opacity(opacity)}/>'
        )

    def body(self, path: str, colour: str, *, patterned: bool = True, shaded: bool = True) -> None:
        """Fill a path and lay the pattern and the soft light over it."""
        name = f"c{len(self.defs)}"
        self.defs.append(f'<clipPath id="{name}"><path d="{path}"/></clipPath>')
        self.add(f'<path d="{path}" fill="{colour}"/><g clip-path="url(#{name})">')
        if patterned:
            self.add('<rect width="400" height="400" fill="url(#p)"/>')
        if shaded:
            self.add('<rect width="400" height="400" fill="url(#s)"/>')
        self.add("</g>")

    def ground(self, y: float = 318, rx: float = 112, x: float = 200) -> None:
        """Lay the shadow a thing stands on."""
        self.oval(x, y, rx, rx * 0.11, SHADOW, 0.17)

    def glow(self, x: float, y: float, r: float, colour: str = "#ffcf70") -> None:
        """Let something shine."""
        name = f"g{len(self.defs)}"
        stops = f'<stop offset="0" stop-color="#ffe7a6" stop-opacity=".95"/><stop offset=".5" stop-color="{colour}"'
        end = f'<stop offset="1" stop-color="{colour}" stop-opacity="0"/>'
        self.defs.append(f'<radialGradient id="{name}">{stops} stop-opacity=".36"/>{end}</radialGradient>')
        self.disc(x, y, r, f"url(#{name})")

    def turned(self, angle: float, x: float = 200, y: float = 200) -> None:
        """Turn what follows about a point, until `straight`."""
        self.add(f'<g transform="rotate({angle:g} {x:g} {y:g})">')

    def straight(self) -> None:
        """End a turn."""
        self.add("</g>")


def _opacity(value: float) -> str:
    return "" if value == 1 else f' opacity="{value:g}"'
