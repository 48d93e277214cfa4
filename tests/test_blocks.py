"""One interface: every block answers the same question, on cohorts small enough to do by hand."""

import pandas as pd
import pytest

from recohort.blocks import Numbers, Related, Survival, minimal_conflict
from recohort.cells.cells import Column
from recohort.cells.relations import Paper, model_of
from recohort.minimal import irreducible, smallest_hitting_sets, spared
from recohort.paper.options import DEFAULTS
from recohort.paper.rows import Row
from recohort.survival.printing import printed_facts
from recohort.survival.problem import Problem

SIZE = 3
DEAD = (("event", "=", "True"),)


def row(fact, statistic, printed, filters=(), options=()):
    """One printed number."""
    return Row(fact, fact, statistic, filters, options, "rounds to", printed)


def survival():
    """Three times, one death, and a mean that contradicts the ends."""
    rows = (
        row("n", "count", "3"),
        row("dead", "count", "1", DEAD),
        row("least", "minimum", "1.0"),
        row("middle", "median", "2.0"),
        row("most", "maximum", "3.0"),
        row("mean", "mean", "2.5"),
    )
    return Survival(Problem(SIZE, (), (), rows, tuple(DEFAULTS.items())))


def numbers():
    """Ages of which the mean contradicts both ends together."""
    own = (("column", "age_years"),)
    rows = [
        row("age.mean", "mean", "56.0", options=own),
        row("age.least", "minimum", "40", options=own),
        row("age.most", "maximum", "60", options=own),
    ]
    people = pd.DataFrame({"time": [1.0, 2.0, 3.0], "event": [True] * SIZE})
    return Numbers(rows, people, DEFAULTS)


def related():
    """Three flags: how many are true, how many false, and that nobody's is."""
    counted = {"true": ("2", "True"), "false": ("1", "False"), "none": ("0", "True")}
    facts = {
        name: [row(name, "count", printed, (("flag", "=", value),))]
        for name, (printed, value) in counted.items()
    }
    columns, most = [Column("patients", "flag", ("True", "False"))], {"sessions": 1, "tumors": 1}
    return Related(model_of(Paper(SIZE, columns, [], facts, {}, (), most, DEFAULTS, ())), {})


def test_solutions_print_what_is_held():
    """A cohort, ages and tables that print some facts; none that prints all."""
    block = survival()
    held = [row.fact for row in block.problem.rows if row.fact != "mean"]
    assert printed_facts(block.problem, block.solve(held)) == {*held}
    assert sorted(numbers().solve(["age.least", "age.most"]))[::2] == [40, 60]
    with pytest.raises(ArithmeticError, match="without a printed range"):
        numbers().solve(["age.mean"])
    assert related().solve(["true", "false"])["patients"]["flag"].sum() == 2
    assert all(block.solve() is None for block in (survival(), numbers(), related()))


@pytest.mark.parametrize(
    ("block", "facts", "conflict"),
    [
        (survival(), "n dead least middle most mean", ["least", "most", "mean"]),
        (related(), "true false none", ["true", "none"]),
    ],
    ids=["survival", "related"],
)
def test_minimal_conflicts_of_every_block(block, facts, conflict):
    """Once for all of them: what can be spared is left out; what agrees is refused."""
    assert minimal_conflict(block, facts.split()) == conflict
    with pytest.raises(ValueError, match="do not conflict"):
        minimal_conflict(block, conflict[:-1])


def test_minimal_sets():
    """By hand: what can be spared goes, what has to be hit is hit by as few as can be."""

    def enough(some):
        return {2, 5} <= {*some}

    assert irreducible([1, 2, 3, 4, 5, 6], enough) == [2, 5]
    assert spared([1, 2, 3, 4, 5, 6], [[1, 2], [6], [3, 4]], enough) == [1, 2, 5]
    sets = [frozenset("ab"), frozenset("bc"), frozenset("d")]
    assert smallest_hitting_sets(sets, 2) == [frozenset("bd")]
    assert smallest_hitting_sets(sets, 1) == []
