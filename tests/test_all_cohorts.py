"""Results over all cohorts: the fast analysis against the one of single frames; the sample."""

import numpy as np
import pandas as pd
import pytest

from recohort.paper.estimates import cox, log_rank, median_survival, survival_at
from recohort.paper.rows import select
from thirteen.all_cohorts import (
    every_result,
    factors_of,
    followed_results,
    listed_cohorts,
    sampled_results,
    spans,
    time_ends,
)
from thirteen.data import read_data, read_patients, read_survival, read_table, read_tables

pytestmark = pytest.mark.xdist_group("all_cohorts")


@pytest.fixture(scope="module")
def everything():
    """Published figures, all cohorts and their results."""
    published = read_survival()[0]
    problem, found = listed_cohorts()
    return published, found, every_result(published, problem, found)


def test_as_many_as_the_search_finds(everything):
    """Listed with the committed correction, they are those of the last stage of the search."""
    stages = read_table("stages").query("unit == 'cohorts'")
    assert len(everything[1]) == stages["left"].iloc[-1]


def test_times_lie_between_their_ends(everything):
    """Each cohort's own times, and the edition's, are between the ends, which are in order."""
    _, found, _ = everything
    low, high = time_ends(listed_cohorts()[0], found)
    times = np.array([cohort.times for cohort in found], float)
    assert (low <= times).all()
    assert (times <= high).all()
    assert (low.min(axis=0) <= read_patients()["time"]).all()
    assert (read_patients()["time"] <= high.max(axis=0)).all()
    assert (np.diff(low) >= 0).all()
    assert (np.diff(high) >= 0).all()


def test_the_edition_is_one_of_them(everything):
    """Each result of the edition, by its own rows, is in the span over all cohorts."""
    published, _, results = everything
    patients, span = read_patients(), spans(results).set_index(["result", "group"])
    values = {("rate", f"at={m}"): 100 * survival_at(patients, m)["survival"] for m in (12, 36, 60)}
    values["median survival", ""] = median_survival(patients)
    values["median of times", ""] = patients["time"].median()
    factors, pair = factors_of(published)
    for factor in factors:
        group, name = select(patients, [factor]), "".join(factor)
        values["log-rank P", name] = log_rank(patients, group)
        model = cox(patients, group.to_frame("group")).iloc[0]
        values["hazard ratio alone", name] = model["hazard_ratio"]
        values["median survival", name] = median_survival(patients[group])
        values["median survival of the others", name] = median_survival(patients[~group])
    both = cox(patients, pd.DataFrame({"".join(f): select(patients, [f]) for f in pair}))
    values |= {("hazard ratio together", n): both.loc[n, "hazard_ratio"] for n in both.index}
    for key, value in values.items():
        assert span.loc[key, "lowest"] - 1e-8 <= value <= span.loc[key, "highest"] + 1e-8, key
    assert len(values) > 30


def test_followed_results_of_the_sample():
    """The edition's own, by hand where it is easy; another witness moves what is not printed."""
    tables, witnesses = read_tables(), read_table("related_witnesses")
    own, patients = followed_results(tables), tables["patients"]
    free = patients["progression_time"].where(patients["progression_event"], 99)
    assert own["free of progression, median", "months"] == sorted(free)[len(free) // 2]
    assert own["free of progression, at 12 months", "%"] == pytest.approx(100 * (free > 12).mean())
    first = witnesses[witnesses["witness"] == "W001"]
    sampled = sampled_results(tables, first, "1")
    assert sampled["result"].value_counts().unique().tolist() == [2]
    assert len(sampled_results(tables, first, "2")) == len(own)  # under another: only the edition
    printed = {r["statistic"]: r["printed"] for r in read_data()[0].to_dict("records")
               if r["statistic"] == "survival" and "local_time" in r["arguments"]}  # fmt: skip
    rate = spans(sampled).set_index("result").loc["local control by tumor, at 12 months"]
    assert rate["values"] == 1
    assert f"{rate['lowest']:.1f}" == printed["survival"]
