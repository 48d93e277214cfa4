"""The search lists what trying every cohort finds: no more and no less, on very small papers."""

import pandas as pd
import pytest

import brute_papers
from brute_force import Paper
from brute_search import solutions
from recohort.paper.reading import PUBLISHED_COLUMNS
from recohort.validation.rebuild import Bounds, rebuild
from tiers import first

PAPERS = 300
TOGETHER = 15  # papers a test
ALL = Bounds(orders=10**6, groups=10**9, times=10**6, solutions=10**6)


def searched(lines, options):
    """The search's solutions: (who died, ended by each landmark, level of each patient)."""
    rows = [
        [f"row_{i}", f"{statistic}.{arguments}", *[""] * 3, "number", printed, "", statistic,
         arguments, ""]
        for i, (statistic, arguments, printed) in enumerate(lines)
    ]  # fmt: skip
    found = rebuild(pd.DataFrame(rows, columns=PUBLISHED_COLUMNS, dtype=str), options, ALL)
    assert found.status == "complete"
    return {_as_told(found.problem, joint) for joint in found.solutions}


def _as_told(problem, joint):
    places = range(problem.size)
    given = []
    for column, levels in problem.columns:
        named = {level: mask for (c, level), mask in joint.masks.items() if c == column}
        rest = levels[1] if len(levels) == 2 and levels[1] is not None else "other"
        given.append(tuple(next((v for v, m in named.items() if m >> i & 1), rest) for i in places))
    died = tuple(bool(joint.pattern >> i & 1) for i in places)
    return died, tuple(joint.counts), tuple(given)


@pytest.mark.parametrize("start", first(1, range(0, PAPERS, TOGETHER)))
def test_every_cohort_and_no_other(start):
    """The two sets are equal, and the patients that were printed are among them."""
    for number in range(start, start + TOGETHER):
        truth, lines, options = brute_papers.draw(number)
        paper = Paper(lines, options)
        tried = solutions(paper)
        assert tried == searched(lines, options), number
        ended = tuple(sum(t <= mark for t in truth.times) for mark in paper.landmarks)
        assert (truth.died, ended, tuple(truth.groups.values())) in tried, number


def test_the_rival_can_be_wrong():
    """One number changed, and the sets differ: the comparison sees what it guards."""
    _, lines, options = brute_papers.draw(1)
    other = [(*line[:2], "3") if line[1] == "event=True" else line for line in lines]
    assert other != lines
    assert solutions(Paper(other, options)) != searched(lines, options)


def test_times_that_are_not_whole_units():
    """Two patients in one whole month: the order that a grid of whole months has not."""
    lines = [("count", "", "2"), ("count", "event=True", "1"), ("minimum", "column=time", "5"),
             ("maximum", "column=time", "5"), ("survival", "at=6", "0.0")]  # fmt: skip
    assert solutions(Paper(lines)) == {((False, True), (2,), ())}
