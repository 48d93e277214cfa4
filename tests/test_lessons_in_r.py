"""The R code of the lessons: frozen answers of R, held to Python's; frozen code, to the page's."""

import re
from itertools import combinations
from math import comb
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from lifelines import AalenJohansenFitter, CoxPHFitter, KaplanMeierFitter
from lifelines.datasets import load_gbsg2
from pandas.io.formats.style import Styler
from scipy import stats
from scipy.integrate import quad
from scipy.optimize import brentq, minimize_scalar

from recohort.paper.estimates import kaplan_meier, median_follow_up, reverse_median_follow_up
from recohort.paper.reading import read_published
from test_lessons import run
from thirteen import cox, log_rank, median_survival, read_tables, survival_at
from thirteen_lessons.formulas import score_test, score_tests_of_groups, survival_limits
from tiers import first

ROOT = Path(__file__).parents[1]
REFERENCE = ROOT / "tests" / "reference"
R = pd.read_csv(REFERENCE / "lessons.csv", dtype={"lesson": str})
BLOCKS = pd.read_csv(REFERENCE / "lessons_blocks.csv", dtype=str).set_index("lesson")["code"]
LESSONS = sorted((ROOT / "chapters" / "lessons").glob("[0-9][0-9]-*.md"))
TABLES = read_tables()
PATIENTS = TABLES["patients"]
LUNG = PATIENTS["pathology"] == "nsclc"
LARGE, OLDER = PATIENTS["tumor_2cm_or_larger"], PATIENTS["age_55_or_older"]


NOT_AT_THE_TOP = {"ratio", "wald", "both", "ratios", "p", "proportional", "strata", "fine_gray"}
NEAR = {("10", "posterior"): 1e-3, ("12", "proportional"): 1e-2}  # a grid; ties


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


def all_splits_by_chi():
    """P of the permutation test by chi-squared, each split's log-rank test done as it stands."""
    patients = range(len(PATIENTS))
    found = [log_rank(PATIENTS, pd.Series(np.isin(patients, who)))
             for who in combinations(patients, LUNG.sum())]  # fmt: skip
    return np.mean(np.array(found) <= log_rank(PATIENTS, LUNG) * (1 + 1e-9))


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


def proportional():
    """P of the exact score test of age by months, their logarithm, ranks and Kaplan-Meier.

    By numeric derivatives of the log partial likelihood with two coefficients, not by the
    lesson's formula.
    """
    time, event = PATIENTS["time"].to_numpy(), PATIENTS["event"].to_numpy()
    when = np.sort(time[event])
    before = np.append(1, deaths()["survival"][:-1])
    top = cox(PATIENTS, OLDER.to_frame("older")).at["older", "coefficient"]

    def height(clock, first, second):
        tickets = np.exp(OLDER.to_numpy() * (top + first + second * clock)[:, None])
        there, dies = time >= when[:, None], time == when[:, None]
        return np.log((tickets * dies).sum(1) / (tickets * there).sum(1)).sum()

    found = []
    for clock in (when, np.log(when), (time <= when[:, None]).sum(axis=1), 1 - before):
        clock = (clock - clock.mean()) / clock.std()
        h = np.array([[height(clock, 1e-3 * a, 1e-3 * b) for b in (-1, 0, 1)] for a in (-1, 0, 1)])
        slope = (h[1, 2] - h[1, 0]) / 2e-3
        curved = 2 * h[1, 1] - np.array([h[0, 1] + h[2, 1], h[1, 0] + h[1, 2]])
        mixed = -(h[2, 2] - h[2, 0] - h[0, 2] + h[0, 0]) / 4
        found.append(stats.chi2.sf(slope**2 / ((curved[1] - mixed**2 / curved[0]) * 1e6), 1))
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


def by_rank(cohort, x):
    """P of the exact score test by ranks, from refitted models with the covariate times the rank.

    Not the lesson's sums: the slope and curvature of statsmodels' likelihood at the last column 0,
    one row for each woman and each risk set she is in, a stratum a risk set.
    """
    order = np.argsort(cohort["time"].to_numpy(), kind="stable")
    time, event = cohort["time"].to_numpy()[order], cohort["event"].to_numpy()[order]
    values, ranks = x.to_numpy()[order], stats.rankdata(cohort["time"])[order]
    values = values - values.mean(axis=0)
    top = cox(cohort, x, ties="efron")["coefficient"].to_numpy()
    tickets, found = np.exp(values @ top), []
    scaled = (ranks - ranks.mean()) / ranks.std()
    for column in range(values.shape[1]):
        slope, curved = 0, np.zeros((len(top) + 1, len(top) + 1))
        for who in np.flatnonzero(event):
            there = time >= time[who]
            wide = np.column_stack([values[there], scaled[who] * values[there, column]])
            share = tickets[there] / tickets[there].sum()
            own = np.append(values[who], scaled[who] * values[who, column])
            slope = slope + own - share @ wide
            curved += np.cov(wide.T, aweights=share, ddof=0)
        found.append(stats.chi2.sf(slope @ np.linalg.solve(curved, slope), 1))
    return found


def in_strata(cohort, x):
    """Ratio of therapy with the three most doubtful covariates as strata (lifelines)."""
    keep = x.drop(columns=["age", "grade", "er"]).assign(
        young=cohort["age"] < 45, high=x["grade"], low=cohort["estrec"] < 20,
        time=cohort["time"], event=cohort["event"])  # fmt: skip
    return CoxPHFitter().fit(keep, "time", "event", strata=["young", "high", "low"]
                             ).hazard_ratios_["therapy"]  # fmt: skip


def posterior():
    """Median and 95% of a normal opinion (ratios 1/4 to 4) times the likelihood, by quadrature."""
    error = np.log(4) / stats.norm.ppf(0.975)

    def weight(b):
        return np.exp(log_likelihood(b) + 12) * stats.norm.pdf(b, 0, error)

    total = quad(weight, -8, 10, limit=200)[0]
    return [np.exp(brentq(lambda b, q=q: quad(weight, -8, b, limit=200)[0] / total - q, -4, 6))
            for q in (0.5, 0.025, 0.975)]  # fmt: skip


def fine_gray(cause, rival):
    """Fine and Gray's ratio of large tumors: the highest place of the weighted likelihood."""
    time, large = PATIENTS["time"].to_numpy(), LARGE.to_numpy(float)
    free = KaplanMeierFitter().fit(time, ~PATIENTS["event"]).predict

    def height(b):
        total = 0
        for row in np.flatnonzero(cause):
            fade = [float(t >= time[row]) or r * free(time[row]) / free(t)
                    for t, r in zip(time, rival, strict=True)]  # fmt: skip
            total += b * large[row] - np.log(np.array(fade) @ np.exp(b * large))
        return -total

    return np.exp(minimize_scalar(height, bounds=(-5, 5), method="bounded",
                                  options={"xatol": 1e-9}).x)  # fmt: skip


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
            "by_chi": all_splits_by_chi(),
            "score_test": squared,
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
                "both": both, "forward": stats.chi2.isf(log_rank(PATIENTS, LUNG), 1)}  # fmt: skip
    if lesson == "07":
        groups = [lived(PATIENTS[~OLDER]), lived(PATIENTS[OLDER])]
        return {
            "residuals": residuals_of_age(),
            "proportional": proportional(),
            "lived": np.transpose(groups).ravel(),
        }
    if lesson == "08":
        tumor = event & (PATIENTS["cause_of_death"] == "tumor_progression")
        causes = np.where(tumor, 1, 2 * event)
        fitted = AalenJohansenFitter(calculate_variance=False).fit(time, causes, 1)
        shares = fitted.predict([12, 36, 60])
        return {"tumor": shares, "rows": len(TABLES["tumors"]),
                "fine_gray": fine_gray(tumor, event & ~tumor), "robust": by_cluster()}  # fmt: skip
    if lesson == "09":
        renal = TABLES["renal_function"]
        before, after = renal["egfr_before"], renal["egfr_after"]
        change = (before - after).round(2).to_numpy()
        return {"paired": stats.ttest_rel(before, after).pvalue,
                "unpaired": stats.ttest_ind(before, after).pvalue,
                "wilcoxon": stats.wilcoxon(change).pvalue, "signs": signs(change)}  # fmt: skip
    if lesson == "10":
        error = 1 / np.sqrt(event.sum() * LUNG.mean() * (1 - LUNG.mean()))
        return {"detectable": np.exp((stats.norm.ppf(0.975) + stats.norm.ppf(0.8)) * error),
                "posterior": posterior()}  # fmt: skip
    if lesson == "11":
        return {"p": printed_ratio()}
    cohort, x = women()
    squared = stats.chi2.isf(log_rank(cohort, x["therapy"] == 1), 1)
    return {"women": len(cohort), "median": median_survival(cohort), "chi_squared": squared,
            "ratios": cox(cohort, x, ties="efron")["hazard_ratio"],
            "proportional": by_rank(cohort, x), "strata": in_strata(cohort, x)}  # fmt: skip


@pytest.mark.parametrize("page", first(4, LESSONS), ids=lambda page: page.stem)
def test_r_and_python_agree(page):
    """Every value that was asked of R; Cox models of R stop a little before the top."""
    lesson = page.name[:2]
    found = in_python(lesson)
    asked = set(R.loc[R["lesson"] == lesson, "name"])
    assert asked - set(found) <= {"profile"}  # held to its definition inside
    for name, value in found.items():
        near = NEAR.get((lesson, name), 1e-4 if name in NOT_AT_THE_TOP else 1e-6)
        assert np.ravel(value) == pytest.approx(of_r(lesson, name), rel=near, abs=1e-6), name


@pytest.mark.parametrize("page", LESSONS, ids=lambda page: page.stem)
def test_what_r_ran_is_what_the_page_shows(page):
    """A block that was changed has to be run again: `Rscript tests/reference/lessons.R`."""
    blocks = re.findall(r"^```r\n(.*?)\n```$", page.read_text(encoding="utf-8"), re.S | re.M)
    assert len(blocks) == 1
    assert blocks[0] == BLOCKS[page.name[:2]]


@pytest.mark.slow
def test_the_four_p_of_lesson_7_are_those_of_r(monkeypatch):
    """On the page: the exact score test equals R's; lifelines' shortcut does not."""
    tables = [v.data for *_, v in run(LESSONS[6], monkeypatch) if isinstance(v, Styler)]
    (programs,) = [table for table in tables if "lifelines" in table]
    assert programs["exact score test"].to_numpy() == pytest.approx(of_r("07", "proportional"))
    assert programs["lifelines"].to_numpy() != pytest.approx(of_r("07", "proportional"), rel=0.3)


def test_the_package_s_score_test_is_r_s():
    """One covariate without ties to the last digit, eight with ties to two; groups as singly."""
    time = PATIENTS["time"].to_numpy()
    death = np.isin(time, deaths()["time"])
    km = np.zeros(len(time))
    km[np.argsort(time)[death[np.argsort(time)]]] = 1 - np.append(1, deaths()["survival"][:-1])
    clocks = (time, np.log(time), stats.rankdata(time), km)
    found = [score_test(PATIENTS, OLDER.to_frame("x"), clock).item() for clock in clocks]
    assert stats.chi2.sf(found, 1) == pytest.approx(of_r("07", "proportional"), rel=1e-4)
    cohort, x = women()
    many = score_test(cohort, x, stats.rankdata(cohort["time"]), ties="efron")
    assert stats.chi2.sf(many, 1) == pytest.approx(of_r("12", "proportional"), rel=1e-2)
    groups = [OLDER, LARGE, PATIENTS["multiple_renal_tumors"]]
    alone = [score_test(PATIENTS, g.to_frame("x"), np.log(time)).item() for g in groups]
    assert score_tests_of_groups(PATIENTS, groups, np.log(time)) == pytest.approx(alone)


def test_a_group_without_a_ratio_has_no_score_test():
    """Where the deaths separate the group, 0: no evidence, and no division by zero."""
    assert (
        score_tests_of_groups(PATIENTS, [PATIENTS["time"] <= 4.7, LARGE], PATIENTS["time"])[0] == 0
    )
