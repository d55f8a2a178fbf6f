"""The memory of what has sold out: it refuses a crowd for less than a second, and never what it did not see."""

from datetime import UTC, datetime

import pytest

from fairground.kit.ids import Id, IdMaker
from fairground.market.orders.errors import NotForSale, OutOfStock
from fairground.market.orders.intake.sold_out import CROWD, MOST, SECONDS, SoldOut
from fairground.market.orders.model import OrderRules
from fairground.market.orders.model.quote import AskedLine, CheckoutRequest

IDS = IdMaker(1)
NOW = datetime(2026, 11, 22, tzinfo=UTC)
POT, CUP = IDS.make(Id, 1, NOW), IDS.make(Id, 2, NOW)


class Memory:
    """A memory with a clock that is moved by hand."""

    def __init__(self) -> None:
        self.time = 100.0
        self.sold_out = SoldOut(OrderRules(), clock=lambda: self.time)

    def look(self, *left: tuple[Id, int], times: int = 1, began: float | None = None) -> None:
        trouble = OutOfStock(variants=[{"variant_id": str(int(i)), "left": n} for i, n in left])
        self.sold_out.note([trouble] * times, self.time if began is None else began)

    def refuses(self, *variants: Id) -> bool:
        return self.sold_out.refusal(asks(*variants)) is not None


def asks(*variants: Id, quantity: int = 1) -> CheckoutRequest:
    return CheckoutRequest(address_id=Id(5), lines=tuple(AskedLine(i, quantity) for i in variants))


@pytest.fixture
def memory() -> Memory:
    return Memory()


def test_a_crowd_is_refused_with_the_names_of_what_it_asked_for(memory: Memory) -> None:
    memory.look((POT, 0), (CUP, 0), times=CROWD)
    told = memory.sold_out.refusal(asks(CUP, POT))
    assert told is not None
    assert told.params == {
        "variants": [{"variant_id": str(int(CUP)), "left": 0}, {"variant_id": str(int(POT)), "left": 0}]
    }


def test_few_askers_are_always_answered_by_the_database(memory: Memory) -> None:
    memory.look((POT, 0), times=CROWD - 1)
    assert not memory.refuses(POT)


def test_refusals_far_apart_make_no_crowd(memory: Memory) -> None:
    for _ in range(2 * CROWD):
        memory.look((POT, 0))
        memory.time += SECONDS
    assert not memory.refuses(POT)


def test_nobody_is_refused_by_what_was_seen_a_second_ago(memory: Memory) -> None:
    memory.look((POT, 0), times=CROWD)
    memory.time += SECONDS
    assert not memory.refuses(POT)


def test_the_second_counts_from_the_look_and_not_from_its_answer(memory: Memory) -> None:
    began, memory.time = memory.time, memory.time + SECONDS
    memory.look((POT, 0), times=CROWD, began=began)
    assert not memory.refuses(POT)


def test_half_way_one_asker_looks_again_and_the_others_are_refused_meanwhile(memory: Memory) -> None:
    memory.look((POT, 0), times=CROWD)
    memory.time += SECONDS / 2
    assert [memory.refuses(POT) for _ in range(4)] == [False, True, True, True]
    memory.look((POT, 0))  # what that one found
    memory.time += SECONDS * 0.49
    assert memory.refuses(POT)


def test_whoever_looks_again_and_is_never_heard_of_holds_up_nobody(memory: Memory) -> None:
    memory.look((POT, 0), times=CROWD)
    memory.time += SECONDS / 2
    memory.refuses(POT)
    memory.time += SECONDS / 2
    assert not memory.refuses(POT)


def test_an_answer_that_comes_late_does_not_make_what_was_seen_since_older(memory: Memory) -> None:
    memory.look((POT, 0), times=CROWD)
    memory.look((POT, 0), began=memory.time - SECONDS / 2)
    memory.time += SECONDS * 0.49
    assert memory.refuses(POT)


@pytest.mark.parametrize("left", [1, 7])
def test_too_few_for_somebody_is_not_sold_out(memory: Memory, left: int) -> None:
    memory.look((POT, left), times=CROWD)
    assert not memory.refuses(POT)


def test_one_line_that_may_be_there_is_asked_for(memory: Memory) -> None:
    memory.look((POT, 0), times=CROWD)
    assert memory.refuses(POT)
    assert not memory.refuses(POT, CUP)


def test_other_troubles_teach_nothing(memory: Memory) -> None:
    trouble = NotForSale(problems=[{"variant_id": str(int(POT)), "code": "orders.not_for_sale"}])
    memory.sold_out.note([trouble] * CROWD, memory.time)
    assert not memory.refuses(POT)


@pytest.mark.parametrize(
    "request_",
    [
        CheckoutRequest(address_id=Id(5)),
        CheckoutRequest(lines=(AskedLine(POT, 1),)),
        CheckoutRequest(address_id=Id(5), lines=()),
        asks(POT, POT),
        asks(POT, quantity=0),
        asks(POT, quantity=10_000),
        CheckoutRequest(address_id=Id(5), lines=(AskedLine(POT, 1),), coupons=("1",)),
        CheckoutRequest(address_id=Id(5), lines=(AskedLine(POT, 1),), gateway="nobody's"),
        CheckoutRequest(address_id=Id(5), lines=(AskedLine(POT, 1),), notes={"a": "b"}),
        CheckoutRequest(address_id=Id(5), lines=(AskedLine(POT, 1),), deliveries={"a": "b"}),
    ],
)
def test_what_may_be_wrong_for_another_reason_is_asked_as_ever(memory: Memory, request_: CheckoutRequest) -> None:
    memory.look((POT, 0), times=CROWD)
    assert memory.sold_out.refusal(request_) is None


def test_the_memory_has_an_end(memory: Memory) -> None:
    for _ in range(CROWD):
        memory.look((POT, 0))
    for _ in range(MOST):
        memory.look((IDS.make(Id, 3, NOW), 0))
    assert not memory.refuses(POT)
