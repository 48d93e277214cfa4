"""One interface: every block answers the same questions, on cohorts small enough to do by hand."""

import pandas as pd
import pytest

from recohort.blocks import Numbers, Related, Survival, left_out, minimal_conflict
from recohort.cells.broken import add_broken
from recohort.cells.cells import Column
from recohort.cells.relations import Paper, model_of
from recohort.minimal import irreducible, smallest_hitting_sets, spared
from recohort.paper.options import DEFAULTS
from recohort.paper.printed import printed_by
from recohort.paper.rows import Row
from recohort.survival import Result
from recohort.survival.cohorts import cohorts
from recohort.survival.printing import printed_facts
from recohort.survival.problem import Problem

SIZE = 3


def row(fact, statistic, printed, filters=(), options=()):
    """One printed figure."""
    return Row(fact, fact, statistic, filters, options, "rounds to", printed)


def survival():
    """Three times of which the mean follows from the other figures, and one death."""
    dead = (("event", "=", "True"),)
    rows = (
        row("n", "count", "3"),
        row("dead", "count", "1", dead),
        row("least", "minimum", "1.0"),
        row("middle", "median", "2.0"),
        row("most", "maximum", "3.0"),
        row("mean", "mean", "2"),
    )
    problem = Problem(SIZE, (), (), rows, tuple(DEFAULTS.items()))
    found = list(cohorts(problem))
    return Survival(Result(problem, [frozenset()], [], {}, problem, pd.DataFrame(), found, []))


def numbers():
    """Ages of which each figure says something of its own."""
    own = (("column", "age_years"),)
    rows = [
        row("age.mean", "mean", "50.0", options=own),
        row("age.least", "minimum", "40", options=own),
        row("age.most", "maximum", "60", options=own),
    ]
    people = pd.DataFrame({"time": [1.0, 2.0, 3.0], "event": [True] * SIZE})
    return Numbers("age_years", rows, people, DEFAULTS)


def related():
    """Three flags: how many are true, how many false, and that somebody's is."""
    counted = {"true": ("2", "True"), "false": ("1", "False")}
    facts = {
        name: [row(name, "count", printed, (("flag", "=", value),))]
        for name, (printed, value) in counted.items()
    }
    facts["none"] = [row("none", "count", "0", (("flag", "=", "True"),))]
    columns, most = [Column("patients", "flag", ("True", "False"))], {"sessions": 1, "tumors": 1}
    paper = Paper(SIZE, columns, [], facts, {}, (), most, DEFAULTS, ())
    model = model_of(paper)
    broken = {fact: add_broken(model.cells, rows, DEFAULTS) for fact, rows in facts.items()}
    return Related(paper, model, broken)


def test_survival_left_out():
    """The mean comes back; every other fact has a cohort that misses it and prints the rest."""
    block = survival()
    for fact, cohort in left_out(block):
        if fact in ("mean", "n"):
            assert cohort is None
        else:
            assert printed_facts(block.result.problem, cohort) >= {*block.facts} - {fact, "mean"}
            assert fact not in printed_facts(block.result.problem, cohort)
    assert block.count() == len(block.result.cohorts) > 0


def test_a_column_left_out():
    """Each figure about ages moved: other ages print it, and all the others."""
    block = numbers()
    for fact, ages in left_out(block):
        tables = {"patients": block.people.assign(age_years=ages)}
        printed = {r.fact for r in block.rows if printed_by(r, tables, DEFAULTS)}
        assert printed == {*block.facts} - {fact}
    assert sorted(block.choose()) == [40, 50, 60]
    assert block.count() == 6  # the three ages in any order
    assert block.values(0) == [40, 50, 60]


def test_related_tables_left_out_and_in_conflict():
    """Of three flags the counts of both levels give each other back, and none contradicts them."""
    block = related()
    assert block.solve(["true", "false"])["patients"]["flag"].sum() == 2
    assert block.solve(["true"], "false") is None
    assert block.solve([], "true")["patients"]["flag"].sum() != 2
    assert minimal_conflict(block, ["true", "false", "none"]) == ["true", "none"]
    with pytest.raises(ValueError, match="do not conflict"):
        minimal_conflict(block, ["true", "false"])


def test_minimal_sets():
    """By hand: what can be spared goes, what has to be hit is hit by as few as can be."""

    def enough(some):
        return {2, 5} <= {*some}

    assert irreducible([1, 2, 3, 4, 5, 6], enough) == [2, 5]
    assert spared([1, 2, 3, 4, 5, 6], [[1, 2], [6], [3, 4]], enough) == [1, 2, 5]
    sets = [frozenset("ab"), frozenset("bc"), frozenset("d")]
    assert smallest_hitting_sets(sets, 2) == [frozenset("bd")]
    assert smallest_hitting_sets(sets, 1) == []
