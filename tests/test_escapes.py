"""Some choice of real times misses a row: found where there is one, refuted where there is none."""

import pytest

from recohort.paper.options import DEFAULTS
from recohort.paper.rows import Row
from recohort.survival.cohorts import cohorts
from recohort.survival.printing import escape, printed_facts
from recohort.survival.problem import Problem

CONVENTIONS = tuple(DEFAULTS.items())
TOLD = [("n", "count", (), (), "3"), ("dead", "count", (("event", "=", "True"),), (), "1"),
        ("least", "minimum", (), (), "1.0"), ("most", "maximum", (), (), "3.0")]  # fmt: skip


def paper(*more):
    """Three patients, one of them dead, between one and three months."""
    rows = tuple(Row(f, f, s, filters, options, "rounds to", value)
                 for f, s, filters, options, value in (*TOLD, *more))  # fmt: skip
    return Problem(3, (), (), rows, CONVENTIONS)


@pytest.mark.parametrize(
    ("told", "asked", "status"),
    [
        ([], ("mean", "mean", (), (), "2.0"), "some"),
        ([("middle", "median", (), (), "2.0")], ("mean", "mean", (), (), "2.0"), "none"),
        ([], ("spread", "sd", (), (), "1.0"), "some"),
        ([], ("late", "count", (("time", ">=", "2"),), (), "2"), "some"),
        ([], ("late", "count", (("time", ">=", "0.5"),), (), "3"), "none"),
    ],
)
def test_escapes(told, asked, status):
    """By hand: the middle time is free unless its median is told."""
    problem, own = paper(*told), paper()._replace(rows=paper(asked).rows[-1:])
    for cohort in cohorts(problem):
        found = escape(problem, own, cohort)
        assert found.status == status
        if found.witness:
            other = cohort._replace(times=tuple(map(float, found.witness)))
            assert printed_facts(problem, other) == {row.fact for row in problem.rows}
            assert not printed_facts(own, other)
