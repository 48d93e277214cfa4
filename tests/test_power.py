"""Many studies at once give what the libraries give for each of them."""

import numpy as np
import pandas as pd
import pytest
from lifelines.statistics import logrank_test

from recohort.paper.estimates import cox
from thirteen_lessons.formulas import hazard_ratios, log_rank_scores, simulate

GROUP = np.arange(13) < 4


@pytest.fixture(scope="module")
def studies():
    """Sixty studies of thirteen, with deaths and censorings."""
    return simulate(np.random.default_rng(1), 60, GROUP, 3, 0.02)


def test_log_rank_agrees_with_lifelines(studies):
    """The same statistic, study by study."""
    excess, variance = log_rank_scores(*studies, GROUP)
    for time, event, u, v in zip(*studies, excess, variance, strict=True):
        test = logrank_test(time[GROUP], time[~GROUP], event[GROUP], event[~GROUP])
        assert np.isclose(u * u / v, test.test_statistic)


def test_hazard_ratios_agree_with_statsmodels_and_say_when_there_is_none(studies):
    """Equal where `cox` converges; 0 or infinite exactly where it refuses."""
    ratios, refused = hazard_ratios(*studies, GROUP), 0
    for time, event, ratio in zip(*studies, ratios, strict=True):
        cohort, covariate = pd.DataFrame({"time": time, "event": event}), pd.DataFrame({"g": GROUP})
        if ratio in (0, np.inf):
            refused += 1
            with pytest.raises(ValueError, match="no maximum"):
                cox(cohort, covariate)
        else:
            assert np.isclose(cox(cohort, covariate)["hazard_ratio"].iloc[0], ratio)
    assert 0 < refused < 30


def test_the_simulated_truth_is_the_one_asked_for():
    """Deaths per month of each group over many studies, and follow-up within its limits."""
    time, event = simulate(np.random.default_rng(2), 20000, GROUP, 3, 0.02)
    rates = [event[:, g].sum() / time[:, g].sum() for g in (GROUP, ~GROUP)]
    assert np.allclose(rates, [0.06, 0.02], rtol=0.02)
    assert (time[~event] >= 24).all()
    assert time.max() <= 96
