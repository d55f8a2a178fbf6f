import asyncio
import time

import pytest

from fairground.kit.passwords import LONGEST, Passwords, weakness

# Cheap costs; the real ones are looked at once below.
CHEAP = {"memory_kib": 64, "passes": 1}


async def test_right_password_is_recognised_and_no_other() -> None:
    passwords = Passwords(**CHEAP)
    kept = await passwords.hash("correct horse")
    assert kept.startswith("$argon2id$")
    assert await passwords.verify(kept, "correct horse")
    for wrong in ("Correct horse", "correct horse ", "", "correct horse" * 100):
        assert not await passwords.verify(kept, wrong)
    assert await passwords.hash("correct horse") != kept


async def test_accents_typed_in_two_ways_are_the_same_password() -> None:
    passwords = Passwords(**CHEAP)
    assert await passwords.verify(await passwords.hash("caf\u00e9 au lait"), "cafe\u0301 au lait")


async def test_nobody_has_no_right_password_and_takes_as_long() -> None:
    passwords = Passwords()
    kept = await passwords.hash("correct horse")
    assert not await passwords.verify(None, "nobody's password")
    spent = []
    for known in (kept, None):
        times = []
        for _ in range(5):
            start = time.thread_time(), time.perf_counter()
            await passwords.verify(known, "wrong horse")
            times.append(time.perf_counter() - start[1])
        spent.append(min(times))
    assert spent[1] > spent[0] / 2


async def test_damaged_hash_is_never_right() -> None:
    passwords = Passwords(**CHEAP)
    for kept in ("", "x", "$argon2id$v=19$m=64,t=1,p=1$AAAA$", "$2b$12$abcdefghijklmnopqrstuv"):
        assert not await passwords.verify(kept, "x")
        assert passwords.needs_rehash(kept)


async def test_hash_of_older_costs_wants_to_be_made_again() -> None:
    old = await Passwords(**CHEAP).hash("correct horse")
    assert Passwords().needs_rehash(old)
    assert not Passwords(**CHEAP).needs_rehash(old)
    assert await Passwords().verify(old, "correct horse")


async def test_no_more_are_checked_at_once_than_allowed_and_the_loop_goes_on() -> None:
    passwords = Passwords(at_once=1)
    kept = await passwords.hash("correct horse")
    beats = 0

    async def beat() -> None:
        nonlocal beats
        while True:
            beats += 1
            await asyncio.sleep(0.001)

    heart = asyncio.create_task(beat())
    assert all(await asyncio.gather(*(passwords.verify(kept, "correct horse") for _ in range(6))))
    heart.cancel()
    assert beats > 6


@pytest.mark.parametrize(
    ("password", "wrong"),
    [
        ("short12", "too_short"), ("x" * (LONGEST + 1), "too_long"), ("aaaaaaaaaa", "too_simple"),
        ("abababab", "too_simple"), ("P@ssw0rd", "too_common"), ("12345678", "too_common"),
        ("ann.lee@example.org", "is_email"), ("Ann.Lee@Example.org", "is_email"), ("ann.lee.x", None),
        ("correct horse", None), ("红烧牛肉面真好吃", None), ("x9!kfo2m", None),
    ],
)  # fmt: skip
def test_weak_passwords_are_named(password: str, wrong: str | None) -> None:
    assert weakness(password, "ann.lee@example.org") == wrong


def test_first_half_of_the_address_is_refused_as_well() -> None:
    assert weakness("annabelle", "annabelle@example.org") == "is_email"
