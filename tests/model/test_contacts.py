"""What counts as a way round the market, and what an order needs to be said."""

import pytest

from fairground.market.service.model.contacts import find_contacts

SHOP = "https://market.test/p/1"


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("打我电话 138 0013 8000", {"phone"}),
        ("一三八零零一三八零零零", {"phone"}),
        ("１３８００１３８０００", {"phone"}),
        ("ring +44 20 7946 0958 please", {"phone"}),
        ("phone: 020 7946 0958", {"phone"}),
        ("write to lin@example.org", {"email"}),
        ("lin @ example . org", {"email"}),
        ("加微信：lan_zhou88", {"messenger"}),
        ("my WeChat id is lanzhou88", {"messenger"}),
        ("vx lanzhou88", {"messenger"}),
        ("QQ 12345678", {"messenger"}),
        ("cheaper at https://elsewhere.example/x", {"link"}),
        ("look at myshop.top", {"link"}),
        ("杭州市西湖区文三路 1 号", {"address"}),
        ("221 Baker Street", {"address"}),
    ],
)
def test_ways_round_the_market_are_found(words: str, found: set[str]) -> None:
    assert set(map(str, find_contacts(words))) >= found


@pytest.mark.parametrize(
    "words",
    [
        "Is it 30 x 40 cm, and do you have 12 of them?",
        "¥1,999.00 is too much; 1800?",
        "订单 20260618 123456 到哪里了",
        "tracking number SF1234567890123",
        "2026-11-22 14:30",
        "尺寸 120*80*75，重 3.5 公斤，可以便宜点吗",
        "qq糖好吃吗",
        "It is made of cotton.It is red.",
        f"This one: {SHOP}",
        "微信支付可以吗",
        "Do you ship to Hangzhou?",
    ],
)
def test_what_a_sale_needs_is_none(words: str) -> None:
    assert find_contacts(words, ("market.test",)) == ()
