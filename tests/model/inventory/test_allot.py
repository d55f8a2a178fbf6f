"""Who gets what."""

import pytest

from fairground.kit.ids import Id
from fairground.market.inventory.allot import allot, in_lock_order
from fairground.market.inventory.model import Claim, Missing, Refused, Taken

TEA, CUP = Id(1 << 12), Id(2 << 12)


def test_the_first_to_come_is_the_first_served() -> None:
    assert allot({TEA: 1}, [Claim(Id(1), ((TEA, 1),)), Claim(Id(2), ((TEA, 1),))]) == [
        Taken(Id(1)),
        Refused(Id(2), (Missing(TEA, 1, 0),)),
    ]


def test_a_refused_claim_frees_its_pieces_for_the_next() -> None:
    greedy = Claim(Id(1), ((TEA, 2), (CUP, 9)))
    modest = Claim(Id(2), ((TEA, 2),))
    assert allot({TEA: 2, CUP: 1}, [greedy, modest]) == [Refused(Id(1), (Missing(CUP, 9, 1),)), Taken(Id(2))]


def test_every_variant_that_ran_out_is_named() -> None:
    (answer,) = allot({TEA: 0, CUP: 1}, [Claim(Id(1), ((TEA, 1), (CUP, 2)))])
    assert answer == Refused(Id(1), (Missing(TEA, 1, 0), Missing(CUP, 2, 1)))


def test_lines_of_one_variant_are_added_up() -> None:
    (answer,) = allot({TEA: 3}, [Claim(Id(1), ((TEA, 2), (TEA, 2)))])
    assert answer == Refused(Id(1), (Missing(TEA, 4, 3),))


def test_what_is_not_counted_never_runs_out() -> None:
    assert allot({TEA: None}, [Claim(Id(1), ((TEA, 10**9),)), Claim(Id(2), ((TEA, 10**9),))]) == [
        Taken(Id(1)),
        Taken(Id(2)),
    ]


def test_an_unknown_variant_has_nothing() -> None:
    assert allot({}, [Claim(Id(1), ((TEA, 1),))]) == [Refused(Id(1), (Missing(TEA, 1, 0),))]


@pytest.mark.parametrize("quantity", [0, -1])
def test_a_claim_without_a_quantity_is_our_own_mistake(quantity: int) -> None:
    with pytest.raises(AssertionError):
        allot({TEA: 5}, [Claim(Id(1), ((TEA, quantity),))])


def test_locks_are_taken_by_bucket_then_id() -> None:
    late_low, early_high = Id((9 << 22) | (1 << 12)), Id((1 << 22) | (2 << 12))
    assert in_lock_order([early_high, late_low, early_high]) == [late_low, early_high]
