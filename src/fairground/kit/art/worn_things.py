"""Things that are worn and carried."""

import math

from fairground.kit.art.pen import Pen


def bag(pen: Pen) -> None:
    """Draw a tote bag."""
    pen.ground(324, 108)
    pen.line("M152 182C146 70 254 70 248 182", pen.dark, 12, 0.45)
    pen.body("M112 164H288L304 308Q306 324 290 324H110Q94 324 96 308z", pen.main)
    pen.line("M158 190C150 64 250 64 242 190", pen.accent, 12)
    pen.box((150, 184, 16, 22), pen.dark, 3)
    pen.box((234, 184, 16, 22), pen.dark, 3)
    pen.box((252, 280, 30, 22), pen.light, 3)


def scarf(pen: Pen) -> None:
    """Draw a folded scarf with a fringe."""
    pen.ground(322, 124)
    for i, colour in enumerate((pen.accent, pen.light, pen.main)):
        y = 270 - i * 46
        pen.body(f"M104 {y}H300V{y + 50}H104A25 25 0 0 1 104 {y}z", colour, patterned=i == 2)
        pen.line(f"M112 {y + 26}H300", pen.dark, 3, 0.2)
    pen.body("M206 162Q206 150 220 150H270Q290 150 290 170V300H206z", pen.main)
    for i, x in enumerate(range(210, 290, 8)):
        pen.line(f"M{x} 298v26", pen.light if i % 2 else pen.accent, 4.5)


def necklace(pen: Pen) -> None:
    """Draw a string of beads on a bust."""
    pen.fill("M148 60Q156 130 112 164Q66 196 66 400H334Q334 196 288 164Q244 130 252 60z", pen.light, 0.8)
    points = []
    for i in range(25):
        turn = (i / 24 - 0.5) * math.pi
        points.append((200 + 92 * math.sin(turn), 130 + 150 * max(math.cos(turn), 0) ** 0.8, math.cos(turn)))
    pen.line("M" + " L".join(f"{x:.0f} {y:.0f}" for x, y, _ in points), pen.dark, 2.5)
    for i, (x, y, near) in enumerate(points):
        r = 6 + 5 * near
        pen.disc(round(x, 1), round(y, 1), round(r, 1), (pen.main, pen.accent, pen.main, pen.dark)[i % 4])
        pen.disc(round(x - r * 0.3, 1), round(y - r * 0.3, 1), round(r * 0.28, 1), "#fff", 0.65)
    pen.fill("M200 288q28 30 0 66q-28-36 0-66z", pen.main)
    pen.fill("M200 302q12 16 0 36z", "#fff", 0.4)


def hat(pen: Pen) -> None:
    """Draw a straw hat with a band."""
    pen.ground(292, 160)
    pen.body("M40 268Q60 236 200 236T360 268Q340 300 200 300T40 268z", pen.main, patterned=False)
    pen.oval(200, 254, 96, 17, pen.dark, 0.25)
    pen.body("M112 254C112 150 146 112 200 112S288 150 288 254Q244 272 200 272T112 254z", pen.main)
    pen.body(
        "M112 254Q112 232 115 214Q156 232 200 232T285 214Q288 232 288 254Q244 272 200 272T112 254z",
        pen.accent,
        patterned=False,
    )
    pen.fill("M276 226l34 44l-14 4l-8 16l-26-52z", pen.accent)
    pen.disc(274, 240, 9, pen.dark)


def shoes(pen: Pen) -> None:
    """Draw a pair of canvas shoes."""
    pen.ground(312, 140)
    for dx, dy in ((44, -56), (-14, 0)):
        pen.add(f'<g transform="translate({dx} {dy})">')
        pen.body(
            "M92 226Q98 204 124 208L150 212Q160 236 184 240Q250 250 288 268Q308 278 308 298H92Q84 260 92 226z", pen.main
        )
        pen.box((84, 292, 232, 22), pen.light, 10)
        pen.line("M92 303H308", pen.accent, 4)
        pen.fill("M262 256Q308 268 308 296H258Q248 270 262 256z", pen.light)
        pen.fill("M96 224Q102 206 124 208L150 212Q128 228 96 224z", pen.dark)
        for i in range(3):
            pen.line(f"M{166 + i * 24} {236 + i * 6}l12 22M{182 + i * 24} {240 + i * 6}l-20 16", pen.light, 4.5)
        pen.straight()


def ring(pen: Pen) -> None:
    """Draw a ring in its open box."""
    pen.ground(322, 116)
    pen.body("M100 190L120 92Q124 78 138 78H262Q276 78 280 92L300 190z", pen.dark, patterned=False)
    pen.fill("M120 186L136 102Q138 94 146 94H254Q262 94 264 102L280 186z", pen.light)
    pen.body("M96 208H304V302Q304 322 284 322H116Q96 322 96 302z", pen.main)
    pen.box((88, 186, 224, 30), pen.dark, 8)
    pen.add('<circle cx="200" cy="164" r="40" fill="none" stroke="#e6b450" stroke-width="13"/>')
    pen.add(
        '<path d="M168 148a40 40 0 0 1 20-22" fill="none" stroke="#fff" '
        'stroke-width="5" stroke-linecap="round" opacity=".8"/>'
    )
    pen.box((150, 190, 100, 22), pen.dark, 8)
    pen.fill("M176 112L188 94H212L224 112L200 138z", pen.accent)
    pen.fill("M176 112H224L200 138z", SHINE, 0.25)
    pen.fill("M188 94L200 112L212 94z", "#fff", 0.6)


def fan(pen: Pen) -> None:
    """Draw a folding fan."""
    pen.ground(336, 70)
    outer = [(200 + 160 * math.cos(a), 300 - 160 * math.sin(a)) for a in _spread(13)]
    inner = [(200 + 62 * math.cos(a), 300 - 62 * math.sin(a)) for a in _spread(13)]
    edge = f"M{outer[0][0]:.0f} {outer[0][1]:.0f}A160 160 0 0 1 {outer[-1][0]:.0f} {outer[-1][1]:.0f}"
    back = f"L{inner[-1][0]:.0f} {inner[-1][1]:.0f}A62 62 0 0 0 {inner[0][0]:.0f} {inner[0][1]:.0f}z"
    for x, y in inner:
        pen.line(f"M200 300L{x:.0f} {y:.0f}", pen.dark, 7)
    pen.body(edge + back, pen.main)
    for i in range(12):
        (x1, y1), (x2, y2) = outer[i], outer[i + 1]
        (u1, v1), (u2, v2) = inner[i], inner[i + 1]
        if i % 2:
            pen.fill(f"M{x1:.0f} {y1:.0f}L{x2:.0f} {y2:.0f}L{u2:.0f} {v2:.0f}L{u1:.0f} {v1:.0f}z", pen.dark, 0.13)
    pen.line(edge, pen.accent, 7)
    pen.disc(200, 300, 12, pen.accent)
    pen.line("M200 308v34", pen.accent, 4)
    for i in range(-2, 3):
        pen.line(f"M200 340l{i * 4} 34", pen.accent, 3.4)


def comb(pen: Pen) -> None:
    """Draw a wooden comb and its pouch."""
    pen.ground(326, 118)
    pen.turned(8)
    pen.body("M196 128H302Q314 128 314 140V304Q314 322 296 322H202Q184 322 184 304V140Q184 128 196 128z", pen.main)
    pen.line("M186 158H312", pen.accent, 6)
    pen.line("M236 158v40q10 14 22 0v-40", pen.accent, 4)
    pen.straight()
    pen.turned(-24, 150, 200)
    pen.body("M66 140C66 96 232 96 232 140V170H66z", "#b9804a", patterned=False)
    for x in range(70, 232, 11):
        pen.box((x, 166, 6, 92), "#b9804a", 3)
    pen.box((66, 160, 166, 14), "#a06b38")
    pen.fill("M148 122q16 14 0 30q-16-16 0-30z", pen.light, 0.8)
    pen.straight()


def umbrella(pen: Pen) -> None:
    """Draw an open umbrella."""
    pen.turned(12)
    pen.line("M200 60V304Q200 338 226 338T252 312", pen.dark, 9)
    pen.line("M226 338Q252 338 252 312", pen.accent, 14)
    pen.body(
        "M44 206C50 120 118 70 200 70S350 120 356 206Q330 182 304 206Q278 182 "
        "252 206Q226 182 200 206Q174 182 148 206Q122 182 96 206Q70 182 44 206z",
        pen.main,
    )
    pen.fill("M200 70Q148 110 148 206Q122 182 96 206Q104 110 200 70z", pen.light, 0.28)
    pen.fill("M200 70Q252 110 252 206Q278 182 304 206Q296 110 200 70z", pen.dark, 0.14)
    pen.line("M200 52v22", pen.dark, 8)
    pen.straight()


def _spread(n: int) -> list[float]:
    return [math.radians(162 - i * 144 / (n - 1)) for i in range(n)]


SHINE = "#1d1428"
