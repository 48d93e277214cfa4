"""Samples with a printed mean and SD: counted, listed, tried one by one, and as published."""

from collections import Counter
from fractions import Fraction
from itertools import combinations_with_replacement
from math import comb, factorial, prod
from time import process_time

import pandas as pd
import pytest

from recohort.folder import read_blocks
from recohort.numbers import multisets
from recohort.numbers.multisets import Moments, count_multisets, list_multisets, moments
from recohort.numbers.sums import Sums, count_columns
from recohort.paper.reading import rows_of
from recohort.paper.rounding import prints_as, square_root
from thirteen.data import DATA, read_patients

PUBLISHED = pd.read_csv(DATA / "closure.csv", dtype={"mean": str, "sd": str})
SMALL = [  # n, mean, sd, low, high, unit
    (5, "3.0", "1.1", 1, 5, "1"), (5, "2.4", "1.0", 0, 4, "1"), (6, "2.50", "0.96", 1, 4, "1"),
    (4, "2.5", "0.5", 1, 6, "1"), (4, "0.5", "0.0", 0, 9, "0.1"), (7, "0.4", "0.2", 1, 8, "0.1"),
    (2, "3", "1", 0, 9, "1"), (6, "1.2", "0.7", 0, 3, "1"), (3, "2", "0", 0, 5, "1"),
]  # fmt: skip


def tried(n, mean, sd, low, high, unit, divisor, halves):
    """Every sample, judged by the rounding of the mean and of the root itself."""
    how = ("up", "even") if halves == "either" else (halves,)
    found = []
    for sample in combinations_with_replacement(range(low, high + 1), n):
        values = [v * Fraction(unit) for v in sample]
        middle = sum(values) / n
        spread = sum((v - middle) ** 2 for v in values) / (n - (divisor == "sample"))
        good = _prints(middle, mean, how) and _prints(square_root(spread), sd, how)
        found += [sample] if good else []
    return found


def _prints(value, printed, how):
    """`either` way: up, or down, which is up seen from the other side of the interval."""
    half = Fraction(1, 2 * 10 ** len(printed.partition(".")[2]))
    down = len(how) == 2 and value == Fraction(printed) + half
    return down or any(prints_as(value, printed, h) for h in how)


@pytest.mark.parametrize("halves", ["up", "even", "either"])
@pytest.mark.parametrize("divisor", ["sample", "population"])
@pytest.mark.parametrize("case", SMALL, ids=str)
def test_three_ways_to_the_same_samples(case, divisor, halves):
    """The table of ways, the listing, and every sample tried by itself."""
    n, mean, sd, low, high, unit = case
    asked = moments(n, mean, sd, unit, divisor, halves)
    every = tried(*case, divisor, halves)
    assert list(list_multisets(asked, low, high)) == every
    assert count_multisets(asked, (n, low, high)) == len(every)


def test_the_small_cases_have_edges():
    """Halves are met: the three roundings do not all give the same counts."""
    counts = {
        halves: [count_multisets(moments(n, m, s, u, "population", halves), (n, low, high))
                 for n, m, s, low, high, u in SMALL]
        for halves in ("up", "even", "either")
    }  # fmt: skip
    assert counts["up"] != counts["even"] != counts["either"] != counts["up"]
    assert min(counts["either"]) > 0


@pytest.mark.parametrize("cut", [2, 3, 4])
def test_parts(cut):
    """A cut-off and a value that is certain: the parts together are samples of their own."""
    case = (7, "2.6", "1.1", 1, 5, "1")
    asked = moments(*case[:3])
    for below in range(1, 7):
        parts = ((1, 1, 1), (below - 1, 1, cut - 1), (7 - below, cut, 5))
        wanted = [s for s in tried(*case, "sample", "up")
                  if s[0] == 1 and sum(v < cut for v in s) == below]  # fmt: skip
        assert count_multisets(asked, *parts) == len(wanted)


def test_samples_and_columns():
    """Each sample can be given to the patients in so many ways: the columns of `sums`."""
    asked = moments(6, "3.3", "1.5", divisor="population")
    every = list(list_multisets(asked, 1, 6))
    ways = sum(factorial(6) // prod(map(factorial, Counter(s).values())) for s in every)
    spread = asked.spread[0], asked.spread[1] + 1
    assert count_columns(Sums(((1, 6),) * 6, (), asked.sums, spread)) == ways > len(every) > 2


@pytest.mark.parametrize("row", list(PUBLISHED.itertuples(index=False)), ids=str)
def test_published_counts(row):
    """The counts that were published for CLOSURE: halves either way, sample SD, in 2 seconds."""
    start = process_time()
    asked = moments(row.n, row.mean, row.sd, halves="either")
    assert count_multisets(asked, (row.n, row.low, row.high)) == row.samples
    assert process_time() - start < 2


def test_whole_scales():
    """All samples of a scale, as the binomial coefficient has them."""
    for n, high in ((30, 6), (8, 20), (3, 0)):
        every = Moments(n, range(n * high + 1), (0, (n * high) ** 2))
        assert count_multisets(every, (n, 0, high)) == comb(n + high, n)


def test_counts_beyond_64_bits(monkeypatch):
    """Very many samples are counted in Python's own whole numbers, by the same steps."""
    asked = moments(9, "3.0", "2.0")
    small = count_multisets(asked, (4, 0, 3), (5, 2, 9))
    monkeypatch.setattr(multisets, "comb", lambda *_: 2**64)
    made = []
    table = multisets._table
    monkeypatch.setattr(multisets, "_table", lambda *a: made.append(a[-1]) or table(*a))
    assert count_multisets(asked, (4, 0, 3), (5, 2, 9)) == small > 0
    assert made == [True, True]


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


@pytest.mark.parametrize(
    "wrong", [(1, "3", "1"), (5, "-3", "1"), (5, "3", "1", "1", "both"), (5, "3", "1", "1",
              "sample", "down")], ids=str,
)  # fmt: skip
def test_what_cannot_be_asked(wrong):
    """A sample of one, a mean below zero, options that do not exist."""
    with pytest.raises(ValueError, match="moments"):
        moments(*wrong)


def test_parts_have_to_add_up():
    """Nine values are not ten."""
    with pytest.raises(ValueError, match="add up"):
        count_multisets(moments(10, "3", "1"), (4, 1, 5), (5, 1, 5))
