"""Blocks share follow-up and groups: no reading of survival spares another block what it costs.

Even where every number of survival may be formed in any named way, each for itself, the months
from diagnosis need a switch and the tumors give up as many facts; and no survival at all spares the
tumors a single one. So no joint reading is less than the sum of what each block costs alone. And
every such sum is one: each least reading of the tumors goes with each of the months in one whole
cohort, ages, progression and history included, which cost nothing.
"""

import pandas as pd
import pytest

from judged import READINGS, broken, not_printed
from recohort.audit.related_cells import every_fact, held, places
from recohort.audit.roles import any_way
from recohort.audit.whole import Completion
from recohort.cells.edition import ordered_shapes
from recohort.cells.giving_up import any_option, fewest_false
from recohort.cells.over_reals import over_reals
from recohort.cells.values import show
from recohort.edition import Work, frame_of, measured_columns, number_columns, people_over_reals
from recohort.folder import read_blocks
from recohort.numbers.measured import some_column
from recohort.survival.cohorts import cohorts
from thirteen.data import DATA, read_table, read_tables
from thirteen.data import run as run_search

GIVEN = read_table("related_corrections").query("fact != 'local_control'")
EDITION = read_tables()
SHARED = "years_since_chemotherapy"  # of the history, named by sentences on the months as well
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
    paper = every_fact(Work(DATA), [frame_of(result, cohort) for cohort in result.grid])
    alone = over_reals(paper._replace(cohorts=()), (), {})
    model, _ = any_option(alone, [f for f in alone.facts if alone.blocks[f] == "tumors"])
    (cost,) = set(SETS.map(len))
    assert not fewest_false(model.cells.m, model.held, cost - 1)


def test_tumors_cost_as_much_beside_every_reading_of_survival(result, freest):
    """The smallest sets to give up are the same."""
    paper = every_fact(Work(DATA), [frame_of(result, cohort) for cohort in result.grid])
    sure = over_reals(paper, *people_over_reals(freest))
    facts = [f for f in sure.facts if sure.blocks[f] == "tumors"]
    shape = [s for s in ordered_shapes(paper) if max(n[0] for n in s) > 1][-1]
    model, _ = any_option(sure, facts, shape)
    found = fewest_false(model.cells.m, model.held, len(facts))
    assert set(found) == set(SETS)


@pytest.fixture(scope="module")
def survival(result):
    """Cohorts of survival in tenths, as frames."""
    return [frame_of(result, cohort) for cohort in result.grid]


@pytest.fixture(scope="module", params=sorted(GIVEN["correction"].unique()))
def correction(request, survival):
    """A least reading of the tumors, and a cohort under it: its number, tables, and what is added.

    Sessions, tumors, progression and history are searched for. Only the cell that they share with
    the months from diagnosis is the edition's.
    """
    paper, found = every_fact(Work(DATA), survival), []
    for number, left, shape in places(paper, DATA):
        if number == request.param and not found:
            model = held(left, shape)
            keep_column(model, SHARED, EDITION["patients"][SHARED])
            show(left, model, lambda m: [] if found else [m.cells.true], found.append)
    return str(request.param), found[0]


def keep_column(model, name, values):
    """Hold a column of the patients at these values, empty ones at empty."""
    for (i,), slot in model.cells.slots["patients"].items():
        cell, empty = slot.cells[name], pd.isna(values.iloc[i])
        model.cells.m.add(cell.empty == int(empty))
        if not empty:
            model.cells.m.add(cell.number == int(values.iloc[i]))


def beside(tables, survival, reading):
    """Whole tables, with months from diagnosis under this reading alone (its place)."""
    whole = Completion(survival, DATA)
    whole.columns["diagnosis_interval"] = [whole.columns["diagnosis_interval"][reading]]
    return whole(tables, 0)


def test_each_reading_of_the_tumors_goes_with_each_of_the_months(correction, survival):
    """One whole cohort for each pair: it keeps every rule and prints all that is not given up."""
    number, tables = correction
    assert len(READINGS) == 4
    for k in range(len(READINGS)):
        cohort = beside(tables, survival, k)
        assert not broken(cohort, number)
        failed = not_printed(cohort, number)
        assert not failed[k]
        assert any(failed)  # under another reading the same months do not do
