"""What is a person's goes out of a text; what is not stays."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fairground.market.justice.model.redaction import Known, looks_personal, redact

NOBODY = Known()


@pytest.mark.parametrize(
    "text",
    [
        "Call me at 13800138000 please",
        "Call me at +86 138 0013 8000.",
        "ring 138-0013-8000 now",
        "电话１３８００１３８０００",
        "打1 3 8 0 0 1 3 8 0 0 0",
        "一三八零零一三八零零零",
        "mail ming.lin@example.org",
        "ming.lin (at) example.org",
        "see https://evil.example/a?b=c",
        "go to cheap-pots.shop/now",
        "加我微信：lin_ming88",
        "vx lin-ming-88",
        "QQ 12345678",
        "寄到浙江省杭州市西湖区文三路1号3单元502室",
        "住在文三路 1 号",
        "I live at 12 Baker Street in town",
        "Lindenstraße 14",
        "张先生说没问题",
        "I spoke with Mr. Lin Ming",
        "parcel SF1234567890123",
        "order 2606 1847 0032",
        "身份证 11010519491231002X",
        "卡号 6222020200112233445",
        "US number (415) 555-2671",
    ],
)
def test_what_looks_like_a_persons_goes_out(text: str) -> None:
    for language in ("en", "zh-CN"):
        left = redact(text, NOBODY, language)  # type: ignore[arg-type]
        assert left != text
        assert not any(part in left for part in ("138", "example.org", "12345678", "文三路", "Baker", "2671", "14"))


@pytest.mark.parametrize(
    "text",
    [
        "The pot has a crack of 3 cm, and cost ¥199.00.",
        "I waited 10 days; the promise was 48 hours.",
        "Two of 12 cups were broken on 2026-06-18.",
        "茶壶有一道3厘米的裂缝，价格是199元。",
        "商家承诺48小时内发货，我等了10天。",
        "The label says 100% cotton, size XL, model A4.",
        "",
    ],
)
def test_what_is_nobodys_stays(text: str) -> None:
    assert redact(text, NOBODY, "en") == text
    assert not looks_personal(text, "en")


def test_what_is_known_goes_out_wherever_it_stands_and_says_what_it_was() -> None:
    known = Known(
        buyer=("Lin Ming", "林明"),
        shop=("Lantern & Clay", "lantern-and-clay"),
        names=("Wei Seller",),
        address=("西湖区",),
    )
    text = "lin  MING bought at Lantern & Clay (lantern-and-clay) in 西湖区; Wei Seller wrote to 林明。"
    assert redact(text, known, "en") == "[buyer] bought at [shop] ([shop]) in [address]; [name] wrote to [buyer]。"
    assert redact("Lantern & Clay", known, "zh-CN") == "〔店铺〕"


def test_a_short_name_does_not_tear_words_apart() -> None:
    assert redact("Minced meat, said Min.", Known(buyer=("Min",)), "en") == "Minced meat, said [buyer]."
    assert redact("A cup.", Known(buyer=("A",)), "en") == "A cup."


@given(st.text(max_size=300))
def test_redacting_twice_changes_nothing_more_and_never_fails(text: str) -> None:
    once = redact(text, NOBODY, "en")
    assert redact(once, NOBODY, "en") == once


@given(
    st.text(alphabet="abc 中文，.", max_size=40),
    st.integers(13_000_000_000, 18_999_999_999),
    st.sampled_from(["", " ", "-", "."]),
    st.text(alphabet="abc 中文，.", max_size=40),
)
def test_no_mobile_number_survives(before: str, number: int, between: str, after: str) -> None:
    digits = str(number)
    written = between.join((digits[:3], digits[3:7], digits[7:]))
    left = redact(f"{before} {written} {after}", NOBODY, "zh-CN")
    assert digits[3:7] not in left
    assert digits[7:] not in left
