"""The bench's JavaScript against the package, on random cohorts, in a V8 engine without a page."""

import json
import math
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from py_mini_racer import MiniRacer
from scipy.stats import norm

from recohort.paper.estimates import Z, at_risk_table, median_follow_up
from recohort.paper.reading import parse_arguments
from recohort.paper.rows import select
from recohort.survival.kernels import log_rank_terms
from thirteen import (
    kaplan_meier,
    log_rank,
    median_survival,
    read_data,
    read_patients,
    read_table,
)
from thirteen.data import labels
from thirteen_lessons.interactive import bench, bench_data
from tiers import first

ASSETS = Path(__file__).parents[1] / "_ext" / "assets"
SCRIPTS = [ASSETS / "survival.js", ASSETS / "touch.js"]
RATES = ("survival", "survival_lower", "survival_upper")
STATES = first(30, range(200))
CLOSE = {"abs": 1e-9, "rel": 1e-9}
ASK = """JSON.stringify(((time, event, group, formula, starts) => {
  const curve = survival.kaplanMeier(time, event, formula);
  const text = (x) => Number.isFinite(x) ? x : String(x);
  return { curve, median: text(survival.medianSurvival(curve)),
    plain: survival.medianFollowUp(time), risk: survival.atRiskTable(time, event, starts),
    p: text(survival.logRank(time, event, group)),
    exact: ["difference", "chiSquared"].map((k) => text(survival.exactP(time, event, group)[k])),
    printed: [12, 36, 60].map((m) => survival.at(curve, m))
      .map((s) => [s.survival, s.lower, s.upper].map(touch.percent)),
    words: touch.months(survival.medianFollowUp(time)) };
})(%s))"""


@pytest.fixture(scope="module")
def engine():
    """The scripts in an engine of their own."""
    racer = MiniRacer()
    for script in SCRIPTS:
        racer.eval(script.read_text(encoding="utf-8"))
    return racer


def state(seed):
    """A random cohort, with ties, censoring and a group of at least one and not all."""
    random = np.random.default_rng(seed)
    n = int(random.integers(4, 14))
    time = random.integers(0, 40 if seed % 2 else 840, n) / 10
    event = random.random(n) < random.choice([0.2, 0.7, 1.0])
    group = np.zeros(n, bool)
    group[random.choice(n, int(random.integers(1, n)), replace=False)] = True
    return pd.DataFrame({"time": time, "event": event}), group


def asked(engine, cohort, group, formula="linear", starts=(0, 1, 2.5, 12)):
    """What the script says of a state."""
    values = cohort["time"].tolist(), cohort["event"].tolist(), group.tolist(), formula, starts
    return json.loads(engine.eval(ASK % ", ".join(json.dumps(v) for v in values)))


def every_split(cohort, group):
    """By both rulers the share of all groups of this size as far apart, by the search's kernel."""
    cohort = cohort.assign(group=group, alive=~cohort["event"]).sort_values(["time", "alive"])
    n, died, time = len(cohort), cohort["event"].tolist(), cohort["time"].tolist()
    pattern = sum(1 << i for i in range(n) if died[i])
    ties = sum(1 << i for i in range(n - 1) if died[i] and died[i + 1] and time[i] == time[i + 1])
    sets = [sum(1 << i for i in c) for c in combinations(range(n), int(group.sum()))]
    mine = sets.index(sum(1 << i for i in range(n) if cohort["group"].iloc[i]))
    score, variance = log_rank_terms(
        n, *(np.full(len(sets), x, np.int64) for x in (pattern, ties)), np.array(sets)
    )
    compared = variance > 1e-12
    chi = np.where(compared, score**2 / np.where(compared, variance, 1), -1)
    rulers = np.where(compared, np.abs(score), -1), chi
    return [(far >= far[mine] - 1e-9).mean() for far in rulers]


@pytest.mark.parametrize("seed", STATES)
def test_curve_and_medians(engine, seed):
    """Curve, linear limits, counts at risk and both medians are the package's."""
    cohort, group = state(seed)
    found, expected = asked(engine, cohort, group), kaplan_meier(cohort)
    columns = {"time": "time", "atRisk": "at_risk", "events": "events", "censored": "censored",
               "survival": "survival", "lower": "ci_lower", "upper": "ci_upper"}  # fmt: skip
    curve = pd.DataFrame(found["curve"])
    for name, column in columns.items():
        assert curve[name].to_numpy() == pytest.approx(expected[column].to_numpy(), **CLOSE)
    risk = at_risk_table(cohort, (0, 1, 2.5, 12))
    assert [list(r.values()) for r in found["risk"]] == risk.to_numpy().tolist()
    assert float(found["median"]) == median_survival(cohort)
    assert found["plain"] == pytest.approx(median_follow_up(cohort), **CLOSE)


@pytest.mark.parametrize("seed", STATES)
def test_p_values(engine, seed):
    """All three P values are the package's; where nothing compares the groups, there is none."""
    cohort, group = state(seed)
    found = asked(engine, cohort, group)
    try:
        expected = log_rank(cohort, group)
    except ValueError:
        assert math.isnan(float(found["p"]))
        assert [math.isnan(float(p)) for p in found["exact"]] == [True, True]
    else:
        assert found["p"] == pytest.approx(expected, **CLOSE)
        assert found["exact"] == pytest.approx(every_split(cohort, group), **CLOSE)


@pytest.mark.parametrize("seed", first(10, range(0, 200, 5)))
def test_other_limits(engine, seed):
    """Log-log limits are those of lifelines; log limits are the formula's, computed by NumPy."""
    cohort, group = state(seed)
    fitter = KaplanMeierFitter(alpha=2 * norm.sf(Z)).fit(cohort["time"], cohort["event"])
    expected = kaplan_meier(cohort)
    lower, upper = fitter.confidence_interval_.loc[expected["time"]].to_numpy().T
    rate, error = expected["survival"].to_numpy(), expected["standard_error"].to_numpy()
    inner = (rate > 0) & (error > 0)
    for formula, low, high in (
        ("log-log", lower, upper),
        ("log", *(rate * np.exp(s * Z * error / np.where(inner, rate, 1)) for s in (-1, 1))),
    ):
        curve = pd.DataFrame(asked(engine, cohort, group, formula)["curve"]).iloc[-len(rate) :]
        assert curve["lower"][inner].to_numpy() == pytest.approx(low[inner], **CLOSE)
        assert curve["upper"][inner].to_numpy() == pytest.approx(
            np.minimum(high, 1)[inner], **CLOSE
        )


def table_3():
    """Each group of the bench's factors with its printed rates and limits, by its fact."""
    published, patients = read_data()[0], read_patients()
    rows = published[published["location"].eq("Table 3") & published["kind"].eq("number")]
    rows = rows[rows["statistic"].str.startswith("survival")]
    for fact, own in rows.groupby("fact"):
        group, options = parse_arguments(own["arguments"].iloc[0])
        yield fact, select(patients, group), int(dict(options)["at"]), own.set_index("statistic")


def test_untouched_it_shows_table_3(engine):
    """Rates and limits as printed, but for the facts that keep another convention."""
    patients, aside = read_patients(), read_table("corrections")
    apart = set(aside.loc[aside["block"].eq("survival"), "fact"])
    seen, unlike = 0, set()
    for fact, group, month, own in table_3():
        found = asked(engine, patients[group], np.ones(group.sum(), bool), "three decimals")
        shown = dict(zip(RATES, found["printed"][(12, 36, 60).index(month)], strict=True))
        for statistic, printed in own["printed"].items():
            seen += 1
            if float(shown[statistic].rstrip("%")) != float(printed):
                unlike.add(fact)
    assert seen > 100
    assert unlike <= apart
    assert len(unlike) < len(apart)


def test_a_half_goes_up(engine):
    """The median of an even number of tenths is a half at times: 39.65 months are 39.7."""
    cohort = pd.DataFrame({"time": [32.4, 46.9], "event": [True, False]})
    assert asked(engine, cohort, np.array([True, False]))["words"] == "39.7 months"


def test_page_carries_cohort_and_picture():
    """The page holds the rows, the factors' sides and a described picture for the scriptless."""
    patients = read_patients()
    data = bench_data(patients, ["sex"])
    assert data["time"] == patients["time"].tolist()
    assert data["factors"]["sex"]["inside"] == (patients["sex"] == "male").tolist()
    page = bench(patients, ["sex"], patients["pathology"].map(labels("pathology"))).data
    assert "consistent with the printed numbers" in page
    assert 'alt="' in page
    with pytest.raises(ValueError, match="pathology has"):
        bench_data(patients, ["pathology"])
