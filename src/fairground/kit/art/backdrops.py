"""What stands behind a thing."""

from typing import Final

from fairground.kit.art.pen import Pen

BACKDROPS: Final = ("plain", "table", "arch", "sun", "hill", "cloth", "night")


def _table(pen: Pen) -> None:
    pen.box((0, 286, 400, 114), pen.table)
    pen.fill("M-20 286L150-10H330L90 286z", "#fff", 0.13)


def _hill(pen: Pen) -> None:
    pen.disc(306, 104, 46, pen.accent, 0.55)
    pen.fill("M0 300q110-80 220-20t180-30V400H0z", pen.table)


def _cloth(pen: Pen) -> None:
    pen.box((0, 270, 400, 130), pen.light, opacity=0.75)
    for x in range(6, 400, 36):
        pen.box((x, 270, 18, 130), pen.main, opacity=0.16)


def _night(pen: Pen) -> None:
    pen.box((0, 300, 400, 100), pen.table)
    rnd = pen.rnd
    for _ in range(15):
        colour = rnd.choice([pen.accent, pen.main, pen.light])
        pen.disc(
            rnd.randint(5, 395),
            rnd.randint(20, 280),
            rnd.choice([7, 11, 16, 22]),
            colour,
            rnd.choice([0.1, 0.16, 0.24]),
        )
    pen.line("M-10 30Q200 104 410 24", pen.light, 2, 0.5)
    for i in range(1, 9):
        t = i / 9
        x = -10 * (1 - t) ** 2 + 400 * t * (1 - t) + 410 * t * t
        y = 30 * (1 - t) ** 2 + 208 * t * (1 - t) + 24 * t * t
        pen.disc(round(x), round(y + 9), 15, pen.accent, 0.22)
        pen.disc(round(x), round(y + 9), 6, "#ffe6a8")


def paint_backdrop(pen: Pen, name: str) -> None:
    """Paint the wall and what is on it."""
    pen.box((0, 0, 400, 400), pen.wall)
    if name == "arch":
        pen.fill("M70 400V200a130 130 0 0 1 260 0V400z", pen.table)
    elif name == "sun":
        pen.disc(200, 196, 142, pen.table)
    elif name in _PAINTED:
        _PAINTED[name](pen)


_PAINTED: Final = {"table": _table, "hill": _hill, "cloth": _cloth, "night": _night}
