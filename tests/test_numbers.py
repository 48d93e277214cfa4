"""The blocks of numbers: exact counts by two routes, bounds with witnesses, and their conflicts."""

from functools import cache
from itertools import product

import pandas as pd
import pytest

import second_numbers as second
from recohort.numbers.columns import column_conflict, column_exists, column_with
from recohort.numbers.ranks import Pair, Ranks, Tally, count_ranks, intervals_of, ranks_of
from recohort.numbers.sums import Sums, count_columns, sums_of, values_of
from recohort.paper.rounding import prints_as
from recohort.paper.statistics import REGISTRY
from thirteen.cohort import (
    DATA,
    number_columns,
    read_blocks,
    read_patients,
    read_table,
)

pytestmark = pytest.mark.xdist_group("numbers")


@cache
def block(column):
    """Rows about a column, the edition's patients, and the conventions."""
    published, statements, conventions = read_blocks("survival", "ages", "intervals")
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


def test_intervals_two_counts():
    """Columns of intervals without a median, by edges and by rankings: the same number."""
    rows, frame, conventions = block("diagnosis_interval")
    kept = [r for r in rows if r.fact != "diagnosis_interval.median"]
    found = count_ranks(ranks_of(kept, frame, conventions))
    assert found == second.count_intervals(kept, frame, 6000) > 0


def test_intervals_conflict():
    """No column prints all: by enumeration, and for real numbers by the solver.

    The rows bound single values and sums of two by halves of a unit; such systems have a
    solution in quarters wherever they have a real one.
    """
    rows, frame, conventions = block("diagnosis_interval")
    assert second.count_intervals(rows, frame, 6000) == 0
    conflict = column_conflict(rows, [frame], conventions)
    inside = [r for r in rows if r.fact in conflict]
    assert not column_exists(inside, frame, conventions, fine=4)
    for fact in conflict:
        kept = [r for r in inside if r.fact != fact]
        assert column_exists(kept, frame, conventions, fine=4)


def test_ranks_against_plain_enumeration():
    """On four small numbers whose middle two make the median, by trying them all."""
    offsets, top = (3, 5, 7, 9), 12
    pair = Pair(tuple(enumerate(offsets)), 1, (1, 1), 27, 29)
    column = Ranks((top,) * 4, (Tally(tuple((i, 6) for i in range(4)), 1, 2),), (pair,))
    found = []
    for values in product(range(top), repeat=4):
        later = sorted(v + t for v, t in zip(values, offsets, strict=True))
        if 27 <= later[1] + later[2] < 29 and 1 <= sum(v < 6 for v in values) <= 2:
            found.append(values)
    assert count_ranks(column) == len(found) > 0
    for i in range(4):
        reached = {v for low, high in intervals_of(column, i) for v in range(low, high)}
        assert reached == {values[i] for values in found}


def test_intervals_ends_have_witnesses():
    """The ends of what a patient's interval can be are reached, one step beyond is not."""
    rows, frame, conventions = block("diagnosis_interval")
    kept = [r for r in rows if r.fact != "diagnosis_interval.median"]
    column = ranks_of(kept, frame, conventions)
    for position in (2, 7):
        parts = intervals_of(column, position)
        for low, high in parts:
            for value in (low, high - 1):
                values = column_with(kept, frame, conventions, {position: value / 10})
                prints_all(kept, frame.assign(diagnosis_interval=values), conventions)
        if parts[0][0]:
            beyond = {position: parts[0][0] / 10 - 0.1}
            assert column_with(kept, frame, conventions, beyond) is None


def test_blocks_are_counted():
    """The committed counts: of ages by a second route, of intervals none for the full set."""
    rows, frame, conventions = block("age_years")
    counts = pd.read_csv(DATA / "cohort" / "blocks.csv", dtype=str).set_index("what")
    exact = counts[counts["method"].str.startswith("exact")]
    assert (exact["count_lower"] == exact["count_upper"]).all()
    ages = count_columns(sums_of(rows, frame, conventions))
    assert counts.at["columns of ages", "count_lower"] == str(ages)
    assert counts.at["columns of intervals", "count_lower"] == "0"
    facts = set(read_table("corrections").query("block == 'diagnosis_interval'")["fact"])
    without = {w.rpartition(" ")[2] for w in counts.index if " without " in w}
    assert without == facts


def test_number_cells_have_witnesses():
    """Each end of what an age or an interval can be has a column that prints every row."""
    witnesses, cells = read_table("witnesses"), read_table("number_cells")
    own = cells[cells["table"] == "patients"]
    assert len(witnesses[witnesses["table"] == "patients"]) == 2 * len(own)
    for column in ("age_years", "diagnosis_interval"):
        rows, frame, conventions = block(column)
        for w in witnesses[witnesses["column"] == column].itertuples():
            values = [float(v) if "." in v else int(v) for v in w.cells.split()]
            kept = [r for r in rows if r.fact != w.aside]
            prints_all(kept, frame.assign(**{column: values}), conventions)
            place = frame["patient_id"].tolist().index(w.row_id)
            assert values[place] == float(w.value)
