import base64
import os
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from fairground.kit.seal import Keyring, SealBroken, TokenExpired, TokenInvalid, load_or_create_keyring, new_key

NOW = datetime(2026, 5, 1, tzinfo=UTC)
OLD = "old:" + base64.b64encode(b"o" * 32).decode()
NEW = "new:" + base64.b64encode(b"n" * 32).decode()
AAD = b"shops.payout_details:123"


@pytest.fixture
def ring() -> Keyring:
    return Keyring.from_setting(OLD)


def altered(token: str) -> list[str]:
    """The token with each of its characters replaced by another one, and cut short."""
    return [
        *(token[:at] + ("A" if token[at] != "A" else "B") + token[at + 1 :] for at in range(len(token))),
        *(token[:at] for at in range(len(token))),
        token + "A",
        token + "=",
        token + ".",
    ]


@pytest.mark.parametrize("text", ["", "6222 0000 1111 2222", "中国银行 张伟", "x" * 10_000])
def test_sealed_text_opens_where_it_belongs(ring: Keyring, text: str) -> None:
    sealed = ring.seal(text, AAD)
    assert ring.unseal(sealed, AAD) == text
    assert not text or text not in sealed
    assert ring.seal(text, AAD) != sealed


def test_sealed_text_opens_nowhere_else(ring: Keyring) -> None:
    sealed = ring.seal("6222", AAD)
    for aad in (b"shops.payout_details:124", b"", AAD + b"0"):
        with pytest.raises(SealBroken):
            ring.unseal(sealed, aad)
    with pytest.raises(SealBroken):
        Keyring.from_setting(NEW).unseal(sealed, AAD)


def test_any_alteration_breaks_the_seal(ring: Keyring) -> None:
    for token in [*altered(ring.seal("6222", AAD)), "", "...", "1.old.", "1.old.é", "1.old." + "A" * 9000]:
        with pytest.raises(SealBroken):
            ring.unseal(token, AAD)


def test_new_key_in_front_seals_and_the_old_one_still_opens(ring: Keyring) -> None:
    before = ring.seal("6222", AAD)
    both = Keyring.from_setting(f"{NEW},{OLD}")
    assert both.unseal(before, AAD) == "6222"
    assert both.needs_rotation(before)
    after = both.seal("6222", AAD)
    assert not both.needs_rotation(after)
    assert Keyring.from_setting(NEW).unseal(after, AAD) == "6222"
    with pytest.raises(SealBroken):
        ring.unseal(after, AAD)


def test_fingerprints_find_equal_texts_across_a_change_of_keys(ring: Keyring) -> None:
    kept = ring.fingerprint("110101199003070000", "identity")
    both = Keyring.from_setting(f"{NEW}\n{OLD}\n")
    assert kept in both.fingerprints("110101199003070000", "identity")
    assert both.fingerprint("110101199003070000", "identity") != kept
    assert both.needs_rotation(kept)
    assert kept not in both.fingerprints("110101199003070001", "identity")
    assert kept not in both.fingerprints("110101199003070000", "bank")
    assert ring.fingerprint("y", "ab") != ring.fingerprint("by", "a")


def test_signed_token_is_good_for_its_purpose_until_its_moment(ring: Keyring) -> None:
    token = ring.sign("reset", "17|ann@example.org", NOW + timedelta(hours=1))
    assert ring.verify("reset", token, NOW) == "17|ann@example.org"
    assert Keyring.from_setting(f"{NEW},{OLD}").verify("reset", token, NOW) == "17|ann@example.org"
    with pytest.raises(TokenExpired):
        ring.verify("reset", token, NOW + timedelta(hours=1))
    with pytest.raises(TokenInvalid):
        ring.verify("confirm", token, NOW)
    with pytest.raises(TokenInvalid):
        Keyring.from_setting(NEW).verify("reset", token, NOW)
    assert set(token) <= set("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.")


def test_any_alteration_makes_a_token_invalid(ring: Keyring) -> None:
    token = ring.sign("reset", "17", NOW + timedelta(hours=1))
    for other in [*altered(token), "", "....", "old.zz.AA.AA", "é.é.é.é", "A" * 9000]:
        with pytest.raises(TokenInvalid):
            ring.verify("reset", other, NOW)


@pytest.mark.parametrize(
    "setting",
    [
        "",
        ",",
        "k1",
        "k1:",
        "k1:***",
        "k1:" + base64.b64encode(b"x" * 31).decode(),
        NEW.replace("new", "New"),
        f"{NEW},{NEW}",
    ],
)
def test_malformed_keyrings_are_refused_without_quoting_the_secret(setting: str) -> None:
    with pytest.raises(ValueError) as refusal:  # noqa: PT011 - the message must not quote the setting
        Keyring.from_setting(setting)
    secret = setting.partition(":")[2]
    assert not secret or secret not in str(refusal.value)


def test_keyring_file_is_made_once_and_only_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "keyring"
    sealed = load_or_create_keyring(path, NOW).seal("6222", AAD)
    assert path.stat().st_mode & 0o777 == 0o600
    assert [file.name for file in path.parent.iterdir()] == ["keyring"]
    assert load_or_create_keyring(path, NOW).unseal(sealed, AAD) == "6222"
    path.chmod(0o640)
    with pytest.raises(ValueError, match="600"):
        load_or_create_keyring(path, NOW)


def test_processes_that_start_together_agree_on_one_key(tmp_path: Path) -> None:
    path = tmp_path / "keyring"
    program = (
        "import sys; from pathlib import Path; from datetime import datetime, UTC;"
        "from fairground.kit.seal import load_or_create_keyring as k;"
        "sys.stdin.read(1); print(k(Path(sys.argv[1]), datetime(2026,1,1,tzinfo=UTC)).fingerprint('x', 'y'))"
    )
    command = [sys.executable, "-c", program, str(path)]
    started = [subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)]
    answers = {process.communicate("go")[0] for process in started}
    assert answers == {load_or_create_keyring(path, NOW).fingerprint("x", "y") + "\n"}
    assert os.listdir(tmp_path) == ["keyring"]


def test_new_keys_differ_and_are_readable() -> None:
    assert new_key(NOW) != new_key(NOW)
    assert new_key(NOW).startswith("k20260501:")
    Keyring.from_setting(new_key(NOW))
