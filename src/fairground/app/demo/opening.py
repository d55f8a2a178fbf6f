"""The people of the demo fair open their booths."""

from typing import Final

from fairground.app.demo.painting import QUICK, Studio
from fairground.app.demo.reading import COLOURS, Booth, Thing
from fairground.kit.actor import person, system
from fairground.kit.db import Database, Tx
from fairground.kit.money import Money, digits
from fairground.kit.passwords import Passwords
from fairground.kit.place import Place
from fairground.kit.storage import Storage
from fairground.market.accounts.actions.credentials import verify_email
from fairground.market.accounts.actions.links import make_link
from fairground.market.accounts.actions.registration import Registration, register_person
from fairground.market.accounts.model import LinkPurpose, Person, PersonId
from fairground.market.accounts.queries import find_link, write_link_token
from fairground.market.catalog.actions.create import create_products
from fairground.market.catalog.model import CategoryId, Format, NewProduct, NewVariant, Option, Translation
from fairground.market.catalog.model.products import Picture as ShownPicture
from fairground.market.media.actions import add_picture, keep_picture
from fairground.market.media.model import MediaId
from fairground.market.shipping.actions.templates import save_template
from fairground.market.shipping.model.regions import place_key
from fairground.market.shipping.model.templates import TemplateOption, Zone
from fairground.market.shops.actions.face import change_shop
from fairground.market.shops.actions.opening import open_shop
from fairground.market.shops.model import Shop, ShopChange, ShopDraft

PASSWORD: Final = "lantern-fair-2026"  # noqa: S105 - printed for everybody: this market is a play
WEIGHTS: Final = {"scarf": 180, "keyboard": 900, "teapot": 850, "lamp": 1200, "bag": 350}


async def register(db: Database, hashed: str, email: str, name: str, language: str) -> Person:
    """Register somebody of the play and confirm their e-mail address."""

    async def deed(tx: Tx) -> Person:
        made = await register_person(tx, Registration(email, PASSWORD, name, language), hashed)
        link = await find_link(tx, await make_link(tx, made.id, LinkPurpose.VERIFY, email))
        assert link is not None, "it was just made"
        await verify_email(tx, write_link_token(tx, link))
        return made

    return await db.write(system("demo"), deed)


async def hash_password(db: Database) -> str:
    """Hash the one password of all people of the play, once."""
    return await db.given(Passwords).hash(PASSWORD)


async def open_booth(db: Database, storage: Storage, studio: Studio, owner_id: PersonId, booth: Booth) -> Shop:
    """Open a shop with its face, its delivery and all its things."""
    actor = person(owner_id)
    shop = await db.write(actor, lambda tx: _open(tx, owner_id, booth))
    painted = await studio.paint([(thing.look, False) for thing in booth.things], QUICK)
    stored = [await keep_picture(storage, shop.id, picture, db.clock.now()) for picture in painted]

    async def fill(tx: Tx) -> None:
        pictures = [await add_picture(tx, shop.id, one, is_public=True) for one in stored]
        products = [
            _product(tx, booth, number, thing, media_id)
            for number, (thing, media_id) in enumerate(zip(booth.things, pictures, strict=True), 1)
        ]
        await create_products(tx, shop.id, products)

    await db.write(actor, fill)
    return shop


async def _open(tx: Tx, owner_id: PersonId, booth: Booth) -> Shop:
    about = f"{booth.town.of(booth.language)} · {booth.about.of(booth.language)}"
    draft = ShopDraft(name=booth.name.of(booth.language), slug=booth.slug, about=about, language=booth.language)
    shop = await open_shop(tx, owner_id, draft)
    shop = await change_shop(tx, shop.id, ShopChange(cloth=booth.cloth))
    unit = 10 ** digits(tx.given(Place).currency)
    near = tuple(place_key("CN", place) for place in ("浙江省", "江苏省", "上海市"))
    courier = TemplateOption(
        code="courier",
        name_zh="快递",
        name_en="Courier",
        zones=(
            Zone(places=near, first_price=6 * unit, more_price=1 * unit, free_from=99 * unit, days=(1, 3)),
            Zone(first_price=10 * unit, more_price=2 * unit, free_from=149 * unit, days=(2, 5)),
        ),
    )
    await save_template(tx, shop.id, (courier,))
    return shop


def _product(tx: Tx, booth: Booth, number: int, thing: Thing, media_id: MediaId) -> NewProduct:
    language = booth.language
    other = "en" if language.startswith("zh") else "zh-CN"
    return NewProduct(
        title=thing.title.of(language),
        description=thing.words.of(language),
        description_format=Format.MARKDOWN,
        options=_options(thing, language),
        variants=_variants(tx, booth, number, thing),
        category=CategoryId(thing.category),
        pictures=[ShownPicture(media_id, thing.title.of(language))],
        language=language,
        translations={other: Translation(thing.title.other(language), thing.words.other(language))},
        handle=booth.handle(number),
    )


def colour_title(language: str) -> str:
    """Give the name of the option for colours."""
    return "颜色" if language.startswith("zh") else "Colour"


def colour_name(palette: str, language: str) -> str:
    """Give the name of a colour."""
    return COLOURS[palette][0 if language.startswith("zh") else 1]


def _options(thing: Thing, language: str) -> list[Option]:
    options = []
    if thing.palettes:
        options.append(Option(colour_title(language), [colour_name(p, language) for p in thing.palettes]))
    if thing.size_title:
        options.append(Option(thing.size_title.of(language), [size.name.of(language) for size in thing.sizes]))
    return options


def _variants(tx: Tx, booth: Booth, number: int, thing: Thing) -> list[NewVariant]:
    language, currency = booth.language, tx.given(Place).currency
    unit = 10 ** digits(currency)
    colours = [{colour_title(language): colour_name(p, language)} for p in thing.palettes] or [{}]
    title = thing.size_title.of(language) if thing.size_title else ""
    sizes = [({title: size.name.of(language)}, size.more) for size in thing.sizes] or [({}, 0)]
    each = max(1, thing.stock // (len(colours) * len(sizes)))
    return [
        NewVariant(
            price=Money((thing.price + more) * unit, currency),
            compare_at=Money((thing.before + more) * unit, currency) if thing.before else None,
            options={**colour, **size},
            stock=each,
            sku=f"{booth.slug[:3].upper()}-{number:02}-{at + 1}",
            weight_grams=WEIGHTS.get(thing.look.kind, 400),
        )
        for at, (colour, (size, more)) in enumerate((c, s) for c in colours for s in sizes)
    ]
