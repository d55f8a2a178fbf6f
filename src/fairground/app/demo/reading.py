"""Read `fair.txt`: shops, and under each its things."""

from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

FILE: Final = Path(__file__).parent / "fair.txt"
COLOURS: Final = {
    "persimmon": ("柿红", "Persimmon"),
    "tea": ("茶绿", "Tea green"),
    "dusk": ("暮色", "Dusk"),
    "indigo": ("靛蓝", "Indigo"),
    "plum": ("梅子", "Plum"),
    "sand": ("沙色", "Sand"),
    "sky": ("天青", "Sky"),
    "lemon": ("柠檬", "Lemon"),
    "clay": ("赭色", "Ochre"),
    "pine": ("松色", "Pine"),
}


class Words(msgspec.Struct, frozen=True):
    """A text in both languages."""

    zh: str
    en: str

    def of(self, language: str) -> str:
        """Give it in a language."""
        return self.zh if language.startswith("zh") else self.en

    def other(self, language: str) -> str:
        """Give it in the other language."""
        return self.en if language.startswith("zh") else self.zh


class Look(msgspec.Struct, frozen=True):
    """What a thing looks like: words of `kit.art`."""

    kind: str
    palette: str
    pattern: str
    backdrop: str


class Size(msgspec.Struct, frozen=True):
    """One size, and what it costs beyond the price, in units of the currency."""

    name: Words
    more: int = 0


class Thing(msgspec.Struct, frozen=True):
    """One thing for sale. `before`: the struck price; prices in units of the currency."""

    look: Look
    category: str
    price: int
    before: int | None
    stock: int
    title: Words
    words: Words
    palettes: tuple[str, ...] = ()
    size_title: Words | None = None
    sizes: tuple[Size, ...] = ()


class Booth(msgspec.Struct, frozen=True):
    """One shop and its things."""

    slug: str
    cloth: int
    language: str
    name: Words
    town: Words
    about: Words
    things: tuple[Thing, ...]

    def handle(self, number: int) -> str:
        """Give the code by which a thing is found again."""
        return f"{self.slug}-{number:02}"


@lru_cache
def read_fair() -> tuple[Booth, ...]:
    """Read all booths."""
    booths: list[tuple[list[str], list[Thing]]] = []
    for line in FILE.read_text("utf-8").splitlines():
        if not line or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.removeprefix("=").split("|")]
        if line.startswith("="):
            booths.append((cells, []))
        else:
            booths[-1][1].append(_thing(cells))
    return tuple(_booth(cells, things) for cells, things in booths)


def _booth(cells: list[str], things: list[Thing]) -> Booth:
    slug, cloth, language, zh, en, town_zh, town_en, about_zh, about_en = cells
    return Booth(
        slug, int(cloth), language, Words(zh, en), Words(town_zh, town_en), Words(about_zh, about_en), tuple(things)
    )


def _thing(cells: list[str]) -> Thing:
    look, category, prices, stock, title_zh, title_en, words_zh, words_en, options = cells
    price, _, before = prices.partition(" ")
    palettes: tuple[str, ...] = ()
    title: Words | None = None
    sizes: tuple[Size, ...] = ()
    colours, _, rest = options.partition("s:")
    if colours.strip().startswith("c:"):
        palettes = tuple(colours.strip()[2:].split(","))
    if rest:
        named, _, values = rest.partition("=")
        title, sizes = _words(named), tuple(_size(value) for value in values.split(","))
    return Thing(
        look=Look(*look.split(" ")),
        category=category,
        price=int(price),
        before=int(before) if before else None,
        stock=int(stock),
        title=Words(title_zh, title_en),
        words=Words(words_zh, words_en),
        palettes=palettes,
        size_title=title,
        sizes=sizes,
    )


def _words(text: str) -> Words:
    zh, _, en = text.strip().partition("/")
    return Words(zh, en or zh)


def _size(text: str) -> Size:
    name, _, more = text.strip().partition("+")
    return Size(_words(name), int(more or 0))
