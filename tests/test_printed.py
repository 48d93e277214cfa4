"""One table of comparisons: a printed bound of each kind is read, searched for and judged."""

from fractions import Fraction

import pandas as pd
import pytest

from recohort.cells.cells import Cells, Column
from recohort.cells.facts import add_fact
from recohort.cells.relations import run
from recohort.numbers.columns import column_with
from recohort.numbers.measured import Column as Measured
from recohort.numbers.measured import exactly, some_column
from recohort.paper.files import PublishedError
from recohort.paper.options import DEFAULTS, read_options
from recohort.paper.printed import agrees, in_unit, printed_by, printed_form, prints, with_options
from recohort.paper.rounding import COMPARED
from recohort.paper.rows import NEVER, Row
from recohort.survival.cohorts import cohorts
from recohort.survival.problem import Problem

BOUNDS = ("<=", ">=", "<", ">")
SIZE = 3
ONE = {"sessions": 1, "tumors": 1}


def counted(relation, filters):
    """A count of rows in a group, printed as a bound of two."""
    return Row("made.up", "made.up", "count", filters, (), relation, "2")


@pytest.mark.parametrize("relation", BOUNDS)
def test_registry_and_ledger_judge_every_bound(relation):
    """So many rows agree as the comparison says, and only they print the bound."""
    row = counted(relation, (("flag", "=", "True"),))
    for n in range(SIZE + 1):
        tables = {"patients": pd.DataFrame({"flag": [i < n for i in range(SIZE)]})}
        good = COMPARED[relation](n, 2)
        assert agrees(row, n, DEFAULTS) == printed_by(row, tables, DEFAULTS) == good
        assert prints(printed_form(n, row, DEFAULTS), row) == good


@pytest.mark.parametrize("relation", BOUNDS)
def test_survival_search_keeps_every_bound(relation):
    """Of three patients, so many have died as the bound allows."""
    size = Row("n", "n", "count", (), (), "rounds to", "3")
    ends = [Row(s, s, s, (), (), "rounds to", v) for s, v in (("minimum", "1"), ("maximum", "3"))]
    row = counted(relation, (("event", "=", "True"),))
    paper = Problem(SIZE, (), (), (size, *ends, row), tuple(DEFAULTS.items()))
    dead = {cohort.pattern.bit_count() for cohort in cohorts(paper)}
    assert dead == {n for n in range(SIZE + 1) if COMPARED[relation](n, 2)}


@pytest.mark.parametrize("cut", BOUNDS)
@pytest.mark.parametrize("relation", BOUNDS)
def test_columns_of_numbers_keep_every_bound(relation, cut):
    """Whole numbers and real ones: so many are on a side of a cut-off as the bound allows."""
    row = counted(relation, (("value", cut, "5"),))
    people = pd.DataFrame({"time": [1.0, 2.0, 3.0], "event": [True] * SIZE})
    column = Measured((row,), people, exactly(people["time"]), DEFAULTS)
    for values in ([4, 4, 4], [5, 4, 4], [5, 5, 4], [5, 6, 6], [6, 6, 6]):
        fixed = dict(enumerate(values))
        good = COMPARED[relation](sum(COMPARED[cut](v, 5) for v in values), 2)
        assert (column_with([row], people, DEFAULTS, fixed) is not None) == good, values
        assert (some_column(column, fixed) is not None) == good, values


@pytest.mark.parametrize("relation", BOUNDS)
@pytest.mark.parametrize("statistic", ["count", "minimum", "mean"])
def test_related_tables_keep_every_bound(statistic, relation):
    """As a constraint, of a count and of a number."""
    counts = statistic == "count"
    filters = (("value", ">", "1"),) if counts else ()
    options = () if counts else (("column", "value"),)
    row = Row("made.up", "made.up", statistic, filters, options, relation, "2")
    for values in ([1, 1, 2], [1, 2, 2], [2, 2, 2], [2, 3, 3]):
        found = {"count": sum(v > 1 for v in values), "minimum": min(values), "mean": sum(values)}
        good = COMPARED[relation](found[statistic], 6 if statistic == "mean" else 2)
        cells = Cells([Column("patients", "value", (), 1, 0, 9)], SIZE, ONE)
        for slot, value in zip(cells.slots["patients"].values(), values, strict=True):
            cells.m.add(slot.cells["value"].number == value)
        add_fact(cells, [row], cells.true, DEFAULTS)
        assert (run(cells.m) is not None) == good, values


@pytest.mark.parametrize("value", [50, Fraction(50), 50.0])
def test_a_share_is_a_percentage_over_a_hundred(value):
    """Whatever kind of number the percentage is."""
    row = Row("made.up", "made.up", "percent", (), (("unit", "share"),), "rounds to", "0.5000")
    assert prints(printed_form(value, row, DEFAULTS), row)
    assert printed_form(value, row, DEFAULTS) == "0.5000"
    assert in_unit(row._replace(options=()), value) == value


def test_what_is_not_reached_in_print_and_is_here():
    """One decimal, where the paper says none."""
    row = Row("made.up", "made.up", "median_survival", (), (), NEVER, NEVER)
    assert printed_form(12.34, row, DEFAULTS) == "12.3"
    assert printed_form(float("inf"), row, DEFAULTS) == NEVER


def test_blocks_with_options_of_their_own(tmp_path):
    """Their rows are switched, all others are not; an unknown name is refused."""
    path = tmp_path / "conventions.csv"
    path.write_text("block,convention,option,meaning\nages,sd,population,\n", encoding="utf8")
    options = read_options(path)
    rows = [
        Row("a", "a", "sd", (), (("column", "age"),), "rounds to", "50"),
        Row("b", "b", "sd", (), (("column", "size"),), "rounds to", "50"),
    ]
    homes = {("patients", "age"): "ages", ("patients", "size"): "sizes"}
    switched = with_options(rows, homes, options)
    assert [row.switches for row in switched] == [(("sd", "population"),), ()]
    path.write_text("block,convention,option,meaning\nages,sd,middle,\n", encoding="utf8")
    with pytest.raises(PublishedError, match=r"expected one of .*population"):
        read_options(path)
