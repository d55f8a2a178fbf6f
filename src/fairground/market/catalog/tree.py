"""The market's own tree of categories, in two languages, with their attributes.

Nothing here is required of a shop: a rule that asks for more belongs to the operator, who may mark an attribute so.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

from fairground.market.catalog.model import Attribute, AttributeKind, Category, Choice
from fairground.market.catalog.model.attributes import NO_RETURN

_Choices: TypeAlias = tuple[tuple[str, str, str], ...]


def _text(key: str, en: str, zh: str) -> Attribute:
    return Attribute(key, en, zh, AttributeKind.TEXT)


def _number(key: str, en: str, zh: str, unit: str, *, filterable: bool = False) -> Attribute:
    return Attribute(key, en, zh, AttributeKind.NUMBER, unit=unit, filterable=filterable)


def _choice(key: str, en: str, zh: str, choices: _Choices, *, several: bool = False) -> Attribute:
    chosen = [Choice(*choice) for choice in choices]
    return Attribute(key, en, zh, AttributeKind.CHOICE, choices=chosen, several=several, filterable=True)


def _yes_no(key: str, en: str, zh: str) -> Attribute:
    return Attribute(key, en, zh, AttributeKind.YES_NO, filterable=True)


_BRAND = _text("brand", "Brand", "品牌")
_ORIGIN = _text("origin", "Origin", "产地")
_HANDMADE = _yes_no("handmade", "Handmade", "手工制作")
_COLOUR = _choice(
    "colour",
    "Colour",
    "颜色",
    (
        ("black", "Black", "黑色"),
        ("white", "White", "白色"),
        ("grey", "Grey", "灰色"),
        ("red", "Red", "红色"),
        ("orange", "Orange", "橙色"),
        ("yellow", "Yellow", "黄色"),
        ("green", "Green", "绿色"),
        ("blue", "Blue", "蓝色"),
        ("purple", "Purple", "紫色"),
        ("pink", "Pink", "粉色"),
        ("brown", "Brown", "棕色"),
        ("natural", "Natural", "原色"),
        ("patterned", "Patterned", "花色"),
    ),
    several=True,
)
# What the law excepts from the return without a reason (PRC consumer law, article 25); the page of the goods says so.
_NO_RETURN = Attribute(
    NO_RETURN,
    "No return without a reason",
    "不支持无理由退货",
    AttributeKind.CHOICE,
    choices=[
        Choice("custom_made", "Made to order", "定作商品"),
        Choice("perishable", "Fresh or perishable", "鲜活易腐"),
        Choice("opened_digital", "Digital, once opened or downloaded", "拆封或下载的数字化商品"),
        Choice("newspaper", "Newspapers and periodicals", "报纸期刊"),
    ],
)
_FABRIC = _choice(
    "fabric",
    "Fabric",
    "面料",
    (
        ("cotton", "Cotton", "棉"),
        ("linen", "Linen", "亚麻"),
        ("silk", "Silk", "真丝"),
        ("wool", "Wool", "羊毛"),
        ("cashmere", "Cashmere", "羊绒"),
        ("down", "Down", "羽绒"),
        ("denim", "Denim", "牛仔"),
        ("leather", "Leather", "皮革"),
        ("synthetic", "Synthetic", "化纤"),
    ),
    several=True,
)
_FOR_WHOM = _choice(
    "for-whom",
    "For",
    "适用人群",
    (("women", "Women", "女"), ("men", "Men", "男"), ("children", "Children", "儿童"), ("all", "Everybody", "通用")),
)
_SEASON = _choice(
    "season",
    "Season",
    "季节",
    (
        ("spring", "Spring", "春"),
        ("summer", "Summer", "夏"),
        ("autumn", "Autumn", "秋"),
        ("winter", "Winter", "冬"),
    ),
    several=True,
)
_MATERIAL = _choice(
    "material",
    "Material",
    "材质",
    (
        ("wood", "Wood", "木"),
        ("bamboo", "Bamboo", "竹"),
        ("ceramic", "Ceramic", "陶瓷"),
        ("glass", "Glass", "玻璃"),
        ("metal", "Metal", "金属"),
        ("stone", "Stone", "石"),
        ("paper", "Paper", "纸"),
        ("textile", "Textile", "布艺"),
        ("plastic", "Plastic", "塑料"),
    ),
    several=True,
)
_TEA = _choice(
    "tea",
    "Kind of tea",
    "茶类",
    (
        ("green", "Green", "绿茶"),
        ("white", "White", "白茶"),
        ("yellow", "Yellow", "黄茶"),
        ("oolong", "Oolong", "乌龙茶"),
        ("black", "Black", "红茶"),
        ("dark", "Dark (pu'er)", "黑茶（普洱）"),
        ("scented", "Scented", "花茶"),
    ),
)
_ROAST = _choice(
    "roast", "Roast", "烘焙度", (("light", "Light", "浅烘"), ("medium", "Medium", "中烘"), ("dark", "Dark", "深烘"))
)
_AGE = _choice(
    "age",
    "Age",
    "年龄",
    (
        ("0-2", "0–2 years", "0–2岁"),
        ("3-5", "3–5 years", "3–5岁"),
        ("6-9", "6–9 years", "6–9岁"),
        ("10-14", "10–14 years", "10–14岁"),
        ("grown-up", "Grown-ups", "成人"),
    ),
)
_SKIN = _choice(
    "skin",
    "Skin",
    "肤质",
    (
        ("dry", "Dry", "干性"),
        ("oily", "Oily", "油性"),
        ("mixed", "Mixed", "混合性"),
        ("sensitive", "Sensitive", "敏感"),
        ("any", "Any", "通用"),
    ),
)
_CONNECTION = _choice(
    "connection",
    "Connection",
    "连接方式",
    (("wired", "Wired", "有线"), ("bluetooth", "Bluetooth", "蓝牙"), ("wifi", "Wi-Fi", "无线网络")),
    several=True,
)
_CONDITION = _choice(
    "condition", "Condition", "成色", (("new", "New", "全新"), ("good", "Good", "良好"), ("worn", "Worn", "有使用痕迹"))
)
_CONTENT = _number("content", "Content", "净含量", "g", filterable=True)
_VOLUME = _number("volume", "Volume", "容量", "ml", filterable=True)
_KEEPS = _number("keeps", "Keeps for", "保质期", "d")
_ORGANIC = _yes_no("organic", "Organic", "有机")
_VEGAN = _yes_no("vegan", "Vegan", "纯素")
_HEIGHT = _number("height", "Height", "高", "cm")
_WIDTH = _number("width", "Width", "宽", "cm")
_POWER = _number("power", "Power", "功率", "W", filterable=True)
_AUTHOR = _text("author", "Author", "作者")
_ISBN = _text("isbn", "ISBN", "ISBN")

_Branch: TypeAlias = tuple[
    str, str, str, tuple[Attribute, ...], tuple[tuple[str, str, str, tuple[Attribute, ...]], ...]
]

# slug, English, Chinese, attributes; below it its children
_BRANCHES: Final[tuple[_Branch, ...]] = (
    (
        "clothing",
        "Clothing",
        "服饰",
        (_BRAND, _COLOUR, _FOR_WHOM, _SEASON),
        (
            ("womens-clothing", "Women's clothing", "女装", (_FABRIC,)),
            ("mens-clothing", "Men's clothing", "男装", (_FABRIC,)),
            ("childrens-clothing", "Children's clothing", "童装", (_FABRIC, _AGE)),
            ("shoes", "Shoes", "鞋靴", ()),
            ("bags", "Bags", "箱包", (_VOLUME,)),
            ("scarves-and-hats", "Scarves and hats", "围巾帽子", (_FABRIC, _HANDMADE)),
        ),
    ),
    (
        "jewellery",
        "Jewellery and watches",
        "珠宝腕表",
        (_BRAND, _HANDMADE),
        (
            ("necklaces", "Necklaces", "项链", ()),
            ("rings-and-earrings", "Rings and earrings", "戒指耳饰", ()),
            ("watches", "Watches", "腕表", ()),
        ),
    ),
    (
        "food-and-tea",
        "Food and tea",
        "食品茶饮",
        (_BRAND, _ORIGIN, _KEEPS, _ORGANIC),
        (
            ("tea", "Tea", "茶叶", (_TEA, _CONTENT)),
            ("coffee", "Coffee", "咖啡", (_ROAST, _CONTENT)),
            ("sweets-and-snacks", "Sweets and snacks", "糖果零食", (_CONTENT, _VEGAN)),
            ("fruit-and-vegetables", "Fruit and vegetables", "水果蔬菜", (_CONTENT,)),
            ("grain-and-spices", "Grain, oil and spices", "粮油调料", (_CONTENT, _VEGAN)),
            ("drinks", "Drinks", "饮料", (_VOLUME,)),
        ),
    ),
    (
        "home",
        "House and home",
        "家居",
        (_BRAND, _MATERIAL, _COLOUR, _HEIGHT, _WIDTH),
        (
            ("furniture", "Furniture", "家具", ()),
            ("lamps", "Lamps", "灯具", (_POWER,)),
            ("bedding", "Bedding", "床上用品", (_FABRIC,)),
            ("kitchen", "Kitchen", "厨具", (_VOLUME,)),
            ("tableware", "Tableware", "餐具茶具", (_VOLUME, _HANDMADE)),
            ("plants-and-garden", "Plants and garden", "花草园艺", ()),
        ),
    ),
    (
        "crafts",
        "Crafts and art",
        "手工艺术",
        (_MATERIAL, _ORIGIN, _HANDMADE),
        (
            ("ceramics", "Ceramics", "陶瓷", (_VOLUME,)),
            ("paintings-and-prints", "Paintings and prints", "书画", (_HEIGHT, _WIDTH)),
            ("craft-supplies", "Craft supplies", "手工材料", ()),
        ),
    ),
    (
        "electronics",
        "Electronics",
        "数码电器",
        (_BRAND, _COLOUR, _CONDITION),
        (
            ("phones", "Phones", "手机", ()),
            ("computers", "Computers", "电脑", ()),
            ("headphones-and-sound", "Headphones and sound", "耳机音响", (_CONNECTION,)),
            ("cables-and-chargers", "Cables and chargers", "线材充电", (_POWER,)),
            ("household-appliances", "Household appliances", "家用电器", (_POWER,)),
        ),
    ),
    (
        "books-and-stationery",
        "Books and stationery",
        "图书文具",
        (),
        (
            ("books", "Books", "图书", (_AUTHOR, _ISBN, _CONDITION)),
            ("stationery", "Stationery", "文具", (_BRAND, _COLOUR)),
        ),
    ),
    (
        "beauty-and-care",
        "Beauty and care",
        "美妆个护",
        (_BRAND, _VOLUME, _VEGAN),
        (
            ("skin-care", "Skin care", "护肤", (_SKIN,)),
            ("make-up", "Make-up", "彩妆", (_COLOUR,)),
            ("soap-and-bath", "Soap and bath", "洗浴", (_HANDMADE,)),
        ),
    ),
    (
        "children-and-toys",
        "Children and toys",
        "母婴玩具",
        (_BRAND, _AGE, _MATERIAL),
        (("toys", "Toys", "玩具", ()), ("baby", "Baby", "婴儿用品", ())),
    ),
    (
        "sport-and-outdoors",
        "Sport and outdoors",
        "运动户外",
        (_BRAND, _COLOUR),
        (
            ("camping", "Camping and hiking", "露营徒步", ()),
            ("cycling", "Cycling", "骑行", ()),
            ("fitness", "Fitness", "健身", ()),
        ),
    ),
    ("pets", "Pets", "宠物", (_BRAND, _CONTENT), ()),
    ("virtual-goods", "Virtual goods", "虚拟商品", (), ()),
)


def _planted() -> Iterator[Category]:
    for i, (slug, en, zh, attributes, children) in enumerate(_BRANCHES):
        yield Category(slug, None, [slug], en, zh, i, [*attributes, _NO_RETURN])
        for j, (child, child_en, child_zh, own) in enumerate(children):
            yield Category(child, slug, [slug, child], child_en, child_zh, j, list(own))


TREE: Final[tuple[Category, ...]] = tuple(_planted())
