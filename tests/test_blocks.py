"""Every block answers the same question, on cohorts small enough to do by hand."""

import pandas as pd
import pytest

from recohort.audit.conflicts import related_conflict
from recohort.cells.cells import Column
from recohort.cells.edition import frames_of
from recohort.cells.relations import Paper, model_of, solve
from recohort.minimal import irreducible, smallest_hitting_sets, spared
from recohort.numbers.columns import column_with
from recohort.paper.options import DEFAULTS
from recohort.paper.rows import Row
from recohort.survival.cohorts import cohorts
from recohort.survival.corrections import Pool, keeping, minimal_conflict
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
    return Problem(SIZE, (), (), rows, tuple(DEFAULTS.items()))


def ages_with(*facts):
    """Ages that print some facts, of which the mean contradicts both ends together."""
    own = (("column", "age_years"),)
    rows = [
        row("age.mean", "mean", "56.0", options=own),
        row("age.least", "minimum", "40", options=own),
        row("age.most", "maximum", "60", options=own),
    ]
    people = pd.DataFrame({"time": [1.0, 2.0, 3.0], "event": [True] * SIZE})
    return column_with([own for own in rows if own.fact in facts], people, DEFAULTS)


def related():
    """Three flags: how many are true, how many false, and that nobody's is."""
    counted = {"true": ("2", "True"), "false": ("1", "False"), "none": ("0", "True")}
    facts = {
        name: [row(name, "count", printed, (("flag", "=", value),))]
        for name, (printed, value) in counted.items()
    }
    columns, most = [Column("patients", "flag", ("True", "False"))], {"sessions": 1, "tumors": 1}
    return model_of(Paper(SIZE, columns, [], facts, {}, (), most, DEFAULTS, ()))


def test_solutions_print_what_is_held():
    """A cohort, ages and tables that print some facts; none that prints all."""
    problem, model = survival(), related()
    held = [own.fact for own in problem.rows if own.fact != "mean"]
    assert printed_facts(problem, next(cohorts(keeping(problem, held)))) == {*held}
    assert sorted(ages_with("age.least", "age.most"))[::2] == [40, 60]
    with pytest.raises(ArithmeticError, match="without a printed range"):
        ages_with("age.mean")
    some = solve(model, [model.held[fact] for fact in ("true", "false")])
    assert frames_of(model, some)["patients"]["flag"].sum() == 2
    assert next(cohorts(problem), None) is None
    assert ages_with("age.mean", "age.least", "age.most") is None
    assert solve(model, model.held.values()) is None


def test_minimal_conflicts():
    """What can be spared is left out; of related tables what agrees is refused."""
    problem, facts = survival(), "n dead least middle most mean".split()

    def none(some):
        return next(cohorts(keeping(problem, some)), None) is None

    assert irreducible(facts, none) == ["least", "most", "mean"]
    found = minimal_conflict(Pool(problem), facts)
    assert set(found) == {"middle", "most", "mean"}
    assert none(found)
    assert all(cohort is not None for cohort in found.values())
    assert related_conflict(related(), "true false none".split()) == ["true", "none"]
    with pytest.raises(ValueError, match="do not conflict"):
        related_conflict(related(), ["true"])


def test_minimal_sets():
    """By hand: what can be spared goes, what has to be hit is hit by as few as can be."""

    def enough(some):
        return {2, 5} <= {*some}

    assert irreducible([1, 2, 3, 4, 5, 6], enough) == [2, 5]
    assert spared([1, 2, 3, 4, 5, 6], [[1, 2], [6], [3, 4]], enough) == [1, 2, 5]
    sets = [frozenset("ab"), frozenset("bc"), frozenset("d")]
    assert smallest_hitting_sets(sets, 2) == [frozenset("bd")]
    assert smallest_hitting_sets(sets, 1) == []
