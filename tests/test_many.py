"""Many cohorts at once against lifelines and statsmodels, cohort by cohort."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest
from lifelines import CoxPHFitter, KaplanMeierFitter, NelsonAalenFitter
from lifelines.statistics import logrank_test
from scipy.stats import chi2

from recohort.paper import estimates as survival
from recohort.survival import many

COHORTS = 40
CLOSE = {"rtol": 1e-8, "atol": 1e-10, "equal_nan": True}


def random_cohorts(n=13, count=COHORTS, seed=5):
    """Times on a coarse grid (many ties, of deaths and of last visits), events, groups."""
    rng = np.random.default_rng(seed)
    times = rng.integers(0, 9, (count, n)) * 1.5
    times[::2] = np.round(rng.exponential(20, times[::2].shape), 1)
    events, groups = rng.random((count, n)) < 0.6, rng.random((count, n)) < 0.4
    groups[0] = False
    events[1] = False
    return times, events, groups


@pytest.fixture(scope="module")
def drawn():
    """The random cohorts as arrays."""
    return random_cohorts()


def each(drawn):
    """The same cohorts as frames, one at a time."""
    for time, event, group in zip(*drawn, strict=True):
        yield pd.DataFrame({"time": time, "event": event}), pd.Series(group)


def or_nan(compute):
    """What `compute` says, NaN where it says that there is no answer."""
    try:
        return compute()
    except ValueError:
        return np.nan


@pytest.mark.parametrize("everyone", [True, False])
def test_rates_and_medians(drawn, everyone):
    """Kaplan-Meier of all and of the group: lifelines' rate, the book's error and median."""
    times, events, groups = (array[:24] for array in drawn)
    cohorts = many.ranked(times, events, None if everyone else groups)
    frames = [f if everyone else f[g] for f, g in each((times, events, groups))]
    fits = [None if f.empty else KaplanMeierFitter().fit(f["time"], f["event"]) for f in frames]
    for months in (0.0, 3.0, 12.0, 200.0):
        rate, error = many.rates_at(cohorts, months)
        wanted = [np.nan if fit is None else float(fit.predict(months)) for fit in fits]
        np.testing.assert_allclose(rate, wanted, **CLOSE)
        own = [np.nan if f.empty else survival.survival_at(f, months)["standard_error"]
               for f in frames]  # fmt: skip
        np.testing.assert_allclose(error[rate > 0], np.array(own)[rate > 0], **CLOSE)
    wanted = [np.inf if f.empty else survival.median_survival(f) for f in frames]
    np.testing.assert_allclose(many.medians(cohorts), wanted, **CLOSE)


def test_log_rank(drawn):
    """P values as lifelines has them, NaN where nothing is compared."""
    found = many.log_rank(many.ranked(*drawn))
    for k, (frame, group) in enumerate(each(drawn)):
        assert found[k] == pytest.approx(
            or_nan(lambda f=frame, g=group: survival.log_rank(f, g)), rel=1e-8, nan_ok=True
        )
        if np.isfinite(found[k]):
            a, b = frame[group], frame[~group]
            fit = logrank_test(a["time"], b["time"], a["event"], b["event"])
            assert found[k] == pytest.approx(fit.p_value, rel=1e-8)
    assert np.isfinite(found).sum() > COHORTS / 2


@pytest.mark.parametrize("ties", ["breslow", "efron"])
def test_cox(drawn, ties):
    """Coefficients and errors as statsmodels has them at full convergence."""
    beta, error = many.cox(many.ranked(*drawn), ties)
    for k, (frame, group) in enumerate(each(drawn)):
        try:
            wanted = survival.cox(frame, group.to_frame("group"), ties).iloc[0]
        except ValueError:
            assert np.isnan(beta[k])
            assert np.isnan(error[k])
            continue
        np.testing.assert_allclose(
            [beta[k], error[k]], wanted[["coefficient", "standard_error"]].astype(float), **CLOSE
        )
    assert np.isfinite(beta).sum() > COHORTS / 2


def test_cox_of_lifelines(drawn):
    """Efron's ties as lifelines has them, once its Newton steps are taken to their end.

    As it comes, lifelines halts after two or three digits, which this test would not let pass.
    """
    cohorts = many.ranked(*drawn)
    beta, error = many.cox(cohorts, "efron")
    ends = {"own": {}, "taken to the end": {"precision": 1e-20, "r_precision": 0.0}}
    wrong = dict.fromkeys(ends, 0.0)
    for k in np.flatnonzero(np.isfinite(beta)):
        frame = pd.DataFrame({n: a[k].astype(float) for n, a in cohorts._asdict().items()})
        for name, options in ends.items():
            fit = CoxPHFitter().fit(frame, "times", "events", fit_options=options)
            found = fit.params_.iloc[0] / beta[k], fit.standard_errors_.iloc[0] / error[k]
            wrong[name] = max(wrong[name], *(abs(ratio - 1) for ratio in found))
    assert wrong["taken to the end"] < 1e-8 < 1e-4 < wrong["own"]


def far_apart(frame, group, ruler):
    """How far a group is from the rest, by lifelines; NaN where no death compares the two."""
    p = or_nan(lambda: survival.log_rank(frame, group))
    if np.isnan(p) or ruler == "chi_squared":
        return chi2.isf(p, 1)
    fit = NelsonAalenFitter(nelson_aalen_smoothing=False).fit(frame["time"], frame["event"])
    expected = fit.cumulative_hazard_at_times(frame["time"]).to_numpy()
    return abs((frame["event"] - expected)[group].sum())


@pytest.mark.parametrize("ruler", ["difference", "chi_squared"])
def test_exact_p(ruler):
    """Every other group of the same size tried with lifelines, measured by either ruler."""
    drawn = random_cohorts(n=7, count=6, seed=3)
    found = many.exact_p(many.ranked(*drawn), ruler)
    for k, (frame, group) in enumerate(each(drawn)):
        own = far_apart(frame, group, ruler)
        if np.isnan(own):
            assert np.isnan(found[k])
            continue
        every = [
            far_apart(frame, frame.index.isin(c), ruler)
            for c in combinations(range(7), int(group.sum()))
        ]
        share = np.mean([x >= own - 1e-9 for x in every])
        assert found[k] == pytest.approx(share, abs=1e-12)
    assert np.isfinite(found).sum() >= 3


def test_the_two_rulers_differ():
    """Measured by chi-squared, other splits can be as far out as by the difference."""
    cohorts = many.ranked(*random_cohorts(n=7, count=6, seed=3))
    one, other = (many.exact_p(cohorts, ruler) for ruler in ("difference", "chi_squared"))
    assert (np.nan_to_num(one) != np.nan_to_num(other)).any()


def test_another_ruler_is_no_ruler(drawn):
    """An exact P without one of the two named rulers is refused."""
    with pytest.raises(ValueError, match="ruler"):
        many.exact_p(many.ranked(*drawn), "chi")


def test_the_order_of_patients_does_not_matter(drawn):
    """Rows shuffled, answers the same."""
    shuffled = np.random.default_rng(1).permutation(drawn[0].shape[1])
    first, again = (many.ranked(*(a[:, i] for a in drawn)) for i in (slice(None), shuffled))
    np.testing.assert_allclose(many.log_rank(first), many.log_rank(again), **CLOSE)
    np.testing.assert_allclose(many.medians(first), many.medians(again), **CLOSE)


@pytest.mark.parametrize(
    ("shape", "value"), [((3,), 1.0), ((2, 0), 1.0), ((2, 5), np.nan)], ids=str
)
def test_faults_are_named(shape, value):
    """One cohort without its row, nobody, a missing time."""
    with pytest.raises(ValueError, match="ranked"):
        many.ranked(np.full(shape, value), np.ones(shape, bool))


def test_too_many_patients_and_no_such_ties():
    """Bits hold sets of 62; ties are Breslow's or Efron's."""
    cohorts = many.ranked(np.ones((1, 63)), np.ones((1, 63), bool))
    with pytest.raises(ValueError, match="62"):
        many.log_rank(cohorts)
    with pytest.raises(ValueError, match="exact"):
        many.cox(cohorts, "exact")
