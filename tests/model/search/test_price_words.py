"""Prices in the words of a query become limits; other numbers stay words."""

import pytest

from fairground.market.search.words import read_prices


@pytest.mark.parametrize(
    ("text", "words", "low", "high"),
    [
        ("teapot under 200", "teapot", None, 20_000),
        ("A teapot for two, under ¥200", "A teapot for two", None, 20_000),
        ("两人用的茶壶，200 元以内", "两人用的茶壶", None, 20_000),
        ("200以下的茶壶", "茶壶", None, 20_000),
        ("茶壶不超过150元", "茶壶", None, 15_000),
        ("100-200元 茶壶", "茶壶", 10_000, 20_000),
        ("茶壶 200到100块", "茶壶", 10_000, 20_000),
        ("kite between 20 and 80.50", "kite", 2_000, 8_050),
        ("300元以上的围巾", "围巾", 30_000, None),
        ("over 50 mug", "mug", 5_000, None),
        ("500毫升以内 杯子", "500毫升以内 杯子", None, None),
        ("under 200ml cup", "under 200ml cup", None, None),
        ("iphone 15", "iphone 15", None, None),
        ("dusk 65 keyboard", "dusk 65 keyboard", None, None),
        ("books from 1990", "books from 1990", None, None),
        ("  tea   pot ", "tea pot", None, None),
        ("", "", None, None),
    ],
)
def test_a_price_is_read_out_of_the_words(text: str, words: str, low: int | None, high: int | None) -> None:
    asked = read_prices(text, "CNY")
    assert (asked.words, asked.min_price, asked.max_price) == (words, low, high)


def test_a_currency_without_cents_counts_in_its_units() -> None:
    assert read_prices("茶碗 3000以下", "JPY").max_price == 3_000
