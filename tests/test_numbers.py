"""Ages, counted by two routes, with witnesses."""

from functools import cache
from itertools import product

import pandas as pd
import pytest

import second_numbers as second
from recohort.edition import number_columns
from recohort.folder import read_blocks
from recohort.numbers.columns import Sums, column_with, count_columns, sums_of, values_of
from recohort.paper.rounding import prints_as
from recohort.paper.statistics import REGISTRY
from thirteen.data import DATA, read_patients, read_table

pytestmark = pytest.mark.xdist_group("numbers")


@cache
def block(column):
    """Rows about a column, the edition's patients, and the conventions."""
    published, statements, conventions = read_blocks("survival", "ages", "intervals", folder=DATA)
    return number_columns(published, statements)[column], read_patients(), conventions


def printed(rows, statistic):
    """What the block's row of a statistic prints."""
    return next(r.printed for r in rows if r.statistic == statistic)


def prints_all(rows, frame, conventions):
    """Does a frame print every row, by the registry?"""
    for row in rows:
        value = REGISTRY[row.statistic].compute({"patients": frame}, row, conventions)
        if row.relation == "rounds to":
            assert prints_as(value, row.printed), row.id
        else:
            low, high = {"=": (0, 0), ">=": (0, 99), "<=": (-99, 0)}[row.relation]
            assert low <= value - int(row.printed) <= high, row.id


@pytest.mark.slow
def test_ages_two_counts():
    """Columns of ages by sums and squares, and by multisets: the same number."""
    rows, frame, conventions = block("age_years")
    below = sum(~frame["age_55_or_older"])
    cut = int(next(r.filters[1][2] for r in rows if r.statistic == "count"))
    divisor = len(frame) - (conventions["sd"] == "sample")
    ends = (int(printed(rows, s)) for s in ("minimum", "maximum"))
    lowest, highest = ends
    texts = (printed(rows, s) for s in ("mean", "sd"))
    found = second.count_ages(
        lowest, cut, highest, below, len(frame) - below, *texts, divisor
    )  # fmt: skip
    assert count_columns(sums_of(rows, frame, conventions)) == found > 0


def test_sums_against_plain_enumeration():
    """On three small numbers, by trying them all."""
    n, sums, spread = 3, range(9, 13), (20, 60)
    column = Sums(((0, 6), (1, 6), (0, 4)), (((0, 1, 2), 6),), sums, spread)
    found = [
        x for x in product(range(7), range(1, 7), range(5))
        if sum(x) in sums and 20 <= n * sum(v * v for v in x) - sum(x) ** 2 < 60 and 6 in x
    ]  # fmt: skip
    assert count_columns(column) == len(found) > 0
    assert values_of(column, 1) == {v: sum(x[1] == v for x in found) for v in {x[1] for x in found}}


def test_ages_each_value_has_a_witness():
    """Every age that the count allows for a patient is reached; each other one is not."""
    rows, frame, conventions = block("age_years")
    column = sums_of(rows, frame, conventions)
    for position in (0, 2):  # one on each side of the cut; the others have the same bounds
        counts = values_of(column, position)
        assert sum(counts.values()) == count_columns(column)
        for value in (min(counts), max(counts)):
            values = column_with(rows, frame, conventions, {position: value})
            prints_all(rows, frame.assign(age_years=values), conventions)
        for value in (min(counts) - 1, max(counts) + 1):
            assert column_with(rows, frame, conventions, {position: value}) is None


def test_ages_are_counted():
    """The committed count of ages, by a second route; nothing that is measured is counted."""
    rows, frame, conventions = block("age_years")
    (kept,) = pd.read_csv(DATA / "cohort" / "blocks.csv", dtype=str).itertuples()
    assert kept.block == "ages"
    assert kept[3] == str(count_columns(sums_of(rows, frame, conventions)))


def test_ages_have_witnesses():
    """Each end of what an age can be has a column that prints every row."""
    witnesses = read_table("witnesses").query("column == 'age_years'")
    rows, frame, conventions = block("age_years")
    assert len(witnesses) == 2 * len(frame)
    for w in witnesses.itertuples():
        values = [int(v) for v in w.cells.split()]
        prints_all(rows, frame.assign(age_years=values), conventions)
        assert values[frame["patient_id"].tolist().index(w.row_id)] == int(w.value)
