"""Pictures drawn in code: made things in many colours, an evening at the fair, cloths.

Promises: the same words give the same picture, as a valid SVG that loads nothing.
Begin at: `picture.py`.
"""

from fairground.kit.art.backdrops import BACKDROPS
from fairground.kit.art.colours import PALETTES, PATTERNS
from fairground.kit.art.picture import KINDS, draw, placeholder, portrait, to_png
from fairground.kit.art.scene import banner, scene_fair

__all__ = [
    "BACKDROPS",
    "KINDS",
    "PALETTES",
    "PATTERNS",
    "banner",
    "draw",
    "placeholder",
    "portrait",
    "scene_fair",
    "to_png",
]
