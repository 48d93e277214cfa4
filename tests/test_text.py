"""Numbers and words as the book sets them."""

import math

import pytest

from thirteen.text import (
    counted,
    inside,
    large,
    listed,
    months_text,
    number,
    p_text,
    percent,
    sentence,
    typeset,
    words,
)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (number(39.65), "39.7"),
        (number(39.6499), "39.6"),
        (number(2.5, 0), "3"),
        (percent(10 / 13), "76.9%"),
        (percent(1 / 8, 0), "13%"),
        (typeset("-3.6 to -.5"), "−3.6 to −.5"),
        (typeset("54.0-99.8, a-b, P05-1"), "54.0-99.8, a-b, P05-1"),
        (typeset("the paper's"), "the paper’s"),
        (typeset("-"), "–"),
        (typeset(7), "7"),
        (sentence("all rows"), "All rows"),
        (sentence(""), ""),
        (inside("All rows"), "all rows"),
        (inside("CT scans"), "CT scans"),
        (inside("eGFR"), "eGFR"),
        (p_text(0.0396), "P = 0.040"),
        (p_text(0.00099), "P < 0.001"),
        (p_text(0.001), "P = 0.001"),
        (months_text(24.25), "24.3 months"),
        (months_text(math.inf), "not reached"),
        (listed([]), "none"),
        (listed(["a"]), "a"),
        (listed(iter("abc")), "a, b and c"),
        (counted(1, "patient"), "1 patient"),
        (counted(0, "patient"), "0 patients"),
        (counted(2, "man", "men"), "2 men"),
        (words(0), "none"),
        (words(9), "nine"),
        (words(10), "10"),
        (words(12345), "12,345"),
        (large(999_999_999), "999,999,999"),
        (large(10**9), "1.0 × 10⁹"),
        (large(2949 * 10**26), "2.9 × 10²⁹"),
    ],
)
def test_words_and_numbers(said, expected):
    """Halves up, minus signs, plurals, lists, large counts."""
    assert said == expected
