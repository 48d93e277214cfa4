"""The search's own log-rank and Cox formulas against lifelines, statsmodels and R."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from recohort.paper.estimates import cox, log_rank
from recohort.survival import kernels
from tiers import first

REFERENCE = Path(__file__).parent / "reference"
COHORTS = dict(list(pd.read_csv(REFERENCE / "cohorts.csv").groupby("cohort")))
R = pd.read_csv(REFERENCE / "survival.csv", keep_default_na=False)
R = R.set_index(["cohort", "model", "name", "field"])["value"].astype(float).sort_index()
R = R.sort_index()
EXACT = {"rel": 1e-8, "abs": 1e-10}
CASES = 80
SIZES = [3, 13, 5, 8]


def random_cohorts(size):
    """Cohorts with a group, about half of the neighbouring deaths tied, some censorings too."""
    rng = np.random.default_rng(size)
    for _ in range(CASES):
        event, group = rng.random(size) < 0.6, rng.random(size) < 0.4
        same = np.append(False, event[:-1]) & (rng.random(size) < 0.5)  # tied with a death before
        time = np.cumsum(np.where(same, 0, 1)) * 1.5
        yield pd.DataFrame({"time": time, "event": event, "group": group})


def as_bits(cohort):
    """Pattern, ties and mask of a cohort, in the order of time with deaths first."""
    ordered = cohort.assign(last=~cohort["event"]).sort_values(["time", "last"])
    time, event = ordered["time"].to_numpy(), ordered["event"].to_numpy(bool)
    tied = (time[:-1] == time[1:]) & event[:-1] & event[1:]
    return [sum(1 << int(i) for i in np.flatnonzero(flags))
            for flags in (event, tied, ordered["group"].to_numpy(bool))]  # fmt: skip


def bits_of(cohorts):
    """The same for many cohorts, as arrays."""
    return np.array([as_bits(cohort) for cohort in cohorts]).T


def answers(compute, cohorts):
    """What `compute` says of each cohort, nan where it says that there is no answer."""
    for cohort in cohorts:
        try:
            yield compute(cohort)
        except ValueError:
            yield np.nan


def test_the_random_cohorts_hold_what_they_should():
    """Ties of two and of more deaths, deaths tied with censorings, all groups and none."""
    cohorts = [cohort for size in SIZES for cohort in random_cohorts(size)]
    deaths = [cohort[cohort["event"]].groupby("time").size().max() for cohort in cohorts]
    assert sum(most == 2 for most in deaths) > 50
    assert sum(most > 2 for most in deaths) > 50
    mixed = [cohort.groupby("time")["event"].nunique().max() == 2 for cohort in cohorts]
    assert sum(mixed) > 50


@pytest.mark.parametrize("size", first(2, SIZES))
def test_log_rank_is_that_of_lifelines(size):
    """To 1e-8, and nan exactly where the variance is zero."""
    cohorts = list(random_cohorts(size))
    found = kernels.log_rank_p(size, *bits_of(cohorts))
    expected = np.array(list(answers(lambda c: log_rank(c, c["group"]), cohorts)))
    assert np.isfinite(expected).sum() > CASES / 3
    assert list(found) == pytest.approx(list(expected), **EXACT, nan_ok=True)


@pytest.mark.parametrize("method", ["breslow", "efron"])
@pytest.mark.parametrize("size", first(2, SIZES))
def test_cox_is_that_of_statsmodels(size, method):
    """Coefficient, standard error and Wald P to 1e-8; NaN where there is no maximum."""
    cohorts = list(random_cohorts(size))
    beta, error = kernels.cox_alone(size, *bits_of(cohorts), method)
    wald = kernels.wald_p(beta, error)
    defined = 0
    for i, cohort in enumerate(cohorts):
        try:
            expected = cox(cohort, cohort[["group"]], method).iloc[0]
        except ValueError:  # no maximum: separated, nobody died, or one group alone at risk
            assert np.isnan([beta[i], error[i], wald[i]]).all()
            continue
        defined += 1
        assert beta[i] == pytest.approx(expected["coefficient"], **EXACT)
        assert error[i] == pytest.approx(expected["standard_error"], **EXACT)
        assert wald[i] == pytest.approx(expected["p_value"], **EXACT)
    assert defined > CASES / 10


@pytest.mark.parametrize("name", COHORTS)
@pytest.mark.parametrize("group", ["group", "second"])
def test_kernels_are_those_of_r(name, group):
    """On the frozen cohorts: `survdiff`, and `coxph` with both methods for ties."""
    cohort = COHORTS[name].assign(group=COHORTS[name][group])
    size, bits = len(cohort), bits_of([cohort])
    p = kernels.log_rank_p(size, *bits)[0]
    assert p == pytest.approx(R[name, "survdiff", group, "p_value"], **EXACT)
    for method in ("breslow", "efron"):
        beta, error = kernels.cox_alone(size, *bits, method)
        expected = R[name, f"coxph {method} {group}", group]
        assert beta[0] == pytest.approx(expected["coefficient"], **EXACT)
        assert error[0] == pytest.approx(expected["standard_error"], **EXACT)
        assert kernels.wald_p(beta, error)[0] == pytest.approx(expected["p_value"], **EXACT)


def test_many_cohorts_are_as_one_by_one():
    """What stands beside a cohort changes nothing."""
    bits = bits_of(random_cohorts(8))
    together = np.array([kernels.log_rank_p(8, *bits), *kernels.cox_alone(8, *bits, "efron")])
    for i in (0, 7, 79):
        alone = bits[:, i : i + 1]
        single = [kernels.log_rank_p(8, *alone), *kernels.cox_alone(8, *alone, "efron")]
        assert np.array(single).ravel() == pytest.approx(together[:, i], nan_ok=True)
