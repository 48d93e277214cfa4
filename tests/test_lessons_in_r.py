"""The R code of the lessons: frozen answers of R, held to Python's; frozen code, to the page's."""

import re
from itertools import combinations
from math import comb
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import KaplanMeierFitter
from lifelines.datasets import load_gbsg2
from scipy import stats

from recohort.paper.estimates import kaplan_meier, median_follow_up, reverse_median_follow_up
from recohort.paper.reading import read_published
from thirteen import cox, log_rank, median_survival, read_tables, survival_at
from thirteen.intervals import survival_limits
from thirteen.outcomes import cumulative_incidence

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "tests" / "reference"
R = pd.read_csv(REFERENCE / "lessons.csv", dtype={"lesson": str})
BLOCKS = pd.read_csv(REFERENCE / "lessons_blocks.csv", dtype=str).set_index("lesson")["code"]
LESSONS = sorted((ROOT / "chapters" / "lessons").glob("[0-9][0-9]-*.md"))
TABLES = read_tables()
PATIENTS = TABLES["patients"]
LUNG = PATIENTS["pathology"] == "nsclc"
LARGE, OLDER = PATIENTS["tumor_2cm_or_larger"], PATIENTS["age_55_or_older"]


def of_r(lesson, name):
    """R's values, in order."""
    rows = R[(R["lesson"] == lesson) & (R["name"] == name)].sort_values("place")
    return rows["value"].to_numpy()


def deaths():
    """The curve's rows at deaths."""
    return kaplan_meier(PATIENTS).query("events > 0")


def greenwood():
    """Rates at one, three and five years, and Greenwood's sum at each."""
    rows = pd.DataFrame([survival_at(PATIENTS, month) for month in (12, 36, 60)])
    return rows["survival"], (rows["standard_error"] / rows["survival"]) ** 2


def log_log_median():
    """The median's limits, from a curve's log-log limits."""
    limits = KaplanMeierFitter().fit(PATIENTS["time"], PATIENTS["event"]).confidence_interval_
    return [limits.index[limits[side] <= 0.5][0] for side in limits]


def all_splits():
    """P of the permutation test by scores: 1 for a death, minus what was expected."""
    rows = deaths()
    hazard = [(rows["events"] / rows["at_risk"])[rows["time"] <= t].sum() for t in PATIENTS["time"]]
    score = PATIENTS["event"].to_numpy(int) - np.array(hazard)
    sums = [score[list(who)].sum() for who in combinations(range(len(PATIENTS)), LUNG.sum())]
    return np.mean(np.abs(sums) >= abs(score[LUNG].sum()) - 1e-9)


def log_likelihood(log_ratio):
    """Of lung cancer alone, in a Cox model."""
    tickets = np.exp(log_ratio * LUNG)
    rows = PATIENTS[PATIENTS["event"]]
    pools = [tickets[PATIENTS["time"] >= time].sum() for time in rows["time"]]
    return np.log(tickets[rows.index] / pools).sum()


def residuals_of_age():
    """Schoenfeld's, in the order of the deaths."""
    log_ratio = cox(PATIENTS, OLDER.to_frame("older")).at["older", "coefficient"]
    tickets, found = np.exp(log_ratio * OLDER), []
    for row in PATIENTS[PATIENTS["event"]].itertuples():
        there = PATIENTS["time"] >= row.time
        found.append(row.age_55_or_older - tickets[there & OLDER].sum() / tickets[there].sum())
    return found


def lived(group, until=48):
    """Restricted mean and its standard error."""
    rows = kaplan_meier(group).query("events > 0 and time <= @until")
    steps, level = [0, *rows["time"], until], np.array([1, *rows["survival"]])
    areas = level * np.diff(steps)
    n = rows["at_risk"].to_numpy()
    left = areas.sum() - np.cumsum(areas)[:-1]
    return areas.sum(), np.sqrt((left**2 / (n * (n - 1))).sum())


def by_cluster(month=36):
    """Standard error of a rate from rows of tumors: influences, added up within patients."""
    time = PATIENTS[["patient_id", "time", "event"]]
    rows = TABLES["tumors"][["patient_id"]].merge(time, on="patient_id")
    influence = pd.Series(0.0, rows.index)
    for when in sorted(set(rows.loc[rows["event"] & (rows["time"] <= month), "time"])):
        there, dies = rows["time"] >= when, rows["event"] & (rows["time"] == when)
        influence -= (dies - there * dies.sum() / there.sum()) / (there.sum() - dies.sum())
    spread = np.sqrt((influence.groupby(rows["patient_id"]).sum() ** 2).sum())
    return survival_at(rows, month)["survival"] * spread


def signs(change):
    """P of the permutation test over all signs."""
    flips = 1 - 2 * ((np.arange(2 ** len(change))[:, None] >> np.arange(len(change))) & 1)
    return np.mean(np.abs(flips @ change) >= abs(change.sum()) - 1e-9)


def women():
    """The data of Lesson 12, and its covariates."""
    raw = load_gbsg2()
    cohort = raw.assign(time=raw["time"] / (365.25 / 12), event=raw["cens"] == 1)
    x = pd.DataFrame({
        "therapy": raw["horTh"] == "yes", "age": raw["age"] / 10,
        "after": raw["menostat"] == "Post",
        "size": raw["tsize"] / 10, "grade": raw["tgrade"] == "III",
        "nodes": np.log2(raw["pnodes"]), "pgr": np.log2(raw["progrec"] + 1),
        "er": np.log2(raw["estrec"] + 1)})  # fmt: skip
    return cohort, x.astype(float)


def printed_ratio():
    """P from the printed hazard ratio and its limits."""
    published = read_published(ROOT / "data" / "published.csv").set_index("id")["printed"]
    stem = "results.hazard_ratio.nsclc"
    ratio, low, high = (np.log(float(published[stem + e])) for e in ("", ".lower", ".upper"))
    return 2 * stats.norm.sf(abs(ratio / ((high - low) / (2 * stats.norm.ppf(0.975)))))


def in_python(lesson):
    """The values that R was asked for, computed here; by name."""
    time, event = PATIENTS["time"], PATIENTS["event"]
    if lesson == "01":
        rate = {"deaths": event.sum(), "months": time.sum()}
        rate["per_100_years"] = 1200 * rate["deaths"] / rate["months"]
        return rate | {"three_years": survival_at(PATIENTS, 36)["survival"]}
    if lesson == "02":
        yearly = [(time >= month).sum() for month in range(0, 61, 12)]
        return {"survival": deaths()["survival"], "at_risk": deaths()["at_risk"], "yearly": yearly}
    if lesson == "03":
        rate, total = greenwood()
        # R takes the quantile, the book 1.96
        wider = total * (stats.norm.ppf(0.975) / 1.96) ** 2
        exact = stats.binomtest(int((time >= 12).sum()), len(time)).proportion_ci(method="exact")
        return {"arcsine": np.ravel(survival_limits(rate, wider, "arcsine")),
                "error": rate * np.sqrt(total), "exact": [exact.low, exact.high]}  # fmt: skip
    if lesson == "04":
        medians = {"plain": median_follow_up, "survival": median_survival}
        medians |= {"follow_up": reverse_median_follow_up}
        return {name: of(PATIENTS) for name, of in medians.items()} | {"ends": log_log_median()}
    if lesson == "05":
        squared = stats.chi2.isf(log_rank(PATIENTS, LUNG), 1)
        return {
            "chi_squared": squared,
            "splits": comb(len(PATIENTS), LUNG.sum()),
            "p": all_splits(),
        }
    if lesson == "06":
        alone = cox(PATIENTS, LUNG.to_frame("lung")).loc["lung"]
        top, ends = log_likelihood(alone["coefficient"]), np.log(of_r("06", "profile"))
        drops = [2 * (top - log_likelihood(end)) for end in ends]
        assert drops == pytest.approx([stats.chi2.ppf(0.95, 1)] * 2, abs=1e-5)
        ratio_test = stats.chi2.sf(2 * (top - log_likelihood(0)), 1)
        both = cox(PATIENTS, pd.DataFrame({"lung": LUNG, "large": LARGE}))["hazard_ratio"]
        return {"ratio": alone["hazard_ratio"], "wald": alone[["ci_lower", "ci_upper"]],
                "p": [log_rank(PATIENTS, LUNG), alone["p_value"], ratio_test],
                "both": both}  # fmt: skip
    if lesson == "07":
        groups = [lived(PATIENTS[~OLDER]), lived(PATIENTS[OLDER])]
        return {"residuals": residuals_of_age(), "lived": np.transpose(groups).ravel()}
    if lesson == "08":
        tumor = event & (PATIENTS["cause_of_death"] == "tumor_progression")
        by_tumor = PATIENTS.assign(event=tumor)
        shares = [cumulative_incidence(by_tumor, event & ~tumor, m) for m in (12, 36, 60)]
        return {"tumor": shares, "rows": len(TABLES["tumors"]), "robust": by_cluster()}
    if lesson == "09":
        renal = TABLES["renal_function"]
        before, after = renal["egfr_before"], renal["egfr_after"]
        change = (before - after).round(2).to_numpy()
        return {"paired": stats.ttest_rel(before, after).pvalue,
                "unpaired": stats.ttest_ind(before, after).pvalue,
                "wilcoxon": stats.wilcoxon(change).pvalue, "signs": signs(change)}  # fmt: skip
    if lesson == "10":
        error = 1 / np.sqrt(event.sum() * LUNG.mean() * (1 - LUNG.mean()))
        return {"detectable": np.exp((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * error)}
    if lesson == "11":
        return {"p": printed_ratio()}
    cohort, x = women()
    squared = stats.chi2.isf(log_rank(cohort, x["therapy"] == 1), 1)
    return {"women": len(cohort), "median": median_survival(cohort), "chi_squared": squared,
            "ratios": cox(cohort, x, ties="efron")["hazard_ratio"]}  # fmt: skip


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_r_and_python_agree(page):
    """Every value that was asked of R; Cox models of R stop a little before the top."""
    lesson = page.name[:2]
    found = in_python(lesson)
    asked = set(R.loc[R["lesson"] == lesson, "name"])
    assert asked - set(found) <= {"profile"}  # held to its definition inside
    for name, value in found.items():
        near = 1e-4 if name in ("ratio", "wald", "both", "ratios", "p") else 1e-6
        assert np.ravel(value) == pytest.approx(of_r(lesson, name), rel=near, abs=1e-6), name


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_what_r_ran_is_what_the_page_shows(page):
    """A block that was changed has to be run again: `Rscript tests/reference/lessons.R`."""
    blocks = re.findall(r"^```r\n(.*?)\n```$", page.read_text(encoding="utf-8"), re.S | re.M)
    assert len(blocks) == 1
    assert blocks[0] == BLOCKS[page.name[:2]]
