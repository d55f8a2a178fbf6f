"""Settings: flags beat the environment, the environment beats `fairground.toml`.

A setting `unpaid_close_hours` of the room `orders` is `FAIRGROUND_ORDERS_UNPAID_CLOSE_HOURS` in the environment and
`[orders] unpaid_close_hours = 24` in the file. An unknown or malformed one stops the start with its name and what was
expected.
"""

import os
import re
import tomllib
from collections.abc import Callable, Mapping
from ipaddress import ip_network
from pathlib import Path
from typing import Any, Final, get_type_hints
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import msgspec

from fairground.app.rules import RULES
from fairground.kit.place import Place

PREFIX: Final = "FAIRGROUND_"
SECRET: Final = ("secret", "password", "key", "token", "dsn", "database_url", "smtp_url", "storage_url")
# Read by tests and by the programs around the market, not by the market.
NOT_OURS: Final = frozenset({"FAIRGROUND_TEST_DSN"})


class BadSetting(Exception):
    """A setting is unknown or malformed; one line that names it and what was expected."""


class Settings(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What the operator decides about this installation."""

    data: str | None = None  # the data folder; a sensible place where not given
    host: str = "127.0.0.1"
    port: int = 8000
    url: str | None = None  # how people reach the market; builds every mailed link
    database_url: str | None = None  # a PostgreSQL of your own; without it the embedded one
    database_wait: float = 60.0  # seconds that a starting process waits for its database
    pg_bin: str | None = None  # other PostgreSQL programs than those of the wheel
    pg_user: str = "nobody"  # who runs the embedded database when the market is started by root
    web_processes: int = 1
    connections: int = 8  # to the database, for reading and for writing, in each process
    session_memory: float = 2.0  # seconds that a program's checkouts go on after its session ended elsewhere
    name: str | None = None
    currency: str = "CNY"
    time_zone: str = "Asia/Shanghai"
    language: str = "zh-CN"
    country: str = "CN"
    allowed_hosts: str = "*"  # comma-separated
    trusted_proxies: str = ""  # addresses or networks whose X-Forwarded-For is believed, comma-separated
    secure_cookies: bool | None = None  # default: where the url begins with https
    secret_key: str | None = None  # signs cookies and links; made in the data folder where not given
    smtp_url: str | None = None  # smtp://user:password@host:587; without it letters are written to a folder
    mail_from: str = "Fairground <fair@localhost>"
    storage_url: str | None = None  # s3://bucket/prefix; without it a folder
    storage_options: str | None = None  # key=value, comma-separated, handed to the object store
    gateways: str = ""  # comma-separated, the default first: sandbox, bank_transfer
    sandbox: bool | None = None  # the play bank at /sandbox; on in `up` without other gateways
    sandbox_mischief: str = ""  # webhooks it mistreats, in per cent: duplicate=20,lose=5,delay=10
    bank_holder: str | None = None  # the market's own account, for bank transfers
    bank_number: str | None = None
    bank_name: str | None = None
    rate_limit_scale: float = 1.0
    clock_offset: str | None = None  # "3d", "25h": moves the clock, for demonstrations
    metrics_token: str | None = None
    max_upload_mib: int = 64
    fetch_private: bool = False  # let merchants' picture addresses point into the local network
    language_model_url: str | None = None  # lets a model choose the attendant's quotes; speaks POST /chat/completions
    language_model_name: str = ""
    language_model_key: str | None = None
    embeddings_url: str | None = None  # lets the attendant find answers in other words; speaks POST /embeddings
    embeddings_name: str = ""
    embeddings_key: str | None = None
    log_level: str = "info"
    demo: bool = False
    rules: dict[str, dict[str, Any]] = {}

    @property
    def public_url(self) -> str:
        """How people reach the market, without a slash at the end."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        if host in {"0.0.0.0", "[::]"}:  # noqa: S104 - listening everywhere is told to people as this machine
            host = "127.0.0.1"
        return (self.url or f"http://{host}:{self.port}").rstrip("/")

    @property
    def own_url(self) -> str:
        """How the market's processes reach its web server, on this machine."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.host, self.host)  # noqa: S104
        return f"http://[{host}]:{self.port}" if ":" in host else f"http://{host}:{self.port}"

    @property
    def place(self) -> Place:
        """The terms of the market that every room needs."""
        name = self.name or ("市集" if self.language == "zh-CN" else "Fairground")
        return Place(
            name=name,
            url=self.public_url,
            currency=self.currency,
            time_zone=self.time_zone,
            language=self.language,
            country=self.country,
        )

    def given_rules(self) -> list[object]:
        """Make the rules of every room, with what the operator changed."""
        return [_make_rules(room, kind, self.rules.get(room, {})) for room, kind in RULES.items()]


def load(
    flags: Mapping[str, Any] | None = None,
    environment: Mapping[str, str] | None = None,
    file: Path | None = None,
) -> Settings:
    """Read the settings from flags, environment and file.

    Raises:
        BadSetting: one is unknown or malformed.
    """
    environment = os.environ if environment is None else environment
    values: dict[str, Any] = {}
    rules: dict[str, dict[str, Any]] = {room: {} for room in RULES}
    file = file or Path(environment.get("FAIRGROUND_CONFIG", "fairground.toml"))
    if file.exists():
        _read_file(file, values, rules)
    _read_environment(environment, values, rules)
    values.update({key: value for key, value in (flags or {}).items() if value is not None})
    settings = _convert({**values, "rules": rules})
    _check(settings)
    settings.given_rules()
    return settings


def _read_file(file: Path, values: dict[str, Any], rules: dict[str, dict[str, Any]]) -> None:
    try:
        data = tomllib.loads(file.read_text("utf-8"))
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as trouble:
        raise BadSetting(f"{file}: cannot be read: {trouble}") from None
    for key, value in data.items():
        if isinstance(value, dict):
            if key not in RULES:
                raise BadSetting(f"{file}: [{key}]: there is no such room with rules; known: {', '.join(RULES)}")
            rules[key].update(value)
        else:
            _known(key, f"{file}: {key}")
            values[key] = value


def _read_environment(environment: Mapping[str, str], values: dict[str, Any], rules: dict[str, dict[str, Any]]) -> None:
    if environment.get("DATABASE_URL"):
        values["database_url"] = environment["DATABASE_URL"]
    for variable, text in environment.items():
        if not variable.startswith(PREFIX) or variable in NOT_OURS or variable == "FAIRGROUND_CONFIG" or text == "":
            continue
        key = variable.removeprefix(PREFIX).lower()
        room, _, rest = key.partition("_")
        if room in RULES and rest in RULES[room].__struct_fields__:
            rules[room][rest] = _from_text(RULES[room], rest, text, variable)
            continue
        _known(key, variable)
        values[key] = _from_text(Settings, key, text, variable)


def _known(key: str, shown: str) -> None:
    if key not in Settings.__struct_fields__ or key == "rules":
        raise BadSetting(f"{shown}: there is no such setting; `fairground doctor` lists them")


def _from_text(kind: type[msgspec.Struct], key: str, text: str, shown: str) -> Any:
    hint = get_type_hints(kind)[key]
    if hint in (bool, bool | None):
        known = {
            "1": True,
            "true": True,
            "yes": True,
            "on": True,
            "0": False,
            "false": False,
            "no": False,
            "off": False,
        }
        if text.lower() not in known:
            raise BadSetting(f"{shown}: expected true or false, not {text!r}")
        return known[text.lower()]
    try:
        return msgspec.convert(text, hint, strict=False)
    except msgspec.ValidationError as trouble:
        raise BadSetting(f"{shown}: {_words(trouble)}, not {text!r}") from None


def _convert(values: dict[str, Any]) -> Settings:
    try:
        return msgspec.convert(values, Settings)
    except msgspec.ValidationError as trouble:
        place = re.search(r"`\$\.?([^`]*)`$", str(trouble))
        raise BadSetting(f"{place[1] if place else 'settings'}: {_words(trouble)}") from None


def _words(trouble: Exception) -> str:
    return str(trouble).partition(" - at ")[0][:1].lower() + str(trouble).partition(" - at ")[0][1:].replace("`", "")


def _make_rules(room: str, kind: type[msgspec.Struct], changed: dict[str, Any]) -> object:
    for key in changed:
        if key not in kind.__struct_fields__:
            raise BadSetting(f"{room}.{key}: there is no such setting in this room")
    try:
        return msgspec.convert(changed, kind)
    except msgspec.ValidationError as trouble:
        raise BadSetting(f"{room}: {trouble}".replace("`", "")) from None


def _one_of(*words: str) -> Callable[[str], bool]:
    return lambda text: text in words


def _begins(*schemes: str) -> Callable[[str], bool]:
    return lambda text: text.partition("://")[0] in schemes and bool(text.partition("://")[2])


def _are_networks(text: str) -> bool:
    try:
        return all(ip_network(part.strip(), strict=False) for part in text.split(",") if part.strip())
    except ValueError:
        return False


# What can be told without opening anything: a process that serves must not find it out after the start.
_CHECKS: Final[tuple[tuple[str, Callable[[Any], bool], str], ...]] = (
    ("currency", lambda text: bool(re.fullmatch("[A-Z]{3}", text)), "an ISO 4217 code such as CNY"),
    ("language", _one_of("zh-CN", "en"), "zh-CN or en"),
    ("country", lambda text: bool(re.fullmatch("[A-Z]{2}", text)), "an ISO 3166 code such as CN"),
    ("port", lambda number: 0 <= number < 65536, "0 to 65535"),
    ("web_processes", lambda number: number >= 1, "1 or more"),
    ("connections", lambda number: number >= 1, "1 or more"),
    ("max_upload_mib", lambda number: number >= 1, "1 or more"),
    ("database_wait", lambda number: 0 <= number < 86_400, "0 or more seconds"),
    ("rate_limit_scale", lambda number: 0 < number < 1e9, "a number above 0"),
    ("log_level", _one_of("debug", "info", "warning", "error", "critical"), "debug, info, warning, error or critical"),
    ("url", _begins("http", "https"), "http://HOST or https://HOST"),
    ("language_model_url", _begins("http", "https"), "http://HOST[/v1] or https://HOST[/v1]"),
    ("embeddings_url", _begins("http", "https"), "http://HOST[/v1] or https://HOST[/v1]"),
    ("database_url", _begins("postgresql", "postgres"), "postgresql://USER:PASSWORD@HOST:PORT/NAME"),
    ("smtp_url", _begins("smtp", "smtps", "smtp+plain"), "smtp://, smtps:// or smtp+plain://USER:PASSWORD@HOST:PORT"),
    ("storage_url", lambda text: "://" not in text or _begins("s3")(text), "a folder or s3://BUCKET[/PREFIX][?…]"),
    ("trusted_proxies", _are_networks, "addresses or networks, comma-separated"),
)


def _check(settings: Settings) -> None:
    for key, is_good, expected in _CHECKS:
        value = getattr(settings, key)
        if value is not None and not is_good(value):
            secret = any(word in key for word in SECRET)
            raise BadSetting(f"{key}: expected {expected}" + ("" if secret else f", not {value!r}"))
    try:
        ZoneInfo(settings.time_zone)
    except (ZoneInfoNotFoundError, ValueError):
        raise BadSetting(f"time_zone: there is no zone {settings.time_zone!r}") from None
    if settings.clock_offset is not None:
        offset_seconds(settings.clock_offset)


def offset_seconds(text: str) -> int:
    """Read "3d", "25h", "90m" or "10s" as seconds.

    Raises:
        BadSetting: it is none of these.
    """
    found = re.fullmatch(r"(\d{1,6})([dhms])", text)
    if not found:
        raise BadSetting(f"clock_offset: expected a number and d, h, m or s, such as 3d, not {text!r}")
    return int(found[1]) * {"d": 86400, "h": 3600, "m": 60, "s": 1}[found[2]]


def shown(settings: Settings) -> dict[str, str]:
    """Give the settings in force for showing, secrets masked."""
    result = {}
    for key in Settings.__struct_fields__:
        if key == "rules":
            continue
        value = getattr(settings, key)
        secret = value is not None and any(word in key for word in SECRET)
        result[key] = "********" if secret else "" if value is None else str(value)
    for rules in settings.given_rules():
        room = next(room for room, kind in RULES.items() if kind is type(rules))
        result.update({f"{room}.{key}": str(getattr(rules, key)) for key in type(rules).__struct_fields__})  # type: ignore[attr-defined]
    return result
