"""Sample things for the pattern page: every piece once, in the states it can be in. Nobody here exists."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec

from fairground.kit.art import KINDS
from fairground.kit.i18n.words import gettext as _
from fairground.kit.money import Money
from fairground.web.assets import asset_url
from fairground.web.cards import (
    Bar,
    Booth,
    Choice,
    CouponCard,
    Entry,
    FacetChoice,
    FacetGroup,
    Message,
    ProductCard,
    ShopCard,
    Step,
    Todo,
)

NOW = datetime(2026, 6, 19, 18, 48, tzinfo=UTC)


class Patterns(msgspec.Struct, frozen=True, kw_only=True):
    """What the pattern page shows."""

    now: datetime
    later: datetime
    price: Money
    before: Money
    products: tuple[ProductCard, ...]
    shops: tuple[ShopCard, ...]
    coupons: tuple[CouponCard, ...]
    colours: tuple[Choice, ...]
    sizes: tuple[Choice, ...]
    steps: tuple[Step, ...]
    entries: tuple[Entry, ...]
    messages: tuple[Message, ...]
    bars: tuple[Bar, ...]
    line: tuple[Bar, ...]
    parts: tuple[Bar, ...]
    facets: tuple[FacetGroup, ...]
    booths: tuple[Booth, ...]
    todos: tuple[Todo, ...]
    kinds: tuple[str, ...]


def _cny(yuan: float) -> Money:
    return Money(round(yuan * 100), "CNY")


def _product(kind: str, title: str, shop: str, price: float, **more: Any) -> ProductCard:
    picture = asset_url(f"art/{kind}.svg")
    return ProductCard(
        href="#", picture=picture, kind=kind, title=title, shop_name=shop, price=_cny(price), keep="0", **more
    )


def _products() -> tuple[ProductCard, ...]:
    clay, loom, click = _("Lantern & Clay"), _("Half Past Loom"), _("Click Garden")
    return (
        _product(
            "teapot", _("Wood-fired teapot for two"), clay, 168, rating=4.9, reviews=326, badge=("ok", _("Ships today"))
        ),
        _product("mug", _("Speckled morning mug"), clay, 49, before=_cny(68), left=(12, 40)),
        _product("scarf", _("Plum check scarf, lambswool"), loom, 188, rating=4.8, reviews=64, kept=True),
        _product(
            "keyboard", _("Dusk 65 keyboard, wired"), click, 468.5, rating=None, reviews=0, badge=("new", _("New"))
        ),
    )


def _shops() -> tuple[ShopCard, ...]:
    return (
        ShopCard(
            href="#",
            name=_("Lantern & Clay"),
            cloth=0,
            line=_("Jingdezhen · two sisters and a wood kiln"),
            words=_("We fire on Sundays. If a pot is not right, it becomes a plant pot."),
            pictures=(
                (asset_url("art/teapot.svg"), "teapot"),
                (asset_url("art/bowl.svg"), "bowl"),
                (asset_url("art/vase.svg"), "vase"),
            ),
            rating=4.9,
            reviews=326,
            scores=((_("As described"), "4.9"), (_("Service"), "4.9"), (_("Shipping"), "4.8")),
            ask_href="#",
        ),
        ShopCard(
            href="#",
            name=_("Half Past Loom"),
            cloth=1,
            line=_("Dali · four weavers"),
            words=_("Every scarf says who wove it, on the hem, in red thread."),
            pictures=(
                (asset_url("art/scarf.svg"), "scarf"),
                (asset_url("art/bag.svg"), "bag"),
                (asset_url("art/cushion.svg"), "cushion"),
            ),
            rating=4.8,
            reviews=141,
        ),
        ShopCard(
            href="#",
            name=_("Click Garden"),
            cloth=2,
            line=_("Shenzhen · one desk by the window"),
            words=_("I make keyboards that sound like rain. First batch: thirty."),
            pictures=(
                (asset_url("art/keyboard.svg"), "keyboard"),
                (asset_url("art/pen.svg"), "pen"),
                (asset_url("art/notebook.svg"), "notebook"),
            ),
            badge=("ok", _("New this week")),
        ),
    )


def _coupons() -> tuple[CouponCard, ...]:
    return (
        CouponCard(
            title=_("Off ¥150 at the Lantern Fair"), terms=_("Any booth, until 21 June"), amount=_cny(20), href="#"
        ),
        CouponCard(title=_("Off ¥60 at Three Hives"), terms=_("One per person"), amount=_cny(8), state="taken"),
        CouponCard(title=_("Off your next scarf"), terms=_("Half Past Loom, until 30 June"), percent=10, state="gone"),
    )


def _messages() -> tuple[Message, ...]:
    me, shop = _("Wen"), _("Lantern & Clay")
    return (
        Message(
            text=_("Does the lid sit tight when pouring?"),
            at=NOW - timedelta(minutes=50),
            mine=True,
            name=me,
            read=True,
        ),
        Message(
            text=_("It does; there is a small lip inside. Shall I film it for you?"),
            at=NOW,
            mine=False,
            name=shop,
            cloth=0,
        ),
    )


def _facets() -> tuple[FacetGroup, ...]:
    ticks = ((_("Stoneware"), 214, True), (_("Porcelain"), 96, False), (_("Cast iron"), 31, False))
    kinds = ((_("Teapots"), 341, True), (_("Mugs"), 512, False), (_("Bowls"), 287, False))
    return (
        FacetGroup(
            name="category",
            title=_("Category"),
            kind="link",
            choices=tuple(FacetChoice(value=a, label=a, count=n, checked=c, href="#") for a, n, c in kinds),
        ),
        FacetGroup(
            name="material",
            title=_("Material"),
            choices=tuple(FacetChoice(value=a, label=a, count=n, checked=c) for a, n, c in ticks),
        ),
        FacetGroup(name="price", title=_("Price"), kind="range", high="200"),
    )


def _booths() -> tuple[Booth, ...]:
    names = (
        (_("Lantern & Clay"), "teapot"), (_("Half Past Loom"), "scarf"), (_("Click Garden"), "keyboard"),
        (_("Three Hives"), "honey"), (_("Slow Wick"), "candle"), (_("Little Axle"), "toy"),
        (_("Weifang Windworks"), "kite"), (_("Folio & Sons"), "notebook"),
    )  # fmt: skip
    return tuple(Booth(href="#", name=name, cloth=i, kind=kind) for i, (name, kind) in enumerate(names))


def _todos() -> tuple[Todo, ...]:
    return (
        Todo(
            icon="package",
            title=_("Three orders wait to be sent"),
            text=_("The oldest was paid 41 hours ago"),
            due=_("Today before 21:40"),
            href="#",
            action=_("Print labels"),
            mind=True,
            main=True,
        ),
        Todo(
            icon="undo-2",
            title=_("Somebody would like to send a bowl back"),
            text=_("It came with a chip, two pictures. No answer counts as yes"),
            due=_("1 day 6 hours left"),
            href="#",
            action=_("Have a look"),
            mind=True,
        ),
        Todo(
            icon="message-circle", title=_("Four messages unanswered"), due=_("No hurry"), href="#", action=_("Answer")
        ),
    )


def _bars() -> tuple[Bar, ...]:
    days = (_("Fri"), _("Sat"), _("Sun"), _("Mon"), _("Tue"), _("Wed"), _("Today"))
    sums = (620, 958, 884, 482, 396, 571, 738)
    return tuple(Bar(label=d, value=v, text=str(v), now=d == days[-1]) for d, v in zip(days, sums, strict=True))


def _line() -> tuple[Bar, ...]:
    seen = (180, 210, 205, 260, 240, 320, 310, 280, 345, 390, 372, 410, 395, 440)
    return tuple(Bar(label=str(i + 6), value=v, text=str(v)) for i, v in enumerate(seen))


def _colours() -> tuple[Choice, ...]:
    named = ((_("Ochre"), "teapot"), (_("Sand"), "vase"), (_("Tea green"), "bowl"))
    return tuple(
        Choice(value=str(i), label=label, picture=asset_url(f"art/{kind}.svg")) for i, (label, kind) in enumerate(named)
    )


def _sizes() -> tuple[Choice, ...]:
    return (
        Choice(value="300", label=_("300 ml")),
        Choice(value="450", label=_("450 ml")),
        Choice(value="600", label=_("600 ml"), note=_("next kiln 6 July"), disabled=True),
    )


def _steps() -> tuple[Step, ...]:
    return (
        Step(label=_("Placed"), note="20:14", state="done"),
        Step(label=_("Paid"), note="20:15", state="done"),
        Step(label=_("Sent"), note="21:40", state="now"),
        Step(label=_("Received")),
    )


def _entries() -> tuple[Entry, ...]:
    return (
        Entry(text=_("Arrived at the sorting hall in Hangzhou"), at=NOW - timedelta(hours=4), now=True),
        Entry(text=_("Left Jingdezhen"), at=NOW - timedelta(hours=12)),
        Entry(text=_("Picked up from the shop"), at=NOW - timedelta(hours=14), note=_("One parcel, 820 g")),
    )


def sample_view() -> Patterns:
    """Gather one of everything, in the language of the current task."""
    return Patterns(
        now=NOW,
        later=NOW + timedelta(hours=3, minutes=12),
        price=_cny(168),
        before=_cny(198),
        products=_products(),
        shops=_shops(),
        coupons=_coupons(),
        colours=_colours(),
        sizes=_sizes(),
        steps=_steps(),
        entries=_entries(),
        messages=_messages(),
        bars=_bars(),
        line=_line(),
        parts=(
            Bar(label=_("This week"), value=1264.2, text="¥1,264.20"),
            Bar(label=_("Next week"), value=1530, text="¥1,530.00"),
            Bar(label=_("A return is being talked over"), value=688.4, text="¥688.40"),
        ),
        facets=_facets(),
        booths=_booths(),
        todos=_todos(),
        kinds=tuple(KINDS),
    )
