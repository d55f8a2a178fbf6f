"""Reading what banks give."""

import pytest

from fairground.kit.errors import Invalid
from fairground.kit.money import Money
from fairground.market.payments.model import PaymentId
from fairground.market.payments.model.bank import notices_from, read_bank_statement
from fairground.market.payments.model.reference import write_reference

CHINESE = """交易日期,交易流水号,收入金额,币种,对方户名,附言
2026-06-18,T001,"1,299.50",人民币,王小明,{ref} 茶叶
2026年6月18日,T002,,人民币,电费,支出
20260618,T001,1299.50,人民币,王小明,again
2026-06-18,T003,30.00,USD,John,dollars
2026-06-18,T004,3.999,人民币,李,太碎
不是日期,T005,3.99,人民币,李,x
"""
REFERENCE = write_reference(PaymentId(7777777))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_a_chinese_statement_is_read_line_by_line(encoding: str) -> None:
    statement = read_bank_statement(CHINESE.format(ref=REFERENCE).encode(encoding), "CNY")
    (line,) = statement.lines
    assert (line.line, line.money, line.payer, line.number) == (2, Money(129950, "CNY"), "王小明", "T001")
    assert (statement.outgoing, statement.doubled) == (1, (4,))
    assert [(e.pointer, e.code) for e in statement.refused] == [
        ("/lines/5/currency", "currency"),
        ("/lines/6/amount", "amount"),
        ("/lines/7/date", "date"),
    ]
    (notice,) = notices_from(statement.lines)
    assert (notice.subject, notice.reference, notice.amount) == (7777777, "T001", 129950)


def test_lines_without_a_number_of_the_bank_keep_their_print_over_several_files() -> None:
    head, one, two = "Date;Amount;Text\n", "2026-06-18;10.00;tea\n", "2026-06-19;11.00;cup\n"
    first = read_bank_statement((head + one + one).encode(), "CNY").lines
    second = read_bank_statement((head + one + one + two).encode(), "CNY").lines
    assert len({line.number for line in second}) == 3
    assert [line.number for line in first] == [line.number for line in second[:2]]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "format"),
        (b"", "columns"),
        (b"date,amount\n2026-06-18,1", "columns"),
        (b"\xff\xff\xff\xff", "format"),
        (b"x" * 8_000_001, "size"),
    ],
)
def test_a_file_that_is_no_statement_is_refused_whole(data: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_bank_statement(data, "CNY")
    assert refused.value.errors[0].code == code


def test_a_text_with_two_references_names_no_payment() -> None:
    words = f"{REFERENCE} {write_reference(PaymentId(5))}"
    lines = read_bank_statement(f"date,amount,text\n2026-06-18,1,{words}\n".encode(), "CNY").lines
    assert notices_from(lines)[0].subject is None
