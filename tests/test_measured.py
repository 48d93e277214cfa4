"""Measured columns as real numbers: against the registry, by hand, and by a second program."""

from fractions import Fraction
from functools import cache
from random import Random

import pandas as pd
import pytest

import second_measured as second
from recohort.edition import measured_columns, number_columns
from recohort.folder import read_blocks
from recohort.numbers.measured import (
    Column,
    end_of,
    exactly,
    fewest_switches,
    nearest_column,
    some_column,
    switched,
)
from recohort.paper.options import ANY
from recohort.paper.printed import without_facts
from recohort.paper.reading import rows_of
from recohort.paper.rounding import printed_interval, prints_as, round_to
from recohort.paper.rows import Row, of_related
from recohort.paper.statistics import REGISTRY
from thirteen.data import DATA, read_data, read_patients, read_table, read_tables, run

NAME, BLOCK = "diagnosis_interval", "diagnosis_interval"
OWN = {"halves": "up", "median": "follow_up", "quantile": "inclusive"}


def row_of(statistic, printed, filters=(), fact="", **options):
    """A printed row of a made-up paper."""
    told = tuple(options.items())
    return Row(fact, fact, statistic, tuple(filters), told, "rounds to", printed)


def fits(row, frame, conventions):
    """Is a frame's figure the row's, by the registry? A float is exact to nine decimals."""
    if row.statistic == "count":
        frame = frame.assign(
            **{c: frame[c].astype(float) for c, op, _ in row.filters if op == ">="}
        )
    own = conventions | dict(row.switches)
    value = REGISTRY[row.statistic].compute({"patients": frame}, row, own)
    if isinstance(value, float):
        value = Fraction(str(round(value, 9)))
    if row.relation == ">=":
        return value >= int(row.printed)
    return prints_as(value, row.printed, own["halves"])


DRAWN = {
    "median_survival": {"since": "x"}, "minimum": {"column": "x"}, "mean": {"column": "x"},
    "quantile": {"column": "x", "q": "0.25"},
}  # fmt: skip


@pytest.mark.parametrize("median", ANY["median"])
@pytest.mark.parametrize("seed", range(6))
def test_drawn_columns_are_let_through(median, seed):
    """What five drawn patients print has a column, and the registry finds the same print there."""
    random = Random(seed)
    times = [Fraction(random.randint(10, 900), 30) for _ in range(5)]
    values = [Fraction(random.randint(0, 1500), 7) for _ in range(5)]
    frame = pd.DataFrame({"time": times, "event": [random.random() < 0.7 for _ in range(5)]})
    frame["x"] = values
    own, rows = OWN | {"median": median}, []
    for statistic, options in DRAWN.items():
        row = row_of(statistic, "0.0", **options)
        value = REGISTRY[statistic].compute({"patients": frame}, row, own)
        if value != float("inf"):
            rows.append(row._replace(printed=str(round_to(value, 1))))
    found = some_column(Column(tuple(rows), frame, exactly(times), own))
    assert found is not None
    trial = frame.assign(x=found.values, time=found.times)
    assert all(fits(row, trial, own) for row in rows)


def test_ends_by_hand():
    """Two sums with a mean that rounds to 10.0 beside times of 3 and 4: one end is not attained."""
    frame = pd.DataFrame({"time": [3, 4], "event": [True, True]})
    rows = (row_of("median_survival", "10.0", since="x"),)
    column = Column(rows, frame, exactly([3, 4]), OWN)
    assert end_of(column, 0, 1)[:2] == (0, True)
    end, attained, near = end_of(column, 0, -1)
    assert (end, attained) == (Fraction("13.1"), False)
    assert 0 < end - near.values[0] < Fraction(1, 10**5)
    with pytest.raises(ArithmeticError):
        end_of(column._replace(rows=()), 0, -1)


def test_nearest_by_hand():
    """The first patient takes the center, the second what is left of the mean."""
    frame = pd.DataFrame({"time": [3, 4], "event": [True, True]})
    rows = (row_of("mean", "6.0", column="x"),)
    column = Column(rows, frame, exactly([3, 4]), OWN, unit=Fraction(1, 10))
    assert nearest_column(column, "5.0").values == [5, Fraction("6.9")]


def test_switches_by_hand():
    """A plain median of 5 and a curve's of 2: the option that mends it is found, and no other."""
    frame = pd.DataFrame({"time": [0] * 3, "event": [True, True, False]})
    ends = [row_of(k, v, fact=k, column="x") for k, v in (("minimum", "1"), ("maximum", "9"))]
    middle = row_of("median_survival", "9", fact="d", since="x")
    rows = (*ends, row_of("mean", "5.0", fact="c", column="x"), middle)
    column = Column(rows, frame, exactly([0] * 3), OWN)
    assert some_column(column) is None
    found = fewest_switches([column])
    assert found
    assert all(some_column(switched(column, own)) for own in found)
    assert {(fact, name) for own in found for fact, name, _ in own} <= {
        (r.fact, name) for r in rows for name in ("halves", "median")
    }
    hopeless = column._replace(rows=(*rows, row_of("median", "40.0", fact="e", column="x")))
    assert fewest_switches([hopeless]) is None


@cache
def paper():
    """The rows about the edition's measured column, its patients and the real columns."""
    published, statements, conventions = read_blocks("survival", "ages", "intervals", folder=DATA)
    rows = number_columns(published, statements)[NAME]
    return rows, read_patients(), conventions, measured_columns(run(), rows)


def asked(rows, frame, own):
    """The rows in the words of the second route; `own`: facts whose median is the curve's."""
    ranks, groups, counts = [], [], []
    place = {"median": 6, "0.25": 3, "0.75": 9}
    for row in rows:
        low, high, *_ = map(float, printed_interval(row.printed))
        plain = [f for f in row.filters if f[1] == "="]
        members = [i for i, cells in enumerate(frame.astype(str).to_dict("records"))
                   if all(cells[c] == v for c, _, v in plain)]  # fmt: skip
        if row.statistic == "count":
            (cut,) = [f for f in row.filters if f[1] == ">="]
            counts.append((members, float(cut[2]), int(row.printed)))
        elif row.statistic == "median_survival":
            groups.append((members, low, high, row.fact in own))
        else:
            ranks.append((place[dict(row.options).get("q", row.statistic)], low, high))
    return ranks, groups, counts


def second_route(own, room, margin):
    """What the second program finds where the facts `own` are medians of a curve."""
    rows, frame, *_ = paper()
    times = [(t - room, t + room) for t in frame["time"]]
    return second.some_values(*asked(rows, frame, own), times, frame["event"], margin)


@pytest.mark.slow
def test_none_without_a_switch_by_two_programs():
    """No column under the paper's own options: z3 over all real times, HiGHS over wider ones."""
    *_, columns = paper()
    assert columns
    assert not any(some_column(column) for column in columns)
    assert second_route((), 1.0, 1e-3) is None


@pytest.mark.slow
def test_switches_by_two_programs():
    """The corrections are all single switches that mend it; HiGHS finds a column for each fact."""
    *_, columns = paper()
    given = read_table("corrections").query(f"block == '{BLOCK}'")
    expected = [((r.fact, *r.convention.split("=")),) for r in given.itertuples()]
    assert (given["kind"] == "excepted").all()
    assert fewest_switches(columns) == expected
    for fact in {own[0][0] for own in expected}:
        assert second_route((fact,), 0.04, -1e-3) is not None
    others = {r.fact for r in paper()[0] if r.statistic == "median_survival"} - set(given["fact"])
    for fact in others:
        assert second_route((fact,), 1.0, 1e-3) is None


@pytest.mark.slow
def test_each_switch_fails_where_its_figure_is_another():
    """A printed number moved away leaves no column under the switch: the check can fail."""
    *_, columns = paper()
    given = read_table("corrections").query(f"block == '{BLOCK}'")
    first = switched(columns[0], [(given["fact"].iloc[0], *given["convention"].iloc[0].split("="))])
    assert some_column(first)
    moved = [r._replace(printed="9.9") if r.fact == "mst.leiomyosarcoma.diagnosis" else r
             for r in first.rows]  # fmt: skip
    assert some_column(first._replace(rows=tuple(moved))) is None


def test_edition_prints_every_row():
    """The edition's column, under the first reading, by the registry."""
    rows, frame, conventions, _ = paper()
    given = read_table("corrections").query(f"block == '{BLOCK}' and correction == 1")
    for row in without_facts(rows, given):
        assert fits(row, frame, conventions), row.id


@pytest.mark.slow
def test_ends_have_witnesses():
    """Each committed end has a column that prints every row under its reading, as near as said."""
    rows, frame, conventions, _ = paper()
    witnesses = read_table("witnesses").query(f"column == '{NAME}'")
    cells = read_table("number_cells").query(f"column == '{NAME}'").set_index("row_id")
    given = read_table("corrections").query(f"block == '{BLOCK}'")
    assert len(witnesses) == 2 * len(frame)
    for k, w in enumerate(witnesses.itertuples()):
        own = given[(given["fact"] + " " + given["convention"]) == w.aside]
        values, times = ([Fraction(v) for v in text.split()] for text in (w.cells, w.times))
        trial = frame.assign(**{NAME: values, "time": times})
        for row in without_facts(rows, own):
            assert fits(row, trial, conventions), (w.row_id, row.id)
        side = ("lowest", "highest")[k % 2]
        end = Fraction(str(cells.at[w.row_id, side]))
        gap = abs(values[frame["patient_id"].tolist().index(w.row_id)] - end)
        reached = cells.at[w.row_id, "attained"] in (side, "both")
        assert (gap == 0) if reached else (0 < gap <= Fraction(1, 10**6))


SMALL = {
    "patients": pd.DataFrame({"patient_id": list("ABC"), "ill": [True, False, False]}),
    "visits": pd.DataFrame({"visit_id": list("vwxyz"), "patient_id": list("AABCC")}),
}


def test_a_share_of_related_rows():
    """One of three patients is ill, and two of five visits are theirs."""
    row = row_of("percent", "33.3", [("ill", "=", "True")])
    shared = row._replace(switches=(("share", "visits"),))
    assert REGISTRY["percent"].compute(SMALL, row, OWN) == Fraction(100, 3)
    assert REGISTRY["percent"].compute(SMALL, shared, OWN) == 40
    within = shared._replace(filters=(), options=(("within", "ill=True"),))
    assert of_related(within).options == (("table", "visits"), ("within", "patients.ill=True"))
    fixed = shared._replace(options=(("of", "4"),))
    assert REGISTRY["percent"].compute(SMALL, fixed, OWN) == 25


def test_the_share_of_tumors():
    """The one percentage kept as a share of related rows: of tumors, and of nothing else."""
    own = read_table("corrections").query("convention.str.startswith('share=')")
    assert len(own) == 1
    published, _, conventions = read_data()
    rows = [r for r in rows_of(published) if r.statistic == "percent"]
    (row,) = [r for r in rows if r.fact == own["fact"].iloc[0]]
    tables, good = read_tables(), []
    for name in ("patients", "sessions", "tumors"):
        asked = row if name == "patients" else row._replace(switches=(("share", name),))
        value = REGISTRY["percent"].compute(tables, asked, conventions)
        good += [name] if prints_as(value, row.printed) else []
    assert good == [own["convention"].iloc[0].partition("=")[2]]
