"""Lesson 5: the log-rank test and all splits."""

from itertools import combinations
from math import comb, perm

import numpy as np

from recohort.paper.estimates import log_rank
from thirteen_lessons.formulas import log_rank_scores


def answers(patients) -> dict:
    """By exercise; `patients` has `time`, `event`, tumor size, chemotherapy."""
    large = patients["tumor_2cm_or_larger"].to_numpy()
    n, chosen = len(large), int(large.sum())
    return {
        "5.1": {
            "right": comb(n, chosen),
            "orders": perm(n, chosen),
            "members": n * chosen,
            "every_size": 2**n,
        },
        "5.2": _chi_squared(patients, large),
        "5.3": _exact(patients, patients["prior_chemotherapy"].to_numpy()),
    }


def _chi_squared(patients, group):
    time, event = patients["time"], patients["event"]
    excess, variance = (float(found[0]) for found in log_rank_scores(time, event, group))
    expected = (group & patients["event"]).sum() - excess
    rest = patients["event"].sum() - expected
    return {
        "right": excess**2 / variance,
        "difference": excess,
        "unsquared": excess / variance,
        "by_expected": excess**2 / expected,
        "both_groups": excess**2 * (1 / expected + 1 / rest),
        "p_value": log_rank(patients, group),
        "root": excess / variance**0.5,
    }


def _exact(patients, group):
    n = len(group)
    splits = np.array([np.isin(range(n), who) for who in combinations(range(n), group.sum())])
    sums, variance = log_rank_scores(patients["time"], patients["event"], splits)
    chi = sums**2 / variance
    own = (splits == group).all(axis=1)
    seen, far = sums[own][0], abs(sums[own][0])
    one_side = (sums * np.sign(seen) >= far - 1e-9).mean()
    return {
        "right": (np.abs(sums) >= far - 1e-9).mean(),
        "count": (np.abs(sums) >= far - 1e-9).sum(),
        "one_side": one_side,
        "doubled": 2 * one_side,
        "strict": (np.abs(sums) > far + 1e-9).mean(),
        "by_chi": (chi >= chi[own] - 1e-9).mean(),
        "formula": log_rank(patients, group),
        "less_extreme": (np.abs(sums) < far - 1e-9).mean(),
    }
