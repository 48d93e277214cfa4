"""The estimates against values frozen from R's survival package, and against plain recounts."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2
from statsmodels.duration.hazard_regression import PHReg

from recohort.paper import estimates as survival

REFERENCE = Path(__file__).parent / "reference"
COHORTS = dict(list(pd.read_csv(REFERENCE / "cohorts.csv").groupby("cohort")))
R = pd.read_csv(REFERENCE / "survival.csv", dtype={"name": str}, keep_default_na=False)
R["value"] = R["value"].astype(float)
EXACT = {"rel": 1e-8, "abs": 1e-10}
COX = sorted({tuple(m.split()[1:]) for m in R["model"] if m.startswith("coxph")})

each_cohort = pytest.mark.parametrize("name", COHORTS)


def from_r(cohort, model):
    """R's values of one model, one row a name, one column a field."""
    rows = R[(R["cohort"] == cohort) & (R["model"] == model)]
    return rows.pivot(index="name", columns="field", values="value")


def frame(*rows):
    """A cohort from (time, event) pairs."""
    return pd.DataFrame(rows, columns=["time", "event"])


@each_cohort
def test_curve_is_that_of_r(name):
    """Rates, Greenwood errors, limits and counts at each time; where R has none, we say 0."""
    expected = from_r(name, "survfit").drop(index="")
    expected = expected.set_index(expected.index.astype(float)).sort_index().fillna(0.0)
    found = survival.kaplan_meier(COHORTS[name]).set_index("time")
    pairs = {"n.risk": "at_risk", "n.event": "events", "n.censor": "censored", "surv": "survival",
             "std.err": "standard_error", "lower": "ci_lower", "upper": "ci_upper"}  # fmt: skip
    assert list(found.index) == [0.0, *expected.index]
    for theirs, ours in pairs.items():
        assert list(found[ours].iloc[1:]) == pytest.approx(list(expected[theirs]), **EXACT), ours
    first = [len(COHORTS[name]), 0, 0, 1, 0, 1, 1]
    assert list(found.iloc[0]) == first


@each_cohort
def test_counts_are_those_of_a_plain_recount(name):
    """Everybody who is there at a time is at risk, those censored at that very time included."""
    patients = list(zip(COHORTS[name]["time"], COHORTS[name]["event"], strict=True))
    rate = 1.0
    for row in survival.kaplan_meier(COHORTS[name]).iloc[1:].itertuples():
        there = sum(time >= row.time for time, _ in patients)
        died = sum(time == row.time and event for time, event in patients)
        left = sum(time == row.time and not event for time, event in patients)
        assert (row.at_risk, row.events, row.censored) == (there, died, left)
        rate *= 1 - died / there
        assert row.survival == pytest.approx(rate, abs=1e-12)


@each_cohort
def test_risk_table_is_a_plain_recount(name):
    """Counted at the start of each interval; the three add up to the cohort."""
    cohort = COHORTS[name]
    table = survival.at_risk_table(cohort, [0, 3, 6, 12, 20, 80])
    for row in table.itertuples():
        there, died, left = 0, 0, 0
        for time, event in zip(cohort["time"], cohort["event"], strict=True):
            if time >= row.start:
                there += 1
            elif event:
                died += 1
            else:
                left += 1
        assert (row.at_risk, row.events, row.censored) == (there, died, left)
    assert (table[["at_risk", "censored", "events"]].sum(axis=1) == len(cohort)).all()


def test_who_dies_at_the_start_of_an_interval_is_still_at_risk_there():
    """At month 12 the death of month 12 has yet to come, the censoring as well."""
    table = survival.at_risk_table(frame((12, True), (12, False), (13, True)), [12, 12.1])
    assert table.to_numpy().tolist() == [[12, 3, 0, 0], [12.1, 1, 1, 1]]


def test_the_events_column_may_be_of_any_kind():
    """Python booleans in an object column, or 0 and 1, count as booleans do."""
    cohort = frame((1, True), (2, False), (3, True))
    expected = survival.at_risk_table(cohort, [2, 4])
    for kind in (object, int):
        other = cohort.astype({"event": kind})
        pd.testing.assert_frame_equal(survival.at_risk_table(other, [2, 4]), expected)


def test_deaths_come_before_censorings_at_one_time():
    """Two of three are at risk of the death at 2: the one censored then counts."""
    assert survival.survival_at(frame((1, False), (2, False), (2, True)), 2)["survival"] == 0.5


def test_survival_at_counts_the_death_of_that_very_time():
    """The curve steps down at the death, not after it."""
    cohort = frame((1, True), (2, True), (3, True), (4, False))
    rates = [survival.survival_at(cohort, t)["survival"] for t in (0, 0.9, 1, 2.5, 3, 99)]
    assert rates == pytest.approx([1, 1, 0.75, 0.5, 0.25, 0.25])


def test_a_death_at_time_zero_follows_the_start():
    """The curve starts at one, whatever happens at once."""
    table = survival.kaplan_meier(frame((0, True), (5, False)))
    assert list(table["survival"]) == [1, 0.5, 0.5]


@each_cohort
def test_medians_are_those_of_r(name):
    """First time at one half or below; R says otherwise only where the curve is one half."""
    cohort = COHORTS[name]
    medians = (survival.median_survival(cohort), survival.reverse_median_follow_up(cohort))
    for model, found in zip(("survfit", "reverse"), medians, strict=True):
        expected = from_r(name, model).loc[""]
        assert found == pytest.approx(expected["first_half"], **EXACT)
        if model == "survfit":
            level = survival.survival_at(cohort, found)["survival"] == pytest.approx(0.5)
            assert (found != pytest.approx(expected["median"])) == level


def test_median_of_a_curve_above_one_half_is_infinite():
    """A curve that never gets there has no median."""
    assert survival.median_survival(frame((1, True), (2, False), (3, False))) == np.inf
    assert survival.reverse_median_follow_up(frame((1, True), (2, True))) == np.inf


def test_reverse_median_takes_the_dead_out_first():
    """At 5 one dies and one is censored: of two left, one is censored, so the curve is at 1/2."""
    cohort = frame((1, True), (5, True), (5, False), (9, False))
    assert survival.reverse_median_follow_up(cohort) == 5
    assert survival.reverse_median_follow_up(frame((0, True), (0, False), (2, False))) == 0


def test_plain_median_counts_the_living_and_the_dead():
    """The middle of the times; halfway between two middle ones."""
    assert survival.median_follow_up(frame((1, True), (4, False), (30, True))) == 4
    assert survival.median_follow_up(frame((1, True), (4, False), (6, False), (9, True))) == 5


@each_cohort
@pytest.mark.parametrize("group", ["group", "second"])
def test_log_rank_is_that_of_r(name, group):
    """`survdiff`, ties of deaths and censorings included; whichever group comes first."""
    cohort, expected = COHORTS[name], from_r(name, "survdiff").loc[group, "p_value"]
    assert survival.log_rank(cohort, cohort[group]) == pytest.approx(expected, **EXACT)
    assert survival.log_rank(cohort, ~cohort[group]) == pytest.approx(expected, **EXACT)


@each_cohort
@pytest.mark.parametrize(("ties", "names"), COX)
def test_cox_is_that_of_r(name, ties, names):
    """`coxph` at full convergence, both methods for ties, one covariate and two."""
    cohort, expected = COHORTS[name], from_r(name, f"coxph {ties} {names}")
    found = survival.cox(cohort, cohort[names.split("+")], ties)
    for field in expected:
        theirs = list(expected.loc[found.index, field])
        assert list(found[field]) == pytest.approx(theirs, **EXACT), field
    assert list(found["hazard_ratio"]) == pytest.approx(list(np.exp(found["coefficient"])))


@each_cohort
@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_cox_is_converged(name, ties):
    """At the coefficients the gradient is rounding error, and no step from them goes uphill."""
    cohort = COHORTS[name]
    values = cohort[["group", "age"]].astype(float)
    model = PHReg(cohort["time"], values, status=cohort["event"].astype(int), ties=ties)
    found = survival.cox(cohort, values, ties)["coefficient"].to_numpy()
    step = np.linalg.solve(-model.hessian(found), model.score(found))
    assert np.abs(step).max() < 1e-11
    for direction in np.vstack([np.eye(2), -np.eye(2)]):
        assert model.loglike(found) > model.loglike(found + 1e-4 * direction)


def test_cox_does_not_depend_on_units():
    """Age in days or in centuries: same P, coefficient to scale."""
    cohort = COHORTS["twenty"]
    years = survival.cox(cohort, cohort[["age"]])
    for factor in (365.25, 0.01):
        other = survival.cox(cohort, cohort[["age"]] * factor)
        assert other["p_value"].iloc[0] == pytest.approx(years["p_value"].iloc[0], rel=1e-9)
        coefficient = other["coefficient"].iloc[0] * factor
        assert coefficient == pytest.approx(years["coefficient"].iloc[0], rel=1e-9)


SEPARATED = frame((1, True), (2, True), (3, False), (4, False), (5, False))


@pytest.mark.parametrize(
    ("cohort", "covariates", "says"),
    [
        (SEPARATED, {"x": [True, True, False, False, False]}, "no maximum.*separate x"),
        (SEPARATED, {"x": [False, False, True, True, True]}, "no maximum.*separate x"),
        (SEPARATED, {"x": [900, 800, 3, 2, 1]}, "no maximum.*separate x"),
        (
            frame((1, True), (2, True), (3, True), (4, False), (5, False), (6, True)),
            {"x": [1, 0, 1, 0, 1, 0], "y": [1, 1, 1, 0, 0, 0]},
            "no maximum.*separate x and y",
        ),
        (SEPARATED, {"x": [0.1] * 5}, "constant or collinear"),
        (SEPARATED, {"x": [1, 2, 4, 3, 2], "y": [2, 4, 8, 6, 4]}, "constant or collinear"),
        (frame((1, False), (2, True), (3, True)), {"x": [1, 0, 0]}, "constant or collinear"),
        (frame((1, False), (2, False)), {"x": [1, 0]}, "nobody died"),
        (SEPARATED, {"x": [1, 0, np.nan, 0, 1]}, "missing for some patient"),
        (SEPARATED, {"x": [1, 0]}, "2 rows of covariates for 5 patients"),
    ],
)
@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_cox_without_an_answer_is_an_error(cohort, covariates, says, ties):
    """Nothing is estimated where nothing can be."""
    with pytest.raises(ValueError, match=says):
        survival.cox(cohort, pd.DataFrame(covariates), ties)


def test_cox_knows_two_methods_for_ties():
    """A third name is an error."""
    with pytest.raises(ValueError, match="ties='exact'"):
        survival.cox(COHORTS["twenty"], COHORTS["twenty"][["group"]], "exact")


def test_log_rank_needs_a_death_that_compares():
    """Where no death has both groups at risk and a survivor there is no P, not one of 1."""
    cohort = COHORTS["twenty"]
    cases = [
        (cohort, cohort["time"] < 0),
        (cohort, cohort["time"] >= 0),
        (cohort.assign(event=False), cohort["group"]),
        (frame((1, False), (2, True), (3, True)), [True, False, False]),
        (frame((2, True), (2, True), (2, True)), [True, False, False]),
    ]
    for patients, group in cases:
        with pytest.raises(ValueError, match="no deaths compare all groups"):
            survival.log_rank(patients, group)


@pytest.mark.parametrize("estimate", ["kaplan_meier", "median_survival", "median_follow_up",
                                      "reverse_median_follow_up"])  # fmt: skip
@pytest.mark.parametrize(
    ("cohort", "says"),
    [
        (frame(), "the cohort has no rows"),
        (frame((-1, True)), "a time is missing, infinite or negative"),
        (frame((np.nan, True)), "a time is missing, infinite or negative"),
        (frame((1, None)), "neither True nor False"),
        (frame((1, "True")), "neither True nor False"),
        (frame((1, 2)), "neither True nor False"),
    ],
)
def test_a_malformed_cohort_is_an_error(estimate, cohort, says):
    """Named, with what is wrong."""
    with pytest.raises(ValueError, match=says):
        getattr(survival, estimate)(cohort)


def test_a_median_where_a_step_lies_at_one_half():
    """Of two who die at 4 and 10 months the curve is at one half in between."""
    half = frame((4, True), (10, True), (12, False))
    pair = half.iloc[:2]
    ways = ("kaplan_meier", "kaplan_meier_below", "kaplan_meier_midpoint")
    assert [survival.survival_quantile(pair, way) for way in ways] == [4, 10, 7]
    assert [survival.survival_quantile(half, way) for way in ways] == [10, 10, 10]
    last = frame((4, True), (10, False))  # nobody dies after the step
    assert [survival.survival_quantile(last, way) for way in ways] == [4, np.inf, 4]


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_likelihood_ratio_is_that_of_statsmodels(ties):
    """Twice the gain in log-likelihood, against chi-squared with one degree of freedom."""
    cohort = COHORTS["lung"] if "lung" in COHORTS else next(iter(COHORTS.values()))
    group = pd.DataFrame({"group": cohort["time"].rank(method="first") % 2 == 0})
    model = PHReg(cohort["time"], group.astype(float), status=cohort["event"], ties=ties)
    gain = model.fit().llf - model.loglike(np.zeros(1))
    expected = chi2.sf(2 * gain, 1)
    found = survival.cox_p(cohort, group, "likelihood_ratio", ties)
    assert found == pytest.approx(expected, rel=1e-6)
