"""Months of another length: landmarks move, and times with them."""

from fractions import Fraction

import pytest

from committed import kept_problem
from recohort.audit.loosened import MONTH, in_months
from recohort.survival.cohorts import cohorts


@pytest.fixture(scope="module")
def problem():
    """The survival block as the search keeps it."""
    return kept_problem()


def test_twelve_months_are_a_year(problem):
    """In months of a twelfth of a year nothing changes; shorter ones put landmarks later."""
    assert in_months(problem, MONTH).landmarks == problem.landmarks
    assert set(in_months(problem, MONTH).rows) >= {
        row for row in problem.rows if "at" not in dict(row.options)
    }
    moved = in_months(problem, 30)
    assert moved.landmarks[-1] == Fraction("60.875")
    asked = {Fraction(dict(r.options)["at"]) for r in moved.rows if r.statistic == "survival"}
    assert asked <= set(moved.landmarks)


def test_witnesses_stand_on_their_side_of_a_moved_landmark(problem):
    """The times found count as many patients by each moved landmark as the rates say."""
    moved = in_months(problem, 30)
    found = list(cohorts(moved))
    assert found
    for cohort in found:
        times = [Fraction(str(time)) for time in cohort.times]
        ended = tuple(sum(time <= m for time in times) for m in moved.landmarks)
        assert ended == cohort.counts
    assert not list(cohorts(in_months(problem, 20)))  # nobody's months are as short as that
