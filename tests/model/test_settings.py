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
