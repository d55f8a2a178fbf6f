"""Settings: flags beat the environment, the environment beats the file; a wrong one stops the start by name."""

from pathlib import Path

import pytest

from fairground.app.settings import BadSetting, load, shown
from fairground.market.orders.model import OrderRules


def test_flags_beat_environment_beats_file(tmp_path: Path) -> None:
    file = tmp_path / "fairground.toml"
    file.write_text('port = 1\nhost = "file"\nname = "file"\n')
    settings = load({"port": 3, "host": None}, {"FAIRGROUND_PORT": "2", "FAIRGROUND_HOST": "environment"}, file)
    assert (settings.port, settings.host, settings.name) == (3, "environment", "file")


def test_rules_of_a_room_are_settings(tmp_path: Path) -> None:
    name = OrderRules.__struct_fields__[0]
    file = tmp_path / "fairground.toml"
    file.write_text(f"[orders]\n{name} = 7\n")
    assert any(getattr(rules, name, None) == 7 for rules in load({}, {}, file).given_rules())
    variable = f"FAIRGROUND_ORDERS_{name.upper()}"
    assert any(getattr(rules, name, None) == 9 for rules in load({}, {variable: "9"}, file).given_rules())


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({"FAIRGROUND_PROT": "1"}, "FAIRGROUND_PROT: there is no such setting"),
        ({"FAIRGROUND_PORT": "eight"}, "FAIRGROUND_PORT: expected int"),
        ({"FAIRGROUND_PORT": "99999"}, "port: expected 0 to 65535"),
        ({"FAIRGROUND_TIME_ZONE": "Mars/Base"}, "there is no zone 'Mars/Base'"),
        ({"FAIRGROUND_CURRENCY": "yuan"}, "expected an ISO 4217 code"),
        ({"FAIRGROUND_DEMO": "perhaps"}, "expected true or false"),
        ({"FAIRGROUND_CLOCK_OFFSET": "soon"}, "clock_offset"),
        ({"FAIRGROUND_LANGUAGE": "de"}, "expected zh-CN or en"),
        ({"FAIRGROUND_URL": "fair.example"}, "url: expected http://HOST or https://HOST"),
        ({"DATABASE_URL": "mysql://u:p@h/d"}, "database_url: expected postgresql://"),
        ({"FAIRGROUND_SMTP_URL": "mail.example"}, "smtp_url: expected smtp://"),
        ({"FAIRGROUND_STORAGE_URL": "ftp://h/x"}, "storage_url: expected a folder or s3://"),
        ({"FAIRGROUND_TRUSTED_PROXIES": "10.0.0.0/8, gate"}, "trusted_proxies: expected addresses or networks"),
        ({"FAIRGROUND_RATE_LIMIT_SCALE": "0"}, "rate_limit_scale: expected a number above 0"),
        ({"FAIRGROUND_CONNECTIONS": "0"}, "connections: expected 1 or more"),
        ({"FAIRGROUND_DATABASE_WAIT": "-1"}, "database_wait: expected 0 or more seconds"),
        ({"FAIRGROUND_LOG_LEVEL": "loud"}, "log_level: expected debug, info"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_its_name(environment: dict[str, str], words: str) -> None:
    with pytest.raises(BadSetting, match=words.replace("(", r"\(")):
        load({}, environment, Path("/nowhere/fairground.toml"))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("port = ", "cannot be read"),
        ("prot = 1\n", "prot: there is no such setting"),
        ("[ordres]\nx = 1\n", "there is no such room"),
        ("[orders]\nx = 1\n", "orders.x: there is no such setting"),
        ('port = "one"\n', "port"),
    ],
)
def test_a_wrong_file_stops_the_start_with_the_place(tmp_path: Path, text: str, words: str) -> None:
    file = tmp_path / "fairground.toml"
    file.write_text(text)
    with pytest.raises(BadSetting, match=words):
        load({}, {}, file)


def test_secrets_are_masked() -> None:
    settings = load(
        {}, {"DATABASE_URL": "postgresql://u:secret@h/d", "FAIRGROUND_SMTP_URL": "smtp://u:secret@h"}, Path("/x")
    )
    assert "secret" not in str(shown(settings).values())
    assert shown(settings)["port"] == "8000"


@pytest.mark.parametrize("variable", ["DATABASE_URL", "FAIRGROUND_SMTP_URL", "FAIRGROUND_STORAGE_URL"])
def test_a_wrong_secret_is_not_told(variable: str) -> None:
    with pytest.raises(BadSetting) as told:
        load({}, {variable: "odd://u:secret@h"}, Path("/x"))
    assert "secret" not in str(told.value)
