"""What the registry computes the search prints: every statistic that a search uses is tried."""

from fractions import Fraction

import pandas as pd
import pytest

import made_up
from recohort.paper.options import DEFAULTS
from recohort.paper.reading import read_published
from recohort.paper.rounding import round_to
from recohort.paper.rows import Row
from recohort.paper.statistics import DASHES, PATIENTS, REGISTRY
from recohort.survival.cohorts import Cohort, cohorts
from recohort.survival.orders import fitting_orders
from recohort.survival.printing import prints_row
from recohort.survival.problem import Problem, bits, problem_of

PEOPLE = pd.DataFrame(
    {
        "time": [2.3, 4.1, 7.9, 11.2, 15.0, 18.8, 23.4, 31.7, 40.6],
        "event": [True, False, True, True, False, True, True, True, False],
        "group": [True, True, False, True, False, True, False, False, False],
    }
)
OPTIONS = {"at": "20", "q": "1/4", "column": "time", "multiple": "group"}
USED = [name for name, statistic in REGISTRY.items() if statistic.kind]


def asked(name, at="20"):
    """A row that asks for a statistic, of one group where it compares two."""
    given = OPTIONS | {"at": at}
    options = tuple((n, given[n]) for n in sorted(REGISTRY[name].required))
    filters = (("group", "=", "True"),) if REGISTRY[name].kind == "test" else ()
    return Row(name, name, name, filters, options, "rounds to", "-")


def printed(row):
    """Does the cohort print the row, asked of the search's own check?"""
    landmark = Fraction(dict(row.options).get("at", "20"))
    columns, conventions = (("group", ("True", "False")),), tuple(DEFAULTS.items())
    problem = Problem(len(PEOPLE), (landmark,), columns, (row,), conventions)
    masks = ((("group", "True"), bits(PEOPLE["group"])),)
    counts = (int((PEOPLE["time"] <= float(landmark)).sum()),)
    cohort = Cohort(bits(PEOPLE["event"]), counts, masks, tuple(PEOPLE["time"]))
    return prints_row(problem, row, cohort)


@pytest.mark.parametrize("name", [name for name in USED if name not in DASHES + PATIENTS])
def test_search_prints_what_the_registry_computes(name):
    """The number itself, to four decimals, and no other: a new statistic is tried here at once."""
    row = asked(name)
    value = REGISTRY[name].compute({"patients": PEOPLE}, row, DEFAULTS)
    number = round_to(value, 4)
    assert printed(row._replace(printed=str(number)))
    assert not printed(row._replace(printed=str(number + 1)))


@pytest.mark.parametrize("name", DASHES)
def test_a_dash_says_that_nobody_is_left(name):
    """Once all are dead or last seen, and not before."""
    assert printed(asked(name, at="41"))
    assert not printed(asked(name))


def test_bounds_are_read_and_searched(tmp_path):
    """Deaths printed as ``>`` and ``<`` numbers leave the cohorts that their number leaves."""
    made = made_up.made_up(tmp_path, 0, 9)
    dead, place = int(made.truth["event"].sum()), made.published["fact"] == "deaths"
    exact = problem_of(made.published, made.statements, made.conventions)
    below, above = (made.published[place].assign(kind="bound") for _ in range(2))
    below["id"], below["printed"], above["printed"] = "below", f"<{dead + 1}", f">{dead - 1}"
    table = pd.concat([made.published[~place], below, above])
    table.to_csv(tmp_path / "published.csv", index=False)
    bounded = problem_of(
        read_published(tmp_path / "published.csv"), made.statements, made.conventions
    )
    assert {"<", ">"} <= {row.relation for row in bounded.rows}
    assert set(cohorts(bounded)) == set(cohorts(exact))
    few = pd.concat([made.published[made.published["fact"] == "n"], above])
    few.to_csv(tmp_path / "published.csv", index=False)
    few = problem_of(read_published(tmp_path / "published.csv"), None, made.conventions)
    deaths = {pattern.bit_count() for pattern in fitting_orders(few).pattern.tolist()}
    assert deaths == set(range(dead, 10))
