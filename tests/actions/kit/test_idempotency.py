"""The same key and body give the same answer; a refusal leaves nothing."""

import asyncio

import pytest

from fairground.kit.actor import GUEST
from fairground.kit.db import Database, Tx
from fairground.kit.idempotency import Answer, KeyMalformed, KeyMissing, KeyReused, check_key, fingerprint, once
from fairground.kit.ids import Id

OWNER = Id((1 << 22) | (7 << 12))
PRINT = fingerprint("POST /lamps", {"n": 1})


def deed(done: list[int], answer: object = "lit") -> object:
    async def light() -> tuple[int, object]:
        done.append(1)
        return 201, {"id": Id(2**60), "words": answer}

    return light


async def ask(db: Database, done: list[int], key: str = "k", print_: bytes = PRINT) -> Answer:
    return await db.write(GUEST, lambda tx: once(tx, OWNER, key, print_, deed(done)))  # type: ignore[arg-type]


async def test_the_second_time_gets_the_first_answer(db: Database) -> None:
    done: list[int] = []
    first, second = await ask(db, done), await ask(db, done)
    assert (first.status, first.body) == (second.status, second.body) == (201, {"id": str(2**60), "words": "lit"})
    assert (first.replayed, second.replayed, len(done)) == (False, True, 1)


async def test_another_body_under_the_same_key_is_refused(db: Database) -> None:
    done: list[int] = []
    await ask(db, done)
    with pytest.raises(KeyReused):
        await ask(db, done, print_=fingerprint("POST /lamps", {"n": 2}))
    assert len(done) == 1


async def test_a_refusal_leaves_nothing_and_may_be_tried_again(db: Database) -> None:
    async def refuse() -> tuple[int, object]:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await db.write(GUEST, lambda tx: once(tx, OWNER, "k", PRINT, refuse))
    done: list[int] = []
    assert not (await ask(db, done)).replayed


async def test_at_the_same_moment_one_does_and_the_others_get_its_answer(wide_db: Database) -> None:
    done: list[int] = []
    answers = await asyncio.gather(*(ask(wide_db, done) for _ in range(12)))
    assert sum(not a.replayed for a in answers) == 1
    assert {a.body["id"] for a in answers} == {str(2**60)}


async def test_without_the_key_row_two_at_once_both_do_it(wide_db: Database) -> None:
    """The race that `once` guards against, shown with the guard removed."""
    done: list[int] = []

    async def unguarded(tx: Tx) -> None:
        row = await tx.row("select 1 from kit.idempotency where bucket = 7 and owner = $1 and key = 'k'", OWNER)
        if row is None:
            await asyncio.sleep(0.05)
            done.append(1)

    await asyncio.gather(*(wide_db.write(GUEST, unguarded) for _ in range(4)))
    assert len(done) > 1


def test_keys_are_checked() -> None:
    with pytest.raises(KeyMissing):
        check_key(None)
    for bad in ("", "x" * 201, "ключ", "a\nb"):
        with pytest.raises(KeyMalformed):
            check_key(bad)
    assert check_key("x" * 200)
