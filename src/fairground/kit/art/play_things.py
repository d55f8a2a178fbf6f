"""Things to play, write and work with."""

import math

from fairground.kit.art.pen import SHADOW, Pen


def kite(pen: Pen) -> None:
    """Draw a kite among clouds."""
    pen.fill("M30 130q6-26 32-20q12-26 40-10q22-4 22 16q12 14-6 14z", "#fff", 0.55)
    pen.fill("M268 316q6-22 28-16q14-22 36-8q20-2 20 14q8 10-6 10z", "#fff", 0.55)
    pen.line("M200 268Q150 310 190 340T170 410", pen.dark, 2.5)
    for x, y, turn in ((176, 303, -30), (192, 344, 25), (178, 384, -35)):
        pen.turned(turn, x, y)
        pen.fill(f"M{x} {y}l-19-10v20zM{x} {y}l19-10v20z", pen.accent)
        pen.straight()
    pen.turned(10, 200, 170)
    pen.body("M200 40L302 146L200 276L98 146z", pen.main)
    pen.fill("M200 40V146H98z", pen.accent)
    pen.fill("M302 146H200V276z", pen.light, 0.9)
    pen.line("M200 40V276M98 146H302", pen.dark, 4)
    pen.disc(200, 146, 20, pen.dark)
    pen.disc(200, 146, 9, pen.accent)
    pen.straight()


def toy(pen: Pen) -> None:
    """Draw a pull-along duck."""
    pen.ground(326, 124)
    pen.line("M318 268Q360 300 390 250", pen.accent, 4)
    pen.disc(388, 246, 9, pen.accent)
    pen.box((92, 272, 230, 20), pen.dark, 10)
    neck = "M92 196C70 188 62 166 66 148C98 172 130 172 160 176C196 178 206 150 206 126A48 48 0 0 1 302 126"
    pen.body(
        neck + "C302 160 296 180 296 204C296 250 252 274 196 274C132 274 96 244 92 196z", pen.main, patterned=False
    )
    pen.body("M122 196C150 182 220 190 232 206C226 248 142 252 122 196z", pen.light)
    pen.fill("M298 122l48 12q4 14-12 16l-36 2z", pen.accent)
    pen.disc(262, 116, 8, pen.dark)
    pen.disc(265, 113, 2.5, "#fff")
    for x in (136, 274):
        pen.disc(x, 298, 29, pen.accent)
        pen.disc(x, 298, 18, pen.light)
        pen.disc(x, 298, 6, pen.dark)


def puppet(pen: Pen) -> None:
    """Draw a puppet on its strings."""
    pen.line("M118 66H282M200 40V92", "#9c6b3f", 11)
    for path in ("M124 68L126 232", "M276 68L274 232", "M190 70L186 128", "M210 70L214 128"):
        pen.line(path, pen.dark, 2, 0.55)
    pen.line("M172 300L164 352M228 300L236 352", pen.dark, 13)
    pen.line("M150 356h20M230 356h20", pen.accent, 14)
    pen.line("M160 216L126 240M240 216L274 240", pen.main, 19)
    pen.disc(122, 244, 12, "#f0c9a0")
    pen.disc(278, 244, 12, "#f0c9a0")
    pen.body("M164 192H236L258 306H142z", pen.main)
    pen.fill("M164 192H236L222 214H178z", pen.light)
    pen.disc(200, 156, 40, "#f0c9a0")
    pen.fill("M158 150Q160 106 200 106T242 150Q220 132 200 134T158 150z", pen.dark)
    pen.fill("M166 116L200 62L234 116Q200 100 166 116z", pen.accent)
    pen.disc(200, 62, 9, pen.light)
    pen.disc(186, 156, 5, pen.dark)
    pen.disc(214, 156, 5, pen.dark)
    pen.disc(176, 170, 7, "#e7744a", 0.45)
    pen.disc(224, 170, 7, "#e7744a", 0.45)
    pen.line("M190 174q10 9 20 0", pen.dark, 3.5)


def ukulele(pen: Pen) -> None:
    """Draw a ukulele."""
    pen.turned(38)
    left = "M200 190C166 190 152 212 158 238C162 258 134 264 134 302C134 340 166 360 200 360"
    outline = left + "S266 340 266 302C266 264 238 258 242 238C248 212 234 190 200 190z"
    pen.add(f'<path d="{outline}" fill="{SHADOW}" opacity=".16" transform="translate(9 8)"/>')
    pen.body(outline, pen.main)
    pen.disc(200, 262, 25, pen.dark)
    pen.add(f'<circle cx="200" cy="262" r="31" fill="none" stroke="{pen.light}" stroke-width="3"/>')
    pen.box((187, 62, 26, 186), pen.dark, 3)
    pen.box((181, 16, 38, 56), pen.accent, 8)
    for y in range(86, 240, 20):
        pen.line(f"M188 {y}H212", pen.light, 2, 0.6)
    for i in range(4):
        pen.line(f"M{191 + i * 6} 62V324", "#fff", 1.6, 0.85)
    for x, y in ((176, 28), (176, 54), (224, 28), (224, 54)):
        pen.disc(x, y, 7, pen.light)
    pen.box((170, 318, 60, 12), pen.dark, 4)
    pen.straight()


def jigsaw(pen: Pen) -> None:
    """Draw four pieces of a jigsaw, one still to lay."""
    pen.add('<g transform="translate(-14 18)">')
    pen.box((104, 104, 200, 200), SHADOW, 12, 0.16)
    pen.body("M96 96H192V120a22 22 0 1 1 0 44V192H164a22 22 0 1 0-44 0H96z", pen.main)
    pen.body("M96 192H120a22 22 0 1 1 44 0H192V216a22 22 0 1 1 0 44V288H96z", pen.light)
    pen.body("M192 192H220a22 22 0 1 1 44 0H288V288H192V260a22 22 0 1 0 0-44z", pen.accent, patterned=False)
    pen.straight()
    pen.turned(16, 290, 110)
    pen.body("M238 58H334V154H310a22 22 0 1 1-44 0H238V126a22 22 0 1 0 0-44z", pen.main)
    pen.straight()


def notebook(pen: Pen) -> None:
    """Draw two notebooks and a pencil."""
    pen.turned(12)
    pen.box((130, 94, 178, 242), SHADOW, 8, 0.15)
    pen.box((122, 84, 178, 242), pen.accent, 8)
    pen.straight()
    pen.turned(-7)
    pen.box((119, 85, 182, 248), SHADOW, 8, 0.16)
    pen.body("M120 76H286Q294 76 294 84V316Q294 324 286 324H120Q112 324 112 316V84Q112 76 120 76z", pen.main)
    pen.box((112, 76, 26, 248), pen.dark, 8)
    pen.box((164, 122, 102, 62), pen.light, 4)
    pen.line("M180 144h70M180 160h44", pen.dark, 4.5)
    pen.line("M274 80V320", pen.dark, 6)
    pen.straight()
    pen.turned(34, 322, 260)
    pen.box((314, 160, 16, 170), pen.accent, 3)
    pen.fill("M314 330l8 24l8-24z", pen.light)
    pen.fill("M319 345l3 9l3-9z", pen.dark)
    pen.straight()


def pen_and_ink(pen: Pen) -> None:
    """Draw a fountain pen beside its ink."""
    pen.ground(326, 130)
    pen.body(
        "M76 240Q76 220 96 220H196Q216 220 216 240V306Q216 326 196 326H96Q76 326 76 306z", pen.main, patterned=False
    )
    pen.box((112, 186, 68, 40), pen.dark, 6)
    pen.box((98, 250, 96, 52), pen.light, 5)
    pen.line("M114 268h62M114 284h38", pen.dark, 4)
    pen.turned(28, 270, 200)
    pen.body("M252 60Q252 44 270 44T288 60V222H252z", pen.main)
    pen.box((250, 140, 40, 12), pen.accent, 3)
    pen.box((284, 66, 7, 74), pen.accent, 3)
    pen.fill("M254 222H286L279 262H261z", pen.dark)
    pen.fill("M259 262H281L270 322z", "#e6b450")
    pen.line("M270 282V318", pen.dark, 2.5)
    pen.disc(270, 278, 4, pen.dark)
    pen.straight()


def poster(pen: Pen) -> None:
    """Draw a framed print."""
    pen.box((104, 60, 208, 280), SHADOW, 4, 0.17)
    pen.box((94, 48, 212, 284), pen.dark, 5)
    pen.box((108, 62, 184, 256), pen.light, 2)
    pen.box((126, 82, 148, 178), pen.wall)
    pen.disc(232, 132, 27, pen.accent)
    pen.body("M126 216Q164 150 200 190T274 172V260H126z", pen.main)
    pen.fill("M126 238Q180 204 274 236V260H126z", pen.dark, 0.55)
    pen.line("M126 284h92M126 300h54", pen.dark, 5, 0.7)
    pen.fill("M108 62H180L108 200z", "#fff", 0.16)


def keyboard(pen: Pen) -> None:
    """Draw a small keyboard with its cable."""
    rows: tuple[list[float], ...] = (
        [1] * 11,
        [1.5, *[1] * 8, 1.5],
        [1.75, *[1] * 7, 2.25],
        [2.25, *[1] * 6, 2.75],
        [1.5, 1.25, 5, 1.25, 2],
    )
    pen.turned(-14)
    pen.box((44, 122, 324, 170), SHADOW, 20, 0.2)
    pen.box((36, 108, 328, 170), pen.main, 20)
    pen.box((48, 120, 304, 146), pen.dark, 10)
    for y, row in enumerate(rows):
        x = 53.0
        for i, units in enumerate(row):
            width = units * 26.8
            edge = i in {0, len(row) - 1} or (y == 4 and i != 2)
            colour = pen.accent if (y, i) in {(0, 0), (2, 8), (4, 4)} else pen.main if edge else pen.light
            pen.box((round(x, 1), round(125 + y * 27.6, 1), round(width - 3, 1), 25), colour, 5)
            pen.box((round(x + 3, 1), round(126.5 + y * 27.6, 1), round(width - 9, 1), 18), "#fff", 4, 0.24)
            x += width
    pen.straight()
    pen.line("M170 128Q150 60 214 40T260-10", pen.accent, 7)


def drum(pen: Pen) -> None:
    """Draw a hand drum with sticks."""
    pen.ground(322, 112)
    pen.body("M92 190V282Q92 322 200 322T308 282V190z", pen.main)
    for i in range(7):
        x = 96 + i * 34
        pen.line(f"M{x} 206L{min(x + 17, 308)} 300L{min(x + 34, 304)} 206", pen.light, 4)
    pen.oval(200, 190, 112, 38, pen.accent)
    pen.oval(200, 184, 108, 35, pen.light)
    pen.line("M96 60L192 168M316 70L226 172", "#b9804a", 11)
    pen.disc(194, 170, 14, pen.dark)
    pen.disc(224, 174, 14, pen.dark)


def yarn(pen: Pen) -> None:
    """Draw two balls of yarn and needles."""
    pen.ground(322, 132)
    pen.line("M250 60L176 300M300 80L150 268", "#b9804a", 9)
    pen.disc(252, 58, 12, pen.dark)
    pen.disc(303, 77, 12, pen.dark)
    for x, y, r, colour in ((262, 248, 72, pen.accent), (150, 232, 88, pen.main)):
        pen.body(f"M{x} {y - r}a{r} {r} 0 1 0 .1 0z", colour, patterned=False)
        for turn in (-50, -10, 40):
            pen.turned(turn, x, y)
            for k in (-0.5, 0, 0.5):
                pen.line(
                    f"M{x - r * 0.7:.0f} {y + k * r:.0f}Q{x} "
                    f"{y + k * r - r * 0.42:.0f} {x + r * 0.7:.0f} {y + k * r:.0f}",
                    pen.light,
                    3,
                    0.6,
                )
            pen.straight()
    pen.line("M84 292Q40 330 96 340T250 334", pen.main, 6)


def wheel(pen: Pen) -> None:
    """Draw a pinwheel."""
    pen.line("M200 180L214 400", "#b9804a", 10)
    for i in range(4):
        pen.turned(i * 90 + 12, 200, 172)
        pen.body("M200 172L200 44Q276 60 288 130z", pen.main if i % 2 else pen.accent, patterned=i % 2 == 1)
        pen.fill("M200 172L200 44Q216 110 200 172z", pen.dark, 0.2)
        pen.straight()
    pen.disc(200, 172, 15, pen.light)
    pen.disc(200, 172, 6, pen.dark)
    for turn in (0.4, 2.4, 4.5):
        pen.disc(round(200 + 176 * math.cos(turn)), round(172 + 140 * math.sin(turn)), 7, pen.light, 0.7)
