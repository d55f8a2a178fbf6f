"""Things that live in a room."""

import math

from fairground.kit.art.pen import SHADOW, Pen


def lantern(pen: Pen) -> None:
    """Draw a paper lantern, lit."""
    pen.glow(200, 186, 172, pen.accent)
    pen.line("M200 0V96", pen.dark, 4)
    pen.body("M200 104C276 104 302 146 302 188S276 272 200 272S98 230 98 188S124 104 200 104z", pen.main)
    pen.glow(200, 190, 84, pen.accent)
    for rx in (70, 34):
        pen.add(
            f'<ellipse cx="200" cy="188" rx="{rx}" ry="84" fill="none" '
            f'stroke="{pen.dark}" stroke-opacity=".28" stroke-width="2.5"/>'
        )
    pen.box((160, 94, 80, 17), pen.dark, 5)
    pen.box((164, 265, 72, 15), pen.dark, 5)
    pen.disc(200, 292, 9, pen.accent)
    for i in range(-3, 4):
        pen.line(f"M{200 + i * 4} 300l{i * 2} {62 - abs(i) * 3}", pen.accent, 3.4)


def candle(pen: Pen) -> None:
    """Draw a burning candle in a glass."""
    pen.ground(320, 88)
    pen.glow(200, 138, 120)
    pen.body("M132 176H268V300Q268 320 248 320H152Q132 320 132 300z", pen.main)
    pen.oval(200, 176, 68, 15, pen.light)
    pen.line("M200 176v-20", pen.dark, 4)
    pen.fill("M200 96q27 34 19 50q-7 15-19 15t-19-15q-8-16 19-50z", "#f6b23c")
    pen.fill("M200 126q12 17 8 26q-3 6-8 6t-8-6q-4-9 8-26z", "#fff3cf")
    pen.box((160, 222, 80, 62), pen.light, 4)
    pen.disc(200, 244, 9, pen.accent)
    pen.line("M180 266h40", pen.dark, 4)


def plant(pen: Pen) -> None:
    """Draw a plant in a pot."""
    pen.ground(322, 84)
    leaves = (
        (-62, 118, "#4d7d5b"),
        (62, 118, "#4d7d5b"),
        (-38, 150, "#6a9c6f"),
        (38, 150, "#6a9c6f"),
        (-14, 172, "#4d7d5b"),
        (15, 166, "#7fb07f"),
    )
    for angle, length, colour in leaves:
        pen.turned(angle, 200, 230)
        pen.fill(f"M200 230q-32-{length * 0.5:.0f} 0-{length}q32 {length * 0.5:.0f} 0 {length}z", colour)
        pen.line(f"M200 230V{230 - length + 16}", "#2d5140", 2.4, 0.6)
        pen.straight()
    pen.body("M132 240H268L252 310Q250 322 238 322H162Q150 322 148 310z", pen.main)
    pen.body("M122 218H278V246H122z", pen.main, patterned=False)


def chair(pen: Pen) -> None:
    """Draw a chair with a cushion."""
    pen.ground(346, 104)
    for path in ("M140 90L128 344", "M262 90L274 344"):
        pen.line(path, "#9c6b3f", 13)
    pen.line("M160 250L150 330M242 250L252 330", "#7a4f28", 10)
    for y in (104, 138, 172):
        pen.line(f"M142 {y}Q200 {y - 12} 260 {y}", "#b9804a", 14)
    pen.body("M112 236Q112 212 138 212H264Q290 212 290 236Q290 262 264 262H138Q112 262 112 236z", pen.main)
    pen.line("M116 258H286", "#9c6b3f", 12)
    pen.line("M122 262L112 348M280 262L290 348", "#9c6b3f", 13)


def lamp(pen: Pen) -> None:
    """Draw a table lamp, lit."""
    pen.ground(334, 76)
    pen.glow(200, 176, 168)
    pen.body("M178 222H222L232 306Q234 330 200 330T168 306z", pen.accent, patterned=False)
    pen.oval(200, 326, 58, 10, pen.dark)
    pen.box((192, 196, 16, 32), pen.dark, 4)
    pen.body("M148 92H252L294 206Q248 222 200 222T106 206z", pen.main)
    pen.oval(200, 93, 52, 9, "#fff3cf")
    pen.line("M262 214v44", pen.dark, 2.5)
    pen.disc(262, 262, 6, pen.dark)


def cushion(pen: Pen) -> None:
    """Draw a cushion with tassels."""
    pen.ground(316, 130)
    pen.turned(-7)
    pen.body("M84 102Q200 128 316 102Q334 200 316 310Q200 288 84 310Q66 200 84 102z", pen.main)
    pen.line("M100 118Q200 140 300 118Q314 200 300 292Q200 274 100 292Q86 200 100 118z", pen.accent, 4)
    for x, y, way in ((84, 102, -1), (316, 102, -1), (84, 310, 1), (316, 310, 1)):
        pen.disc(x, y, 8, pen.dark)
        for i in range(-2, 3):
            pen.line(f"M{x} {y}l{(1 if x > 200 else -1) * (16 + abs(i))} {way * 18 + i * 5}", pen.accent, 3)
    pen.disc(200, 206, 11, pen.dark)
    pen.line("M200 206q-30-6-46-24M200 206q30-6 46-24M200 206q-28 10-42 30M200 206q28 10 42 30", pen.dark, 3, 0.35)
    pen.straight()


def clock(pen: Pen) -> None:
    """Draw a standing clock."""
    pen.ground(330, 104)
    pen.line("M130 290L108 330M270 290L292 330", pen.dark, 13)
    pen.disc(132, 104, 34, pen.accent)
    pen.disc(268, 104, 34, pen.accent)
    pen.line("M200 60v24M184 58h32", pen.dark, 9)
    pen.body("M200 82a116 116 0 1 0 .1 0z", pen.main)
    pen.disc(200, 198, 90, pen.light)
    for i in range(12):
        turn = i * math.pi / 6
        near = 66 if i % 3 == 0 else 73
        ends = [200 + r * math.sin(turn) for r in (near, 79)], [198 - r * math.cos(turn) for r in (near, 79)]
        pen.line(f"M{ends[0][0]:.0f} {ends[1][0]:.0f}L{ends[0][1]:.0f} {ends[1][1]:.0f}", pen.dark, 5)
    pen.line("M200 198L168 160", pen.dark, 9)
    pen.line("M200 198L240 146", pen.dark, 6)
    pen.line("M200 198l10 44", pen.main, 4)
    pen.disc(200, 198, 8, pen.dark)


def bell(pen: Pen) -> None:
    """Draw a bicycle bell on its handlebar."""
    pen.line("M-10 300Q120 262 200 286T410 262", pen.dark, 26)
    pen.line("M-10 294Q120 256 200 280T410 256", "#fff", 5, 0.35)
    pen.box((172, 252, 58, 52), pen.accent, 9)
    pen.body("M82 252C82 150 138 100 200 100S318 150 318 252z", pen.main)
    pen.box((70, 244, 260, 20), pen.dark, 10)
    pen.disc(200, 96, 13, pen.accent)
    pen.line("M318 250l44-30", pen.accent, 14)
    pen.line("M124 206Q136 150 178 132", "#fff", 9, 0.55)
    for path in ("M330 132q20-16 16-40", "M352 154q34-22 30-60"):
        pen.line(path, pen.dark, 4, 0.5)


def broom(pen: Pen) -> None:
    """Draw a hand broom."""
    pen.ground(330, 84)
    pen.turned(14)
    pen.line("M200 40V190", "#b9804a", 17)
    pen.line("M200 52v4", SHADOW, 6, 0.5)
    pen.body("M168 188H232L268 316Q200 336 132 316z", "#dcb465", patterned=False)
    for i in range(-4, 5):
        pen.line(f"M{200 + i * 6} 200L{200 + i * 14} 316", "#a9792f", 3, 0.55)
    pen.body("M160 176H240L246 214H154z", pen.main)
    pen.line("M152 232Q200 244 250 232M148 250Q200 262 254 250", pen.accent, 6)
    pen.straight()
