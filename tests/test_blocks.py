"""Every block of facts answers the same question, on cohorts small enough to do by hand."""

import pandas as pd
import pytest

from recohort.cells.cells import Column
from recohort.cells.edition import frames_of
from recohort.cells.relations import Paper, model_of
from recohort.cells.relations import solve as solve_model
from recohort.minimal import irreducible, smallest_hitting_sets, spared
from recohort.numbers.choosers import column_with
from recohort.paper.options import DEFAULTS
from recohort.paper.rows import Row
from recohort.survival.cohorts import some_cohort
from recohort.survival.corrections import keeping
from recohort.survival.printing import printed_facts
from recohort.survival.problem import Problem

SIZE = 3
DEAD = (("event", "=", "True"),)


def row(fact, statistic, printed, filters=(), options=()):
    """One printed figure."""
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
    return Problem(SIZE, (), (), rows, tuple(DEFAULTS.items()))


def cohort(held):
    """A cohort that prints some facts, or None."""
    return some_cohort(keeping(survival(), held))[1]


def ages(held):
    """Ages that print some facts, or None: the mean contradicts both ends together."""
    own = (("column", "age_years"),)
    rows = [
        row("age.mean", "mean", "56.0", options=own),
        row("age.least", "minimum", "40", options=own),
        row("age.most", "maximum", "60", options=own),
    ]
    people = pd.DataFrame({"time": [1.0, 2.0, 3.0], "event": [True] * SIZE})
    return column_with([row for row in rows if row.fact in held], people, DEFAULTS)


def flags(held):
    """Tables that print some facts, or None: how many are true and false, and that none is."""
    counted = {"true": ("2", "True"), "false": ("1", "False"), "none": ("0", "True")}
    facts = {
        name: [row(name, "count", printed, (("flag", "=", value),))]
        for name, (printed, value) in counted.items()
    }
    columns, most = [Column("patients", "flag", ("True", "False"))], {"sessions": 1, "tumors": 1}
    model = model_of(Paper(SIZE, columns, [], facts, {}, (), most, DEFAULTS, ()))
    found = solve_model(model, [model.held[fact] for fact in held])
    return found and frames_of(model, found)


ALL = {
    cohort: "n dead least middle most mean".split(),
    ages: "age.mean age.least age.most".split(),
    flags: "true false none".split(),
}


def test_solutions_print_what_is_held():
    """A cohort, ages and tables that print some facts; none that prints all."""
    held = [fact for fact in ALL[cohort] if fact != "mean"]
    assert printed_facts(survival(), cohort(held)) == {*held}
    assert sorted(ages(["age.least", "age.most"]))[::2] == [40, 60]
    with pytest.raises(ArithmeticError, match="without a printed range"):
        ages(["age.mean"])
    assert flags(["true", "false"])["patients"]["flag"].sum() == 2
    assert all(solve(facts) is None for solve, facts in ALL.items())


@pytest.mark.parametrize(
    ("solve", "conflict"), [(cohort, ["least", "most", "mean"]), (flags, ["true", "none"])]
)
def test_minimal_conflicts_of_every_block(solve, conflict):
    """Once for all of them: what can be spared is left out, and nothing else can."""
    assert irreducible(ALL[solve], lambda some: solve(some) is None) == conflict
    for fact in conflict:
        assert solve([f for f in conflict if f != fact]) is not None


def test_minimal_sets():
    """By hand: what can be spared goes, what has to be hit is hit by as few as can be."""

    def enough(some):
        return {2, 5} <= {*some}

    assert irreducible([1, 2, 3, 4, 5, 6], enough) == [2, 5]
    assert spared([1, 2, 3, 4, 5, 6], [[1, 2], [6], [3, 4]], enough) == [1, 2, 5]
    sets = [frozenset("ab"), frozenset("bc"), frozenset("d")]
    assert smallest_hitting_sets(sets, 2) == [frozenset("bd")]
    assert smallest_hitting_sets(sets, 1) == []
