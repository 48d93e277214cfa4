"""Counts with exact limits, kidney function, units of analysis: against plain recounts."""

from math import comb
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.stats import ttest_1samp

from recohort.paper.estimates import survival_at
from thirteen import outcomes

REFERENCE = Path(__file__).parent / "reference"
TWENTY = dict(list(pd.read_csv(REFERENCE / "cohorts.csv").groupby("cohort")))["twenty"]


def tail(k, n, p):
    """Probability of `k` or more in `n`, summed term by term."""
    return sum(comb(n, i) * p**i * (1 - p) ** (n - i) for i in range(k, n + 1))


@pytest.mark.parametrize(("k", "n"), [(0, 7), (7, 7), (3, 8), (1, 20)])
def test_exact_limits_leave_a_fortieth_on_either_side(k, n):
    """At the lower limit k or more is that rare, at the upper k or fewer; 0 and 1 where full."""
    low, high = outcomes.exact_interval(k, n)
    assert low == 0 if k == 0 else tail(k, n, low) == pytest.approx(0.025)
    assert high == 1 if k == n else 1 - tail(k + 1, n, high) == pytest.approx(0.025)


@pytest.mark.parametrize(("k", "n"), [(1, 0), (-1, 3), (4, 3)])
def test_exact_limits_need_a_share(k, n):
    """Nobody, or more than everybody, is an error that names both numbers."""
    with pytest.raises(ValueError, match=f"{k} of {n}"):
        outcomes.exact_interval(k, n)


def test_changes_are_exact_and_positive_where_function_falls():
    """Before minus after, and the same in percent of the value before."""
    renal = pd.DataFrame({"egfr_before": [50.3, 80.0], "egfr_after": [50.2, 84.0]})
    found = outcomes.changes(renal)
    assert list(found["change"]) == [0.1, -4.0]
    assert list(found["percent"]) == [pytest.approx(100 / 503), -5.0]


def test_p_from_a_printed_mean_and_spread_spans_the_data_that_print_them():
    """Real differences, printed with one decimal, have their P within the span."""
    rng = np.random.default_rng(7)
    for _ in range(200):
        shape = rng.normal(size=9)
        differences = 9 + rng.uniform(3, 6) * (shape - shape.mean()) / shape.std()
        p = ttest_1samp(differences, 0).pvalue
        mean, *sd = (
            f"{x:.1f}" for x in (differences.mean(), *(differences.std(ddof=d) for d in (1, 0)))
        )
        low, high = outcomes.t_test_span(mean, sd[0], 9)
        assert low <= p <= high
        wrong = outcomes.t_test_span(mean, sd[1], 9)
        assert not wrong[0] <= p <= wrong[1]  # narrow: with the other divisor it falls out


def test_death_counts_where_nothing_came_before_it():
    """The earlier of both; free of both is censored at the last visit."""
    rows = [(5.0, True, 9.0, True), (7.0, False, 7.0, True), (8.0, False, 8.0, False)]
    names = ["progression_time", "progression_event", "time", "event"]
    found = outcomes.with_death(pd.DataFrame(rows, columns=names))
    pairs = list(zip(found["time"], found["event"], strict=True))
    assert pairs == [(5.0, True), (7.0, True), (8.0, False)]
    chosen = outcomes.endpoint(pd.DataFrame(rows, columns=names), *names[:2])
    assert list(chosen["time"]) == [5.0, 7.0, 8.0]
    assert list(chosen["event"]) == [True, False, False]


def test_a_patient_is_free_of_progression_as_long_as_every_tumor():
    """The first progression of any tumor; without one the longest follow-up."""
    tumors = pd.DataFrame({
        "patient_id": ["A", "A", "B", "B", "C"], "local_time": [9.0, 4.0, 3.0, 8.0, 2.0],
        "local_event": [False, True, False, False, True],
    })  # fmt: skip
    found = outcomes.by_patient(tumors)
    assert found.to_dict("list") == {
        "patient_id": ["A", "B", "C"], "time": [4.0, 8.0, 2.0], "event": [True, False, True],
    }  # fmt: skip


def test_cumulative_incidence_of_both_causes_adds_up_to_the_curve():
    """Each death is of one cause: what the two add up to is one minus the survival rate."""
    first = TWENTY["event"] & (np.arange(len(TWENTY)) % 2 == 0)
    second = TWENTY["event"] & ~first
    for months in (2, 12, 36, 100):
        parts = [
            outcomes.cumulative_incidence(TWENTY.assign(event=one), other, months)
            for one, other in ((first, second), (second, first))
        ]
        assert sum(parts) == pytest.approx(1 - survival_at(TWENTY, months)["survival"])
        assert parts[0] > 0 or months == 2


def test_without_censoring_the_cumulative_incidence_is_a_plain_share():
    """Everybody's end is known: the share is the count."""
    cohort = pd.DataFrame({"time": [1, 2, 3, 4, 5], "event": [False, True, False, True, False]})
    assert outcomes.cumulative_incidence(cohort, ~cohort["event"], 4) == pytest.approx(2 / 5)
