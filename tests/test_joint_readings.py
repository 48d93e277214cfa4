"""Blocks share follow-up and groups: no reading of survival spares another block what it costs.

Even where every number of survival may be formed in any named way, each for itself, the months
from diagnosis need a switch and the tumors give up as many facts; and no survival at all spares the
tumors a single one. Ages, progression and history cost nothing: whole cohorts print them beside
each least reading of the tumors, with months under one of theirs (`test_related_cells`). So the
costs add up, and the least readings of the blocks together are those of each alone.
"""

import pytest

from recohort.audit.related_cells import every_fact
from recohort.audit.roles import any_way
from recohort.cells.edition import ordered_shapes
from recohort.cells.giving_up import any_option, fewest_false
from recohort.cells.over_reals import over_reals
from recohort.edition import frame_of, measured_columns, number_columns, people_over_reals
from recohort.folder import read_blocks
from recohort.numbers.measured import some_column
from recohort.survival.cohorts import cohorts
from thirteen.data import DATA, read_table
from thirteen.data import run as run_search

GIVEN = read_table("related_corrections").query("fact != 'local_control'")
SETS = GIVEN.groupby("correction")["fact"].agg(frozenset)
pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def result():
    """The search."""
    return run_search()


@pytest.fixture(scope="module")
def freest(result):
    """The search with every number of survival formed in any way."""
    problem = any_way(result.problem)
    return result._replace(problem=problem, cohorts=list(cohorts(problem, every_word=True)))


def test_intervals_need_a_switch_beside_every_reading_of_survival(result, freest):
    """No column of months from diagnosis prints all its figures as the paper forms them."""
    published, statements, _ = read_blocks("survival", "ages", "intervals", folder=DATA)
    rows = number_columns(published, statements)["diagnosis_interval"]
    own = dict(result.problem.conventions)
    assert len(freest.cohorts) > len(result.cohorts)
    for column in measured_columns(freest, rows):
        assert some_column(column._replace(conventions=own)) is None


def test_no_survival_spares_the_tumors_a_fact(result):
    """With patients that no figure of survival ties, in any shape and under any options."""
    paper = every_fact([frame_of(result, cohort) for cohort in result.grid], DATA)
    alone = over_reals(paper._replace(cohorts=()), (), {})
    model, _ = any_option(alone, [f for f in alone.facts if alone.blocks[f] == "tumors"])
    (cost,) = set(SETS.map(len))
    assert not fewest_false(model.cells.m, model.held, cost - 1)


def test_tumors_cost_as_much_beside_every_reading_of_survival(result, freest):
    """The smallest sets to give up are the same."""
    paper = every_fact([frame_of(result, cohort) for cohort in result.grid], DATA)
    sure = over_reals(paper, *people_over_reals(freest))
    facts = [f for f in sure.facts if sure.blocks[f] == "tumors"]
    shape = [s for s in ordered_shapes(paper) if max(n[0] for n in s) > 1][-1]
    model, _ = any_option(sure, facts, shape)
    found = fewest_false(model.cells.m, model.held, len(facts))
    assert set(found) == set(SETS)
