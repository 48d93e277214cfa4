"""The hill's JavaScript against the package, on random cohorts: heights, slopes, intervals, P."""

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from py_mini_racer import MiniRacer
from scipy.optimize import brentq
from scipy.stats import chi2

from thirteen import cox, log_rank, read_patients
from thirteen.text import number
from thirteen_lessons.formulas import DROP, partial_likelihood
from thirteen_lessons.interactive import hill, hill_data
from tiers import first

FARTHEST = 30  # a log hazard ratio where a likelihood without a top has become flat
ASSETS = Path(__file__).parents[1] / "_ext" / "assets"
CLOSE = {"abs": 1e-9, "rel": 1e-9}
ASK = """JSON.stringify(((time, event, covariates, at) => {
  const deaths = cox.model(time, event, covariates);
  const count = covariates.length;
  const { score, information } = cox.slope(deaths, at);
  const found = cox.fit(deaths, count);
  const text = (values) => values.map(String);
  return { height: cox.height(deaths, at), score, information,
    profile: cox.profile(deaths, at[0], count),
    fit: found && { ...found, profile: text(found.profile) } };
})(%s))"""


@pytest.fixture(scope="module")
def engine():
    """The scripts in an engine of their own."""
    racer = MiniRacer()
    for name in ("survival", "cox"):
        racer.eval((ASSETS / f"{name}.js").read_text(encoding="utf-8"))
    return racer


def state(seed):
    """A random cohort with one or two covariates, ties and censoring, and a place on the hill."""
    random = np.random.default_rng(seed)
    n = int(random.integers(6, 14))
    time = random.integers(1, 40 if seed % 2 else 840, n) / 10
    cohort = pd.DataFrame({"time": time, "event": random.random(n) < 0.8})
    cohort.loc[0, "event"] = True
    covariates = pd.DataFrame(random.random((n, 1 + seed // 2 % 2)) < 0.5, columns=None)
    return cohort, covariates, random.normal(0, 1.5, covariates.shape[1])


def asked(engine, cohort, covariates, at):
    """What the script says of a state."""
    columns = [covariates[name].tolist() for name in covariates]
    values = cohort["time"].tolist(), cohort["event"].tolist(), columns, list(at)
    return json.loads(engine.eval(ASK % ", ".join(json.dumps(v) for v in values)))


def profile_height(model, coefficient):
    """Log-likelihood at the first coefficient, all that it can be with the second at its best.

    With one covariate, the height itself. Where no second coefficient is best, the height at
    `FARTHEST`, from where on nothing changes.
    """
    if model.exog.shape[1] == 1:
        return float(model.loglike(np.array([coefficient])))

    def slope(other):
        return model.score(np.array([coefficient, other]))[1]

    ends = np.array([slope(-FARTHEST), slope(FARTHEST)])
    if ends[0] > 0 > ends[1]:
        best = brentq(slope, -FARTHEST, FARTHEST, xtol=1e-13)
    else:
        best = FARTHEST if ends[1] >= 0 else -FARTHEST
    return float(model.loglike(np.array([coefficient, best])))


def profile_interval(cohort: pd.DataFrame, covariates: pd.DataFrame) -> tuple[float, float]:
    """95% limits of the first coefficient: where the profile has come down from the top by `DROP`.

    Infinite where it never does within `FARTHEST` of the top. Raises ValueError as `cox` does.
    """
    top = cox(cohort, covariates)["coefficient"]
    model = partial_likelihood(cohort, covariates)
    floor = float(model.loglike(top.to_numpy())) - DROP

    def above(coefficient):
        return profile_height(model, coefficient) - floor

    middle, limits = float(top.iloc[0]), []
    for far in (middle - FARTHEST, middle + FARTHEST):
        inside = above(far) > 0
        limits.append(np.copysign(np.inf, far - middle) if inside else
                      brentq(above, *sorted((middle, far)), xtol=1e-12))  # fmt: skip
    return limits[0], limits[1]


@pytest.mark.parametrize("seed", first(30, range(200)))
def test_hill(engine, seed):
    """Height, slope and curvature anywhere, the profile, and all that is said of the top."""
    cohort, covariates, at = state(seed)
    found, model = asked(engine, cohort, covariates, at), partial_likelihood(cohort, covariates)
    assert found["height"] == pytest.approx(model.loglike(at), **CLOSE)
    assert found["score"] == pytest.approx(model.score(at), **CLOSE)
    assert np.array(found["information"]) == pytest.approx(-model.hessian(at), **CLOSE)
    assert found["profile"] == pytest.approx(profile_height(model, at[0]), **CLOSE)
    try:
        expected = cox(cohort, covariates)
    except ValueError:
        assert found["fit"] is None
        return
    fit, first = found["fit"], expected.iloc[0]
    assert fit["b"] == pytest.approx(expected["coefficient"].to_numpy(), **CLOSE)
    assert fit["error"] == pytest.approx(first["standard_error"], **CLOSE)
    limits = np.log(first[["ci_lower", "ci_upper"]].to_numpy(float))
    assert fit["wald"] == pytest.approx(limits, **CLOSE)
    assert fit["waldP"] == pytest.approx(first["p_value"], **CLOSE)
    limits = profile_interval(cohort, covariates)
    assert [float(limit) for limit in fit["profile"]] == pytest.approx(limits, **CLOSE)
    lost = fit["height"] - profile_height(model, 0.0)
    assert fit["ratioP"] == pytest.approx(chi2.sf(2 * max(lost, 0), 1), **CLOSE)


def test_score_test_is_the_log_rank_test(engine):
    """Without ties, slope squared by curvature where nothing has an effect is log-rank's."""
    patients = read_patients()
    lung = patients[["pathology"]] == "nsclc"
    found = asked(engine, patients, lung, [0.0])
    assert found["fit"]["scoreP"] == pytest.approx(log_rank(patients, lung["pathology"]), **CLOSE)


def test_page_carries_rows_and_a_picture():
    """Readers without scripts have the curve in a picture, with its top and interval in words."""
    patients = read_patients()
    steps = [("pathology", "nsclc"), ("tumor_2cm_or_larger", "True")]
    data = hill_data(patients, steps)
    lung = patients["pathology"] == "nsclc"
    assert data["factors"]["pathology=nsclc"]["inside"] == lung.tolist()
    top = number(cox(patients, lung.to_frame())["hazard_ratio"].iloc[0])
    page = hill(patients, steps).data
    assert f"hazard ratio of {top[:3]}" in page
    assert "consistent with the printed numbers" in page
