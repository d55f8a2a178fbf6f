"""What the seed sells: titles put together from words, in Chinese and English, always the same for the same number."""

from typing import Final

import msgspec

from fairground.kit.money import Money, digits
from fairground.market.catalog.model import NewProduct, NewVariant, Option


class Kind(msgspec.Struct, frozen=True):
    """One kind of thing: its category, its names, what it weighs in grams."""

    category: str
    zh: str
    en: str
    grams: int


KINDS: Final = (
    Kind("ceramics", "提梁壶", "teapot", 850),
    Kind("tableware", "马克杯", "mug", 350),
    Kind("tableware", "面碗", "noodle bowl", 500),
    Kind("ceramics", "花瓶", "vase", 900),
    Kind("scarves-and-hats", "围巾", "scarf", 180),
    Kind("bags", "布袋", "tote bag", 350),
    Kind("home", "靠垫", "cushion", 600),
    Kind("home", "蜡烛", "candle", 300),
    Kind("tea", "岩茶", "rock tea", 120),
    Kind("tea", "白茶饼", "white tea cake", 357),
    Kind("craft-supplies", "羊毛线", "wool yarn", 100),
    Kind("plants-and-garden", "多肉盆栽", "succulent in a pot", 450),
)
MADE: Final = (
    ("柴烧", "Wood-fired"), ("手作", "Handmade"), ("粗陶", "Stoneware"), ("靛蓝", "Indigo"), ("羊羔毛", "Lambswool"),
    ("亚麻", "Linen"), ("竹编", "Bamboo"), ("老山", "Old hill"), ("春采", "Spring"), ("草木染", "Plant-dyed"),
)  # fmt: skip
LOOKS: Final = (
    ("条纹", "striped"), ("斑点", "speckled"), ("格子", "checked"), ("素面", "plain"), ("浪纹", "wave"),
    ("叶纹", "leaf"), ("月白", "moon white"), ("柿红", "persimmon"), ("松绿", "pine green"),
)  # fmt: skip
FOR: Final = (
    ("两人份", "for two"), ("送礼", "as a present"), ("夏天用", "for summer"), ("书房", "for the study"),
    ("旅行", "for travelling"), ("孩子", "for children"), ("厨房", "for the kitchen"),
)  # fmt: skip
SIZES: Final = (("小", "Small"), ("中", "Medium"), ("大", "Large"))
WORDS: Final = (
    (
        "一件一件做的，颜色和图片会有一点差别。下单后两天内寄出。",
        "Made one by one; the colour may differ a little from the picture. Sent within two days.",
    ),
    (
        "材料来自本地，做法是家里传下来的。用之前请用温水洗一遍。",
        "Local materials and a family way of making. Please rinse in warm water before the first use.",
    ),
    (
        "这一批数量不多，卖完要等下一窑。想要别的尺寸可以先问。",
        "A small batch; the next one has to wait for the kiln. Ask us if you would like another size.",
    ),
)


def thing(number: int, language: str, currency: str) -> NewProduct:
    """Make the product of a number: one to three variants, four of five counted."""
    kind = KINDS[number % len(KINDS)]
    at = number // len(KINDS)
    made, look, purpose = MADE[at % len(MADE)], LOOKS[at // len(MADE) % len(LOOKS)], FOR[(at // 90) % len(FOR)]
    chinese = language.startswith("zh")
    title = (
        f"{made[0]}{look[0]}{kind.zh} {purpose[0]} {number}号"
        if chinese
        else f"{made[1]} {look[1]} {kind.en} {purpose[1]}, no. {number}"
    )
    unit = 10 ** digits(currency)
    price = (19 + number * 7 % 480) * unit
    sizes = [pair[0 if chinese else 1] for pair in SIZES[: 1 + number % 3]]
    name = "大小" if chinese else "Size"
    counted = number % 5 != 4
    return NewProduct(
        title=title,
        description=WORDS[number % len(WORDS)][0 if chinese else 1],
        options=[Option(name, sizes)],
        variants=[
            NewVariant(
                price=Money(price + 10 * unit * place, currency),
                options={name: size},
                stock=10_000 + number % 1_000 if counted else None,
                sku=f"{kind.category[:3].upper()}-{number}-{place + 1}",
                weight_grams=kind.grams,
            )
            for place, size in enumerate(sizes)
        ],
        category=kind.category,
        handle=f"thing-{number}",
    )
