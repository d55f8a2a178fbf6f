"""Things for the table and the pantry."""

from fairground.kit.art.pen import SHADOW, Pen


def teapot(pen: Pen) -> None:
    """Draw a teapot with a hoop handle."""
    pen.ground()
    pen.line("M138 176C128 66 272 66 262 176", pen.dark, 11)
    pen.line("M168 88Q200 78 232 88", pen.accent, 13)
    pen.body("M276 212C318 206 318 168 346 146L366 160C346 190 350 246 282 268z", pen.main, patterned=False)
    pen.body(
        "M104 238C104 182 146 158 200 158C254 158 296 182 296 238C296 290 258 318 200 318C142 318 104 290 104 238z",
        pen.main,
    )
    pen.oval(200, 163, 56, 13, pen.dark, 0.28)
    pen.body("M146 160Q200 128 254 160Q200 180 146 160z", pen.main, patterned=False)
    pen.disc(200, 134, 12, pen.accent)


def mug(pen: Pen) -> None:
    """Draw a steaming mug."""
    pen.ground(318, 92, 204)
    pen.line("M256 190C322 176 322 282 252 272", pen.main, 19)
    pen.body("M126 152H266V284Q266 318 232 318H160Q126 318 126 284z", pen.main)
    pen.oval(196, 152, 70, 16, pen.light)
    pen.oval(196, 154, 60, 11, pen.dark)
    pen.line("M176 124q-12-16 0-30t0-28", pen.light, 6, 0.8)
    pen.line("M214 122q-12-16 0-30t0-28", pen.light, 6, 0.8)


def bowl(pen: Pen) -> None:
    """Draw a bowl of fruit."""
    pen.ground(318, 96)
    pen.oval(200, 204, 112, 24, pen.dark)
    for x, y, r, colour in ((158, 186, 38, "#e8793a"), (238, 184, 40, "#d9572b"), (198, 168, 40, "#f09a4a")):
        pen.disc(x, y, r, colour)
        pen.disc(x - r * 0.3, y - r * 0.35, r * 0.22, "#fff", 0.5)
    pen.fill("M198 128q18-18 34-8q-12 16-34 8z", "#5e8c6a")
    pen.body("M88 204A112 24 0 0 0 312 204C312 270 268 302 238 308V320H162V308C132 302 88 270 88 204z", pen.main)


def vase(pen: Pen) -> None:
    """Draw a vase with three stems."""
    pen.ground(322, 78)
    for path, x, y in (
        ("M200 170Q180 110 148 84", 146, 80),
        ("M200 170Q204 100 210 58", 210, 52),
        ("M200 170Q226 124 262 104", 266, 100),
    ):
        pen.line(path, "#4d7d5b", 5)
        for dx, dy in ((-13, 0), (13, 0), (0, -13), (0, 13), (9, 9), (-9, -9)):
            pen.disc(x + dx, y + dy, 11, pen.accent)
        pen.disc(x, y, 8, pen.light)
    pen.fill("M176 138q-34-8-46 12q26 12 46-12zM226 146q30-16 46 2q-22 16-46-2z", "#6a9c6f")
    pen.body("M172 158H228L224 190C282 212 284 300 236 322H164C116 300 118 212 176 190z", pen.main)
    pen.oval(200, 158, 29, 7, pen.dark)


def honey(pen: Pen) -> None:
    """Draw a jar of honey under a cloth cap."""
    stops = '<stop offset="0" stop-color="#f4b942"/><stop offset="1" stop-color="#d07a1a"/>'
    pen.defs.append(f'<linearGradient id="h" x1="0" x2="0" y1="0" y2="1">{stops}</linearGradient>')
    pen.ground(322, 92)
    jar = "M124 172Q124 152 144 152H256Q276 152 276 172V296Q276 322 250 322H150Q124 322 124 296z"
    pen.body(jar, "url(#h)", patterned=False)
    pen.line("M138 180V296", "#fff", 7, 0.5)
    cap = "M112 150Q118 100 142 96H258Q282 100 288 150"
    pen.body(
        cap + "Q270 164 256 152Q242 166 228 154Q214 168 200 155Q186 168 172 154Q158 166 144 152Q130 164 112 150z",
        pen.main,
    )
    pen.line("M132 122Q200 136 268 122", pen.accent, 6)
    pen.box((152, 206, 96, 76), pen.light, 6)
    pen.line("M200 218l17 10v20l-17 10l-17-10v-20z", pen.main, 5)
    pen.line("M174 270h52", pen.dark, 4)


def jam(pen: Pen) -> None:
    """Draw two jars of jam, one before the other."""
    pen.ground(322, 124)
    pen.body(
        "M206 196Q206 182 220 182H304Q318 182 318 196V302Q318 322 298 322H226Q206 322 206 302z",
        pen.accent,
        patterned=False,
    )
    pen.box((202, 152, 120, 34), pen.dark, 8)
    pen.box((228, 222, 68, 60), pen.light, 5)
    pen.body(
        "M84 186Q84 166 104 166H208Q228 166 228 186V298Q228 322 204 322H108Q84 322 84 298z", pen.main, patterned=False
    )
    pen.line("M100 190V294", "#fff", 7, 0.4)
    pen.body("M78 130Q78 120 88 120H224Q234 120 234 130V162H78z", pen.light)
    pen.box((108, 204, 96, 76), pen.light, 6)
    pen.disc(144, 240, 13, pen.main)
    pen.disc(166, 246, 13, pen.main)
    pen.line("M146 228q8-18 24-18", "#4d7d5b", 4)


def tin(pen: Pen) -> None:
    """Draw a tea tin."""
    pen.ground(324, 84)
    pen.body("M128 150H272V300Q272 324 248 324H152Q128 324 128 300z", pen.main)
    pen.body("M128 158V116Q128 88 200 88T272 116V158z", pen.accent, patterned=False)
    pen.box((124, 148, 152, 16), pen.dark, 5)
    pen.oval(200, 104, 44, 9, "#fff", 0.28)
    pen.disc(200, 236, 48, pen.light)
    pen.fill("M200 208q26 24 0 58q-26-34 0-58z", "#4d7d5b")
    pen.line("M200 216v42", pen.light, 3)


def soap(pen: Pen) -> None:
    """Draw a stack of soap bars with foam."""
    pen.ground(318, 122)
    pen.body("M88 262Q88 248 104 248H296Q312 248 312 262V302Q312 318 296 318H104Q88 318 88 302z", pen.main)
    pen.turned(-4)
    pen.body("M108 192Q108 178 124 178H280Q296 178 296 192V232Q296 248 280 248H124Q108 248 108 232z", pen.light)
    pen.box((152, 174, 96, 78), pen.accent, 3)
    pen.line("M172 202h56M172 220h36", pen.light, 5)
    pen.straight()
    for x, y, r in ((120, 150, 22), (154, 128, 14), (98, 116, 11), (290, 150, 17), (316, 122, 10)):
        pen.disc(x, y, r, "#fff", 0.6)
        pen.disc(x - r * 0.3, y - r * 0.3, r * 0.22, "#fff")


def knife(pen: Pen) -> None:
    """Draw a kitchen knife on a board."""
    pen.turned(-16)
    pen.box((66, 116, 280, 178), SHADOW, 22, 0.16)
    pen.body(
        "M58 124Q58 104 78 104H318Q338 104 338 124V262Q338 282 318 282H78Q58 282 58 262z", "#c99a63", patterned=False
    )
    pen.line("M80 146H316M80 232H250M96 262H300", "#7a4f28", 2.5, 0.35)
    pen.disc(310, 132, 10, "#7a4f28", 0.7)
    pen.fill("M78 170H246V224Q150 226 78 170z", "#e9edf0")
    pen.fill("M78 170H246V184Q150 186 78 170z", "#b9c3ca")
    pen.body("M246 168H340Q356 170 356 190T340 210H246z", pen.main)
    pen.box((242, 166, 12, 48), pen.dark, 3)
    for x in (280, 318):
        pen.disc(x, 189, 5, pen.light)
    pen.straight()


def basket(pen: Pen) -> None:
    """Draw a woven basket with bread and greens."""
    pen.ground(324, 118)
    pen.line("M112 200C112 60 288 60 288 200", pen.dark, 12)
    pen.turned(-18, 170, 170)
    pen.body("M120 188Q120 118 160 118T200 188V230H120z", "#d79a52", patterned=False)
    pen.line("M140 146l34 8M138 170l38 8", "#f3d9a8", 6)
    pen.straight()
    for x, y in ((232, 150), (262, 168), (212, 174)):
        pen.disc(x, y, 34, "#5e8c6a")
        pen.disc(x - 8, y - 8, 12, "#8ab47f", 0.8)
    pen.body("M84 196H316L292 306Q288 324 268 324H132Q112 324 108 306z", pen.main)
    for y in (224, 252, 280, 308):
        pen.line(f"M{96 + (y - 224) * 0.2:.0f} {y}H{304 - (y - 224) * 0.2:.0f}", pen.dark, 3, 0.3)
    pen.box((76, 186, 248, 22), pen.accent, 11)
