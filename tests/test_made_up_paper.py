"""The search finds the truth behind a made-up paper with other sizes, names and landmarks."""

from itertools import islice
from operator import eq, ge, le

import pandas as pd
import pytest

import made_up
from recohort.__main__ import main
from recohort.survival.cohorts import cohorts, grid_cohorts
from recohort.survival.problem import problem_of
from tiers import first

CENSUS = {
    "median": "follow_up", "interval_rounding": "three_decimals", "p_rounding": "three_decimals",
    "sd": "population", "quantile": "inclusive",
}  # fmt: skip
PAPERS = [  # seed, size, are deaths tied, conventions
    (0, 9, False, {}),
    (1, 9, True, {}),
    (2, 9, True, CENSUS),
    (4, 9, True, {"interval_rounding": "three_decimals"}),
    (7, 9, True, {"test": "cox"}),
    (1, 11, False, CENSUS),
    (5, 11, True, CENSUS),
    (1, 11, True, {"test": "cox", "quantile": "inclusive"}),
    (0, 11, False, {"sd": "population"}),
]
each_paper = pytest.mark.parametrize(
    "drawn", first(3, PAPERS), ids=lambda p: f"{p[0]}-{p[1]}-{p[2]}"
)


def paper(folder, drawn):
    """One made-up paper, and the search's view of it."""
    seed, size, tied, conventions = drawn
    made = made_up.made_up(folder, seed, size, tied, **conventions)
    return made, problem_of(made.published, made.statements, made.conventions)


def frame(cohort):
    """A cohort of the search as the frame that was drawn."""
    masks = dict(cohort.masks)
    found = pd.DataFrame({"time": cohort.times, "event": _members(cohort, cohort.pattern)})
    for column, levels in made_up.LEVELS.items():
        unnamed = [v for v in levels if (column, v) not in masks]  # the other level of two
        found[column] = unnamed[0] if unnamed else None
        for level in levels:
            found.loc[_members(cohort, masks.get((column, level), 0)), column] = level
    return found


def _members(cohort, mask):
    return [bool(mask >> i & 1) for i in range(len(cohort.times))]


def same_dash(figure):
    """A figure's fact, statistic, arguments and value; both kinds of dash are one."""
    fact, statistic, arguments, value = figure
    return fact, "dash" if value == "-" else statistic, arguments, value


@each_paper
def test_truth_is_found(drawn, tmp_path):
    """Order, deaths, groups and times that were drawn are among the solutions."""
    made, problem = paper(tmp_path, drawn)
    assert problem.size == drawn[1]
    truth = made.truth.astype({"time": float})
    assert any(frame(c).equals(truth) for c in grid_cohorts(problem))
    drawn_in = {(c.pattern, c.counts, frozenset(c.masks)) for c in cohorts(problem)}
    on_grid = {(c.pattern, c.counts, frozenset(c.masks)) for c in grid_cohorts(problem)}
    assert on_grid <= drawn_in


@each_paper
def test_solutions_print_the_paper(drawn, tmp_path):
    """Solutions (the first two), printed anew by lifelines, give the same two files.

    A dash is a dash: whether its curve had reached zero is not asked of a solution.
    """
    made, problem = paper(tmp_path, drawn)
    rows = {(r.fact, r.statistic, r.arguments, r.printed) for r in made.published.itertuples()}
    for cohort in islice(cohorts(problem), 2):
        again = made_up.printed(frame(cohort), made.conventions, all_figures=True)
        assert {same_dash(row) for row in rows} <= {
            same_dash((fact, statistic, where, str(value)))
            for _, fact, _, _, _, _, value, _, statistic, where, _ in again
        }
        for stated, row in zip(
            made_up.stated(frame(cohort)), made.statements.itertuples(), strict=True
        ):
            assert {"=": eq, ">=": ge, "<=": le}[row.relation](stated[-1], int(row.value))


@each_paper
def test_solutions_differ(drawn, tmp_path):
    """No cohort is listed twice."""
    found = list(cohorts(paper(tmp_path, drawn)[1]))
    assert len(found) == len(set(found))


@pytest.mark.slow
def test_commands_on_another_paper(tmp_path, capsys):
    """Check, search and ledger work in a folder of one's own, and what they wrote is sound."""
    made = made_up.made_up(tmp_path, 3, 8)
    rows = [(switch, option, switch) for switch, option in made.conventions.items()]
    made_up.write(tmp_path / "conventions.csv", ["convention", "option", "meaning"], rows)
    for command in ("check", "search", "ledger", "check"):
        assert main([command, "--data", str(tmp_path)]) == 0
    said = capsys.readouterr().out
    assert "every number kept: patients.csv (8 rows)" in said
    ledger = pd.read_csv(tmp_path / "cohort" / "ledger.csv")
    assert set(ledger["status"]) <= {"reproduced", "reproduced_under", "underdetermined"}
