"""The number people write on a bank transfer."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairground.market.payments.model import PaymentId
from fairground.market.payments.model.reference import find_references, write_reference

IDS = st.integers(1, 2**63 - 1).map(PaymentId)


@given(IDS)
def test_a_reference_is_found_again_however_it_was_typed(payment_id: PaymentId) -> None:
    written = write_reference(payment_id)
    for typed in (written, written.lower(), written.replace("-", " "), f"payment {written.replace('-', '')}, thanks"):
        assert find_references(typed) == [payment_id]


@given(IDS, st.integers(0, 14), st.sampled_from("0123456789ABCDEFGHJKMNPQRSTVWXYZ"))
def test_one_wrong_character_finds_nothing(payment_id: PaymentId, place: int, letter: str) -> None:
    written = write_reference(payment_id).replace("-", "")
    wrong = written[: place + 2] + letter + written[place + 3 :]
    assert find_references(wrong) == ([payment_id] if wrong == written else [])


def test_letters_that_look_like_digits_are_read_as_digits() -> None:
    payment_id = PaymentId(32**3 + 1)
    assert find_references(write_reference(payment_id).replace("0", "O").replace("1", "l")) == [payment_id]


def test_two_references_in_one_text_are_both_found_and_each_once() -> None:
    one, two = PaymentId(123456789), PaymentId(987654321)
    words = f"{write_reference(one)} {write_reference(two)} {write_reference(one)}"
    assert find_references(words) == [one, two]


@pytest.mark.parametrize("words", ["", "FG", "for the tea", "FG-00000-00000-00001", "😀" * 50])
def test_other_texts_hold_no_reference(words: str) -> None:
    assert find_references(words) == []
