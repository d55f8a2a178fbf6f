"""Ten palettes and nine patterns."""

from typing import Final

import msgspec


class Palette(msgspec.Struct, frozen=True):
    """Six colours that go together."""

    wall: str
    table: str
    main: str
    light: str
    accent: str
    dark: str


PALETTES: Final[dict[str, Palette]] = {
    "persimmon": Palette("#f7e4d4", "#efcdb2", "#d9572b", "#fbf0e3", "#f0b04a", "#5a2a1c"),
    "tea": Palette("#e0e9da", "#c5d6bf", "#5e8c6a", "#f5f2e5", "#e3b04b", "#274034"),
    "dusk": Palette("#423b6b", "#2b2748", "#e7744a", "#f8e6ca", "#f3c35b", "#1d1a33"),
    "indigo": Palette("#dde4ef", "#c1cee2", "#34568b", "#f5f3ec", "#e58e5a", "#1e2f50"),
    "plum": Palette("#f3dfe1", "#e4c2ca", "#8e3b5a", "#faefe9", "#e9a15e", "#431c2d"),
    "sand": Palette("#f0e8d9", "#dfd0b7", "#c2a06d", "#fbf7ed", "#71856a", "#5b4630"),
    "sky": Palette("#d9ebf1", "#b9d7e2", "#2f8ca3", "#fcf6e8", "#f08a5d", "#173f4b"),
    "lemon": Palette("#f8efcb", "#ecda96", "#e2ae2f", "#fffbef", "#3e7f6b", "#5a4310"),
    "clay": Palette("#eaddd4", "#d6bfb0", "#a8583c", "#f4e6d9", "#33595b", "#4b2518"),
    "pine": Palette("#24423f", "#172e2d", "#f0c36a", "#f6eeda", "#e56a3f", "#0e1d1e"),
}
NIGHT: Final = frozenset({"dusk", "pine"})

PATTERNS: Final = ("plain", "stripe", "bands", "dots", "check", "wave", "speck", "leaf", "scale")
_SPECKS: Final = (
    (8, 12, 2.2, "d"), (30, 7, 1.5, "l"), (48, 22, 2.4, "d"), (16, 36, 1.8, "c"),
    (38, 44, 2, "d"), (54, 52, 1.4, "l"), (7, 55, 1.6, "d"), (25, 22, 1.3, "c"),
)  # fmt: skip


def _tile(name: str, p: Palette) -> tuple[int, int, str]:
    light, accent = p.light, p.accent
    if name == "stripe":
        return 36, 36, f'<rect width="14" height="36" fill="{light}"/>'
    if name == "bands":
        upper = f'<rect y="10" width="90" height="22" fill="{light}"/>'
        return 90, 90, upper + f'<rect y="40" width="90" height="6" fill="{accent}"/>'
    if name == "dots":
        return (
            30,
            30,
            f'<circle cx="8" cy="8" r="4.6" fill="{light}"/><circle cx="23" cy="23" r="4.6" fill="{accent}"/>',
        )
    if name == "check":
        down = f'<rect width="20" height="40" fill="{light}" opacity=".55"/>'
        return 40, 40, down + f'<rect width="40" height="20" fill="{accent}" opacity=".5"/>'
    if name == "wave":
        return 44, 22, f'<path d="M0 11q11-15 22 0t22 0" fill="none" stroke="{light}" stroke-width="4"/>'
    if name == "speck":
        colour = {"d": p.dark, "l": light, "c": accent}
        return 60, 60, "".join(f'<circle cx="{x}" cy="{y}" r="{r}" fill="{colour[k]}"/>' for x, y, r, k in _SPECKS)
    if name == "leaf":
        one = f'<path d="M26 6q13 12 0 28q-13-16 0-28z" fill="{light}"/>'
        return 52, 52, one + f'<path d="M0 32q13 12 0 28q-13-16 0-28zM52 32q13 12 0 28q-13-16 0-28z" fill="{accent}"/>'
    if name == "scale":
        arcs = "M0 20a20 20 0 0 1 40 0M-20 10a20 20 0 0 1 40 0M20 10a20 20 0 0 1 40 0"
        return 40, 20, f'<path d="{arcs}" fill="none" stroke="{light}" stroke-width="3"/>'
    return 20, 20, ""


def pattern(name: str, p: Palette) -> str:
    """Define the pattern that bodies are covered with."""
    width, height, inside = _tile(name, p)
    return f'<pattern id="p" width="{width}" height="{height}" patternUnits="userSpaceOnUse">{inside}</pattern>'
