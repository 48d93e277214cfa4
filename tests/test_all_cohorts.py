"""One order, one set of groups in all cohorts: what lets a page say *the same in every cohort*."""

import re
from pathlib import Path

import numpy as np
import pytest
from lifelines.statistics import logrank_test

from committed import kept_problem
from recohort.survival.cohorts import cohorts
from thirteen.data import read_patients, read_table

PAGE = Path(__file__).parents[1] / "chapters" / "evidence" / "determined.md"
FACTORS = (
    "sex",
    "age_55_or_older",
    "prior_chemotherapy",
    "multiple_renal_tumors",
    "extrarenal_tumor",
    "six_or_more_metastases",
    "tumor_2cm_or_larger",
)


@pytest.fixture(scope="module")
def found():
    """Every cohort of the survival search, each for all its real times."""
    return list(cohorts(kept_problem(), every_word=True))


@pytest.fixture(scope="module")
def times():
    """The ends of each time, by `identifiability.csv`, in the order of the rows."""
    cells = read_table("identifiability").query("column == 'time'").set_index("row_id")
    return cells[["lowest", "highest"]].astype(float)


def test_as_many_as_the_search_finds(found):
    """Listed with the committed correction, they are those of the last stage of the search."""
    stages = read_table("stages").query("unit == 'cohorts'")
    assert len(found) == stages["left"].iloc[-1]


def test_one_order_and_one_group_of_each_factor(found):
    """Deaths, landmarks and groups are the same in all; only types of tumor and words differ."""
    assert len({(cohort.pattern, cohort.counts) for cohort in found}) == 1
    masks = [dict(cohort.masks) for cohort in found]
    fixed = [step for step in masks[0] if step[0] in FACTORS or step == ("pathology", "nsclc")]
    assert len(fixed) == len(FACTORS) + 1
    for step in fixed:
        assert len({mask[step] for mask in masks}) == 1, step
    assert len({cohort.masks for cohort in found}) > 1


def test_no_time_passes_another_or_a_landmark(found, times):
    """The ranges of neighbors do not meet, and each cohort's times lie within them."""
    low, high = times["lowest"].to_numpy(), times["highest"].to_numpy()
    assert (high[:-1] < low[1:]).all()
    for month in (12, 36, 60):
        assert not ((low < month) & (high > month)).any()
    own = np.array([cohort.times for cohort in found], float)
    assert (low <= own).all()
    assert (own <= high).all()


def test_the_deals_of_the_page_are_log_rank_tests():
    """The page's own cells, run here: their chi-squared of a deal is that of lifelines."""
    start = r"^(?:groups = patients|share = risk).*?(?=^```)"
    cells = re.findall(start, PAGE.read_text("utf8"), re.S | re.M)
    patients = read_patients()
    known = {"np": np, "patients": patients, "columns": list(FACTORS)}
    exec("\n".join(cells), known)
    deals, chi = known["deals"], known["far"]["chi-squared"]
    for deal in (0, 1, 500):
        for factor in range(len(FACTORS) + 1):
            inside = known["every"][deals[deal], factor] == 1
            a, b = patients[inside], patients[~inside]
            test = logrank_test(a["time"], b["time"], a["event"], b["event"])
            assert chi[deal, factor] == pytest.approx(test.test_statistic)
