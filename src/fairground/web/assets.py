"""Style, script and drawn pictures, made ready once per process and served from memory.

There is no build: the files under `static/` are joined in a fixed order, freed of comments, named by their content and
compressed. An address that carries a hash never changes what it means and may be cached for ever.
"""

import gzip
import hashlib
import re
from collections.abc import Callable
from functools import cache, partial
from pathlib import Path
from typing import Final

import msgspec

from fairground.kit.art import KINDS, PALETTES, banner, placeholder, portrait, scene_fair

STATIC: Final = Path(__file__).parent / "static"
PREFIX: Final = "/static/"
CACHE_CONTROL: Final = "public, max-age=31536000, immutable"

# Later layers win over earlier ones, whatever their selectors weigh.
LAYERS: Final = ("tokens", "ground", "pieces", "layouts", "pages", "words")
SCRIPTS: Final = ("vendor/htmx.min.js", "js/net.js", "js/pieces.js", "js/chat.js")

_COMMENT: Final = re.compile(r"/\*.*?\*/", re.DOTALL)
_SPACE: Final = re.compile(r"\s+")
_TIGHT: Final = re.compile(r"\s*([{};,])\s*")
_SCRIPT_COMMENT: Final = re.compile(r"^\s*(//.*|/\*.*?\*/)\s*$", re.MULTILINE)
_SCRIPT_INDENT: Final = re.compile(r"\n\s+")


class Asset(msgspec.Struct, frozen=True):
    """One static answer: its public path, plain and gzipped bytes, type and strong ETag."""

    path: str
    body: bytes
    gzip: bytes
    content_type: str
    etag: str


def asset_url(name: str) -> str:
    """Give the address of a static thing.

    Raises:
        KeyError: there is none of this name.
    """
    return PREFIX + _made(name).path


def get_asset(path: str) -> Asset | None:
    """Find what an address below `/static/` stands for; None for unknown names and hashes of other versions."""
    stem, _, ending = path.removeprefix(PREFIX).rpartition(".")
    name = stem.rpartition(".")[0] + "." + ending
    if name not in _makers():
        return None
    asset = _made(name)
    return asset if asset.path == path.removeprefix(PREFIX) else None


def warm() -> None:
    """Make the bundles ready, so that no reader waits for them."""
    for name in ("fairground.css", "fairground.js", "mark.svg", "art/fair.svg"):
        _made(name)


@cache
def _makers() -> dict[str, Callable[[], str]]:
    makers: dict[str, Callable[[], str]] = {
        "fairground.css": _style,
        "fairground.js": _script,
        "mark.svg": (STATIC / "mark.svg").read_text,
        "art/fair.svg": scene_fair,
        "art/placeholder-any.svg": placeholder,
    }
    for kind in KINDS:
        makers[f"art/{kind}.svg"] = partial(portrait, kind)
        makers[f"art/placeholder-{kind}.svg"] = partial(placeholder, kind)
    for i, palette in enumerate(PALETTES):
        makers[f"art/banner-{i}.svg"] = partial(banner, palette, i)
    return makers


_TYPES: Final = {"css": "text/css", "js": "text/javascript", "svg": "image/svg+xml"}


@cache
def _made(name: str) -> Asset:
    body = _makers()[name]().encode()
    digest = hashlib.sha256(body).hexdigest()[:12]
    stem, _, ending = name.rpartition(".")
    return Asset(
        path=f"{stem}.{digest}.{ending}",
        body=body,
        gzip=gzip.compress(body, 9, mtime=0),
        content_type=f"{_TYPES[ending]}; charset=utf-8",
        etag=f'"{digest}"',
    )


def _style() -> str:
    layers = [f"@layer {','.join(LAYERS)};"]
    for layer in LAYERS:
        single = STATIC / "css" / f"{layer}.css"
        files = [single] if single.exists() else sorted((STATIC / "css" / layer).glob("*.css"))
        rules = "".join(minify_style(file.read_text("utf-8")) for file in files)
        layers.append(f"@layer {layer}{{{rules}}}")
    return "\n".join(layers)


def _script() -> str:
    return ";\n".join(_light(name, (STATIC / name).read_text("utf-8")) for name in SCRIPTS)


def _light(name: str, text: str) -> str:
    return text if name.startswith("vendor/") else minify_script(text)


def minify_style(text: str) -> str:
    """Take out comments and needless space. Strings in our style hold no runs of space, braces or comments."""
    return _TIGHT.sub(r"\1", _SPACE.sub(" ", _COMMENT.sub("", text))).replace(";}", "}").strip()


def minify_script(text: str) -> str:
    """Take out comments that stand on lines of their own, and indentation."""
    return _SCRIPT_INDENT.sub("\n", _SCRIPT_COMMENT.sub("", text)).strip()
