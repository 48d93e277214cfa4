"""Samples with a printed mean and SD: listed, and tried one by one."""

from collections import Counter
from fractions import Fraction
from itertools import combinations_with_replacement
from math import factorial, prod

import pytest

from recohort.folder import read_blocks
from recohort.numbers.multisets import list_multisets, moments
from recohort.numbers.sums import Sums, count_columns
from recohort.paper.reading import rows_of
from recohort.paper.rounding import prints_as, square_root
from thirteen.data import DATA, read_patients

SMALL = [  # n, mean, sd, low, high
    (5, "3.0", "1.1", 1, 5), (5, "2.4", "1.0", 0, 4), (6, "2.50", "0.96", 1, 4),
    (4, "2.5", "0.5", 1, 6), (4, "5", "0", 0, 9), (7, "4", "2", 1, 8),
    (2, "3", "1", 0, 9), (6, "1.2", "0.7", 0, 3), (3, "2", "0", 0, 5),
]  # fmt: skip


def tried(n, mean, sd, low, high, divisor):
    """Every sample, judged by the rounding of the mean and of the root itself."""
    found = []
    for sample in combinations_with_replacement(range(low, high + 1), n):
        middle = Fraction(sum(sample), n)
        spread = sum((v - middle) ** 2 for v in sample) / (n - (divisor == "sample"))
        good = prints_as(middle, mean) and prints_as(square_root(spread), sd)
        found += [sample] if good else []
    return found


@pytest.mark.parametrize("case", SMALL, ids=str)
def test_two_ways_to_the_same_samples(case):
    """The listing, and every sample tried by itself; by one divisor or the other there are some."""
    n, mean, sd, low, high = case
    every = {divisor: tried(*case, divisor) for divisor in ("sample", "population")}
    assert any(every.values())
    for divisor, samples in every.items():
        assert list(list_multisets(moments(n, mean, sd, divisor), low, high)) == samples


def test_samples_and_columns():
    """Each sample can be given to the patients in so many ways: the columns of `sums`."""
    asked = moments(6, "3.3", "1.5", divisor="population")
    every = list(list_multisets(asked, 1, 6))
    ways = sum(factorial(6) // prod(map(factorial, Counter(s).values())) for s in every)
    spread = asked.spread[0], asked.spread[1] + 1
    assert count_columns(Sums(((1, 6),) * 6, (), asked.sums, spread)) == ways > len(every) > 2


def test_the_edition_is_among_them():
    """Ages of the edition print the sums that the count asks for."""
    published, _, conventions = read_blocks("survival", "ages", folder=DATA)
    printed = {r.statistic: r.printed for r in rows_of(published)
               if dict(r.options).get("column") == "age_years" and not r.filters}  # fmt: skip
    ages = read_patients()["age_years"].astype(int)
    asked = moments(len(ages), printed["mean"], printed["sd"], divisor=conventions["sd"])
    assert ages.sum() in asked.sums
    low, high = asked.spread
    assert low <= len(ages) * (ages**2).sum() - ages.sum() ** 2 <= high


@pytest.mark.parametrize("wrong", [(1, "3", "1"), (5, "-3", "1"), (5, "3", "-1")], ids=str)
def test_what_cannot_be_asked(wrong):
    """A sample of one, a mean or a spread below zero."""
    with pytest.raises(ValueError, match="moments"):
        moments(*wrong)
