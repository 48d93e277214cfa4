"""Lesson 7: proportional hazards and the restricted mean."""

import numpy as np
from scipy import stats

from recohort.paper.estimates import cox
from thirteen_lessons.answers import risk_sets
from thirteen_lessons.formulas import score_test

UNTIL = 48
FIRST, END, LEVEL = 12, 30, 0.5  # the two rectangles of the first exercise


def answers(patients) -> dict:
    """By exercise; `patients` has `time`, `event`, and both factors asked for."""
    large = patients["tumor_2cm_or_larger"]
    return {
        "7.1": {
            "right": FIRST + (END - FIRST) * LEVEL,
            "first": FIRST,
            "second": (END - FIRST) * LEVEL,
            "all_months": END * LEVEL,
            "nobody": END,
        },
        "7.2": _mean(patients[~large], patients[large]),
        "7.3": _error(patients[~large]),
        "7.4": _score_test(patients),
    }


def _mean(small, large):
    times = np.minimum(small["time"], UNTIL)
    return {
        "right": _pieces(small)[0].sum(),
        "plain": times.mean(),
        "large": _pieces(large)[0].sum(),
        "longest": _pieces(small, small["time"].max())[0].sum(),
        "dead": times[small["event"]].mean(),
    }


def _error(small):
    pieces, n = _pieces(small)
    left = pieces.sum() - pieces.cumsum()[:-1]
    variance = (left**2 / (n * (n - 1))).sum()
    spread = np.minimum(small["time"], UNTIL).std()
    return {
        "right": variance**0.5,
        "variance": variance,
        "spread": spread,
        "by_n": np.sqrt((left**2 / n**2).sum()),
        "plain": spread / len(small) ** 0.5,
    }


def _pieces(cohort, until=UNTIL):
    """Areas between the curve's steps up to `until`, and the numbers at risk at the steps."""
    months, at_risk = risk_sets(cohort, until)
    n = at_risk.sum(axis=1)[months < until]
    steps = [0, *months[months < until], until]
    return np.append(1, np.cumprod(1 - 1 / n)) * np.diff(steps), n


def _score_test(patients):
    factors = patients[["tumor_2cm_or_larger", "age_55_or_older"]]
    right, age = (score_test(patients, factors[[c]], patients["time"]).item() for c in factors)
    clock, at_risk = risk_sets(patients)
    coefficient, group = cox(patients, factors.iloc[:, :1])["coefficient"], factors.iloc[:, 0]
    tickets = np.exp(coefficient.item() * group)
    share = at_risk @ (tickets * group) / (at_risk @ tickets)
    died = group[patients["event"]].to_numpy()  # in order of time, as all are
    slope, variance, even = clock @ (died - share), share * (1 - share), clock - clock.mean()
    return {
        "right": right,
        "p_value": stats.chi2.sf(right, 1),
        "shortcut": slope**2 / (variance.mean() * even @ even),
        "from_zero": slope**2 / (variance @ clock**2),
        "root": right**0.5,
        "age": age,
    }
